"""Clusters of duplicates, and the members of one side by side."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from corpusforge.view.clusterfile import cluster_of, clusters_from
from corpusforge.view.difference import beside
from corpusforge.view.errors import BadRequest, NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, count, escape, link, message, path_of, table
from corpusforge.view.members import texts_of

PER_PAGE = 30
_MOST_MEMBERS = 12
"""Members of a cluster whose texts are looked up."""
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,12})")
_ID = re.compile(r"[0-9a-f]{32}")


def show(explorer: Explorer, request: Request) -> str:
    """Return clusters, a row each, from a place on."""
    given = request.query_params.get("at", "0.0")
    place = _PLACE.fullmatch(given)
    if place is None:
        raise BadRequest(f"at: {given[:40]!r} is no place of a cluster")
    found, following = clusters_from(
        explorer.corpus, explorer.dedup_folders, int(place[1]), int(place[2]), PER_PAGE
    )
    rows = [_row(members) for members in found]
    ends = (
        [s.exact_duplicates for s in explorer.summary.sources],
        [s.near_duplicates for s in explorer.summary.sources],
    )
    body = (
        f'<h1>Clusters</h1><p class="lead">Documents that are alike; one of each stays (or as many as the configuration '
        f"keeps). By the index {count(sum(ends[0]))} exact and {count(sum(ends[1]))} near duplicates were removed.</p>"
    )
    body += '<section id="clusters">' + (
        table(["survivor", "of", "alike", "documents", "removed"], rows, words=3) if rows else message("There are no duplicates.")
    ) + "</section>"  # fmt: skip
    forth = ""
    if following:
        forth = link(
            "/clusters", "next →", [("at", f"{following[0]}.{following[1]}")], 'rel="next" class="button"'
        )
    body += f'<nav class="pager" aria-label="Pages"><span></span><span>{forth}</span></nav>'
    return explorer.page("Clusters", body, "/clusters")


def _row(members: list[dict[str, Any]]) -> list[str]:
    first = members[0]
    kinds = sorted({f"{member['source']}" for member in members})
    domains = " ".join(chip(name) for name in sorted({member["domain"] for member in members}))
    alike = "exactly" if all(member["exact"] for member in members if not member["keep"]) else "nearly"
    removed = sum(not member["keep"] for member in members)
    name = link(
        path_of("clusters", first["cluster_id"]),
        first["cluster_id"],
        (),
        f'data-cluster-id="{first["cluster_id"]}" data-card',
    )
    return [
        f"<code>{name}</code>",
        f"{domains} {escape(', '.join(kinds))}",
        alike,
        count(len(members)),
        count(removed),
    ]


def show_one(explorer: Explorer, request: Request) -> str:
    """Return the members of a cluster, each beside the one that stays."""
    cluster_id = str(request.path_params["cluster_id"])
    members = (
        cluster_of(explorer.corpus, explorer.dedup_folders, cluster_id) if _ID.fullmatch(cluster_id) else []
    )
    if not members:
        raise NotHere(f"{cluster_id[:40]}: no cluster of this snapshot was found")
    members.sort(key=lambda member: (member["doc_id"] != cluster_id, not member["keep"], member["doc_id"]))
    shown = members[:_MOST_MEMBERS]
    texts = texts_of(explorer, shown)
    first = shown[0]
    pieces: list[str] = []
    for member in shown[1:]:
        left, right = texts.get(first["doc_id"]), texts.get(member["doc_id"])
        if left is None or right is None:
            told = message("The text of one of them was not found in the parts in time.")
        else:
            told = beside(left, right, _name(first), _name(member))
        pieces.append(
            f'<section data-card data-doc-id="{member["doc_id"]}"><h2>{_name(first)} and {_name(member)}</h2>{told}</section>'
        )
    more = len(members) - len(shown)
    note = f" The first {_MOST_MEMBERS - 1} are compared, {count(more)} more are not." if more else ""
    rows = [
        [
            f"<code>{link(path_of('documents', member['doc_id']), member['doc_id'])}</code>",
            "stays" if member["keep"] else "removed",
            "exactly" if member["exact"] else "nearly",
            f"{chip(member['domain'])} {escape(member['source'])}",
        ]
        for member in members[:200]
    ]
    body = (
        f'<h1>A cluster of {count(len(members))} documents</h1><p class="lead">Each is set beside the one that stays; words of one '
        f'that the other lacks are marked.{note}</p><section id="members">'
        + table(["document", "", "alike", "of"], rows, words=4)
        + f'</section><div id="compared">{"".join(pieces)}</div>'
    )
    return explorer.page("Cluster", body, "/clusters")


def _name(member: dict[str, Any]) -> str:
    return f"{member['doc_id'][:8]}… ({'stays' if member['keep'] else 'removed'})"
