"""The n-grams of benchmark items as one sorted table of hashes, built once and kept as a file.

item of 26 words or more      its 13-grams
item of 13 to 25 words        its 8-grams
shorter                       the whole item, signs of formulas included

A table holds hashes and the items' names, none of their text.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.filter.config import TableConfig
from corpusforge.filter.decontamination.benchmarks import Item
from corpusforge.filter.decontamination.lookup import (
    MAX_WHOLE_WORDS,
    WHOLE,
    Index,
    anchor_hash,
    make_index,
    window_hashes,
)  # fmt: skip
from corpusforge.filter.decontamination.markup_words import CHARACTER, HASH, KIND, NUMBER, SIGN, SINGLE, WORD
from corpusforge.filter.decontamination.normal_words import normal_words
from corpusforge.filter.decontamination.spelling import name_hash

FORMAT = "corpusforge contamination table 2"
"""Changes with the normal words, the hashes or the arrays: an older table must be built again."""
_SAMPLE = np.uint64(0xD6E8FEB86659FD93)
_PLAIN_SIGNS = np.array([name_hash(sign) for sign in "+-=<>"], np.uint64)
_FEW_WORDS = 5
"""A whole item of fewer words must hold a number: "combine like terms" is in every textbook."""
_TELLING_WORDS = 3
"""Words of two letters or more (or CJK characters) that an n-gram must hold: 1 2 3 4 5 … tells nothing."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What a text is looked up in. Row i of `index` is in the items `items[starts[i]:starts[i + 1]]`."""

    config: TableConfig
    index: Index
    starts: NDArray[np.uint32]
    items: NDArray[np.int32]
    n_ngrams: NDArray[np.int32]
    """Distinct n-grams of each item that are in the table; 0: the item cannot be found."""
    n_words: NDArray[np.int32]
    benchmarks: Sequence[str]
    """`gsm8k`, by item."""
    names: Sequence[str]
    """`test/17`, by item."""


def build_tables(items: Iterable[Item], config: TableConfig) -> Tables:
    """Return the table of items, in their order; equal items give equal tables, byte for byte."""
    found = list(items)
    hashes: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]
    wholes: dict[int, int] = {}
    n_words = np.zeros(len(found), np.int32)
    owners: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    kept: set[int] = set()
    for number, item in enumerate(found):
        words = normal_words(item.text)
        n_words[number] = int((words[:, KIND] != SIGN).sum())
        rows = _ngrams(words, config)
        if not len(rows):
            whole = _whole(words)
            if not config.min_words <= len(whole) <= MAX_WHOLE_WORDS:
                continue
            rows = window_hashes(whole, len(whole), WHOLE)
            anchor = anchor_hash(whole)
            wholes[anchor] = wholes.get(anchor, 0) | 1 << (len(whole) - 1)
            kept.add(number)
        hashes.append(rows)
        owners.append(np.full(len(rows), number, np.int32))
    rows, starts, of_items = _rows(np.concatenate(hashes), np.concatenate(owners), kept, config.max_items)
    n_ngrams = np.bincount(of_items, minlength=len(found)).astype(np.int32)
    anchors = np.array(sorted(wholes), np.uint64)
    lengths = np.array([wholes[int(anchor)] for anchor in anchors], np.uint64)
    index = make_index(rows, anchors, lengths, (config.ngram_words, config.short_ngram_words))
    benchmarks, names = [item.benchmark for item in found], [item.name for item in found]
    return Tables(config, index, starts, of_items, n_ngrams, n_words, benchmarks, names)


def _ngrams(words: NDArray[np.uint64], config: TableConfig) -> NDArray[np.uint64]:
    """Return the distinct telling n-grams of an item, none where it is to be looked for whole."""
    words = words[words[:, KIND] != SIGN]
    kinds, hashes = words[:, KIND], words[:, HASH]
    if len(hashes) < config.ngram_words:
        return np.empty(0, np.uint64)
    n = config.ngram_words if len(hashes) >= 2 * config.ngram_words else config.short_ngram_words
    telling = np.concatenate(([0], np.cumsum((kinds == WORD) | (kinds == CHARACTER))))
    is_telling = telling[n:] - telling[:-n] >= _TELLING_WORDS
    found = np.unique(window_hashes(hashes, n, n)[is_telling])
    # an even sample of a long item: its hashes that are lowest when multiplied
    return found[np.argsort(found * _SAMPLE, kind="stable")[: config.max_ngrams]]


def _whole(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return all words and signs of an item but single letters and plain signs at its ends.

    Those would join what stands beside them in a page: "Q: A robe" reads "qa robe".
    """
    loose = (words[:, KIND] == SINGLE) | np.isin(words[:, HASH], _PLAIN_SIGNS)
    inner = np.flatnonzero(~loose)
    whole = words[inner[0] : inner[-1] + 1] if len(inner) else words[:0]
    if len(whole) < _FEW_WORDS and not (whole[:, KIND] == NUMBER).any():
        return np.empty(0, np.uint64)  # "Combine like terms: n + n"
    return whole[:, HASH]


def _rows(
    hashes: NDArray[np.uint64], owners: NDArray[np.int32], wholes: set[int], max_items: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int32]]:
    """Return (distinct hashes sorted, where the items of each start, items), templates left out."""
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    _, inverse, n_items = np.unique(hashes, return_inverse=True, return_counts=True)
    is_whole = np.isin(owners, np.array(sorted(wholes), np.int32))
    keep = (n_items[inverse] <= max_items) | is_whole
    distinct, n_kept = np.unique(hashes[keep], return_counts=True)
    starts = np.concatenate(([0], np.cumsum(n_kept))).astype(np.uint32)
    return distinct, starts, owners[keep]


def table_bytes(tables: Tables) -> bytes:
    """Return a table as the bytes of an .npz file: the same for the same items and settings."""
    about = {
        "format": FORMAT,
        "config": tables.config.model_dump(),
        "benchmarks": list(tables.benchmarks),
        "names": list(tables.names),
    }
    text = json.dumps(about, sort_keys=True, separators=(",", ":")).encode()
    out = io.BytesIO()
    np.savez(
        out,
        about=np.frombuffer(text, np.uint8),
        hashes=tables.index.hashes,
        starts=tables.starts,
        items=tables.items,
        n_ngrams=tables.n_ngrams,
        n_words=tables.n_words,
        anchors=tables.index.anchors,
        anchor_lengths=tables.index.anchor_lengths,
    )
    return out.getvalue()


def read_table(data: bytes, path: str) -> Tables:
    """Return the table in the bytes of a file. Raises ValueError, one line, for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            about: Any = json.loads(arrays["about"].tobytes())
            if about["format"] != FORMAT:
                raise ValueError(f"it is a {about['format']!r}")
            config = TableConfig(**about["config"])
            widths = (config.ngram_words, config.short_ngram_words)
            index = make_index(arrays["hashes"], arrays["anchors"], arrays["anchor_lengths"], widths)
            starts, items = arrays["starts"], arrays["items"]
            n_ngrams, n_words = arrays["n_ngrams"], arrays["n_words"]
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path}: not a table of this version ({error}); build it with `corpusforge contamination-table`"
        ) from error
    return Tables(config, index, starts, items, n_ngrams, n_words, about["benchmarks"], about["names"])
