"""One document: its text, all that is known of it, its neighbours, and how it got here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from corpusforge.dedup.order import REASON_WORDS
from corpusforge.domains import supply_key
from corpusforge.parts.plan import manifest_rows
from corpusforge.report.html import count, escape, size, table
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import shard_path
from corpusforge.view.errors import BadRequest, NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import (
    block,
    button,
    chip,
    code,
    facts,
    figure,
    lead,
    link,
    pager,
    path_of,
    section,
    step,
)
from corpusforge.view.locate import locate
from corpusforge.view.markdown import pages_of
from corpusforge.view.pages.documents import meta, name_of, scores, shown_text
from corpusforge.view.query import Query, query_of
from corpusforge.view.scan import Place, scan
from corpusforge.view.thresholds import Limit

_DOC_ID = re.compile(r"[0-9a-f]{32}")
_NEIGHBOUR_SECONDS = 0.3


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
    text = _pages(doc_id, query, way, int(piece), len(pieces)) + shown_text(row, pieces[int(piece) - 1], way)
    body = (
        f'<div id="document" data-doc-id="{doc_id}">{_neighbours(explorer, query, place)}'
        f"<h1>{escape(name_of(row))}</h1>{meta(row)}"
        f'<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}{_ways(doc_id, query, way)}'
        f'<div class="document"><div>{section("", text, "text")}</div>'
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
    row = read_columns(explorer, place, (*DOCS_SCHEMA.names, "text"))
    return row, row.pop("text")


def read_columns(explorer: Explorer, place: Place, names: Sequence[str]) -> dict[str, Any]:
    """Return columns of a document by name; NotHere where no document stands there."""
    base = 0
    for group, n_rows in enumerate(explorer.tables.groups(place.shard)):
        if place.row < base + n_rows:
            return explorer.tables.rows(place.shard, group, [place.row - base], names)[0]
        base += n_rows
    raise NotHere(f"{place}: no such document")


def _neighbours(explorer: Explorer, query: Query, place: Place) -> str:
    """Return links to the documents before and after, of the filter."""
    pairs = query.pairs()
    links: list[str] = []
    for start, label, rel in (
        (place, "← previous", "prev"),
        (Place(place.shard, place.row + 1), "next →", "next"),
    ):
        found = scan(
            explorer.tables, explorer.index, query,
            start=start, count=1, backwards=rel == "prev", seconds=_NEIGHBOUR_SECONDS,
        )  # fmt: skip
        if found.places:
            doc_id = read_columns(explorer, found.places[0], ("doc_id",))["doc_id"]
            links.append(step(path_of("documents", doc_id), label, pairs, rel))
        else:
            links.append("")
    name = "all of the filter" if pairs else "all documents"
    return pager("Documents", links[0], links[1], link("/documents", name, [*pairs, ("at", str(place))]))


def _ways(doc_id: str, query: Query, way: str) -> str:
    here = path_of("documents", doc_id)
    other = "raw" if way == "rendered" else "rendered"
    links = [
        button(here, f"show {other}", [*query.pairs(), ("show", other)], 'data-key="r" id="other-way"'),
        button(f"{here}/trace", "How did this get here?", [], 'data-key="t" id="to-trace"'),
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
    found_in = f"({row['licence_source']})" if row["licence_source"] else ""
    origin = facts({
        "source": escape(row["source"]),
        "kind": escape(row["source_kind"]),
        "locator": code(row["locator"]),
        "address": escape(row["url"] or ""),
        "host": link("/documents", row["host"], [("host", row["host"])]) if row["host"] else "",
        "repository": link("/documents", row["repo"], [("repo", row["repo"])]) if row["repo"] else "",
        "path": escape(row["path"] or ""),
        "date": escape(row["date"] or ""),
        "licence": escape(f"{row['licence']} {found_in}" if row["licence"] else ""),
        "language": escape(row["language"] or ""),
        "program in": escape(row["programming_language"] or ""),
    })  # fmt: skip
    shipped = facts({
        "document": code(row["doc_id"]),
        "content": code(row["content_hash"] or ""),
        "domain": chip(supply_key(row["domain"], row["subset"])),
        "text": size(row["n_bytes"]),
        "tokens": f"{count(row['length'])}, from {count(row['start'])}",
        "shard": f"{code(shard.id)}, row {count(place.row)}",
        "redacted": escape(_redacted(row)),
        "notes": _notes(row),
    })  # fmt: skip
    return (
        section("Where it is from", origin, "origin")
        + section("In the snapshot", shipped, "shipped")
        + _signals(explorer, row)
    )


def _redacted(row: Mapping[str, Any]) -> str:
    spans: Mapping[str, int] = row.get("redactions") or {}
    return ", ".join(f"{n} {kind}" for kind, n in spans.items())


def _notes(row: Mapping[str, Any]) -> str:
    return "<br>".join(map(escape, row.get("notes") or ()))


def _signals(explorer: Explorer, row: Mapping[str, Any]) -> str:
    """Return signals: those that a rule bounds in this domain with their bounds, the others folded."""
    signals: Mapping[str, float] = row["signals"]
    judged: list[list[str]] = []
    others: list[list[str]] = []
    for name, value in sorted(signals.items()):
        bounds = _bounds(explorer.limits.get(name, ()), row["domain"])
        (judged if bounds else others).append(
            [code(name), figure(float(value)), *([bounds] if bounds else [])]
        )
    if not signals:
        return ""
    body = table(["signal", "value", "bounds"], judged) if judged else ""
    body += (
        f"<details><summary>{len(others)} without a bound here</summary>{table(['', ''], others)}</details>"
    )
    return section("Signals", body, "signals")


def _bounds(limits: Sequence[Limit], domain: str) -> str:
    mine = [limit for limit in limits if not limit.domains or domain in limit.domains]
    return "<br>".join(
        f"<small>{escape(limit.name.rpartition(' ')[2])} {limit.at:g}</small>" for limit in mine
    )


def _elsewhere(explorer: Explorer, doc_id: str) -> str:
    """Return how a document ended that no shard holds; NotHere where it was never read."""
    found = _traced(explorer, doc_id)
    body = (
        f'<div id="document" data-doc-id="{doc_id}"><h1>{escape(name_of(found))}</h1>'
        f'<p class="bad" id="end">{escape(_capital(str(found["end"])))}</p>{_story(found)}</div>'
    )
    return explorer.page(name_of(found), body, "/documents")


def _traced(explorer: Explorer, doc_id: str) -> Mapping[str, Any]:
    """Return how a document ended, and where it came from.

    Its part is looked for first among those of its own source and input: a corpus may have a million.
    """
    place = locate(explorer.tables, explorer.index, doc_id)
    row = None if place is None else read_columns(explorer, place, DOCS_SCHEMA.names)
    found = None
    if row is not None:
        name = row["locator"].partition("#")[0]
        near = [
            entry
            for entry in manifest_rows(explorer.corpus, explorer.index.header)
            if entry.get("source") == row["source"] and entry.get("name") == name
        ]
        header = {name: value for name, value in explorer.index.header.items() if name != "plan"}
        found = explorer.trace(
            doc_id, explorer.corpus, replace(explorer.index, header={**header, "inputs": near})
        )
    found = found or explorer.trace(doc_id, explorer.corpus, explorer.index)
    if found is None and row is not None and place is not None:
        shard = explorer.index.rows[place.shard]
        return {
            **row,
            "end": "in a shard",
            "detail": "its part is no longer here: this is what the shard tells",
            "shard": shard_path(shard.domain, shard.subset, shard.id, "tokens"),
            "shard_row": place.row,
            "token_start": row["start"],
            "token_length": row["length"],
        }
    if found is None:
        raise NotHere(f"{doc_id}: no document of this snapshot")
    return found


def show_trace(explorer: Explorer, request: Request) -> str:
    """Return how a document got here: from its dump, through the steps, to its shard."""
    doc_id = checked_id(request)
    found = _traced(explorer, doc_id)
    body = (
        f"<p>{button(path_of('documents', doc_id), '← the document')}</p><h1>How this got here</h1>"
        f'{lead(escape(name_of(found)))}<div id="trace" data-doc-id="{doc_id}">{_story(found)}</div>'
    )
    return explorer.page("Trace", body, "/documents")


def _story(found: Mapping[str, Any]) -> str:
    """Return the way of a document as steps, in order."""
    steps: dict[str, Mapping[str, str]] = {
        "Read from a dump": {
            "input": escape(str(found.get("input", ""))),
            "source": escape(f"{found['source']} ({found['source_kind']})"),
            "locator": code(found["locator"]),
            "address": escape(found.get("url") or ""),
            "part": code(str(found.get("part", ""))),
        }
    }
    if found.get("domain_reason"):
        names = ("language_score", "math_score", "scaffold_score")
        steps["Extracted and labelled"] = {
            "domain": chip(supply_key(found["domain"], found["subset"])),
            "because": escape(found["domain_reason"]),
            "language": escape(found.get("language") or ""),
            **{name.replace("_", " "): figure(found.get(name)) for name in names},
            "licence": escape(found.get("licence") or ""),
            "redacted": escape(_redacted(found)),
            "notes": _notes(found),
        }
    if found.get("cluster_id"):
        steps["Compared with others"] = {
            "cluster": link(path_of("clusters", found["cluster_id"]), found["cluster_id"]),
            "in it": "it stays" if found.get("cluster_keep") else "another one stays",
            "alike": "exactly" if found.get("cluster_exact") else "nearly",
            "why the other stays": REASON_WORDS.get(str(found.get("cluster_decided_by")), ""),
        }
    has_tokens = "token_start" in found
    steps[_capital(str(found["end"]))] = {
        "because": escape(str(found.get("detail") or found.get("error") or "")),
        "shard": code(found.get("shard") or ""),
        "row": figure(found.get("shard_row")),
        "tokens": f"{count(found['token_length'])}, from {count(found['token_start'])}" if has_tokens else "",
    }
    shown = "".join(f"<li><h2>{escape(name)}</h2>{facts(told)}</li>" for name, told in steps.items())
    for name, title in (("excerpt", "The text began"), ("traceback", "Traceback")):
        if found.get(name):
            shown += f"<li><h2>{title}</h2>{block(str(found[name]))}</li>"
    signals: Mapping[str, float] = found.get("signals") or {}
    figures = facts({name: figure(float(value)) for name, value in sorted(signals.items())})
    folded = f"<details><summary>{len(signals)} signals</summary>{figures}</details>" if signals else ""
    return section("", f'<ol class="steps">{shown}</ol>{folded}')


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
