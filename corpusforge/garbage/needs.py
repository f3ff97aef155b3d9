"""What of a corpus is needed, for the snapshots and plans that are kept and the builds that may go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from corpusforge.files import StorageMissing, join
from corpusforge.garbage.claims import Claims, claims_of, part_names, planned_parts
from corpusforge.garbage.lookups import useful_lookups
from corpusforge.garbage.owners import Owners
from corpusforge.garbage.record import FOLDERS, Record
from corpusforge.garbage.survey import NEW_PLAN, Survey, shards_of_spills
from corpusforge.mixture.planfile import Plan, files_of
from corpusforge.parts.plan import PLAN_FOLDER, table_path
from corpusforge.parts.spec import PART_ID_DIGITS
from corpusforge.shards.format import ID_DIGITS
from corpusforge.shards.snapshot import Index, read_index

KEPT = 0
"""The owner of whatever is needed."""


@dataclass(kw_only=True)
class Needs:
    """Which names are needed (`shards`, `parts`, `names`), and which the removed things alone stood on."""

    kept: frozenset[str]
    """Ids of the snapshots that stay."""
    dropped_plans: tuple[str, ...]
    """Plans of mixtures that go, by their path."""
    drop_unfinished: bool
    """Whether what no snapshot and no plan claims goes too."""
    survey: Survey
    shards: Owners = field(default_factory=lambda: Owners(ID_DIGITS))
    parts: Owners = field(default_factory=lambda: Owners(PART_ID_DIGITS))
    names: dict[str, set[str]] = field(default_factory=lambda: {folder: set() for folder in FOLDERS})
    """Needed names by folder."""
    going: dict[str, set[str]] = field(default_factory=lambda: {folder: set() for folder in FOLDERS})
    """By folder, what the removed stood on and nothing needs."""
    lookups: frozenset[str] = frozenset()
    """Folders under `lookups/` that are of use."""
    unfinished: list[str] = field(default_factory=list[str])
    """Folders and files that no snapshot and no plan claims, and that stay."""

    def goes(self, folder: str, name: str) -> bool:
        """Return whether what has a name in a folder of `FOLDERS` is removed."""
        return name not in self.names[folder] and (name in self.going[folder] or self.drop_unfinished)

    def record(self, before: Record, gone: Iterable[str]) -> Record:
        """Return what is noted before anything is removed."""
        going = {folder: frozenset(names) for folder, names in self.going.items()}
        return replace(before, snapshots=before.snapshots | frozenset(gone), going=going)


def needs_of(
    corpus: str,
    snapshots: Sequence[str],
    kept: frozenset[str],
    dropped_plans: Sequence[str],
    survey: Survey,
    record: Record,
    *,
    drop_unfinished: bool,
) -> Needs:
    """Return what is needed where of `snapshots`, all that are there, `kept` stay.

    Raises ValueError or OSError, in one line, where it cannot be told what a kept snapshot needs.
    """
    needs = Needs(
        kept=kept, dropped_plans=tuple(dropped_plans), drop_unfinished=drop_unfinished, survey=survey
    )
    for snapshot in snapshots:
        if snapshot in kept:
            claims, parts = _of_kept(corpus, read_index(corpus, snapshot))
            needs.shards.add(claims.shards, KEPT)
            needs.parts.add(parts, KEPT)
            _add(needs.names, claims, survey)
        else:
            try:
                _add(needs.going, claims_of(corpus, read_index(corpus, snapshot)), survey)
            except (OSError, ValueError, KeyError):
                continue  # what a damaged index stood on cannot be told: it stays, as of an unfinished build
    for path, plan in survey.plans.items():
        (needs.going if path in needs.dropped_plans else needs.names)["plans/samples"].update(tables_of(plan))
    for folder in FOLDERS:
        needs.going[folder] |= record.going[folder]
    _keep_unfinished(corpus, needs)
    for folder in FOLDERS:
        needs.going[folder] -= needs.names[folder]
    needs.lookups = useful_lookups(corpus, needs.shards, needs.parts, needs.names["clusters"])
    return needs


def _of_kept(corpus: str, index: Index) -> tuple[Claims, NDArray[Any]]:
    """Return what a snapshot claims, and the ids of its parts."""
    try:
        return claims_of(corpus, index), part_names(corpus, index)
    except StorageMissing as error:
        what = f"which parts snapshot {index.snapshot} stands on cannot be told: restore it"
        raise ValueError(f"{error.filename}: missing: {what}") from None


def _add(names: dict[str, set[str]], claims: Claims, survey: Survey) -> None:
    names["clusters"] |= claims.clusters
    names["repeats"] |= claims.repeats
    names["tokenizers"] |= claims.tokenizers
    names[PLAN_FOLDER] |= plans_claimed(claims, survey)


def plans_claimed(claims: Claims, survey: Survey) -> set[str]:
    """Return the folders under `plan/` that are of a snapshot's parts."""
    found = {name for name, parts in survey.part_plans.items() if parts is not None and parts == claims.parts}
    return found | ({claims.plan} if claims.plan else set())


def tables_of(plan: Plan) -> set[str]:
    """Return the ids of the tables and patches of samples that a plan reads."""
    return {path.rpartition("/")[2].partition(".")[0] for path in files_of(*plan.arms.values())}


def finished_spills(survey: Survey) -> frozenset[str]:
    """Return the builds that became a snapshot and were killed before they cleared their spills."""
    return survey.spills & frozenset(survey.builds)


def _keep_unfinished(corpus: str, needs: Needs) -> None:
    """Add what a build that did not end may go on from, unless that goes too."""
    survey = needs.survey
    if needs.drop_unfinished:
        return
    spills = survey.spills - finished_spills(survey)
    needs.shards.add(list(shards_of_spills(corpus, spills)), KEPT)
    loose = {
        "clusters": survey.clusters - needs.names["clusters"] - needs.going["clusters"],
        "repeats": survey.repeats - needs.names["repeats"] - needs.going["repeats"],
        "spills": spills,
        "surveys": survey.surveys,
    }
    needs.unfinished += [f"{folder}/{name}/" for folder, names in loose.items() for name in sorted(names)]
    claimed = needs.names[PLAN_FOLDER] | needs.going[PLAN_FOLDER]
    plans = {name for name in survey.part_plans if not name.startswith(NEW_PLAN)}
    unclaimed = plans - claimed
    needs.unfinished += [f"{PLAN_FOLDER}/{name}/" for name in sorted(unclaimed)]
    # Of which parts a dedup or spills are, their names do not tell: whatever plan is there may be theirs.
    held = plans if any(loose.values()) else unclaimed
    for name in sorted(held):
        needs.names[PLAN_FOLDER].add(name)
        try:
            needs.parts.add(planned_parts(join(corpus, PLAN_FOLDER, name)), KEPT)
        except (OSError, ValueError) as error:
            table = table_path(join(corpus, PLAN_FOLDER, name))
            raise ValueError(
                f"{table}: not readable: which parts a build goes on from cannot be told: remove "
                f"{PLAN_FOLDER}/{name}/, or give --drop-unfinished"
            ) from error
