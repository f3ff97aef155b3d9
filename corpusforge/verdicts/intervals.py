"""Intervals of shares that were counted on a sample.

One group: Wilson's score interval (1927), which holds what it says near 0 and 1 and with few
read, where the usual one has no width at all; Clopper and Pearson's, exact in name, is wider than it
says it is (Brown, Cai, DasGupta: Interval estimation for a binomial proportion, 2001). Several groups with
weights: the square-and-add combination of their Wilson intervals (Zou, Huang, Zhang: A note on
confidence interval estimation for a linear function of binomial proportions, 2009), which for one group
is that group's interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Rate:
    """A share from 0 to 1, and the interval that holds the corpus's at the confidence asked for."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A group of documents of which some were read."""

    n_documents: int
    n_read: int
    """At least 1."""
    n_wrong: float
    """Of those read; a document that readers differ about counts for the share of them."""


def wilson(group: Counted, confidence: float) -> Rate:
    """Return the share of a group with Wilson's interval.

    The group is finite: with the correction for that, the interval has no width once all of it was read.
    """
    share = group.n_wrong / group.n_read
    unread = group.n_documents - group.n_read
    if unread <= 0:
        return Rate(share, share, share)
    effective = group.n_read * (group.n_documents - 1) / unread
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * effective)) / effective) / (1 + z2 / effective)
    return Rate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def weighted(groups: Sequence[Counted], confidence: float) -> Rate | None:
    """Return the share of groups together, each weighted by its documents; None where none was read."""
    total = sum(group.n_documents for group in groups)
    if not total:
        return None
    weights = [group.n_documents / total for group in groups]
    rates = [wilson(group, confidence) for group in groups]
    if len(rates) == 1:
        return rates[0]
    share = math.fsum(weight * rate.share for weight, rate in zip(weights, rates, strict=True))
    below = math.fsum((w * (rate.share - rate.low)) ** 2 for w, rate in zip(weights, rates, strict=True))
    above = math.fsum((w * (rate.high - rate.share)) ** 2 for w, rate in zip(weights, rates, strict=True))
    return Rate(share, max(0.0, share - math.sqrt(below)), min(1.0, share + math.sqrt(above)))
