"""The oracle: a share of the documents is tokenised by a second implementation and must come out alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise
from typing import Any, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.shards.named import NamedEngine, special_ids, vocabulary_of
from corpusforge.shards.tokenizer import Batch, Tokenizer

PACKAGE = "tiktoken"
_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORDS = rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{_CONTRACTIONS}?"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{_CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PATTERNS = {
    "o200k_base": _O200K,
    "o200k_harmony": _O200K,
    "llama3": f"{_WORDS}|{_REST}",
    "qwen3": f"{_WORDS.removesuffix('{1,3}')}|{_REST}",
}
"""How each encoding cuts text into pieces, as published with it; cl100k_base brings its own."""
_SAMPLE_SEED = 0x0BAC1E
"""Makes the sample independent of which shard a document falls to."""

Oracle = Callable[[str], Sequence[int]]


class TokensDiffer(ValueError):
    """Two implementations of one encoding disagree on a document."""


def is_sampled(doc_id: str, share: float) -> bool:
    """Return whether a document is in the sample: by the hash of its id, so in every build or in none."""
    return xxhash.xxh3_64_intdigest(doc_id.encode(), seed=_SAMPLE_SEED) < share * 2**64


def check_sample(
    tokenizer: Tokenizer, texts: Sequence[bytes], sampled: Mapping[int, str], found: Batch
) -> int:
    """Return how many of the sampled documents were tokenised again: all or, without an oracle, none.

    `sampled`: what a document is for a person, by its place in `texts`. Raises `TokensDiffer`, in one
    line that names the document, where the ids are not the same.
    """
    oracle = load_oracle(tokenizer) if sampled else None
    if oracle is None:
        return 0
    ids, offsets = found
    spans = list(pairwise(offsets.tolist()))
    for place, name in sampled.items():
        start, stop = spans[place]
        expected = np.array(oracle(texts[place].decode()), np.uint32)
        if not np.array_equal(ids[start:stop], expected):
            raise TokensDiffer(_difference(tokenizer, name, ids[start:stop], expected))
    return len(sampled)


def _difference(
    tokenizer: Tokenizer, name: str, found: NDArray[np.uint32], expected: NDArray[np.uint32]
) -> str:
    n = min(len(found), len(expected))
    unlike = np.flatnonzero(found[:n] != expected[:n])
    place = int(unlike[0]) if len(unlike) else n
    ours, theirs = (ids[place : place + 3].tolist() or "nothing" for ids in (found, expected))
    facts = tokenizer.facts
    return (
        f"{name}: {facts['package']} {facts['version']} and {PACKAGE} {version(PACKAGE)} differ in "
        f"{tokenizer.name} at token {place}: {ours} and {theirs}"
    )


def load_oracle(tokenizer: Tokenizer) -> Oracle | None:
    """Return the other implementation of an encoding by name; None for a `tokenizer.json`.

    A `tokenizer.json` is encoded by the library that defines it: there is nothing to hold it against.
    """
    return _oracle(tokenizer.name, tokenizer.engine) if isinstance(tokenizer.engine, NamedEngine) else None


@lru_cache(maxsize=4)
def _oracle(name: str, engine: NamedEngine) -> Oracle:
    import tiktoken

    library = cast(Any, tiktoken)
    if name not in PATTERNS:
        return library.get_encoding(f"{name}_offline").encode_ordinary  # a vocabulary of its own
    ranks = {token: number for number, token in vocabulary_of(engine.native).items()}
    encoding = library.Encoding(
        f"{name}_oracle",
        pat_str=PATTERNS[name],
        mergeable_ranks=ranks,
        special_tokens=special_ids(engine.native),
    )
    if name == "qwen3":  # it is defined over composed characters
        return lambda text: encoding.encode_ordinary(unicodedata.normalize("NFC", text))
    return encoding.encode_ordinary
