"""Test items of benchmarks in a document: found by their n-grams, and the document dropped or cut.

text --find--> n-grams of items --by item, near ones together--> runs --share of the item--> leaks
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.decontamination.benchmarks import TABLE_ENDING, parse_items, pinned_bytes
from corpusforge.filter.decontamination.lookup import find
from corpusforge.filter.decontamination.ngram_table import Tables, build_tables, read_table

_MAX_GAP_WORDS = 64
"""N-grams of an item farther apart than this, and than the item is long, belong to two runs."""
_QUOTED_CHARS = 40
_MAX_CUTS = 4


@dataclass(frozen=True, slots=True)
class Leak:
    """One item found in a text, at the characters `start:stop`."""

    benchmark: str
    name: str
    start: int
    stop: int
    n_found: int
    n_ngrams: int

    @property
    def share(self) -> float:
        """Share of the item's n-grams found."""
        return self.n_found / self.n_ngrams


def load_tables(config: FilterConfig) -> Tables | None:
    """Return the table of the configured benchmarks, or None when there are none.

    `config.benchmarks` is a table (.npz), or items to build one from. Raises ValueError, one line,
    when it holds nothing that can be read, or is no longer what the configuration pinned.
    """
    path = config.benchmarks
    if path is None:
        return None
    files = pinned_bytes(path, config.benchmarks_sha256)
    if path.endswith(TABLE_ENDING):
        tables = read_table(files[0][1], path)
    else:
        items = (item for name, data in files for item in parse_items(data, name))
        tables = build_tables(items, config.contamination)
    if tables.config != config.contamination:
        wanted, has = config.contamination.model_dump(), tables.config.model_dump()
        name = next(name for name in wanted if wanted[name] != has[name])
        raise ValueError(
            f"{path}: built with {name} = {has[name]}, and filter.contamination says {wanted[name]}: "
            "build the table again, or set what it was built with"
        )
    find("warm\u200b\n1 a\n2 b", tables.index)  # compiled now, and not within the time of the first document
    if not tables.n_ngrams.any():
        raise ValueError(f"{path}: no benchmark items: expected JSONL rows with a field `text`")
    return tables


def decontaminate(document: Document, tables: Tables, config: FilterConfig) -> Document | Drop:
    """Return the document without the test items that it holds, or its drop.

    Policy `drop` drops it; `cut` removes the items' spans and notes each, and drops what would lose
    more than `contamination_max_cut_share` or holds items still.
    """
    found = leaks(document.text, tables, config)
    if not found:
        return document
    if config.contamination_policy == "drop":
        return drop(document, DropReason.CONTAMINATED, detail(found, document.text))
    text, notes, told = document.text, list[str](), detail(found, document.text)
    for _ in range(_MAX_CUTS):
        notes += [
            f"cut {leak.benchmark} item {leak.name}: {leak.stop - leak.start} characters" for leak in found
        ]
        text = _without(text, found)
        found = leaks(text, tables, config)
        if not found:
            break
    lost = 1 - len(text) / len(document.text)
    if found or lost > config.contamination_max_cut_share or len(text.strip()) < config.min_chars:
        return drop(document, DropReason.CONTAMINATED, f"{told}; too much to cut: {lost:.0%}")
    return replace(document, text=text, notes=(*document.notes, *notes))


def detail(found: Sequence[Leak], text: str) -> str:
    """Return one line for a person: the item of which most was found, where, and how its span begins."""
    worst = max(found, key=lambda leak: (leak.share, leak.n_found))
    begins = " ".join(text[worst.start : min(worst.stop, worst.start + _QUOTED_CHARS)].split())
    more = f"; {len(found)} items in all" if len(found) > 1 else ""
    return (
        f'contains {worst.benchmark} item {worst.name} (characters {worst.start}-{worst.stop}: "{begins}…", '
        f"{worst.n_found} of {worst.n_ngrams} n-grams){more}"
    )


def leaks(text: str, tables: Tables, config: FilterConfig) -> list[Leak]:
    """Return the items found in a text, each where most of it stands, by place and then by item."""
    found = best_runs(text, tables)
    if not len(found):
        return []
    share = np.where(
        tables.n_words[found["item"]] < 2 * tables.config.ngram_words,
        config.contamination_short_min_share,
        config.contamination_min_share,
    )
    found = found[found["found"] >= share * tables.n_ngrams[found["item"]]]
    starts = _characters(text, found["start"]).tolist()
    stops = _characters(text, found["stop"]).tolist()
    listed: list[Leak] = []
    items: list[int] = found["item"].tolist()
    for place, item in enumerate(items):
        n_found, n_ngrams = int(found["found"][place]), int(tables.n_ngrams[item])
        listed.append(
            Leak(tables.benchmarks[item], tables.names[item], starts[place], stops[place], n_found, n_ngrams)
        )
    return sorted(listed, key=lambda leak: (leak.start, leak.stop, leak.benchmark, leak.name))


RUN_DTYPE = np.dtype([("item", "<i8"), ("found", "<i8"), ("start", "<i8"), ("stop", "<i8")])
"""Item, its distinct n-grams found in one run, first byte and the byte behind the last."""


def best_runs(text: str, tables: Tables) -> NDArray[Any]:
    """Return for each item of which an n-gram occurs the run that holds most of them, `RUN_DTYPE` by item."""
    hits = find(text, tables.index)
    if not len(hits):
        return np.empty(0, RUN_DTYPE)
    first, last = tables.starts[hits["row"]].astype(np.int64), tables.starts[hits["row"] + 1].astype(np.int64)
    n_items = last - first
    of_hit = np.repeat(np.arange(len(hits)), n_items)
    within = np.arange(len(of_hit)) - np.repeat(np.cumsum(n_items) - n_items, n_items)
    items = tables.items[first[of_hit] + within].astype(np.int64)
    order = np.lexsort((hits["row"][of_hit], hits["word"][of_hit], items))
    items, hits = items[order], hits[of_hit[order]]
    gap = np.maximum(_MAX_GAP_WORDS, tables.n_words[items[1:]])
    is_new = (items[1:] != items[:-1]) | (np.diff(hits["word"]) > gap)
    bounds = np.flatnonzero(np.r_[True, is_new, True]).tolist()
    best: dict[int, tuple[int, int, int, int]] = {}
    for start, stop in pairwise(bounds):
        run, item = hits[start:stop], int(items[start])
        n_found = len(np.unique(run["row"]))
        if item not in best or n_found > best[item][1]:
            best[item] = (item, n_found, int(run["start"].min()), int(run["stop"].max()))
    return np.array(list(best.values()), RUN_DTYPE)


def _characters(text: str, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the characters at places in the text's UTF-8 bytes."""
    if text.isascii():
        return places
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    before = np.concatenate(([0], np.cumsum((data & 0xC0) != 0x80)))
    return before[places]


def _without(text: str, found: Sequence[Leak]) -> str:
    """Return a text without the spans of leaks, which may overlap."""
    kept: list[str] = []
    at = 0
    for leak in found:
        if leak.start > at:
            kept.append(text[at : leak.start])
        at = max(at, leak.stop)
    return "".join([*kept, text[at:]])
