"""A page of documents: the filter beside it, a card each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from corpusforge.domains import SUBSETS, supply_key
from corpusforge.view.errors import BadRequest
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import block, chip, count, escape, field, figure, link, path_of, select, size
from corpusforge.view.markdown import rendered
from corpusforge.view.query import NUMBERS, Query, query_of
from corpusforge.view.scan import Found, Place, chosen, place_of, scan

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
    query = query_of(request.query_params)
    way = request.query_params.get("show", "rendered")
    if way not in ("rendered", "raw"):
        raise BadRequest("show: rendered or raw")
    before, at = request.query_params.get("before", ""), request.query_params.get("at", "")
    start = place_of(before or at) if before or at else None
    found = scan(explorer.tables, explorer.index, query, start=start, count=PER_PAGE, backwards=bool(before))
    cards = "".join(_card(row, text, query, way) for row, text in _rows(explorer, found.places))
    listed = (
        _told(explorer, query, found, way)
        + (cards or _none(found))
        + _pager(query, found, start, bool(before), way)
    )
    body = (
        f'<div class="split"><aside>{_form(explorer, query, way)}</aside>'
        f'<div id="documents" data-looked-at="{found.looked_at}"><h1>Documents</h1>{listed}</div></div>'
    )
    return explorer.page("Documents", body, "/documents")


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
    where = row.get("host") or row.get("repo") or ""
    pieces = [
        chip(supply_key(row["domain"], row["subset"])),
        escape(row["source"]),
        escape(where),
        escape(row.get("programming_language") or row.get("language") or ""),
        escape((row.get("date") or "")[:10]),
        escape(row.get("licence") or ""),
        size(row["n_bytes"]),
        f"{count(row['length'])} tokens",
    ]
    return '<p class="meta">' + "".join(f"<span>{piece}</span>" for piece in pieces if piece) + "</p>"


def scores(row: Mapping[str, Any]) -> str:
    """Return the scores that a document has."""
    shown = [
        f"<span>{_NAMES[name].lower()} <b>{figure(row[name])}</b></span>"
        for name in ("math_score", "scaffold_score", "language_score")
        if row.get(name) is not None
    ]
    return f'<p class="scores">{"".join(shown)}</p>' if shown else ""


def _card(row: Mapping[str, Any], text: str, query: Query, way: str) -> str:
    cut = text[:EXCERPT_CHARS]
    body = (
        block(cut)
        if way == "raw"
        else rendered(cut, row["programming_language"] if row["domain"] == "code" else None)
    )
    title = link(path_of("documents", row["doc_id"]), name_of(row), query.pairs())
    return (
        f'<article class="card document-card" data-card data-doc-id="{row["doc_id"]}" id="d-{row["doc_id"]}">'
        f"<h2>{title}</h2>{meta(row)}"
        f'<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}'
        f'<p class="soft"><small><code>{escape(row["locator"])}</code></small></p>'
        f'<div class="excerpt">{body}</div></article>'
    )


def _none(found: Found) -> str:
    if found.is_end:
        return '<p class="note" id="none">No document holds to this filter.</p>'
    return '<p class="note" id="none">None so far: go on below.</p>'


def _told(explorer: Explorer, query: Query, found: Found, way: str) -> str:
    """Return how many documents there are, as far as the index or the scan can tell, and the other way to show them."""
    of_shards = sum(explorer.index.rows[n].n_docs for n in chosen(explorer.index, query))
    if query.is_of_shards:
        told = f"{count(of_shards)} documents, in the order of a hash of their ids: a random order."
    else:
        told = f"Looked at {count(found.looked_at)} of {count(of_shards)} documents"
        told += ", their text too." if query.words else "."
        if not found.is_end and len(found.places) < PER_PAGE:
            told += " The time for one page was over: “go on” looks further."
    other = "raw" if way == "rendered" else "rendered"
    switch = link("/documents", f"show {other}", [*query.pairs(), ("show", other)], 'data-key="r"')
    return f'<p class="soft" id="told">{told} {switch}</p>'


def _pager(query: Query, found: Found, start: Place | None, backwards: bool, way: str) -> str:
    shown = [("show", way)] if way != "rendered" else []
    back = forth = ""
    first, last = (found.places[0], found.places[-1]) if found.places else (None, None)
    has_before = not found.is_end if backwards else start is not None
    if has_before:
        place = first or start
        if backwards and found.stop and len(found.places) < PER_PAGE:
            place = found.stop
        back = link(
            "/documents",
            "← previous",
            [*query.pairs(), *shown, ("before", str(place))],
            'rel="prev" class="button"',
        )
    if backwards and last is not None:
        after = Place(last.shard, last.row + 1)
    elif backwards:
        after = start
    else:
        after = None if found.is_end else found.stop
    if after is not None:
        label = "next →" if len(found.places) == PER_PAGE or backwards else "go on →"
        forth = link(
            "/documents", label, [*query.pairs(), *shown, ("at", str(after))], 'rel="next" class="button"'
        )
    return f'<nav class="pager" aria-label="Pages"><span>{back}</span><span>{forth}</span></nav>'


def _form(explorer: Explorer, query: Query, way: str) -> str:
    domains = [("", "all"), *((domain.value, domain.value) for domain in SUBSETS)]
    subsets = [("", "all"), *((name, name) for name in ("scaffold", "generic"))]
    sources = [("", "all"), *((s.source, s.source) for s in explorer.summary.sources)]
    rows = [
        field("words", "Words in title or text", query.words, kind="search"),
        '<div class="row"><div>' + select("domain", "Domain", query.domain, domains) + "</div><div>"
        + select("subset", "Subset", query.subset, subsets) + "</div></div>",
        select("source", "Source", query.source, sources),
        '<div class="row"><div>' + field("language", "Language", query.language, options=explorer.suggestions("language"))
        + "</div><div>" + field("year", "Year", query.year) + "</div></div>",
        field("host", "Host (* for anything)", query.host, options=explorer.suggestions("host")),
        field("repo", "Repository", query.repo, options=explorer.suggestions("repo")),
        '<div class="row"><div>' + field("licence", "Licence", query.licence, options=explorer.suggestions("licence"))
        + "</div><div>"
        + field("programming_language", "Program in", query.programming_language,
                options=explorer.suggestions("programming_language")) + "</div></div>",
        *(_bounds(name, _NAMES[name], getattr(query, name)) for name in NUMBERS),
        field("signal", "A signal", query.signal, options=_signals(explorer)),
        _bounds("signal", "Signal", query.signal_value),
    ]  # fmt: skip
    inputs = "".join(f'<div class="one">{row}</div>' for row in rows)
    hidden = f'<input type="hidden" name="show" value="{way}">' if way != "rendered" else ""
    return (
        '<details class="filter" open><summary>Filter</summary><form action="/documents" id="filter" role="search">'
        f'{inputs}{hidden}<div class="actions"><button class="main">Filter</button>'
        f"{link('/documents', 'clear')}</div></form></details>"
    )


def _bounds(name: str, label: str, value: Any) -> str:
    low, high = ("" if bound is None else f"{bound:g}" for bound in (value.low, value.high))
    return (
        f'<div class="row"><div>{field(f"{name}_min", f"{label} from", low, kind="number")}</div>'
        f"<div>{field(f'{name}_max', 'to', high, kind='number', more=_named(f'{label} to'))}</div></div>"
    )


def _named(label: str) -> str:
    return f'aria-label="{escape(label)}"'


def _signals(explorer: Explorer) -> list[str]:
    known = {name for stratum in explorer.sample for name in stratum.numbers}
    return sorted(known - set(_NAMES))
