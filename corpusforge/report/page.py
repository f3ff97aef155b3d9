"""The page: what a snapshot holds, where every record went, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.domains import supply_key
from corpusforge.report.dedup import dedup_section, repeats_section
from corpusforge.report.html import bar, colour_of, count, escape, size, stack, table, tile
from corpusforge.report.leakage import leakage_section
from corpusforge.report.style import STYLE
from corpusforge.report.summary import SourceEnds, Summary, summarise

_SHARDS_SHOWN = 500
_INPUTS_SHOWN = 500


def render_page(snapshot: str, header: Mapping[str, Any], shards: Sequence[Mapping[str, Any]]) -> str:
    """Return a whole HTML page about a snapshot: no outside resource, no script, no time.

    `header` is the index without its shards, `shards` the shard rows as JSON objects.
    """
    conservation: Mapping[str, Any] = header.get("conservation", {})
    summary = summarise(conservation)
    corpus = escape(str(header.get("corpus_id", "corpus")))
    sections = [
        _domains(summary),
        _sources_by_domain(summary),
        _ends(summary),
        dedup_section(conservation),
        repeats_section(conservation),
        leakage_section(conservation.get("leakage")),
        _drops(summary),
        _redactions(summary),
        _shards(shards),
        _provenance(header),
        _inputs(header),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{corpus}: snapshot {escape(snapshot)}</title>\n<style>\n{STYLE}</style></head>\n<body><main>"
        f"<header><h1>{corpus}</h1><p>snapshot <code>{escape(snapshot)}</code></p></header>\n"
        f'<div class="tiles">{_tiles(summary, header)}</div>\n'
        + "\n".join(section for section in sections if section)
        + "\n</main></body></html>\n"
    )


def _tiles(summary: Summary, header: Mapping[str, Any]) -> str:
    totals, whole = header.get("totals", {}), summary.whole
    duplicates = sum(s.exact_duplicates + s.near_duplicates for s in summary.sources)
    dropped = sum(s.dropped for s in summary.sources)
    quarantined = sum(s.quarantined for s in summary.sources)
    return "".join(
        [
            tile(count(totals.get("n_tokens", whole.tokens)), "tokens", "end-of-text marks included"),
            tile(count(totals.get("n_docs", whole.documents)), "documents", size(whole.n_bytes)),
            tile(count(summary.records_in), "records read", f"{len(summary.sources)} sources"),
            tile(count(dropped), "dropped", _share(dropped, summary.records_in)),
            tile(count(duplicates), "duplicates", _share(duplicates, summary.records_in)),
            tile(count(quarantined), "quarantined", _share(quarantined, summary.records_in)),
        ]
    )


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
    return _section("Domains", body + table(columns, rows, words=2, total=total))


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
    return _section("Documents and tokens by source and domain", table(columns, rows, words=3))


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
    return _section("Where every record went", verdict + table(columns, rows, total=total))


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
            bar(n_records, largest, "#8a94a6"),
            escape(", ".join(f"{source} {count(n)}" for source, n in sources.items())),
            count(n_records),
            _share(n_records, summary.records_in),
        ]
        for reason, n_records, sources in summary.dropped
    ]
    columns = ["reason", "", "from", "records", "share of records in"]
    return _section("Drops by reason", table(columns, rows, words=3))


def _redactions(summary: Summary) -> str:
    if not summary.redactions:
        return ""
    largest = max(summary.redactions.values())
    rows = [
        [f"<code>{escape(kind)}</code>", bar(spans, largest, "#8a94a6"), count(spans)]
        for kind, spans in summary.redactions.items()
    ]
    return _section("Redactions", table(["type", "", "spans replaced"], rows, words=2))


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
        for row in shards[:_SHARDS_SHOWN]
    ]
    columns = ["domain", "shard", "documents", "tokens", "payload", "sha256"]
    body = table(columns, rows, words=2) + _more(len(shards), _SHARDS_SHOWN)
    return _section(f"Shards ({count(len(shards))})", body)


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
    return _section("Made with", table(["", ""], rows, words=2))


def _inputs(header: Mapping[str, Any]) -> str:
    inputs: Sequence[Mapping[str, Any]] = header.get("inputs", ())
    if plan := header.get("plan"):
        body = f"<p>One row each in <code>plan/{escape(plan)}/parts.parquet</code>.</p>"
        return _section(f"Inputs ({count(header['n_inputs'])})", body)
    rows = [
        [
            escape(str(row.get("name", ""))),
            escape(str(row.get("kind", ""))),
            size(row.get("size_bytes", 0)),
            f"<code>{escape(str(row.get('digest', ''))[:16])}…</code>",
        ]
        for row in inputs[:_INPUTS_SHOWN]
    ]
    body = table(["input", "kind", "bytes", "digest"], rows, words=2) + _more(len(inputs), _INPUTS_SHOWN)
    return _section(f"Inputs ({count(len(inputs))})", body) if inputs else ""


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _more(n_rows: int, shown: int) -> str:
    return f"<p>{count(n_rows - shown)} more are in index.json.</p>" if n_rows > shown else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
