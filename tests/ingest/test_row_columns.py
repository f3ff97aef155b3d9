"""Rows of code keep path, repository and licence wherever their publisher put them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.document import Document, Markup
from corpusforge.ingest import IngestConfig, InputFile
from corpusforge.ingest.tables.jsonl import read_jsonl

CODE = "def f(x):\n    return x + 1\n"
ROWS: dict[str, dict[str, Any]] = {
    "flat": {"content": CODE, "path": "a/b.py", "repo_name": "o/r", "license": "GPL-3.0"},
    "stars": {
        "content": CODE,
        "max_stars_repo_path": "a/b.py",
        "max_stars_repo_name": "o/r",
        "max_stars_repo_licenses": ["GPL-3.0"],
    },
    "detected": {"content": CODE, "path": "a/b.py", "repo_name": "o/r", "detected_licenses": ["GPL-3.0"]},
    "object": {"text": CODE, "meta": {"path": "a/b.py", "repo_name": "o/r", "license": "GPL-3.0"}},
    "string": {
        "text": CODE,
        "metadata": json.dumps({"file_path": "a/b.py", "repo_name": "o/r", "license": "GPL-3.0"}),
    },
    "code": {"code": CODE, "text": None, "path": "a/b.py", "repo_name": "o/r", "license": "GPL-3.0"},
    "blank first": {"text": "  ", "content": CODE, "path": "a/b.py", "repo": "o/r", "licence": "GPL-3.0"},
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("packing", ["jsonl", "parquet"])
def test_a_row_of_code_is_a_file_with_its_licence(name: str, packing: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{packing}"
    if packing == "jsonl":
        path.write_text(json.dumps(ROWS[name]) + "\n", encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist([ROWS[name]]), path)
    [row] = read_jsonl(InputFile(path=str(path), name=path.name, source="s"), IngestConfig())
    assert isinstance(row, Document)
    assert (row.markup, row.path, row.repo, row.licence) == (Markup.SOURCE, "a/b.py", "o/r", "GPL-3.0")
    assert row.raw == CODE.encode()


def test_several_licences_of_a_list_apply_together(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"content": CODE, "detected_licenses": ["MIT", "GPL-2.0", "MIT"]}) + "\n")
    [row] = read_jsonl(InputFile(path=str(path), name=path.name, source="s"), IngestConfig())
    assert isinstance(row, Document)
    assert row.licence == "GPL-2.0 AND MIT"
