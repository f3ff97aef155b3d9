"""The large build: its size from a table, its price from the rates."""

from collections.abc import Mapping
from typing import Any

from benches.model.costs import Measured, Size, predict
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.sizes import sizes_of
from corpusforge.shards.levels import BUCKET, choose_shape, parts_per_spill, synthetic_sums
from corpusforge.shards.levels import predict as predict_moved
from corpusforge.shards.writer import plan_shards

GB = 1e9


def read_world(value: Mapping[str, Any], text_bytes_per_token: float) -> dict[str, Any]:
    """Return the table with its size; text is as long for each token as in the build that gave the rates."""
    input_bytes: dict[str, int] = {}
    parts = 0
    for of in value["inputs"]:
        input_bytes[of["kind"]] = input_bytes.get(of["kind"], 0) + of["count"] * of["bytes_each"]
        pieces = -(-of["bytes_each"] // value["split_bytes"]) if of["splits"] else 1
        parts += of["count"] * pieces
    tokens = value["shards"] * value["shard_tokens"]
    documents = value["assumed"]["documents_compared"]
    spills = -(-parts // parts_per_spill(parts, sum(input_bytes.values())))
    sums = synthetic_sums(spills, tokens, text_bytes_per_token, tokens // value["documents_kept"])
    shape = choose_shape(sums, plan_shards(sums.by_group(), value["shard_tokens"]), BUCKET)
    size = Size(
        parts=parts,
        input_bytes=input_bytes,
        documents=documents,
        partitions=sizes_of(documents, parts, DedupConfig()).partitions,
        moved=predict_moved(sums, shape),
        levels=len(shape.levels),
        text_bytes=round(tokens * text_bytes_per_token),
        tokens=tokens,
        shards=value["shards"],
    )
    return {**value, "size": size}


def slowest_s(world: Mapping[str, Any], measured: Measured) -> dict[str, float]:
    """Return CPU seconds of the longest single task, by stage, where the table tells how large one is."""
    part_bytes = max(
        (min(of["bytes_each"], world["split_bytes"]) if of["splits"] else of["bytes_each"])
        * measured.by_kind[of["kind"]]["cpu_s"]
        for of in world["inputs"]
    )
    rates = measured.rates
    return {
        "plan": rates["plan"]["cpu_s"].part * world["size"].parts,  # the joining of all slices, at most
        "prepare": part_bytes,
        "dedup": rates["dedup"]["cpu_s"].unit * world["size"].documents / world["size"].partitions,
        "shard": rates["shard"]["cpu_s"].unit * world["shard_tokens"],
    }


def priced(world: Mapping[str, Any], measured: Measured) -> list[dict[str, Any]]:
    """Return a row a stage, and one of all: CPU hours, requests, bytes, dollars, and hours by workers."""
    prices, assumed = world["prices"], world["assumed"]
    slowest = slowest_s(world, measured)
    rows: list[dict[str, Any]] = []
    for stage, of in predict(measured, world["size"]).items():
        cpu_h = of["cpu_s"] / 3600
        memory_h = cpu_h * assumed["worker_memory_gb"] / assumed["worker_vcpus"]
        dollars = {
            "machines": (cpu_h * prices["vcpu_h"] + memory_h * prices["memory_gb_h"]) / assumed["busy_share"],
            "requests": of["writes"] / 1000 * prices["class_a_per_1000"]
            + of["reads"] / 1000 * prices["class_b_per_1000"],
            "shuffle": of["shuffled_bytes"] / GB * prices["shuffle_gb"],
        }
        told = {"stage": stage, "cpu_h": cpu_h, "slowest_s": slowest.get(stage, 0.0), **dollars, **of}
        rows.append(told | {
            f"hours_{n}": max(cpu_h / (n * assumed["worker_vcpus"] * assumed["busy_share"]),
                              slowest.get(stage, 0.0) / 3600)
            for n in assumed["workers"]
        })  # fmt: skip
    names = [name for name in rows[0] if name not in ("stage", "slowest_s")]
    whole = {name: sum(row[name] for row in rows) for name in names}
    return [*rows, {"stage": "all", "slowest_s": max(row["slowest_s"] for row in rows), **whole}]


def table(rows: list[dict[str, Any]], workers: list[int]) -> str:
    """Return the rows as a table in Markdown."""
    hours_heads = [f"hours, {n:,} workers" for n in workers]
    heads = ["stage", "CPU h", *hours_heads, "slowest task", "reads", "writes and lists",
             "read", "written", "shuffled", "machines", "requests", "shuffle"]  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for row in rows:
        hours = [f"{row[f'hours_{n}']:,.1f}" for n in workers]
        cells = [row["stage"], f"{row['cpu_h']:,.0f}", *hours, f"{row['slowest_s'] / 60:,.1f} min"]
        cells += [_count(row["reads"]), _count(row["writes"])]
        cells += [f"{row[name] / 1e12:,.1f} TB" for name in ("read_bytes", "written_bytes", "shuffled_bytes")]
        cells += [f"${row[name]:,.0f}" for name in ("machines", "requests", "shuffle")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _count(value: float) -> str:
    return f"{value / 1e6:,.1f} M" if value >= 1e5 else f"{value:,.0f}"
