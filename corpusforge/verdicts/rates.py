"""Error rates of a corpus from people's verdicts: by domain, subset, language, source, and of all of it.

Samples of several strata overlap: a German page may be among 50 of the web and among 30 of German. So
documents are grouped into cells, all documents of which lie in the same strata and in one domain and
subset; within a cell each had the same chance to be read. A rate is the mean of the rates of its cells,
each weighted by the documents that it has in the corpus.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.domains import SUBSETS, Domain, supply_key
from corpusforge.shards.arrow import pa
from corpusforge.shards.snapshot import Index
from corpusforge.verdicts.intervals import Counted, Rate, weighted
from corpusforge.verdicts.rows import Kind, Stratum, Verdict, latest
from corpusforge.verdicts.sample import in_stratum, sample_keys, stratum_tables

pc: Any = pyarrow.compute  # ships no types for what is used here

UNKNOWN = "unknown"
"""The name of documents whose language nobody told."""
_FIELDS = ("domain", "subset", "language", "source")
Labels = tuple[str, str, str | None, str]
"""Domain, subset, language and source of a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates:
    """How often documents of one group are wrong."""

    by: str
    """`all`, `domain`, `subset`, `language`, `source`, or `stratum`: one that was sampled."""
    name: str
    n_documents: int
    n_read: int
    n_covered: int
    """Documents of the cells of which any was read: the rates are theirs, and say nothing of others."""
    error: Rate | None
    """Documents that are not right: of the wrong domain, or bad text. None where none was read."""
    wrong_domain: Rate | None
    bad_text: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRead:
    """How far a sample was read."""

    stratum: Stratum
    seed: int
    n_read: int
    reached: int
    """The place in the sample of the last document that was read; where it is above `n_read`, the
    others before it were skipped, and what is skipped is seldom like what is read."""
    n_documents: int
    """Of the stratum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """What verdicts say of a snapshot."""

    snapshot: str
    confidence: float
    groups: tuple[GroupRates, ...]
    samples: tuple[SampleRead, ...]
    should_be: tuple[tuple[str, str, int], ...]
    """(domain or domain/subset, the right one, documents) of verdicts that tell the right one."""
    n_verdicts: int
    """That were counted; one reader's on one document once."""
    n_agreed: tuple[int, int]
    """Documents on which all of several readers agree, and documents that several read."""
    left_out: tuple[tuple[str, int], ...]
    """Why verdicts were not counted, and how many."""

    @property
    def all(self) -> GroupRates | None:
        """The rates of the whole corpus; None where nothing was read."""
        return next((group for group in self.groups if group.by == "all"), None)


def error_rates(
    corpus: str, index: Index, verdicts: Iterable[Verdict], confidence: float = 0.95
) -> ErrorRates:
    """Return the error rates of a snapshot with their intervals.

    Counted are the latest verdicts of each reader on documents of this snapshot that were found by
    sampling. Reads ids, languages and sources of the docs tables; no text. Raises ValueError where
    the corpus is damaged, OSError where it cannot be read.
    """
    given = latest(verdicts)
    others = Counter(verdict.snapshot for verdict in given if verdict.snapshot != index.snapshot)
    here = [verdict for verdict in given if verdict.snapshot == index.snapshot]
    census = _take_census(corpus, index, here)
    opinions, left_out = _counted(here, census.judged)
    strata = list(dict.fromkeys(stratum for stratum, _ in census.reached))
    groups = _Groups(census, opinions, strata, confidence)
    several = [{verdict.verdict for verdict in held} for held in opinions.values() if len(held) > 1]
    return ErrorRates(
        snapshot=index.snapshot,
        confidence=confidence,
        groups=tuple(groups.all_of_them()),
        samples=tuple(_samples(census, opinions)),
        should_be=tuple(_should_be(census, opinions)),
        n_verdicts=sum(map(len, opinions.values())),
        n_agreed=(sum(len(kinds) == 1 for kinds in several), len(several)),
        left_out=(*((f"of snapshot {name}", n) for name, n in sorted(others.items())), *left_out),
    )


@dataclass(slots=True)
class _Census:
    """What one pass over the docs tables tells."""

    counts: Counter[Labels]
    judged: dict[str, Labels]
    """Of the documents that verdicts are on, those that the snapshot holds."""
    reached: dict[tuple[Stratum, int], int]
    """The key of the last document of a sample that was read."""
    passed: Counter[tuple[Stratum, int]]
    """Documents of a sample up to there."""


def _take_census(corpus: str, index: Index, verdicts: Sequence[Verdict]) -> _Census:
    judged_ids = sorted({verdict.doc_id for verdict in verdicts})
    keys: dict[tuple[Stratum, int], list[str]] = {}
    for verdict in verdicts:
        if verdict.seed is not None:
            keys.setdefault((verdict.stratum, verdict.seed), []).append(verdict.doc_id)
    reached = {drawn: int(sample_keys(ids, drawn[1]).max()) for drawn, ids in keys.items()}
    census = _Census(Counter(), {}, reached, Counter())
    wanted = pa.array(judged_ids, pa.string())
    for shard, _, table in stratum_tables(corpus, index, Stratum(), ["doc_id", "language", "source"]):
        names = (shard.domain, shard.subset)
        grouped = table.group_by(["language", "source"]).aggregate([([], "count_all")])
        for row in grouped.to_pylist():
            census.counts[(*names, row["language"], row["source"])] += row["count_all"]
        for row in table.filter(pc.is_in(table["doc_id"], value_set=wanted)).to_pylist():
            census.judged[row["doc_id"]] = (*names, row["language"], row["source"])
        _pass(census, names, table)
    return census


def _pass(census: _Census, names: tuple[str, str], table: Any) -> None:
    """Count the documents of a table that come in a sample no later than the last that was read."""
    by_seed: dict[int, NDArray[np.uint64]] = {}
    for (stratum, seed), last in census.reached.items():
        if stratum.domain not in (None, names[0]) or stratum.subset not in (None, names[1]):
            continue
        if seed not in by_seed:
            by_seed[seed] = sample_keys(table["doc_id"].to_pylist(), seed)
        early = (by_seed[seed] <= np.uint64(last)) & in_stratum(table, stratum)
        census.passed[stratum, seed] += int(early.sum())


def _counted(
    verdicts: Sequence[Verdict], judged: Mapping[str, Labels]
) -> tuple[dict[str, list[Verdict]], list[tuple[str, int]]]:
    """Return (verdicts that count, by document; why others do not, and how many)."""
    sampled = {verdict.doc_id for verdict in verdicts if verdict.seed is not None}
    counted: dict[str, list[Verdict]] = {}
    left_out: Counter[str] = Counter()
    for verdict in verdicts:
        labels = judged.get(verdict.doc_id)
        if labels is None:
            left_out["of documents that this snapshot does not hold"] += 1
        elif verdict.doc_id not in sampled:
            left_out["of documents that were not sampled"] += 1
        elif verdict.right_domain in (labels[0], supply_key(*labels[:2])):
            left_out["wrong_domain, with the document's own as the right one"] += 1
        else:
            counted.setdefault(verdict.doc_id, []).append(verdict)
    return counted, sorted(left_out.items())


class _Groups:
    def __init__(
        self,
        census: _Census,
        opinions: Mapping[str, Sequence[Verdict]],
        strata: Sequence[Stratum],
        confidence: float,
    ) -> None:
        self._census = census
        self._opinions = opinions
        self._strata = strata
        self._confidence = confidence
        self._cell_of = {labels: self._cell(labels) for labels in census.counts}

    def _cell(self, labels: Labels) -> tuple[Any, ...]:
        named = dict(zip(_FIELDS, labels, strict=True))
        return (*labels[:2], *(stratum.holds(named) for stratum in self._strata))

    def all_of_them(self) -> Iterator[GroupRates]:
        """Yield the groups in the order in which they are printed."""
        counts = self._census.counts
        yield self._group("all", "all", lambda labels: True)
        domains = {labels[0] for labels in counts}
        for domain in (domain.value for domain in Domain if domain in domains):
            yield self._group("domain", domain, lambda labels, domain=domain: labels[0] == domain)
            for subset in SUBSETS[Domain(domain)] if len(SUBSETS[Domain(domain)]) > 1 else ():
                wanted = (domain, subset.value)
                yield self._group("subset", supply_key(*wanted), lambda labels, of=wanted: labels[:2] == of)
        for place, by in ((2, "language"), (3, "source")):
            read = Counter(self._census.judged[doc_id][place] for doc_id in self._opinions)
            for value in sorted(read, key=lambda value: (-read[value], value or "")):
                yield self._group(by, value or UNKNOWN, lambda labels, at=place, of=value: labels[at] == of)
        for stratum in self._strata:
            yield self._group(
                "stratum",
                str(stratum),
                lambda labels, of=stratum: of.holds(dict(zip(_FIELDS, labels, strict=True))),
            )

    def _group(self, by: str, name: str, holds: Callable[[Labels], bool]) -> GroupRates:
        sizes: Counter[tuple[Any, ...]] = Counter()
        for labels, n in self._census.counts.items():
            if holds(labels):
                sizes[self._cell_of[labels]] += n
        read: dict[tuple[Any, ...], list[Sequence[Verdict]]] = {}
        for doc_id, held in self._opinions.items():
            labels = self._census.judged[doc_id]
            if holds(labels):
                read.setdefault(self._cell_of[labels], []).append(held)
        return GroupRates(
            by=by,
            name=name,
            n_documents=sizes.total(),
            n_read=sum(map(len, read.values())),
            n_covered=sum(sizes[cell] for cell in read),
            error=self._rate(sizes, read, (Kind.WRONG_DOMAIN, Kind.BAD_TEXT)),
            wrong_domain=self._rate(sizes, read, (Kind.WRONG_DOMAIN,)),
            bad_text=self._rate(sizes, read, (Kind.BAD_TEXT,)),
        )

    def _rate(
        self, sizes: Mapping[Any, int], read: Mapping[Any, Sequence[Sequence[Verdict]]], kinds: Sequence[Kind]
    ) -> Rate | None:
        cells = [
            Counted(sizes[cell], len(documents), math.fsum(_share(held, kinds) for held in documents))
            for cell, documents in sorted(read.items(), key=lambda entry: entry[0])
        ]
        return weighted(cells, self._confidence)


def _share(held: Sequence[Verdict], kinds: Sequence[Kind]) -> float:
    """Return the share of a document's readers who say one of some things."""
    return sum(verdict.verdict in kinds for verdict in held) / len(held)


def _samples(census: _Census, opinions: Mapping[str, Sequence[Verdict]]) -> Iterator[SampleRead]:
    read = {doc_id: dict(zip(_FIELDS, census.judged[doc_id], strict=True)) for doc_id in opinions}
    for (stratum, seed), last in census.reached.items():
        inside = [doc_id for doc_id, named in read.items() if stratum.holds(named)]
        n_read = int((sample_keys(inside, seed) <= np.uint64(last)).sum())
        n_documents = sum(
            n for labels, n in census.counts.items() if stratum.holds(dict(zip(_FIELDS, labels, strict=True)))
        )
        yield SampleRead(
            stratum=stratum,
            seed=seed,
            n_read=n_read,
            reached=census.passed[stratum, seed],
            n_documents=n_documents,
        )


def _should_be(census: _Census, opinions: Mapping[str, Sequence[Verdict]]) -> Iterator[tuple[str, str, int]]:
    told: Counter[tuple[str, str]] = Counter()
    for doc_id, held in opinions.items():
        own = supply_key(*census.judged[doc_id][:2])
        for right in {verdict.right_domain for verdict in held if verdict.right_domain}:
            told[own, right] += 1
    for (own, right), n in sorted(told.items(), key=lambda entry: (-entry[1], entry[0])):
        yield own, right, n
