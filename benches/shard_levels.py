"""What it costs to bring documents from parts to shards: CPU, opens, requests, bytes; JSON on stdout.

python benches/shard_levels.py [--documents 20000] [--repeat 3] [--bucket]

The same documents lie in 50 parts and go to 4 shards, and in 800 parts and go to 64. Both ways run in
turn, on disk, and the least of several runs counts: spilling and sharding, without Beam. With --bucket,
an emulator of a bucket holds 50 inputs for 10 shards, then 200 for 40. Last, the model that chooses
the levels says what ten trillion tokens take.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.document import Document, SourceKind, documents_to_batch, stable_id
from corpusforge.files import join, list_entries, publishing, reading
from corpusforge.files.client import client
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.format import part_path
from corpusforge.parts.survivors import spill_parts
from corpusforge.shards.levels import BUCKET, choose_shape, describe, parts_per_spill, predict, synthetic_sums
from corpusforge.shards.local import combine, follow
from corpusforge.shards.tasks import Work
from corpusforge.shards.writer import plan_shards

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.emulator import emulator_binary, metered, running_emulator

GROUPS = ("web", "all"), ("code", "all"), ("math", "generic"), ("books", "all")
WORLD_TOKENS = 40_000 * 2**28


def documents(count: int) -> list[Document]:
    """Documents of about 2,500 bytes in words of a Zipf-like vocabulary."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randrange(2, 10))) for _ in range(5000)]
    weights = [1 / (place + 2) for place in range(len(words))]
    rows = []
    for number in range(count):
        domain, subset = chance.choices(GROUPS, (6, 2, 1, 1))[0]
        text = " ".join(chance.choices(words, weights, k=chance.randrange(100, 700)))
        rows.append(Document(
            doc_id=stable_id("jsonl", f"dump#{number}"), source="bench", source_kind=SourceKind.JSONL,
            locator=f"dump#{number}", text=text, domain=domain, subset=subset, domain_reason="rule 3: 0.25",
            language="en", language_score=0.9, signals={"words": float(len(text)), "alpha": 0.75},
        ))  # fmt: skip
    return rows


def lay_down(corpus: str, rows: list[Document], n_parts: int) -> None:
    """Write the documents of parts, as `prepare` does."""
    for part in range(n_parts):
        with publishing(part_path(corpus, f"{part:06d}", "documents.parquet")) as path:
            table = pa.Table.from_batches([documents_to_batch(rows[part::n_parts])])
            write_sealed_table(table, path, compression="zstd", compression_level=3)


def shard(config: BuildConfig, n_parts: int, n_bytes: int, n_shards: int) -> tuple[list[str], int, float]:
    """Spill and shard parts; return the levels taken, how many shards there are, CPU seconds of spilling."""
    start_s = time.process_time()
    work = Work(corpus=config.output, folder=join(config.output, "spills"))
    size = parts_per_spill(n_parts, n_bytes)
    spills = {}
    for part in range(n_parts):
        spills.setdefault(part // size, []).append((part, f"{part:06d}"))
    infos = [info for spill in spills.items() for _, info in spill_parts(config, work, _none, _none, spill)]
    spill_s = time.process_time() - start_s
    sums = combine(work, infos)
    target = -(-sums.n_tokens // n_shards)
    shape = choose_shape(sums, plan_shards(sums.by_group(), target), work.store)
    return list(describe(shape)), len(follow(work, shape, sums)), spill_s


def _none(part_id: str) -> None:
    return None


def configuration(output: str) -> BuildConfig:
    config = BuildConfig(name="bench", output=output, sources=(SourceConfig(name="bench", paths=("x",)),))
    return config.model_copy(update={"shards": config.shards.model_copy(update={"oracle_share": 0.0})})


def on_disk(rows: list[Document], repeat: int) -> dict:
    n_bytes = sum(row.n_bytes for row in rows)
    found: dict = {}
    opens = [0]
    plain = reading.LocalSource.__init__

    def counted(*arguments) -> None:
        opens[0] += 1
        plain(*arguments)

    reading.LocalSource.__init__ = counted
    for _ in range(repeat):
        for n_parts, n_shards in ((50, 4), (800, 64)):
            with tempfile.TemporaryDirectory() as folder:
                config = configuration(folder)
                lay_down(folder, rows, n_parts)
                opens[0], start_s = 0, time.process_time()
                levels, made, spill_s = shard(config, n_parts, n_bytes, n_shards)
                cpu_s = time.process_time() - start_s
                entry = {"cpu_s": round(cpu_s, 3), "of_it_spilling_s": round(spill_s, 3), "opens": opens[0],
                         "shards": made, "levels": levels}  # fmt: skip
                name = f"{n_parts} x {n_shards}"
                found[name] = min(entry, found.get(name, entry), key=lambda run: run["cpu_s"])
    reading.LocalSource.__init__ = plain
    few, many = found["50 x 4"]["cpu_s"], found["800 x 64"]["cpu_s"]
    size = {"documents": len(rows), "megabytes": round(n_bytes / 1e6, 1)}
    return {**size, **found, "cpu_ratio": round(many / few, 2)}


def in_bucket(rows: list[Document]) -> dict:
    binary = emulator_binary()
    if binary is None:
        return {}
    found: dict = {}
    for n_parts, n_shards in ((50, 10), (200, 40)):
        some = rows[: len(rows) * n_parts // 200]
        with tempfile.TemporaryDirectory() as folder, running_emulator(binary, Path(folder, "log")):
            client().create_bucket("bench")
            corpus = "gs://bench/corpus"
            lay_down(corpus, some, n_parts)
            n_bytes = sum(row.n_bytes for row in some)
            with metered() as meter:
                levels, made, _ = shard(configuration(corpus), n_parts, n_bytes, n_shards)
            size = sum(entry.size_bytes for entry in list_entries(f"{corpus}/shards"))
            found[f"{n_parts} x {n_shards}"] = {
                "requests": meter.total, "by_kind": dict(meter.requests), "shards": made, "levels": levels,
                "bytes_read_per_corpus_byte": round(meter.read_bytes / size, 2),
            }  # fmt: skip
    found["requests_grow"] = round(found["200 x 40"]["requests"] / found["50 x 10"]["requests"], 2)
    return found


def world(n_parts: int) -> dict:
    """What the model says of 40,000 shards of 2^28 tokens."""
    sums = synthetic_sums(n_parts, WORLD_TOKENS)
    shape = choose_shape(sums, plan_shards(sums.by_group(), 2**28), BUCKET)
    cost = predict(sums, shape)
    return {
        "parts": n_parts, "runs": sums.n_runs, "documents": sums.n_docs, "shards": shape.shards.count,
        "levels": list(describe(shape)), "reads": cost.reads, "writes": cost.writes,
        "bytes_read_per_spilled_byte": round(cost.bytes_read / sums.n_bytes, 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--bucket", action="store_true")
    given = parser.parse_args()
    rows = documents(given.documents)
    found = {"disk": on_disk(rows, given.repeat)}
    if given.bucket:
        found["bucket"] = in_bucket(rows)
    found["world"] = [world(n_parts) for n_parts in (100_000, 300_000)]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
