"""The contamination audit: items found, recall by injection into this corpus's own text, hits to read."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from corpusforge.card.sample import Sample
from corpusforge.document import DropReason
from corpusforge.filter import FilterConfig, load_tables
from corpusforge.filter.decontamination.audit import flags, hosts, recall, sampled
from corpusforge.filter.decontamination.benchmarks import (
    TABLE_ENDING,
    files_sha256,
    parse_items,
    read_files,
)
from corpusforge.filter.decontamination.injection import EDITS
from corpusforge.filter.privacy.redaction import redact_excerpt
from corpusforge.report.rejects import read_drops, sampled_parts
from corpusforge.shards.snapshot import Index

PARTS = 256
"""Parts whose drops are read for items that were found."""
HITS = 100
"""Hits that a person is asked to read."""
ITEMS = 25
"""Items of a benchmark that are injected."""
HOSTS = 60
"""Documents of a subset that they are injected into."""
ASKED_SHARE = 0.5

_DETAIL = re.compile(
    r'contains (?P<benchmark>\S+) item (?P<item>.+?) \(characters (?P<place>\d+-\d+): "(?P<begins>.*?)…?", '
    r"(?P<found>\d+) of (?P<of>\d+) n-grams\)"
)
_QUESTION = re.compile(r"[?？]|\bdef \w+\(|\bassert |求|多少|几|证明|计算")
_TASK = re.compile(
    r"\b(?:find|compute|calculate|evaluate|determine|prove|show|solve|simplify|express|expand|factor|write"
    r"|implement|specify|distribute|divide|multiply|graph|convert|return|print)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"[0-9$\\]")


def asks(item: str) -> bool:
    """Return whether an item poses a question or a task, and is no mere passage.

    A question mark, a function or an assertion, a Chinese question word; or a word that sets a task
    (find, prove, write, …) in a text that holds figures or formulas.
    """
    if _QUESTION.search(item):
        return True
    return _TASK.search(item) is not None and _FIGURES.search(item) is not None


def dropped_hits(corpus: str, header: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int, int]:
    """Return (hits among the drops of some parts, how many parts were read, parts in all)."""
    parts = sampled_parts(corpus, header, PARTS)
    found: list[dict[str, Any]] = []
    for batch in read_drops(corpus, header, parts, ["doc_id", "locator", "reason", "detail"], most=None):
        for row in batch.to_pylist():
            if row["reason"] == DropReason.CONTAMINATED and (match := _DETAIL.match(row["detail"] or "")):
                found.append(
                    {
                        "doc_id": row["doc_id"],
                        "locator": row["locator"],
                        "benchmark": match["benchmark"],
                        "item": match["item"],
                        "found": int(match["found"]),
                        "of": int(match["of"]),
                        "begins": match["begins"],
                    }
                )
    return found, len(parts.ids), parts.n_parts


def by_benchmark(hits: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, int]]:
    """Return (benchmark, distinct items found, documents touched), by name."""
    items = {(str(hit["benchmark"]), str(hit["item"])) for hit in hits}
    documents = Counter(str(hit["benchmark"]) for hit in hits)
    return [(name, sum(of == name for of, _ in items), documents[name]) for name in sorted(documents)]


def audit(
    corpus: str, index: Index, sample: Sample, benchmarks: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return (figures, hits to read) of the items at a path, by the thresholds of the corpus.

    Items are injected, `ITEMS` of each benchmark, into documents of every subset in which none is
    found, verbatim and lightly edited. Raises ValueError where there are no items.
    """
    if benchmarks.endswith(TABLE_ENDING):
        raise ValueError(f"{benchmarks}: a table holds hashes; name the items that it was built from")
    files = read_files(benchmarks)
    config = _config(index, benchmarks)
    tables = load_tables(config)
    assert tables is not None
    items = [item for name, data in files for item in parse_items(data, name)]
    texts = [text for stratum in sample.strata.values() for text in stratum.texts[:HOSTS]]
    clean = hosts(texts, tables, config)
    if not clean:
        raise ValueError(f"{corpus}: no sampled document of 300 characters or more to inject items into")
    rates = recall(sampled(items, ITEMS), clean, tables, config, EDITS)
    by_name = {(item.benchmark, item.name): item.text for item in items}
    dropped = dropped_hits(corpus, index.header)[0]
    kept, n_looked_at = (
        list(_kept(sample, by_name, tables, config)),
        sum(len(s.texts) for s in sample.strata.values()),
    )
    pinned = index.header["config"].get("filter", {}).get("benchmarks_sha256", "")
    hits = [_with_item(hit, by_name) for hit in [*dropped, *kept]]
    read = sorted(hits, key=_place)[:HITS]
    figures = {
        "items": {
            name: sum(item.benchmark == name for item in items)
            for name in sorted({i.benchmark for i in items})
        },
        "sha256": files_sha256(files),
        "is_pinned": files_sha256(files) == pinned,
        "documents": len(clean),
        "recall": {
            benchmark: {name: [rate.found, rate.tried] for name, rate in of.items()}
            for benchmark, of in rates.items()
        },
        "kept": {"documents": n_looked_at, "found": [list(row) for row in by_benchmark(kept)]},
        "hits": {
            "all": len(hits),
            "read": len(read),
            "answer_bearing": sum(bool(hit["answer_bearing"]) for hit in hits),
            "by_benchmark": _answer_bearing(hits),
        },
    }
    return figures, read


def _config(index: Index, benchmarks: str) -> FilterConfig:
    """Return the thresholds of a corpus with the items at a path; lists of others are not read."""
    told = cast("dict[str, Any]", index.header["config"].get("filter", {}))
    names = ("contamination", "contamination_min_share", "contamination_short_min_share")
    return FilterConfig.model_validate(
        {**{name: told[name] for name in names if name in told}, "benchmarks": benchmarks}
    )


def _kept(
    sample: Sample, items: Mapping[tuple[str, str], str], tables: Any, config: FilterConfig
) -> Iterator[dict[str, Any]]:
    """Yield a hit for each sampled document, as it is kept, in which an item is found."""
    for stratum in sample.strata.values():
        locators = {row["doc_id"]: row["locator"] for row in stratum.rows}
        documents = zip((row["doc_id"] for row in stratum.rows), stratum.texts, strict=True)
        for flag in flags(documents, items, tables, config):
            yield {
                "doc_id": flag.doc_id,
                "locator": locators[flag.doc_id],
                "benchmark": flag.leak.benchmark,
                "item": flag.leak.name,
                "found": flag.leak.n_found,
                "of": flag.leak.n_ngrams,
                "begins": " ".join(redact_excerpt(flag.span[:300], config)[0].split()),
                "kept": True,
            }


def _with_item(hit: Mapping[str, Any], items: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return a hit with the item's text, and whether it bears an answer by the rule."""
    text = items.get((hit["benchmark"], hit["item"]), "")
    is_asked = asks(text) and hit["found"] >= ASKED_SHARE * hit["of"]
    return {**hit, "item_text": text[:400], "answer_bearing": is_asked, "verdict": None}


def _answer_bearing(hits: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Return by benchmark (hits that bear an answer by the rule, hits)."""
    whole, bearing = Counter(str(hit["benchmark"]) for hit in hits), Counter[str]()
    for hit in hits:
        bearing[str(hit["benchmark"])] += bool(hit["answer_bearing"])
    return {name: [bearing[name], whole[name]] for name in sorted(whole)}


def _place(hit: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(f"{hit['doc_id']}\0{hit['benchmark']}\0{hit['item']}".encode()).digest()
