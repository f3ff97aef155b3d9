"""Test items of benchmarks found in a text: word n-grams looked up in one sorted table.

item  "Natalia sold clips to 48 of her friends in April …"
      -> words, lower case, no punctuation, a CJK character each
      -> the hashes of its 13-grams (of the whole item, when it is shorter)
text  -> the same hashes -> share of each item's n-grams that occur
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.files import list_files, read_bytes
from corpusforge.filter.config import FilterConfig

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힣]|[^\W_぀-ヿ㐀-鿿가-힣]+")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio
_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".json", ".json.gz", ".json.xz")


@dataclass(frozen=True, slots=True)
class Item:
    """One test item of a benchmark."""

    benchmark: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The n-grams of one length: `hashes` u64, sorted, each once; `items[starts[i]:starts[i + 1]]` hold i."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tables:
    """What a text is looked up in: a table for each n-gram length, and the items it came from."""

    by_length: Mapping[int, Table]
    names: Sequence[str]
    """`gsm8k test/17`, by item."""
    n_ngrams: NDArray[np.int32]
    """Distinct n-grams of each item that are in a table."""


def load_tables(config: FilterConfig) -> Tables | None:
    """Return the tables of the configured benchmarks, or None when there are none.

    Raises ValueError, one line, when the path holds no item that can be read.
    """
    if config.benchmarks is None:
        return None
    tables = build_tables(read_items(config.benchmarks), config)
    if not len(tables.names):
        raise ValueError(f"{config.benchmarks}: no benchmark items: expected JSONL rows with a field `text`")
    return tables


def read_items(path: str) -> Iterator[Item]:
    """Return the items of a file or folder of JSONL rows {"benchmark", "text", "id"?}, sorted by file."""
    for name in list_files(path):
        if not name.endswith(_ENDINGS):
            continue
        data = read_bytes(name)
        if name.endswith(".gz"):
            data = gzip.decompress(data)
        elif name.endswith(".xz"):
            data = lzma.decompress(data)
        for number, line in enumerate(data.decode("utf-8").splitlines(), start=1):
            if line.strip():
                yield _item(line, name, number)


def _item(line: str, path: str, number: int) -> Item:
    try:
        row = json.loads(line)
        return Item(str(row.get("benchmark", "benchmark")), str(row.get("id", number)), str(row["text"]))
    except (ValueError, KeyError, AttributeError) as error:
        raise ValueError(f"{path}:{number}: no benchmark item: expected a JSON object with `text`") from error


def build_tables(items: Iterator[Item] | Sequence[Item], config: FilterConfig) -> Tables:
    """Return the tables of items; n-grams that too many items share are left out as templates."""
    names: list[str] = []
    pieces: defaultdict[int, list[tuple[NDArray[np.uint64], int]]] = defaultdict(list)
    for item in items:
        words = _word_hashes(item.text)
        if len(words) < config.contamination_min_words:
            continue
        n = min(config.contamination_ngram_words, len(words))
        pieces[n].append((np.unique(_ngram_hashes(words, n)), len(names)))
        names.append(f"{item.benchmark} {item.name}")
    by_length = {n: _table(rows, config.contamination_max_items) for n, rows in sorted(pieces.items())}
    n_ngrams = np.zeros(len(names), dtype=np.int32)
    for table in by_length.values():
        n_ngrams += np.bincount(table.items, minlength=len(names)).astype(np.int32)
    return Tables(by_length, names, n_ngrams)


def _table(rows: list[tuple[NDArray[np.uint64], int]], max_items: int) -> Table:
    hashes = np.concatenate([row for row, _ in rows])
    items = np.concatenate([np.full(len(row), index, dtype=np.int32) for row, index in rows])
    order = np.argsort(hashes, kind="stable")
    hashes, items = hashes[order], items[order]
    _, inverse, n_items = np.unique(hashes, return_inverse=True, return_counts=True)
    keep = n_items[inverse] <= max_items
    distinct, n_kept = np.unique(hashes[keep], return_counts=True)
    return Table(distinct, np.concatenate(([0], np.cumsum(n_kept))), items[keep])


def _word_hashes(text: str) -> NDArray[np.uint64]:
    """Return a u64 for each word of a text; the same in every process."""
    words = _WORD.findall(text.lower())
    known = {word: xxhash.xxh3_64_intdigest(word.encode()) for word in dict.fromkeys(words)}
    return np.fromiter(map(known.__getitem__, words), dtype=np.uint64, count=len(words))


def _ngram_hashes(words: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Return a u64 for each n-gram of words, in order: the polynomial of their hashes, modulo 2^64."""
    n_ngrams = len(words) - n + 1
    if n_ngrams < 1:
        return np.empty(0, dtype=np.uint64)
    result = np.zeros(n_ngrams, dtype=np.uint64)
    for offset in range(n):
        result = result * _MIX + words[offset : offset + n_ngrams]
    return result


def judge_contamination(document: Document, tables: Tables, config: FilterConfig) -> Drop | None:
    """Return the drop of a document that holds a test item, or None.

    The detail names the item of which most was found, its share, and how many items there were.
    """
    hits = _items_found(_word_hashes(document.text), tables)
    if not len(hits):
        return None
    items, n_found = np.unique(hits, return_counts=True)
    shares = n_found / np.maximum(1, tables.n_ngrams[items])
    best = int(shares.argmax())
    if shares[best] < config.contamination_min_share:
        return None
    worst = int(items[best])
    n_items = int((shares >= config.contamination_min_share).sum())
    detail = (
        f"{shares[best]:.0%} of the n-grams of {tables.names[worst]}"
        f" ({n_found[best]} of {tables.n_ngrams[worst]}); {n_items} items in all"
    )
    return drop(document, DropReason.CONTAMINATED, detail)


def _items_found(words: NDArray[np.uint64], tables: Tables) -> NDArray[np.int32]:
    """Return an item's index once for each of its distinct n-grams that occurs among the words."""
    hits: list[NDArray[np.int32]] = []
    for n, table in tables.by_length.items():
        hashes = np.unique(_ngram_hashes(words, n))
        if not len(hashes) or not len(table.hashes):
            continue
        places = np.minimum(np.searchsorted(table.hashes, hashes), len(table.hashes) - 1)
        for place in places[table.hashes[places] == hashes].tolist():
            hits.append(table.items[table.starts[place] : table.starts[place + 1]])
    return np.concatenate(hits) if hits else np.empty(0, dtype=np.int32)
