"""`corpusforge retract`: what a list names goes from a built corpus, and stays out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from corpusforge.commands.console import count, show, show_json, show_table, size
from corpusforge.commands.errors import CommandError, goes_on, usage_error
from corpusforge.commands.report import write_pages
from corpusforge.cost.amount import family_cpu_s, process_wall_s, spent
from corpusforge.domains import supply_key
from corpusforge.files.meter import traffic_here
from corpusforge.parts.totals import GOES_ON, BuildError
from corpusforge.printable import counted_as
from corpusforge.retract.ledger import (
    CHANGED,
    LEFT,
    NEXT_BEST,
    RETURNED,
    WHOLE_CLUSTER,
    Request,
    done_before,
    ledger_path,
    ledgers,
    moved_path,
    resumed,
)
from corpusforge.retract.lists import Entry, RetractionList, describe, read_list
from corpusforge.sealed import read_json
from corpusforge.shards.snapshot import Index, read_index

if TYPE_CHECKING:
    from corpusforge.parts.request import Found

SHARE_ALLOWED = 0.1
"""Of the tokens: a list that takes more is taken for a mistake unless the share is told."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """Where and how it runs."""

    runner: str
    workers: int
    beam_flags: Sequence[str]
    dry_run: bool
    as_json: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for beside the list."""

    why: str
    asked: str
    """When."""
    is_hashed: bool
    """Whether the ledger keeps hashes."""
    policy: str
    """One of `ledger.POLICIES`."""


def retract(
    corpus: str,
    path: str,
    request: Asked,
    share: float | None,
    running: Running,
) -> None:
    """Take what a list names out of a corpus; print what went.

    `share`: of the tokens, that may go.
    """
    from corpusforge.parts.request import Nothing

    try:
        listed = read_list(path)
        current = read_index(corpus)
    except ValueError as error:
        raise usage_error(str(error)) from None
    asked_for = Request(parent=current.snapshot, listed=listed, **asdict(request))
    asked_for = resumed(corpus, asked_for)
    index = current if asked_for.parent == current.snapshot else read_index(corpus, asked_for.parent)
    try:
        found, snapshot = _run(corpus, asked_for, index, share, running)
    except Nothing:
        _tell_done(corpus, path, asked_for)
        return
    if snapshot is None:
        assert found is not None
        _show_found(corpus, index, asked_for, found, running.as_json)
        return
    ledger = read_json(ledger_path(corpus, asked_for.id))
    pages = write_pages(corpus, snapshot)
    if running.as_json:
        show_json({"snapshot": snapshot, **ledger})
        return
    _show_done(corpus, index, listed, ledger, snapshot, pages)


def _tell_done(corpus: str, path: str, request: Request) -> None:
    """Say by which retraction a list that names nothing was done; raise `CommandError` where by none."""
    before = done_before(corpus, request)
    if before is not None and request.policy == before["policy"]:
        show(f"{corpus}: nothing to do: retraction {before['id']} took this list out before")
        return
    entries = request.listed.entries
    line = f"list {path}: {_entries(len(entries))}, none of which names a document of {corpus}"
    if before is None:
        raise CommandError(f"{line}: {describe(entries)}")
    if before["policy"] == WHOLE_CLUSTER:
        show(f"{corpus}: nothing to do: retraction {before['id']} took this list out before, copies too")
        return
    raise CommandError(
        f"{line}: retraction {before['id']} took this list out and copies stayed: name these themselves; "
        f"{moved_path(corpus, before['id'])} has those that came in"
    )


def _run(
    corpus: str, request: Request, index: Index, share: float | None, running: Running
) -> tuple[Found | None, str | None]:
    from corpusforge.commands.progress import BuildProgress
    from corpusforge.parts.finding import Task
    from corpusforge.parts.request import Nothing
    from corpusforge_pipelines.loading import load_beam

    load_beam(running.runner, running.beam_flags)
    from corpusforge_pipelines.retract import retract as run

    started = spent(family_cpu_s(), process_wall_s(), traffic_here())

    def check(found: Found) -> None:
        if not running.dry_run:
            _check_share(found, index, share)

    try:
        with BuildProgress() as progress:
            result = run(
                Task(corpus=corpus, request=request),
                check=check,
                dry_run=running.dry_run,
                runner=running.runner,
                workers=running.workers,
                beam_flags=running.beam_flags,
                observer=progress,
                started=started,
            )
    except Nothing:
        raise
    except ValueError as error:
        raise usage_error(str(error)) from None
    except BuildError as error:
        raise goes_on(str(error).removesuffix(GOES_ON)) from error
    return result.found, result.snapshot


def _check_share(found: Found, index: Index, share: float | None) -> None:
    """Raise `CommandError` where more tokens would go than is allowed."""
    whole = index.header["totals"]["n_tokens"]
    allowed = SHARE_ALLOWED if share is None else share
    if found.n_tokens > allowed * whole:
        goes = found.n_tokens / whole
        raise CommandError(
            f"the list names {goes:.2%} of the tokens ({count(found.n_shipped)} documents), more than "
            f"{allowed:.0%} allows: look with --dry-run; to allow it, --yes-remove-share {_rounded_up(goes)}"
        )


def _entries(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def _copies(number: int) -> str:
    return f"{number:,} {'copy' if number == 1 else 'copies'}"


def _rounded_up(share: float) -> str:
    return f"{min(1.0, -(-share * 100 // 1) / 100):.2f}"


def _unmatched(listed: RetractionList, hits: Sequence[int]) -> list[Entry]:
    return [entry for entry, n in zip(listed.entries, hits, strict=True) if not n]


def _show_found(corpus: str, index: Index, request: Request, found: Found, as_json: bool) -> None:
    by_shard = found.by_shard()
    touched = [row for row in index.rows if row.id in by_shard]
    unmatched = _unmatched(request.listed, found.hits)
    told: dict[str, Any] = {
        "documents": found.n_named,
        "copies": len(found.removed) - found.n_named,
        "shipped": found.n_shipped,
        "tokens": found.n_tokens,
        "by_domain": {name: list(of) for name, of in found.by_domain().items()},
        "shards": len(touched),
        "of_shards": len(index.rows),
        "payload_bytes": sum(row.bytes for row in touched),
        "parts": len(found.parts),
        **({"with_copies": found.n_with_copies} if request.policy == NEXT_BEST else {}),
        "unmatched": [str(entry) for entry in unmatched],
    }
    if as_json:
        show_json(told)
        return
    _show_domains("Would go from shards", index, told["by_domain"])
    show(
        "",
        f"{corpus}: would take out {counted_as(told['documents'], 'document')} that the list names and "
        f"{_copies(told['copies'])} of them; "
        f"{count(told['shipped'])} of them are in shards",
        f"Would write {count(len(touched))} of {counted_as(len(index.rows), 'shard')} again "
        f"({size(told['payload_bytes'])} of tokens), and {counted_as(told['parts'], 'part')}",
        *_of_copies(told),
        *_of_unmatched(unmatched),
        "Nothing was changed",
    )


def _of_copies(told: Mapping[str, Any]) -> list[str]:
    if "with_copies" not in told:
        return []
    return [
        f"{count(told['with_copies'])} of those in shards have copies that stay: dedup is run again, and the "
        "shards that the next best fall to are written too"
    ]


def _of_moved(ledger: Mapping[str, Any]) -> list[str]:
    """Return what else moved: copies that came in, and what is decided otherwise without what went."""
    if "moved" not in ledger:
        return []
    moved = ledger["moved"]
    words = f"{counted_as(moved.get(RETURNED, 0), 'document')} in the place of what went"
    words += f"; {count(moved[LEFT])} left as copies of these" if LEFT in moved else ""
    words += f"; {count(moved[CHANGED])} are cut otherwise" if CHANGED in moved else ""
    return [f"Came in  {words}"]


def _of_unmatched(unmatched: Sequence[Entry]) -> list[str]:
    if not unmatched:
        return []
    return [f"{_entries(len(unmatched))} named nothing: {describe(unmatched)}"]


def _show_domains(title: str, index: Index, by_domain: dict[str, list[int]]) -> None:
    rows: list[list[str]] = []
    for name, (documents, tokens) in by_domain.items():
        whole = index.header["totals"]["subsets"][name]["n_tokens"]
        rows.append([supply_key(*name.split("/")), count(documents), count(tokens), f"{tokens / whole:.3%}"])
    sums = [sum(of[place] for of in by_domain.values()) for place in (0, 1)]
    total = ["all", *map(count, sums), f"{sums[1] / index.header['totals']['n_tokens']:.3%}"]
    show_table(title, ["domain", "documents", "tokens", "share of tokens"], rows, total=total)


def _show_done(
    corpus: str,
    index: Index,
    listed: RetractionList,
    ledger: dict[str, Any],
    snapshot: str,
    pages: tuple[str, str],
) -> None:
    _show_domains("Gone from shards", index, ledger["by_domain"])
    show(
        "",
        f"Snapshot {snapshot} in {corpus}; its parent {index.snapshot} stays until it is collected",
        f"Gone     {counted_as(ledger['documents'], 'document')} that the list names, "
        f"{_copies(ledger['copies'])} of them",
        f"Written  {count(len(ledger['shards']))} of {counted_as(len(index.rows), 'shard')}, "
        f"{counted_as(len(ledger['parts']), 'part')}",
        *_of_moved(ledger),
        *_of_unmatched(_unmatched(listed, ledger["hits"])),
        f"Ledger   {ledger_path(corpus, ledger['id'])}",
        f"Report   {pages[0]}",
        f"Card     {pages[1]}",
        "",
        f"Next:  corpusforge diff {corpus} {index.snapshot} {snapshot}",
    )


def shown_retractions(corpus: str, header: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each retraction that a snapshot is without.

    Its id, when and why it was asked for, policy; documents, copies, documents that came in, tokens.
    """
    without = header.get("retracted", {})
    return [
        [
            *(ledger[key] or "-" for key in ("id", "asked", "why", "policy")),
            *(count(ledger[key]) for key in ("documents", "copies")),
            count(ledger["moved"].get(RETURNED, 0)) if "moved" in ledger else "-",
            count(ledger["tokens"]),
        ]
        for ledger in (ledgers(corpus) if without else [])
        if ledger["id"] in without
    ]
