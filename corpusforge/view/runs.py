"""Which dedup runs of a corpus are those of a snapshot: by the same hash of parts and settings as a build's."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any, cast

from corpusforge.dedup.config import DedupConfig
from corpusforge.files import base_name, join
from corpusforge.parts.plan import PLAN_FOLDER, Plan, SourceParts, manifest_rows, read_plan
from corpusforge.parts.waves import waves
from corpusforge.shards.snapshot import Index


def dedup_runs(corpus: str, index: Index) -> list[str]:
    """Return the names of the folders below `clusters/` that a snapshot stands on, in order; none without dedup."""
    settings = index.header.get("config", {}).get("dedup")
    if not settings or settings.get("method") == "off":
        return []
    config = SimpleNamespace(output=corpus, dedup=DedupConfig.model_validate(settings))
    return [base_name(wave.folder) for wave in waves(_plan(corpus, index), cast(Any, config))]


def _plan(corpus: str, index: Index) -> Plan:
    if index.header.get("plan"):
        return read_plan(join(corpus, PLAN_FOLDER, index.header["plan"]))
    digests: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for row in manifest_rows(corpus, index.header):
        source = str(row.get("source", ""))
        digests.setdefault(source, hashlib.sha256()).update(f"{row.get('part_id', '')}\n".encode())
        counts[source] = counts.get(source, 0) + 1
    sources = tuple(
        SourceParts(name=name, first=0, count=counts[name], size_bytes=0, digest=digest.hexdigest())
        for name, digest in digests.items()
    )
    return Plan(folder="", plan_id="", n_parts=sum(counts.values()), n_shared=0, sources=sources)
