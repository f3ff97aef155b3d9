"""Small pieces of HTML: escaped text, tables, bars as inline SVG."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from corpusforge.printable import visible

BAR_WIDTH = 240
BAR_HEIGHT = 12
COLOURS: Mapping[str, str] = {
    "web": "#4c78a8",
    "code": "#e45756",
    "code_nl": "#f2a14a",
    "math": "#7a5ea8",
    "math/generic": "#ab98cf",
    "wikipedia": "#54a24b",
    "books": "#9d755d",
    "multilingual": "#3fa7a0",
}
"""One colour a domain; a second subset is lighter."""
OTHER_COLOUR = "#8a94a6"

__all__ = ["bar", "colour_of", "count", "escape", "size", "stack", "table", "tile"]


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
    """Return the colour of `math/scaffold` or `web`."""
    return COLOURS.get(key) or COLOURS.get(key.partition("/")[0], OTHER_COLOUR)


def bar(value: float, largest: float, colour: str) -> str:
    """Return a horizontal bar, at least a hair wide where there is anything."""
    width = 0.0 if not value or not largest else max(1.5, BAR_WIDTH * value / largest)
    return (
        f'<svg class="bar" width="{BAR_WIDTH}" height="{BAR_HEIGHT}" role="img" aria-hidden="true">'
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
) -> str:
    """Return a table of cells that are HTML already; the first `words` columns are no figures."""

    def line(cells: Sequence[str], tag: str) -> str:
        marks = ["" if place < words else ' class="n"' for place in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{m}>{c}</{tag}>" for m, c in zip(marks, cells, strict=True)) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    foot = f"<tfoot>{line(total, 'td')}</tfoot>" if total is not None else ""
    head = line([escape(column) for column in columns], "th")
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>\n{body}\n</tbody>{foot}</table></div>'
