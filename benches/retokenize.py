"""What `retokenize` and `reshard` cost beside the tokenizer alone, in CPU time, interleaved shard by shard.

    python benches/retokenize.py CORPUS [--tokenizer o200k_base] [--rounds 5]

Prints MB of text per CPU second, and how the tokenizer's own time compares: the tokenizer over the same
texts in batches as the verbs hand them over; shards written from their own, as `retokenize` does; documents
read from their shards, tokenised and spilled, as `retokenize --shard-tokens` does before its spills become
shards; the same with the stored tokens, as `reshard` does. Of each way, how much of its time the tokenizer
has inside it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpusforge.shards.format import ShardRow
from corpusforge.shards.retoken import retokenise_shard
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.spill import write_spill
from corpusforge.shards.stored import stored_documents
from corpusforge.shards.tokenise import TOKENIZE_BYTES
from corpusforge.shards.tokenizer_choice import load_tokenizer, open_tokenizer


def texts_of(corpus: str, row: ShardRow) -> list[list[bytes]]:
    """Return the texts of a shard, in batches of about what is tokenised at once."""
    batches: list[list[bytes]] = [[]]
    n_bytes = 0
    for batch in stored_documents(corpus, row, with_tokens=False):
        for text in batch["text"].to_pylist():
            batches[-1].append(text.encode())
            n_bytes += len(batches[-1][-1])
            if n_bytes > TOKENIZE_BYTES:
                batches.append([])
                n_bytes = 0
    return batches


class Timed:
    """An engine that adds up what it takes."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.took_s = engine, 0.0

    def encode(self, texts: Any) -> Any:
        start_s = time.process_time()
        found = self.engine.encode(texts)
        self.took_s += time.process_time() - start_s
        return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("--tokenizer", default="o200k_base")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    index = read_index(given.corpus)
    plain = load_tokenizer(given.tokenizer)
    engine = Timed(plain.engine)
    tokenizer, stored = replace(plain, engine=engine), open_tokenizer(given.corpus, index.header["tokenizer"])
    texts = {row.id: texts_of(given.corpus, row) for row in index.rows}
    mb = sum(len(text) for batches in texts.values() for batch in batches for text in batch) / 1e6
    folder = tempfile.mkdtemp()
    copy = f"{folder}/corpus"
    shutil.copytree(given.corpus, copy)

    def alone(row: ShardRow) -> None:
        for batch in texts[row.id]:
            plain.encode_utf8(batch)

    def direct(row: ShardRow) -> None:
        retokenise_shard(copy, row, tokenizer, 0.0)

    def spilled(row: ShardRow) -> None:
        documents = stored_documents(given.corpus, row, with_tokens=False)
        write_spill(documents, tokenizer, index.header["seed"], folder, 0)

    def resharded(row: ShardRow) -> None:
        documents = stored_documents(given.corpus, row, with_tokens=True)
        write_spill(documents, stored, index.header["seed"], folder, 0)

    ways: dict[str, Callable[[ShardRow], None]] = {
        "tokenizer alone": alone,
        "retokenize: shard by shard, written": direct,
        "with --shard-tokens: read, tokenised, spilled": spilled,
        "reshard: read, spilled": resharded,
    }
    took = {name: [0.0] * given.rounds for name in ways}
    inside = {name: [0.0] * given.rounds for name in ways}
    for number in range(given.rounds):
        for row in index.rows:
            for name, way in ways.items():
                engine.took_s = 0.0
                start_s = time.process_time()
                way(row)
                took[name][number] += time.process_time() - start_s
                inside[name][number] += engine.took_s
    shutil.rmtree(Path(folder))
    print(f"{mb:.1f} MB of text, {given.tokenizer}, median of {given.rounds}; in brackets all rounds")
    for name, seconds in took.items():
        ratios = [floor / each for floor, each in zip(took["tokenizer alone"], seconds, strict=True)]
        shown = " ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
        print(
            f"{name:<48}{mb / statistics.median(seconds):8.1f} MB/s  {statistics.median(ratios):5.2f} of the "
            f"tokenizer's speed [{shown}], inside it {statistics.median(inside[name]):.2f} s"
        )


if __name__ == "__main__":
    main()
