"""The first sections of the page: from dumps to tokens, and what there is in the corpus, as plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from corpusforge.domains import Domain
from corpusforge.report.html import count, escape, section, size
from corpusforge.report.plots import Bar, Part, Stage, bars, colour_class, figure, funnel, line
from corpusforge.report.sample import Stratum, top_values, years
from corpusforge.report.summary import SourceEnds, Summary

_SOURCES_APART = 7
"""So many sources have a colour of their own; the rest are one."""
_VALUES_SHOWN = 12
_COLUMNS = {
    "language": "Languages",
    "licence": "Licences",
    "host": "Hosts",
    "repo": "Repositories",
    "programming_language": "Programming languages",
}


def funnel_section(summary: Summary, conservation: Mapping[str, Any]) -> str:
    """Return the way from bytes of dumps to tokens, by source and by domain, as HTML."""
    if not summary.sources:
        return ""
    plots = [
        figure(_by_source(summary), "By source"),
        figure(_by_domain(summary, conservation), "By domain", "from where a document has one"),
    ]
    return section("From dumps to tokens", f'<div class="plots">{"".join(plots)}</div>')


def _by_source(summary: Summary) -> str:
    largest = sorted(summary.sources, key=lambda source: (-source.records_in, source.source))
    named = {source.source: place for place, source in enumerate(largest[:_SOURCES_APART])}
    tokens: dict[str, int] = {}
    for (source, _), amount in summary.by_source.items():
        tokens[source] = tokens.get(source, 0) + amount.tokens
    records = summary.records_in

    def parts(value: Callable[[SourceEnds], float]) -> list[Part]:
        found = [Part(name, value(largest[place]), colour_class("", place)) for name, place in named.items()]
        rest = sum(value(source) for source in largest[_SOURCES_APART:])
        return [*found, Part(f"{len(largest) - _SOURCES_APART} others", rest, "c-other")] if rest else found

    documents: list[tuple[str, Callable[[SourceEnds], int]]] = [
        ("records read", lambda s: s.records_in),
        ("of them documents", lambda s: s.records_in - s.no_documents),
        ("kept by filters", lambda s: s.documents + s.exact_duplicates + s.near_duplicates),
        ("left by dedup", lambda s: s.documents),
    ]  # fmt: skip
    stages = [
        Stage("bytes of dumps", size(sum(s.n_bytes_in for s in largest)), parts(lambda s: s.n_bytes_in)),
        *(
            Stage(label, count(int(sum(map(value, largest)))), parts(value), records)
            for label, value in documents
        ),
        Stage("tokens", count(summary.whole.tokens), parts(lambda s: tokens.get(s.source, 0))),
    ]
    return funnel("From dumps to tokens by source", stages)


def _by_domain(summary: Summary, conservation: Mapping[str, Any]) -> str:
    sources = conservation.get("sources", {}).values()
    kept = {
        domain.value: sum(source.get("kept_by_domain", {}).get(domain, 0) for source in sources)
        for domain in Domain
    }
    documents: dict[str, int] = {}
    for key, amount in summary.domains.items():
        documents[key.partition("/")[0]] = documents.get(key.partition("/")[0], 0) + amount.documents
    full = sum(kept.values())
    left = sum(documents.values())

    def parts(values: Mapping[str, float]) -> list[Part]:
        return [Part(name, value, colour_class(name)) for name, value in values.items() if value]

    tokens = {key: amount.tokens for key, amount in summary.domains.items()}
    text = {key: amount.n_bytes for key, amount in summary.domains.items()}
    stages = [
        *([Stage("kept by filters", count(full), parts(kept), full)] if full else []),
        Stage("left by dedup", count(left), parts(documents), full),
        Stage("bytes of text", size(sum(text.values())), parts(text)),
        Stage("tokens", count(sum(tokens.values())), parts(tokens)),
    ]
    return funnel("From documents to tokens by domain", stages)


def contents_section(strata: Sequence[Stratum]) -> str:
    """Return languages, licences, hosts, repositories and years as HTML."""
    if not strata:
        return ""
    plots: list[str] = []
    held = list(strata)
    for column, title in _COLUMNS.items():
        found = top_values(held, column, _VALUES_SHOWN + 1)
        if not found:
            continue
        n_with = round(sum(s.weight * (s.table.num_rows - s.table[column].null_count) for s in held))
        shown = found[:_VALUES_SHOWN]
        rest = n_with - sum(n for _, n in shown)
        rows = [Bar(name, n) for name, n in shown]
        rows += [Bar("others", rest, "c-other")] if len(found) > _VALUES_SHOWN and rest > 0 else []
        plots.append(figure(bars(title, rows), title, f"of {n_with:,} documents that have one"))
    if by_year := years(held):
        plots.append(
            figure(line("Years", by_year, unit="documents"), "Years", "of the date that a source tells")
        )
    if not plots:
        return ""
    return section("What is in it", f'<p>{looked_at(held)}</p><div class="plots">{"".join(plots)}</div>')


def distributions_section(strata: Sequence[Stratum], figures: Sequence[str]) -> str:
    """Return histograms as HTML under a word on what they are of."""
    if not figures:
        return ""
    note = (
        f"{looked_at(list(strata))} Grey, on top: documents that this figure dropped. A dashed line is a "
        "threshold of the configuration. What lies beyond an axis is counted in its last bin."
    )
    return section(
        "Distributions and thresholds", f'<p>{note}</p><div class="plots">{"".join(figures)}</div>'
    )


def looked_at(strata: Sequence[Stratum]) -> str:
    """Return in a sentence of how many documents figures are, and whether they are estimates."""
    n_documents, n_seen = sum(s.n_documents for s in strata), sum(s.table.num_rows for s in strata)
    if n_documents == n_seen:
        return f"Of all {count(n_documents)} documents of the snapshot."
    by_key = ", ".join(f"{escape(s.key)} {count(s.table.num_rows)} of {count(s.n_documents)}" for s in strata)
    return (
        f"Estimated from {count(n_seen)} of {count(n_documents)} documents: the first of each domain in the "
        f"order of a hash ({by_key}), each counted for those that it stands for."
    )
