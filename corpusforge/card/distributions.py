"""Sections of distributions: difficulty and densities by domain, scaffolds against generic mathematics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpusforge.card.pieces import section
from corpusforge.card.sample import Sample
from corpusforge.markdown import code, count, share, table
from corpusforge.mixture.matching import strata_of
from corpusforge.report.sample import Stratum

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_HEAD = ["documents", *(f"{q:.0%}".replace("%", " %") for q in _QUANTILES)]
_SIGNALS = {
    "math": (
        ("math_symbol_density", "difficulty: signs, relations, operations, variables per 1,000 characters"),
        ("math_formula_share", "difficulty: share of the characters in formulas"),
    ),
    "code": (
        ("code_cirs_score", "difficulty: CIRS, 0-1 (docs/code-split.md)"),
        ("code_cyclomatic", "difficulty: cyclomatic number"),
    ),
    "code_nl": (),
}
_DENSITIES = (
    ("connective_density", "connectives per 1,000 words"),
    ("structure_density", "structural tokens per 1,000 words and signs"),
)
_SCAFFOLDS = (
    ("math_words", "length in words"),
    ("math_symbol_density", "symbol density per 1,000 characters"),
    ("math_connective_density", "connectives per 1,000 words"),
    ("structure_density", "structural tokens per 1,000 words and signs"),
    ("math_steps", "steps"),
)


def densities(sample: Sample) -> str:
    """Return quantiles of difficulty, connectives and structural tokens of math and code documents."""
    rows: list[list[str]] = []
    flagged: list[list[str]] = []
    for stratum in sample.strata.values():
        domain = stratum.key.partition("/")[0]
        if domain not in _SIGNALS:
            continue
        for name, what in (*_SIGNALS[domain], *_DENSITIES):
            rows.append([code(stratum.key), code(name), what, *quantiles(stratum.signal(name))])
        traces = stratum.signal("has_execution_trace")
        told = int((~np.isnan(traces)).sum())
        if told:
            flagged.append([code(stratum.key), count(told), count(int(np.nansum(traces)))])
    if not rows:
        return ""
    body = (
        "Each is a signal of every document of these domains, to match and to filter by "
        '(`where = "signals.connective_density > 20"`); none where a corpus was built before there were any. '
        "Difficulty is no grade: it says how dense a text is.\n\n"
    )
    body += table(["domain", "signal", "is", *_HEAD], rows, words=3)
    if flagged:
        body += "\n" + table(["domain", "documents asked", "hold an execution trace"], flagged)
    return section(
        "Difficulty, connectives, structure", body, "`signals` of `shards/*/*/*.docs.parquet`, the sample"
    )


def quantiles(values: NDArray[np.float64]) -> list[str]:
    """Return how many values there are, nan left out, and their quantiles."""
    found = values[~np.isnan(values)]
    if not len(found):
        return ["0", *[""] * len(_QUANTILES)]
    return [count(len(found)), *(f"{float(q):.4g}" for q in np.quantile(found, _QUANTILES, method="lower"))]


@dataclass(frozen=True, slots=True)
class _Side:
    """Some documents of a stratum, by their places in it."""

    name: str
    stratum: Stratum
    places: NDArray[np.int64]


def scaffolds(sample: Sample) -> str:
    """Return scaffolds beside generic mathematics: as they are, and matched by length and source."""
    scaffold, generic = sample.strata.get("math/scaffold"), sample.strata.get("math/generic")
    if scaffold is None or generic is None:
        return ""
    before = [_Side(one.key, one, np.arange(len(one.rows))) for one in (scaffold, generic)]
    after = matched(scaffold, generic)
    parts = [
        "Matched: of each length (to a power of two in tokens) of each source as many of the one as of the "
        'other, by document id: the strata of a swap with `match = ["length", "source"]`. What still differs '
        "then is neither length nor source.\n"
    ]
    for title, sides in (("As they are", before), ("Matched by length and source", after)):
        parts.append(f"### {title}\n")
        rows = [
            [what, code(side.name), *quantiles(side.stratum.signal(name)[side.places])]
            for name, what in _SCAFFOLDS
            for side in sides
        ]
        rows += [
            [
                "length in tokens",
                code(side.name),
                *quantiles(side.stratum.column("length")[side.places]),
            ]
            for side in sides
        ]
        parts += [table(["", "subset", *_HEAD], rows, words=2), _mix(sides)]
    origin = "`signals`, `length`, `source` of `shards/math/*/*.docs.parquet`, the sample"
    return section("Scaffolds against generic mathematics", "\n".join(parts), origin)


def matched(one: Stratum, other: Stratum) -> list[_Side]:
    """Return as many documents of each as the other has of the same length and source, by id."""
    sides = (one, other)
    keys = strata_of(
        ("length", "source"),
        [side.column("length").astype(np.int64) for side in sides],
        [np.array([row["source"] for row in side.rows], dtype=np.str_) for side in sides],
    )
    wanted: Counter[int] = Counter(map(int, keys[0])) & Counter(map(int, keys[1]))
    chosen: list[_Side] = []
    for side, of in zip(sides, keys, strict=True):
        left, places = Counter[int](wanted), list[int]()
        for place in sorted(range(len(side.rows)), key=lambda place: str(side.rows[place]["doc_id"])):
            if left[int(of[place])] > 0:
                left[int(of[place])] -= 1
                places.append(place)
        chosen.append(_Side(side.key, side, np.array(sorted(places), dtype=np.int64)))
    return chosen


def _mix(sides: Sequence[_Side]) -> str:
    """Return the sources of each side's documents."""
    mixes = [
        Counter(str(side.stratum.rows[place]["source"]) for place in map(int, side.places)) for side in sides
    ]
    rows = [
        [code(source), *(f"{count(mix[source])} ({share(mix[source], sum(mix.values()))})" for mix in mixes)]
        for source in sorted({source for mix in mixes for source in mix})
    ]
    return table(["source", *(code(side.name) for side in sides)], rows)
