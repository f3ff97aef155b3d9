"""Records that left: drops by reason, those that nearly stayed first; and what a step failed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from corpusforge.report.html import count, escape, size, table
from corpusforge.report.plots import Bar, bars
from corpusforge.view.dropfile import Drops, margin, read_drops, read_quarantine, rule_of
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import (
    block,
    chip,
    code,
    facts,
    lead,
    link,
    message,
    pager,
    path_of,
    section,
    select,
    spans,
    step,
)

PER_PAGE = 20


def show(explorer: Explorer, request: Request) -> str:
    """Return drops: all reasons with their counts, or examples of the reason that the address names."""
    asked = request.query_params
    reason, source, rule = (asked.get(name, "") for name in ("reason", "source", "rule"))
    form = _form(explorer, reason, source)
    body = f"<h1>Drops</h1>{form}"
    for name, given, known in (
        ("reason", reason, [one for one, _, _ in explorer.summary.dropped]),
        ("source", source, [one.source for one in explorer.summary.sources]),
    ):
        if given and given not in known:
            raise NotHere(f"{name}: {given[:40]!r}: nothing was dropped of it", form)
    if not reason:
        body += _reasons(explorer, source)
        return explorer.page("Drops", body, "/drops")
    page = int(asked["page"][:6]) if asked.get("page", "").isdecimal() else 1
    found = read_drops(explorer.corpus, explorer.index, reason, source)
    body += _examples(explorer, found, reason, source, rule, max(page, 1))
    return explorer.page(f"Drops: {reason}", body, "/drops")


def _form(explorer: Explorer, reason: str, source: str) -> str:
    reasons = [("", "all"), *((name, f"{name} ({count(n)})") for name, n, _ in explorer.summary.dropped)]
    sources = [("", "all"), *((s.source, s.source) for s in explorer.summary.sources)]
    chosen = select("reason", "Reason", reason, reasons), select("source", "Source", source, sources)
    fields = "".join(f"<div>{one}</div>" for one in chosen)
    return (
        f'<form action="/drops" id="filter"><div class="grid">{fields}</div>'
        '<div class="actions"><button class="main">Show</button></div></form>'
    )


def _reasons(explorer: Explorer, only: str) -> str:
    """Return all reasons with their counts, of one source where it is named."""
    summary = explorer.summary
    sources = [one for one in summary.sources if only in ("", one.source)]
    never = sum(one.no_documents for one in sources)
    could = sum(one.records_in for one in sources) - never
    found = [
        (reason, {name: n for name, n in by_source.items() if only in ("", name)})
        for reason, _, by_source in summary.dropped
    ]
    dropped = sorted(
        ((reason, sum(by_source.values()), by_source) for reason, by_source in found if by_source),
        key=lambda row: (-row[1], row[0]),
    )
    if not dropped:
        return message("Nothing was dropped.")
    rows = [
        [
            link("/drops", reason, [("reason", reason), *([("source", only)] if only else [])]),
            escape(", ".join(f"{source} {count(n)}" for source, n in by_source.items())),
            count(n_records),
            f"{100 * n_records / could:.2f} %",
        ]
        for reason, n_records, by_source in dropped
    ]
    shown = [Bar(name, n, "c-drop", count(n)) for name, n, _ in dropped]
    told = (
        "Counts are the index's: every record that was read is in a shard, a duplicate, one of these, in "
        f"quarantine, or never was a document ({count(never)}: requests, metadata, folders, links). "
        f"Shares are of the {count(could)} that could be one."
    )
    columns = ["reason", "from", "records", "share"]
    listed = f'<div class="split"><aside>{bars("Drops by reason", shown)}</aside>'
    return section("By reason", f"{lead(told)}{listed}{table(columns, rows, words=2)}</div>", "reasons")


def _examples(explorer: Explorer, found: Drops, reason: str, source: str, rule: str, page: int) -> str:
    rows = [row for row in found.rows if not rule or rule_of(str(row["detail"])) == rule]
    first = (page - 1) * PER_PAGE
    shown = rows[first : first + PER_PAGE]
    base = [("reason", reason), *([("source", source)] if source else [])]
    pairs = [*base, *([("rule", rule)] if rule else [])]
    cards = "".join(map(_card, shown)) or message("No example was written out.")
    back = step("/drops", "← previous", [*pairs, ("page", str(page - 1))], "prev") if page > 1 else ""
    has_more = first + PER_PAGE < len(rows)
    forth = step("/drops", "next →", [*pairs, ("page", str(page + 1))], "next") if has_more else ""
    return (
        f'<p class="soft" id="told">{escape(_told(explorer, found, reason))}</p>{_rules(found, base, rule)}'
        f'<div id="drops">{cards}</div>{pager("Pages", back, forth)}'
    )


def _told(explorer: Explorer, found: Drops, reason: str) -> str:
    total = next((n for name, n, _ in explorer.summary.dropped if name == reason), 0)
    n_shown = count(len(found.rows))
    told = f"{count(total)} records by the index. "
    told += f"All {n_shown} that were written out" if found.is_whole else f"The first {n_shown} of them"
    return told + (
        ", those nearest to the bound first." if found.has_margins else ", in the order of the dumps."
    )


def _rules(found: Drops, base: list[tuple[str, str]], rule: str) -> str:
    """Return a choice among the rules that decided, with how many drops each has."""
    if len(found.rules) < 2:
        return ""
    total = ("", sum(n for _, n in found.rules))
    links = [
        link("/drops", f"{name or 'all rules'} {n:,}", [*base, *([("rule", name)] if name else [])],
             "aria-current=true" if name == rule else "")
        for name, n in (total, *found.rules)
    ]  # fmt: skip
    return f'<ul class="tabs" aria-label="Rules">{"".join(f"<li>{one}</li>" for one in links)}</ul>'


def _card(row: Mapping[str, Any]) -> str:
    near = margin(row)
    meta = [
        chip(row["domain"]) if row["domain"] else "",
        escape(row["source"]),
        escape(row["source_kind"]),
        size(row["n_bytes"]),
        f"{count(row['n_records'])} records" if row["n_records"] != 1 else "",
        f"{100 * near:.1f} % from the bound" if near is not None else "",
    ]
    excerpt = f'<div class="excerpt">{block(row["excerpt"])}</div>' if row["excerpt"] else ""
    title = link(path_of("documents", row["doc_id"]), row["detail"] or row["reason"])
    return (
        f'<article class="card" data-card data-doc-id="{row["doc_id"]}"><h2>{title}</h2>'
        f'{spans(meta, "meta")}<p class="locator">{code(row["locator"])}</p>{excerpt}</article>'
    )


def show_quarantine(explorer: Explorer, _: Request) -> str:
    """Return what steps failed on, with tracebacks."""
    total = sum(source.quarantined for source in explorer.summary.sources)
    rows, is_whole = read_quarantine(explorer.corpus, explorer.index)
    told = f"Records that a step failed on: a crash, a time or a memory limit. {count(total)} records."
    if not is_whole:
        told += f" The first {count(len(rows))} of them."
    cards = "".join(map(_failed, rows)) or message("Nothing is in quarantine.")
    body = f'<h1>Quarantine</h1>{lead(told)}<div id="quarantine">{cards}</div>'
    return explorer.page("Quarantine", body, "/quarantine")


def _failed(row: Mapping[str, Any]) -> str:
    doc_id, trace = str(row["doc_id"]), str(row["traceback"])
    told = facts({"source": escape(row["source"]), "locator": code(row["locator"])})
    if trace:
        told += f"<details><summary>Traceback</summary>{block(trace)}</details>"
    title = link(path_of("documents", doc_id), row["error"])
    return f'<article class="card" data-card data-doc-id="{escape(doc_id)}"><h2>{title}</h2>{told}</article>'
