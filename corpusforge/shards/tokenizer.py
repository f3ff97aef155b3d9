"""Text to token ids: exact BPE with its vocabulary inside the installed package.

Text that spells a special token (`<|endoftext|>` in a program) stays text: only the
shard writer's own EOS is a special id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.shards.format import MAX_TOKEN_ID

PACKAGE = "quicktok-v1"
PROBE = (
    "def f(x):\n    return x  # <|endoftext|>\n\n\tTabs,  double  spaces, 1234567 3.14159 $\\frac{a}{b}$ "
    "don't I'LL naïve café e\u0301 Ω≈ç 你好世界 こんにちは 안녕 привет مرحبا שלום हिन्दी "
    "🙂👩\u200d👩\u200d👧 \r\n \u00a0\u3000end"
)
"""A fixed text whose ids tell one tokenizer from another: its hash is in every index."""
PROBE_SHA256 = {
    "cl100k_base": "a048b8cbb3262fa8e89c5bb845208808cee2a9ed2a0eff6cf42439d966932983",
}
"""sha256 of the probe's ids (u32 LE), equal to tiktoken's: checked when a tokenizer is loaded."""


class _Native(Protocol):
    eot_token: int
    max_token_value: int
    special_tokens_set: set[str]

    def encode_batch(
        self, texts: Sequence[str], threads: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]: ...
    def decode_bytes(self, tokens: Sequence[int]) -> bytes: ...
    def decode_single_token_bytes(self, token: int) -> bytes: ...
    def encode_single_token(self, token: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """An encoding: load it once per process with `load_tokenizer`."""

    name: str
    eos_id: int
    native: _Native = field(repr=False)

    def encode_batch(self, texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return (ids u32[n], offsets i64[len(texts) + 1]) of ordinary text, no EOS, on one thread."""
        return self.native.encode_batch(texts, threads=1)

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ids; a character cut in two becomes U+FFFD."""
        return self.native.decode_bytes([int(token) for token in tokens]).decode("utf-8", "replace")

    def identity(self) -> dict[str, Any]:
        """Return what an index says of its tokenizer: name, package, hashes and special ids."""
        return dict(_identity(self.name))


@lru_cache(maxsize=8)
def load_tokenizer(name: str) -> Tokenizer:
    """Return the tokenizer of a name.

    Raises ValueError where the name is unknown, an id would not fit into 31 bits, or the
    installed package encodes the probe otherwise than this one was tested with.
    """
    import quicktok

    try:
        native = cast(_Native, cast(Any, quicktok).get_encoding(name))
    except RuntimeError:
        known = "cl100k_base, o200k_base, o200k_harmony, llama3, qwen3"
        raise ValueError(f"unknown tokenizer {name!r}: expected one of {known}") from None
    if native.max_token_value > MAX_TOKEN_ID:
        raise ValueError(f"tokenizer {name!r} has ids up to {native.max_token_value}: more than 31 bits")
    tokenizer = Tokenizer(name, native.eot_token, native)
    found = probe_sha256(tokenizer)
    if PROBE_SHA256.get(name) not in (None, found):
        raise ValueError(f"{PACKAGE} {version(PACKAGE)} encodes the probe text of {name!r} otherwise")
    return tokenizer


def probe_sha256(tokenizer: Tokenizer) -> str:
    """Return the sha256 of the ids (u32 LE) of the fixed probe text."""
    ids, _ = tokenizer.encode_batch([PROBE])
    return hashlib.sha256(ids.astype("<u4").tobytes()).hexdigest()


def check_identity(tokenizer: Tokenizer, expected: dict[str, Any]) -> None:
    """Raise ValueError where a tokenizer is not the one that an index or a spill names."""
    found = tokenizer.identity()
    for name in ("name", "vocabulary_sha256", "eos_id", "probe_sha256"):
        if found[name] != expected.get(name):
            raise ValueError(f"tokenizer {name} is {found[name]}, expected {expected.get(name)}")


@lru_cache(maxsize=8)
def _identity(name: str) -> dict[str, Any]:
    tokenizer = load_tokenizer(name)
    native = tokenizer.native
    special = {token: native.encode_single_token(token) for token in native.special_tokens_set}
    return {
        "name": name,
        "package": PACKAGE,
        "version": version(PACKAGE),
        "vocabulary_sha256": _vocabulary_sha256(native, frozenset(special.values())),
        "special_ids": dict(sorted(special.items())),
        "eos_id": tokenizer.eos_id,
        "probe_sha256": probe_sha256(tokenizer),
    }


def _vocabulary_sha256(native: _Native, special: frozenset[int]) -> str:
    """Return the sha256 over `id, length, bytes` of every token: the same whatever package holds it."""
    digest = hashlib.sha256()
    for token in range(native.max_token_value + 1):
        if token in special:
            continue
        try:
            spelled = native.decode_single_token_bytes(token)
        except (KeyError, ValueError, IndexError, RuntimeError):
            continue  # ids between the ordinary and the special ones may name nothing
        digest.update(token.to_bytes(4, "little") + len(spelled).to_bytes(4, "little") + spelled)
    return digest.hexdigest()
