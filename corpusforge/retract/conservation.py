"""What a header says became of every record, once documents are taken out: dropped, of reason `retracted`."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from corpusforge.document import DropReason
from corpusforge.shards.spill import Count

_BOILERPLATE, _RETRACTED = DropReason.BOILERPLATE.value, DropReason.RETRACTED.value


@dataclass(kw_only=True)
class Gone:
    """What went, by where it was before."""

    shards: list[Count] = field(default_factory=list[Count])
    """Of shards."""
    duplicates: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """(`source/domain`, `exact` or `near`): documents that dedup had taken out."""
    repeats: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """By `source/domain`, what repeats had counted of them."""
    redactions: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """By source."""


def conservation_without(conservation: Mapping[str, Any], gone: Gone) -> dict[str, Any]:
    """Return `conservation` of a header without documents: they are drops of reason `retracted`.

    What leaked between domains was counted with them, and is left out.
    """
    sources: dict[str, Any] = copy.deepcopy(dict(conservation.get("sources", {})))
    for count in gone.shards:
        _drop(sources, count.source, count.domain, count.documents)
    for (name, how), n in gone.duplicates.items():
        source, _, domain = name.rpartition("/")
        _drop(sources, source, domain, n)
        if of := sources.get(source):
            of[f"{how}_duplicates"] -= n
            of["duplicates_by_domain"][domain] -= n
    for name, counts in gone.repeats.items():
        source, _, domain = name.rpartition("/")
        if (of := sources.get(source)) is None:
            continue
        told: Counter[str] = Counter(of.get("repeats_by_domain", {}).get(domain, {}))
        told.subtract(counts)
        of.setdefault("repeats_by_domain", {})[domain] = dict(told)
        n = counts.get("documents_gone", 0)
        of["dropped"][_BOILERPLATE] = of["dropped"].get(_BOILERPLATE, 0) - n
        of["dropped"][_RETRACTED] = of["dropped"].get(_RETRACTED, 0) + n
    for source, made in gone.redactions.items():
        if of := sources.get(source):
            left: Counter[str] = Counter(of.get("redactions", {}))
            left.subtract(made)
            of["redactions"] = {name: n for name, n in sorted(left.items()) if n}
    for of in sources.values():
        of["dropped"] = {reason: n for reason, n in sorted(of["dropped"].items()) if n}
        for key in ("kept_by_domain", "duplicates_by_domain"):
            if key in of:
                of[key] = {domain: n for domain, n in of[key].items() if n}
    found = {key: value for key, value in conservation.items() if key != "leakage"}
    if "sources" in conservation:
        found["sources"] = sources
    if "rows" in conservation:
        found["rows"] = _rows_without(conservation["rows"], gone.shards)
    return found


def _drop(sources: dict[str, Any], source: str, domain: str, n: int) -> None:
    if (of := sources.get(source)) is None:
        return
    of["kept"] -= n
    of["dropped"][_RETRACTED] = of["dropped"].get(_RETRACTED, 0) + n
    if domain in of.get("kept_by_domain", {}):
        of["kept_by_domain"][domain] -= n


def _rows_without(rows: Iterable[Mapping[str, Any]], gone: Iterable[Count]) -> list[dict[str, Any]]:
    lost = {(count.source, count.domain, count.subset): asdict(count) for count in summed(gone)}
    found: list[dict[str, Any]] = []
    for row in rows:
        less = lost.get((row["source"], row["domain"], row["subset"]), {})
        left = {key: row[key] - less.get(key, 0) for key in ("documents", "tokens", "bytes")}
        if left["documents"]:
            found.append({**row, **left})
    return found


def summed(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Return counts summed by source, domain and subset, sorted."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for count in counts:
        entry = sums.setdefault((count.source, count.domain, count.subset), [0, 0, 0])
        for place, more in enumerate((count.documents, count.tokens, count.bytes)):
            entry[place] += more
    return tuple(
        Count(source=source, domain=domain, subset=subset, documents=documents, tokens=tokens, bytes=n_bytes)
        for (source, domain, subset), (documents, tokens, n_bytes) in sorted(sums.items())
    )
