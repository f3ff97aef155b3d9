"""Spills to shards: each shard owns a key range of its (domain, subset).

Keys are hashes of document ids, so that a shard is a random sample of its domain. What a
shard holds, and in what order, depends on the documents alone. Rows of a shard are held in
memory; tokens and text stream through in blocks.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, open_input, publishing
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.documents import DOCS_SCHEMA, METADATA_SCHEMA, TEXT_SCHEMA
from corpusforge.shards.format import (
    ENDS_DTYPE,
    KINDS,
    BlockHasher,
    ShardRow,
    shard_id,
    shard_path,
)
from corpusforge.shards.spill import SUFFIXES, SpillInfo

ROW_GROUP_ROWS = 8192
ROW_GROUP_BYTES = 16 << 20
"""A row group of docs and text ends at whichever comes first: bounds memory, fixes the bytes."""
_PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "store_schema": True,
    "write_statistics": True,
    "version": "2.6",
}
_KEYS = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSpec:
    """One shard to be written: the keys in [index * 2^64 // count, (index + 1) * 2^64 // count)."""

    domain: str
    subset: str
    index: int
    count: int

    def key_range(self) -> tuple[int, int]:
        """Return the first key of the shard and the first beyond it."""
        return self.index * _KEYS // self.count, (self.index + 1) * _KEYS // self.count


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a shard, sorted by (key, doc_id); one entry per document in each array."""

    dtype: np.dtype[Any]
    """Of the tokens."""
    doc_id: list[str]
    batch: NDArray[np.int64]
    """Which of the sources: index into the list of (spill, record batch)."""
    row: NDArray[np.int64]
    token_start: NDArray[np.int64]
    token_length: NDArray[np.int64]
    text_start: NDArray[np.int64]
    text_length: NDArray[np.int64]


def plan_shards(infos: Iterable[SpillInfo], target_tokens: int) -> list[ShardSpec]:
    """Return the shards of all spills together, about `target_tokens` each, sorted by name.

    Raises ValueError where the spills differ in tokenizer or seed.
    """
    tokens: dict[tuple[str, str], int] = {}
    first: SpillInfo | None = None
    for info in infos:
        first = first or info
        if (info.tokenizer, info.dtype, info.seed) != (first.tokenizer, first.dtype, first.seed):
            raise ValueError(f"{info.prefix} was made with another tokenizer or seed than {first.prefix}")
        for group in info.groups:
            key = (group.domain, group.subset)
            tokens[key] = tokens.get(key, 0) + group.n_tokens
    return [
        ShardSpec(domain=domain, subset=subset, index=index, count=-(-total // target_tokens))
        for (domain, subset), total in sorted(tokens.items())
        for index in range(-(-total // target_tokens))
    ]


def write_shard(spec: ShardSpec, spills: Sequence[SpillInfo], corpus: str) -> ShardRow | None:
    """Return the row of a shard, written under `corpus`; None where no document falls to it.

    The same documents give the same bytes and id, however they are spread over spills.
    Raises ValueError where a document id comes twice or a spill is not what its JSON says.
    """
    sources = [
        (spill.prefix, number)
        for spill in spills
        for number, group in enumerate(spill.groups)
        if (group.domain, group.subset) == (spec.domain, spec.subset)
    ]
    _open_rows.cache_clear()  # a path may hold another spill than at the last call
    rows = _gather(spec, sources, np.dtype(spills[0].dtype))
    if not rows.doc_id:
        return None
    folder = None if is_remote(corpus) else join(corpus, "shards", spec.domain, spec.subset)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        local = {kind: os.path.join(temporary, kind) for kind in KINDS}
        hasher, max_id = _write_files(rows, sources, local)
        row = _shard_row(spec, rows, local, hasher, max_id)
        for kind, path in local.items():
            with publishing(join(corpus, shard_path(spec.domain, spec.subset, row.id, kind))) as place:
                os.replace(path, place)
    return row


def _gather(spec: ShardSpec, sources: Sequence[tuple[str, int]], dtype: np.dtype[Any]) -> _Rows:
    """Return the rows of a key range from every record batch, sorted by (key, doc_id)."""
    low, high = spec.key_range()
    names = ("token_start", "token_length", "text_start", "text_length")
    ids: list[str] = []
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in ("key", "batch", "row", *names)}
    for number, (prefix, batch_number) in enumerate(sources):
        batch = _batch(prefix, batch_number)
        keys = batch.column("key").to_numpy()
        first, last = bisect_left(keys, low), bisect_left(keys, high)
        ids.extend(batch.column("doc_id").slice(first, last - first).to_pylist())
        parts["key"].append(keys[first:last].copy())
        parts["batch"].append(np.full(last - first, number, np.int64))
        parts["row"].append(np.arange(first, last, dtype=np.int64))
        for name in names:
            parts[name].append(batch.column(name).to_numpy()[first:last].astype(np.int64))
    columns: dict[str, NDArray[Any]] = {
        name: np.concatenate(arrays or [np.zeros(0, np.int64)]) for name, arrays in parts.items()
    }
    order = _order(columns["key"], ids, f"{spec.domain}/{spec.subset}")
    sorted_ids: list[str] = [ids[place] for place in cast("list[int]", order.tolist())]
    return _Rows(dtype, sorted_ids, *(columns[name][order] for name in ("batch", "row", *names)))


def _order(keys: NDArray[Any], ids: Sequence[str], name: str) -> NDArray[np.int64]:
    """Return the places of documents in the order of (key, doc_id); ValueError for an id that comes twice."""
    order = np.argsort(keys, kind="stable")
    if not np.any(np.diff(keys[order]) == 0):
        return order
    order = np.array(sorted(range(len(ids)), key=lambda place: (int(keys[place]), ids[place])))
    for one, other in pairwise(order.tolist()):
        if ids[one] == ids[other]:
            raise ValueError(f"document {ids[one]} comes twice in {name}")
    return order


def _blocks(rows: _Rows) -> Iterator[tuple[int, int]]:
    """Yield the row ranges that become row groups: by number and bytes of the sorted rows alone."""
    ends = np.cumsum(rows.text_length + rows.token_length * rows.dtype.itemsize)
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + ROW_GROUP_BYTES, side="right"))
        last = min(max(last, first + 1), first + ROW_GROUP_ROWS)
        yield first, last
        first = last


def _write_files(
    rows: _Rows, sources: Sequence[tuple[str, int]], local: dict[str, str]
) -> tuple[BlockHasher, int]:
    """Write the four files of a shard; return the payload's hashes and its largest id."""
    ends = np.cumsum(rows.token_length)
    ends.astype(ENDS_DTYPE).tofile(local["ends"])
    starts = ends - rows.token_length
    hasher, max_id = BlockHasher(), 0
    with (
        open(local["tokens"], "wb") as payload,
        pq.ParquetWriter(local["docs"], DOCS_SCHEMA, **_PARQUET) as docs,
        pq.ParquetWriter(local["text"], TEXT_SCHEMA, **_PARQUET) as text,
    ):
        for first, last in _blocks(rows):
            tokens = _payload(rows, sources, first, last, "tokens")
            payload.write(tokens)
            hasher.update(tokens)
            max_id = max(max_id, int(np.frombuffer(tokens, rows.dtype).max()))
            docs.write_table(_docs_table(rows, sources, starts, first, last), row_group_size=last - first)
            text.write_table(_text_table(rows, sources, first, last), row_group_size=last - first)
    return hasher, max_id


def _segments(rows: _Rows, first: int, last: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield (source, rows of the block from it); these lie side by side in the source."""
    block = rows.batch[first:last]
    order = np.argsort(block, kind="stable")
    cuts = np.flatnonzero(np.diff(block[order])) + 1
    for places in np.split(order, cuts):
        yield int(block[places[0]]), places + first


def _payload(rows: _Rows, sources: Sequence[tuple[str, int]], first: int, last: int, kind: str) -> bytes:
    """Return the tokens or the text of a block of rows: one read from each source, then in order."""
    unit = rows.dtype.itemsize if kind == "tokens" else 1
    all_starts, all_lengths = (
        (rows.token_start, rows.token_length) if kind == "tokens" else (rows.text_start, rows.text_length)
    )
    pieces: list[memoryview | None] = [None] * (last - first)
    for number, places in _segments(rows, first, last):
        starts, ends = all_starts[places] * unit, (all_starts[places] + all_lengths[places]) * unit
        path = sources[number][0] + SUFFIXES[kind]
        with open_input(path) as stream:
            stream.seek(int(starts[0]))
            data = memoryview(stream.read(int(ends[-1] - starts[0])))
        if len(data) != ends[-1] - starts[0]:
            raise ValueError(f"{path}: ends before byte {ends[-1]}: remove the spill and run again")
        spans = zip(places.tolist(), (starts - starts[0]).tolist(), (ends - starts[0]).tolist(), strict=True)
        for place, start, end in spans:
            pieces[place - first] = data[start:end]
    return b"".join(piece for piece in pieces if piece is not None)


def _docs_table(
    rows: _Rows, sources: Sequence[tuple[str, int]], starts: NDArray[np.int64], first: int, last: int
) -> Any:
    """Return the docs table of a block of rows, in one chunk: chunks would show in the bytes."""
    tables: list[Any] = []
    order = np.empty(last - first, np.int64)
    taken = 0
    for number, places in _segments(rows, first, last):
        batch = _batch(*sources[number]).slice(int(rows.row[places[0]]), len(places))
        tables.append(pa.Table.from_batches([batch.select(METADATA_SCHEMA.names)]))
        order[places - first] = np.arange(taken, taken + len(places))
        taken += len(places)
    table = pa.concat_tables(tables).combine_chunks().take(order)
    table = table.append_column("start", pa.array(starts[first:last], pa.uint64()))
    table = table.append_column("length", pa.array(rows.token_length[first:last], pa.uint32()))
    return table.cast(DOCS_SCHEMA).combine_chunks()


def _text_table(rows: _Rows, sources: Sequence[tuple[str, int]], first: int, last: int) -> Any:
    data = _payload(rows, sources, first, last, "text")
    offsets = np.concatenate([[0], np.cumsum(rows.text_length[first:last])]).astype("<i8")
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)]
    text = pa.Array.from_buffers(pa.large_string(), last - first, buffers)
    return pa.Table.from_arrays([pa.array(rows.doc_id[first:last]), text], schema=TEXT_SCHEMA)


def _shard_row(
    spec: ShardSpec, rows: _Rows, local: dict[str, str], hasher: BlockHasher, max_id: int
) -> ShardRow:
    xxh3, crc32 = hasher.blocks()
    digests = {kind: _sha256(local[kind]) for kind in ("ends", "docs", "text")}
    sha256 = hasher.sha256.hexdigest()
    return ShardRow(
        id=shard_id([sha256, digests["ends"], digests["docs"], digests["text"]]),
        domain=spec.domain,
        subset=spec.subset,
        index=spec.index,
        bytes=hasher.n_bytes,
        n_tokens=hasher.n_bytes // rows.dtype.itemsize,
        n_docs=len(rows.doc_id),
        max_len=int(rows.token_length.max()),
        max_id=max_id,
        sha256=sha256,
        xxh3=xxh3,
        crc32=crc32,
        docs_sha256=digests["docs"],
        text_sha256=digests["text"],
        ends_sha256=digests["ends"],
    )


def _sha256(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _batch(prefix: str, number: int) -> Any:
    """Return a record batch of a spill's rows: mapped locally, read from a bucket."""
    return _open_rows(prefix + SUFFIXES["docs"]).get_batch(number)


@lru_cache(maxsize=256)
def _open_rows(path: str) -> Any:
    source: Any = open_input(path) if is_remote(path) else pa.memory_map(path)
    return pa.ipc.open_file(source)
