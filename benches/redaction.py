"""What redaction finds in a GitHub dump in Parquet, by kind, and how fast: `benches/redaction.py FOLDER`.

`--show KIND` prints places with the secret masked, to be read for precision.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpusforge.document import Document
from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import redact
from corpusforge.filter.privacy.secrets import find_secrets
from corpusforge.ingest import IngestConfig, InputFile, read

_SHOWN_CHARS = 40


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (locator, text) of every UTF-8 file of the dump."""
    for path in sorted(folder.glob("*.parquet")):
        for record in read(InputFile(path=str(path), name=path.name, source="bench"), IngestConfig()):
            if isinstance(record, Document):
                yield record.locator, (record.raw or b"").decode("utf-8", "replace")


def main() -> None:
    """Print one JSON object, or the places of one kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", metavar="KIND", help="print places of this kind, or of `secrets`")
    parser.add_argument("--places", type=int, default=50)
    options = parser.parse_args()
    rows = list(texts(options.folder))
    if options.show:
        _show(rows, options.show, options.places)
        return
    n_bytes = sum(len(text.encode("utf-8", "replace")) for _, text in rows)
    begun_s = time.process_time()
    counts = Counter[str]()
    for _, text in rows:
        counts.update(redact(text, FilterConfig())[1])
    all_s = time.process_time() - begun_s
    figures = {
        "files": len(rows),
        "mb": round(n_bytes / 1e6, 1),
        "redaction_mb_per_s": round(n_bytes / 1e6 / all_s, 1),
        "redactions": dict(sorted(counts.items())),
    }
    print(json.dumps(figures, indent=1))


def _show(rows: list[tuple[str, str]], kind: str, n_places: int) -> None:
    found = [
        (locator, text, secret)
        for locator, text in rows
        for secret in find_secrets(text)
        if kind in ("secrets", secret.kind)
    ]
    for locator, text, secret in random.Random(7).sample(found, min(n_places, len(found))):
        before = text[max(0, secret.start - _SHOWN_CHARS) : secret.start].replace("\n", "⏎")
        after = text[secret.end : secret.end + _SHOWN_CHARS].replace("\n", "⏎")
        masked = text[secret.start : secret.start + 4] + "…" + str(secret.end - secret.start)
        print(f"{secret.kind}\t{locator.partition(':')[2]}\t{before}[[{masked}]]{after}")


if __name__ == "__main__":
    main()
