"""The file of a plan, once: written by `mixture.plan`, read by the reader. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from corpusforge.shards.format import canonical_json, seal, unseal

PLAN_VERSION = 1
ORDER = "feistel8-webster64"
"""Names the algorithms of `reader.order`: another order gets another name here."""
FULL = "full"
"""The arm that is the recipe itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What one arm takes from one (domain, subset)."""

    domain: str
    subset: str
    samples: int
    supply_samples: int
    """Whole samples that the snapshot holds: one epoch."""

    @property
    def whole_epochs(self) -> int:
        """Epochs that are read to their end; the rest is a prefix of the next."""
        return self.samples // self.supply_samples if self.supply_samples else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One mixture: rows sorted by (domain, subset), samples summing to the budget."""

    name: str
    rows: tuple[PlanRow, ...]

    @property
    def samples(self) -> int:
        """Samples of the arm."""
        return sum(row.samples for row in self.rows)


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
    recipe_sha256: str
    arms: dict[str, Arm]

    @property
    def samples(self) -> int:
        """Samples of every arm."""
        return self.budget_tokens // self.sequence_length


def plan_to_bytes(plan: Plan) -> bytes:
    """Return the file of a plan; what `plan.id` says is replaced by the hash of the rest."""
    arms = {
        name: {
            "samples": arm.samples,
            "rows": [{**asdict(row), "tokens": row.samples * plan.sequence_length} for row in arm.rows],
        }
        for name, arm in plan.arms.items()
    }
    value = {**asdict(plan), "arms": arms, "format": "corpusforge plan", "version": PLAN_VERSION}
    return canonical_json(seal({**value, "order": ORDER, "samples": plan.samples}, "id"))


def plan_from_bytes(data: bytes, name: str) -> Plan:
    """Return the plan in `data`.

    Raises ValueError, in one line that starts with `name`, where it is no plan, was changed
    since it was written, or asks for an order that this code does not know.
    """
    value = unseal(data, "id", name)
    if value.get("format") != "corpusforge plan" or value.get("version") != PLAN_VERSION:
        raise ValueError(f"{name}: not a plan of version {PLAN_VERSION}")
    if value["order"] != ORDER:
        raise ValueError(f"{name}: asks for the order {value['order']}, this code knows {ORDER}")
    arms = {arm: Arm(name=arm, rows=_rows(entry)) for arm, entry in value["arms"].items()}
    names = ("id", "name", "snapshot", "seed", "sequence_length", "budget_tokens", "recipe_sha256")
    return Plan(arms=arms, **{key: value[key] for key in names})


def _rows(arm: Mapping[str, Any]) -> tuple[PlanRow, ...]:
    names = ("domain", "subset", "samples", "supply_samples")
    return tuple(PlanRow(**{name: row[name] for name in names}) for row in arm["rows"])
