"""What of the documents of a whole is left after dedup, told from a sample that was deduplicated.

Within a stratum by how many windows each cluster is in (`extrapolation.stands_for`); a cluster that is in
several strata stands for the product of what it stands for in each, where windows of dumps that hold the same
are drawn apart, and for what it stands for in one, where they are always drawn together. They are neither:
files of two dumps are of one order, and the same text is in more than two. The mean of both is taken.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpusforge.cost.extrapolation import stands_for
from corpusforge.files import join, list_files
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.windows import Stratum


@dataclass(frozen=True, slots=True)
class Left:
    """What dedup leaves of a stratum."""

    seen_bytes: float
    """Of text, of the sample's documents that stay."""
    documents: float
    """Of the whole: the share that stays."""
    text: float
    """Of the bytes of the whole's text, likewise."""
    by_share: float
    """That share, were there no more duplicates in the whole than in the sample."""


@dataclass(slots=True)
class _Cluster:
    """A cluster within one stratum."""

    units: set[int]
    n_bytes: int = 0
    is_kept: bool = False
    """Whether its survivor is of this stratum."""


@dataclass(slots=True)
class _Seen:
    """The documents of a stratum's sample."""

    clusters: dict[str, _Cluster] = field(default_factory=dict[str, _Cluster])
    documents: int = 0
    n_bytes: int = 0


def left_of(output: str, strata: Sequence[Stratum]) -> list[Left]:
    """Return what dedup leaves of each stratum, told from a build of its sample in `output`."""
    names = dict(_clusters(output))
    found = [_seen(output, stratum, names) for stratum in strata]
    times = [_times(stratum, seen.clusters.values()) for stratum, seen in zip(strata, found, strict=True)]
    twice = _twice([seen.clusters for seen in found], times)
    return [_left(*each) for each in zip(strata, found, times, twice, strict=True)]


def _times(stratum: Stratum, clusters: Iterable[_Cluster]) -> dict[int, float]:
    """Return how many clusters of the whole one stands for, by how many windows it is in."""
    n_seen = len(stratum.units)
    n_units = round(n_seen * stratum.n_bytes / stratum.seen_bytes) if stratum.seen_bytes else n_seen
    return stands_for(Counter(len(one.units) for one in clusters), n_seen, n_units)


def _left(stratum: Stratum, seen: _Seen, times: Mapping[int, float], twice: Sequence[float]) -> Left:
    whole = stratum.n_bytes / stratum.seen_bytes if stratum.seen_bytes else 0.0
    held = seen.clusters.values()
    documents = math.fsum(times[len(one.units)] for one in held) - twice[0]
    text = math.fsum(times[len(one.units)] * one.n_bytes for one in held) - twice[1]
    return Left(
        seen_bytes=math.fsum(one.n_bytes for one in held if one.is_kept),
        documents=_share(documents, seen.documents * whole),
        text=_share(text, seen.n_bytes * whole),
        by_share=_share(len(held) - twice[2], seen.documents),
    )


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole else 0.0


def _twice(
    found: Sequence[Mapping[str, _Cluster]], times: Sequence[Mapping[int, float]]
) -> list[list[float]]:
    """Return, of each stratum, (clusters, their bytes, clusters of the sample) that stay in another one."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, clusters in enumerate(found):
        for name in clusters:
            places[name].append(place)
    gone = [[0.0, 0.0, 0.0] for _ in found]
    for name, held in places.items():
        if len(held) > 1:
            stand = {place: times[place][len(found[place][name].units)] for place in held}
            # It stays where it is seen most surely, which changes nothing of the sum.
            first = min(held, key=lambda place: (stand[place], place))
            for place in held:
                if place != first:
                    n_times = stand[place] * (stand[first] + 1) / 2
                    gone[place][0] += n_times
                    gone[place][1] += n_times * found[place][name].n_bytes
                    gone[place][2] += 1
    return gone


def _seen(output: str, stratum: Stratum, names: Mapping[str, tuple[str, bool]]) -> _Seen:
    seen = _Seen()
    parts: dict[str, list[tuple[str, int]]] = {}
    for number, unit in enumerate(stratum.units):
        for part_id, first, stop in unit:
            if part_id not in parts:
                parts[part_id] = list(_documents(output, part_id))
            for doc_id, n_bytes in parts[part_id][first:stop]:
                name, is_kept = names.get(doc_id, (doc_id, True))
                one = seen.clusters.setdefault(name, _Cluster(set()))
                one.units.add(number)
                if is_kept or not one.n_bytes:
                    one.n_bytes, one.is_kept = n_bytes, is_kept
                seen.documents, seen.n_bytes = seen.documents + 1, seen.n_bytes + n_bytes
    return seen


def _documents(output: str, part_id: str) -> Iterator[tuple[str, int]]:
    """Yield (id, bytes of text) of each document of a part, in order."""
    with open_sealed_parquet(part_path(output, part_id, COMMIT)) as file:
        for batch in file.iter_batches(columns=["doc_id", "n_bytes"]):
            yield from zip(*(batch.column(place).to_pylist() for place in range(2)), strict=True)


def _clusters(output: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield (document, (its cluster, whether it stays)) of all that are in a cluster."""
    for path in list_files(join(output, "clusters")):
        if path.endswith("clusters.parquet"):
            with open_sealed_parquet(path) as file:
                for batch in file.iter_batches(columns=["doc_id", "cluster_id", "keep"]):
                    documents, clusters, kept = (batch.column(place).to_pylist() for place in range(3))
                    yield from zip(documents, zip(clusters, kept, strict=True), strict=True)
