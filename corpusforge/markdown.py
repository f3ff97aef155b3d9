"""Small pieces of Markdown that others fill: cells, tables, code spans; hostile text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from corpusforge.printable import visible


def cell(text: object) -> str:
    """Return a name on one line of a table, whatever it holds."""
    return re.sub(r"[|`\s]+", " ", str(text))


def code(text: object) -> str:
    """Return text as a code span for a cell: no markup, and no HTML, of its own."""
    shown = visible(cell(text).strip())
    return f"`{shown}`" if shown else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Return a table of cells that are Markdown already; the first `words` columns are no figures."""
    marks = ["---" if place < words else "---:" for place in range(len(columns))]
    lines = [f"| {' | '.join(one)} |" for one in (columns, marks, *rows)]
    return "\n".join(lines) + "\n"


def count(number: int) -> str:
    """Return a whole number with separators."""
    return f"{number:,}"


def share(part: float, whole: float, digits: int = 1) -> str:
    """Return a share in per cent; nothing of nothing."""
    return f"{100 * part / whole:.{digits}f} %" if whole else ""
