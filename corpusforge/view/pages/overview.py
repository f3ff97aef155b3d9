"""The first view: from bytes and records to tokens, and how documents are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from starlette.requests import Request

from corpusforge.domains import supply_key
from corpusforge.report.plots import Bar, Part, Stage, Threshold, bars, colour_class, funnel, histogram, line
from corpusforge.view.binning import binned
from corpusforge.view.clusterfile import cluster_sizes
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, count, escape, link, size, table, tile
from corpusforge.view.sample import Stratum
from corpusforge.view.thresholds import has_rules

_SCORES = (
    ("n_bytes", "Length of the text", "bytes"),
    ("length", "Length in tokens", "tokens"),
    ("language_score", "Language score", ""),
    ("math_score", "Math score", ""),
    ("scaffold_score", "Scaffold score", ""),
)
_SHARES = (
    ("language", "Languages"),
    ("licence", "Licences"),
    ("host", "Hosts"),
    ("repo", "Repositories"),
    ("programming_language", "Programming languages"),
)
_MOST_BARS = 10
_BANDS = ("low", "middle", "high")


def show(explorer: Explorer, request: Request) -> str:
    """Return the overview, of the whole snapshot or of one domain (`?domain=math/scaffold`)."""
    key = request.query_params.get("domain", "")
    strata = [s for s in explorer.sample if key in ("", supply_key(s.domain, s.subset))]
    if key and not strata:
        raise NotHere(f"domain: no documents of {key!r} in this snapshot")
    body = (
        f"<h1>{escape(explorer.name)}</h1>"
        f'<p class="lead">Snapshot <code>{escape(explorer.index.snapshot)}</code>, seed '
        f"{explorer.index.header.get('seed', '')}, tokenizer "
        f"{escape(str(explorer.index.header.get('tokenizer', {}).get('name', '')))}.</p>"
        + _tiles(explorer)
        + _funnel(explorer)
        + _by_source(explorer)
        + _distributions(explorer, strata, key)
        + _shares(strata, key)
        + _duplicates(explorer)
    )
    return explorer.page("Overview", body, "/")


def _tiles(explorer: Explorer) -> str:
    summary, totals = explorer.summary, explorer.index.header.get("totals", {})
    copies = sum(s.exact_duplicates + s.near_duplicates for s in summary.sources)
    dropped = sum(s.dropped for s in summary.sources)
    quarantined = sum(s.quarantined for s in summary.sources)
    tiles = [
        tile(count(totals.get("n_tokens", 0)), "tokens", "ends of texts among them"),
        tile(count(explorer.n_documents), "documents", size(summary.whole.n_bytes)),
        tile(count(summary.records_in), "records read", f"{len(summary.sources)} sources"),
        tile(count(dropped), "dropped", _share(dropped, summary.records_in)),
        tile(count(copies), "duplicates", _share(copies, summary.records_in)),
        tile(count(quarantined), "quarantined", _share(quarantined, summary.records_in)),
    ]
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _funnel(explorer: Explorer) -> str:
    summary = explorer.summary
    sources = summary.sources
    if not sources:
        return ""
    colours = {s.source: colour_class("", place) for place, s in enumerate(sources)}
    passed = [
        ("records read", [(s.source, s.records_in) for s in sources]),
        ("kept by every step", [(s.source, s.records_in - s.dropped - s.quarantined) for s in sources]),
        ("documents, duplicates gone", [(s.source, s.documents) for s in sources]),
    ]
    n_bytes = [Part(s.source, s.n_bytes_in, colours[s.source]) for s in sources]
    stages = [Stage("bytes of the dumps", size(sum(s.n_bytes_in for s in sources)), n_bytes)] + [
        Stage(
            name,
            count(sum(n for _, n in amounts)),
            [Part(source, n, colours[source]) for source, n in amounts],
            summary.records_in,
        )
        for name, amounts in passed
    ]
    domains = summary.domains
    ends = [
        Stage("documents", count(summary.whole.documents),
              [Part(key, a.documents, colour_class(key)) for key, a in domains.items()]),
        Stage("bytes of text", size(summary.whole.n_bytes),
              [Part(key, a.n_bytes, colour_class(key)) for key, a in domains.items()]),
        Stage("tokens", count(summary.whole.tokens),
              [Part(key, a.tokens, colour_class(key)) for key, a in domains.items()]),
    ]  # fmt: skip
    plots = _figure(
        "From dumps to documents", "by source", funnel("From dumps to documents, by source", stages)
    )
    plots += _figure("What there is", "by domain", funnel("Documents, text and tokens, by domain", ends))
    plots += _ends(explorer)
    return f'<section id="funnel"><h2>From bytes and records to tokens</h2><div class="plots">{plots}</div></section>'


def _ends(explorer: Explorer) -> str:
    """Return drops by reason as a plot, each named below as a link."""
    dropped = explorer.summary.dropped
    if not dropped:
        return ""
    shown = [Bar(reason, n, "c-drop", count(n)) for reason, n, _ in dropped[:_MOST_BARS]]
    links = [
        link("/drops", reason, [("reason", reason)]) for reason, _, _ in dropped if reason != "not_content"
    ]
    return _figure("Why records left", "", bars("Drops by reason", shown), links)


def _by_source(explorer: Explorer) -> str:
    rows = [
        [
            escape(source),
            chip(key),
            link(
                "/documents",
                count(amount.documents),
                [*_domain_pairs(key), ("source", source)],
            ),
            count(amount.tokens),
            size(amount.n_bytes),
            _share(amount.tokens, explorer.summary.whole.tokens),
        ]
        for (source, key), amount in explorer.summary.by_source.items()
    ]
    whole = explorer.summary.whole
    total = ["all", "", count(whole.documents), count(whole.tokens), size(whole.n_bytes), ""]
    columns = ["source", "domain", "documents", "tokens", "text", "share of tokens"]
    body = table(columns, rows, words=2, total=total)
    return f'<section id="sources"><h2>By source and domain</h2>{body}</section>' if rows else ""


def _domain_pairs(key: str) -> list[tuple[str, str]]:
    domain, _, subset = key.partition("/")
    return [("domain", domain), *([("subset", subset)] if subset else [])]


def _distributions(explorer: Explorer, strata: Sequence[Stratum], key: str) -> str:
    tabs = [("", "all domains"), *((supply_key(s.domain, s.subset), "") for s in explorer.sample)]
    shown = "".join(
        f'<li><a href="/?domain={name}#distributions"{" aria-current=true" if name == key else ""}>{told or escape(name)}</a></li>'
        for name, told in tabs
    )
    plots = "".join(_plot(explorer, strata, name, title, unit) for name, title, unit in _SCORES)
    signals = sorted({name for s in strata for name in s.numbers} - {name for name, _, _ in _SCORES})
    drawn = [name for name in signals if explorer.limits.get(name)]
    others = [name for name in signals if name not in drawn and name != "code_cirs_band"]
    plots += _bands(strata)
    first = "".join(_plot(explorer, strata, name, name, "") for name in drawn)
    rest = "".join(_plot(explorer, strata, name, name, "") for name in others)
    more = (
        f'<details><summary>{len(others)} signals without a threshold</summary><div class="plots">{rest}</div></details>'
        if rest
        else ""
    )
    unknown = (
        "" if has_rules(explorer.index.header.get("config", {}))
        else " Its quality rules are not those of this version: their thresholds are not drawn."
    )  # fmt: skip
    return (
        f'<section id="distributions"><h2>Distributions</h2><p class="lead">{_sample_note(strata)} Dashed lines '
        f'are thresholds of the snapshot\'s configuration.{unknown}</p><ul class="tabs">{shown}</ul>'
        f'<div class="plots">{plots}</div><h3>Quality signals with a threshold</h3><div class="plots">{first}</div>{more}</section>'
    )


def _sample_note(strata: Sequence[Stratum]) -> str:
    n_rows, n_all = sum(s.n_rows for s in strata), sum(s.n_documents for s in strata)
    if n_rows == n_all:
        return f"All {count(n_all)} documents."
    return (
        f"Estimated from {count(n_rows)} of {count(n_all)} documents, a random sample of every domain, each "
        "counted for as many as it stands for."
    )


def _plot(explorer: Explorer, strata: Sequence[Stratum], name: str, title: str, unit: str) -> str:
    """Return the histogram of a column or signal; nothing where no document has it."""
    holding = [s for s in strata if len(s.numbers.get(name, ()))]
    if not holding:
        return ""
    values = [s.numbers[name] for s in holding]
    found = binned(values, [s.weight for s in holding])
    domains = {s.domain for s in holding}
    limits = [
        Threshold(limit.at, limit.name)
        for limit in explorer.limits.get(name, ())
        if not limit.domains or domains & set(limit.domains)
    ]
    shown = [limit for limit in limits if _is_near(limit.at, found.edges)]
    far = [f"{limit.label} {limit.at:g}" for limit in limits if limit not in shown]
    plot = histogram(
        title,
        found.edges,
        found.counts,
        thresholds=shown,
        unit=unit,
        is_log=found.is_log,
        is_log_counts=found.is_steep,
    )
    notes = [f"{count(sum(found.counts))} documents"]
    notes += ["heights by logarithm"] if found.is_steep else []
    notes += [f"beyond: {', '.join(far)}"] if far else []
    return _figure(title, "; ".join(notes), plot, identifier=f"h-{name}")


def _is_near(at: float, edges: Sequence[float]) -> bool:
    """Return whether a threshold is worth a line: within the bins, or a little beside them."""
    span = edges[-1] - edges[0]
    return edges[0] - span <= at <= edges[-1] + span


def _bands(strata: Sequence[Stratum]) -> str:
    totals = [0.0, 0.0, 0.0]
    for s in strata:
        for band, n in zip(
            *np.unique(s.numbers.get("code_cirs_band", np.zeros(0)), return_counts=True), strict=True
        ):
            totals[min(max(int(band), 0), 2)] += float(n) * s.weight
    if not any(totals):
        return ""
    rows = [
        Bar(name, total, "c-code", count(round(total))) for name, total in zip(_BANDS, totals, strict=True)
    ]
    return _figure("CIRS band of programs", "", bars("CIRS band", rows), identifier="h-code_cirs_band")


def _shares(strata: Sequence[Stratum], key: str) -> str:
    plots = ""
    pairs = _domain_pairs(key) if key else []
    for name, title in _SHARES:
        totals: dict[str, float] = {}
        for s in strata:
            for value, n in s.names.get(name, ()):
                totals[value] = totals.get(value, 0.0) + n * s.weight
        ranked = sorted(totals, key=lambda value: (-totals[value], value))
        if ranked:
            rows = [
                Bar(value, totals[value], "c-plain", count(round(totals[value])))
                for value in ranked[:_MOST_BARS]
            ]
            links = [link("/documents", value, [*pairs, (name, value)]) for value in ranked[:_MOST_BARS]]
            note = f"{count(len(ranked))} in the sample" if len(ranked) > _MOST_BARS else ""
            plots += _figure(title, note, bars(title, rows), links, identifier=f"s-{name}")
    plots += _years(strata, pairs)
    return f'<section id="shares"><h2>Languages, licences, hosts, repositories, years</h2><p class="lead">{_sample_note(strata)}</p><div class="plots">{plots}</div></section>'


def _years(strata: Sequence[Stratum], pairs: list[tuple[str, str]]) -> str:
    totals: dict[str, float] = {}
    for s in strata:
        for year, n in s.years.items():
            if year.isdecimal():
                totals[year] = totals.get(year, 0.0) + n * s.weight
    if not totals:
        return ""
    years = sorted(totals)
    links = [link("/documents", year, [*pairs, ("year", year)]) for year in years[-_MOST_BARS:]]
    if len(years) == 1:
        plot: str = bars(
            "Years", [Bar(years[0], totals[years[0]], "c-plain", count(round(totals[years[0]])))]
        )
    else:
        every = [str(year) for year in range(int(years[0]), int(years[-1]) + 1)][-60:]
        plot = line("Years", [(year, round(totals.get(year, 0.0))) for year in every])
    return _figure("Years", "by the date of the document", plot, links, identifier="s-year")


def _duplicates(explorer: Explorer) -> str:
    found = cluster_sizes(explorer.corpus, explorer.dedup_folders)
    if not found.sizes:
        return ""
    rows = [Bar(f"{n} documents", clusters, "c-plain", count(clusters)) for n, clusters in found.rows]
    note = "all clusters" if found.is_whole else f"the first {count(found.n_clusters)} clusters"
    plot = bars("Documents per cluster", rows)
    return (
        '<section id="duplicates"><h2>Duplicates</h2><div class="plots">'
        + _figure(
            "Documents per cluster", note, plot, [link("/clusters", "see clusters")], identifier="h-clusters"
        )
        + "</div></section>"
    )


def _figure(title: str, note: str, plot: str, links: Sequence[str] = (), *, identifier: str = "") -> str:
    below = f'<p class="soft"><small>{" · ".join(links)}</small></p>' if links else ""
    name = f' id="{identifier}"' if identifier else ""
    small = f" <small>{escape(note)}</small>" if note else ""
    return f"<figure{name}><figcaption>{escape(title)}{small}</figcaption>{plot}{below}</figure>"


def _share(part: Any, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
