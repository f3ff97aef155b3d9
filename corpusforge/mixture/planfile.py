"""The file of a plan, once: written by `mixture.plan`, read by the reader. numpy at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from corpusforge.domains import supply_key
from corpusforge.mixture.plancheck import OPTIONAL, plan_schema, sums_fault
from corpusforge.mixture.sampletable import SampleTable, table_from_json
from corpusforge.shards.format import canonical_json, seal, unseal
from corpusforge.shards.shape import shape_fault

PLAN_VERSION = 2
ORDER = "feistel8-blocks4096x8-webster64"
"""Names the algorithms of `mixture.order`: another order gets another name here."""
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

    @property
    def tokens(self) -> int:
        """Tokens of every arm: the budget in whole samples."""
        return self.budget_tokens // self.sequence_length * self.sequence_length


def arm_names(plan: Plan) -> str:
    """Return the names of a plan's arms for a message: the first of them where they are many."""
    names = sorted(plan.arms)
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def plan_to_bytes(plan: Plan) -> bytes:
    """Return the file of a plan; what `plan.id` says is replaced by the hash of the rest."""
    arms = {
        name: {
            "samples": arm.samples,
            "tokens": arm.tokens,
            "unmatched_tokens": arm.unmatched_tokens,
            "rows": [_row_to_json(row) for row in arm.rows],
        }
        for name, arm in plan.arms.items()
    }
    head = {field.name: getattr(plan, field.name) for field in fields(plan)}
    value = {**head, "arms": arms, "format": "corpusforge plan", "version": PLAN_VERSION}
    return canonical_json(seal({**value, "order": ORDER}, "id"))


def _row_to_json(row: PlanRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in OPTIONAL or value is not None}


def plan_from_bytes(data: bytes, name: str) -> Plan:
    """Return the plan in `data`.

    Raises ValueError, in one line that starts with `name`, where it is no plan, was changed
    since it was written, asks for an order that this code does not know, or does not add up.
    """
    value = unseal(data, "id", name)
    if value.get("format") != "corpusforge plan" or value.get("version") != PLAN_VERSION:
        raise ValueError(f"{name}: not a plan of version {PLAN_VERSION}")
    if value.get("order") != ORDER:
        found = ascii(value.get("order"))[:80]
        raise ValueError(f"{name}: asks for the order {found}, this code knows {ORDER}")
    if fault := shape_fault(value, plan_schema(PLAN_VERSION, ORDER)) or sums_fault(value, FULL):
        raise ValueError(f"{name}: {fault}")
    arms = {
        arm: Arm(name=arm, rows=_rows(entry), unmatched_tokens=entry["unmatched_tokens"])
        for arm, entry in value["arms"].items()
    }
    names = ("id", "name", "snapshot", "seed", "sequence_length", "budget_tokens", "packing", "recipe_sha256")
    return Plan(arms=arms, **{key: value[key] for key in names})


def _rows(arm: Mapping[str, Any]) -> tuple[PlanRow, ...]:
    return tuple(_row(row) for row in arm["rows"])


def _row(row: Mapping[str, Any]) -> PlanRow:
    rest = {name: value for name, value in row.items() if name not in ("table", "prefix")}
    table, prefix = row["table"], row.get("prefix")
    return PlanRow(
        **rest,
        table=table_from_json(table) if table else None,
        prefix=Prefix(**prefix) if prefix else None,
    )
