"""Drops as a person looks at them: some of each reason, near the threshold first, and their figures."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpusforge.report.rejects import SampledParts, read_drops

SHOWN_DROPS = 5
"""Of each reason."""
_COLUMNS = ["doc_id", "source", "locator", "reason", "detail", "domain", "n_bytes", "n_records", "excerpt"]
_NUMBER = r"(-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)"
_COMPARED = re.compile(
    rf"{_NUMBER}%?(?: (?:characters|bytes|words|lines))?,? "
    rf"(?:is below|is above|under|over|below|above|>=|<=|<|>) {_NUMBER}"
)
"""A figure of a drop and the bound that it breaks: `0.16 is above 0.1`, `12 characters, under 50`."""
_SIGNAL = re.compile(rf": (\w+) {_NUMBER} is (?:below|above) ")


@dataclass(slots=True)
class Drops:
    """What was found among the drops that were looked at."""

    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """By reason: rows of `DROP_SCHEMA`, those near their threshold first, then by document id."""
    seen: Counter[str] = field(default_factory=Counter[str])
    """Records looked at, by reason."""
    figures: dict[str, list[tuple[str, float]]] = field(default_factory=dict[str, list[tuple[str, float]]])
    """(reason, value) of documents that a bound on a figure dropped, by its name."""

    def weighted(self, totals: Mapping[str, int]) -> dict[str, list[tuple[float, float]]]:
        """Return (value, how many drops it stands for) by name; `totals` are all drops by reason."""
        return {
            name: [
                (value, max(totals.get(reason, 0) / self.seen[reason], 1.0) if self.seen[reason] else 1.0)
                for reason, value in values
            ]
            for name, values in self.figures.items()
        }


def sampled_drops(corpus: str, header: Mapping[str, Any], parts: SampledParts) -> Drops:
    """Return some drops of each reason, of a bounded number of parts and of the first drops of each.

    Those of which too little was left without repeats are among them.
    """
    found = Drops()
    heaps: dict[str, list[_Held]] = {}
    batches = read_drops(corpus, header, parts, _COLUMNS)
    for row in (row for batch in batches for row in batch.to_pylist()):
        reason, detail = str(row["reason"]), str(row["detail"])
        found.seen[reason] += int(row["n_records"])
        distance = _distance(detail)
        _keep(heaps.setdefault(reason, []), _Held((distance, str(row["doc_id"])), row))
        if figure := figure_of(detail):
            found.figures.setdefault(figure[0], []).append((reason, figure[1]))
    for reason, heap in sorted(heaps.items()):
        found.examples[reason] = [held.row for held in sorted(heap, key=lambda held: held.key)]
    return found


def figure_of(detail: str) -> tuple[str, float] | None:
    """Return (name, value) of the figure that a drop's detail tells of; None where a rule has none.

    >>> figure_of("gopher_hashes: hash_word_ratio 0.16 is above 0.1")
    ('hash_word_ratio', 0.16)
    >>> figure_of("12 characters, under 50")
    ('characters', 12.0)
    """
    if match := _SIGNAL.search(detail):
        return match[1], float(match[2].replace(",", ""))
    if (match := _COMPARED.match(detail)) and " characters" in match[0]:
        return "characters", float(match[1].replace(",", ""))
    return None


def _distance(detail: str) -> float:
    """Return how far a drop is from its threshold, as a share of it; infinite where it has none."""
    match = _COMPARED.search(detail)
    if not match:
        return math.inf
    value, bound = (float(each.replace(",", "")) for each in match.groups())
    return abs(value - bound) / max(abs(bound), 1e-9)


@dataclass(frozen=True, slots=True)
class _Held:
    """A drop that a heap has on top where it is the last."""

    key: tuple[float, str]
    row: dict[str, Any]

    def __lt__(self, other: _Held) -> bool:
        return self.key > other.key


def _keep(heap: list[_Held], drop: _Held) -> None:
    if len(heap) < SHOWN_DROPS:
        heapq.heappush(heap, drop)
    elif heap[0] < drop:
        heapq.heapreplace(heap, drop)
