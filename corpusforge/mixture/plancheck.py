"""The JSON of a plan as a reader may trust it: its shape, and sums that add up. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from corpusforge.domains import SUBSETS
from corpusforge.shards.format import shard_id
from corpusforge.shards.schema import COUNT, DOMAIN, ID, POSITIVE, SHA256, SUBSET, TEXT, closed, mapping

_U32 = {**COUNT, "maximum": 2**32 - 1}

_TABLE = closed(
    {
        "id": ID,
        "n_samples": COUNT,
        "n_stretches": COUNT,
        "n_tokens": COUNT,
        "stretches_sha256": SHA256,
        "firsts_sha256": SHA256,
    }
)
_PATCH = closed(
    {
        "id": ID,
        "sha256": SHA256,
        "n_tokens": COUNT,
        "lost_tokens": COUNT,
        "epochs": _U32,
        "n_moves": COUNT,
        "n_fills": COUNT,
        "n_shards": COUNT,
    }
)
_PREFIX = closed({"of_samples": POSITIVE, "n_tokens": COUNT})
OPTIONAL = ("patch", "prefix")
"""Keys of a row that stand there only where they say something."""
_ROW = closed(
    {
        "domain": DOMAIN,
        "subset": SUBSET,
        "selection": TEXT,
        "samples": COUNT,
        "supply_samples": COUNT,
        "tokens": COUNT,
        "cut_tokens": _U32,
        "table": {**_TABLE, "type": ["object", "null"]},
        "patch": _PATCH,
        "prefix": _PREFIX,
    },
    optional=OPTIONAL,
)
_ARM = closed(
    {"samples": COUNT, "tokens": COUNT, "unmatched_tokens": COUNT, "rows": {"type": "array", "items": _ROW}}
)


def plan_schema(version: int, order: str) -> Mapping[str, Any]:
    """Return what the JSON of a plan must be, as a JSON schema."""
    return closed(
        {
            "format": {"const": "corpusforge plan"},
            "version": {"const": version},
            "order": {"const": order},
            "id": ID,
            "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$"},
            "snapshot": ID,
            "seed": COUNT,
            "sequence_length": {**POSITIVE, "maximum": 2**31 - 1},
            "budget_tokens": POSITIVE,
            "packing": {"enum": ["concat", "best_fit"]},
            "recipe_sha256": SHA256,
            "arms": mapping(_ARM),
            "parent": ID,
        },
        optional=("parent",),
    )


def sums_fault(plan: Mapping[str, Any], full: str, *, is_in_order: bool = False) -> str | None:
    """Return what in the JSON of a plan, which has its shape, contradicts itself; None where nothing does.

    `is_in_order`: its rows read their tables from the first sample on, and each arm has tokens of its own.
    """
    if full not in plan["arms"]:
        return f"arms: the arm {full!r} is missing"
    length = plan["sequence_length"]
    budget = plan["budget_tokens"] // length * length
    for name, arm in plan["arms"].items():
        place, rows = f"arms.{ascii(name)[1:-1]}", arm["rows"]
        for number, row in enumerate(rows):
            fault = _ordered_fault(row, length) if is_in_order else _row_fault(row, length, plan["packing"])
            if fault or (fault := _patch_fault(row, length)):
                return f"{place}.rows.{number}.{fault}"
        for number, (one, other) in enumerate(pairwise(rows)):
            if _key(one) >= _key(other):
                return f"{place}.rows.{number + 1}: not in order of domain, subset, selection, or twice"
        for field in ("samples", "tokens"):
            if (summed := sum(row[field] for row in rows)) != arm[field]:
                return f"{place}.{field}: {arm[field]}, its rows sum to {summed}"
        if arm["tokens"] != budget and (name == full or not is_in_order):
            return f"{place}.tokens: {arm['tokens']}, the budget in whole samples is {budget}"
        if arm["unmatched_tokens"] > arm["tokens"]:
            return f"{place}.unmatched_tokens: more than the tokens of the arm"
    return None


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["domain"], row["subset"], row["selection"]


def _row_fault(row: Mapping[str, Any], length: int, packing: str) -> str | None:
    if row["subset"] not in SUBSETS[row["domain"]]:
        return f"subset: {row['domain']} has no subset {row['subset']}"
    samples, supply, tokens = row["samples"], row["supply_samples"], row["tokens"]
    if samples and not supply:
        return f"supply_samples: 0, but {samples} samples are read"
    table: Mapping[str, Any] | None = row["table"]
    if table is None and (row["selection"] or packing == "best_fit") and supply:
        return "table: is missing: what each sample is made of"
    if table and (fault := _table_fault(table, row, length)):
        return f"table.{fault}"
    if "prefix" in row and (fault := _prefix_fault(row["prefix"], row, length)):
        return f"prefix.{fault}"
    per_epoch = row["prefix" if "prefix" in row else "table"]["n_tokens"] if table else supply * length
    read, rest = tokens + row["cut_tokens"], samples % supply if supply else 0
    whole = samples // supply * per_epoch if supply else 0
    # the rest of an epoch: between a token a sample and all that a sample holds
    least, most = whole + rest, whole + min(rest * length, per_epoch)
    if packing == "concat" and (tokens != samples * length or row["cut_tokens"]):
        return f"tokens: {tokens} and {row['cut_tokens']} cut, {samples} samples hold {samples * length}"
    if not least <= read <= most or row["cut_tokens"] >= length:
        return f"tokens: {tokens} and {row['cut_tokens']} cut, {samples} samples hold {least} to {most}"
    return None


def _ordered_fault(row: Mapping[str, Any], length: int) -> str | None:
    """Return what is wrong with a row whose table is read from the first sample on."""
    table: Mapping[str, Any] | None = row["table"]
    if row["subset"] not in SUBSETS[row["domain"]]:
        return f"subset: {row['domain']} has no subset {row['subset']}"
    if table is None:
        return "table: is missing: what each sample is made of" if row["samples"] else None
    if fault := _table_fault(table, {**row, "supply_samples": table["n_samples"]}, length):
        return f"table.{fault}"
    if row["samples"] > table["n_samples"] or table["n_tokens"] != table["n_samples"] * length:
        return f"samples: {row['samples']}, the table has {table['n_samples']} of {table['n_tokens']} tokens"
    if row["samples"] and not row["supply_samples"]:
        return f"supply_samples: 0, but {row['samples']} samples are read"
    if row["tokens"] != row["samples"] * length or row["cut_tokens"] or "patch" in row:
        return f"tokens: {row['tokens']}, {row['samples']} samples hold {row['samples'] * length}"
    return None


def _patch_fault(row: Mapping[str, Any], length: int) -> str | None:
    patch: Mapping[str, Any] | None = row.get("patch")
    if patch is None:
        return None
    if patch["id"] != patch["sha256"][: len(patch["id"])]:
        return f"patch.id: {patch['id']}, expected {patch['sha256'][: len(patch['id'])]} by its sha256"
    whole = _whole_samples(row)
    if row["table"] is None and patch["n_tokens"] // length != whole:
        return f"patch.n_tokens: {patch['n_tokens']}, the row's supply is {whole} samples"
    begun = -(-row["samples"] // row["supply_samples"]) if row["supply_samples"] else 0
    if patch["lost_tokens"] > patch["n_tokens"] or (patch["lost_tokens"] and patch["epochs"] < begun):
        return (
            f"patch.epochs: {patch['lost_tokens']} lost tokens filled in {patch['epochs']} of {begun} epochs"
        )
    if patch["lost_tokens"] * patch["epochs"] >= 2**63:
        return f"patch.lost_tokens: {patch['lost_tokens']} in {patch['epochs']} epochs"
    return None


def _table_fault(table: Mapping[str, Any], row: Mapping[str, Any], length: int) -> str | None:
    expected = shard_id([table["stretches_sha256"], table["firsts_sha256"]])
    if table["id"] != expected:
        return f"id: {table['id']}, expected {expected} by the sha256 of its files"
    n_samples, n_tokens = table["n_samples"], table["n_tokens"]
    whole = _whole_samples(row)
    if n_samples != whole:
        return f"n_samples: {n_samples}, the row's supply is {whole}"
    if not n_samples <= table["n_stretches"] <= n_tokens <= n_samples * length:
        return f"n_tokens: {n_tokens} in {table['n_stretches']} stretches of {n_samples} samples of {length}"
    return None


def _whole_samples(row: Mapping[str, Any]) -> int:
    return row["prefix"]["of_samples"] if "prefix" in row else row["supply_samples"]


def _prefix_fault(prefix: Mapping[str, Any], row: Mapping[str, Any], length: int) -> str | None:
    supply, table, n_tokens = row["supply_samples"], row["table"], prefix["n_tokens"]
    if not 0 < supply < prefix["of_samples"]:
        return f"of_samples: {prefix['of_samples']}, of which {supply} are read: some must be, and not all"
    least, most = (supply, min(supply * length, table["n_tokens"])) if table else [supply * length] * 2
    if not least <= n_tokens <= most:
        return f"n_tokens: {n_tokens}, {supply} samples hold {least} to {most}"
    return None
