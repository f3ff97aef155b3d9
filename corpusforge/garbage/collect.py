"""Removing what nothing needs: what goes is chosen, told, and removed in the order of `sweep`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from corpusforge.files import is_remote, join, remove, remove_files
from corpusforge.garbage.claims import snapshots_of
from corpusforge.garbage.needs import Needs, needs_of
from corpusforge.garbage.record import Record, read_record, write_record
from corpusforge.garbage.survey import survey
from corpusforge.garbage.sweep import LOOKUPS, RETRACTIONS, garbage
from corpusforge.mixture.swarmfiles import FOLDER as SWARMS
from corpusforge.parts.lock import temporaries
from corpusforge.parts.totals import BuildError
from corpusforge.retract.ledger import why_not_now
from corpusforge.shards.snapshot import read_current, read_index

_FOLDERS_OF_BUILDS = (
    "snapshots",
    "clusters",
    "repeats",
    "plan",
    "spills",
    "surveys",
    LOOKUPS,
    RETRACTIONS,
    SWARMS,
)
"""Where local folders become empty, that would be taken for something."""

_SHOWN = 5
"""Plans that are named."""


class Refused(ValueError):
    """What was asked for cannot be done; the message says why and what to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to stay, beside the current snapshot."""

    keep: frozenset[str] = frozenset()
    keep_plans: bool = False
    """Snapshots on which a plan of the corpus stands."""
    drop_plans: bool = False
    """Plans over snapshots that go, go too."""
    drop_unfinished: bool = False
    """What builds left that did not end goes too."""


@dataclass(slots=True)
class Freed:
    """Files of one kind that went, or would go."""

    files: int = 0
    bytes: int = 0

    def add(self, sizes: Iterable[int]) -> None:
        """Count files by their sizes."""
        for size in sizes:
            self.files += 1
            self.bytes += size


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What goes, and what is needed."""

    corpus: str
    needs: Needs
    gone: tuple[str, ...]
    """Snapshots that go."""
    current: str
    before: Record
    freed: dict[str, Freed] = field(default_factory=dict[str, Freed])
    """By kind."""
    linked: Freed = field(default_factory=Freed)
    """Of these, files that have another name elsewhere: their bytes stay on the disk until that goes too."""

    def run(self, *, dry_run: bool = False) -> None:
        """Remove what goes, or count it alone; a removal that ends early goes on when asked for again."""
        early: set[str] = set()
        is_noted = bool(self.gone or any(self.needs.going.values()) or self.before.is_open)
        if is_noted and not dry_run:
            write_record(self.corpus, self.needs.record(self.before, self.gone))
        for batch in garbage(self.corpus, self.needs, self.gone):
            if not dry_run and batch.kind in ("snapshots", "shards"):
                self._check_current()
            new = [entry for entry in batch.entries if entry.path not in early]
            if batch.is_early:
                early.update(entry.path for entry in new)
            self.freed.setdefault(batch.kind, Freed()).add(entry.size_bytes for entry in new)
            if batch.kind == "shards":
                self._count_links([entry.path for entry in new])
            if not dry_run:
                remove_files(entry.path for entry in batch.entries)
        if not is_remote(self.corpus):
            self._local(dry_run=dry_run)
        if is_noted and not dry_run:
            write_record(self.corpus, Record(snapshots=self.before.snapshots | frozenset(self.gone)))

    def _check_current(self) -> None:
        """Raise `BuildError` where a build committed a snapshot meanwhile: in a bucket nothing bars it."""
        if is_remote(self.corpus) and read_current(self.corpus) != self.current:
            raise BuildError(
                f"{self.corpus}: a build committed a snapshot meanwhile: nothing it stands on was looked at; "
                "let builds end, then run the same command again"
            )

    def _count_links(self, paths: Sequence[str]) -> None:
        if is_remote(self.corpus):
            return
        found = map(os.stat, paths)
        self.linked.add(state.st_size for state in found if state.st_nlink > 1)

    def _local(self, *, dry_run: bool) -> None:
        """Remove what killed writers left half written, and folders that are empty."""
        for path in temporaries(self.corpus):
            self.freed.setdefault("temporaries", Freed()).add(_sizes(path))
            if not dry_run:
                remove(path)
        if dry_run:
            return
        for folder in _FOLDERS_OF_BUILDS:
            for place, _, _ in os.walk(join(self.corpus, folder), topdown=False):
                if not os.listdir(place):
                    os.rmdir(place)


def _sizes(path: str) -> list[int]:
    if os.path.isdir(path):
        return [
            os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(path) for name in names
        ]
    return [os.path.getsize(path)]


def choose(corpus: str, choice: Choice) -> Removal:
    """Return what goes where a choice stays; nothing is removed. Reads indexes, plans, and tables of parts.

    Raises `Refused`, in one line, where the choice names a snapshot that is not there or would take one from
    under a plan; `BuildError` where a retraction did not end, or a build seems under way in a bucket;
    ValueError as `needs_of`.
    """
    if waits := why_not_now(corpus):
        raise BuildError(waits)
    current, there = read_index(corpus).snapshot, snapshots_of(corpus)
    record, found = read_record(corpus), survey(corpus)
    for snapshot in sorted(choice.keep - frozenset(there)):
        why = "it was removed by `corpusforge gc`" if snapshot in record.snapshots else "there are"
        names = "" if snapshot in record.snapshots else f" {', '.join(there)}"
        raise Refused(f"--keep: {corpus} has no snapshot {snapshot}: {why}{names}")
    kept = choice.keep | {current}
    if choice.keep_plans:
        kept |= {plan.snapshot for plan in found.plans.values()} & frozenset(there)
    over = {path: plan.snapshot for path, plan in found.plans.items() if plan.snapshot not in kept}
    if not choice.drop_plans:
        over = {path: snapshot for path, snapshot in over.items() if snapshot in there}
        if over:
            raise Refused(_plans_in_the_way(over))
    if is_remote(corpus) and found.at_work and not choice.drop_unfinished:
        raise BuildError(
            f"{join(corpus, found.at_work[0])}: a build is under way or was killed, and in a bucket no lock "
            "tells which: let the same build end, or give --drop-unfinished where nobody builds"
        )
    needs = needs_of(
        corpus,
        there,
        kept,
        sorted(over) if choice.drop_plans else (),
        found,
        record,
        drop_unfinished=choice.drop_unfinished,
    )
    gone = tuple(snapshot for snapshot in there if snapshot not in kept)
    return Removal(corpus=corpus, needs=needs, gone=gone, current=current, before=record)


def _plans_in_the_way(over: Mapping[str, str]) -> str:
    shown = [f"{path} (over {snapshot})" for path, snapshot in sorted(over.items())]
    more = f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else ""
    return (
        f"{', '.join(shown[:_SHOWN])}{more}: plans over snapshots that would go: --keep-plans keeps these "
        "snapshots, --drop-plans removes these plans too"
    )
