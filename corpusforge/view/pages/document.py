"""One document: its text, all that is known of it, its neighbours, and how it got here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from corpusforge.domains import supply_key
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.view.errors import BadRequest, NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import block, chip, count, escape, facts, figure, link, path_of, size, table
from corpusforge.view.locate import locate
from corpusforge.view.markdown import pages_of, rendered
from corpusforge.view.pages.documents import meta, name_of, scores
from corpusforge.view.query import Query, query_of
from corpusforge.view.scan import Place, scan
from corpusforge.view.thresholds import Limit

_DOC_ID = re.compile(r"[0-9a-f]{32}")
_NEIGHBOUR_SECONDS = 0.3
_MAPS = ("signals", "redactions")


def show(explorer: Explorer, request: Request) -> str:
    """Return the page of one document; with a filter in the address, previous and next are of the filter."""
    doc_id = checked_id(request)
    query = query_of(request.query_params)
    place = locate(explorer.tables, explorer.index, doc_id)
    if place is None:
        return _elsewhere(explorer, doc_id)
    row, text = read(explorer, place)
    piece, way = request.query_params.get("page", "1"), request.query_params.get("show", "rendered")
    pieces = pages_of(text)
    if not piece.isdecimal() or not 1 <= int(piece[:9]) <= len(pieces) or way not in ("rendered", "raw"):
        raise BadRequest(f"page: 1 to {len(pieces)}; show: rendered or raw")
    shown = pieces[int(piece) - 1]
    program = row["programming_language"] if row["domain"] == "code" else None
    body = block(shown) if way == "raw" else rendered(shown, program)
    body = (
        f'<div id="document" data-doc-id="{doc_id}">{_neighbours(explorer, query, place)}<h1>{escape(name_of(row))}</h1>'
        f"{meta(row)}"
        f'<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}{_ways(doc_id, query, way)}'
        f'<div class="document"><div><section id="text">{_pages(doc_id, query, way, int(piece), len(pieces))}{body}</section></div>'
        f"<aside>{_known(explorer, row, place)}</aside></div></div>"
    )
    return explorer.page(name_of(row), body, "/documents")


def checked_id(request: Request) -> str:
    """Return the document id of a path; NotHere where it is none."""
    doc_id = str(request.path_params["doc_id"])
    if not _DOC_ID.fullmatch(doc_id):
        raise NotHere("a document's id has 32 hex digits")
    return doc_id


def read(explorer: Explorer, place: Place) -> tuple[dict[str, Any], str]:
    """Return all columns of a document, and its text."""
    base = 0
    for group, n_rows in enumerate(explorer.tables.groups(place.shard)):
        if place.row < base + n_rows:
            inside = [place.row - base]
            row = explorer.tables.rows(place.shard, group, inside, DOCS_SCHEMA.names)[0]
            return row, explorer.tables.rows(place.shard, group, inside, ("text",))[0]["text"]
        base += n_rows
    raise NotHere(f"{place}: no such document")


def _neighbours(explorer: Explorer, query: Query, place: Place) -> str:
    """Return links to the documents before and after, of the filter."""
    found = [
        scan(explorer.tables, explorer.index, query, start=start, count=1, backwards=backwards,
             seconds=_NEIGHBOUR_SECONDS).places
        for start, backwards in ((place, True), (Place(place.shard, place.row + 1), False))
    ]  # fmt: skip
    links: list[str] = []
    for places, label, rel in zip(found, ("← previous", "next →"), ("prev", "next"), strict=True):
        if places:
            doc_id = read_id(explorer, places[0])
            links.append(
                link(path_of("documents", doc_id), label, query.pairs(), f'rel="{rel}" class="button"')
            )
        else:
            links.append("")
    back = link(
        "/documents",
        "all of the filter" if query.pairs() else "all documents",
        [*query.pairs(), ("at", str(place))],
    )
    return f'<nav class="pager" aria-label="Documents"><span>{links[0]}</span><span>{back}</span><span>{links[1]}</span></nav>'


def read_id(explorer: Explorer, place: Place) -> str:
    """Return the id of the document at a place."""
    base = 0
    for group, n_rows in enumerate(explorer.tables.groups(place.shard)):
        if place.row < base + n_rows:
            return str(explorer.tables.column(place.shard, group, "doc_id")[place.row - base].as_py())
        base += n_rows
    raise NotHere(f"{place}: no such document")


def _ways(doc_id: str, query: Query, way: str) -> str:
    here = path_of("documents", doc_id)
    other = "raw" if way == "rendered" else "rendered"
    links = [
        link(
            here,
            f"show {other}",
            [*query.pairs(), ("show", other)],
            'class="button" data-key="r" id="other-way"',
        ),
        link(f"{here}/trace", "How did this get here?", [], 'class="button" data-key="t" id="to-trace"'),
        link(here, "permanent link", [], 'id="permanent"'),
    ]
    return f'<p class="actions">{" ".join(links)}</p>'


def _pages(doc_id: str, query: Query, way: str, page: int, last: int) -> str:
    if last == 1:
        return ""
    pairs = [*query.pairs(), *([("show", way)] if way != "rendered" else [])]
    links = [
        link(path_of("documents", doc_id), label, [*pairs, ("page", str(to))])
        for label, to in (("← before", page - 1), ("after →", page + 1))
        if 1 <= to <= last
    ]
    return f'<p class="soft">Part {page} of {last} of the text. {" · ".join(links)}</p>'


def _known(explorer: Explorer, row: Mapping[str, Any], place: Place) -> str:
    shard = explorer.index.rows[place.shard]
    origin = facts({
        "source": escape(row["source"]),
        "kind": escape(row["source_kind"]),
        "locator": f"<code>{escape(row['locator'])}</code>",
        "address": escape(row["url"] or ""),
        "host": link("/documents", row["host"], [("host", row["host"])]) if row["host"] else "",
        "repository": link("/documents", row["repo"], [("repo", row["repo"])]) if row["repo"] else "",
        "path": escape(row["path"] or ""),
        "date": escape(row["date"] or ""),
        "licence": escape(" ".join(filter(None, (row["licence"], row["licence_source"] and f"({row['licence_source']})")))),
        "language": escape(row["language"] or ""),
        "program in": escape(row["programming_language"] or ""),
    })  # fmt: skip
    shipped = facts({
        "document": f"<code>{row['doc_id']}</code>",
        "content": f"<code>{escape(row['content_hash'] or '')}</code>",
        "domain": chip(supply_key(row["domain"], row["subset"])),
        "text": size(row["n_bytes"]),
        "tokens": f"{count(row['length'])}, from {count(row['start'])}",
        "shard": f"<code>{shard.id}</code>, row {count(place.row)}",
        "redacted": escape(", ".join(f"{n} {kind}" for kind, n in row["redactions"].items())),
        "notes": "<br>".join(map(escape, row["notes"] or ())),
    })  # fmt: skip
    return (
        f"<section><h2>Where it is from</h2>{origin}</section><section><h2>In the snapshot</h2>{shipped}</section>"
        f"{_signals(explorer, row)}"
    )


def _signals(explorer: Explorer, row: Mapping[str, Any]) -> str:
    signals: Mapping[str, float] = row["signals"]
    if not signals:
        return ""
    lines = [
        [
            f"<code>{escape(name)}</code>",
            figure(float(value)),
            _limits(explorer.limits.get(name, ()), row["domain"]),
        ]
        for name, value in sorted(signals.items(), key=lambda pair: (pair[0] not in explorer.limits, pair[0]))
    ]
    return f'<section id="signals"><h2>Signals</h2>{table(["signal", "value", "bounds"], lines)}</section>'


def _limits(limits: Any, domain: str) -> str:
    mine: list[Limit] = [limit for limit in limits if not limit.domains or domain in limit.domains]
    return "<br>".join(
        f"<small>{escape(limit.name.rpartition(' ')[2])} {limit.at:g}</small>" for limit in mine
    )


def _elsewhere(explorer: Explorer, doc_id: str) -> str:
    """Return how a document ended that no shard holds; NotHere where it was never read."""
    found = explorer.trace(doc_id, explorer.corpus, explorer.index)
    if found is None:
        raise NotHere(f"{doc_id}: no document of this snapshot")
    body = f'<div id="document" data-doc-id="{doc_id}"><h1>{escape(name_of(found))}</h1><p class="bad">{escape(str(found["end"]))}</p>{_story(found)}</div>'
    return explorer.page(name_of(found), body, "/documents")


def show_trace(explorer: Explorer, request: Request) -> str:
    """Return how a document got here: from its dump, through the steps, to its shard."""
    doc_id = checked_id(request)
    found = explorer.trace(doc_id, explorer.corpus, explorer.index)
    if found is None:
        raise NotHere(f"{doc_id}: no document of this snapshot")
    back = link(path_of("documents", doc_id), "← the document", [], 'class="button"')
    body = f'<p>{back}</p><h1>How this got here</h1><p class="lead">{escape(name_of(found))}</p><div id="trace" data-doc-id="{doc_id}">{_story(found)}</div>'
    return explorer.page("Trace", body, "/documents")


def _story(found: Mapping[str, Any]) -> str:
    """Return the way of a document as steps, in order."""
    score = {name: figure(found.get(name)) for name in ("language_score", "math_score", "scaffold_score")}
    steps: list[tuple[str, Mapping[str, str]]] = [
        ("Read from a dump", {
            "input": escape(str(found.get("input", ""))), "source": escape(f"{found['source']} ({found['source_kind']})"),
            "locator": f"<code>{escape(found['locator'])}</code>", "address": escape(found.get("url") or ""),
            "part": f"<code>{escape(str(found.get('part', '')))}</code>"}),
    ]  # fmt: skip
    if found.get("domain_reason"):
        key = supply_key(found["domain"], found["subset"])
        steps.append(("Extracted and labelled", {
            "domain": chip(key), "because": escape(found["domain_reason"]), "language": escape(found.get("language") or ""),
            **{name.replace("_", " "): value for name, value in score.items()},
            "licence": escape(found.get("licence") or ""), "notes": "<br>".join(map(escape, found.get("notes") or ()))}))  # fmt: skip
    if found.get("redactions"):
        redacted = ", ".join(f"{n} {kind}" for kind, n in found["redactions"].items())
        steps.append(("Redacted", {"spans": escape(redacted)}))
    if found.get("cluster_id"):
        cluster = link(path_of("clusters", found["cluster_id"]), found["cluster_id"])
        kept = "it is the one that stays" if found.get("cluster_keep") else "another one stays"
        steps.append(("Compared with others", {"cluster": cluster, "in it": kept, "exact": str(found.get("cluster_exact"))}))  # fmt: skip
    steps.append((str(found["end"])[:1].upper() + str(found["end"])[1:], {
        "because": escape(str(found.get("detail") or found.get("error") or "")),
        "shard": f"<code>{escape(found['shard'])}</code>" if found.get("shard") else "",
        "row": figure(found.get("shard_row")),
        "tokens": f"{count(found['token_length'])} from {count(found['token_start'])}" if "token_start" in found else "",
    }))  # fmt: skip
    shown = "".join(f"<li><h2>{escape(name)}</h2>{facts(told)}</li>" for name, told in steps)
    more = "".join(
        f"<h3>{title}</h3>{block(str(found[name]))}"
        for name, title in (("excerpt", "The text began"), ("traceback", "Traceback"))
        if found.get(name)
    )
    maps = {name: found[name] for name in _MAPS[:1] if found.get(name)}
    figures = "".join(
        f"<details><summary>{len(values)} {name}</summary>"
        + facts({key: figure(float(value)) for key, value in values.items()})
        + "</details>"
        for name, values in maps.items()
    )
    return f'<section><ol class="steps">{shown}</ol>{more}{figures}</section>'
