"""`corpusforge gc`: what no snapshot that is kept needs goes from disk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from corpusforge.commands.console import count, note, show, show_json, show_table, size, status
from corpusforge.commands.errors import usage_error
from corpusforge.garbage.alone import Held, held
from corpusforge.garbage.claims import snapshots_of
from corpusforge.garbage.collect import Choice, Freed, Refused, Removal, choose
from corpusforge.parts.lock import locked
from corpusforge.printable import counted_as
from corpusforge.shards.format import CURRENT
from corpusforge.shards.indexfile import check_snapshot_id
from corpusforge.shards.snapshot import read_current

_SHOWN = 5


def gc(
    corpus: str,
    keep: Sequence[str],
    *,
    keep_plans: bool,
    drop_plans: bool,
    drop_unfinished: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove what neither the current snapshot nor those to be kept need, and print what that freed."""
    try:
        read_current(corpus)
        wanted = _wanted(corpus, keep)
        if not keep and not keep_plans and len(snapshots_of(corpus)) > 1:
            _ask(corpus, as_json)
        choice = Choice(
            keep=wanted, keep_plans=keep_plans, drop_plans=drop_plans, drop_unfinished=drop_unfinished
        )
        with nullcontext() if dry_run else locked(corpus):
            with status(f"looking at the files of {corpus}"):
                removal = choose(corpus, choice)
                removal.run(dry_run=dry_run)
    except ValueError as error:  # `Refused`, a snapshot or plan that is not sound
        raise usage_error(str(error)) from None
    _tell(removal, dry_run=dry_run, as_json=as_json)


def _wanted(corpus: str, keep: Sequence[str]) -> frozenset[str]:
    wanted = frozenset(read_current(corpus) if one == CURRENT else one for one in keep)
    for one in wanted:
        check_snapshot_id(one, "--keep")
    return wanted


def _ask(corpus: str, as_json: bool) -> None:
    """Print the snapshots and raise the line that asks which are to stay."""
    with status(f"looking at the files of {corpus}"):
        found = held(corpus)
    if as_json:
        show_json({"corpus": corpus, "snapshots": list(map(_held_json, found))}, indent=2)
    else:
        rows = [
            [
                one.snapshot,
                CURRENT if one.is_current else "",
                (one.parent or "")[:8],
                count(one.n_docs),
                count(one.n_tokens),
                count(one.plans),
                size(one.freed.bytes),
            ]
            for one in found
        ]
        columns = ["snapshot", "", "parent", "documents", "tokens", "plans over it", "alone would free"]
        show_table(f"Snapshots of {corpus}", columns, rows, words=3)
    raise Refused(
        f"{corpus}: {count(len(found))} snapshots: say which stay: --keep ID, once for each; the current one "
        f"always stays, alone with --keep {CURRENT}"
    )


def _held_json(one: Held) -> dict[str, Any]:
    names = ("snapshot", "is_current", "parent", "n_docs", "n_tokens", "plans")
    return {name: getattr(one, name) for name in names} | {"bytes_alone": one.freed.bytes}


def _tell(removal: Removal, *, dry_run: bool, as_json: bool) -> None:
    freed, needs = removal.freed, removal.needs
    total = Freed(sum(one.files for one in freed.values()), sum(one.bytes for one in freed.values()))
    if as_json:
        value = {
            "corpus": removal.corpus,
            "dry_run": dry_run,
            "kept": sorted(needs.kept),
            "removed": list(removal.gone),
            "plans": list(needs.dropped_plans),
            "unfinished": needs.unfinished,
            "freed": {kind: {"files": one.files, "bytes": one.bytes} for kind, one in freed.items()},
            "linked": {"files": removal.linked.files, "bytes": removal.linked.bytes},
        }
        show_json(value, indent=2)
    else:
        would = "would go" if dry_run else "went"
        rows = [[kind, count(one.files), size(one.bytes)] for kind, one in sorted(freed.items()) if one.files]
        if rows:
            columns = [f"what {would}", "files", "bytes"]
            show_table(
                f"{removal.corpus}", columns, rows, total=["all", count(total.files), size(total.bytes)]
            )
        kept = counted_as(len(needs.kept), "snapshot")
        gone = counted_as(len(removal.gone), "snapshot")
        show(
            f"{removal.corpus}: {gone} {would}, {kept} {'would stay' if dry_run else 'kept'}"
            f"{'' if rows else '; nothing else is there that nothing needs'}"
        )
    if needs.unfinished:
        more = f" and {len(needs.unfinished) - _SHOWN:,} more" if len(needs.unfinished) > _SHOWN else ""
        note(
            f"kept, for a build that did not end: {', '.join(needs.unfinished[:_SHOWN])}{more}, and the "
            "parts it may go on from; --drop-unfinished removes them"
        )
    if removal.linked.files:
        note(
            f"{counted_as(removal.linked.files, 'file')} of {size(removal.linked.bytes)} have another name, "
            "as exports link payloads: these bytes stay on the disk until that goes too; "
            "corpusforge verify CORPUS --absent LIST --exports DIR looks into exports"
        )
