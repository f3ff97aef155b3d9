"""A configuration -> what holds for each domain, as arrays by the domain's place in `Domain`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.optimal import optimal_bands
from corpusforge.domains import Domain

_SIGMAS = 3.0
"""An estimate may lie so far below the true similarity and still be looked at by shingles."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """What may be compared with what, and what makes a duplicate. Arrays by domain."""

    bands: int
    rows: int
    group: NDArray[np.uint64]
    """Documents of one group of domains are compared."""
    priority: NDArray[np.uint8]
    """In a group, the lowest survives first."""
    exact: NDArray[np.bool_]
    near: NDArray[np.bool_]
    by_source: NDArray[np.bool_]
    keep_copies: NDArray[np.int64]
    matches: NDArray[np.int64]
    """Equal hash values that make a candidate pair; out of reach where near is off."""
    threshold: NDArray[np.float64]
    jaccard: bool
    """Whether a candidate is checked by its shingles as well."""


@lru_cache(maxsize=8)
def _resolved(json: str) -> Policy:
    return resolve_policy(DedupConfig.model_validate_json(json))


def policy_of(config: DedupConfig) -> Policy:
    """Return the policy of a configuration, made once."""
    return _resolved(config.model_dump_json())


def resolve_policy(config: DedupConfig) -> Policy:
    """Return the policy of a configuration."""
    domains = list(Domain)
    methods = [config.policy(domain).method or config.method for domain in domains]
    if config.method == "off":
        methods = ["off"] * len(domains)
    groups = {domain: number for number, domain in enumerate(domains)}
    priorities = dict.fromkeys(domains, 0)
    for group in config.compare:
        for place, domain in enumerate(group):
            groups[domain], priorities[domain] = groups[group[0]], place
    thresholds = [config.domain_threshold(domain) for domain in domains]
    permutations = config.signature.permutations
    margin = -_SIGMAS if config.check == "jaccard" else config.estimate_margin
    bands, rows = config.bands, config.rows
    if config.banding == "optimal":
        bands, rows = optimal_bands(config.threshold, permutations)
    return Policy(
        bands=bands,
        rows=rows,
        group=np.array([groups[domain] for domain in domains], dtype=np.uint64),
        priority=np.array([priorities[domain] for domain in domains], dtype=np.uint8),
        exact=np.array([method != "off" for method in methods]),
        near=np.array([method == "near" for method in methods]),
        by_source=np.array([config.policy(domain).scope == "source" for domain in domains]),
        keep_copies=np.array([config.policy(domain).keep_copies for domain in domains], dtype=np.int64),
        matches=np.array(
            [
                _matches(share, permutations, margin) if method == "near" else permutations + 1
                for share, method in zip(thresholds, methods, strict=True)
            ],
            dtype=np.int64,
        ),
        threshold=np.array(thresholds),
        jaccard=config.check == "jaccard",
    )


def _matches(threshold: float, permutations: int, margin: float) -> int:
    """Return the least number of equal hash values for a similarity; `margin` in standard errors."""
    threshold += margin * math.sqrt(threshold * (1 - threshold) / permutations)
    return min(permutations, max(1, math.ceil(threshold * permutations - 1e-9)))
