"""The file of a plan, once: written by `mixture.plan`, read by the reader. numpy at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.domains import supply_key
from corpusforge.mixture.order import epoch_order, order_name
from corpusforge.mixture.plancheck import OPTIONAL, plan_schema, sums_fault
from corpusforge.mixture.samplepatch import SamplePatch, patch_from_json, patch_path
from corpusforge.mixture.sampletable import TABLE_KINDS, SampleTable, table_from_json, table_path
from corpusforge.shards.format import canonical_json, seal, unseal
from corpusforge.shards.shape import shape_fault

PLAN_VERSION = 2
ORDER = "feistel8-blocks4096x8-webster64"
"""Names the algorithms of `mixture.order`: another order gets another name here."""
IN_ORDER = "tables-webster64"
"""The order of a plan translated to another tokenizer: each row reads its table from the first sample on."""
FULL = "full"
"""The arm that is the recipe itself."""
_SHOWN = 12
"""Arms that a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """That a row reads the first samples of its subset, or of its table, and no other."""

    of_samples: int
    """Samples of the whole subset, or of the whole table."""
    n_tokens: int
    """Tokens of the samples of one epoch, padding not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What one arm takes from one (domain, subset), or from a selection of its documents."""

    domain: str
    subset: str
    selection: str = ""
    """Name of the selection; empty where all documents may come."""
    samples: int
    supply_samples: int
    """Samples of one epoch."""
    tokens: int
    """Tokens read, padding not counted."""
    cut_tokens: int = 0
    """Tokens at the end of the last sample that are not read, so that `tokens` is exact."""
    table: SampleTable | None = None
    """Stretches of each sample; without one, sample k is the tokens [kS, (k+1)S) of the subset."""
    patch: SamplePatch | None = None
    """Where those tokens lie, of a plan made again over a child snapshot; None where they were numbered."""
    prefix: Prefix | None = None
    """Where only the first `supply_samples` samples are read: of how many. None where all are."""

    @property
    def key(self) -> str:
        """What the row reads of, as recipes name it: `web`, `math/generic`, `multilingual#zh`."""
        return supply_key(self.domain, self.subset) + (f"#{self.selection}" if self.selection else "")

    @property
    def whole_samples(self) -> int:
        """Samples of the whole subset, or table, whether they are read or not."""
        return self.prefix.of_samples if self.prefix else self.supply_samples

    def epoch_tokens(self, sequence_length: int) -> int:
        """Return the tokens of the samples of one epoch, padding not counted."""
        if self.prefix is not None:
            return self.prefix.n_tokens
        return self.table.n_tokens if self.table else self.supply_samples * sequence_length

    @property
    def whole_epochs(self) -> int:
        """Epochs that are read to their end; the rest is a prefix of the next."""
        return self.samples // self.supply_samples if self.supply_samples else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One mixture: rows sorted by (domain, subset, selection), tokens summing to the budget."""

    name: str
    rows: tuple[PlanRow, ...]
    unmatched_tokens: int = 0
    """Tokens that a matched swap brought in without a match, within its tolerance."""

    @property
    def samples(self) -> int:
        """Samples of the arm."""
        return sum(row.samples for row in self.rows)

    @property
    def tokens(self) -> int:
        """Tokens of the arm, padding not counted."""
        return sum(row.tokens for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All arms of a recipe over one snapshot."""

    id: str
    name: str
    snapshot: str
    """The snapshot it was made from, by its hash."""
    seed: int
    """The corpus seed: with domain, subset and epoch, the key of every order."""
    sequence_length: int
    budget_tokens: int
    packing: str
    """`concat` or `best_fit`."""
    recipe_sha256: str
    arms: dict[str, Arm]
    order: str = ORDER
    """Name of the order of samples: `ORDER`, or `IN_ORDER`."""
    parent: str | None = None
    """Id of the plan that it was made again from."""

    @property
    def tokens(self) -> int:
        """Tokens of every arm: the budget in whole samples."""
        return self.budget_tokens // self.sequence_length * self.sequence_length


def arm_names(plan: Plan) -> str:
    """Return the names of a plan's arms for a message: the first of them where they are many."""
    names = sorted(plan.arms)
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def longest_rows(plan: Plan, pair: tuple[str, str]) -> dict[tuple[str, str, str], PlanRow]:
    """Return the row of the arm that reads most of it, by (domain, subset, selection) of a pair, in order."""
    found: dict[tuple[str, str, str], PlanRow] = {}
    for arm in plan.arms.values():
        for row in arm.rows:
            key = (row.domain, row.subset, row.selection)
            if key[:2] == pair and (key not in found or row.samples > found[key].samples):
                found[key] = row
    return dict(sorted(found.items()))


def nested_rows(plan: Plan, pair: tuple[str, str]) -> dict[tuple[str, str, str], tuple[PlanRow, int]]:
    """Return what is read of each key of a pair of which some arm reads a prefix, sorted by key.

    That is (row of the longest prefix, with the samples of one epoch of it, epochs that an arm begins).
    """
    by_key: dict[tuple[str, str, str], list[PlanRow]] = {}
    for arm in plan.arms.values():
        for row in arm.rows:
            if (row.domain, row.subset) == pair and row.samples:
                by_key.setdefault((row.domain, row.subset, row.selection), []).append(row)
    found: dict[tuple[str, str, str], tuple[PlanRow, int]] = {}
    for key, rows in sorted(by_key.items()):
        if any(row.prefix is not None for row in rows):
            longest = max(rows, key=lambda row: row.supply_samples)
            epochs = max(-(-row.samples // row.supply_samples) for row in rows)
            found[key] = replace(longest, samples=longest.supply_samples), epochs
    return found


def files_of(*arms: Arm) -> list[str]:
    """Return the files beside a plan that its arms are read by, relative to the corpus."""
    rows = [row for arm in arms for row in arm.rows]
    tables = [table_path(row.table.id, kind) for row in rows if row.table for kind in TABLE_KINDS]
    return list(dict.fromkeys([*tables, *(patch_path(row.patch.id) for row in rows if row.patch)]))


def plan_to_bytes(plan: Plan) -> bytes:
    """Return the file of a plan; what `plan.id` says is replaced by the hash of the rest."""
    arms = {
        name: {
            "samples": arm.samples,
            "tokens": arm.tokens,
            "unmatched_tokens": arm.unmatched_tokens,
            "rows": [_without_none(asdict(row), OPTIONAL) for row in arm.rows],
        }
        for name, arm in plan.arms.items()
    }
    head = {field.name: getattr(plan, field.name) for field in fields(plan)}
    value = {**_without_none(head, ("parent",)), "arms": arms}
    return canonical_json(seal({**value, "format": "corpusforge plan", "version": PLAN_VERSION}, "id"))


def _without_none(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return a JSON object without those of some keys that say nothing."""
    return {key: entry for key, entry in value.items() if key not in names or entry is not None}


def samples_at(
    order: str, seed: int, row: PlanRow, epoch: int, places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return which samples of a row are read at these places of an epoch: i64."""
    if order == IN_ORDER:
        return places + epoch * row.supply_samples
    name = order_name(row.subset, row.selection)
    return epoch_order(seed, row.domain, name, epoch, row.supply_samples, places)


def plan_from_bytes(data: bytes, name: str) -> Plan:
    """Return the plan in `data`.

    Raises ValueError, in one line that starts with `name`, where it is no plan, was changed
    since it was written, asks for an order that this code does not know, or does not add up.
    """
    value = unseal(data, "id", name)
    if value.get("format") != "corpusforge plan" or value.get("version") != PLAN_VERSION:
        raise ValueError(f"{name}: not a plan of version {PLAN_VERSION}")
    if value.get("order") not in (ORDER, IN_ORDER):
        found = ascii(value.get("order"))[:80]
        raise ValueError(f"{name}: asks for the order {found}, this code knows {ORDER} and {IN_ORDER}")
    is_in_order = value["order"] == IN_ORDER
    schema = plan_schema(PLAN_VERSION, value["order"])
    if fault := shape_fault(value, schema) or sums_fault(value, FULL, is_in_order=is_in_order):
        raise ValueError(f"{name}: {fault}")
    arms = {
        arm: Arm(name=arm, rows=_rows(entry), unmatched_tokens=entry["unmatched_tokens"])
        for arm, entry in value["arms"].items()
    }
    rest = {key: entry for key, entry in value.items() if key not in ("format", "version", "arms")}
    return Plan(arms=arms, **rest)


def _rows(arm: Mapping[str, Any]) -> tuple[PlanRow, ...]:
    return tuple(_row(row) for row in arm["rows"])


def _row(row: Mapping[str, Any]) -> PlanRow:
    rest = {name: value for name, value in row.items() if name not in ("table", *OPTIONAL)}
    table, patch, prefix = row["table"], row.get("patch"), row.get("prefix")
    return PlanRow(
        **rest,
        table=table_from_json(table) if table else None,
        patch=patch_from_json(patch) if patch else None,
        prefix=Prefix(**prefix) if prefix else None,
    )
