"""`corpusforge verify --absent`: proof that documents are nowhere in a corpus and its exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from corpusforge.absence.known import known_ids, never_retracted
from corpusforge.absence.proof import prove, scope_of, snapshots_with
from corpusforge.absence.query import Found, Look
from corpusforge.commands.console import count, show, show_json, show_table, status
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, list_entries
from corpusforge.printable import counted_as
from corpusforge.retract.lists import Entry, describe, read_list
from corpusforge.shards.indexfile import check_snapshot_id
from corpusforge.shards.snapshot import read_current

_SHOWN = 10


def verify_absent(
    corpus: str,
    list_path: str,
    snapshot: str | None,
    exports: Sequence[str],
    *,
    copies: bool,
    workers: int,
    as_json: bool,
) -> None:
    """Print where documents of a list are; raise `CommandError` where one is, or that cannot be told."""
    try:
        listed = read_list(list_path)
        read_current(corpus)
        if snapshot is not None:
            check_snapshot_id(snapshot, "--snapshot")
        for export in exports:
            if not exists(export) and next(iter(list_entries(export)), None) is None:
                raise usage_error(f"{export}: no such folder of an export")
        with status(f"looking into the files of {corpus}"):
            scope = scope_of(corpus, snapshot, exports)
            known = known_ids(corpus, listed, copies=copies)
            look, others = prove(scope, listed, known, copies=copies, workers=workers)
            holding = snapshots_with(scope, look)
            never = never_retracted(corpus, listed)
    except ValueError as error:  # of the list, or of an index
        raise usage_error(str(error)) from None
    if as_json:
        told = _json(corpus, list_path, scope.snapshots, look, others)
        told |= {"snapshots_with": holding, "never_retracted": list(map(str, never))}
        show_json(told, indent=2)
    else:
        _show(corpus, look, scope.snapshots, holding, never)
    n_found = sum(seen.found for seen in look.seen.values())
    if n_found or look.faults:
        raise CommandError(_line(corpus, look, n_found, holding))


def _show(
    corpus: str, look: Look, snapshots: Sequence[str], holding: Sequence[str], never: Sequence[Entry]
) -> None:
    rows = [
        [place, count(seen.files), count(seen.documents), count(seen.found)]
        for place, seen in sorted(look.seen.items())
    ]
    columns = ["place", "files", "documents", "found"]
    show_table(f"{corpus}: {counted_as(len(snapshots), 'snapshot')}", columns, rows)
    if look.found:
        show("")
    show(*map(_place, look.found[:_SHOWN]))
    if holding:
        current = read_current(corpus)
        names = (f"{name} (current)" if name == current else name for name in holding)
        show("", f"Snapshots that hold what was found: {', '.join(names)}")
    more = [f"and {count(len(look.faults) - _SHOWN)} more"] if len(look.faults) > _SHOWN else []
    if look.faults:
        show("", "What keeps absence from being proved:", *look.faults[:_SHOWN], *more)
    if not look.found and not look.faults:
        show("", f"{corpus}: absent everywhere", *_of_never(never))


def _of_never(never: Sequence[Entry]) -> list[str]:
    """Return a line on entries of no document, now or before: where one is mistyped, absence says nothing."""
    if not never:
        return []
    return [
        f"By {count(len(never))} of the list's entries no retraction took anything out either; a mistyped "
        f"entry is absent too: {describe(never)}"
    ]


def _place(found: Found) -> str:
    return f"{found.place}: {found.file} row {found.row}: document {found.doc_id} ({found.entry})"


def _line(corpus: str, look: Look, n_found: int, holding: Sequence[str]) -> str:
    """Return what is wrong in one line, and the way out; `holding`: snapshots that hold what was found."""
    told: list[str] = []
    places = [place for place, seen in sorted(look.seen.items()) if seen.found]
    if n_found:
        told.append(f"{counted_as(len(look.ids), 'document')} found, in {', '.join(places)}")
    if look.faults:
        told.append(f"absence not proved in {counted_as(len(look.faults), 'file')}")
    if any(place.endswith("of no index") for place in look.seen):
        told.append("shards that no snapshot has go by `corpusforge gc`")
    elif n_found and _is_old_alone(corpus, look, holding):
        whose = "snapshot" if len(holding) == 1 else "snapshots"
        told.append(f"held by {whose} {', '.join(holding)} alone: `corpusforge gc` removes what is not kept")
    elif n_found and all(place.startswith("export ") for place in places):
        told.append("exports alone hold them: export again from a snapshot without them")
    elif n_found:
        told.append("`corpusforge retract` takes them out, `corpusforge gc` removes older snapshots")
    return f"{corpus}: {'; '.join(told)}"


def _is_old_alone(corpus: str, look: Look, holding: Sequence[str]) -> bool:
    """Return whether all that was found is of snapshots before the current one."""
    folders = {folder for folder, _ in look.holders}
    return folders <= {"shards", "snapshots"} and bool(holding) and read_current(corpus) not in holding


def _json(
    corpus: str, list_path: str, snapshots: Sequence[str], look: Look, others: set[str]
) -> dict[str, Any]:
    found = sum(seen.found for seen in look.seen.values())
    return {
        "corpus": corpus,
        "list": list_path,
        "snapshots": list(snapshots),
        "is_absent": not found and not look.faults,
        "documents_found": len(look.ids),
        "copies_looked_for": len(others),
        "places": [{"place": place, **asdict(seen)} for place, seen in sorted(look.seen.items())],
        "found": [asdict(one) for one in look.found],
        "not_proved": look.faults,
    }
