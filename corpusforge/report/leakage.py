"""The section of the report on leakage: near-duplicates between domains, before and after dedup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from corpusforge.domains import Domain
from corpusforge.report.html import colour_of, count, escape, section, table

TITLES = {"before": "Before dedup", "after": "After dedup"}
NOTE = (
    "Documents of the row's domain that resemble a document of the column's; on the diagonal, another one of "
    "their own. Programs are compared with programs only: their shingles are tokens."
)


def leakage_rows(side: Mapping[str, Any]) -> list[list[str]]:
    """Return a row a domain: name, documents, then `n (share)` for each domain in the same order."""
    documents: Mapping[str, int] = side["documents"]
    found: Mapping[str, Mapping[str, int]] = side["near_duplicates"]
    names = _in_order(found)
    return [
        [name, count(documents[name]), *(_cell(found[name][other], documents[name]) for other in names)]
        for name in names
    ]


def leakage_columns(side: Mapping[str, Any]) -> list[str]:
    """Return the heads of `leakage_rows`."""
    return ["domain", "documents", *(f"in {name}" for name in _in_order(side["near_duplicates"]))]


def _in_order(names: Iterable[str]) -> list[str]:
    """Return domains in their own order, whatever the order in which an index keeps them."""
    held = set(names)
    return [domain.value for domain in Domain if domain in held]


def leakage_section(leakage: Mapping[str, Any] | None) -> str:
    """Return the two tables as HTML; nothing where leakage was not counted."""
    if not leakage:
        return ""
    parts = [f"<p>{escape(NOTE)}</p>"]
    for side, title in TITLES.items():
        rows = [
            [f'<i style="background:{colour_of(row[0])}"></i>{escape(row[0])}', *map(_stacked, row[1:])]
            for row in leakage_rows(leakage[side])
        ]
        parts.append(f"<h3>{title}</h3>{table(leakage_columns(leakage[side]), rows)}")
    return section("Near-duplicates between domains", "".join(parts))


def _stacked(cell: str) -> str:
    """Return a figure with its share below it, so that seven domains stand beside each other."""
    figure, _, share = escape(cell).partition(" (")
    return f"{figure}<small>{share.removesuffix(')')}</small>" if share else figure


def _cell(documents: int, whole: int) -> str:
    return f"{count(documents)} ({100 * documents / whole:.2f} %)" if documents else "0"
