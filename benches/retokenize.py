"""What `retokenize` and `reshard` cost beside the tokenizer alone, in CPU time, interleaved.

    python benches/retokenize.py CORPUS [--tokenizer o200k_base] [--rounds 5]

Prints MB of text per CPU second: the tokenizer over the same texts in batches as the spill writer
hands them over; shards written from their own, as `retokenize` does; documents read from their shards,
tokenised and spilled, as `retokenize --shard-tokens` does before its spills become shards.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from corpusforge.shards.retoken import retokenise_shard
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.spill import write_spill
from corpusforge.shards.stored import stored_documents
from corpusforge.shards.tokenise import TOKENIZE_BYTES
from corpusforge.shards.tokenizer_choice import load_tokenizer


def texts_of(corpus: str) -> list[list[bytes]]:
    """Return the documents' texts, in batches of about what the spill writer tokenises at once."""
    batches: list[list[bytes]] = [[]]
    n_bytes = 0
    for row in read_index(corpus).rows:
        for batch in stored_documents(corpus, row, with_tokens=False):
            for text in batch["text"].to_pylist():
                batches[-1].append(text.encode())
                n_bytes += len(batches[-1][-1])
                if n_bytes > TOKENIZE_BYTES:
                    batches.append([])
                    n_bytes = 0
    return batches


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("--tokenizer", default="o200k_base")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    tokenizer = load_tokenizer(given.tokenizer)
    texts = texts_of(given.corpus)
    mb = sum(len(text) for batch in texts for text in batch) / 1e6
    rows = read_index(given.corpus).rows
    copy = f"{tempfile.mkdtemp()}/corpus"
    shutil.copytree(given.corpus, copy)

    def alone() -> None:
        for batch in texts:
            tokenizer.encode_utf8(batch)

    def direct() -> None:
        for row in rows:
            retokenise_shard(copy, row, tokenizer, 0.0)

    def spilled() -> None:
        documents = (
            batch for row in rows for batch in stored_documents(given.corpus, row, with_tokens=False)
        )
        with tempfile.TemporaryDirectory() as folder:
            write_spill(documents, tokenizer, 1, str(Path(folder)), 0)

    ways = {
        "tokenizer alone": alone,
        "retokenize: shard by shard, written": direct,
        "with --shard-tokens: read, tokenised, spilled": spilled,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(given.rounds):
        for name, way in ways.items():
            start_s = time.process_time()
            way()
            took[name].append(time.process_time() - start_s)
    shutil.rmtree(Path(copy).parent)
    floor = statistics.median(took["tokenizer alone"])
    print(f"{mb:.1f} MB of text, {given.tokenizer}, median of {given.rounds}")
    for name, seconds in took.items():
        median = statistics.median(seconds)
        print(f"{name:<48}{mb / median:8.1f} MB/s  {floor / median:5.2f} of the tokenizer's speed")


if __name__ == "__main__":
    main()
