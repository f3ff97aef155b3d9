"""What plots are drawn with: the frame of an SVG, its text, numbers in few digits, colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpusforge.printable import visible
from corpusforge.report.html import escape

_PALETTE: Mapping[str, tuple[str, str]] = {
    "plain": ("#4a6a94", "#86abdb"),
    "web": ("#3f6fa8", "#7fb0e6"),
    "code": ("#cc3f42", "#f0898a"),
    "code_nl": ("#b8690f", "#f0ae62"),
    "math": ("#7050a3", "#b69be6"),
    "math-generic": ("#9479bd", "#8d74b8"),
    "wikipedia": ("#35813f", "#7cc987"),
    "books": ("#8a6249", "#cfa78e"),
    "multilingual": ("#22807a", "#68c9c2"),
    "other": ("#667085", "#98a2b3"),
    "drop": ("#8b8f98", "#7b8494"),
    "1": ("#3f6fa8", "#7fb0e6"),
    "2": ("#b8690f", "#f0ae62"),
    "3": ("#35813f", "#7cc987"),
    "4": ("#cc3f42", "#f0898a"),
    "5": ("#7050a3", "#b69be6"),
    "6": ("#8a6249", "#cfa78e"),
    "7": ("#22807a", "#68c9c2"),
    "8": ("#b0477f", "#ec93c1"),
}
"""(on a light ground, on a dark one), each at least 3 : 1 against it (WCAG 2.2, 1.4.11)."""
_NUMBERED = 8

COLOUR_CLASSES = tuple(f"c-{name}" for name in _PALETTE)
"""The classes that a mark may have; `c-1` to `c-8` are for things in order, such as sources."""


def _style() -> str:
    light = " ".join(f"--c-{name}: {value};" for name, (value, _) in _PALETTE.items())
    dark = " ".join(f"--c-{name}: {value};" for name, (_, value) in _PALETTE.items())
    fills = "\n".join(f".c-{name} {{ fill: var(--c-{name}); --c: var(--c-{name}); }}" for name in _PALETTE)
    return f"""\
:root {{ --plot-ink: #1d2430; --plot-soft: #5c6675; --plot-axis: #c5ccd6; --plot-track: #e9edf2;
  --plot-at: #a3271f; {light} }}
@media screen and (prefers-color-scheme: dark) {{
  :root {{ --plot-ink: #e6e9ef; --plot-soft: #9aa5b5; --plot-axis: #3a4454; --plot-track: #262d3a;
    --plot-at: #ff9d94; {dark} }}
}}
.plotted {{ margin: 0; max-width: 320px; break-inside: avoid; }}
.plotted figcaption {{ font-size: 13px; font-weight: 600; margin-bottom: 4px; color: var(--plot-ink); }}
.plotted small {{ display: block; font-weight: 400; color: var(--plot-soft); }}
.plot {{ display: block; max-width: 100%; height: auto; font: 11px system-ui, sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
.plot text {{ fill: var(--plot-ink); }}
.plot text.soft {{ fill: var(--plot-soft); }}
.plot text.figure {{ font-variant-numeric: tabular-nums; }}
.plot text.at {{ fill: var(--plot-at); }}
.plot line.at {{ stroke: var(--plot-at); stroke-dasharray: 4 3; }}
.plot line.axis {{ stroke: var(--plot-axis); }}
.plot rect.track {{ fill: var(--plot-track); }}
.plot polyline {{ fill: none; stroke: var(--c); stroke-width: 1.5; }}
{fills}
"""


PLOT_STYLE = _style()
"""The style sheet of all plots: a page holds it once. Dark where the reader's system is; print is light."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stage: its name, how much, and its colour class."""

    name: str
    value: float
    colour: str


@dataclass(frozen=True, slots=True)
class Legend:
    """Marks that name colours, and how high they are in px."""

    marks: Sequence[str]
    height: int


def colour_class(key: str, place: int | None = None) -> str:
    """Return the class of a domain's key (`web`, `math/scaffold`), else of the place in an order (from 0).

    >>> colour_class("math/scaffold"), colour_class("crawl", 1), colour_class("crawl")
    ('c-math', 'c-2', 'c-other')
    """
    for name in (key.replace("/", "-"), key.partition("/")[0]):
        if name in _PALETTE and not name.isdigit():
            return f"c-{name}"
    return "c-other" if place is None else f"c-{place % _NUMBERED + 1}"


def svg(title: str, words: str, width: int, height: int, marks: Iterable[str]) -> str:
    """Return an SVG that a screen reader takes for one image with a name and a description."""
    named = f"<title>{escape(title)}</title><desc>{escape(words)}</desc>"
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg class="plot" role="img" {size}>{named}{"".join(marks)}</svg>'


def text(x: float, y: float, shown: str, *, anchor: str = "start", kind: str = "", whole: str = "") -> str:
    """Return a line of text; where it was cut, `whole` is shown under the pointer."""
    told = f"<title>{escape(whole)}</title>" if whole and whole != shown else ""
    end = f' text-anchor="{anchor}"' if anchor != "start" else ""
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{px(x)}" y="{px(y)}"{end}{of_kind}>{told}{escape(shown)}</text>'


def swatches(named: Sequence[tuple[str, str]], top: int, width: int) -> Legend:
    """Return a legend of (name, colour class) in two columns."""
    half = width // 2
    marks: list[str] = []
    for i, (name, colour) in enumerate(named):
        x, y = half * (i % 2), top + 16 * (i // 2)
        marks.append(f'<rect class="{colour}" x="{x}" y="{y + 2}" width="9" height="9" rx="2"/>')
        marks.append(text(x + 14, y + 11, cut(name, 20), whole=name))
    return Legend(marks, 16 * ((len(named) + 1) // 2) + 2)


def cut(shown: str, columns: int) -> str:
    """Return text of at most so many columns; letters of East Asian scripts and emoji take two.

    >>> cut("a-very-long-name.example.org", 12)
    'a-very-long…'
    """
    shown = visible(shown)
    if _columns(shown) <= columns:
        return shown
    shown = shown[:columns]
    while _columns(shown) >= columns:
        shown = shown[:-1]
    return shown + "…"


def _columns(shown: str) -> int:
    return sum(2 if character >= "\u1100" else 1 for character in shown)


def number(value: float) -> str:
    """Return a number with separators and at most four decimals.

    >>> number(1234567), number(0.25), number(3.0), number(1e-7)
    ('1,234,567', '0.25', '3', '1e-07')
    """
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.4f}".rstrip("0")


def compact(value: float) -> str:
    """Return a number in three digits and a unit.

    >>> compact(950), compact(12_300), compact(4.5e6), compact(0.05)
    ('950', '12.3 k', '4.5 M', '0.05')
    """
    for factor, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.3g}"


def px(value: float) -> str:
    """Return a coordinate to a tenth of a px, without a needless zero."""
    shown = f"{value:.1f}"
    return shown.removesuffix(".0")
