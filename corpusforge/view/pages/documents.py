"""A page of documents: the filter beside it, a card each."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from corpusforge.domains import SUBSETS, Subset, supply_key
from corpusforge.report.html import count, escape, size
from corpusforge.view.errors import BadRequest
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import block, chip, code, field, link, pager, path_of, select, spans, step
from corpusforge.view.markdown import rendered
from corpusforge.view.query import NUMBERS, Query, query_of
from corpusforge.view.scan import SECONDS, Found, Matches, Place, chosen, count_matches, place_of, scan

PER_PAGE = 20
EXCERPT_CHARS = 1200
CARD_COLUMNS = (
    "doc_id", "source", "source_kind", "locator", "url", "host", "repo", "path", "title", "date", "language",
    "language_score", "programming_language", "licence", "domain", "subset", "domain_reason", "math_score",
    "scaffold_score", "n_bytes", "length",
)  # fmt: skip
_NAMES = {
    "math_score": "Math score",
    "scaffold_score": "Scaffold score",
    "language_score": "Language score",
    "n_bytes": "Bytes of text",
    "length": "Tokens",
}


def show(explorer: Explorer, request: Request) -> str:
    """Return documents that hold to the filter of the address, from `at` on (or before `before`)."""
    given = request.query_params
    way = given.get("show", "rendered")
    if way not in ("rendered", "raw"):
        raise BadRequest("show: rendered or raw")
    try:
        query = _query(explorer, given)
    except BadRequest as error:
        raise BadRequest(str(error), _form(explorer, given, way)) from None
    before, at = request.query_params.get("before", ""), request.query_params.get("at", "")
    start = place_of(before or at) if before or at else None
    began = time.monotonic()
    found = scan(explorer.tables, explorer.index, query, start=start, count=PER_PAGE, backwards=bool(before))
    matches = None
    if not query.is_of_shards and not query.wanted_words:  # of words, texts would be read a second time
        left = SECONDS - (time.monotonic() - began)
        matches = count_matches(explorer.tables, explorer.index, query, seconds=left)
    cards = "".join(_card(row, text, query, way) for row, text in _rows(explorer, found.places))
    listed = (
        _told(explorer, query, found, matches, way)
        + (cards or _none(found))
        + _pages(query, found, start, way, backwards=bool(before))
    )
    body = (
        f'<div class="split"><aside>{_form(explorer, given, way)}</aside>'
        f'<div id="documents" data-looked-at="{found.looked_at}"><h1>Documents</h1>{listed}</div></div>'
    )
    return explorer.page("Documents", body, "/documents")


def _query(explorer: Explorer, given: Mapping[str, str]) -> Query:
    query = query_of(given)
    sources = [one.source for one in explorer.summary.sources]
    if query.source and query.source not in sources:
        raise BadRequest(f"source: {query.source[:40]!r} is none of this corpus: {', '.join(sources[:20])}")
    return query


def _rows(explorer: Explorer, places: Sequence[Place]) -> list[tuple[dict[str, Any], str]]:
    """Return columns of cards and the texts of documents, row group by row group."""
    found: list[tuple[dict[str, Any], str]] = []
    for (shard, group, base), rows in _grouped(explorer, places).items():
        inside = [row - base for row in rows]
        cards = explorer.tables.rows(shard, group, inside, CARD_COLUMNS)
        texts = explorer.tables.rows(shard, group, inside, ("text",))
        found += [(card, text["text"]) for card, text in zip(cards, texts, strict=True)]
    return found


def _grouped(explorer: Explorer, places: Sequence[Place]) -> dict[tuple[int, int, int], list[int]]:
    """Return rows by (shard, row group, its first row), in order."""
    found: dict[tuple[int, int, int], list[int]] = {}
    for place in places:
        base = 0
        for group, n_rows in enumerate(explorer.tables.groups(place.shard)):
            if place.row < base + n_rows:
                found.setdefault((place.shard, group, base), []).append(place.row)
                break
            base += n_rows
    return found


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a document is called: its title, else its path, else where it lay."""
    return str(row.get("title") or row.get("path") or row["locator"])


def meta(row: Mapping[str, Any]) -> str:
    """Return a line of what a document is and where it came from."""
    key = supply_key(row["domain"], row["subset"])
    others = (
        row["source"],
        row.get("host") or row.get("repo") or "",
        row.get("programming_language") or row.get("language") or "",
        (row.get("date") or "")[:10],
        row.get("licence") or "",
        size(row["n_bytes"]),
        f"{count(row['length'])} tokens",
    )
    return spans([chip(key), *map(escape, others)], "meta")


def scores(row: Mapping[str, Any]) -> str:
    """Return the scores that a document has."""
    shown = [
        f"{name.replace('_', ' ')} <b>{row[name]:.3f}</b>"
        for name in ("math_score", "scaffold_score", "language_score")
        if row.get(name) is not None
    ]
    return spans(shown, "scores") if shown else ""


def shown_text(row: Mapping[str, Any], text: str, way: str) -> str:
    """Return a text of a document as HTML: `raw`, or rendered as Markdown or as a program."""
    if way == "raw":
        return block(text)
    return rendered(text, row["programming_language"] if row["domain"] == "code" else None)


def _card(row: Mapping[str, Any], text: str, query: Query, way: str) -> str:
    doc_id = row["doc_id"]
    return (
        f'<article class="card" data-card data-doc-id="{doc_id}" id="d-{doc_id}">'
        f"<h2>{link(path_of('documents', doc_id), name_of(row), query.pairs())}</h2>{meta(row)}"
        f'<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}'
        f'<p class="locator">{code(row["locator"])}</p>'
        f'<div class="excerpt">{shown_text(row, text[:EXCERPT_CHARS], way)}</div></article>'
    )


def _none(found: Found) -> str:
    if found.is_end:
        return '<p class="note" id="none">No document holds to this filter.</p>'
    return '<p class="note" id="none">None so far: go on below.</p>'


def _told(explorer: Explorer, query: Query, found: Found, matches: Matches | None, way: str) -> str:
    """Return how many documents there are, as far as index or scan can tell; and the other way to show."""
    of_shards = sum(explorer.index.rows[n].n_docs for n in chosen(explorer.index, query))
    if query.is_of_shards:
        told = f"{count(of_shards)} documents."
    elif matches is not None and matches.is_whole:
        told = f"{count(matches.n_documents)} of {count(of_shards)} documents."
    elif matches is not None and matches.n_documents:
        told = (
            f"{count(matches.n_documents)} among the first {count(matches.looked_at)} of {count(of_shards)}."
        )
    else:
        told = f"Looked at {count(found.looked_at)} of {count(of_shards)} documents"
        told += ", their text too." if query.wanted_words else "."
    if not found.is_end and len(found.places) < PER_PAGE:
        told += " The time for one page was over: “go on” looks further."
    domains = {explorer.index.rows[n].domain for n in chosen(explorer.index, query)}
    told += " Domain after domain, each in a random order." if len(domains) > 1 else " In a random order."
    other = "raw" if way == "rendered" else "rendered"
    switch = link("/documents", f"show {other}", [*query.pairs(), ("show", other)], 'data-key="r"')
    return f'<p class="soft" id="told">{told} {switch}</p>{_domains(explorer, query, way)}'


def _domains(explorer: Explorer, query: Query, way: str) -> str:
    """Return links to the documents of each domain and subset that hold to the rest of the filter."""
    others = [(name, value) for name, value in query.pairs() if name not in ("domain", "subset")]
    shown = [("show", way)] if way != "rendered" else []
    asked = supply_key(query.domain, query.subset or Subset.ALL) if query.domain else ""
    links = [link("/documents", "all domains", [*others, *shown], "" if asked else "aria-current=true")]
    for key, amount in explorer.summary.domains.items():
        domain, _, subset = key.partition("/")
        pairs = [("domain", domain), *([("subset", subset)] if subset else []), *others, *shown]
        label = key if others else f"{key} {count(amount.documents)}"
        links.append(link("/documents", label, pairs, "aria-current=true" if key == asked else ""))
    listed = "".join(f"<li>{one}</li>" for one in links)
    return f'<ul class="tabs" id="domains" aria-label="Domains">{listed}</ul>'


def _pages(query: Query, found: Found, start: Place | None, way: str, *, backwards: bool) -> str:
    """Return the buttons of the pages before and after."""
    pairs = [*query.pairs(), *([("show", way)] if way != "rendered" else [])]
    is_full = len(found.places) == PER_PAGE
    back = forth = ""
    if backwards:
        before, after = found.stop, start
    else:
        before, after = start, found.stop
    if before is not None:
        back = step("/documents", "← previous", [*pairs, ("before", str(before))], "prev")
    if after is not None:
        label = "next →" if is_full or backwards else "go on →"
        forth = step("/documents", label, [*pairs, ("at", str(after))], "next")
    return pager("Pages", back, forth)


def _form(explorer: Explorer, given: Mapping[str, str], way: str) -> str:
    """Return the form with what was given, right or wrong."""
    domains = [("", "all"), *((domain.value, domain.value) for domain in SUBSETS)]
    subsets = [("", "all"), *((name, name) for name in ("scaffold", "generic"))]
    sources = [("", "all"), *((s.source, s.source) for s in explorer.summary.sources)]

    def text(name: str, label: str) -> str:
        return field(name, label, given.get(name, ""), options=explorer.suggestions(name))

    rows = [
        field("words", 'Words or "a phrase" in title or text', given.get("words", ""), kind="search"),
        _pair(
            select("domain", "Domain", given.get("domain", ""), domains),
            select("subset", "Subset", given.get("subset", ""), subsets),
        ),
        select("source", "Source", given.get("source", ""), sources),
        _pair(text("language", "Language"), field("year", "Year", given.get("year", ""))),
        text("host", "Host (* for anything)"),
        text("repo", "Repository"),
        _pair(text("licence", "Licence"), text("programming_language", "Program in")),
        *(_bounds(name, _NAMES[name], given) for name in NUMBERS),
        field("signal", "A signal", given.get("signal", ""), options=_signals(explorer)),
        _bounds("signal", "Signal", given),
    ]
    inputs = "".join(f'<div class="one">{row}</div>' for row in rows)
    hidden = f'<input type="hidden" name="show" value="{way}">' if way != "rendered" else ""
    return (
        '<details class="filter" open><summary>Filter</summary>'
        f'<form action="/documents" id="filter" role="search">{inputs}{hidden}<div class="actions">'
        f'<button class="main">Filter</button>{link("/documents", "clear")}</div></form></details>'
    )


def _pair(left: str, right: str) -> str:
    return f'<div class="row"><div>{left}</div><div>{right}</div></div>'


def _bounds(name: str, label: str, given: Mapping[str, str]) -> str:
    low, high = (given.get(f"{name}_{end}", "") for end in ("min", "max"))
    return (
        f'<div class="row"><div>{field(f"{name}_min", f"{label} from", low, kind="number")}</div>'
        f"<div>{field(f'{name}_max', 'to', high, kind='number', more=_named(f'{label} to'))}</div></div>"
    )


def _named(label: str) -> str:
    return f'aria-label="{escape(label)}"'


def _signals(explorer: Explorer) -> list[str]:
    known = {name for stratum in explorer.sample for name in stratum.numbers}
    return sorted(known - set(_NAMES))
