"""Snapshots of the corpus, and one against its parent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request

from corpusforge.cost.receipt import read_receipt
from corpusforge.files import join, list_files
from corpusforge.report.html import count, escape, size, table
from corpusforge.report.receipt import times_section
from corpusforge.report.summary import Summary, summarise
from corpusforge.retract.ledger import RETURNED, ledgers
from corpusforge.shards.format import index_path
from corpusforge.shards.snapshot import Index, read_current, read_index
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, code, lead, link, message, path_of, section

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_SETTINGS = 300
_FIRST = "The first of its corpus: it has no parent."


def show(explorer: Explorer, _: Request) -> str:
    """Return the snapshots of the corpus, children above their parents."""
    found = {name: read_index(explorer.corpus, name) for name in _names(explorer.corpus)[:200]}
    current = read_current(explorer.corpus)
    shown = explorer.index.snapshot
    rows: list[list[str]] = []
    for name, index in _ordered(found, current):
        words = [word for word, of in (("current", current), ("shown here", shown)) if of == name]
        totals = index.header["totals"]
        rows.append([
            f"<code>{link(path_of('snapshots', name), name[:16])}</code>",
            ", ".join(words),
            code((index.header.get("parent") or "")[:8]),
            count(totals["n_docs"]), count(totals["n_tokens"]), count(len(index.rows)),
        ])  # fmt: skip
    columns = ["snapshot", "", "parent", "documents", "tokens", "shards"]
    body = f"<h1>Snapshots</h1>{section('', table(columns, rows, words=3), 'snapshots')}"
    if told := _retractions(explorer):
        body += section("Retractions", told, "retractions")
    body += (
        '<p class="soft">To look into another one: <code>corpusforge view CORPUS --snapshot ID</code>.</p>'
    )
    return explorer.page("Snapshots", body, "/snapshots")


def _retractions(explorer: Explorer) -> str:
    """Return what was taken out of the corpus, a row a request; nothing of none."""
    without = explorer.index.header.get("retracted", {})
    rows: list[list[str]] = []
    for ledger in ledgers(explorer.corpus):
        rows.append([
            code(ledger["id"]), escape(ledger["asked"] or "–"), escape(ledger["why"] or "–"),
            escape(ledger["policy"]),
            count(ledger["documents"]), count(ledger["copies"]),
            count(ledger["moved"].get(RETURNED, 0)) if "moved" in ledger else "–",
            count(ledger["tokens"]), count(len(ledger["shards"])), code(ledger["parent"][:8]),
            "yes" if ledger["id"] in without else "no",
        ])  # fmt: skip
    columns = [
        "retraction",
        "asked",
        "why",
        "policy",
        "documents",
        "copies",
        "came in",
        "tokens",
        "shards",
        "taken out of",
        "done here",
    ]
    return table(columns, rows, words=4) if rows else ""


def _names(corpus: str) -> list[str]:
    return [path.split("/")[-2] for path in list_files(join(corpus, index_path("*")))]


def _ordered(found: Mapping[str, Index], current: str) -> list[tuple[str, Index]]:
    """Return snapshots from the current one to its parents, then all others."""
    line: list[str] = []
    name: str | None = current
    while name in found and name not in line:
        line.append(str(name))
        name = found[str(name)].header.get("parent")
    return [(one, found[one]) for one in (*line, *sorted(set(found) - set(line)))]


def show_one(explorer: Explorer, request: Request) -> str:
    """Return a snapshot against its parent: domains, sources, drops, settings, shards; and what it took."""
    name = str(request.path_params["snapshot"])
    if not _ID.fullmatch(name) or name not in _names(explorer.corpus):
        raise NotHere(f"{name[:40]}: no snapshot of this corpus")
    child = read_index(explorer.corpus, name)
    parent_name = child.header.get("parent")
    head = f"<h1>Snapshot <code>{name[:8]}</code></h1>"
    cost = times_section(read_receipt(explorer.corpus, name))
    if not parent_name or parent_name not in _names(explorer.corpus):
        alone = f"Its parent {parent_name} is no longer here." if parent_name else _FIRST
        return explorer.page("Snapshot", head + message(alone) + cost, "/snapshots")
    parent = read_index(explorer.corpus, parent_name)
    before, after = (summarise(index.header.get("conservation", {})) for index in (parent, child))
    body = (
        head
        + lead(f"Against its parent {link(path_of('snapshots', parent_name), parent_name[:8])}.")
        + section("Domains", _domains(before, after), "domains")
        + section("Records by source", _sources(before, after), "sources")
        + section("Drops by reason", _drops(before, after), "drops")
        + section("Settings that differ", _settings(parent, child), "settings")
        + section("Shards", _shards(parent, child), "shards")
        + cost
    )
    return explorer.page("Snapshot", body, "/snapshots")


def moved(before: int, after: int) -> str:
    """Return a change with its sign and share; a dash where nothing changed."""
    if before == after:
        return '<span class="soft">–</span>'
    share = f" <small>({100 * (after - before) / before:+.1f} %)</small>" if before else ""
    return f"<b>{after - before:+,}</b>{share}"


def _domains(before: Summary, after: Summary) -> str:
    keys = list(dict.fromkeys([*before.domains, *after.domains]))
    rows: list[list[str]] = []
    for key in keys:
        old, new = before.domains.get(key), after.domains.get(key)
        documents = [amount.documents if amount else 0 for amount in (old, new)]
        tokens = [amount.tokens if amount else 0 for amount in (old, new)]
        rows.append(
            [chip(key), *map(count, documents), moved(*documents), *map(count, tokens), moved(*tokens)]
        )
    whole = [before.whole, after.whole]
    total = [
        "all", *(count(w.documents) for w in whole), moved(*(w.documents for w in whole)),
        *(count(w.tokens) for w in whole), moved(*(w.tokens for w in whole)),
    ]  # fmt: skip
    return table(["domain", "documents before", "after", "", "tokens before", "after", ""], rows, total=total)


def _sources(before: Summary, after: Summary) -> str:
    old, new = ({s.source: s for s in summary.sources} for summary in (before, after))
    rows: list[list[str]] = []
    for name in dict.fromkeys([*old, *new]):
        a, b = old.get(name), new.get(name)
        bytes_in = [s.n_bytes_in if s else 0 for s in (a, b)]
        records = [s.records_in if s else 0 for s in (a, b)]
        documents = [s.documents if s else 0 for s in (a, b)]
        rows.append(
            [
                escape(name),
                *map(size, bytes_in),
                *map(count, records),
                moved(*records),
                *map(count, documents),
                moved(*documents),
            ]
        )
    columns = [
        "source",
        "bytes before",
        "after",
        "records before",
        "after",
        "",
        "documents before",
        "after",
        "",
    ]
    return table(columns, rows)


def _drops(before: Summary, after: Summary) -> str:
    old, new = ({reason: n for reason, n, _ in summary.dropped} for summary in (before, after))
    rows = [
        [
            f"<code>{escape(name)}</code>",
            count(old.get(name, 0)),
            count(new.get(name, 0)),
            moved(old.get(name, 0), new.get(name, 0)),
        ]
        for name in sorted({*old, *new}, key=lambda name: (-abs(new.get(name, 0) - old.get(name, 0)), name))
    ]
    return table(["reason", "before", "after", ""], rows) if rows else message("Nothing was dropped.")


def _settings(parent: Index, child: Index) -> str:
    old, new = (dict(_flat(index.header.get("config", {}), "")) for index in (parent, child))
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    rows = [
        [f"<code>{escape(name)}</code>", escape(_shown(old.get(name))), escape(_shown(new.get(name)))]
        for name in names[:_MOST_SETTINGS]
    ]
    if rows:
        return table(["setting", "before", "after"], rows, words=3)
    before, after = (index.header.get("retracted", {}) for index in (parent, child))
    if gone := ", ".join(sorted(set(after) - set(before))):
        return message(f"None: retraction {gone} took documents out.")
    same = parent.header.get("inputs") == child.header.get("inputs")
    return message("None." if same else "None: only inputs differ.")


def _flat(value: Any, name: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        values = cast("dict[str, Any]", value)
        return [
            pair for key, inner in values.items() for pair in _flat(inner, f"{name}.{key}" if name else key)
        ]
    return [(name, value)]


def _shown(value: Any) -> str:
    text = "not set" if value is None else str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _shards(parent: Index, child: Index) -> str:
    old, new = ({row.id for row in index.rows} for index in (parent, child))
    return (
        f"<p>{count(len(old & new))} shards are in both, {count(len(old - new))} only in the parent, "
        f"{count(len(new - old))} only in the child.</p>"
    )
