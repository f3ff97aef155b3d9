"""The first view: from bytes and records to tokens, and how documents are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from starlette.requests import Request

from corpusforge.domains import supply_key
from corpusforge.report.html import count, escape, size, table, tile
from corpusforge.report.plots import (
    Bar,
    Part,
    Stage,
    Threshold,
    bars,
    colour_class,
    compact,
    funnel,
    histogram,
    line,
)
from corpusforge.view.binning import binned
from corpusforge.view.clusterfile import cluster_sizes
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, code, lead, link, section
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
    header = explorer.index.header
    tokenizer = escape(str(header.get("tokenizer", {}).get("name", "")))
    told = f"Snapshot {code(explorer.index.snapshot)}, seed {header.get('seed', '')}, tokenizer {tokenizer}."
    body = (
        f"<h1>{escape(explorer.name)}</h1>{lead(told)}"
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
    others = sum(summary.no_documents.values())
    dropped = sum(s.dropped for s in summary.sources)
    could = summary.could_be_documents
    quarantined = sum(s.quarantined for s in summary.sources)
    never = f"{count(others)} of them never were documents" if others else f"{len(summary.sources)} sources"
    tiles = [
        tile(count(totals.get("n_tokens", 0)), "tokens", "one end of text a document"),
        tile(count(explorer.n_documents), "documents", size(summary.whole.n_bytes)),
        tile(count(summary.records_in), "records read", never),
        tile(count(dropped), "dropped", _share(dropped, could)),
        tile(count(copies), "duplicates", _share(copies, could)),
        tile(count(quarantined), "quarantined", _share(quarantined, could)),
    ]
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _funnel(explorer: Explorer) -> str:
    summary, sources = explorer.summary, explorer.summary.sources
    if not sources:
        return ""
    colours = {s.source: colour_class("", place) for place, s in enumerate(sources)}
    read = {s.source: s.records_in for s in sources}
    could = {s.source: s.records_in - s.no_documents for s in sources}
    kept = {s.source: s.documents + s.exact_duplicates + s.near_duplicates for s in sources}
    documents = {s.source: s.documents for s in sources}

    def stage(name: str, amounts: dict[str, int]) -> Stage:
        parts = [Part(source, n, colours[source]) for source, n in amounts.items()]
        return Stage(name, count(sum(amounts.values())), parts, sum(read.values()))

    dumps = [Part(s.source, s.n_bytes_in, colours[s.source]) for s in sources]
    stages = [
        Stage("bytes of the dumps", size(sum(s.n_bytes_in for s in sources)), dumps),
        stage("records read", read),
        stage("of them documents", could),
        stage("kept by every step", kept),
        stage("documents, duplicates gone", documents),
    ]
    whole = summary.whole
    shown = {
        "documents": (count(whole.documents), {key: a.documents for key, a in summary.domains.items()}),
        "bytes of text": (size(whole.n_bytes), {key: a.n_bytes for key, a in summary.domains.items()}),
        "tokens": (count(whole.tokens), {key: a.tokens for key, a in summary.domains.items()}),
    }
    ends = [
        Stage(name, told, [Part(key, n, colour_class(key)) for key, n in amounts.items()])
        for name, (told, amounts) in shown.items()
    ]
    plots = (
        _figure("From dumps to documents", "by source", funnel("From dumps to documents, by source", stages))
        + _figure("What there is", "by domain", funnel("Documents, text and tokens, by domain", ends))
        + _ends(explorer)
    )
    return section("From bytes and records to tokens", f'<div class="plots">{plots}</div>', "funnel")


def _ends(explorer: Explorer) -> str:
    """Return drops by reason as a plot, each named below as a link."""
    dropped = [(name, n) for name, n, _ in explorer.summary.dropped]
    if not dropped:
        return ""
    shown = [Bar(reason, n, "c-drop", count(n)) for reason, n in dropped[:_MOST_BARS]]
    links = [link("/drops", reason, [("reason", reason)]) for reason, _ in dropped]
    return _figure("Why records left", "", bars("Drops by reason", shown), links)


def _by_source(explorer: Explorer) -> str:
    whole = explorer.summary.whole
    rows = [
        [
            escape(source),
            chip(key),
            link("/documents", count(amount.documents), [*_domain_pairs(key), ("source", source)]),
            count(amount.tokens),
            size(amount.n_bytes),
            _share(amount.tokens, whole.tokens),
        ]
        for (source, key), amount in explorer.summary.by_source.items()
    ]
    total = ["all", "", count(whole.documents), count(whole.tokens), size(whole.n_bytes), ""]
    columns = ["source", "domain", "documents", "tokens", "text", "share of tokens"]
    listed = table(columns, rows, words=2, total=total)
    return section("By source and domain", listed, "sources") if rows else ""


def _domain_pairs(key: str) -> list[tuple[str, str]]:
    domain, _, subset = key.partition("/")
    return [("domain", domain), *([("subset", subset)] if subset else [])]


def _distributions(explorer: Explorer, strata: Sequence[Stratum], key: str) -> str:
    names = ["", *(supply_key(s.domain, s.subset) for s in explorer.sample)]
    tabs = "".join(
        f'<li><a href="/?domain={name}#distributions"{" aria-current=true" if name == key else ""}>'
        f"{escape(name) or 'all domains'}</a></li>"
        for name in names
    )
    plots = "".join(_plot(explorer, strata, *one) for one in _SCORES) + _bands(strata)
    known = {name for name, _, _ in _SCORES} | {"code_cirs_band"}
    signals = sorted({name for s in strata for name in s.numbers} - known)
    drawn = [name for name in signals if explorer.limits.get(name)]
    others = [name for name in signals if name not in drawn]
    first, rest = ("".join(_plot(explorer, strata, n, n, "") for n in some) for some in (drawn, others))
    told = f"{_sample_note(strata)} Dashed lines are thresholds of the snapshot's configuration."
    if not has_rules(explorer.index.header.get("config", {})):
        told += " Its quality rules are not those of this version: their thresholds are not drawn."
    body = f'{lead(told)}<ul class="tabs" aria-label="Domains">{tabs}</ul><div class="plots">{plots}</div>'
    if first:
        body += f'<h3>Quality signals with a threshold</h3><div class="plots">{first}</div>'
    if rest:
        name = f"{len(others)} signals without a threshold"
        body += f'<details><summary>{name}</summary><div class="plots">{rest}</div></details>'
    return section("Distributions", body, "distributions")


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
    far = [f"{limit.label} {compact(limit.at)}" for limit in limits if limit not in shown]
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
    totals = [0.0] * len(_BANDS)
    for s in strata:
        bands, counts = np.unique(s.numbers.get("code_cirs_band", np.zeros(0)), return_counts=True)
        for band, n in zip(bands, counts, strict=True):
            totals[min(max(int(band), 0), len(_BANDS) - 1)] += float(n) * s.weight
    if not any(totals):
        return ""
    rows = [Bar(name, n, "c-code", count(round(n))) for name, n in zip(_BANDS, totals, strict=True)]
    return _figure("CIRS band of programs", "", bars("CIRS band", rows), identifier="h-code_cirs_band")


def _shares(strata: Sequence[Stratum], key: str) -> str:
    pairs = _domain_pairs(key) if key else []
    plots = "".join(_share_plot(strata, pairs, name, title) for name, title in _SHARES) + _years(
        strata, pairs
    )
    body = f'{lead(_sample_note(strata))}<div class="plots">{plots}</div>'
    return section("Languages, licences, hosts, repositories, years", body, "shares")


def _share_plot(strata: Sequence[Stratum], pairs: Sequence[tuple[str, str]], name: str, title: str) -> str:
    totals: dict[str, float] = {}
    for s in strata:
        for value, n in s.names.get(name, ()):
            totals[value] = totals.get(value, 0.0) + n * s.weight
    ranked = sorted(totals, key=lambda value: (-totals[value], value))
    shown = ranked[:_MOST_BARS]
    if not shown:
        return ""
    rows = [Bar(value, totals[value], "c-plain", count(round(totals[value]))) for value in shown]
    links = [link("/documents", value, [*pairs, (name, value)]) for value in shown]
    note = f"{count(len(ranked))} in the sample" if len(ranked) > len(shown) else ""
    return _figure(title, note, bars(title, rows), links, identifier=f"s-{name}")


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
        shown = Bar(years[0], totals[years[0]], "c-plain", count(round(totals[years[0]])))
        plot = bars("Years", [shown])
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
    links = [link("/clusters", "see clusters")]
    name = "Documents per cluster"
    plot = _figure(name, note, bars(name, rows), links, identifier="h-clusters")
    return section("Duplicates", f'<div class="plots">{plot}</div>', "duplicates")


def _figure(title: str, note: str, plot: str, links: Sequence[str] = (), *, identifier: str = "") -> str:
    below = f'<p class="soft"><small>{" · ".join(links)}</small></p>' if links else ""
    name = f' id="{identifier}"' if identifier else ""
    small = f" <small>{escape(note)}</small>" if note else ""
    return f"<figure{name}><figcaption>{escape(title)}{small}</figcaption>{plot}{below}</figure>"


def _share(part: Any, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
