"""Encodings by name: exact BPE with its vocabulary inside the installed package."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.extras import load
from corpusforge.shards.tokenizer import Batch, Tokenizer, make_tokenizer, sha256_of_vocabulary

PACKAGE = "quicktok-v1"
PROBE_SHA256 = {
    "cl100k_base": "a048b8cbb3262fa8e89c5bb845208808cee2a9ed2a0eff6cf42439d966932983",
    "o200k_base": "c95304ddcae159a1d211938ad8d98dc82cba4d729f3134909981ee13e98a5622",
    "o200k_harmony": "c95304ddcae159a1d211938ad8d98dc82cba4d729f3134909981ee13e98a5622",
    "llama3": "b14d5a831010733fb881ba657626766d8d42ed6199ba8a7a7491f07ec7ef58f0",
    "qwen3": "8298ce38336a29ab998bd87e621ade3aeb10c8a5478fec4f4760fe0a9b034ceb",
}
"""sha256 of the probe's ids (u32 LE), equal to tiktoken's: checked when a tokenizer is loaded."""

VOCABULARY_SHA256 = {
    "4a945d497c213acde921bc8d69bc8dad9c603ea97c50c014e04ad0fadc09eecb": (
        "3494aad2103f500f737237788f1e4c5237da95faba58dec1c2327e5b20024443"
    ),
    "6b17521f79788c7ace48fc75f6edde125637a90b0018427e68f28d051b2ac1fe": (
        "bb5386e3399c28cc69b4bee4fa8bce4bfcabfd77b77eedfa5e0dec6a16f8568a"
    ),
    "124bfc185ea93e669e4ce2e1b5aa5733d2e793a910372fa198dfc1597e1220f2": (
        "a0353bd671a1cf77b3ada7f3ec0f4b776eab285567f32db10965b0b73f41f21d"
    ),
    "6114087889f61af31f72abe80529bbd09826df4d396753a281a14bcc21abc2fa": (
        "2fcefb56f07ebf27d6d4d89db448b4750abc6ef4ef9b236789f2cda8b4e65a30"
    ),
}
"""Of a file of the package, by its sha256: what `sha256_of_vocabulary` finds of the tokens that it holds.

Asking the package for each of 100,000 tokens takes twenty times as long as hashing the file.
"""


class Native(Protocol):
    """What of the package's encodings is used."""

    eot_token: int
    max_token_value: int
    special_tokens_set: set[str]

    def encode_batch(
        self, texts: Sequence[bytes], threads: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return ids and offsets of ordinary text."""
        ...

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """Return the bytes of ids."""
        ...

    def decode_single_token_bytes(self, token: int) -> bytes:
        """Return the bytes of an id."""
        ...

    def encode_single_token(self, token: str) -> int:
        """Return the id of a special token."""
        ...


class NamedEngine:
    """One encoding of the package."""

    def __init__(self, native: Native) -> None:
        self.native = native

    def encode(self, texts: Sequence[bytes]) -> Batch:
        """Return the ids of ordinary text, on one thread."""
        return self.native.encode_batch(texts, threads=1)

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ids."""
        return self.native.decode_bytes(tokens).decode("utf-8", "replace")


@lru_cache(maxsize=8)
def load_named(name: str) -> Tokenizer:
    """Return the tokenizer of a name.

    Raises ValueError where the name is unknown, or the installed package encodes the probe
    otherwise than the one that this code was tested with.
    """
    if name not in PROBE_SHA256:
        raise ValueError(f"unknown tokenizer {name!r}: expected one of {', '.join(PROBE_SHA256)}")
    native = cast(Native, load("quicktok").get_encoding(name))
    special = special_ids(native)
    eos = next(token for token, number in special.items() if number == native.eot_token)
    facts = {"package": PACKAGE, "version": version(PACKAGE)}
    tokenizer = make_tokenizer(
        name,
        NamedEngine(native),
        native.max_token_value,
        vocabulary_sha256(name, native),
        special,
        eos,
        **facts,
    )
    if tokenizer.facts["probe_sha256"] != PROBE_SHA256[name]:
        raise ValueError(f"{PACKAGE} {version(PACKAGE)} encodes the probe text of {name!r} otherwise")
    return tokenizer


def special_ids(native: Native) -> dict[str, int]:
    """Return the ids of the special tokens by what they spell."""
    return {token: native.encode_single_token(token) for token in sorted(native.special_tokens_set)}


def vocabulary_sha256(name: str, native: Native) -> str:
    """Return the sha256 of an encoding's vocabulary: told by the package's file, where that is known."""
    path = Path(cast(str, load("quicktok").__file__)).parent / "data" / f"{name.partition('_')[0]}.vocab"
    with suppress(OSError):
        if found := VOCABULARY_SHA256.get(hashlib.sha256(path.read_bytes()).hexdigest()):
            return found
    return sha256_of_vocabulary(vocabulary_of(native))


def vocabulary_of(native: Native) -> dict[int, bytes]:
    """Return the bytes of the ordinary tokens by id."""
    special = set(special_ids(native).values())
    found: dict[int, bytes] = {}
    for token in range(native.max_token_value + 1):
        if token in special:
            continue
        try:
            found[token] = native.decode_single_token_bytes(token)
        except (KeyError, ValueError, IndexError, RuntimeError):
            continue  # ids between the ordinary and the special ones may name nothing
    return found
