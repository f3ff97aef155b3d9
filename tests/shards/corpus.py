"""Small corpora for the tests of shards, mixtures and the reader."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from corpusforge.document import Document, SourceKind, documents_to_batch, stable_id
from corpusforge.shards.blocks import Codec
from corpusforge.shards.format import ShardRow
from corpusforge.shards.local import write_shards
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.spill import SpillInfo, write_spill
from corpusforge.shards.tasks import Work
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import load_tokenizer

GROUPS = (("web", "all"), ("code", "all"), ("math", "generic"), ("math", "scaffold"), ("books", "all"))
WORDS = "the of and a to in is $x^2$ def return 你好 émile 🙂 <|endoftext|> proof lemma\n\n   let = 42".split(
    " "
)


def make_documents(count: int, seed: int = 0, max_words: int = 120) -> list[Document]:
    chance = random.Random(seed)
    documents: list[Document] = []
    for number in range(count):
        domain, subset = GROUPS[chance.randrange(len(GROUPS))]
        locator = f"dump{seed}#offset={number}"
        documents.append(
            Document(
                doc_id=stable_id("jsonl", locator),
                source="tests",
                source_kind=SourceKind.JSONL,
                locator=locator,
                text=" ".join(chance.choices(WORDS, k=chance.randrange(1, max_words))),
                domain=domain,
                subset=subset,
                domain_reason=f"document {number}",
                language="en",
                language_score=0.5,
                signals={"words": float(number), "alpha": 0.25} if number % 3 else {},
                redactions={"email": number % 2},
                notes=("note",) if number % 5 == 0 else (),
            )
        )
    return documents


def work_in(folder: Path, corpus: Path | None = None) -> Work:
    """Where a test makes shards: spills in `folder/work/spills`, the corpus in `folder/corpus`."""
    return Work(corpus=str(corpus or folder / "corpus"), folder=str(folder / "work"))


def spill_all(
    parts: Sequence[Sequence[Document]],
    folder: Path,
    seed: int = 7,
    tokenizer: Tokenizer | None = None,
    codec: Codec = "none",
) -> list[SpillInfo]:
    tokenizer = tokenizer or load_tokenizer("cl100k_base")
    spills = work_in(folder).spills
    return [
        write_spill([documents_to_batch(part)], tokenizer, seed, spills, number, 1.0, codec)
        for number, part in enumerate(parts)
    ]


def shard_rows(
    infos: Sequence[SpillInfo],
    folder: Path,
    target_tokens: int = 4000,
    n_levels: int | None = None,
    corpus: Path | None = None,
) -> list[ShardRow]:
    return write_shards(work_in(folder, corpus), infos, target_tokens, n_levels)


def make_header_for_tests(seed: int = 7, tokenizer: Tokenizer | None = None) -> dict[str, object]:
    return make_header(
        corpus_id="tests",
        tokenizer=(tokenizer or load_tokenizer("cl100k_base")).identity(),
        seed=seed,
        config={"seed": seed},
        inputs=[{"name": "dump0", "digest": "0" * 32}],
        conservation={"records_in": 0, "kept": 0, "dropped": 0, "quarantined": 0},
    )


def build_corpus(
    folder: Path,
    count: int = 300,
    target_tokens: int = 4000,
    seed: int = 7,
    tokenizer: Tokenizer | None = None,
) -> Path:
    corpus = folder / "corpus"
    infos = spill_all([make_documents(count)], folder, seed, tokenizer)
    commit(str(corpus), shard_rows(infos, folder, target_tokens), make_header_for_tests(seed, tokenizer))
    return corpus
