"""All that the page tells beyond the index: read from the corpus, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpusforge.cost.receipt import Receipt, read_receipt
from corpusforge.files import exists, join
from corpusforge.parts.plan import PLAN_FOLDER, plan_path
from corpusforge.report.clusters import Clusters, sampled_clusters
from corpusforge.report.drops import Drops, sampled_drops
from corpusforge.report.rejects import SampledParts, sampled_parts
from corpusforge.report.sample import Stratum, sampled_strata, shown_documents
from corpusforge.shards.format import index_path
from corpusforge.shards.snapshot import Index, read_index


@dataclass(frozen=True, slots=True)
class Found:
    """What was read; empty, the page tells of the index alone."""

    strata: Sequence[Stratum] = ()
    documents: Mapping[str, Sequence[Mapping[str, Any]]] = field(
        default_factory=dict[str, Sequence[Mapping[str, Any]]]
    )
    parts: SampledParts = field(default_factory=lambda: SampledParts((), 0))
    drops: Drops = field(default_factory=Drops)
    clusters: Clusters = field(default_factory=Clusters)
    receipt: Receipt | None = None
    parent: Mapping[str, Any] | None = None
    """The header of the parent's index."""


def find(corpus: str, index: Index) -> Found:
    """Return what a page shows of a snapshot beside its index.

    Raises what a damaged file raises; parts that were removed since are not missed.
    """
    plan, header = index.header.get("plan"), index.header
    is_planned = plan is None or exists(plan_path(join(corpus, PLAN_FOLDER, plan)))
    parts = sampled_parts(corpus, header)
    parent = header.get("parent")
    has_parent = parent is not None and exists(join(corpus, index_path(parent)))
    return Found(
        strata=sampled_strata(corpus, index),
        documents=shown_documents(corpus, index),
        parts=parts,
        drops=sampled_drops(corpus, header, parts),
        clusters=sampled_clusters(corpus, index, parts) if is_planned else Clusters(),
        receipt=read_receipt(corpus, index.snapshot),
        parent=read_index(corpus, parent).header if has_parent else None,
    )
