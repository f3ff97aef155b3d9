"""What dedup decided, on disk: the clusters for a person, the refs that go for the next stage.

clusters/<id>/<task>/clusters.parquet   doc_id, cluster_id (the survivor's id), keep, exact, source, domain,
                                        decided_by (why the survivor came before it; of itself null)
clusters/<id>/<range>/gone.u64          refs of the documents that go, sorted, u64 little endian
clusters/<id>/summary.json              counts; written last: its presence is the commit

A range is a run of parts: refs lie with their own part. Whole clusters lie with one task, in the
order of their lowest refs; one that was cut (see `giants`) lies in files of its own.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from corpusforge.dedup.bands import Refs
from corpusforge.dedup.comparison import Sources, source_places
from corpusforge.dedup.order import FIRST, REASONS
from corpusforge.dedup.survivors import Members, doc_ids
from corpusforge.domains import Domain
from corpusforge.files import exists, join, publishing
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.sealed import read_json, read_sealed, write_json, write_sealed

pa: Any = pyarrow  # ships no types for what is used here

_STRING = pa.string()
_NAME = pa.dictionary(pa.int32(), _STRING)
CLUSTER_SCHEMA: Any = pa.schema(
    [
        ("doc_id", _STRING),
        ("cluster_id", _STRING),
        ("keep", pa.bool_()),
        ("exact", pa.bool_()),
        ("source", _NAME),
        ("domain", _NAME),
        ("decided_by", _NAME),
    ]
)
SUMMARY = "summary.json"
"""The name of the file that commits a run."""
LARGEST_SHOWN = 10
MEMBERS_SHOWN = 3
_PARTS_PER_RANGE = 64
_DOMAINS = tuple(Domain)
NO_DUPLICATES: dict[str, Any] = {
    "clusters": 0,
    "removed": 0,
    "removed_by_source_and_domain": {},
    "decided_by": {},
    "pairs_between": {},
    "largest": [],
    "largest_by_source": {},
}
"""The summary of a build without dedup."""


@dataclass
class Tally:
    """The counts of a dedup run, batch by batch; `summary` gives them as JSON."""

    sources: Sources
    clusters: int = 0
    removed: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    decided: Counter[str] = field(default_factory=Counter[str])
    between: Counter[str] = field(default_factory=Counter[str])
    largest: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """By source; of all together under the empty name."""

    def add(self, members: Members) -> None:
        """Count the clusters of a batch."""
        first = members.survivor == np.arange(len(members.refs))
        foreign = np.zeros(len(first), dtype=bool) if members.foreign is None else members.foreign
        self.clusters += int((first & ~foreign).sum())
        domain = members.rows["domain"].astype(np.int64)
        source = source_places(members.refs, self.sources)
        gone = ~members.keep & ~foreign
        found = np.stack([source, domain, members.exact.astype(np.int64)], axis=1)[gone]
        for (place, where, is_exact), count in _counted(found):
            name = f"{self.sources[place][1]}/{_DOMAINS[where]}"
            self.removed[(name, "exact" if is_exact else "near")] += count
        for (reason,), count in _counted(members.decided[gone].astype(np.int64)[:, None]):
            self.decided[REASONS[reason]] += count
        # every pair of survivor and other member, kept or not: what leaks from where to where
        others = ~first & (domain != domain[members.survivor])
        for ends, count in _counted(np.stack([domain[members.survivor], domain], axis=1)[others]):
            self.between["/".join(_DOMAINS[end] for end in ends)] += count
        self._keep_largest(members, np.flatnonzero(first), source, foreign)

    def _keep_largest(
        self,
        members: Members,
        firsts: NDArray[np.intp],
        source: NDArray[np.int64],
        foreign: NDArray[np.bool_],
    ) -> None:
        sizes = np.diff(np.r_[firsts, len(members.refs)])
        ids_of, of_source = members.rows["doc"][firsts], source[firsts]
        order = np.lexsort((ids_of[:, 1], ids_of[:, 0], -sizes))
        shown = {"": order[:LARGEST_SHOWN].tolist()}
        for place in np.unique(of_source).tolist():
            shown[self.sources[place][1]] = order[of_source[order] == place][:MEMBERS_SHOWN].tolist()
        for name, places in shown.items():
            rows = [self._shown(members, int(firsts[k]), int(sizes[k]), source, foreign) for k in places]
            self.largest[name] = _largest([*self.largest.get(name, []), *rows], name)

    def _shown(
        self, members: Members, first: int, size: int, source: NDArray[np.int64], foreign: NDArray[np.bool_]
    ) -> dict[str, Any]:
        ids = doc_ids(members.rows[first : first + min(size, MEMBERS_SHOWN)])
        domain = _DOMAINS[int(members.rows["domain"][first])]
        return {
            "documents": size - int(foreign[first]),
            "cluster_id": ids[0],
            "members": ids,
            "of": f"{self.sources[int(source[first])][1]}/{domain}",
        }

    def summary(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        names = sorted({name for name, _ in self.removed})
        return {
            "clusters": self.clusters,
            "removed": sum(self.removed.values()),
            "removed_by_source_and_domain": {
                name: {how: self.removed[(name, how)] for how in ("exact", "near")} for name in names
            },
            "decided_by": {name: self.decided[name] for name in REASONS if self.decided[name]},
            "pairs_between": dict(sorted(self.between.items())),
            "largest": self.largest.get("", []),
            "largest_by_source": {name: rows for name, rows in sorted(self.largest.items()) if name and rows},
        }


def _largest(rows: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    count = LARGEST_SHOWN if not source else MEMBERS_SHOWN
    whole: dict[str, dict[str, Any]] = {}
    for row in rows:
        had = whole.setdefault(row["cluster_id"], row)
        if had is not row:  # a cluster that was compared in pieces comes from each of them
            others = sorted({*had["members"], *row["members"]} - {row["cluster_id"]})
            members = [row["cluster_id"], *others][:MEMBERS_SHOWN]
            n_documents = had["documents"] + row["documents"]
            whole[row["cluster_id"]] = {**had, "documents": n_documents, "members": members}
    return heapq.nsmallest(count, whole.values(), key=lambda row: (-row["documents"], row["cluster_id"]))


def merged(summaries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the sum of summaries."""
    total = Tally(sources=())
    for summary in summaries:
        total.clusters += summary["clusters"]
        for name, counts in summary["removed_by_source_and_domain"].items():
            for how, count in counts.items():
                total.removed[(name, how)] += count
        total.decided.update(summary["decided_by"])
        total.between.update(summary["pairs_between"])
        for source, rows in {"": summary["largest"], **summary["largest_by_source"]}.items():
            total.largest[source] = _largest([*total.largest.get(source, []), *rows], source)
    return total.summary()


def n_ranges(n_parts: int) -> int:
    """Return how many ranges of parts a run of so many parts has."""
    return max(1, -(-n_parts // _PARTS_PER_RANGE))


def range_of(parts: Refs, n_parts: int, ranges: int) -> Refs:
    """Return the range of each part."""
    return parts * np.uint64(ranges) // np.uint64(max(1, n_parts))


def range_folder(folder: str, number: int) -> str:
    """Return where the files of a range are."""
    return join(folder, f"{number:05d}")


def range_parts(number: int, n_parts: int, ranges: int) -> range:
    """Return the parts of a range."""
    return range(-(-number * n_parts // ranges), -(-(number + 1) * n_parts // ranges))


def write_clusters(folder: str, found: Iterable[Members], sources: Sources) -> tuple[dict[str, Any], Refs]:
    """Return (summary, refs that go) of one task, having written its `clusters.parquet` to `folder`."""
    tally = Tally(sources=sources)
    gone = [np.empty(0, dtype=np.uint64)]
    with publishing(join(folder, "clusters.parquet")) as path:
        with SealedParquetWriter(path, CLUSTER_SCHEMA, compression="zstd") as writer:
            for members in found:
                if not len(members.refs):
                    continue
                writer.write_batch(_cluster_rows(members, sources))
                gone.append(
                    members.refs[
                        ~members.keep if members.foreign is None else ~members.keep & ~members.foreign
                    ]
                )
                tally.add(members)
    return tally.summary(), np.sort(np.concatenate(gone))


def _cluster_rows(members: Members, sources: Sources) -> Any:
    ids = doc_ids(members.rows)
    names = sorted({name for _, name in sources})
    places = np.array([names.index(name) for _, name in sources], dtype=np.int32)
    columns = [
        pa.array(ids, _STRING),
        pa.array([ids[place] for place in members.survivor.tolist()], _STRING),
        pa.array(members.keep),
        pa.array(members.exact),
        pa.DictionaryArray.from_arrays(
            places[source_places(members.refs, sources)], pa.array(names, _STRING)
        ),
        pa.DictionaryArray.from_arrays(
            members.rows["domain"].astype(np.int32), pa.array([d.value for d in _DOMAINS], _STRING)
        ),
        pa.DictionaryArray.from_arrays(
            pa.array(members.decided.astype(np.int32), mask=members.decided == FIRST),
            pa.array(REASONS, _STRING),
        ),
    ]
    rows = pa.RecordBatch.from_arrays(columns, schema=CLUSTER_SCHEMA)
    return rows if members.foreign is None else rows.filter(pa.array(~members.foreign))


def _counted(rows: NDArray[np.int64]) -> list[tuple[tuple[int, ...], int]]:
    """Return (row, how often it stands) of each distinct row of small numbers."""
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return [(tuple(row), count) for row, count in zip(found.tolist(), counts.tolist(), strict=True)]


def write_gone(folder: str, refs: Refs) -> None:
    """Write the refs of one range's documents that go."""
    write_sealed(gone_path(folder), np.unique(refs).astype("<u8"))


def gone_path(folder: str) -> str:
    """Return where the refs that go lie, of a range's folder."""
    return join(folder, "gone.u64")


def write_summary(folder: str, summary: dict[str, Any], n_parts: int, ranges: int) -> None:
    """Commit a run: write its summary."""
    write_json(summary_path(folder), {**summary, "parts": n_parts, "ranges": ranges})


def summary_path(folder: str) -> str:
    """Return where the counts of a run lie."""
    return join(folder, SUMMARY)


def read_summary(folder: str) -> dict[str, Any] | None:
    """Return the summary of a finished dedup run, None where there is none."""
    path = summary_path(folder)
    return read_json(path) if exists(path) else None


def read_gone(folder: str, part: int) -> Refs:
    """Return the rows of one part whose documents go, sorted. The last ranges are remembered."""
    n_parts, ranges = _shape(folder)
    number = int(range_of(np.array([part], dtype=np.uint64), n_parts, ranges)[0])
    refs = _gone_of(range_folder(folder, number))
    first, stop = np.searchsorted(refs, np.array([part << 32, (part + 1) << 32], dtype=np.uint64))
    return refs[first:stop] & np.uint64(0xFFFFFFFF)


def forget() -> None:
    """Forget what was read of runs: they are made again, or their rows are numbered anew."""
    _shape.cache_clear()
    _gone_of.cache_clear()


@lru_cache(maxsize=256)
def _shape(folder: str) -> tuple[int, int]:
    summary = read_json(summary_path(folder))
    return summary["parts"], summary["ranges"]


@lru_cache(maxsize=4)
def _gone_of(folder: str) -> Refs:
    return np.frombuffer(read_sealed(gone_path(folder)), dtype="<u8")
