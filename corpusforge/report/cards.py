"""Documents, drops and clusters as cards: redacted, cut, escaped; folded until a reader opens them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from corpusforge.dedup.order import REASON_WORDS
from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import redact
from corpusforge.printable import counted_as, visible
from corpusforge.report.clusters import Clusters, Member
from corpusforge.report.drops import SHOWN_DROPS, Drops
from corpusforge.report.html import colour_of, count, escape, section, size, within
from corpusforge.report.plots import figure, histogram
from corpusforge.report.rejects import SampledParts
from corpusforge.report.sample import SHOWN_DOCUMENTS
from corpusforge.report.summary import Summary

_TEXT_CHARS, _LINE_CHARS, _PREVIEW_CHARS = 1200, 200, 150
_BEHIND_CHARS = 200
"""Read behind what is shown, so that a secret at the cut is still told."""
_REASONS_SHOWN = 60
_MOST_BYTES = 600_000
"""Of the cards of a section: markup and what is no printed character are written in several letters."""
_LEAST_SIZES = 12
_FULL = FilterConfig()
"""With every kind of redaction on, whatever the corpus was built with: a page is passed on."""


def documents_section(documents: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return some documents of each domain as HTML."""
    if not documents:
        return ""
    note = (
        f"The first {SHOWN_DOCUMENTS} of each domain and subset in the order of the shards, that of a hash: "
        "as good as drawn by lot, and the same on every run. Personal data and secrets are replaced, "
        f"texts end after {count(_TEXT_CHARS)} characters."
    )
    parts = [f"<p>{note}</p>"]
    for key, rows in documents.items():
        parts.append(f'<h3><i style="background:{colour_of(key)}"></i>{escape(key)}</h3>')
        parts += [_document(row) for row in rows]
    return section("Sample documents", within(parts, _MOST_BYTES))


def _document(row: Mapping[str, Any]) -> str:
    name = row.get("title") or row.get("path") or row.get("url") or row["locator"]
    scores = [
        f"{label} {row[column]:.2f}"
        for label, column in (
            ("math", "math_score"),
            ("scaffold", "scaffold_score"),
            ("language", "language_score"),
        )
        if row.get(column) is not None
    ]
    facts = {
        "why here": row.get("domain_reason"),
        "scores": ", ".join(scores),
        "language": row.get("language"),
        "program": row.get("programming_language"),
        "licence": row.get("licence"),
        "date": row.get("date"),
        "url": row.get("url"),
        "repository": row.get("repo"),
        "source": f"{row['source']} ({row['source_kind']})",
        "locator": row["locator"],
        "id": row["doc_id"],
    }
    figures = f"{count(row['length'])} tokens, {size(row['n_bytes'])}"
    return _card(str(name), figures, facts, str(row["text"]))


def drops_section(drops: Drops, summary: Summary, parts: SampledParts) -> str:
    """Return some drops of each reason as HTML, those near their threshold first."""
    if not summary.dropped:
        return ""
    note = (
        f"Up to {SHOWN_DROPS} of each reason. Where a figure decided, those nearest to its threshold come "
        f"first; else the order is that of their ids. {_looked_at(parts)}"
    )
    body = [f"<p>{note}</p>"]
    for reason, n_records, _ in summary.dropped[:_REASONS_SHOWN]:
        examples = drops.examples.get(reason, [])
        body.append(f"<h3><code>{escape(reason)}</code> {count(n_records)}</h3>")
        body += [_drop(row) for row in examples]
        if not examples:
            body.append("<p>None in the parts looked at.</p>")
    return section("Drops by example", within(body, _MOST_BYTES))


def _drop(row: Mapping[str, Any]) -> str:
    facts = {
        "domain": row.get("domain"),
        "source": row["source"],
        "locator": row["locator"],
        "id": row["doc_id"],
    }
    figures = f"{size(row['n_bytes'])}, {row['locator']}" if row.get("n_bytes") else str(row["locator"])
    return _card(str(row["detail"]), figures, facts, str(row.get("excerpt") or ""))


def clusters_section(clusters: Clusters, parts: SampledParts) -> str:
    """Return how large clusters are, and members of some side by side, as HTML."""
    if not clusters.n_clusters:
        return ""
    is_all = clusters.n_looked_at == clusters.n_clusters
    told = counted_as(clusters.n_clusters, "cluster") + (
        "" if is_all or not clusters.n_looked_at else f", {count(clusters.n_looked_at)} of them looked at"
    )
    body = [f"<p>{told}. A cluster is documents that are near-duplicates of each other, by a chain.</p>"]
    if clusters.sizes:
        last = max(*clusters.sizes, _LEAST_SIZES)
        is_long = last > 64
        edges = (
            [2.0 * 2**k for k in range(last.bit_length())]
            if is_long
            else [float(n) for n in range(2, last + 2)]
        )
        counts = [
            sum(n for members, n in clusters.sizes.items() if low <= members < high)
            for low, high in pairwise(edges)
        ]
        plot = histogram(
            "Documents per cluster", edges, counts, unit="documents", is_log=is_long, is_log_counts=True
        )
        body.append(figure(plot, "Documents per cluster", f"{told}; heights by logarithm"))
    if clusters.examples:
        body.append(
            "<p>Two members of each, from where they first differ; what the other lacks is marked. "
            f"{_looked_at(parts)}</p>"
        )
    body += [f'<div class="pair">{"".join(map(_member, members))}</div>' for members in clusters.examples]
    return section("Clusters of duplicates", within(body, _MOST_BYTES))


def _member(member: Member) -> str:
    how = (
        "kept"
        if member.is_kept
        else "removed, the same text"
        if member.is_exact
        else "removed, nearly the same"
    )
    if not member.is_kept and member.decided_by in REASON_WORDS:
        how += f"; why the other stays: {REASON_WORDS[member.decided_by]}"
    marked = "".join(
        f"<mark>{text}</mark>" if differs else text for text, differs in _redacted(member.pieces)
    )
    begins = f"from word {count(member.starts_at_word + 1)}" if member.starts_at_word else "from the start"
    return (
        f'<div class="member"><b>{how}</b> <small>{escape(member.source)}/{escape(member.domain)}, '
        f"{count(member.n_chars)} characters, {begins}</small>"
        f"<small><code>{escape(_line(member.locator))}</code></small><pre>{marked}</pre></div>"
    )


def _redacted(pieces: Iterable[tuple[str, bool]]) -> Iterable[tuple[str, bool]]:
    """Return (HTML, whether it is marked) of pieces, redacted as one text: a secret may span them."""
    held = list(pieces)
    whole = "".join(text for text, _ in held)
    redacted = redact(whole, _FULL)[0]
    if redacted != whole:  # a placeholder may span pieces: the text is shown unmarked
        return [(block(redacted), False)]
    return [(block(text), differs) for text, differs in held]


def _card(name: str, figures: str, facts: Mapping[str, Any], text: str) -> str:
    rows = "".join(
        f"<dt>{label}</dt><dd>{escape(_line(str(value)))}</dd>" for label, value in facts.items() if value
    )
    shown = redact(text[: _TEXT_CHARS + _BEHIND_CHARS], _FULL)[0]
    cut = "…" if len(shown) > _TEXT_CHARS or len(text) > _TEXT_CHARS + _BEHIND_CHARS else ""
    body = f"<pre>{block(shown[:_TEXT_CHARS])}{cut}</pre>" if text else ""
    begins = " ".join(shown[:_PREVIEW_CHARS].split()) + ("…" if len(shown) > _PREVIEW_CHARS else "")
    preview = f"<small>{escape(begins)}</small>" if begins else ""
    return (
        f'<details class="card"><summary><span>{escape(_line(name))}</span> <small>{escape(_line(figures))}'
        f"</small>{preview}</summary><dl>{rows}</dl>{body}</details>"
    )


def block(text: str) -> str:
    """Return text of several lines as HTML: line ends and tabs stay, the rest is as `escape` has it."""
    return html.escape(visible(text.replace("\r\n", "\n"), keep="\n\t"))


def _line(text: str) -> str:
    redacted = redact(text[: _LINE_CHARS + _BEHIND_CHARS], _FULL)[0]
    return redacted if len(redacted) <= _LINE_CHARS else redacted[:_LINE_CHARS] + "…"


def _looked_at(parts: SampledParts) -> str:
    if parts.is_all:
        return ""
    told = counted_as(parts.n_parts, "part")
    return f"Looked at: {count(len(parts.ids))} of {told}, those of each source with the lowest ids."
