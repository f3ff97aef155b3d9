"""The sections of the report on dedup: what it left of each source and domain, and what repeats cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from corpusforge.domains import Domain
from corpusforge.report.html import bar, colour_of, count, escape, section, size, table

LEFT_NOTE = "Documents of each domain that came to dedup, those that were copies, and those that are left."
REPEATS_NOTE = (
    "Paragraphs or lines that many documents hold, cut from all but one of them or from all. A document of "
    "which too little was left without them is dropped as boilerplate."
)
_CUTS = ("documents_cut", "spans", "bytes", "documents_gone")


def dedup_section(conservation: Mapping[str, Any]) -> str:
    """Return the table of what dedup left, as HTML; nothing where no source tells its domains."""
    rows: list[list[str]] = []
    for name, domain, source in _by_domain(conservation, "kept_by_domain"):
        gone = source.get("repeats_by_domain", {}).get(domain, {}).get("documents_gone", 0)
        before = source["kept_by_domain"][domain] + gone  # repeats come after dedup
        removed = source.get("duplicates_by_domain", {}).get(domain, 0)
        left = before - removed
        rows.append(
            [
                *_names(name, domain),
                bar(left, before, colour_of(domain)),
                count(before),
                count(removed),
                count(left),
                f"{100 * left / before:.1f} %" if before else "",
            ]
        )
    columns = ["source", "domain", "", "documents", "duplicates", "left", "share left"]
    return _section("What dedup left", LEFT_NOTE, columns, rows, words=3)


def repeats_section(conservation: Mapping[str, Any]) -> str:
    """Return the table of what was cut of documents, as HTML; nothing where no repeats were looked for."""
    rows: list[list[str]] = []
    total: dict[str, int] = dict.fromkeys(_CUTS, 0)
    for name, domain, source in _by_domain(conservation, "repeats_by_domain"):
        counts: Mapping[str, int] = source["repeats_by_domain"][domain]
        for key in _CUTS:
            total[key] += counts[key]
        rows.append([*_names(name, domain), *_figures(counts)])
    columns = ["source", "domain", "documents cut", "spans cut", "text cut", "documents dropped"]
    foot = ["all", "", *_figures(total)]
    return _section("Paragraphs and lines that repeat", REPEATS_NOTE, columns, rows, total=foot)


def _by_domain(conservation: Mapping[str, Any], of: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return (source, domain, ends of the source) that `of` tells of: sources by name, domains in order."""
    sources = cast("Mapping[str, Mapping[str, Any]]", conservation.get("sources", {}))
    return [
        (name, domain.value, sources[name])
        for name in sorted(sources)
        for domain in Domain
        if domain in sources[name].get(of, {})
    ]


def _names(source: str, domain: str) -> list[str]:
    return [f"<b>{escape(source)}</b>", f'<i style="background:{colour_of(domain)}"></i>{escape(domain)}']


def _figures(counts: Mapping[str, int]) -> list[str]:
    documents, spans, n_bytes, gone = (counts[key] for key in _CUTS)
    return [count(documents), count(spans), size(n_bytes), count(gone)]


def _section(
    title: str,
    note: str,
    columns: list[str],
    rows: list[list[str]],
    *,
    words: int = 2,
    total: list[str] | None = None,
) -> str:
    if not rows:
        return ""
    names = [row[0] for row in rows]
    # a source's name stands once, before its first domain
    shown = [["" if name in names[:place] else name, *rows[place][1:]] for place, name in enumerate(names)]
    body = table(columns, shown, words=words, total=total)
    return section(title, f"<p>{escape(note)}</p>{body}")
