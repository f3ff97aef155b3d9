"""Clusters of duplicates, and the members of one side by side."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from corpusforge.dedup.order import REASON_WORDS
from corpusforge.report.html import count, escape, table
from corpusforge.view.clusterfile import cluster_of, clusters_from
from corpusforge.view.difference import beside
from corpusforge.view.errors import BadRequest, NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, lead, link, message, pager, path_of, section, step
from corpusforge.view.locate import locate
from corpusforge.view.members import texts_of
from corpusforge.view.pages.document import read_columns
from corpusforge.view.pages.documents import name_of
from corpusforge.view.scan import Place

PER_PAGE = 30
_MOST_COMPARED = 12
"""Members of a cluster whose texts are looked up."""
_MOST_LISTED = 200
_NAMES_SECONDS = 0.7
_NAME_WORDS, _NAME_CHARS = 12, 120
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,12})")
_ID = re.compile(r"[0-9a-f]{32}")
Members = Sequence[Mapping[str, Any]]


def show(explorer: Explorer, request: Request) -> str:
    """Return clusters, a row each, from a place on."""
    given = request.query_params.get("at", "0.0")
    place = _PLACE.fullmatch(given)
    if place is None:
        raise BadRequest(f"at: {given[:40]!r} is no place of a cluster")
    at = int(place[1]), int(place[2])
    found, following = clusters_from(explorer.corpus, explorer.dedup_folders, *at, PER_PAGE)
    exact = sum(source.exact_duplicates for source in explorer.summary.sources)
    near = sum(source.near_duplicates for source in explorer.summary.sources)
    told = (
        "Documents that are alike; of each cluster one stays, or as many as the configuration keeps. By the "
        f"index {count(exact)} exact and {count(near)} near duplicates were removed."
    )
    columns = ["survivor", "of", "alike", "documents", "removed"]
    names = _survivors(explorer, [_survivor(members) for members in found])
    listed = table(columns, [_row(members, names) for members in found], words=3)
    body = f"<h1>Clusters</h1>{lead(told)}" + section(
        "", listed if found else message("There are no duplicates."), "clusters"
    )
    if following:
        body += pager(
            "Pages", "", step("/clusters", "next →", [("at", f"{following[0]}.{following[1]}")], "next")
        )
    return explorer.page("Clusters", body, "/clusters")


def _survivor(members: Members) -> Mapping[str, Any]:
    """Return the member that a cluster is named after, or else one that stays."""
    first = (member for member in members if member["doc_id"] == member["cluster_id"])
    stays = (member for member in members if member["keep"])
    return next(first, None) or next(stays, members[0])


def _survivors(explorer: Explorer, members: Members) -> dict[str, str]:
    """Return what survivors are called, by cluster: their title, path or first words, as time allows.

    Texts are read last: where a document has no title, how it begins is worth the wait, but no id of others.
    """
    end = time.monotonic() + _NAMES_SECONDS
    names: dict[str, str] = {}
    untitled: list[tuple[str, Place]] = []
    for member in members:
        if time.monotonic() > end:
            break
        cluster_id = str(member["cluster_id"])
        place = locate(explorer.tables, explorer.index, str(member["doc_id"]), str(member["domain"]))
        if place is not None:
            row = read_columns(explorer, place, ("title", "path", "locator"))
            names[cluster_id] = name_of(row)
            if not row["title"] and not row["path"]:
                untitled.append((cluster_id, place))
    for cluster_id, place in untitled:
        if time.monotonic() > end:
            break
        text = read_columns(explorer, place, ("text",))["text"][:_NAME_CHARS]
        names[cluster_id] = " ".join(text.split()[:_NAME_WORDS]) + " …" if text.strip() else names[cluster_id]
    return names


def _row(members: Members, names: Mapping[str, str]) -> list[str]:
    cluster_id = members[0]["cluster_id"]
    domains = " ".join(chip(name) for name in sorted({member["domain"] for member in members}))
    sources = ", ".join(sorted({member["source"] for member in members}))
    n_removed = sum(not member["keep"] for member in members)
    is_exact = all(member["exact"] for member in members if not member["keep"])
    name = names.get(cluster_id, cluster_id)
    shown = link(path_of("clusters", cluster_id), name, (), f'data-cluster-id="{cluster_id}"')
    return [
        f'<div class="name" data-card>{shown}</div>',
        f"{domains} {escape(sources)}",
        "exactly" if is_exact else "nearly",
        count(len(members)),
        count(n_removed),
    ]


def show_one(explorer: Explorer, request: Request) -> str:
    """Return the members of a cluster, each beside the one that stays."""
    cluster_id = str(request.path_params["cluster_id"])
    members: list[dict[str, Any]] = []
    if _ID.fullmatch(cluster_id):
        members = cluster_of(explorer.corpus, explorer.dedup_folders, cluster_id)
    if not members:
        raise NotHere(f"{cluster_id[:40]}: no cluster of this snapshot was found")
    members.sort(key=lambda member: (member["doc_id"] != cluster_id, not member["keep"], member["doc_id"]))
    told = "Each is set beside the one that stays; what one has and the other lacks is marked."
    n_more = len(members) - _MOST_COMPARED
    if n_more > 0:
        told += f" The first {_MOST_COMPARED} are compared, {count(n_more)} more are not."
    listed = table(
        ["document", "", "alike", "of", "why the other stays"],
        [_member(member) for member in members[:_MOST_LISTED]],
        words=5,
    )
    body = (
        f"<h1>A cluster of {count(len(members))} documents</h1>{lead(told)}{section('', listed, 'members')}"
        f'<div id="compared">{_compared(explorer, members[:_MOST_COMPARED])}</div>'
    )
    return explorer.page("Cluster", body, "/clusters")


def _member(member: Mapping[str, Any]) -> list[str]:
    return [
        f"<code>{link(path_of('documents', member['doc_id']), member['doc_id'][:16])}</code>",
        "stays" if member["keep"] else "removed",
        "exactly" if member["exact"] else "nearly",
        f"{chip(member['domain'])} {escape(member['source'])}",
        REASON_WORDS.get(str(member.get("decided_by")), ""),
    ]


def _compared(explorer: Explorer, members: Members) -> str:
    texts = texts_of(explorer, members)
    first = members[0]
    pieces: list[str] = []
    for member in members[1:]:
        left, right = texts.get(first["doc_id"]), texts.get(member["doc_id"])
        if left is None or right is None:
            told = message("The text of one of them was not found in the parts in time.")
        else:
            told = beside(left, right, _name(first), _name(member))
        pieces.append(
            f'<section data-card data-doc-id="{member["doc_id"]}"><h2>'
            f"{_name(first)} beside {_name(member)}</h2>{told}</section>"
        )
    return "".join(pieces)


def _name(member: Mapping[str, Any]) -> str:
    return f"{member['doc_id'][:8]} ({'stays' if member['keep'] else 'removed'})"
