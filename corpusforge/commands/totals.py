"""The tables that end a build and open an inspection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpusforge.commands.console import count, duration, share, show, show_table, size
from corpusforge.cost.receipt import Receipt
from corpusforge.report.leakage import TITLES, leakage_columns, leakage_rows
from corpusforge.report.receipt import tables_of, told_of
from corpusforge.report.summary import Summary, summarise


def print_totals(conservation: Mapping[str, Any]) -> Summary:
    """Print documents and tokens by domain and by source, and where every record went."""
    summary = summarise(conservation)
    whole = summary.whole
    rows = [
        [key, count(a.documents), count(a.tokens), share(a.tokens, whole.tokens), size(a.n_bytes)]
        for key, a in summary.domains.items()
    ]
    total = ["all", count(whole.documents), count(whole.tokens), "", size(whole.n_bytes)]
    columns = ["domain", "documents", "tokens", "share", "text"]
    show_table("Documents and tokens by domain", columns, rows, total=total)
    rows = _by_source(summary)
    columns = ["source", "domain", "documents", "tokens", "text"]
    show_table("Documents and tokens by source and domain", columns, rows, words=2)
    _print_ends(summary)
    _print_leakage(conservation.get("leakage"))
    _print_drops(summary)
    return summary


def _by_source(summary: Summary) -> list[list[str]]:
    rows: list[list[str]] = []
    last = ""
    for (source, key), amount in summary.by_source.items():
        name = "" if source == last else source
        rows.append([name, key, count(amount.documents), count(amount.tokens), size(amount.n_bytes)])
        last = source
    return rows


def _print_ends(summary: Summary) -> None:
    figures = [
        [
            s.records_in,
            s.no_documents,
            s.dropped,
            s.quarantined,
            s.exact_duplicates,
            s.near_duplicates,
            s.documents,
        ]
        for s in summary.sources
    ]
    rows = [
        [s.source, size(s.n_bytes_in), *map(count, row)]
        for s, row in zip(summary.sources, figures, strict=True)
    ]
    sums = [count(sum(column)) for column in zip(*figures, strict=True)]
    total = ["all", size(sum(s.n_bytes_in for s in summary.sources)), *sums] if sums else None
    ends = ["no documents", "dropped", "quarantined", "exact dup.", "near dup.", "in shards"]
    columns = ["source", "dumps", "records in", *ends]
    show_table("Where every record went", columns, rows, total=total)


def _print_leakage(leakage: Mapping[str, Any] | None) -> None:
    if not leakage:
        return
    for side, title in TITLES.items():
        columns, rows = leakage_columns(leakage[side]), leakage_rows(leakage[side])
        show_table(f"Near-duplicates between domains: {title.lower()}", columns, rows)


def _print_drops(summary: Summary) -> None:
    if summary.dropped:
        rows = [
            [reason, ", ".join(f"{name} {n:,}" for name, n in sources.items()), count(n_records)]
            for reason, n_records, sources in summary.dropped
        ]
        show_table("Drops by reason", ["reason", "from", "records"], rows, words=2)
    if summary.redactions:
        kinds = ", ".join(f"{kind} {spans:,}" for kind, spans in summary.redactions.items())
        show("", f"Redacted: {kinds}")


def print_times(timings: Mapping[str, float]) -> None:
    """Print the wall time of each stage of this run."""
    whole_s = sum(timings.values())
    stages = ", ".join(f"{stage} {duration(seconds)}" for stage, seconds in timings.items())
    show("", f"Time: {duration(whole_s)} ({stages})")


def print_receipt(receipt: Receipt) -> None:
    """Print what a snapshot took, by stage and source."""
    for one in tables_of(receipt, with_finish=True):
        total = None if one.total is None else list(one.total)
        show_table(f"Cost: {one.title.lower()}", list(one.columns), one.rows, words=one.words, total=total)
    show("", told_of(receipt))
