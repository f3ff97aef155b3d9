r"""Text as the scaffold classifier sees it: one function for training and for serving.

    text --scan--> token ids (the linear model of `grams`) and structural counts (the layers above it)

Mathematics loses its delimiters, spelling variants and layout; numbers become `0`, single letters
and Greek `v`, other TeX commands `\m`; words that `concepts.toml` lists become their concept
whatever their language (`hence`, `donc`, `所以`: `@so`); of the rest only words that many sources
share are kept, others become `w` (`z` a character of Han, kana or Hangul, `?s` a sign). Structure
becomes tokens: each line ends in `¶` and how many relations it held (`¶0` to `¶3`).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.label.structure import (
    ANCHOR,
    CHAIN,
    CONNECTIVE,
    IMPERATIVE,
    N_FIXED,
    NOTHING,
    OPERATION,
    RELATION,
    SHAPES,
    WORD,
    scan,
    slot_hash,
    write,
)  # fmt: skip

FIXED = ("", "w", "z", "v", "0", r"\m", "?s", "¶0", "¶1", "¶2", "¶3", "?", ":")
"""Tokens that are classes of what was read; their numbers are those of `structure`."""

_RELATIONS = ("=", "<", ">", "<=", ">=", "!=", "≡", "@implies", ":=", "∈", "⊂")
_CHAINS = ("=", "<=", ">=", "≡", "@implies", "<")
_SIGNS = ("=", "<", ">", ":=", "+", "-", "·", "/", "^", "_", "(", ")", "[", "]", "|", "?", ".", ",", ":", ";",
          "'", "\"", "!", "%", "@", "•")  # fmt: skip
_COUNTED_WORDS = """
we is are for that this a the which by from you i can must will there such where with of to and or not be
our my it how what many some more use one two both means as on in do does following below above side sides
term terms equation value total cost number times left right said section chapter figure table page function
return returns parameters array import print remark claim case cases induction check follows particular
conversely desired required suffices similarly clearly finally respectively plus minus equals equal
remaining per true false http docs see course 的 是 为 在 以 个 些 何 几 多 少 可 不 也 且 与
""".split()
_ANCHOR_TOKENS = frozenset(("@so", "@get", "@since"))
_CONNECTIVE_TOKENS = frozenset(
    ("@so", "@get", "@since", "@next", "@substitute", "@work", "@first", "@finally")
)
_IMPERATIVE_TOKENS = frozenset(("@find", "@show", "@let", "@work"))


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What `scan` looks tokens up in, and the names of what it finds."""

    names: tuple[str, ...]
    """Of each token id."""
    hashes: NDArray[np.uint64]
    """Of each name: what `grams` knows a token by."""
    spelled: NDArray[np.uint8]
    """The names one after the other, UTF-8."""
    bounds: NDArray[np.int64]
    """Where each name begins in `spelled`, and the last ends."""
    longest: int
    """Bytes of the longest name."""
    keys: NDArray[np.uint64]
    """Open-addressed hashes of spellings; 0: an empty slot."""
    ids: NDArray[np.int32]
    """The token id of each slot."""
    columns: NDArray[np.int32]
    """The counted column of each token id, or -1."""
    flags: NDArray[np.uint8]
    """What kind of token each id is: a mask of the constants of `structure`."""
    counted: tuple[str, ...]
    """The names of the columns of the counts, token counts before shapes."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A passage as the classifier sees it."""

    ids: NDArray[np.int32]
    """Of the tokens, in order."""
    counts: NDArray[np.float64]
    """Of `Words.counted`: whole numbers, or positions 0-1."""


def concepts_sha256() -> str:
    """Return the sha256 of the packaged `concepts.toml`."""
    return hashlib.sha256(_concepts_bytes()).hexdigest()


def _concepts_bytes() -> bytes:
    return (resources.files("corpusforge.label") / "concepts.toml").read_bytes()


@lru_cache(maxsize=1)
def spellings() -> dict[str, str]:
    """Return the token of each spelling that `concepts.toml` lists; '' where it leaves one out."""
    found: dict[str, str] = {}
    for name, lists in tomllib.loads(_concepts_bytes().decode()).items():
        is_concept = "en" in lists
        token = "" if name == "nothing" else f"@{name}" if is_concept else name
        for entry in ([] if is_concept or not token else [name]) + " ".join(lists.values()).split():
            found.setdefault(entry, token)
    return found


def word_table(vocabulary: Iterable[str]) -> Words:
    """Return the table for a vocabulary of tokens, beside those of `concepts.toml`."""
    listed = dict(spellings())
    for token in (*_SIGNS, *_COUNTED_WORDS, *sorted(set(vocabulary))):
        listed.setdefault(token, token)
    names = [*FIXED, *sorted(set(listed.values()) - set(FIXED))]
    number = {name: index for index, name in enumerate(names)}
    size = 1 << (2 * len(listed)).bit_length()
    keys, ids = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int32)
    for spelling, token in sorted(listed.items()):
        key = slot_hash(spelling)
        slot = key & (size - 1)
        while keys[slot]:
            slot = (slot + 1) & (size - 1)
        keys[slot], ids[slot] = key, number[token]
    concepts = sorted({token for token in listed.values() if token.startswith("@") and len(token) > 1})
    counted = list(
        dict.fromkeys(
            (*FIXED[1:7], *FIXED[11:], *concepts, *_RELATIONS, *_SIGNS, *_COUNTED_WORDS, "√", "∑", "∫", "qed")
        )
    )
    columns = np.full(len(names), -1, dtype=np.int32)
    for column, token in enumerate(counted):
        if token in number:
            columns[number[token]] = column
    flags = np.array([_flags(token) for token in names], dtype=np.uint8)
    encoded = [name.encode() for name in names]
    return Words(
        names=tuple(names),
        hashes=np.array([slot_hash(name) for name in names], dtype=np.uint64),
        spelled=np.frombuffer(b"".join(encoded), dtype=np.uint8),
        bounds=np.cumsum([0, *map(len, encoded)]),
        longest=max(map(len, encoded)),
        keys=keys,
        ids=ids,
        columns=columns,
        flags=flags,
        counted=(*counted, *SHAPES),
    )


def _flags(token: str) -> int:
    is_word = token in ("w", "z") or (len(token) > 1 and token[0].isalpha()) or token[:1] >= "⺀" or (
        len(token) > 1 and token[0] == "@"
    )  # fmt: skip
    return (
        RELATION * (token in _RELATIONS)
        | CHAIN * (token in _CHAINS)
        | WORD * is_word
        | IMPERATIVE * (token in _IMPERATIVE_TOKENS)
        | ANCHOR * (token in _ANCHOR_TOKENS)
        | CONNECTIVE * (token in _CONNECTIVE_TOKENS)
        | OPERATION * (token in ("+", "-", "·", "/"))
        | NOTHING * (token == "")
    )


def prepare(text: str, words: Words) -> Prepared:
    """Return what the classifier sees of a passage; training and serving both call this."""
    ids, _, _, counts = scanned(text, words)
    return Prepared(ids.copy(), counts)


def token_line(passage: Prepared, words: Words) -> str:
    """Return the names of a passage's tokens with a space between: a line that fastText can learn from."""
    ids = passage.ids
    line = np.empty(len(ids) * (words.longest + 1), dtype=np.uint8)
    length = write(ids, words.spelled, words.bounds, line)
    return line[:length].tobytes().decode()


def scanned(text: str, words: Words) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], Any]:
    """Return (token ids, their starts, their ends in the lower-case text, counts) of a passage."""
    points = np.frombuffer(text.lower().encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    counts = np.zeros(len(words.counted), dtype=np.float64)
    ids = np.empty(2 * len(points) + 2, dtype=np.int32)
    starts, ends = np.empty_like(ids), np.empty_like(ids)
    n = scan(points, words.keys, words.ids, words.columns, words.flags, ids, starts, ends, counts)
    return ids[:n], starts[:n], ends[:n], counts


def unknown_words(text: str, words: Words) -> set[str]:
    """Return the words, commands and signs of a text that a table does not know, in lower case."""
    ids, starts, ends, _ = scanned(text, words)
    lower = text.lower()
    unknown = np.isin(ids, _UNKNOWN) & (ends > starts)
    return {
        lower[start:end] for start, end in zip(starts[unknown].tolist(), ends[unknown].tolist(), strict=True)
    }


_UNKNOWN: Sequence[int] = (1, 2, 5, 6)
assert len(FIXED) == N_FIXED
