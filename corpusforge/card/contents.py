"""Sections on what a snapshot holds: amounts, sources, dates, licences, what was left out, dedup, leakage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from corpusforge.card.pieces import origin, section
from corpusforge.card.sample import Sample
from corpusforge.domains import Domain
from corpusforge.export.card import count_table, ends_table
from corpusforge.markdown import code, count, share, table
from corpusforge.report.leakage import NOTE, TITLES, leakage_columns, leakage_rows
from corpusforge.report.summary import Summary
from corpusforge.shards.snapshot import Index

_YEARS_SHOWN = 30


def contents(index: Index, summary: Summary) -> str:
    """Return documents, tokens and bytes by domain."""
    whole = summary.whole
    rows = [
        [name, count(one.documents), count(one.tokens), share(one.tokens, whole.tokens), count(one.n_bytes)]
        for name, one in [*((code(key), one) for key, one in summary.domains.items()), ("all", whole)]
    ]
    columns = ["domain", "documents", "tokens", "share of tokens", "bytes of text"]
    return section("Contents", table(columns, rows), origin(index, "conservation.rows"))


def sources(index: Index, summary: Summary, sample: Sample) -> str:
    """Return where documents come from, and where the records of each source ended."""
    kinds: dict[str, Counter[str]] = {}
    for stratum in sample.strata.values():
        for row in stratum.rows:
            kinds.setdefault(row["source"], Counter())[row["source_kind"]] += 1
    tokens: Counter[str] = Counter()
    for (source, _), amount in summary.by_source.items():
        tokens[source] += amount.tokens
    rows = [
        [
            code(one.source),
            ", ".join(sorted(kinds.get(one.source, ()))),
            count(one.n_bytes_in),
            count(one.records_in),
            count(one.documents),
            count(tokens[one.source]),
        ]
        for one in summary.sources
    ]
    columns = ["source", "kind", "bytes of dumps", "records", "documents", "tokens"]
    body = f"{table(columns, rows, words=2)}{ends_table(index)}"
    n_parts = len(index.header.get("inputs", ()))
    said = f"{count(n_parts)} parts of dumps, each with its digest, are under `inputs`."
    if plan := index.header.get("plan"):
        said = (
            f"{count(index.header['n_inputs'])} parts of dumps, each with its digest, are in `plan/{plan}/`."
        )
    return section("Sources", f"{body}\n{said}\n", origin(index, "conservation.sources"))


def dates(index: Index, sample: Sample) -> str:
    """Return the years of the documents, by source and in all."""
    rows: list[list[str]] = []
    years: Counter[str] = Counter()
    for source, found in sorted(sample.years.items()):
        years.update(found)
        told = sorted(year for year in found if year)
        rows.append(
            [
                code(source),
                told[0] if told else "",
                told[-1] if told else "",
                count(sum(found.values())),
                count(found.get("", 0)),
            ]
        )
    undated = years.pop("", 0)
    shown = sorted(years.items(), reverse=True)[:_YEARS_SHOWN]
    earlier = sum(years.values()) - sum(n for _, n in shown)
    by_year = [[code(year), count(n)] for year, n in shown]
    by_year += [["earlier", count(earlier)]] if earlier else []
    by_year += [["none stated", count(undated)]] if undated else []
    body = table(["source", "from", "to", "documents", "without a date"], rows)
    body += (
        "\nWhat a date is depends on the source: of a crawl when it was fetched, of a file its commit.\n\n"
    )
    return section("Dates", body + table(["year", "documents"], by_year), counted(index, sample, "date"))


def licences(index: Index, sample: Sample) -> str:
    """Return documents and tokens by licence and by language."""
    note = (
        "Each document stands under its own licence, in the column `licence`, as its source states it; of a "
        "document without one nothing is known but where it is from. A corpus has no licence of its own.\n\n"
    )
    body = note + count_table("licence", sample.figures.licence)
    body += "\n" + count_table("language", sample.figures.language)
    programs = {name: one for name, one in sample.figures.programming_language.items() if name}
    if programs:
        body += "\n" + count_table("programming language", programs)
    return section(
        "Licences and languages", body, counted(index, sample, "licence, language, programming_language")
    )


def counted(index: Index, sample: Sample, columns: str) -> str:
    """Return from which columns of how many documents figures are."""
    n_docs = sum(row.n_docs for row in index.rows)
    of = "all" if n_docs == sample.counted_documents else f"{count(sample.counted_documents)} of"
    return f"column {columns} of `shards/*/*/*.docs.parquet`: {of} {count(n_docs)} documents"


def left_out(index: Index, summary: Summary) -> str:
    """Return what was asked to be left out, by which setting, and how many records were; then all drops."""
    asked = index.header["config"].get("filter", {})
    languages = index.header["config"].get("label", {}).get("languages", ())
    dropped = {reason: (n, by_source) for reason, n, by_source in summary.dropped}
    rows: list[list[str]] = []
    for reason, what, setting, value in _wishes(asked, languages):
        n, by_source = dropped.get(reason, (0, {}))
        told = ", ".join(f"{code(name)} {count(k)}" for name, k in sorted(by_source.items()))
        rows.append([what, code(setting), value or "not asked", told, count(n)])
    body = table(
        ["asked to be left out", "by", "asked", "left out, by source", "records left out"], rows, words=4
    )
    n_none = sum(summary.no_documents.values())
    body += (
        f"\n{count(n_none)} records never were documents: requests, metadata, folders, links.\n"
        if n_none
        else ""
    )
    body += "\nEvery reason for which a document left:\n\n"
    body += table(
        ["reason", "sources", "records", "share of records that could be documents"],
        [
            [code(reason), ", ".join(map(code, by_source)), count(n), share(n, summary.could_be_documents)]
            for reason, n, by_source in summary.dropped
        ],
        words=2,
    )
    if summary.redactions:
        body += "\nSpans of text that were replaced by a placeholder:\n\n"
        body += table(["kind", "spans"], [[code(kind), count(n)] for kind, n in summary.redactions.items()])
    return section(
        "Left out", body, origin(index, "conservation.sources.*.dropped, .redactions; config.filter")
    )


def _wishes(asked: Mapping[str, Any], languages: Any) -> list[tuple[str, str, str, str]]:
    """Return (reason, what, setting, what it was set to) of each way to ask that something be left out."""

    def pins(names: Any) -> str:
        return ", ".join(code(f"sha256 {one[:16]}…") for one in names if one)

    policy = asked.get("licence_policy", "all")
    allowed = policy if policy != "custom" else "custom: " + ", ".join(asked.get("licences", ()))
    blocked = [pins(asked.get("block_lists_sha256", ())), *map(code, asked.get("blocked", ()))]
    return [
        ("opt_out", "owners' opt-outs", "filter.opt_out", pins([asked.get("opt_out_sha256", "")])),
        (
            "reserved",
            "pages and sites that reserve their use (robots, `noai`, tdm-reservation)",
            "filter.honour",
            ", ".join(map(code, [*asked.get("honour", ()), *asked.get("honour_agents", ())])),
        ),
        (
            "blocked",
            "block lists of hosts and URLs",
            "filter.block_lists",
            ", ".join(one for one in blocked if one),
        ),
        (
            "licence",
            "licences outside the policy",
            "filter.licence_policy",
            "" if policy == "all" else code(allowed),
        ),
        ("language", "other languages", "label.languages", ", ".join(map(code, languages))),
        (
            "contaminated",
            "test items of benchmarks",
            "filter.benchmarks",
            pins([asked.get("benchmarks_sha256", "")]),
        ),
    ]


def dedup(index: Index, summary: Summary) -> str:
    """Return what dedup left of each domain, and what leaks from domain to domain."""
    sources = cast("Mapping[str, Mapping[str, Any]]", index.header["conservation"].get("sources", {}))
    kept: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    boilerplate: Counter[str] = Counter()
    for one in sources.values():
        kept.update(one.get("kept_by_domain", {}))
        gone.update(one.get("duplicates_by_domain", {}))
        for domain, counts in one.get("repeats_by_domain", {}).items():
            boilerplate[domain] += counts["documents_gone"]
    rows: list[list[str]] = []
    for domain in Domain:
        before = kept[domain] + boilerplate[domain]
        if before:
            left = kept[domain] - gone[domain]
            figures = [count(n) for n in (before, gone[domain], boilerplate[domain], left)]
            rows.append([code(domain.value), *figures, share(left, before)])
    columns = ["domain", "documents before", "duplicates", "dropped as boilerplate", "left", "share left"]
    body = table(columns, rows)
    fields = "conservation.sources.*.kept_by_domain, .duplicates_by_domain, .repeats_by_domain"
    leakage = index.header["conservation"].get("leakage")
    if not leakage:
        body += "\nLeakage between domains was not counted (`dedup.leakage`).\n"
        return section("Dedup and leakage between domains", body, origin(index, fields))
    body += f"\n{NOTE}\n"
    for side, title in TITLES.items():
        body += f"\n{title}:\n\n{table(leakage_columns(leakage[side]), leakage_rows(leakage[side]))}"
    return section(
        "Dedup and leakage between domains", body, origin(index, f"{fields}; conservation.leakage")
    )
