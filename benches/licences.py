"""Where licences are found in GitHub dumps, and if licence files agree with the dump: `licences.py FOLDER`.

The folder holds `stackv2_style/`, `bigquery_style/` and `snapshots/`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from corpusforge.document import Document
from corpusforge.filter import FilterConfig
from corpusforge.filter.rights.licence import licence_in_header
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.repositories.licences import is_licence_file, licences_of_text

_DUMPS = {
    "stack": "stackv2_style/*.parquet",
    "bigquery": "bigquery_style/contents.parquet",
    "snapshots": "snapshots/*",
}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    header_chars = FilterConfig().licence_header_chars
    figures: dict[str, dict[str, int]] = {}
    agreement, misses = Counter[str](), list[str]()
    for name, pattern in _DUMPS.items():
        found = Counter[str]()
        for path in sorted(folder.glob(pattern)):
            for record in read(InputFile(path=str(path), name=path.name, source="bench"), IngestConfig()):
                if not isinstance(record, Document):
                    continue
                text = (record.raw or b"").decode("utf-8", "replace")
                stated = licence_in_header(text, header_chars)
                found["header" if stated else record.licence_source or "unknown"] += 1
                is_root = "/" not in (record.path or "/")
                if record.licence_source == "dump" and is_root and is_licence_file(record.path or ""):
                    _compare(record, licences_of_text(text), agreement, misses)
        figures[name] = dict(sorted(found.items()))
    print(json.dumps({"found": figures, "licence_files": dict(agreement), "misses": misses}, indent=1))


def _compare(record: Document, ids: list[str], agreement: Counter[str], misses: list[str]) -> None:
    stated = set((record.licence or "").split(" AND "))
    agreement["files"] += 1
    agreement["agreeing"] += bool(stated & set(ids))
    if not stated & set(ids):
        misses.append(f"{record.repo}/{record.path}: dump {record.licence}, text {ids or 'unknown'}")


if __name__ == "__main__":
    main()
