"""Everything a snapshot says of itself, checked against the bytes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.files import exists, join, open_input, read_bytes, size_bytes
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import (
    BLOCK_BYTES,
    CURRENT,
    ENDS_DTYPE,
    KINDS,
    ShardRow,
    index_path,
    manifest_path,
    row_to_json,
    shard_path,
    tokenizer_path,
)
from corpusforge.shards.indexfile import ends_fault
from corpusforge.shards.inside import path_inside
from corpusforge.shards.manifest import PARQUET
from corpusforge.shards.snapshot import Index, read_current, read_index

_CHUNK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, what, and the two figures that should agree."""

    path: str
    """Relative to the corpus."""
    what: str
    expected: str = ""
    found: str = ""
    block: int | None = None
    """Number of the damaged 64 MiB block of a payload."""

    def __str__(self) -> str:
        place = "" if self.block is None else f" block {self.block} (byte {self.block * BLOCK_BYTES} on)"
        figures = f": expected {self.expected}, found {self.found}" if self.expected or self.found else ""
        return f"{self.path}:{place} {self.what}{figures}"


def verify_snapshot(
    corpus: str, sample: int | None = None, snapshot: str | None = None, known: frozenset[str] = frozenset()
) -> list[Problem]:
    """Return what is wrong with a snapshot, the current one unless told; empty when it is sound.

    With `sample`, only so many shards, spread evenly, are read; `known` are the ids of those that were
    read before. Damage is returned, not raised.
    """
    try:
        index = read_index(corpus, snapshot)
    except ValueError as error:
        return [Problem(path=_index_of(corpus, snapshot), what=f"no readable index: {error}")]
    problems = list(_check_index(corpus, index))
    rows = index.rows
    if sample is not None and sample < len(rows):
        rows = [rows[place * len(rows) // sample] for place in range(sample)]
    for row in (row for row in rows if row.id not in known):
        problems.extend(_check_shard(corpus, row, index.header))
    return problems


def _index_of(corpus: str, snapshot: str | None) -> str:
    """Return which file is at fault where an index cannot be read: the index, or what should lead to it."""
    try:
        path = index_path(snapshot or read_current(corpus))
    except ValueError:
        return CURRENT
    return path if snapshot is not None or exists(join(corpus, path)) else CURRENT


def _check_index(corpus: str, index: Index) -> Iterator[Problem]:
    """Yield where a file that the index names, shards apart, is not the one it names."""
    path = manifest_path(index.snapshot, PARQUET)
    if expected := index.header.get("manifest", {}).get(PARQUET):
        found = list(_check_file(corpus, path, expected))
        yield from found or _check_parquet(corpus, path, index)
    if tokenizer := index.header["tokenizer"].get("file_sha256"):
        yield from _check_file(corpus, tokenizer_path(tokenizer), tokenizer)


def _check_parquet(corpus: str, path: str, index: Index) -> Iterator[Problem]:
    """Yield where the rows for everybody else are not those that this project's reader takes."""
    try:
        with open_input(join(corpus, path)) as stream:
            rows = open_parquet(stream).read().to_pylist()
    except (pa.ArrowException, OSError) as error:
        yield Problem(path=path, what=f"not readable: {error}")
        return
    if rows != [row_to_json(row) for row in index.rows]:
        yield Problem(path=path, what="its rows are not those of manifest.npy")


def _check_file(corpus: str, path: str, sha256: str) -> Iterator[Problem]:
    if fault := _place_fault(corpus, path):
        yield Problem(path=path, what=fault)
    elif (found := _sha256(join(corpus, path))) != sha256:
        yield Problem(path=path, what="sha256", expected=sha256, found=found)


def _check_shard(corpus: str, row: ShardRow, header: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with one shard: hashes first, then counts of files that are sound."""
    paths = {kind: shard_path(row.domain, row.subset, row.id, kind) for kind in KINDS}
    faults = {path: fault for path in paths.values() if (fault := _place_fault(corpus, path))}
    if faults:
        yield from (Problem(path=path, what=fault) for path, fault in faults.items())
        return
    found = list(_check_payload(corpus, paths["tokens"], row))
    expected = {"ends": row.ends_sha256, "docs": row.docs_sha256, "text": row.text_sha256}
    for kind, digest in expected.items():
        found.extend(_check_file(corpus, paths[kind], digest))
    yield from found or _check_counts(corpus, paths, row, header)


def _place_fault(corpus: str, path: str) -> str | None:
    """Return why a file of a corpus is not to be opened: it is missing, or leads out of the corpus."""
    try:
        whole = path_inside(corpus, path)
    except ValueError as error:
        return str(error)
    return None if exists(whole) else "file is missing"


def _check_payload(corpus: str, path: str, row: ShardRow) -> Iterator[Problem]:
    size = size_bytes(join(corpus, path))
    if size != row.bytes:
        yield Problem(path=path, what="bytes", expected=str(row.bytes), found=str(size))
    whole = hashlib.sha256()
    with open_input(join(corpus, path)) as stream:
        for number, expected in enumerate(row.xxh3):
            block, crc32, left = xxhash.xxh3_64(), 0, BLOCK_BYTES
            while left and (data := stream.read(min(_CHUNK_BYTES, left))):
                left -= len(data)
                block.update(data)
                crc32 = zlib.crc32(data, crc32)
                whole.update(data)
            if block.hexdigest() != expected:
                yield Problem(
                    path=path, what="xxh3", expected=expected, found=block.hexdigest(), block=number
                )
            if (found := f"{crc32:08x}") != row.crc32[number]:
                yield Problem(path=path, what="crc32", expected=row.crc32[number], found=found, block=number)
        while data := stream.read(_CHUNK_BYTES):
            whole.update(data)
    if whole.hexdigest() != row.sha256:
        yield Problem(path=path, what="sha256", expected=row.sha256, found=whole.hexdigest())


def _check_counts(
    corpus: str, paths: dict[str, str], row: ShardRow, header: Mapping[str, Any]
) -> Iterator[Problem]:
    data = read_bytes(join(corpus, paths["ends"]))
    if len(data) != row.n_docs * np.dtype(ENDS_DTYPE).itemsize:
        what = f"{len(data)} bytes, expected 8 for each of {row.n_docs} documents"
        yield Problem(path=paths["ends"], what=what)
        return
    unsigned = np.frombuffer(data, ENDS_DTYPE)
    if fault := ends_fault(unsigned, row):
        yield Problem(path=paths["ends"], what=fault)
        return
    ends = unsigned.astype(np.int64)
    lengths = np.diff(ends, prepend=0)
    try:
        starts, docs_lengths, n_texts = _read_tables(corpus, paths)
    except (pa.ArrowException, OSError) as error:
        yield Problem(path=paths["docs"], what=f"not readable: {error}")
        return
    checks = [
        ("docs", "rows", row.n_docs, len(starts)),
        ("docs", "starts agree with the ends", True, np.array_equal(starts, ends - lengths)),
        ("docs", "lengths agree with the ends", True, np.array_equal(docs_lengths, lengths)),
        ("text", "rows", row.n_docs, n_texts),
    ]
    eos_id, dtype = int(header["tokenizer"]["eos_id"]), np.dtype(header["dtype"])
    max_id, n_closed = _scan_tokens(join(corpus, paths["tokens"]), ends, eos_id, dtype)
    checks += [
        ("tokens", "largest id", row.max_id, max_id),
        ("tokens", "documents closed by EOS", row.n_docs, n_closed),
    ]
    for kind, what, expected, found in checks:
        if expected != found:
            yield Problem(path=paths[kind], what=what, expected=str(expected), found=str(found))


def _read_tables(corpus: str, paths: dict[str, str]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    with open_input(join(corpus, paths["docs"])) as stream:
        docs = open_parquet(stream).read(["start", "length"])
    with open_input(join(corpus, paths["text"])) as stream:
        n_texts = open_parquet(stream).metadata.num_rows
    start, length = (docs[name].to_numpy().astype(np.int64) for name in ("start", "length"))
    return start, length, n_texts


def _scan_tokens(path: str, ends: NDArray[np.int64], eos_id: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return (largest id, documents whose last token is EOS), in bounded memory."""
    max_id = n_closed = first = 0
    with open_input(path) as stream:
        while data := stream.read(_CHUNK_BYTES):
            tokens = np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)
            low, high = np.searchsorted(ends, [first + 1, first + len(tokens) + 1])
            n_closed += int((tokens[ends[low:high] - 1 - first] == eos_id).sum())
            max_id = max(max_id, int(tokens.max(initial=0)))
            first += len(tokens)
    return max_id, n_closed


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open_input(path) as stream:
        while data := stream.read(_CHUNK_BYTES):
            digest.update(data)
    return digest.hexdigest()
