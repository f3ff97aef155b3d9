"""Histograms of what is known of documents, with the thresholds of the configuration drawn in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.filter.quality.signals import RULESET_NAMES, Rule, read_ruleset
from corpusforge.report.plots import Threshold, figure, histogram
from corpusforge.report.sample import Stratum

Values = Callable[[Stratum], NDArray[np.float64]]
_BINS = 32
_DOUBLINGS = 26
"""Bins of an axis of doublings: from 1 to 64 Mi."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of documents, over which documents it is drawn, and the thresholds on it."""

    title: str
    values: Values
    domains: tuple[str, ...] = ()
    """Empty: all."""
    thresholds: tuple[Threshold, ...] = ()
    unit: str = ""
    note: str = ""
    is_doubling: bool = False
    """Whether bins double: lengths. Else they are even, from 0 to 1 or as far as values and thresholds go."""
    is_share: bool = False
    is_log_counts: bool = False
    """Whether heights go by logarithm: of signals that are near 0 in nearly all documents."""
    signal: str = ""
    """Under which drops tell of it."""


def distributions(
    strata: Sequence[Stratum],
    settings: Mapping[str, Any],
    dropped: Mapping[str, Sequence[tuple[float, float]]],
) -> list[str]:
    """Return figures as HTML: lengths, scores, CIRS, then every signal that a rule judges.

    `settings` is a snapshot's whole configuration; `dropped` holds (value, how many it stands for) of
    documents that were dropped for a signal, by its name.
    """
    measures = [*_of_labels(settings), *_of_rules(settings)]
    return [drawn for measure in measures if (drawn := _drawn(measure, strata, dropped))]


def _of_labels(settings: Mapping[str, Any]) -> list[Measure]:
    label, limits = settings.get("label", {}), settings.get("filter", {})
    low, high = settings.get("code", {}).get("cirs_bands", (None, None))
    math_domains = ("math",)
    return [
        Measure(title="Length in tokens", values=_column("length"), unit="tokens", is_doubling=True),
        Measure(
            title="Length of the text",
            values=_column("n_bytes"),
            unit="bytes",
            is_doubling=True,
            thresholds=_at((limits.get("min_chars"), "min_chars"), (limits.get("max_chars"), "max_chars")),
            note="the limits are characters: one to four bytes each",
            signal="characters",
        ),
        Measure(
            title="Language score",
            values=_column("language_score"),
            is_share=True,
            thresholds=_at((label.get("language_min_score"), "language_min_score")),
            note="below its language's own limit a text is und; languages may have another",
        ),
        Measure(
            title="Math score",
            values=_column("math_score"),
            is_share=True,
            thresholds=_at(
                (label.get("math_threshold"), "math_threshold"),
                (label.get("mostly_math_threshold"), "mostly_math_threshold")
                if label.get("math_articles") or label.get("math_books")
                else (None, ""),
            ),
        ),
        Measure(
            title="Scaffold score of mathematics",
            values=_column("scaffold_score"),
            domains=math_domains,
            is_share=True,
            thresholds=_at((label.get("scaffold_threshold"), "scaffold_threshold")),
        ),
        Measure(
            title="CIRS score of programs",
            values=_signal("code_cirs_score"),
            domains=("code",),
            is_share=True,
            thresholds=_at((low, "band 1 from"), (high, "band 2 above")),
        ),
        Measure(title="Mathematical symbols", values=_signal("math_symbol_density"), domains=math_domains),
        Measure(
            title="Connectives of reasoning", values=_signal("math_connective_density"), domains=math_domains
        ),
        Measure(title="Halstead difficulty", values=_signal("code_halstead_difficulty"), domains=("code",)),
    ]


def _of_rules(settings: Mapping[str, Any]) -> list[Measure]:
    """Return a measure for each signal that the rule set of a configuration judges, in its order."""
    name = settings.get("filter", {}).get("quality", "")
    if name not in RULESET_NAMES:
        return []
    by_signal: dict[str, list[Rule]] = {}
    for rule in read_ruleset(name).rule:
        by_signal.setdefault(rule.signal, []).append(rule)
    return [
        Measure(
            title=signal.replace("_", " "),
            values=_signal(signal),
            domains=_domains_of(rules),
            thresholds=_at(
                *((rule.min, f"{rule.name} ≥") for rule in rules),
                *((rule.max, f"{rule.name} ≤") for rule in rules),
            ),
            is_share=signal.endswith("_share"),
            is_doubling=signal.startswith("n_"),
            is_log_counts=True,
            note="log heights; of "
            + ", ".join(sorted({domain for rule in rules for domain in rule.domains})),
            signal=signal,
        )
        for signal, rules in by_signal.items()
    ]


def _domains_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(sorted({domain for rule in rules for domain in rule.domains}))


def _column(name: str) -> Values:
    return lambda stratum: stratum.column(name)


def _signal(name: str) -> Values:
    return lambda stratum: stratum.signals.get(name, np.empty(0))


def _at(*given: tuple[Any, str]) -> tuple[Threshold, ...]:
    """Return thresholds; one that a configuration lacks is none."""
    return tuple(Threshold(float(at), label) for at, label in given if isinstance(at, int | float))


def _drawn(
    measure: Measure,
    strata: Sequence[Stratum],
    dropped: Mapping[str, Sequence[tuple[float, float]]],
) -> str:
    """Return the figure of a measure; nothing where no document has it."""
    found = [
        (values[np.isfinite(values)], stratum.weight)
        for stratum in strata
        if (not measure.domains or stratum.domain in measure.domains)
        and len(values := measure.values(stratum))
    ]
    gone = [(value, weight) for value, weight in dropped.get(measure.signal, ()) if math.isfinite(value)]
    if not found:
        return ""
    edges = _edges(measure, [values for values, _ in found])
    counts = _counts([(values, weight) for values, weight in found], edges)
    away = _counts([(np.array([value]), weight) for value, weight in gone], edges) if gone else ()
    n_documents = sum(counts)
    plot = histogram(
        measure.title,
        edges,
        counts,
        dropped=away,
        thresholds=measure.thresholds,
        unit=measure.unit,
        is_log=measure.is_doubling,
        is_log_counts=measure.is_log_counts,
    )
    told = f"{n_documents:,} documents" + (f", {sum(away):,} dropped" if gone else "")
    return figure(plot, measure.title, "; ".join(filter(None, [told, measure.note])))


def _edges(measure: Measure, values: Sequence[NDArray[np.float64]]) -> list[float]:
    if measure.is_doubling:
        largest = max(float(each.max()) for each in values)
        last = min(max(math.ceil(math.log2(max(largest, 1) + 1)), 4), _DOUBLINGS)
        return [0.0, *(2.0**power for power in range(last + 1))]
    limits = [1.25 * threshold.at for threshold in measure.thresholds]
    if measure.is_share:
        top = max([float(each.max()) for each in values] + limits)
        high = next((limit for limit in (0.05, 0.1, 0.2, 0.5) if top <= limit), 1.0)
    else:
        high = _round_up(max([float(np.quantile(each, 0.99)) for each in values] + limits))
    return [high * place / _BINS for place in range(_BINS + 1)]


def _round_up(value: float) -> float:
    """Return 1, 2 or 5 times a power of ten that is not below a value; 1 of what is not above 0."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= value)


def _counts(found: Sequence[tuple[NDArray[np.float64], float]], edges: Sequence[float]) -> list[int]:
    """Return how many documents fall into each bin; what lies beyond the edges is in the bin at that end."""
    total = np.zeros(len(edges) - 1)
    for values, weight in found:
        inside = np.clip(values, edges[0], edges[-1])
        total += np.histogram(inside, bins=np.asarray(edges))[0] * weight
    return [round(count) for count in total.tolist()]
