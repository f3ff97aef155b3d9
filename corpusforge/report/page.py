"""The page: what a snapshot holds, where every record went, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.domains import supply_key
from corpusforge.printable import counted_as
from corpusforge.report.cards import clusters_section, documents_section, drops_section
from corpusforge.report.dedup import dedup_section, repeats_section
from corpusforge.report.distributions import distributions
from corpusforge.report.found import Found
from corpusforge.report.html import (
    ROWS_SHOWN,
    bar,
    colour_of,
    contents,
    count,
    escape,
    section,
    size,
    stack,
    table,
    tile,
)
from corpusforge.report.leakage import leakage_section
from corpusforge.report.marks import cut
from corpusforge.report.overview import contents_section, distributions_section, funnel_section
from corpusforge.report.parent import parent_section
from corpusforge.report.plots import PLOT_STYLE
from corpusforge.report.receipt import times_section
from corpusforge.report.style import STYLE
from corpusforge.report.summary import SourceEnds, Summary, summarise

_NOTHING = Found()
_NAME_COLUMNS = 120


def render_page(
    snapshot: str, header: Mapping[str, Any], shards: Sequence[Mapping[str, Any]], found: Found = _NOTHING
) -> str:
    """Return a whole HTML page about a snapshot: no outside resource, no script.

    `header` is the index without its shards, `shards` the shard rows as JSON objects, `found` what the
    corpus itself was asked for. The same arguments give the same bytes.
    """
    conservation: Mapping[str, Any] = header.get("conservation", {})
    summary = summarise(conservation)
    corpus = escape(str(header.get("corpus_id", "corpus")))
    of_drops = found.drops.weighted({reason: n_records for reason, n_records, _ in summary.dropped})
    plots = distributions(found.strata, header.get("config", {}), of_drops)
    sections = [
        funnel_section(summary, conservation),
        _domains(summary),
        _sources_by_domain(summary),
        _ends(summary),
        _drops(summary),
        contents_section(found.strata),
        distributions_section(found.strata, plots),
        documents_section(found.documents),
        drops_section(found.drops, summary, found.parts) if found.parts.ids else "",
        clusters_section(found.clusters, found.parts),
        dedup_section(conservation),
        repeats_section(conservation),
        leakage_section(conservation.get("leakage")),
        _redactions(summary),
        times_section(found.receipt),
        parent_section(header, found.parent),
        _provenance(header),
        _inputs(header),
        _shards(shards),
    ]
    sections = [one for one in sections if one]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{corpus}: snapshot {escape(snapshot)}</title>\n"
        f"<style>\n{STYLE}{PLOT_STYLE}</style></head>\n<body><main>"
        f"<header><h1>{corpus}</h1><p>snapshot <code>{escape(snapshot)}</code></p></header>\n"
        f'<div class="tiles">{_tiles(summary, header)}</div>\n'
        + f"<nav>{contents(sections)}</nav>\n"
        + "\n".join(sections)
        + "\n</main></body></html>\n"
    )


def _tiles(summary: Summary, header: Mapping[str, Any]) -> str:
    totals, whole = header.get("totals", {}), summary.whole
    duplicates = sum(s.exact_duplicates + s.near_duplicates for s in summary.sources)
    dropped = sum(s.dropped for s in summary.sources)
    quarantined = sum(s.quarantined for s in summary.sources)
    could = summary.could_be_documents
    return "".join(
        [
            tile(count(totals.get("n_tokens", whole.tokens)), "tokens", "end-of-text marks included"),
            tile(count(totals.get("n_docs", whole.documents)), "documents", size(whole.n_bytes)),
            tile(count(summary.records_in), "records read", _sources_told(summary)),
            tile(count(dropped), "dropped", _share(dropped, could)),
            tile(count(duplicates), "duplicates", _share(duplicates, could)),
            tile(count(quarantined), "quarantined", _share(quarantined, could)),
        ]
    )


def _sources_told(summary: Summary) -> str:
    never = sum(summary.no_documents.values())
    told = counted_as(len(summary.sources), "source")
    return f"{told}; {count(never)} never were documents" if never else told


def _domains(summary: Summary) -> str:
    parts = [(key, amount.tokens, colour_of(key)) for key, amount in summary.domains.items()]
    legend = "".join(
        f"<span>{_named(key)} {_share(tokens, summary.whole.tokens)}</span>" for key, tokens, _ in parts
    )
    largest = max((tokens for _, tokens, _ in parts), default=0)
    rows = [
        [
            _named(key),
            bar(amount.tokens, largest, colour_of(key)),
            count(amount.documents),
            count(amount.tokens),
            _share(amount.tokens, summary.whole.tokens),
            size(amount.n_bytes),
        ]
        for key, amount in summary.domains.items()
    ]
    columns = ["domain", "", "documents", "tokens", "share", "text"]
    whole = summary.whole
    total = ["all", "", count(whole.documents), count(whole.tokens), "", size(whole.n_bytes)]
    body = f'{stack(parts, "tokens by domain")}<div class="legend">{legend}</div>'
    return section("Domains", body + table(columns, rows, words=2, total=total))


def _sources_by_domain(summary: Summary) -> str:
    largest = max((amount.tokens for amount in summary.by_source.values()), default=0)
    rows: list[list[str]] = []
    last = ""
    for (source, key), amount in summary.by_source.items():
        name = "" if source == last else f"<b>{escape(source)}</b>"
        last = source
        rows.append(
            [
                name,
                _named(key),
                bar(amount.tokens, largest, colour_of(key)),
                count(amount.documents),
                count(amount.tokens),
                size(amount.n_bytes),
            ]
        )
    columns = ["source", "domain", "", "documents", "tokens", "text"]
    return section("Documents and tokens by source and domain", table(columns, rows, words=3))


def _ends(summary: Summary) -> str:
    rows: list[list[str]] = []
    balanced = True
    for s in summary.sources:
        records_in, *ends = _figures(s)
        balanced = balanced and sum(ends) == records_in
        rows.append([f"<b>{escape(s.source)}</b>", *map(count, _figures(s))])
    columns = [
        "source",
        "records in",
        "no documents",
        "dropped",
        "quarantined",
        "exact dup.",
        "near dup.",
        "in shards",
    ]
    sums = [sum(column) for column in zip(*(_figures(s) for s in summary.sources), strict=True)]
    total = ["all", *map(count, sums)] if sums else None
    verdict = (
        '<p><span class="good">Every record is accounted for:</span> no documents + dropped + '
        "quarantined + duplicates + in shards = records in, for each source. No documents: WARC requests and "
        "metadata, directories, links, indexes, which are counted and nothing more.</p>"
        if balanced
        else '<p><span class="bad">The ends do not add up to the records in.</span></p>'
    )
    return section("Where every record went", verdict + table(columns, rows, total=total))


def _figures(s: SourceEnds) -> list[int]:
    ends = [s.no_documents, s.dropped, s.quarantined, s.exact_duplicates, s.near_duplicates, s.documents]
    return [s.records_in, *ends]


def _named(key: str) -> str:
    return f'<i style="background:{colour_of(key)}"></i>{escape(key)}'


def _drops(summary: Summary) -> str:
    if not summary.dropped:
        return ""
    largest = summary.dropped[0][1]
    rows = [
        [
            f"<code>{escape(reason)}</code>",
            bar(n_records, largest, colour_of("drop")),
            escape(", ".join(f"{source} {count(n)}" for source, n in sources.items())),
            count(n_records),
            _share(n_records, summary.could_be_documents),
        ]
        for reason, n_records, sources in summary.dropped
    ]
    columns = ["reason", "", "from", "records", "share of what could be documents"]
    return section("Drops by reason", table(columns, rows, words=3))


def _redactions(summary: Summary) -> str:
    if not summary.redactions:
        return ""
    largest = max(summary.redactions.values())
    rows = [
        [f"<code>{escape(kind)}</code>", bar(spans, largest, colour_of("drop")), count(spans)]
        for kind, spans in summary.redactions.items()
    ]
    return section("Redactions", table(["type", "", "spans replaced"], rows, words=2))


def _shards(shards: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            escape(supply_key(str(row["domain"]), str(row["subset"]))),
            f"<code>{escape(str(row['id']))}</code>",
            count(row["n_docs"]),
            count(row["n_tokens"]),
            size(row["bytes"]),
            f"<code>{escape(str(row['sha256'])[:16])}…</code>",
        ]
        for row in shards[:ROWS_SHOWN]
    ]
    columns = ["domain", "shard", "documents", "tokens", "payload", "sha256"]
    return section(f"Shards ({count(len(shards))})", table(columns, rows, words=2, n_rows=len(shards)))


def _provenance(header: Mapping[str, Any]) -> str:
    tokenizer: Mapping[str, Any] = header.get("tokenizer", {})
    package = f"{tokenizer.get('package', '')} {tokenizer.get('version', '')}"
    facts = {
        "tokenizer": f"{tokenizer.get('name', '')} ({package.strip()})",
        "vocabulary sha256": tokenizer.get("vocabulary_sha256", ""),
        "probe sha256": tokenizer.get("probe_sha256", ""),
        "end-of-text id": tokenizer.get("eos_id", ""),
        "token dtype": header.get("dtype", ""),
        "seed": header.get("seed", ""),
        "configuration sha256": header.get("config_sha256", ""),
        "code version": header.get("code_version", ""),
        "schema version": header.get("schema_version", ""),
        "parent snapshot": header.get("parent") or "none",
    }
    rows = [[escape(name), f"<code>{escape(str(value))}</code>"] for name, value in facts.items()]
    return section("Made with", table(["", ""], rows, words=2))


def _inputs(header: Mapping[str, Any]) -> str:
    inputs: Sequence[Mapping[str, Any]] = header.get("inputs", ())
    if plan := header.get("plan"):
        body = f"<p>One row each in <code>plan/{escape(plan)}/parts.parquet</code>.</p>"
        return section(f"Inputs ({count(header['n_inputs'])})", body)
    rows = [
        [
            escape(cut(str(row.get("name", "")), _NAME_COLUMNS)),
            escape(str(row.get("kind", ""))),
            size(row.get("size_bytes", 0)),
            f"<code>{escape(str(row.get('digest', ''))[:16])}…</code>",
        ]
        for row in inputs[:ROWS_SHOWN]
    ]
    body = table(["input", "kind", "bytes", "digest"], rows, words=2, n_rows=len(inputs))
    return section(f"Inputs ({count(len(inputs))})", body) if inputs else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
