"""Documents to tokens, each closed by the EOS; a share of them is held against the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.compute as pyarrow_compute
from numpy.typing import NDArray

from corpusforge.shards.arrow import pa
from corpusforge.shards.oracle import check_sample, is_sampled
from corpusforge.shards.stored import TOKENS
from corpusforge.shards.tokenizer import Batch, Tokenizer

pc: Any = pyarrow_compute

TOKENIZE_BYTES = 1 << 20
"""Bytes of text handed to the tokenizer at once."""


def tokenise(rows: Any, tokenizer: Tokenizer, oracle_share: float) -> tuple[bytes, NDArray[np.int64], int]:
    """Return (tokens end to end as in a payload, tokens of each document, documents held against the oracle).

    `rows`: an Arrow table with text, doc_id and locator. Raises `TokensDiffer` where the oracle disagrees.
    """
    text = values_of(rows["text"].combine_chunks())
    ends = np.cumsum(byte_lengths(rows["text"]))
    pieces: list[memoryview] = []
    counts = [np.empty(0, np.int64)]
    n_checked = first = 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        last = min(int(np.searchsorted(ends, before + TOKENIZE_BYTES)) + 1, len(ends))
        cuts = [before, *ends[first:last].tolist()]
        texts = [bytes(text[start:stop]) for start, stop in pairwise(cuts)]
        ids, offsets = batch = tokenizer.encode_utf8(texts)
        if oracle_share:
            n_checked += _checked(rows.slice(first, last - first), texts, batch, tokenizer, oracle_share)
        closed = np.insert(ids, offsets[1:], tokenizer.eos_id)
        pieces.append(closed.astype(tokenizer.dtype, copy=False).data)
        counts.append(np.diff(offsets) + 1)
        first = last
    return b"".join(pieces), np.concatenate(counts), n_checked


def with_tokens(rows: Any, tokenizer: Tokenizer) -> Any:
    """Return a table of documents with the column `TOKENS`, as `stored_documents` gives them."""
    data, counts, _ = tokenise(rows, tokenizer, 0.0)
    offsets = np.concatenate([[0], np.cumsum(counts) * np.dtype(tokenizer.dtype).itemsize]).astype("<i8")
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)]
    tokens = pa.Array.from_buffers(pa.large_binary(), len(counts), buffers)
    place = rows.schema.get_field_index("n_bytes")
    rows = rows.set_column(place, rows.schema.field(place), pa.array(byte_lengths(rows["text"])))
    return rows.append_column(TOKENS, tokens)


def _checked(rows: Any, texts: Sequence[bytes], found: Batch, tokenizer: Tokenizer, share: float) -> int:
    doc_ids = rows["doc_id"].to_pylist()
    sampled = [place for place, name in enumerate(doc_ids) if is_sampled(name, share)]
    locators = rows["locator"].take(pa.array(sampled, pa.int64())).to_pylist()
    names = {place: f"{doc_ids[place]} ({at})" for place, at in zip(sampled, locators, strict=True)}
    return check_sample(tokenizer, texts, names, found)


def byte_lengths(column: Any) -> NDArray[np.int64]:
    """Return the bytes of each value of a large_string or large_binary column."""
    return np.asarray(pc.binary_length(column), np.int64)


def values_of(column: Any) -> memoryview:
    """Return the values of such a column, in one chunk, end to end, as they lie in memory."""
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, "<i8")[[column.offset, column.offset + len(column)]].tolist()
    return memoryview(data)[slice(*bounds)] if data else memoryview(b"")
