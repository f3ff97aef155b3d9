"""What of the documents of a whole is left after dedup, told from a sample that was deduplicated.

Where all records of the dumps were looked at (`parts.alike`), a document of the sample is one of a cluster
whose size in the whole is told, and one of so many stays. Every document of the sample stands for the same
number, however windows were drawn: of which sources, how far each, which of one order.

Where not, within a stratum by how many windows each cluster is in (`extrapolation.stands_for`); a cluster
that is in
several strata stands for the product of what it stands for in each, where windows of dumps that hold the same
are drawn apart, and for what it stands for in one, where they are always drawn together. They are neither:
files of two dumps are of one order, and the same text is in more than two. The mean of both is taken.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpusforge.cost.extrapolation import SURE, stands_for, total_of
from corpusforge.files import join, list_files
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.alike import Alike
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
    doubt: float
    """Standard error of both shares."""


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


@dataclass(slots=True)
class _Document:
    """A document of the sample."""

    stratum: int
    unit: int
    window: int
    """As the unit; one of its own where records were drawn one by one."""
    cluster: str
    group: int
    n_bytes: int
    is_kept: bool
    n_like: float = 1.0
    """Documents of the whole's cluster, itself among them."""


def left_of(output: str, strata: Sequence[Stratum], alike: Alike | None) -> list[Left]:
    """Return what dedup leaves of each stratum, told from a build of its sample in `output`."""
    names = dict(_clusters(output))
    if alike is not None and not all(stratum.is_all for stratum in strata):
        return _left_alike(output, strata, names, alike)
    found = [_seen(output, stratum, names) for stratum in strata]
    times = [_times(stratum, seen.clusters.values()) for stratum, seen in zip(strata, found, strict=True)]
    twice = _twice([seen.clusters for seen in found], times)
    return [_left(*each) for each in zip(strata, found, times, twice, strict=True)]


def _left_alike(
    output: str, strata: Sequence[Stratum], names: Mapping[str, tuple[str, bool]], alike: Alike
) -> list[Left]:
    held: list[_Document] = []
    for place, stratum in enumerate(strata):
        for unit, doc_id, n_bytes in _in_units(output, stratum):
            name, is_kept = names.get(doc_id, (doc_id, True))
            group = alike.group_of.get(doc_id, -1 - len(held))  # one that no record is named by: alone
            window = -1 - len(held) if stratum.is_drawn else unit
            held.append(_Document(place, unit, window, name, group, n_bytes, is_kept))
    stands = [_stands(stratum) for stratum in strata]
    count_like(held, alike.sizes, stands)
    found: list[Left] = []
    for place, stratum in enumerate(strata):
        mine = [one for one in held if one.stratum == place]
        n_bytes = sum(one.n_bytes for one in mine)
        units = [[0.0, 0.0] for _ in stratum.units]
        for one in mine:
            units[one.unit][0] += one.n_bytes
            units[one.unit][1] += one.n_bytes / one.n_like
        told = total_of([(x, y) for x, y in units], n_bytes * stands[place])
        text = told.value / (n_bytes * stands[place]) if n_bytes else 0.0
        found.append(
            Left(
                seen_bytes=math.fsum(one.n_bytes for one in mine if one.is_kept),
                documents=_share(math.fsum(1 / one.n_like for one in mine), len(mine)),
                text=_share(text, 1.0),
                doubt=told.error / (n_bytes * stands[place]) if n_bytes else 0.0,
            )
        )
    return found


def _stands(stratum: Stratum) -> float:
    """Return for how many documents of the whole one of the sample stands."""
    records = math.fsum(one.records for one in stratum.observations)
    return max(1.0, stratum.records / records) if records else 1.0


def count_like(held: Sequence[_Document], sizes: Mapping[int, int], stands: Sequence[float]) -> None:
    """Set how many documents of the whole are of the cluster of each document of a sample.

    Itself; those of the sample that are of its group of alike records and of its cluster, each once; of the
    rest of its group the share that the sample shows for it and its stratum, by what of the group is in the
    sample; those of its cluster that are in other groups, each for as many as it `stands` for, or once where
    one window holds both.
    """
    groups, clusters = Counter(one.group for one in held), defaultdict[str, list[_Document]](list)
    both = Counter((one.group, one.cluster) for one in held)
    for one in held:
        clusters[one.cluster].append(one)
    agree = [[1.0, 1.0] for _ in stands]  # nothing is known of a stratum without a pair: alike is a duplicate
    for one in held:
        if groups[one.group] > 1:
            agree[one.stratum][0] += (both[one.group, one.cluster] - 1) / (groups[one.group] - 1)
            agree[one.stratum][1] += 1
    for cluster in clusters.values():
        all_stand = math.fsum(stands[one.stratum] for one in cluster)
        of_group, at_once = defaultdict[int, float](float), defaultdict[tuple[int, int], float](float)
        of_both = defaultdict[tuple[int, int, int], float](float)
        for one in cluster:
            of_group[one.group] += stands[one.stratum]
            at_once[one.stratum, one.window] += stands[one.stratum] - 1
            of_both[one.stratum, one.window, one.group] += stands[one.stratum] - 1
        for one in cluster:
            place = one.stratum, one.window
            others = all_stand - of_group[one.group] - (at_once[place] - of_both[*place, one.group])
            in_both, in_sample = both[one.group, one.cluster] - 1, groups[one.group] - 1
            usual, pairs = agree[one.stratum]
            share = (in_both + usual / pairs) / (in_sample + 1)
            unseen = share * max(0, sizes.get(one.group, 1) - 1 - in_sample)
            one.n_like = 1.0 + in_both + unseen + max(0.0, others)


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
    stays = _share(documents, seen.documents * whole)
    return Left(
        seen_bytes=math.fsum(one.n_bytes for one in held if one.is_kept),
        documents=stays,
        text=_share(text, seen.n_bytes * whole),
        # Between no more duplicates than in the sample, and what is told: how far that is, is the doubt.
        doubt=abs(_share(len(held) - twice[2], seen.documents) - stays) / (2 * SURE),
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
    for number, doc_id, n_bytes in _in_units(output, stratum):
        name, is_kept = names.get(doc_id, (doc_id, True))
        one = seen.clusters.setdefault(name, _Cluster(set()))
        one.units.add(number)
        if is_kept or not one.n_bytes:
            one.n_bytes, one.is_kept = n_bytes, is_kept
        seen.documents, seen.n_bytes = seen.documents + 1, seen.n_bytes + n_bytes
    return seen


def _in_units(output: str, stratum: Stratum) -> Iterator[tuple[int, str, int]]:
    """Yield (number of the window, id, bytes of text) of each document of a stratum's sample."""
    parts: dict[str, list[tuple[str, int]]] = {}
    for number, unit in enumerate(stratum.units):
        for part_id, first, stop in unit:
            if part_id not in parts:
                parts[part_id] = list(_documents(output, part_id))
            for doc_id, n_bytes in parts[part_id][first:stop]:
                yield number, doc_id, n_bytes


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
