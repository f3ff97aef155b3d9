"""A swap whose incoming documents look like the outgoing ones: same lengths, same sources.

Tokens that go out are counted by stratum (length to a power of two, source); documents come
in, in an order that the seed decides, until each stratum has as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.order import permute
from corpusforge.mixture.recipe import Swap


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The documents of one key, with their strata, and the samples that they make up."""

    documents: NDArray[Any]
    """`STRETCH`, whole documents in order."""
    sources: NDArray[np.str_]
    """Name of the source of each."""
    stretches: NDArray[Any]
    """`STRETCH`, in order of the samples of one epoch."""
    samples: NDArray[np.int64]
    """Sample of each stretch."""


def match(
    swap: Swap,
    leaving: Pool,
    times_leaving: NDArray[np.int64],
    joining: Pool,
    taken: NDArray[np.bool_],
    seed: int,
) -> tuple[NDArray[Any], int]:
    """Return (documents of `joining` that come in, tokens among them that match nothing).

    `times_leaving`: how often each sample of `leaving` goes out; `taken`: the samples of
    `joining` that the arm reads anyway, whose documents do not come. Raises ValueError, with
    the strata that are short, where more than the swap's tolerance cannot be matched.
    """
    strata = _strata(swap.match, [leaving, joining])
    out_tokens = leaving.stretches["length"].astype(np.int64) * times_leaving[leaving.samples]
    wanted = np.zeros(int(max(map(np.max, strata), default=0)) + 1, np.int64)
    np.add.at(wanted, strata[0][_document_of(leaving)], out_tokens)
    free = np.ones(len(joining.documents), np.bool_)
    free[_document_of(joining)[taken[joining.samples]]] = False
    candidates = np.flatnonzero(free)
    order = candidates[permute(f"corpusforge match 1\0{seed}", len(candidates), np.arange(len(candidates)))]
    lengths = joining.documents["length"].astype(np.int64)
    chosen = _fill(strata[1][order], lengths[order], wanted)
    got = np.zeros_like(wanted)
    np.add.at(got, strata[1][order][chosen], lengths[order][chosen])
    short = int(np.maximum(wanted - got, 0).sum())
    if short > int(swap.tolerance * int(wanted.sum())):
        raise ValueError(_shortage(swap, leaving, strata[0], wanted, got, short))
    # What nothing matches is made up by any document, in the same order.
    missing = int(wanted.sum()) - int(lengths[order][chosen].sum())
    others = np.flatnonzero(~chosen)
    before = np.cumsum(lengths[order][others]) - lengths[order][others]
    chosen[others[before < missing]] = True
    return joining.documents[np.sort(order[chosen])], short


def _strata(by: Sequence[str], pools: Sequence[Pool]) -> list[NDArray[np.int64]]:
    """Return the stratum of each document of each pool: equal numbers are equal strata."""
    return strata_of(by, [pool.documents["length"] for pool in pools], [pool.sources for pool in pools])


def strata_of(
    by: Sequence[str], tokens: Sequence[NDArray[Any]], sources: Sequence[NDArray[np.str_]]
) -> list[NDArray[np.int64]]:
    """Return the stratum of each document of two pools, by lengths in tokens and by sources."""
    columns: list[NDArray[Any]] = []
    if "length" in by:
        columns.append(length_class(np.concatenate(tokens)))
    if "source" in by:
        _, codes = np.unique(np.concatenate(sources), return_inverse=True)
        columns.append(codes)
    _, strata = np.unique(np.stack(columns), axis=1, return_inverse=True)
    return list(np.split(np.asarray(strata, np.int64).reshape(-1), [len(tokens[0])]))


def length_class(tokens: NDArray[Any]) -> NDArray[np.int64]:
    """Return lengths in tokens to a power of two: 0 for 1, 1 for 2 and 3, 2 up to 7."""
    return np.log2(np.maximum(tokens, 1)).astype(np.int64)


def _document_of(pool: Pool) -> NDArray[np.int64]:
    """Return the row in `documents` of each stretch."""
    documents, stretches = pool.documents, pool.stretches
    # Documents are in order of shard and start; a shard holds less than 2^40 tokens.
    keys = (documents["shard"].astype(np.uint64) << np.uint64(40)) + documents["start"]
    wanted = (stretches["shard"].astype(np.uint64) << np.uint64(40)) + stretches["start"]
    return np.searchsorted(keys, wanted, side="right") - 1


def _fill(
    strata: NDArray[np.int64], lengths: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which documents fill the strata: in the order given, until each has its tokens."""
    by_stratum = np.argsort(strata, kind="stable")
    sums = np.cumsum(lengths[by_stratum]) - lengths[by_stratum]
    groups = strata[by_stratum]
    begins = np.searchsorted(groups, groups, side="left")
    before = sums - sums[begins] if len(sums) else sums
    chosen = np.zeros(len(strata), np.bool_)
    chosen[by_stratum] = before < wanted[groups]
    return chosen


def _shortage(
    swap: Swap,
    leaving: Pool,
    strata: NDArray[np.int64],
    wanted: NDArray[np.int64],
    got: NDArray[np.int64],
    short: int,
) -> str:
    worst = np.argsort(got - wanted, kind="stable")[:3]
    examples: list[str] = []
    for stratum in worst.tolist():
        if wanted[stratum] > got[stratum]:
            row = int(np.flatnonzero(strata == stratum)[0])
            low = 1 << int(np.log2(max(1, int(leaving.documents["length"][row]))))
            parts = [f"{low:,} to {2 * low - 1:,} tokens"] if "length" in swap.match else []
            parts += [f"source {leaving.sources[row]}"] if "source" in swap.match else []
            examples.append(
                f"{' and '.join(parts)}: {int(got[stratum]):,} of {int(wanted[stratum]):,} tokens"
            )
    return (
        f"{short:,} tokens short of a match by {' and '.join(swap.match)}: {swap.to} has too little like "
        f"{swap.from_} ({'; '.join(examples)}): allow it with tolerance = "
        f"{short / max(1, int(wanted.sum())):.4f}"
    )
