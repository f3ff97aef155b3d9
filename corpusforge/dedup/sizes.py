"""How a dedup run is cut into tasks: from the number of documents and parts, nothing to tune.

Every bound is on what one task holds; the number of tasks follows. The results depend on none
of the numbers here but `bucket_rows` and `cluster_rows`, past which a bucket or a cluster is
compared in several tasks (see `hot` and `giants`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import policy_of

PARTITION_KEYS = 1 << 22
"""Band keys of one task: 64 MB of pairs, some 250 MB while they are counted."""
SPAN_DOCUMENTS = 1 << 17
"""Documents whose sidecars one task reads: 75 MB at 128 permutations; 1 GB sent where all share all bands."""
FEWEST_SPANS = 16
"""So that a small corpus keeps several workers busy."""
TASK_ROWS = 1 << 17
"""Signature rows that one task compares: 76 MB at 128 permutations, twice that while they arrive."""
SHINGLED_TASK_ROWS = 1 << 13
"""The same where shingles come with them: some 3 KB a document of 4 KB."""
EDGES_PER_TASK = 1 << 21
"""Documents for each file of edges: up to 16 edges each come, mostly fewer than one is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Numbers of tasks of one run, and the bounds on each."""

    n_parts: int
    spans: int
    """Runs of parts, one task each."""
    partitions: int
    """Of band keys."""
    edge_partitions: int
    task_rows: int
    bucket_rows: int
    """Members of a bucket that are compared in one task."""
    cluster_rows: int
    """Members of a cluster that are compared in one task."""
    levels: int
    """How often the leaders of a bucket's pieces are compared again, at most."""

    def cluster_tasks(self, n_edges: int) -> int:
        """Return how many tasks compare the clusters of so many edges."""
        return 1 + n_edges // self.task_rows

    def fan_in(self) -> int:
        """Return how many pieces of a bucket send their leaders to one task."""
        return max(2, self.bucket_rows // 128)


def sizes_of(n_documents: int, n_parts: int, config: DedupConfig) -> Sizes:
    """Return the sizes of a run over so many documents in so many parts."""
    n_keys = n_documents * (2 + policy_of(config).bands)
    rows = SHINGLED_TASK_ROWS if config.check == "jaccard" else TASK_ROWS
    sizes = Sizes(
        n_parts=n_parts,
        spans=max(1, min(n_parts, max(FEWEST_SPANS, -(-n_documents // SPAN_DOCUMENTS)))),
        partitions=config.partitions or max(1, -(-n_keys // PARTITION_KEYS)),
        edge_partitions=max(1, -(-n_documents // EDGES_PER_TASK)),
        task_rows=rows,
        bucket_rows=TASK_ROWS,
        cluster_rows=TASK_ROWS,
        levels=0,
    )
    return with_levels(sizes, n_documents)


def with_levels(sizes: Sizes, n_documents: int) -> Sizes:
    """Return sizes whose levels are enough for one bucket of all documents."""
    pieces, levels = -(-n_documents // sizes.bucket_rows), 0
    while pieces > 1:
        pieces, levels = -(-pieces // sizes.fan_in()), levels + 1
    return replace(sizes, levels=levels)
