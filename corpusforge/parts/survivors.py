"""The documents of parts that dedup leaves, and what is spilled of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup.normal import content_hash
from corpusforge.dedup.repeats import cut_text
from corpusforge.document import Document, document_from_row, documents_to_batch
from corpusforge.parts.reader import read_documents
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.spill import SpillInfo, read_spill, write_spill
from corpusforge.shards.tasks import Work, is_there, table_of
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import configured_tokenizer

pa: Any = pyarrow  # ships no types for what is used here

Gone = Callable[[int], "NDArray[np.uint64] | None"]
"""Part number -> the rows that dedup takes out; None where it is off."""
Cuts = Callable[[str], "tuple[Mapping[int, NDArray[Any]], NDArray[Any]] | None"]
"""Part id -> (ranges cut of rows, rows that go); None where nothing is ever cut."""


def survivors(
    config: BuildConfig,
    part_id: str,
    gone: NDArray[np.uint64] | None,
    cuts: tuple[Mapping[int, NDArray[Any]], NDArray[Any]] | None = None,
) -> Iterator[Any]:
    """Yield the documents of a part that dedup keeps, without what is cut of them, in record batches.

    `gone` are rows; `cuts` is what `repeated.Cuts` returns. Of a batch, those that are whole come first:
    they stay in Arrow.
    """
    ranges, emptied = cuts or ({}, np.empty(0, dtype=np.uint32))
    first = 0
    for batch in read_documents(config.output, part_id):
        rows = np.arange(first, first + batch.num_rows, dtype=np.uint64)
        first += batch.num_rows
        goes = np.isin(rows, emptied)
        goes = goes if gone is None else goes | np.isin(rows, gone)
        cut = np.array([row in ranges for row in rows.tolist()], np.bool_)
        yield batch.filter(pa.array(~(goes | cut)))
        places = np.flatnonzero(~goes & cut)
        if len(places):
            documents = map(document_from_row, batch.take(pa.array(places)).to_pylist())
            found = zip(rows[places].tolist(), documents, strict=True)
            yield documents_to_batch([without_repeats(document, ranges[row]) for row, document in found])


def without_repeats(document: Document, ranges: NDArray[Any]) -> Document:
    """Return a document without byte ranges of its text, with a note of it."""
    text = cut_text(document.text, ranges)
    note = f"{len(ranges)} repeated spans cut, {int(ranges['length'].sum())} bytes"
    return replace(document, text=text, content_hash=content_hash(text), notes=(*document.notes, note))


def spill_parts(
    config: BuildConfig, work: Work, gone: Gone, cuts: Cuts, element: tuple[int, Iterable[tuple[int, str]]]
) -> Iterator[tuple[int, SpillInfo]]:
    """Yield (number of a table, the spill of some parts): written unless it is there.

    `element`: (number of the spill, its parts as (number, id), in any order).
    """
    number, parts = element
    if is_there(work, work.spills, number):
        info = read_spill(work.spills, number)
    else:
        batches = (
            batch
            for part, part_id in sorted(parts)
            for batch in survivors(config, part_id, gone(part), cuts(part_id))
        )
        tokenizer = _tokenizer(config.shards, config.output)
        share = config.shards.oracle_share
        info = write_spill(batches, tokenizer, config.seed, work.spills, number, share, work.codec)
    yield table_of(number), info


_loaded: dict[str, Tokenizer] = {}


def _tokenizer(config: ShardsConfig, corpus: str) -> Tokenizer:
    """Return the tokenizer of a configuration, loaded once a process."""
    key = f"{corpus}\n{config.model_dump_json()}"
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = configured_tokenizer(config, corpus)
    return _loaded[key]
