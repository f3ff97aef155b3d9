"""The oracle: a share of the documents is tokenised by a second implementation and must come out alike."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import pairwise

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge import unicode
from corpusforge.extras import load
from corpusforge.shards.named import NamedEngine, special_ids, vocabulary_of
from corpusforge.shards.tokenizer import Batch, Tokenizer

PACKAGE = "tiktoken"
_LOG = logging.getLogger(__name__)
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
_NEWER = re.compile(
    "[\u0870-\u08ff\u0c5c\u0cdc\u1ab0-\u1aff\u1b4e-\u1b4f\u1b7f\u1c80-\u1c8f\u2ffc-\u2fff\u31e4-\u31ef"
    "\ua7cb-\ua7f1\U00010940-\U0001095f\U000105c0-\U000105ff\U00010d40-\U00010d8f\U00010ec0-\U00010eff"
    "\U00011380-\U000113ff\U000116d0-\U000116ff\U00011b60-\U00011b6f\U00011bc0-\U00011bff"
    "\U00011db0-\U00011def\U00013430-\U000143ff\U00016100-\U0001613f\U00016d40-\U00016d7f"
    "\U00016ea0-\U00016edf\U00016fe0-\U00016fff\U000187f0-\U00018dff\U0001e5d0-\U0001e5ff"
    "\U0001e6c0-\U0001e6ff\U0002ebf0-\U0002ee5f\U000323b0-\U0003347f"
    "\u0cf3\u0ece\U00011240\U00011241\U00011b00-\U00011b09\U00011f00-\U00011f59\U0001b132\U0001b155"
    "\U0001d2c0-\U0001d2d3\U0001df25-\U0001df2a\U0001e030-\U0001e08f\U0001e4d0-\U0001e4f9\U0001f6dc"
    "\U0001f774-\U0001f77f\U0001f7d9\U0001fa75-\U0001faff\U00031350-\U000323af]"
)
"""Blocks with characters of Unicode 15.0 to 17.0, by DerivedAge.txt; what is unassigned here counts too."""
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
    line that names the document, where the ids are not the same, unless only for characters that one
    of the two implementations does not know yet: such documents are told of, and not among those counted.
    """
    oracle = load_oracle(tokenizer) if sampled else None
    if oracle is None:
        return 0
    ids, offsets = found
    spans = list(pairwise(offsets.tolist()))
    newer = list[str]()
    for place, name in sampled.items():
        start, stop = spans[place]
        expected = np.array(oracle(texts[place].decode()), np.uint32)
        if np.array_equal(ids[start:stop], expected):
            continue
        if not _is_of_versions(tokenizer, oracle, texts[place].decode()):
            raise TokensDiffer(_difference(tokenizer, name, ids[start:stop], expected))
        newer.append(name)
    if newer:
        _LOG.warning(
            "%d documents hold characters newer than the Unicode of %s or of %s %s, which cut them into "
            "other tokens; the first: %s",
            len(newer), tokenizer.facts["package"], PACKAGE, version(PACKAGE), newer[0],
        )  # fmt: skip
    return len(sampled) - len(newer)


def _is_of_versions(tokenizer: Tokenizer, oracle: Oracle, text: str) -> bool:
    """Return whether two implementations agree once characters of the newest Unicode versions are gone."""
    known = "".join(char for char in _NEWER.sub("", text) if char.isascii() or unicode.category(char) != "Cn")
    if known == text:
        return False
    ids, _ = tokenizer.encode_batch([known])
    return np.array_equal(ids, np.array(oracle(known), np.uint32))


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
    library = load("tiktoken")
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
        return lambda text: encoding.encode_ordinary(unicode.normalize("NFC", text))
    return encoding.encode_ordinary
