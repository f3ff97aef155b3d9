"""Which of a cluster stays: figures of a document that are compared, and the order of rows.

licence       a permissive one before another one before none: 0, 1, 2
quality       eight grades by the worst of the measured faults, 0 the best
completeness  the most text, in bytes
date          the earliest; a document without a date comes last
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import Policy

UNKNOWN_DATE = 2**64 - 1
PERMISSIVE, OTHER_LICENCE, NO_LICENCE = 0, 1, 2
GRADES = 8
_FAULTS = ("duplicate_line_char_share", "duplicate_paragraph_char_share", "code_error_share")
"""Signals in 0-1 that are 0 in a faultless text."""
_DATE = re.compile(r"(\d{4})-?(\d\d)?-?(\d\d)?(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?)?")


def date_number(date: str | None) -> int:
    """Return an ISO 8601 date as YYYYMMDDhhmmss, zeros where it is not so exact."""
    match = _DATE.match(date or "")
    return int("".join(part or "00" for part in match.groups())) if match else UNKNOWN_DATE


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
    keys: list[NDArray[Any]] = [groups, policy.priority[rows["domain"]]]
    for name in config.survivor_order:
        # the complement turns the most bytes into the lowest number
        keys.append(~rows["n_bytes"] if name == "completeness" else rows[name])
    keys += [rows["doc"][:, 0], rows["doc"][:, 1]]
    order = np.lexsort(keys[::-1])
    ranked = rows["doc"][order]
    if (ranked[1:] == ranked[:-1]).all(axis=1).any():
        keys += [rows["content"][:, 0], rows["content"][:, 1]]
        keys += [rows[name] for name in ("licence", "quality", "n_bytes", "date", "domain")]
        order = np.lexsort(keys[::-1])
    return order
