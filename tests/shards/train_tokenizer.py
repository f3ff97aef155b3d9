"""Trains a small tokenizer.json, for the tests: byte-level BPE, special tokens of any name.

python -m tests.shards.train_tokenizer tokenizer.json
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.shards.corpus import make_documents


def train(path: Path, special: Sequence[str] = ("<|endoftext|>", "<|pad|>"), vocabulary: int = 600) -> Path:
    """Return the path, written; the same arguments give the same bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([document.text for document in make_documents(200, seed=5)], trainer)
    tokenizer.enable_truncation(8)  # what a file may ask for, and a corpus must not do
    tokenizer.save(str(path))
    return path


if __name__ == "__main__":
    train(Path(sys.argv[1]))
