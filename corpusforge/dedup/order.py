"""Which of a cluster stays: figures of a document that are compared, and the order of rows.

licence       a permissive one before another one before none: 0, 1, 2
quality       eight grades by the worst of the measured faults, 0 the best
origin        the likelier origin, then the repository that more people starred: see `origin`
date          the earliest day by which the text was there; a document without proof comes last
surroundings  eight grades by how much of a page is no running text, then other addresses of a page
completeness  the most text, in bytes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import Policy

PERMISSIVE, OTHER_LICENCE, NO_LICENCE = 0, 1, 2
GRADES = 8
_FAULTS = ("duplicate_line_char_share", "duplicate_paragraph_char_share", "code_error_share")
"""Signals in 0-1 that are 0 in a faultless text."""
REASONS = (
    *("first", "stands", "domain", "licence", "quality", "origin", "date", "surroundings", "completeness"),
    "id",
)
"""By what a survivor came before a member: `first` of itself, `stands` where it was there before."""
FIRST = REASONS.index("first")
REASON_WORDS = {
    "stands": "it was here before",
    "domain": "its domain comes first",
    "licence": "its licence",
    "quality": "fewer faults in its text",
    "origin": "the likelier origin",
    "date": "it was there earlier",
    "surroundings": "less stands around it",
    "completeness": "more text",
    "id": "the lower id, all else being equal",
}
"""What a person is told of why another document stays."""
_FIGURES = ("licence", "quality", "origin", "date", "surroundings", "n_bytes", "domain")


def quality_grade(signals: Mapping[str, float]) -> int:
    """Return 0 (no measured fault) to 7, from the largest share of repeated or unparsable text."""
    worst = max((signals.get(name, 0.0) for name in _FAULTS), default=0.0)
    return min(GRADES - 1, int(worst * GRADES))


def rank(rows: NDArray[Any], groups: NDArray[Any], config: DedupConfig, policy: Policy) -> NDArray[np.intp]:
    """Return the order of signature rows by group, the best survivor of each group first.

    Between domains that are compared, the first in its group of domains comes first; then
    the keys of `survivor_order`, then the lowest document id. Where two documents have one id,
    their contents and what is left of their figures decide: never where they lie.
    """
    keys = [groups, policy.priority[rows["domain"]], *(_figure(rows, name) for name in config.survivor_order)]
    keys += [rows["doc"][:, 0], rows["doc"][:, 1]]
    order = np.lexsort(keys[::-1])
    ranked = rows["doc"][order]
    if (ranked[1:] == ranked[:-1]).all(axis=1).any():
        keys += [rows["content"][:, 0], rows["content"][:, 1]]
        keys += [rows[name] for name in _FIGURES]
        order = np.lexsort(keys[::-1])
    return order


def deciding(
    rows: NDArray[Any],
    survivor: NDArray[np.int64],
    stands: NDArray[np.bool_],
    config: DedupConfig,
    policy: Policy,
) -> NDArray[np.int8]:
    """Return for each row by what the row at `survivor` came before it, as places in `REASONS`.

    `stands` are the rows that stood before the others came.
    """
    best = rows[survivor]
    out = np.full(len(rows), REASONS.index("id"), dtype=np.int8)
    for name in reversed(config.survivor_order):
        out[_figure(rows, name) != _figure(best, name)] = REASONS.index(name)
    out[policy.priority[rows["domain"]] != policy.priority[best["domain"]]] = REASONS.index("domain")
    out[stands[survivor] & ~stands] = REASONS.index("stands")
    out[survivor == np.arange(len(rows))] = FIRST
    return out


def _figure(rows: NDArray[Any], name: str) -> NDArray[Any]:
    # the complement turns the most bytes into the lowest number
    return ~rows["n_bytes"] if name == "completeness" else rows[name]
