"""Tokens a second that the reader hands out, from page cache, on one core; JSON on stdout.

python benches/reader.py [--tokens 64000000] [--documents-tokens 600]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.mixture.plan import make_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.spill import write_spill
from corpusforge.shards.tokenizer import load_tokenizer
from corpusforge.shards.writer import plan_shards, write_shard

S = 4096


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


def build(folder: str, n_tokens: int, mean_tokens: int) -> str:
    tokenizer = load_tokenizer("cl100k_base")
    info = write_spill(documents(n_tokens, mean_tokens), tokenizer, 0, f"{folder}/spills", "part")
    rows = [write_shard(spec, [info], folder) for spec in plan_shards([info], 2**24)]
    commit(folder, rows, make_header(corpus_id="bench", tokenizer=tokenizer.identity(), seed=0,
                                     config={}, inputs=[], conservation={}))  # fmt: skip
    return folder


def timed(reader, numbers) -> float:
    start = time.process_time()
    for n in numbers:
        reader.sample(n)
    return len(numbers) * S / (time.process_time() - start) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=64_000_000)
    parser.add_argument("--documents-tokens", type=int, default=600)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = build(folder, args.tokens, args.documents_tokens)
        budget = args.tokens // S * S // 2
        toml = f'name="bench"\nbudget_tokens={budget}\nsequence_length={S}\nmax_epochs=4\n'
        plan = make_plan(corpus, parse_recipe(toml + "[weights]\nweb=0.5\ncode=0.3\nbooks=0.2\n", "bench"))
        start = time.perf_counter()
        reader = open_plan(corpus, plan)
        reader.sample(0)
        first_s = time.perf_counter() - start
        cold = timed(reader, range(len(reader)))
        warm = max(timed(open_again(reader), range(len(reader))) for _ in range(3))
        chance = np.random.default_rng(1)
        random = timed(reader, chance.integers(0, len(reader), 300).tolist())
        result = {"sequence_length": S, "samples": len(reader), "first_sample_s": round(first_s, 4),
                  "first_pass_with_checksums_mtok_s": round(cold, 1), "mtok_s": round(warm, 1),
                  "random_access_mtok_s": round(random, 1),
                  "memmap_to_int64_mtok_s": round(plain(Path(folder)), 1)}  # fmt: skip
        print(json.dumps(result))


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


if __name__ == "__main__":
    main()
