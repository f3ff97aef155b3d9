"""Intervals of shares that were counted on a sample.

One group: Wilson's score interval (1927), which holds what it says near 0 and 1 and with few
read, where the usual one has no width at all; Clopper and Pearson's, exact in name, is wider than it
says it is (Brown, Cai, DasGupta: Interval estimation for a binomial proportion, 2001). Several groups with
weights: the same interval about the weighted share, at the effective sample size (Korn, Graubard: Confidence
intervals for proportions with small expected number of positive counts estimated from survey data, 1998).
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

    @property
    def share(self) -> float:
        """The share of those read that is wrong."""
        return self.n_wrong / self.n_read

    @property
    def inverse_size(self) -> float:
        """One by the documents read, as if the group were endless: 0 once all of it was read."""
        return (self.n_documents - self.n_read) / (max(1, self.n_documents - 1) * self.n_read)


def weighted(groups: Sequence[Counted], confidence: float) -> Rate | None:
    """Return the share of groups together, each weighted by its documents; None where there is none."""
    total = sum(group.n_documents for group in groups)
    if not total:
        return None
    weights = [group.n_documents / total for group in groups]
    share = math.fsum(weight * group.share for weight, group in zip(weights, groups, strict=True))
    share = min(1.0, share)
    return wilson(share, _effective_size(weights, groups, share), confidence)


def _effective_size(weights: Sequence[float], groups: Sequence[Counted], share: float) -> float:
    """Return how many documents of one group would tell as much: the least of two estimates.

    Kish's takes all groups to be alike, and so errs where few were read of the worst; the other takes the
    variance that was seen, and so errs where no wrong one was seen.
    """
    pairs = list(zip(weights, groups, strict=True))
    alike = math.fsum(weight**2 * group.inverse_size for weight, group in pairs)
    seen = math.fsum(w**2 * group.share * (1 - group.share) * group.inverse_size for w, group in pairs)
    sizes = [1 / alike] if alike else []
    sizes += [share * (1 - share) / seen] if seen else []
    return min(sizes, default=math.inf)


def wilson(share: float, n_read: float, confidence: float) -> Rate:
    """Return a share with Wilson's interval; `n_read` is infinite where all was read: no width then."""
    if math.isinf(n_read):
        return Rate(share, share, share)
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    centre = (share + z2 / (2 * n_read)) / (1 + z2 / n_read)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * n_read)) / n_read) / (1 + z2 / n_read)
    return Rate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))
