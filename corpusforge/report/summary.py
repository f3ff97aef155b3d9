"""The sums that a table or a page shows, taken from a snapshot's conservation record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from corpusforge.document import DropReason
from corpusforge.domains import SUBSETS, supply_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much of a corpus something is: documents, tokens with EOS, bytes of text."""

    documents: int
    tokens: int
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEnds:
    """Where the records of one source ended: the ends sum to `records_in`."""

    source: str
    n_bytes_in: int
    """Bytes of the dumps, as they lie on disk."""
    records_in: int
    no_documents: int
    """Records that never were documents: WARC requests and metadata, directories, links. No drops."""
    dropped: int
    quarantined: int
    exact_duplicates: int
    near_duplicates: int
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All the sums, each in the order in which it is shown."""

    whole: Amount
    domains: dict[str, Amount]
    """By `math/scaffold`-like key, domains in the order of `Domain`, empty ones left out."""
    by_source: dict[tuple[str, str], Amount]
    """By (source, key): sources by name, domains in their order."""
    sources: list[SourceEnds]
    dropped: list[tuple[str, int, dict[str, int]]]
    """(reason, records, records by source), the most frequent first."""
    no_documents: dict[str, int]
    """Records that never were documents, by source."""
    redactions: dict[str, int]

    @property
    def records_in(self) -> int:
        """Records read from all sources."""
        return sum(source.records_in for source in self.sources)

    @property
    def could_be_documents(self) -> int:
        """Records read but those that never were documents: what shares of drops are of."""
        return self.records_in - sum(self.no_documents.values())


DOMAIN_KEYS = tuple(supply_key(domain, subset) for domain in SUBSETS for subset in SUBSETS[domain])


def summarise(conservation: Mapping[str, Any]) -> Summary:
    """Return the sums of a conservation record: {"sources": {name: ends}, "rows": [amounts]}.

    A record with missing parts (an empty corpus) gives zeros.
    """
    rows = cast("Sequence[Mapping[str, Any]]", conservation.get("rows", ()))
    ends = cast("Mapping[str, Mapping[str, Any]]", conservation.get("sources", {}))
    by_key = {key: [row for row in rows if _key(row) == key] for key in _keys(rows)}
    by_source = {
        (source, key): _amount([row for row in of_key if row["source"] == source])
        for source in sorted({str(row["source"]) for row in rows})
        for key, of_key in by_key.items()
        if any(row["source"] == source for row in of_key)
    }
    documents: Counter[str] = Counter()
    for (source, _), amount in by_source.items():
        documents[source] += amount.documents
    return Summary(
        whole=_amount(rows),
        domains={key: _amount(of_key) for key, of_key in by_key.items()},
        by_source=by_source,
        sources=[_source_ends(name, ends[name], documents[name]) for name in sorted(ends)],
        dropped=_dropped(ends),
        no_documents={name: n for name in sorted(ends) if (n := _no_documents(ends[name]))},
        redactions=_summed(source.get("redactions", {}) for source in ends.values()),
    )


def _key(row: Mapping[str, Any]) -> str:
    return supply_key(str(row["domain"]), str(row["subset"]))


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    present = {_key(row) for row in rows}
    return [key for key in DOMAIN_KEYS if key in present] + sorted(present.difference(DOMAIN_KEYS))


def _amount(rows: Sequence[Mapping[str, Any]]) -> Amount:
    return Amount(
        documents=sum(int(row["documents"]) for row in rows),
        tokens=sum(int(row["tokens"]) for row in rows),
        n_bytes=sum(int(row["bytes"]) for row in rows),
    )


def _source_ends(name: str, ends: Mapping[str, Any], documents: int) -> SourceEnds:
    return SourceEnds(
        source=name,
        n_bytes_in=int(ends.get("bytes_in", 0)),
        records_in=int(ends["records_in"]),
        no_documents=_no_documents(ends),
        dropped=sum(int(n) for n in ends["dropped"].values()) - _no_documents(ends),
        quarantined=int(ends["quarantined"]),
        exact_duplicates=int(ends["exact_duplicates"]),
        near_duplicates=int(ends["near_duplicates"]),
        documents=documents,
    )


def _no_documents(ends: Mapping[str, Any]) -> int:
    return int(ends["dropped"].get(DropReason.NOT_CONTENT.value, 0))


def _dropped(ends: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int, dict[str, int]]]:
    by_reason: dict[str, dict[str, int]] = {}
    for name in sorted(ends):
        for reason, n_records in ends[name]["dropped"].items():
            if reason == DropReason.NOT_CONTENT.value:
                continue
            by_reason.setdefault(reason, {})[name] = int(n_records)
    found = [(reason, sum(sources.values()), sources) for reason, sources in by_reason.items()]
    return sorted(found, key=lambda row: (-row[1], row[0]))


def _summed(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for mapping in counts:
        total.update({str(name): int(n) for name, n in mapping.items()})
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
