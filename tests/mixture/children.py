"""Small corpora with a child snapshot from which documents are gone, and what a plan reads, document by document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from corpusforge.document import Document
from corpusforge.mixture.planfile import Plan
from corpusforge.reader import open_plan
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import commit, read_index
from corpusforge.shards.tokenizer import Tokenizer
from tests.shards.corpus import make_documents, make_header_for_tests, shard_rows, spill_all

Stretch = tuple[str, int, int]
"""(document id, first token of it, tokens)."""


def documents(count: int, n_sources: int = 2, max_words: int = 120) -> list[Document]:
    return [
        replace(document, source=f"source{number % n_sources}")
        for number, document in enumerate(make_documents(count, max_words=max_words))
    ]


def snapshot_of(
    corpus: Path,
    kept: Sequence[Document],
    folder: Path,
    target_tokens: int = 4000,
    tokenizer: Tokenizer | None = None,
) -> str:
    """Return the snapshot of some documents, committed to a corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = shard_rows(spill_all([kept], folder, tokenizer=tokenizer), folder, target_tokens, corpus=corpus)
    return commit(str(corpus), rows, make_header_for_tests(tokenizer=tokenizer))


@lru_cache(maxsize=64)
def rows_of(path: str) -> list[dict[str, object]]:
    return pq.read_table(path, columns=["doc_id", "source", "length", "domain", "subset"]).to_pylist()


def read(corpus: str, plan: Plan, arm: str = "full") -> list[tuple[str, list[Stretch], bytes]]:
    """Return (domain/subset, stretches, tokens) of every sample of an arm, in order."""
    reader = open_plan(corpus, plan, arm)
    found = []
    for n in range(len(reader)):
        sample = reader.sample(n, documents=True)
        stretches = [
            (str(rows_of(f"{corpus}/{span.docs_path}")[span.row]["doc_id"]), span.start, span.length)
            for span in sample.documents or ()
        ]
        found.append(("/".join(reader.subsets[sample.subset]), stretches, sample.tokens.tobytes()))
    return found


def line_of(corpus: str, plan: Plan, arm: str, row: int) -> list[tuple[str, int]]:
    """Return (document id, token of it) of every token that a row of an arm reads, in order."""
    reader = open_plan(corpus, plan, arm)
    return [
        (str(rows_of(f"{corpus}/{span.docs_path}")[span.row]["doc_id"]), span.start + place)
        for n in range(len(reader))
        if reader.place(n)[0] == row
        for span in reader.sample(n, documents=True).documents or ()
        for place in range(span.length)
    ]


def lengths_in(corpus: str, snapshot: str) -> dict[str, int]:
    """Return the tokens of each document of a snapshot."""
    return {
        str(row["doc_id"]): int(str(row["length"]))
        for shard in read_index(corpus, snapshot).rows
        for row in rows_of(f"{corpus}/{shard_path(shard.domain, shard.subset, shard.id, 'docs')}")
    }


def told(corpus: str) -> Callable[[str], dict[str, object]]:
    """Return a function of a document id: its row, in any snapshot of the corpus."""
    rows = {
        str(row["doc_id"]): row
        for path in Path(corpus).glob("shards/*/*/*.docs.parquet")
        for row in rows_of(str(path))
    }
    return rows.__getitem__
