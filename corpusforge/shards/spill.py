"""Documents to a spill: tokens, text and metadata on disk, sorted for the shards to come.

A spill holds the survivors of some consecutive parts in runs, each sorted by (group, key, doc_id)
in memory and written out whole, so that parts of any size need the memory of one run. How
documents are cut into runs, blocks and spills leaves no trace in a shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import join, publishing
from corpusforge.sealed import way_out
from corpusforge.shards.arrow import pa
from corpusforge.shards.blocks import BLOCK_BYTES, PLACE_DTYPE, BlockWriter, Codec, read_footer
from corpusforge.shards.documents import METADATA_SCHEMA
from corpusforge.shards.places import GROUPS, shard_key, sorted_order
from corpusforge.shards.stored import TOKENS
from corpusforge.shards.tokenise import byte_lengths, in_one, tokenise, values_of
from corpusforge.shards.tokenizer import Tokenizer

SPILL_VERSION = 4
RUN_TEXT_BYTES = 64 << 20
RUN_DOCUMENTS = 1 << 16
"""A run ends at whichever comes first: about 200 MB of text, twice, and rows in memory."""
RUN_BLOCKS = 64
MIN_BLOCK_BYTES = 128 << 10
"""A small run has smaller blocks: shards read it directly, and a block that two share is read twice."""
ROW_BYTES = 512
"""About what a document's metadata takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much of one source there is in one (domain, subset)."""

    source: str
    domain: str
    subset: str
    documents: int
    tokens: int
    """EOS included."""
    bytes: int
    """Of text, in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpillInfo:
    """What a spill holds, to be handed from worker to worker."""

    number: int
    seed: int
    tokenizer: Mapping[str, Any]
    dtype: str
    """Numpy's name of a token in the spill, and in the shards to come."""
    n_checked: int
    """Documents that an oracle tokenised again, alike."""
    n_runs: int
    counts: tuple[Count, ...]
    index: NDArray[Any] = field(repr=False, compare=False)
    """`blocks.BLOCK_DTYPE`, in the order of the file."""

    @property
    def n_docs(self) -> int:
        """Documents in the spill."""
        return sum(count.documents for count in self.counts)

    @property
    def n_tokens(self) -> int:
        """Tokens in the spill, EOS included."""
        return sum(count.tokens for count in self.counts)


def spill_path(folder: str, number: int) -> str:
    """Return where a spill lies; its number is its place among those of a build."""
    return join(folder, f"{number:08d}.spill")


def write_spill(
    batches: Iterable[Any],
    tokenizer: Tokenizer,
    seed: int,
    folder: str,
    number: int,
    oracle_share: float = 0.0,
    codec: Codec = "none",
) -> SpillInfo:
    """Return what was written of documents to the spill `number` in `folder`.

    `batches`: Arrow record batches of `DOCUMENT_SCHEMA`; where they hold the column `stored.TOKENS`, these
    are written and nothing is tokenised. Same documents in the same order, same
    bytes. Raises ValueError for a document without a known domain and subset or one that comes
    twice, and `TokensDiffer` where an oracle disagrees about one of the share that it is asked about.
    """
    path = spill_path(folder, number)
    with publishing(path) as local, open(local, "wb") as stream:
        blocks = BlockWriter(stream, number, np.dtype(tokenizer.dtype).itemsize, codec)
        writer = _RunWriter(tokenizer, oracle_share, blocks)
        for run in _runs(batches):
            writer.write(run, seed)
        description: dict[str, Any] = {
            "version": SPILL_VERSION,
            "seed": seed,
            "tokenizer": tokenizer.identity(),
            "dtype": tokenizer.dtype,
            "n_checked": writer.n_checked,
            "n_runs": writer.n_runs,
            "counts": [asdict(count) for count in writer.counts()],
        }
        index = blocks.finish(description)
    return _info(number, index, description)


def read_spill(folder: str, number: int) -> SpillInfo:
    """Return what `write_spill` returned, from the footer of the spill."""
    path = spill_path(folder, number)
    index, description = read_footer(path)
    if description["version"] != SPILL_VERSION:
        raise ValueError(f"{path}: written by another version; {way_out(path)}")
    return _info(number, index, description)


def _info(number: int, index: NDArray[Any], description: Mapping[str, Any]) -> SpillInfo:
    return SpillInfo(
        number=number,
        seed=description["seed"],
        tokenizer=description["tokenizer"],
        dtype=description["dtype"],
        n_checked=description["n_checked"],
        n_runs=description["n_runs"],
        counts=tuple(Count(**count) for count in description["counts"]),
        index=index,
    )


def _runs(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield documents in tables that are bounded in number and bytes."""
    run: list[Any] = []
    n_docs = n_bytes = 0
    for batch in batches:
        ends = np.cumsum(byte_lengths(batch["text"]))
        first = 0
        while first < len(ends):
            before = int(ends[first - 1]) if first else 0
            room = RUN_TEXT_BYTES - n_bytes
            # The document that fills the run is its last.
            last = int(np.searchsorted(ends, before + room)) + 1
            last = min(last, first + RUN_DOCUMENTS - n_docs, len(ends))
            run.append(batch.slice(first, last - first))
            n_docs, n_bytes = n_docs + last - first, n_bytes + int(ends[last - 1]) - before
            first = last
            if n_docs == RUN_DOCUMENTS or n_bytes >= RUN_TEXT_BYTES:
                yield pa.Table.from_batches(run)
                run, n_docs, n_bytes = [], 0, 0
    if run:
        yield pa.Table.from_batches(run)


class _RunWriter:
    """Sorts runs and writes them in blocks: a block is a key range of a group, or some small groups."""

    def __init__(self, tokenizer: Tokenizer, oracle_share: float, blocks: BlockWriter) -> None:
        self._tokenizer, self._oracle_share, self._blocks = tokenizer, oracle_share, blocks
        self._counts: dict[tuple[str, int], list[int]] = {}
        self.n_checked = self.n_runs = 0

    def write(self, run: Any, seed: int) -> None:
        """Write one run, not yet sorted."""
        groups = _group_codes(run)
        doc_ids = run["doc_id"]
        keys = np.array([shard_key(doc_id, seed) for doc_id in doc_ids.to_pylist()], np.uint64)
        order = sorted_order(groups, keys, lambda rows: doc_ids.take(pa.array(rows)).to_pylist())
        if np.any(np.diff(order) < 0):  # documents that come from shards are in order
            run = run.take(pa.array(order)).combine_chunks()
        places = np.zeros(len(order), PLACE_DTYPE)
        places["group"], places["key"] = groups[order], keys[order]
        places["text_bytes"] = byte_lengths(run["text"])
        for first, last in _block_rows(places, np.dtype(self._tokenizer.dtype).itemsize):
            self._write_block(run.slice(first, last - first), places[first:last])
        self._count(run, places)
        self.n_runs += 1

    def counts(self) -> list[Count]:
        """Return what was written by source, domain and subset, sorted."""
        return [
            Count(
                source=source,
                domain=GROUPS[group][0],
                subset=GROUPS[group][1],
                documents=documents,
                tokens=tokens,
                bytes=n_bytes,
            )
            for (source, group), (documents, tokens, n_bytes) in sorted(self._counts.items())
        ]

    def _count(self, run: Any, places: NDArray[Any]) -> None:
        sources = run["source"].combine_chunks().dictionary_encode()
        codes, names = np.asarray(sources.indices), sources.dictionary.to_pylist()
        for code, name in enumerate(names):
            mine = places[codes == code]
            for group in np.unique(mine["group"]).tolist():
                rows = mine[mine["group"] == group]
                entry = self._counts.setdefault((name, group), [0, 0, 0])
                for place, more in enumerate((len(rows), rows["n_tokens"].sum(), rows["text_bytes"].sum())):
                    entry[place] += int(more)

    def _write_block(self, rows: Any, places: NDArray[Any]) -> None:
        """Write one block; `places` learn how many tokens each document has."""
        text = values_of(in_one(rows["text"]))
        tokens = self._tokens(rows, places)
        columns = [
            pa.array(places["text_bytes"].astype(np.int64)) if name == "n_bytes" else in_one(rows[name])
            for name in METADATA_SCHEMA.names
        ]
        metadata = pa.RecordBatch.from_arrays(columns, schema=METADATA_SCHEMA)
        self._blocks.add(places, metadata, tokens, text, self.n_runs)

    def _tokens(self, rows: Any, places: NDArray[Any]) -> bytes:
        """Return the tokens that documents brought with them, or make them; `places` learn how many."""
        if TOKENS in rows.schema.names:
            column = in_one(rows[TOKENS])
            places["n_tokens"] = byte_lengths(column) // np.dtype(self._tokenizer.dtype).itemsize
            return bytes(values_of(column))
        data, places["n_tokens"], n_checked = tokenise(rows, self._tokenizer, self._oracle_share)
        self.n_checked += n_checked
        return data


def _group_codes(run: Any) -> NDArray[np.uint16]:
    """Return the group of each document; ValueError, naming the first, where there is none."""
    columns = [run[name].combine_chunks().dictionary_encode() for name in ("domain", "subset")]
    domains, subsets = (np.asarray(column.indices.fill_null(-1)) for column in columns)
    names: list[list[str | None]] = [[*column.dictionary.to_pylist(), None] for column in columns]
    table = np.full((len(names[0]), len(names[1])), len(GROUPS), np.uint16)
    for code, (domain, subset) in enumerate(GROUPS):
        if domain in names[0] and subset in names[1]:
            table[names[0].index(domain), names[1].index(subset)] = code
    found = table[domains, subsets]
    if len(GROUPS) in found:
        row = int(np.flatnonzero(found == len(GROUPS))[0])
        domain, subset, locator = (run[name][row].as_py() for name in ("domain", "subset", "locator"))
        raise ValueError(f"{locator}: no shard for domain {domain or ''!r}, subset {subset or ''!r}")
    return found


def _block_rows(places: NDArray[Any], token_bytes: int) -> list[tuple[int, int]]:
    """Return the rows [first, last) of each block of a sorted run.

    A group of more than a block is cut at multiples of 2^64 / 2^bits, so that a task of merging, which
    takes one of 2^n equal ranges of a group, reads blocks that are all its own.
    """
    # A token is about four bytes of text.
    sizes = places["text_bytes"].astype(np.int64) * (4 + token_bytes) // 4 + ROW_BYTES
    block_bytes = min(BLOCK_BYTES, max(MIN_BLOCK_BYTES, int(sizes.sum()) // RUN_BLOCKS))
    cells = np.zeros(len(places), np.uint64)
    whole = 0
    n_small_bytes = 0
    for group in np.unique(places["group"]).tolist():
        first, last = np.searchsorted(places["group"], [group, group + 1]).tolist()
        n_bytes = int(sizes[first:last].sum())
        bits = (n_bytes // block_bytes).bit_length()
        if bits or n_small_bytes + n_bytes > block_bytes:
            whole, n_small_bytes = whole + 1, 0
        n_small_bytes += n_bytes
        shift = np.uint64(64 - bits)
        keys = places["key"][first:last]
        cells[first:last] = np.uint64(whole) if not bits else np.uint64(whole) + (keys >> shift)
        if bits:
            whole, n_small_bytes = whole + 2**bits, 0
    cuts = (np.flatnonzero(np.diff(cells)) + 1).tolist()
    return list(pairwise([0, *cuts, len(places)]))
