"""What dedup decided, on disk: the clusters for a person, the refs that go for the next stage.

clusters/<id>/clusters.parquet   doc_id, cluster_id (the survivor's id), keep, exact
clusters/<id>/gone.u64           refs of the documents that go, sorted, u64 little endian
clusters/<id>/summary.json       counts; written last: its presence is the commit
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpusforge.dedup.bands import Rows, ref_part
from corpusforge.dedup.survivors import Cluster
from corpusforge.domains import Domain
from corpusforge.files import exists, join, publishing, read_bytes, write_bytes

pa: Any = pyarrow  # ships no types for what is used here

CLUSTER_SCHEMA: Any = pa.schema(
    [("doc_id", pa.string()), ("cluster_id", pa.string()), ("keep", pa.bool_()), ("exact", pa.bool_())]
)
LARGEST_SHOWN = 10
NO_DUPLICATES: dict[str, Any] = {
    "clusters": 0,
    "removed": 0,
    "removed_by_source_and_domain": {},
    "largest": [],
}
"""The summary of a build without dedup."""
_BATCH_CLUSTERS = 4096
_DOMAINS = tuple(Domain)


def write_clusters(
    folder: str,
    found: Iterable[Cluster],
    sources: Sequence[str],
    lookup: Callable[[NDArray[np.uint64]], Rows],
) -> dict[str, Any]:
    """Return the summary of a dedup run, having written its files to `folder`.

    `sources[i]` is the source of part i; `lookup` returns the signature rows of refs. The
    summary counts what went by `source/domain` and shows the largest clusters.
    """
    gone: list[NDArray[np.uint64]] = [np.empty(0, dtype=np.uint64)]
    removed: Counter[tuple[str, str]] = Counter()
    largest: list[tuple[int, str, list[str]]] = []
    n_clusters = 0
    with publishing(join(folder, "clusters.parquet")) as path:
        writer: Any = pq.ParquetWriter(path, CLUSTER_SCHEMA, compression="zstd")
        with writer:
            for batch in _batches(found):
                n_clusters += len(batch)
                writer.write_batch(_cluster_rows(batch))
                refs = np.array([r for c in batch for r in c.duplicates], dtype=np.uint64)
                exact = np.array([flag for c in batch for flag in c.exact], dtype=bool)
                gone.append(refs)
                _count(removed, refs, exact, sources, lookup)
                largest = _largest(largest, batch)
    everything = np.sort(np.concatenate(gone))
    write_bytes(join(folder, "gone.u64"), everything.astype("<u8").tobytes())
    summary = {
        "clusters": n_clusters,
        "removed": len(everything),
        "removed_by_source_and_domain": {
            name: {how: removed[(name, how)] for how in ("exact", "near")}
            for name in sorted({name for name, _ in removed})
        },
        "largest": [
            {"documents": size, "cluster_id": name, "members": members} for size, name, members in largest
        ],
    }
    write_bytes(join(folder, "summary.json"), (json.dumps(summary, sort_keys=True) + "\n").encode())
    return summary


def read_summary(folder: str) -> dict[str, Any] | None:
    """Return the summary of a finished dedup run, None where there is none."""
    path = join(folder, "summary.json")
    return json.loads(read_bytes(path)) if exists(path) else None


def read_gone(folder: str, part: int) -> NDArray[np.uint64]:
    """Return the rows of one part whose documents go, sorted."""
    refs = np.frombuffer(read_bytes(join(folder, "gone.u64")), dtype="<u8")
    first, stop = np.searchsorted(refs, [part << 32, (part + 1) << 32])
    return refs[first:stop] & np.uint64(0xFFFFFFFF)


def _batches(found: Iterable[Cluster]) -> Iterable[list[Cluster]]:
    batch: list[Cluster] = []
    for cluster in found:
        batch.append(cluster)
        if len(batch) == _BATCH_CLUSTERS:
            yield batch
            batch = []
    if batch:
        yield batch


def _cluster_rows(batch: Sequence[Cluster]) -> Any:
    rows = [
        row
        for cluster in batch
        for row in [
            (cluster.survivor_doc_id, cluster.survivor_doc_id, True, False),
            *(
                (doc_id, cluster.survivor_doc_id, False, exact)
                for doc_id, exact in zip(cluster.duplicate_doc_ids, cluster.exact, strict=True)
            ),
        ]
    ]
    columns = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(CLUSTER_SCHEMA)]
    return pa.RecordBatch.from_arrays(columns, schema=CLUSTER_SCHEMA)


def _count(
    removed: Counter[tuple[str, str]],
    refs: NDArray[np.uint64],
    exact: NDArray[np.bool_],
    sources: Sequence[str],
    lookup: Callable[[NDArray[np.uint64]], Rows],
) -> None:
    domains = lookup(refs)["domain"]
    for part, domain, same in zip(ref_part(refs), domains, exact, strict=True):
        name = f"{sources[int(part)]}/{_DOMAINS[int(domain)]}"
        removed[(name, "exact" if same else "near")] += 1


def _largest(
    best: list[tuple[int, str, list[str]]], batch: Sequence[Cluster]
) -> list[tuple[int, str, list[str]]]:
    rows = [
        (len(c.duplicates) + 1, c.survivor_doc_id, [c.survivor_doc_id, *c.duplicate_doc_ids[:2]])
        for c in batch
    ]
    return sorted(best + rows, key=lambda row: (-row[0], row[1]))[:LARGEST_SHOWN]
