"""Tokens a CPU second that the reader hands out, from page cache, and what others do; JSON on stdout.

python benches/reader.py [--tokens 64000000] [--documents-tokens 600] [--rounds 3]

Megatron-core, OLMo-core and MDS read the same tokens, exported for them, in turn with ours: each in a
process of its own, the others with the Python of `make test-readers`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from corpusforge.document import Document, SourceKind, documents_to_batch, stable_id
from corpusforge.export import export_plan, export_snapshot
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.local import write_shards
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.spill import write_spill
from corpusforge.shards.tasks import Work
from corpusforge.shards.tokenizer_choice import load_tokenizer

S = 4096
PEERS = ("megatron", "megatron_plain", "olmo", "mds")
"""`megatron_plain` tells no documents apart; all others do."""


def documents(n_tokens: int, mean_tokens: int):
    chance = np.random.default_rng(0)
    words = [f"word{number}" for number in range(5000)]
    domains = ("web", "code", "books")
    for number in range(n_tokens // mean_tokens):
        length = int(chance.exponential(mean_tokens / 3)) + 1
        text = " ".join(words[place] for place in chance.integers(0, len(words), length))
        locator = f"bench#{number}"
        yield Document(
            doc_id=stable_id("jsonl", locator), source="bench", source_kind=SourceKind.JSONL,
            locator=locator, text=text, domain=domains[number % 3], subset="all",
        )  # fmt: skip


def batches(n_tokens: int, mean_tokens: int):
    rows = documents(n_tokens, mean_tokens)
    while batch := list(islice(rows, 512)):
        yield documents_to_batch(batch)


def build(folder: str, n_tokens: int, mean_tokens: int) -> str:
    """Return the path of a plan over a corpus of three domains, written under `folder`."""
    tokenizer = load_tokenizer("cl100k_base")
    work = Work(corpus=folder, folder=f"{folder}/spills")
    info = write_spill(batches(n_tokens, mean_tokens), tokenizer, 0, work.spills, 0)
    rows = write_shards(work, [info], 2**24)
    commit(folder, rows, make_header(corpus_id="bench", tokenizer=tokenizer.identity(), seed=0,
                                     config={}, inputs=[], conservation={}))  # fmt: skip
    budget = n_tokens // S * S // 2
    toml = f'name="bench"\nbudget_tokens={budget}\nsequence_length={S}\nmax_epochs=4\n'
    plan = make_plan(folder, parse_recipe(toml + "[weights]\nweb=0.5\ncode=0.3\nbooks=0.2\n", "bench"))
    export_plan(folder, "mds", f"{folder}/mds", plan, "full")
    for name in ("megatron", "olmo"):
        export_snapshot(folder, name, f"{folder}/{name}")
        Path(folder, name, "eos").write_text(str(tokenizer.eos_id))
    return write_plan(folder, plan)


def ours(folder: str, plan: str) -> dict:
    """In a process of its own: samples with boundaries, positions and domain ids, in order and at random."""
    start = time.process_time()
    reader = open_plan(folder, plan)
    reader.sample(0)
    first_s = time.process_time() - start
    numbers = range(len(reader))
    first_pass = timed(reader, numbers)
    passes = [timed(open_again(reader), numbers) for _ in range(3)]
    anywhere = np.random.default_rng(1).permutation(numbers).tolist()
    return {"first_sample_cpu_s": round(first_s, 4), "first_pass_with_checksums_mtok_s": round(first_pass, 1),
            "mtok_s": max(passes), "random_access_mtok_s": round(timed(reader, anywhere), 1),
            "memmap_to_int64_mtok_s": round(plain(Path(folder)), 1)}  # fmt: skip


def timed(reader, numbers) -> float:
    start = time.process_time()
    for n in numbers:
        reader.sample(n)
    return len(numbers) * S / (time.process_time() - start) / 1e6


def open_again(reader):
    reader._blocks.clear()  # the schedule is part of the price
    return reader


def plain(folder: Path) -> float:
    """The floor to compare with: slices of a memmap widened to int64, no boundaries."""
    tokens = np.memmap(max(folder.glob("shards/*/*/*.bin"), key=lambda p: p.stat().st_size), "<u4")
    start = time.process_time()
    count = len(tokens) // S
    for n in range(count):
        tokens[n * S : (n + 1) * S].astype(np.int64)
    return count * S / (time.process_time() - start) / 1e6


def child(*command: str) -> dict:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "ours":
        print(json.dumps(ours(*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=64_000_000)
    parser.add_argument("--documents-tokens", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=2000, help="That each of the others reads a round.")
    parser.add_argument("--readers", default=str(Path(__file__).parents[1] / ".venv-readers"))
    args = parser.parse_args()
    python, script = Path(args.readers, "bin", "python"), Path(__file__).with_name("foreign_readers.py")
    with tempfile.TemporaryDirectory() as folder:
        plan = build(folder, args.tokens, args.documents_tokens)
        best, first = dict.fromkeys(PEERS, 0.0) if python.exists() else {}, {}
        for _ in range(args.rounds):
            found = child(sys.executable, __file__, "ours", folder, plan)
            first = found if found["mtok_s"] > first.get("mtok_s", 0) else first
            for name in best:
                place = f"{folder}/{name.partition('_')[0]}"
                peer = child(str(python), str(script), name, place, str(S), str(args.samples))
                best[name] = max(best[name], peer["tokens"] / peer["cpu_s"] / 1e6)
    result = {"sequence_length": S, "documents_tokens": args.documents_tokens, **first}
    result["mtok_s"] = round(first["mtok_s"], 1)
    result["others"] = {name: {"mtok_s": round(speed, 1), "ratio": round(first["mtok_s"] / speed, 1)}
                        for name, speed in best.items()}  # fmt: skip
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
