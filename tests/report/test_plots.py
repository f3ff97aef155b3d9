"""Plots: what is drawn is what was counted, a name stays a name, and the bytes are the same each time."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from corpusforge.report.marks import compact, cut, number
from corpusforge.report.plots import (
    COLOUR_CLASSES,
    PLOT_STYLE,
    WIDTH,
    Bar,
    Part,
    Stage,
    Threshold,
    bars,
    colour_class,
    figure,
    funnel,
    histogram,
    line,
)

HOSTILE = '</title></svg><script>alert(1)</script>" onload="x\u202e'
PARTS = [Part("web", 30, "c-web"), Part(HOSTILE, 10, "c-1")]
PLOTS: dict[str, Callable[[str], str]] = {
    "histogram": lambda name: histogram(name, [0, 1, 10], [3, 4], thresholds=[Threshold(2, name)], unit=name),
    "bars": lambda name: bars(name, [Bar(name, 3), Bar("b", 1, shown=name)]),
    "funnel": lambda name: funnel(name, [Stage(name, name, [Part(name, 1, "c-1")])]),
    "line": lambda name: line(name, [(name, 1), ("b", 2)], unit=name),
}


@pytest.mark.parametrize("kind", PLOTS)
def test_a_plot_is_one_image_with_a_name_and_no_hostile_name_leaves_it(kind: str) -> None:
    plot = PLOTS[kind](HOSTILE)
    root = ElementTree.fromstring(plot)
    assert (
        root.tag == "svg" and root.get("role") == "img" and root[0].tag == "title" and root[1].tag == "desc"
    )
    assert {e.tag for e in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "text",
        "line",
        "circle",
        "polyline",
    }
    assert not any(name.startswith("on") or name == "style" for e in root.iter() for name in e.attrib)
    assert "\u202e" not in plot and "\\u202e" in plot
    assert plot == PLOTS[kind](HOSTILE)
    assert int(root.get("width") or 0) == WIDTH


def _rects(plot: str, colour: str) -> list[dict[str, float]]:
    found = re.findall(rf'<rect class="{colour}" ([^>]*)>', plot)
    return [{k: float(v) for k, v in re.findall(r'(\w+)="([\d.]+)"', attributes)} for attributes in found]


def test_bins_are_as_high_as_their_counts_and_thresholds_stand_where_they_are() -> None:
    plot = histogram("Score", [0, 0.25, 0.5, 1], [10, 5, 0], thresholds=[Threshold(0.5, "at_least")])
    high, half = _rects(plot, "c-plain")
    assert high["height"] == 2 * half["height"] and half["width"] == high["width"]
    where = re.search(r'<line class="at" x1="([\d.]+)"', plot)
    assert where and float(where[1]) == pytest.approx(half["x"] + half["width"] + 0.6, abs=0.1)
    assert "at_least 0.5" in plot and "15 in 3 bins from 0 to 1" in plot


def test_a_threshold_beyond_the_edges_says_so() -> None:
    plot = histogram("Score", [1, 2], [1], thresholds=[Threshold(0, "low"), Threshold(9, "high")])
    assert "← low 0" in plot and "→ high 9" in plot


def test_bins_that_grow_by_a_factor_are_as_wide_as_each_other_on_an_axis_by_logarithm() -> None:
    rects = _rects(histogram("Length", [0, 1, 10, 100], [1, 1, 1], is_log=True), "c-plain")
    assert max(r["width"] for r in rects) - min(r["width"] for r in rects) <= 0.2


def test_one_beside_a_million_is_seen_where_heights_go_by_logarithm() -> None:
    plot = histogram("Copies", [1, 2, 3], [1_000_000, 1], is_log_counts=True)
    assert _rects(plot, "c-plain")[1]["height"] > 4 and "heights by logarithm" in plot


@pytest.mark.parametrize("edges", [[0, 1], [0, 2, 1], [0, 1, float("inf")]])
def test_edges_that_do_not_fit_are_told(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="edges"):
        histogram("Score", edges, [1, 1])


def test_a_funnel_is_cut_in_proportion_and_its_stages_share_a_width() -> None:
    stages = [
        Stage("records", "40", PARTS, full=40),
        Stage("kept", "10", [Part("web", 10, "c-web")], full=40),
    ]
    plot = funnel("From dumps", stages)
    of_records, of_kept = _rects(plot, "c-web")[:2]
    assert of_records["width"] == WIDTH * 0.75 and of_kept["width"] == WIDTH * 0.25
    assert "web: 30 (75.0 %)" in plot


@pytest.mark.parametrize("plot", [histogram("x", [0, 1], [0]), bars("x", []), funnel("x", []), line("x", [])])
def test_nothing_is_drawn_of_nothing(plot: str) -> None:
    ElementTree.fromstring(plot)


def test_a_caption_is_escaped_too() -> None:
    assert "<script" not in figure(bars("x", []), HOSTILE, HOSTILE)


def test_every_colour_has_a_rule_and_is_told_from_the_ground() -> None:
    assert all(f".{name} {{" in PLOT_STYLE for name in COLOUR_CLASSES)
    light, dark = PLOT_STYLE.split("@media screen")
    for style, ground in ((light, "#ffffff"), (dark, "#171c25")):
        colours = re.findall(r"--c-[\w-]+: (#\w{6});", style)
        assert len(colours) == len(COLOUR_CLASSES)
        assert min(_contrast(colour, ground) for colour in colours) >= 3


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_domains_have_their_colour_and_things_in_order_one_of_eight() -> None:
    assert colour_class("math/generic") == "c-math-generic" and colour_class("code") == "c-code"
    assert [colour_class("any", place) for place in (0, 7, 8)] == ["c-1", "c-8", "c-1"]
    assert colour_class("3") == "c-other"


def test_numbers_and_names_are_short() -> None:
    assert [compact(n) for n in (0, 999, 999_999, 1_000_000)] == ["0", "999", "1 M", "1 M"]
    assert [number(n) for n in (0.5, 12345.0, 1 / 3)] == ["0.5", "12,345", "0.3333"]
    assert cut("日本語の長い名前", 9) == "日本語の…" and cut("short", 9) == "short"
    assert len(cut("x" * 1_000_000, 20)) == 20
