"""Whether a shard holds documents that are asked for, or anything that none of its documents tells of.

A document that no docs table names is in no payload if every payload is tiled by its docs table: the bytes
are those of the index, each document begins where the one before ends, the last ends with the file, and
end-of-text stands at each document's end and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.absence.query import Found, Look, Query
from corpusforge.files import StorageMissing, join, open_input, read_bytes, size_bytes
from corpusforge.parquet import open_parquet
from corpusforge.shards.format import ENDS_DTYPE, KINDS, ShardRow, shard_path
from corpusforge.shards.inside import path_inside

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_CHUNK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What is to be looked at, and what the index says of it."""

    stem: str
    """Its files, relative to the corpus, but for how their names end."""
    eos_id: int | None
    row: ShardRow | None
    """None of a shard that no index names."""

    def path(self, kind: str) -> str:
        """Return one of its files, relative to the corpus."""
        return self.stem + KINDS[kind]


def shard_of(row: ShardRow, eos_id: int) -> Shard:
    """Return the shard of a row of an index."""
    path = shard_path(row.domain, row.subset, row.id, "tokens")
    return Shard(stem=path.removesuffix(KINDS["tokens"]), eos_id=eos_id, row=row)


PLACES = {"docs": "docs", "text": "text", "tokens": "payload"}
"""What is told of the files of a shard by kind."""
STRAY = "corpusforge gc removes what no snapshot needs"


def look_at_shard(query: Query, corpus: str, shard: Shard) -> Look:
    """Return what a shard holds of what is asked for, and what of it cannot be told."""
    look = Look()
    try:
        _look(query, corpus, shard, look)
    except StorageMissing as error:
        what = "missing" if shard.row is not None else f"missing beside files that no index names: {STRAY}"
        look.faults.append(f"{error.filename}: {what}")
    except (pa.ArrowException, KeyError, ValueError) as error:
        look.faults.append(f"{join(corpus, shard.path('docs'))}: not readable: {error}")
    return look


Asked = dict[int, tuple[str, str]]
"""(document's id, entry) by row of a shard."""


def _look(query: Query, corpus: str, shard: Shard, look: Look) -> None:
    paths = {kind: path_inside(corpus, shard.path(kind)) for kind in KINDS}
    starts, lengths, ids, asked = _docs(query, paths["docs"])
    _tell(look, shard, "docs", asked, len(starts))
    _text(query, paths["text"], shard, ids, asked, look)
    _tell(look, shard, "tokens", asked, len(starts))
    if query.is_ids_only:
        return
    look.faults += _file_faults(paths, shard.row)
    look.faults += _coverage_faults(paths, shard, starts, lengths)


def _tell(look: Look, shard: Shard, kind: str, asked: Asked, n_docs: int) -> None:
    """Note what one file of a shard holds."""
    place = PLACES[kind] if shard.row is not None else f"{PLACES[kind]} of no index"
    seen = look.place(place)
    seen.files += 1
    seen.documents += n_docs
    for row, (doc_id, entry) in sorted(asked.items()):
        look.tell(Found(place=place, file=shard.path(kind), row=row, doc_id=doc_id, entry=entry))


def _docs(query: Query, path: str) -> tuple[NDArray[np.int64], NDArray[np.int64], Any, Asked]:
    """Return (first token, tokens, id) of a shard's documents, and which are asked for."""
    starts, lengths, ids = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [pa.array([], pa.string())]
    asked: Asked = {}
    with open_input(path) as stream:
        file = open_parquet(stream)
        columns = sorted({*query.columns_of(file.schema_arrow.names), "start", "length"})
        first = 0
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=columns)
            asked |= {first + row: (doc_id, entry) for row, doc_id, entry in query.rows(table)}
            starts.append(table["start"].to_numpy().astype(np.int64))
            lengths.append(table["length"].to_numpy().astype(np.int64))
            ids += table["doc_id"].chunks
            first += table.num_rows
    return np.concatenate(starts), np.concatenate(lengths), pa.chunked_array(ids, pa.string()), asked


def _text(query: Query, path: str, shard: Shard, known: Any, asked: Asked, look: Look) -> None:
    """Look at a text table: the documents of the docs table, and those alone."""
    n_texts, here = 0, dict(asked)
    with open_input(path) as stream:
        file = open_parquet(stream)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["doc_id"])
            if not table["doc_id"].equals(known.slice(n_texts, table.num_rows)):
                here |= {n_texts + row: (doc_id, entry) for row, doc_id, entry in query.by_id.rows(table)}
                look.faults.append(
                    f"{path}: row group {group}: documents that the docs table does not tell of"
                )
            n_texts += table.num_rows
    if n_texts != len(known):
        look.faults.append(f"{path}: {n_texts:,} texts of {len(known):,} documents")
    _tell(look, shard, "text", here, n_texts)


def _file_faults(paths: Mapping[str, str], row: ShardRow | None) -> Iterator[str]:
    """Yield which files are not those that the index names."""
    if row is None:
        return
    expected = {"docs": row.docs_sha256, "text": row.text_sha256, "ends": row.ends_sha256}
    for kind, sha256 in expected.items():
        digest = hashlib.sha256()
        with open_input(paths[kind]) as stream:
            while data := stream.read(_CHUNK_BYTES):
                digest.update(data)
        if digest.hexdigest() != sha256:
            yield f"{paths[kind]}: sha256 {digest.hexdigest()}, the index says {sha256}"


def _coverage_faults(
    paths: Mapping[str, str], shard: Shard, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Iterator[str]:
    """Yield what of a payload belongs to no document that its docs table tells of."""
    path, ends = paths["tokens"], starts + lengths
    token_bytes = _token_bytes(path, shard, ends)
    gaps = np.flatnonzero(starts[1:] != ends[:-1])
    if len(starts) and starts[0]:
        yield f"{path}: tokens [0, {starts[0]}) belong to no document of the docs table"
    for row in gaps[:3].tolist():
        yield f"{path}: tokens [{ends[row]}, {starts[row + 1]}) belong to no document, or to two"
    told = int(ends[-1]) if len(ends) else 0
    if (n_bytes := size_bytes(path)) != told * token_bytes:
        yield f"{path}: {n_bytes:,} bytes, its documents have {told * token_bytes:,}"
        return
    if np.frombuffer(read_bytes(paths["ends"]), ENDS_DTYPE).tolist() != ends.tolist():
        yield f"{paths['ends']}: other ends than the docs table's"
    if len(gaps):
        return
    sha256, faults = _scan(path, ends, shard.eos_id, token_bytes)
    yield from faults
    if shard.row is not None and sha256 != shard.row.sha256:
        yield f"{path}: sha256 {sha256}, the index says {shard.row.sha256}"


def _token_bytes(path: str, shard: Shard, ends: NDArray[np.int64]) -> int:
    if shard.row is not None:
        return shard.row.token_bytes
    return 2 if len(ends) and size_bytes(path) == 2 * int(ends[-1]) else 4


def _scan(path: str, ends: NDArray[np.int64], eos_id: int | None, token_bytes: int) -> tuple[str, list[str]]:
    """Return the sha256 of a payload, and where end-of-text stands otherwise than at documents' ends."""
    digest, faults, first = hashlib.sha256(), list[str](), 0
    with open_input(path) as stream:
        while data := stream.read(_CHUNK_BYTES):
            digest.update(data)
            tokens = np.frombuffer(data, f"<u{token_bytes}")
            if eos_id is not None and not faults:
                closed = np.flatnonzero(tokens == eos_id) + first + 1
                low, high = np.searchsorted(ends, [first + 1, first + len(tokens) + 1])
                if not np.array_equal(closed, ends[low:high]):
                    odd = np.setxor1d(closed, ends[low:high])[0]
                    faults.append(
                        f"{path}: token {odd - 1}: end-of-text stands where no document ends, or is missing "
                        "where one does: it may hold a document that the docs table does not tell of"
                    )
            first += len(tokens)
    return digest.hexdigest(), faults
