"""What the command prints: figures with separators, tables on stdout, notes on stderr.

All of it goes through here, and nothing reaches a terminal that `printable.visible` writes out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table
from rich.text import Text

from corpusforge.printable import json_text, visible

_PIPE_WIDTH = 200
"""Columns of a table that goes into a file or a pipe, unless COLUMNS is set."""
_GAP = 3
"""Columns between two of a table, as rich draws it without edges."""
_LEAST_NAME = 8
"""Names wrap no narrower than this."""
_BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")

__all__ = [
    "count",
    "duration",
    "marked",
    "note",
    "share",
    "show",
    "show_json",
    "show_table",
    "size",
    "status",
    "stderr",
    "stdout",
]


def stdout() -> Console:
    """Return the console for results; made anew, so that a redirected stdout is respected."""
    asked = os.environ.get("COLUMNS", "")
    width = None if sys.stdout.isatty() else int(asked) if asked.isdecimal() and int(asked) else _PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, width=width, soft_wrap=True)


def stderr() -> Console:
    """Return the console for progress and notes."""
    return Console(file=sys.stderr, highlight=False, stderr=True)


def marked(text: str) -> str:
    """Return text as rich prints it: one line, nothing in it taken for a control or for markup."""
    return escape(visible(text))


def note(line: str) -> None:
    """Print one line for a person on stderr."""
    stderr().print(marked(line), soft_wrap=True)


def status(line: str) -> Status:
    """Return a context in which a terminal shows a line with a spinner."""
    return stderr().status(marked(line))


def show(*lines: str) -> None:
    """Print lines on stdout, each as one line whatever characters it holds."""
    sys.stdout.write("".join(visible(line) + "\n" for line in lines))


def show_json(value: object, *, indent: int | None = None, sort_keys: bool = False) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(json_text(value, indent=indent, sort_keys=sort_keys) + "\n")


def count(value: float) -> str:
    """Return a whole number with thousands separators."""
    return f"{round(value):,}"


def size(n_bytes: float) -> str:
    """Return bytes in the unit that leaves one to four digits: `3.4 MiB`."""
    unit = 0
    while n_bytes >= 1024 and unit < len(_BYTE_UNITS) - 1:
        n_bytes, unit = n_bytes / 1024, unit + 1
    return f"{n_bytes:.0f} B" if unit == 0 else f"{n_bytes:.1f} {_BYTE_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Return a time: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def share(part: float, whole: float) -> str:
    """Return a share in per cent, empty where there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def show_table(
    title: str | Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words: int = 1,
    total: Sequence[str] | None = None,
) -> None:
    """Print a table on stdout: the first `words` columns are words, the others figures, right-aligned.

    A title may have several lines; a cell has one. No cell is cut: where the terminal is too narrow, the
    figures that fit come first, in the order of the columns, and the others below, each time behind the
    names; names wrap where they alone are too wide, the first
    column last.
    """
    console = stdout()
    titles = [title] if isinstance(title, str) else title
    cells = [[visible(cell) for cell in row] for row in [columns, *rows, *([total] if total else [])]]
    widths = [max((cell_len(row[place]) for row in cells), default=0) for place in range(len(columns))]
    names, groups = _layout(widths, words, console.width)
    console.print(Text("\n" + "\n".join(map(visible, titles)), style="bold"), soft_wrap=True)
    for number, figures in enumerate(groups):
        if number:
            console.print()
        made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for place in range(words):
            made.add_column(escape(cells[0][place]), overflow="fold", width=names[place])
        for place in figures:
            made.add_column(escape(cells[0][place]), justify="right", no_wrap=True, width=widths[place])
        n_rows = len(cells) - 1 - (total is not None)
        for at, row in enumerate(cells[1:]):
            if at == n_rows:
                made.add_section()
            shown = [escape(row[place]) for place in [*range(words), *figures]]
            made.add_row(*shown, style="bold" if at == n_rows else None)
        console.print(made)


def _layout(widths: Sequence[int], words: int, width: int) -> tuple[list[int], list[list[int]]]:
    """Return (widths of the names, groups of figures that each fit beside the names into a width)."""
    names, figures = list(widths[:words]), list(range(words, len(widths)))
    widest = max((widths[place] for place in figures), default=0)
    while (over := _wide(names) + _GAP + widest - width) > 0 and max(names) > _LEAST_NAME:
        # What rows are called by, the first column, is the last to wrap.
        place = max(range(len(names)), key=lambda at: (names[at] > _LEAST_NAME, at > 0, names[at]))
        names[place] = max(_LEAST_NAME, names[place] - over)
    groups: list[list[int]] = [[]]
    used = _wide(names)
    for place in figures:
        if groups[-1] and used + _GAP + widths[place] > width:
            groups.append([])
            used = _wide(names)
        groups[-1].append(place)
        used += _GAP + widths[place]
    return names, groups


def _wide(names: Sequence[int]) -> int:
    return sum(names) + _GAP * (len(names) - 1)
