"""One self-contained HTML page about a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpusforge.files import join, write_bytes
from corpusforge.report.found import find
from corpusforge.report.page import render_page
from corpusforge.sealed import sealed_page
from corpusforge.shards.format import row_to_json
from corpusforge.shards.snapshot import read_index

__all__ = ["render_page", "report_path", "write_report"]


def report_path(corpus: str, snapshot: str) -> str:
    """Return where the report of a snapshot lies."""
    return join(corpus, "snapshots", snapshot, "report.html")


def write_report(corpus: str, snapshot: str | None = None) -> str:
    """Return the path of a snapshot's report, the current one unless told, having written it.

    The page follows from the corpus alone, of which it reads a bounded sample (`report.sample`): no
    path of a machine, and no time but what `receipt.json` beside it holds; writing it twice, or on
    another machine, gives the same bytes. Raises ValueError, in one line, where the index is missing,
    or a file that is read was changed.
    """
    index = read_index(corpus, snapshot)
    rows: Sequence[dict[str, Any]] = [row_to_json(row) for row in index.rows]
    page = render_page(index.snapshot, index.header, rows, find(corpus, index))
    path = report_path(corpus, index.snapshot)
    write_bytes(path, sealed_page(page))
    return path
