"""Documents to tokens, each closed by the EOS; a share of them is held against the oracle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.compute as pyarrow_compute
from numpy.typing import NDArray

from corpusforge.shards.arrow import pa
from corpusforge.shards.oracle import check_sample, is_sampled
from corpusforge.shards.pages import pieces
from corpusforge.shards.stored import TOKENS
from corpusforge.shards.tokenizer import Batch, Tokenizer

pc: Any = pyarrow_compute

TOKENIZE_BYTES = 1 << 20
"""Bytes of text handed to the tokenizer at once."""


def tokenise(rows: Any, tokenizer: Tokenizer, oracle_share: float) -> tuple[bytes, NDArray[np.int64], int]:
    """Return (tokens end to end as in a payload, tokens of each document, documents held against the oracle).

    `rows`: an Arrow table with text, doc_id and locator. Raises `TokensDiffer` where the oracle disagrees.
    """
    made: list[bytes] = []
    counts = [np.empty(0, np.int64)]
    n_checked = 0
    texts = arrow_texts(in_one(rows["text"]))
    for tokens, n_tokens, n_more in Tokens(tokenizer, oracle_share).of(texts, rows):
        made.append(tokens.tobytes())
        counts.append(n_tokens)
        n_checked += n_more
    return made[0] if len(made) == 1 else b"".join(made), np.concatenate(counts), n_checked


class Tokens:
    """Makes tokens of documents, a piece of about `TOKENIZE_BYTES` of text at a time.

    A piece is in the processor's cache until it is hashed and written, and its memory is used again:
    fresh pages for each would cost more than all that is done to it here.
    """

    def __init__(self, tokenizer: Tokenizer, oracle_share: float) -> None:
        self._tokenizer, self._oracle_share = tokenizer, oracle_share
        self._room = np.empty(0, tokenizer.dtype)

    def of(
        self, texts: Iterable[Sequence[bytes]], rows: Any
    ) -> Iterator[tuple[NDArray[Any], NDArray[np.int64], int]]:
        """Yield (tokens end to end, tokens of each document, documents held against the oracle).

        The tokens are overwritten by the next piece. `texts`: of consecutive documents; `rows`: a table of
        all of them with doc_id and locator, which the oracle alone asks for. Raises `TokensDiffer`.
        """
        first = 0
        for many in texts:
            for some in pieces(many, TOKENIZE_BYTES):
                ids, offsets = batch = self._tokenizer.encode_utf8(some)
                n_checked = 0
                if self._oracle_share:
                    sampled = rows.slice(first, len(some))
                    n_checked = _checked(sampled, some, batch, self._tokenizer, self._oracle_share)
                yield self._closed(ids, offsets), np.diff(offsets) + 1, n_checked
                first += len(some)

    def _closed(self, ids: NDArray[np.uint32], offsets: NDArray[np.int64]) -> NDArray[Any]:
        """Return the ids of documents, each followed by the EOS."""
        n_tokens = len(ids) + len(offsets) - 1
        if len(self._room) < n_tokens:
            self._room = np.empty(n_tokens + n_tokens // 4, self._tokenizer.dtype)
        closed = self._room[:n_tokens]
        for place, (start, stop) in enumerate(pairwise(offsets.tolist())):
            closed[start + place : stop + place] = ids[start:stop]
        closed[offsets[1:] + np.arange(len(offsets) - 1)] = self._tokenizer.eos_id
        return closed


def arrow_texts(column: Any) -> Iterator[list[bytes]]:
    """Yield the values of a text column, in one array, about `TOKENIZE_BYTES` at a time."""
    text, ends = values_of(column), np.cumsum(byte_lengths(column))
    first = before = 0
    while first < len(ends):
        last = min(int(np.searchsorted(ends, before + TOKENIZE_BYTES)) + 1, len(ends))
        cuts = [before, *ends[first:last].tolist()]
        yield [bytes(text[start:stop]) for start, stop in pairwise(cuts)]
        first, before = last, cuts[-1]


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


def in_one(column: Any) -> Any:
    """Return a chunked column as one array: its chunk where it has one, which Arrow would copy."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def byte_lengths(column: Any) -> NDArray[np.int64]:
    """Return the bytes of each value of a large_string or large_binary column."""
    return np.asarray(pc.binary_length(column), np.int64)


def values_of(column: Any) -> memoryview:
    """Return the values of such a column, in one chunk, end to end, as they lie in memory."""
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, "<i8")[[column.offset, column.offset + len(column)]].tolist()
    return memoryview(data)[slice(*bounds)] if data else memoryview(b"")
