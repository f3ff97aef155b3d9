"""What leaks from domain to domain: documents of one with a near-duplicate in another.

Dedup compares a domain with itself, unless told otherwise. Leakage compares every two domains
that have the same shingles (all but code, by default), removes nothing, and counts twice:
all documents (before), and those that dedup leaves (after).

      web  code_nl  math          row: of the documents of math, so many
math   12       90     4          resemble one of web, code_nl, another one of math
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig, DomainPolicies
from corpusforge.domains import Domain

_DOMAINS = tuple(Domain)
Matrix = NDArray[np.int64]
"""Documents, i64 [domains, domains]: of the row's domain, with a near-duplicate in the column's."""


def leakage_config(config: DedupConfig) -> DedupConfig:
    """Return the configuration under which every two domains that can be compared are.

    Thresholds, bands and shingles stay; candidates are checked by their signatures.
    """
    groups: dict[str, list[Domain]] = {}
    for domain in _DOMAINS:
        groups.setdefault(config.signature.shingle(domain).model_dump_json(), []).append(domain)
    thresholds = {d.value: {"threshold": config.policy(d).threshold} for d in _DOMAINS}
    return config.model_copy(
        update={
            "method": "near",
            "check": "estimate",
            "domains": DomainPolicies.model_validate(thresholds),
            "compare": tuple(tuple(group) for group in groups.values() if len(group) > 1),
            "earliest_wins": False,
        }
    )


def leaked(
    domain: NDArray[np.uint8], cluster: NDArray[np.int64], stays: NDArray[np.bool_]
) -> tuple[Matrix, Matrix]:
    """Return (before, after): members of whole clusters, counted by domain and by whom they meet.

    `domain` is a place in `Domain`, `cluster` a number, `stays` whether dedup leaves the member;
    each of one entry a member. In a cluster all resemble one member. A document counts once for
    each domain of which another member is there; after, of those that stay.
    """
    numbers = np.unique(cluster, return_inverse=True)[1]
    size = (int(numbers.max()) + 1 if len(numbers) else 0, len(_DOMAINS))
    present, left = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(present, (numbers, domain), 1)
    np.add.at(left, (numbers, domain), stays)
    return _meetings(present), _meetings(left)


MEETING_DTYPE = np.dtype(
    [("survivor", "<u8"), ("present", "<i8", (len(_DOMAINS),)), ("left", "<i8", (len(_DOMAINS),))]
)
"""Members of some of a cluster, by domain: all, and those that dedup leaves."""


def meetings_of(domain: NDArray[np.uint8], survivor: NDArray[np.uint64], stays: NDArray[np.bool_]) -> Any:
    """Return `MEETING_DTYPE` of members, by the ref of their survivor."""
    survivors, numbers = np.unique(survivor, return_inverse=True)
    out = np.zeros(len(survivors), dtype=MEETING_DTYPE)
    out["survivor"] = survivors
    np.add.at(out["present"], (numbers, domain), 1)
    np.add.at(out["left"], (numbers, domain), stays)
    return out


def matrices_of(meetings: Any) -> tuple[Matrix, Matrix]:
    """Return (before, after), as `leaked` does, of clusters whose members come in pieces."""
    survivors, numbers = np.unique(meetings["survivor"], return_inverse=True)
    present = np.zeros((len(survivors), len(_DOMAINS)), np.int64)
    left = np.zeros_like(present)
    np.add.at(present, numbers, meetings["present"])
    np.add.at(left, numbers, meetings["left"])
    return _meetings(present), _meetings(left)


def _meetings(counts: NDArray[np.int64]) -> Matrix:
    """Return the matrix of clusters' counts by domain, i64 [clusters, domains]."""
    matrix = counts.T @ (counts > 0).astype(np.int64)
    np.fill_diagonal(matrix, np.where(counts > 1, counts, 0).sum(axis=0))
    return matrix


def leakage_summary(
    before: Matrix, after: Matrix, documents: Mapping[str, int], removed: Mapping[str, int]
) -> dict[str, Any]:
    """Return both matrices as JSON, with the documents of each domain; domains without any are left out.

    `documents` are those of each domain before dedup, `removed` those that it takes.
    """
    left = {name: count - removed.get(name, 0) for name, count in documents.items()}
    return {
        name: {"documents": of_domain, "near_duplicates": _as_json(matrix, of_domain)}
        for name, matrix, of_domain in (("before", before, dict(documents)), ("after", after, left))
    }


def _as_json(matrix: Matrix, documents: Mapping[str, int]) -> dict[str, dict[str, int]]:
    places = {name: place for place, name in enumerate(_DOMAINS) if documents.get(name)}
    return {
        row: {column: int(matrix[place, other]) for column, other in places.items()}
        for row, place in places.items()
    }
