"""Records that left: drops by reason, those that nearly stayed first; and what a step failed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from corpusforge.report.plots import Bar, bars
from corpusforge.view.dropfile import MAX_DROPS, Drops, margin, read_drops, read_quarantine
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import (
    block,
    chip,
    count,
    escape,
    facts,
    link,
    message,
    path_of,
    select,
    size,
    table,
)

PER_PAGE = 20


def show(explorer: Explorer, request: Request) -> str:
    """Return drops: all reasons with their counts, or examples of the reason that the address names."""
    asked = request.query_params
    reason, source, rule = (asked.get(name, "") for name in ("reason", "source", "rule"))
    body = "<h1>Drops</h1>" + _form(explorer, reason, source)
    if not reason:
        body += _reasons(explorer)
        return explorer.page("Drops", body, "/drops")
    page = int(asked["page"][:6]) if asked.get("page", "").isdecimal() else 1
    found = read_drops(explorer.corpus, explorer.index, reason, source)
    body += _examples(explorer, found, reason, source, rule, max(page, 1))
    return explorer.page(f"Drops: {reason}", body, "/drops")


def _form(explorer: Explorer, reason: str, source: str) -> str:
    reasons = [("", "all"), *((name, f"{name} ({count(n)})") for name, n, _ in explorer.summary.dropped)]
    sources = [("", "all"), *((s.source, s.source) for s in explorer.summary.sources)]
    return (
        '<form action="/drops" id="filter"><div class="grid"><div>' + select("reason", "Reason", reason, reasons)
        + "</div><div>" + select("source", "Source", source, sources)
        + '</div></div><div class="actions"><button class="main">Show</button></div></form>'
    )  # fmt: skip


def _reasons(explorer: Explorer) -> str:
    summary = explorer.summary
    if not summary.dropped:
        return message("Nothing was dropped.")
    rows = [
        [
            link("/drops", reason, [("reason", reason)]),
            escape(", ".join(f"{source} {count(n)}" for source, n in sources.items())),
            count(n_records),
            f"{100 * n_records / summary.records_in:.2f} %" if summary.records_in else "",
        ]
        for reason, n_records, sources in summary.dropped
    ]
    plot = bars("Drops by reason", [Bar(name, n, "c-drop", count(n)) for name, n, _ in summary.dropped])
    return (
        '<section id="reasons"><h2>By reason</h2><p class="lead">Counts are the index\'s: every record that was read is in '
        "a shard, a duplicate, one of these, or in quarantine. <code>not_content</code> are records that never "
        f"were documents (requests, metadata, folders): counted, not written out.</p>"
        f'<div class="split"><aside>{plot}</aside><div>'
        + table(["reason", "from", "records", "share of records read"], rows, words=2)
        + "</div></div></section>"
    )


def _examples(explorer: Explorer, found: Drops, reason: str, source: str, rule: str, page: int) -> str:
    total = dict((name, n) for name, n, _ in explorer.summary.dropped).get(reason, 0)
    rows = [row for row in found.rows if not rule or found.rule_of(row) == rule]
    first = (page - 1) * PER_PAGE
    shown = rows[first : first + PER_PAGE]
    pairs = [
        ("reason", reason),
        *([("source", source)] if source else []),
        *([("rule", rule)] if rule else []),
    ]
    told = f"{count(total)} records by the index. "
    told += (
        f"All {count(len(found.rows))} that were written out"
        if found.is_whole
        else f"The first {count(len(found.rows))} of them (no more than {count(MAX_DROPS)} are sorted)"
    )
    told += ", those nearest to the threshold first." if found.has_margins else ", in the order of the dumps."
    rules = "".join(
        f"<li>{link('/drops', f'{name} {n:,}', [*pairs[: 1 + bool(source)], ('rule', name)], 'aria-current=true' if name == rule else '')}</li>"
        for name, n in found.rules
    )
    tabs = f'<ul class="tabs" aria-label="Rules">{rules}</ul>' if len(found.rules) > 1 else ""
    cards = "".join(map(_card, shown)) or message("No example was written out.")
    back = (
        link("/drops", "← previous", [*pairs, ("page", str(page - 1))], 'rel="prev" class="button"')
        if page > 1
        else ""
    )
    more = first + PER_PAGE < len(rows)
    forth = (
        link("/drops", "next →", [*pairs, ("page", str(page + 1))], 'rel="next" class="button"')
        if more
        else ""
    )
    pager = f'<nav class="pager" aria-label="Pages"><span>{back}</span><span>{forth}</span></nav>'
    return f'<h2 class="soft" id="told">{escape(told)}</h2>{tabs}<div id="drops">{cards}</div>{pager}'


def _card(row: Mapping[str, Any]) -> str:
    near = margin(row)
    domain = chip(row["domain"]) if row["domain"] else ""
    of_many = f"{count(row['n_records'])} records" if row["n_records"] != 1 else ""
    meta = [domain, escape(row["source"]), escape(row["source_kind"]), size(row["n_bytes"]), of_many]
    distance = f' <span class="soft">({100 * near:.1f} % from the bound)</span>' if near is not None else ""
    excerpt = f'<div class="excerpt">{block(row["excerpt"])}</div>' if row["excerpt"] else ""
    title = link(path_of("documents", row["doc_id"]), row["detail"] or row["reason"])
    return (
        f'<article class="card" data-card data-doc-id="{row["doc_id"]}"><h2>{title}{distance}</h2>'
        f'<p class="meta">{"".join(f"<span>{piece}</span>" for piece in meta if piece)}</p>'
        f'<p class="soft"><small><code>{escape(row["locator"])}</code></small></p>{excerpt}</article>'
    )


def show_quarantine(explorer: Explorer, request: Request) -> str:
    """Return what steps failed on, with tracebacks."""
    total = sum(s.quarantined for s in explorer.summary.sources)
    rows, is_whole = read_quarantine(explorer.corpus, explorer.index)
    cards = "".join(
        f'<article class="card" data-card data-doc-id="{escape(row["doc_id"])}">'
        f"<h2>{link(path_of('documents', row['doc_id']), row['error'])}</h2>"
        + facts({"source": escape(row["source"]), "locator": f"<code>{escape(row['locator'])}</code>"})
        + (
            f"<details><summary>Traceback</summary>{block(row['traceback'])}</details>"
            if row["traceback"]
            else ""
        )
        + "</article>"
        for row in rows
    )
    told = f"{count(total)} records." + ("" if is_whole else f" The first {count(len(rows))} of them.")
    body = f'<h1>Quarantine</h1><p class="lead">Records that a step failed on: a crash, a time or a memory limit. {told}</p>'
    body += f'<div id="quarantine">{cards or message("Nothing is in quarantine.")}</div>'
    return explorer.page("Quarantine", body, "/quarantine")
