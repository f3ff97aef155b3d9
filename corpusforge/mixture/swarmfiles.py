"""The folder of a swarm: its plan, `ratios.csv` and `epochs.csv` for fitters, `buckets.json` for the fit.

The tables are what RegMix and Olmix read: a row a run, the run's name first, then a column a unit, and
nothing else (their loaders take every further column for a domain). Rows sum to 1 as they are printed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from corpusforge.files import base_name, join, list_files, read_bytes, write_bytes
from corpusforge.mixture.apportion import hamilton
from corpusforge.mixture.buckets import Bucket
from corpusforge.mixture.draws import MICRO
from corpusforge.mixture.planfile import FULL, Arm, Plan, plan_to_bytes
from corpusforge.mixture.recipe import Recipe, Swarm
from corpusforge.sealed import sealed_json, unsealed_json
from corpusforge.shards.schema import ID, POSITIVE, SHA256, TEXT, closed, mapping
from corpusforge.shards.shape import shape_fault

FOLDER = "plans/swarms"
"""Where swarms lie, relative to the corpus: `<recipe>-<id>/`."""
PLAN, RATIOS, EPOCHS, BUCKETS = "plan.json", "ratios.csv", "epochs.csv", "buckets.json"
PLANS = re.compile(rf"plans/(?!(?:samples|swarms)/).+\.json|{FOLDER}/[^/]+/{re.escape(PLAN)}")
"""Paths in a corpus, of plans: in `plans/` and in its folders, and of each swarm its one plan."""
_RUN_COLUMN = "run_id"
_VERSION = 1

_SCHEMA = closed(
    {
        "format": {"const": "corpusforge buckets"},
        "version": {"const": _VERSION},
        "swarm": ID,
        "name": TEXT,
        "snapshot": ID,
        "recipe_sha256": SHA256,
        "sequence_length": POSITIVE,
        "packing": {"enum": ["concat", "best_fit"]},
        "budget_tokens": POSITIVE,
        "settings": {"type": "object"},
        "units": mapping({"type": "array", "items": TEXT, "minItems": 1}),
        "buckets": mapping(
            closed(
                {
                    "samples": POSITIVE,
                    "tokens": POSITIVE,
                    "of_samples": POSITIVE,
                    "of_tokens": POSITIVE,
                    "sha256": SHA256,
                    "made_again": SHA256,
                },
                optional=("made_again",),
            )
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """What `buckets.json` says."""

    swarm: str
    """Id of the swarm: that of its plan."""
    name: str
    """Of the recipe."""
    snapshot: str
    recipe_sha256: str
    sequence_length: int
    packing: str
    budget_tokens: int
    """Of the target."""
    settings: Mapping[str, Any]
    """The `[swarm]` of the recipe, all defaults filled in."""
    units: Mapping[str, Sequence[str]]
    """Keys by unit, the columns of `ratios.csv`."""
    buckets: Mapping[str, Bucket]

    @staticmethod
    def of(
        recipe: Recipe, plan: Plan, units: Mapping[str, Sequence[str]], buckets: Mapping[str, Bucket]
    ) -> Buckets:
        """Return what a swarm's plan is made of."""
        return Buckets(
            swarm=plan.id,
            name=recipe.name,
            snapshot=plan.snapshot,
            recipe_sha256=plan.recipe_sha256,
            sequence_length=plan.sequence_length,
            packing=plan.packing,
            budget_tokens=recipe.budget_tokens,
            settings=(recipe.swarm or Swarm()).model_dump(mode="json"),
            units=units,
            buckets=buckets,
        )

    @property
    def fraction(self) -> str:
        """Share of the target's budget that a run reads, as the recipe gave it."""
        return str(self.settings.get("fraction", ""))

    def to_bytes(self) -> bytes:
        """Return the file: sealed JSON."""
        value = {name: getattr(self, name) for name in self.__slots__}
        buckets = {key: bucket.to_json() for key, bucket in self.buckets.items()}
        units = {name: list(keys) for name, keys in self.units.items()}
        head = {"format": "corpusforge buckets", "version": _VERSION}
        return sealed_json({**value, **head, "units": units, "buckets": buckets})


def buckets_from_bytes(data: bytes, name: str) -> Buckets:
    """Return the buckets in `data`; ValueError or `Damaged`, in one line with the file, if there are none."""
    value = unsealed_json(data, name)
    if fault := shape_fault(value, _SCHEMA):
        raise ValueError(f"{name}: no buckets of a swarm: {fault}")
    rest = {key: entry for key, entry in value.items() if key not in ("format", "version", "buckets")}
    return Buckets(**rest, buckets={key: Bucket(**entry) for key, entry in value["buckets"].items()})


def read_buckets(path: str) -> Buckets:
    """Return the buckets in a file; errors as `buckets_from_bytes`."""
    return buckets_from_bytes(read_bytes(path), path)


def swarm_files(plan: Plan, buckets: Buckets) -> dict[str, bytes]:
    """Return the files of a swarm by name; `buckets.json` last, which commits it."""
    return {
        PLAN: plan_to_bytes(plan),
        RATIOS: _csv(buckets.units, ratios(plan, buckets.units)),
        EPOCHS: _csv(buckets.buckets, epochs(plan, buckets.buckets)),
        BUCKETS: buckets.to_bytes(),
    }


def write_swarm(folder: str, plan: Plan, buckets: Buckets) -> None:
    """Write the files of a swarm into a folder."""
    for name, data in swarm_files(plan, buckets).items():
        write_bytes(join(folder, name), data)


def swarm_fault(plan: Plan, buckets: Buckets, files: Mapping[str, bytes]) -> str | None:
    """Return what in a swarm's folder is not what its plan says; None where all is."""
    if buckets.swarm != plan.id:
        return f"{BUCKETS}: of swarm {buckets.swarm}, its plan is {plan.id}"
    expected = swarm_files(plan, buckets)
    for name in (RATIOS, EPOCHS):
        if files[name] != expected[name]:
            return f"{name}: not what its plan says"
    return None


def is_plan(name: str) -> bool:
    """Return whether a file of a corpus, by its path in it, is a plan of a mixture or of a swarm."""
    return PLANS.fullmatch(name) is not None


def is_plan_of_swarm(name: str) -> bool:
    """Return whether a plan of a corpus, by its path in it, is that of a swarm."""
    return name.startswith(f"{FOLDER}/")


def files_with(name: str) -> list[str]:
    """Return a plan of a corpus and what was written with it, in the order in which they may be removed."""
    if not is_plan_of_swarm(name):
        return [name]
    folder = name.rpartition("/")[0]
    return [f"{folder}/{file}" for file in (BUCKETS, RATIOS, EPOCHS, PLAN)]


def list_swarms(corpus: str) -> list[str]:
    """Return the names of the folders of a corpus's swarms, sorted."""
    found = (path for path in list_files(join(corpus, FOLDER)) if base_name(path) == BUCKETS)
    return sorted(path.rsplit("/", 2)[1] for path in found)


def ratios(plan: Plan, units: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return by run the share of each unit in what it reads: millionths that sum to a million."""
    return {name: _shares(arm, units) for name, arm in _runs(plan)}


def _shares(arm: Arm, units: Mapping[str, Sequence[str]]) -> list[int]:
    tokens = {row.key: row.tokens for row in arm.rows}
    read = {unit: Fraction(sum(tokens.get(key, 0) for key in keys)) for unit, keys in units.items()}
    shares = hamilton(MICRO, read)
    return [shares[unit] for unit in units]


def epochs(plan: Plan, keys: Iterable[str]) -> dict[str, list[int]]:
    """Return by run how often it reads the samples that it has of each key, in millionths."""
    found: dict[str, list[int]] = {}
    columns = list(keys)
    for name, arm in _runs(plan):
        rows = {row.key: row for row in arm.rows}
        found[name] = [
            round(MICRO * Fraction(rows[key].tokens, rows[key].epoch_tokens(plan.sequence_length)))
            if key in rows and rows[key].samples
            else 0
            for key in columns
        ]
    return found


def _runs(plan: Plan) -> list[tuple[str, Arm]]:
    return [(name, plan.arms[name]) for name in sorted(plan.arms) if name != FULL]


def _csv(columns: Iterable[str], rows: Mapping[str, Sequence[int]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_RUN_COLUMN, *columns])
    writer.writerows([name, *map(decimal, values)] for name, values in rows.items())
    return text.getvalue().encode()


def decimal(micro: int) -> str:
    """Return millionths with all their digits: `0.250000`."""
    return f"{micro // MICRO}.{micro % MICRO:06d}"
