"""Small pieces of HTML: escaped text, tables, bars as inline SVG."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from corpusforge.printable import visible
from corpusforge.report.colours import colour_class

BAR_WIDTH = 240
BAR_HEIGHT = 12
_HEADING = re.compile(r'<section id="([^"]*)"><h2>(.*?)</h2>')
ROWS_SHOWN = 500
"""Of a table: a page stays readable, and small, whatever the corpus."""

__all__ = [
    "ROWS_SHOWN",
    "bar",
    "anchor",
    "colour_of",
    "contents",
    "count",
    "escape",
    "section",
    "size",
    "stack",
    "table",
    "tile",
    "within",
]


def escape(text: str) -> str:
    """Return text as HTML shows it; control characters and turns of direction are written out."""
    return html.escape(visible(text))


def count(value: int) -> str:
    """Return a whole number with thin separators."""
    return f"{value:,}"


def size(n_bytes: float) -> str:
    """Return bytes in the unit that leaves one to four digits."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if n_bytes < 1024:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} TiB"


def colour_of(key: str) -> str:
    """Return the colour of `math/scaffold` or `web`, as CSS that `PLOT_STYLE` binds."""
    return f"var(--{colour_class(key)})"


def bar(value: float, largest: float, colour: str) -> str:
    """Return a horizontal bar, at least a hair wide where there is anything."""
    width = 0.0 if not value or not largest else max(1.5, BAR_WIDTH * value / largest)
    return (
        f'<svg class="bar" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" preserveAspectRatio="none" '
        'aria-hidden="true">'
        f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" rx="3" class="track"/>'
        f'<rect width="{width:.1f}" height="{BAR_HEIGHT}" rx="3" fill="{colour}"/></svg>'
    )


def stack(parts: Sequence[tuple[str, int, str]], label: str) -> str:
    """Return one bar of the whole width, cut into (name, value, colour) in proportion."""
    whole = sum(value for _, value, _ in parts)
    pieces: list[str] = []
    left = 0.0
    for name, value, colour in parts:
        width = 1000 * value / whole if whole else 0.0
        title = f"{escape(name)}: {count(value)} ({100 * value / whole:.1f} %)" if whole else escape(name)
        place = f'x="{left:.2f}" width="{width:.2f}" height="28" fill="{colour}"'
        pieces.append(f"<rect {place}><title>{title}</title></rect>")
        left += width
    return (
        f'<svg class="stack" viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{"".join(pieces)}</svg>'
    )


def section(title: str, body: str) -> str:
    """Return a section with its heading, under a name that `anchor` gives too."""
    return f'<section id="{anchor(title)}"><h2>{escape(title)}</h2>{body}</section>'


def anchor(title: str) -> str:
    """Return the name of a section: `Drops by reason` is `drops-by-reason`."""
    words = "".join(character if character.isalnum() else " " for character in title.lower()).split()
    return "-".join(words)


def within(pieces: Iterable[str], most_bytes: int) -> str:
    """Return pieces of HTML up to a size, whole ones; a line says how many were left out."""
    kept: list[str] = []
    left_out = 0
    for piece in pieces:
        most_bytes -= len(piece.encode())
        if most_bytes >= 0:
            kept.append(piece)
        else:
            left_out += 1
    more = f"<p>{count(left_out)} more are left out: the page would be too large.</p>" if left_out else ""
    return "".join(kept) + more


def contents(sections: Iterable[str]) -> str:
    """Return links to sections, as `section` made them."""
    titles = [_HEADING.match(one) for one in sections]
    return " ".join(f'<a href="#{title[1]}">{title[2]}</a>' for title in titles if title)


def tile(value: str, name: str, note: str = "") -> str:
    """Return a figure in large type with its name below."""
    small = f"<small>{escape(note)}</small>" if note else ""
    return f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span>{small}</div>'


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words: int = 1,
    total: Sequence[str] | None = None,
    n_rows: int = 0,
) -> str:
    """Return a table of cells that are HTML already; the first `words` columns are no figures.

    Of rows beyond `ROWS_SHOWN` it says how many there are; `n_rows` are all, where `rows` are the first.
    """

    def line(cells: Sequence[str], tag: str) -> str:
        marks = ["" if place < words else ' class="n"' for place in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{m}>{c}</{tag}>" for m, c in zip(marks, cells, strict=True)) + "</tr>"

    rows = list(rows)
    body = "\n".join(line(row, "td") for row in rows[:ROWS_SHOWN])
    left = max(n_rows, len(rows)) - ROWS_SHOWN
    more = f"<p>{count(left)} more are in index.json.</p>" if left > 0 else ""
    foot = f"<tfoot>{line(total, 'td')}</tfoot>" if total is not None else ""
    head = line([escape(column) for column in columns], "th")
    return (
        f'<div class="scroll"><table><thead>{head}</thead><tbody>\n{body}\n</tbody>{foot}</table></div>{more}'
    )
