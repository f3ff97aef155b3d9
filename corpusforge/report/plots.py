"""Plots as inline SVG: figures in, a string out; no script, no outside resource, the same bytes each time.

    histogram     counts over bins, thresholds as labelled lines
    bars          named values, one below the other
    funnel        stages below one another, each cut into the same parts
    line          one series over ordered names, such as years
    figure        a plot with its caption, as a page sets it

Each is as wide as a phone shows without scaling (`WIDTH` px) and shrinks with its column; a page sets them
side by side. A plot is an image to a screen reader: its `<title>` names it, its `<desc>` tells its figures in
words; each mark has a `<title>` of its own, which a browser shows under the pointer. Colours are classes,
which `PLOT_STYLE` binds to custom properties for light, dark and print: a page holds that style sheet once,
and no element carries a style of its own. Names may be hostile: they are escaped, and cut where long.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpusforge.report.html import escape
from corpusforge.report.marks import (
    COLOUR_CLASSES,
    PLOT_STYLE,
    Part,
    colour_class,
    compact,
    cut,
    number,
    px,
    svg,
    swatches,
    text,
)

__all__ = [
    "COLOUR_CLASSES",
    "PLOT_STYLE",
    "WIDTH",
    "Bar",
    "Part",
    "Stage",
    "Threshold",
    "bars",
    "colour_class",
    "compact",
    "figure",
    "funnel",
    "histogram",
    "line",
]

WIDTH = 320
"""Width of every plot in px: a phone of 360 px less the padding of a page."""
_LEFT, _RIGHT = 34, 8
_PLOT_HEIGHT = 96
_ROW = 14
_LABEL_CHARS, _VALUE_CHARS, _MARK_CHARS = 34, 20, 22


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line across a histogram: where it stands, in the unit of the edges, and what it is called."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value; `shown` is how it is written (the number itself unless told)."""

    label: str
    value: float
    colour: str = "c-plain"
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of a funnel: its name, its whole as text, its parts, and the value as wide as the plot.

    Stages of one unit are given one `full`; a stage of another unit its own sum (0: its own sum).
    """

    label: str
    shown: str
    parts: Sequence[Part]
    full: float = 0


def histogram(
    title: str,
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    thresholds: Sequence[Threshold] = (),
    unit: str = "",
    colour: str = "c-plain",
    is_log: bool = False,
    is_log_counts: bool = False,
) -> str:
    """Return counts over bins as SVG: bin i holds the values from `edges[i]` up to `edges[i + 1]`.

    `is_log` spaces the axis of values by their logarithm; a first edge of 0 then stands one bin left of
    the second. `is_log_counts` does so for heights, so that a bin of one beside one of a million is seen.
    A threshold beyond the edges stands at the side where it lies, with an arrow. Raises ValueError where
    the edges do not ascend, are not finite, or do not fit the counts.

    >>> plot = histogram("Words", [0, 10, 100], [3, 4], thresholds=[Threshold(50, "min_words")], is_log=True)
    >>> plot.count("<rect"), plot.count('class="at"')
    (2, 1)
    """
    if len(edges) != len(counts) + 1 or not all(map(math.isfinite, edges)):
        raise ValueError(f"{title}: {len(counts)} bins need {len(counts) + 1} finite edges, not {len(edges)}")
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"{title}: edges must ascend")
    place = _Axis(edges, is_log=is_log)
    top = 8 + _ROW * len(thresholds)
    bottom = top + _PLOT_HEIGHT
    largest = max(counts, default=0)
    marks = [_grid(top, bottom, largest)]
    for low, high, n in zip(edges, edges[1:], counts, strict=False):
        height = _PLOT_HEIGHT * _share(n, largest, is_log=is_log_counts)
        if not n:
            continue
        left, right = place(low), place(high)
        height, width = max(height, 1.0), max(right - left - 0.6, 0.8)
        where = f'x="{px(left)}" y="{px(bottom - height)}" width="{px(width)}" height="{px(height)}"'
        told = f"{number(low)} to {number(high)} {unit}".strip()
        marks.append(f'<rect class="{colour}" {where}>{_title(f"{told}: {n:,}")}</rect>')
    marks += _threshold_marks(thresholds, edges, place, top, bottom)
    marks += [
        text(place(value), bottom + 12, compact(value), anchor=anchor)
        for value, anchor in place.ticks(edges, is_log=is_log)
    ]
    if unit:
        marks.append(text(WIDTH - _RIGHT, bottom + 25, unit, anchor="end", kind="soft"))
    total = sum(counts)
    words = [f"{total:,} in {len(counts)} bins from {number(edges[0])} to {number(edges[-1])} {unit}".strip()]
    if total:
        most = max(range(len(counts)), key=lambda i: counts[i])
        words.append(f"most, {counts[most]:,}, from {number(edges[most])} to {number(edges[most + 1])}")
    words += [f"{t.label} at {number(t.at)}" for t in thresholds]
    if is_log_counts:
        words.append("heights by logarithm")
    return svg(title, "; ".join(words), WIDTH, bottom + (30 if unit else 18), marks)


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return named values as SVG, one below the other, the largest as wide as the plot.

    A name stands above its bar, so that a long one is read whole on a phone.

    >>> "1,234" in bars("Hosts", [Bar("example.org", 1234)])
    True
    """
    largest = max((row.value for row in rows), default=0)
    marks: list[str] = []
    for i, row in enumerate(rows):
        top = 26 * i
        shown = row.shown or number(row.value)
        width = max(WIDTH * row.value / largest, 1.5) if row.value > 0 else 0.0
        marks += [
            text(0, top + 11, cut(row.label, _LABEL_CHARS), whole=row.label),
            text(WIDTH, top + 11, cut(shown, _VALUE_CHARS), anchor="end", kind="figure"),
            f'<rect class="track" y="{top + 15}" width="{WIDTH}" height="6" rx="2"/>',
            f'<rect class="{row.colour}" y="{top + 15}" width="{px(width)}" height="6" rx="2"/>',
        ]
    words = "; ".join(f"{row.label} {row.shown or number(row.value)}" for row in rows)
    return svg(title, words, WIDTH, max(26 * len(rows), 1), marks)


def funnel(title: str, stages: Sequence[Stage]) -> str:
    """Return stages as SVG, one below the other, each a bar cut into parts, with one legend for all.

    >>> parts = [Part("web", 3, "c-web"), Part("code", 1, "c-code")]
    >>> funnel("From dumps to tokens", [Stage("records", "4", parts)]).count("<rect")
    5
    """
    marks: list[str] = []
    for i, stage in enumerate(stages):
        top = 38 * i
        whole = sum(part.value for part in stage.parts)
        full = max(stage.full or whole, whole)
        marks += [
            text(0, top + 11, cut(stage.label, _LABEL_CHARS), whole=stage.label),
            text(WIDTH, top + 11, cut(stage.shown, _VALUE_CHARS), anchor="end", kind="figure"),
            f'<rect class="track" y="{top + 16}" width="{WIDTH}" height="14" rx="2"/>',
        ]
        left = 0.0
        for part in stage.parts:
            if part.value <= 0:
                continue
            width = WIDTH * part.value / full
            shown = f"{part.name}: {number(part.value)} ({100 * part.value / whole:.1f} %)"
            where = f'x="{px(left)}" y="{top + 16}" width="{px(width)}" height="14"'
            marks.append(f'<rect class="{part.colour}" {where}>{_title(shown)}</rect>')
            left += width
    legend = swatches(_unlike(stages), 38 * len(stages) + 4, WIDTH)
    words = "; ".join(
        f"{stage.label} {stage.shown}: " + ", ".join(f"{p.name} {number(p.value)}" for p in stage.parts)
        for stage in stages
    )
    return svg(title, words, WIDTH, 38 * len(stages) + 4 + legend.height, [*marks, *legend.marks])


def line(title: str, points: Sequence[tuple[str, float]], *, unit: str = "", colour: str = "c-plain") -> str:
    """Return one series as SVG over names in the order given, evenly spaced: years, snapshots.

    >>> line("Years", [("2019", 3), ("2020", 5)]).count("<circle")
    2
    """
    top, bottom = 8, 8 + _PLOT_HEIGHT
    largest = max((value for _, value in points), default=0)
    step = (WIDTH - _LEFT - _RIGHT - 8) / max(len(points) - 1, 1)
    places = [
        (_LEFT + 4 + step * i, bottom - _PLOT_HEIGHT * _share(value, largest))
        for i, (_, value) in enumerate(points)
    ]
    marks = [_grid(top, bottom, largest)]
    if len(points) > 1:
        marks.append(
            f'<polyline class="{colour}" points="{" ".join(f"{px(x)},{px(y)}" for x, y in places)}"/>'
        )
    every = max(1, math.ceil(len(points) * 40 / (WIDTH - _LEFT)))
    for i, ((name, value), (x, y)) in enumerate(zip(points, places, strict=True)):
        told = _title(f"{name}: {number(value)} {unit}".strip())
        marks.append(f'<circle class="{colour}" cx="{px(x)}" cy="{px(y)}" r="2.5">{told}</circle>')
        if i % every == 0:
            anchor = "start" if i == 0 else "end" if i == len(points) - 1 else "middle"
            marks.append(text(x, bottom + 12, cut(name, 8), anchor=anchor))
    if unit:
        marks.append(text(WIDTH - _RIGHT, bottom + 25, unit, anchor="end", kind="soft"))
    words = "; ".join(f"{name} {number(value)}" for name, value in points)
    return svg(title, words, WIDTH, bottom + (30 if unit else 18), marks)


def figure(plot: str, caption: str, note: str = "") -> str:
    """Return a plot as an HTML figure under its caption; `note` says what a reader must know of it."""
    small = f"<small>{escape(note)}</small>" if note else ""
    return f'<figure class="plotted"><figcaption>{escape(caption)}{small}</figcaption>{plot}</figure>'


class _Axis:
    """Where a value stands from left to right."""

    def __init__(self, edges: Sequence[float], *, is_log: bool) -> None:
        self._is_log = is_log
        positive = [edge for edge in edges if edge > 0]
        if is_log and (edges[0] < 0 or not positive):
            raise ValueError("an axis by logarithm needs edges from 0 on")
        self._first = positive[0] if positive else 1.0
        self._second = positive[1] if len(positive) > 1 else 10 * self._first
        self._low, self._high = self._at(edges[0]), self._at(edges[-1])

    def __call__(self, value: float) -> float:
        share = (self._at(value) - self._low) / (self._high - self._low)
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(max(share, 0.0), 1.0)

    def _at(self, value: float) -> float:
        if not self._is_log:
            return value
        if value >= self._first:
            return math.log(value)
        # below the first edge that has a logarithm: a straight line down to 0, as wide as the next bin
        step = math.log(self._second / self._first)
        return math.log(self._first) - step * (1 - max(value, 0.0) / self._first)

    def ticks(self, edges: Sequence[float], *, is_log: bool) -> Iterable[tuple[float, str]]:
        """Yield (value, text anchor) of what is written below the axis, never one over another."""
        low, high = edges[0], edges[-1]
        values = _decades(self._first, high) if is_log else _round_numbers(low, high)
        if is_log and low <= 0:
            values = [0.0, *values]
        last = -math.inf
        for value in values:
            x = self(value)
            if x - last < 36 or not low <= value <= high:
                continue
            last = x
            yield value, "start" if x < _LEFT + 8 else "end" if x > WIDTH - _RIGHT - 8 else "middle"


def _decades(low: float, high: float) -> list[float]:
    first = math.floor(math.log10(low))
    last = math.ceil(math.log10(high))
    return [10.0**power for power in range(first, last + 1) if low <= 10.0**power <= high] or [low, high]


def _round_numbers(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _threshold_marks(
    thresholds: Sequence[Threshold], edges: Sequence[float], place: _Axis, top: int, bottom: int
) -> list[str]:
    """Return a line and a name for each, every name in a row of its own so that none covers another."""
    marks: list[str] = []
    for row, threshold in enumerate(sorted(thresholds, key=lambda t: (t.at, t.label))):
        x, baseline = place(threshold.at), _ROW * row + 11
        arrow = "← " if threshold.at < edges[0] else "→ " if threshold.at > edges[-1] else ""
        label = f"{arrow}{cut(threshold.label, _MARK_CHARS)} {number(threshold.at)}"
        is_right = x > WIDTH / 2
        marks += [
            f'<line class="at" x1="{px(x)}" x2="{px(x)}" y1="{baseline - 9}" y2="{bottom}"/>',
            text(
                x - 4 if is_right else x + 4,
                baseline,
                label,
                anchor="end" if is_right else "start",
                kind="at",
            ),
        ]
    return marks


def _grid(top: int, bottom: int, largest: float) -> str:
    """Return the base line, and the line that the largest count reaches with its number."""
    lines = [
        f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>' for y in (top, bottom)
    ]
    number_at_top = text(_LEFT - 4, top + 4, compact(largest), anchor="end", kind="soft")
    return "".join([*lines, number_at_top, text(_LEFT - 4, bottom + 1, "0", anchor="end", kind="soft")])


def _share(value: float, largest: float, *, is_log: bool = False) -> float:
    if value <= 0 or largest <= 0:
        return 0.0
    return math.log1p(value) / math.log1p(largest) if is_log else value / largest


def _unlike(stages: Sequence[Stage]) -> list[tuple[str, str]]:
    """Return (name, colour) of all parts, each once, in the order in which they come."""
    return list(dict.fromkeys((part.name, part.colour) for stage in stages for part in stage.parts))


def _title(shown: str) -> str:
    return f"<title>{escape(shown)}</title>"
