"""What the command prints: figures with separators, tables on stdout, notes on stderr.

All of it goes through here, and nothing reaches a terminal that `printable.visible` writes out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from corpusforge.printable import json_text, visible

_PIPE_WIDTH = 200
"""Columns of a table that goes into a file or a pipe, where nothing must be cut."""
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
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
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

    A title may have several lines; a cell has one.
    """
    titles = [title] if isinstance(title, str) else title
    made = Table(
        title="\n" + "\n".join(map(marked, titles)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    for place, column in enumerate(columns):
        made.add_column(marked(column), justify="left" if place < words else "right", no_wrap=place > 0)
    for row in rows:
        made.add_row(*map(marked, row))
    if total is not None:
        made.add_section()
        made.add_row(*map(marked, total), style="bold")
    stdout().print(made)
