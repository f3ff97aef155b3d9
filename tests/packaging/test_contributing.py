"""The worked example of CONTRIBUTING.md is code that runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from corpusforge.document import Document, Drop, DropReason
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile

ROOT = Path(__file__).parents[2]
MBOX = (
    b"""From ann@example.org Mon Feb  2 10:00:00 2026
Subject: The winch
Content-Type: text/plain; charset=utf-8

The cable winch was repaired before dawn.

From bob@example.org Tue Feb  3 10:00:00 2026
Subject: A picture
Content-Type: image/gif

R0lGODlhAQABAAAAACw=

From ann@example.org Wed Feb  4 10:00:00 2026
Subject: Long

"""
    + b"word " * 400
)


def _example() -> dict[str, Any]:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    # The kind is the reader's one word that does not exist yet.
    names: dict[str, Any] = {}
    exec(compile(blocks[0].replace("SourceKind.MBOX", "SourceKind.JSONL"), "mbox.py", "exec"), names)
    return names


def test_the_reader_of_the_worked_example_reads(tmp_path: Path) -> None:
    path = tmp_path / "list.mbox"
    path.write_bytes(MBOX)
    config = IngestConfig(max_record_bytes=1024)
    first, second, third = _example()["read_mbox"](InputFile(str(path), "list.mbox", "mail"), config)
    assert isinstance(first, Document) and first.title == "The winch"
    assert first.locator == "list.mbox#offset=0"
    assert (first.raw or b"").decode().strip() == "The cable winch was repaired before dawn."
    assert isinstance(second, Drop) and second.reason is DropReason.CONTENT_TYPE
    assert isinstance(third, Drop) and third.reason is DropReason.TOO_LARGE
    assert MBOX[int(third.locator.partition("=")[2]) :].startswith(b"From ann@example.org Wed")


def test_an_empty_archive_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.mbox").write_bytes(b"")
    found = _example()["read_mbox"](InputFile(str(tmp_path / "empty.mbox"), "e", "mail"), IngestConfig())
    assert list(found) == []
