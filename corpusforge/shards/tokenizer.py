"""Text to token ids, exact: what every tokenizer of ours is, and how one is told from another.

Text that spells a special token (`<|endoftext|>` in a program) stays text: only the
shard writer's own EOS is a special id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpusforge.shards.format import MAX_TOKEN_ID, token_dtype

PROBE = (
    "def f(x):\n    return x  # <|endoftext|>\n\n\tTabs,  double  spaces, 1234567 3.14159 $\\frac{a}{b}$ "
    "don't I'LL naïve café e\u0301 Ω≈ç 你好世界 こんにちは 안녕 привет مرحبا שלום हिन्दी "
    "🙂👩\u200d👩\u200d👧 \r\n \u00a0\u3000end"
)
"""A fixed text whose ids tell one tokenizer from another: its hash is in every index."""

Batch = tuple[NDArray[np.uint32], NDArray[np.int64]]
"""(ids, offsets): document i has the ids from offsets[i] up to offsets[i + 1]."""


class Engine(Protocol):
    """What turns UTF-8 into ids, and back."""

    def encode(self, texts: Sequence[bytes]) -> Batch:
        """Return the ids of ordinary text, on one thread."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ids."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A tokenizer: load it once a process by `tokenizer_choice`."""

    name: str
    eos_id: int
    max_id: int
    """The largest id it can give, special ones among them."""
    facts: Mapping[str, Any] = field(repr=False)
    engine: Engine = field(repr=False)

    @property
    def dtype(self) -> str:
        """Numpy's name of the ids in a payload: as narrow as the vocabulary allows."""
        return token_dtype(self.max_id)

    def encode_batch(self, texts: Sequence[str]) -> Batch:
        """Return (ids u32[n], offsets i64[len(texts) + 1]) of ordinary text, no EOS, on one thread."""
        return self.encode_utf8([text.encode() for text in texts])

    def encode_utf8(self, texts: Sequence[bytes]) -> Batch:
        """Return what `encode_batch` does, of texts in UTF-8.

        Raises ValueError where text gave the EOS: it would look like the end of a document.
        """
        ids, offsets = self.engine.encode(texts)
        if np.any(ids == self.eos_id):
            raise ValueError(f"tokenizer {self.name}: text gave the end-of-document id {self.eos_id}")
        return ids, offsets

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ids; a character cut in two becomes U+FFFD."""
        return self.engine.decode([int(token) for token in tokens])

    def identity(self) -> dict[str, Any]:
        """Return what an index says of its tokenizer: name, package, hashes and special ids."""
        return dict(self.facts)


def make_tokenizer(
    name: str,
    engine: Engine,
    max_id: int,
    vocabulary_sha256: str,
    special: Mapping[str, int],
    eos: str,
    **facts: str,
) -> Tokenizer:
    """Return the tokenizer of an engine; `max_id` is its largest id, `special` its tokens never made of text.

    Raises ValueError where an id would not fit into 31 bits.
    """
    if max_id > MAX_TOKEN_ID:
        raise ValueError(f"tokenizer {name!r} has ids up to {max_id}: more than 31 bits")
    ids, _ = engine.encode([PROBE.encode()])
    identity: dict[str, Any] = {
        "name": name,
        **facts,
        "vocabulary_sha256": vocabulary_sha256,
        "special_ids": dict(sorted(special.items())),
        "eos_id": special[eos],
        "probe_sha256": ids_sha256(ids),
    }
    return Tokenizer(name=name, eos_id=special[eos], max_id=max_id, facts=identity, engine=engine)


def ids_sha256(ids: NDArray[np.uint32]) -> str:
    """Return the sha256 of ids as u32, little-endian."""
    return hashlib.sha256(ids.astype("<u4").tobytes()).hexdigest()


def check_identity(tokenizer: Tokenizer, expected: Mapping[str, Any]) -> None:
    """Raise ValueError where a tokenizer is not the one that an index or a spill names."""
    for name in ("name", "file_sha256", "vocabulary_sha256", "eos_id", "probe_sha256"):
        found = tokenizer.facts.get(name)
        if found != expected.get(name):
            raise ValueError(f"tokenizer {name} is {found}, expected {expected.get(name)}")


def sha256_of_vocabulary(vocabulary: Mapping[int, bytes]) -> str:
    """Return the sha256 over `id, length, bytes` of every token: the same whatever package holds it."""
    parts = [
        token.to_bytes(4, "little") + len(vocabulary[token]).to_bytes(4, "little") + vocabulary[token]
        for token in sorted(vocabulary)
    ]
    return hashlib.sha256(b"".join(parts)).hexdigest()
