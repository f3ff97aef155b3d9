"""Which shards an exported payload is made of: by the checksums that the indexes of a corpus hold.

Megatron's `.bin`, OLMo-core's `.npy` and datatrove's `.ds` are links to payloads, copies of them, or several
of them end to end. Nothing in them names a document: what shard's bytes they are says which they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import xxhash

from corpusforge.files import open_input, size_bytes
from corpusforge.shards.format import BLOCK_BYTES, ShardRow

_CHUNK_BYTES = 4 << 20


class Payloads:
    """The shards that the indexes of a corpus know, by their first block."""

    def __init__(self, rows: Iterable[ShardRow]) -> None:
        """Take the rows of all indexes."""
        self._by_first: dict[tuple[int, str], ShardRow] = {}
        for row in rows:
            self._by_first.setdefault((min(row.bytes, BLOCK_BYTES), row.xxh3[0]), row)
        self._lengths = sorted({length for length, _ in self._by_first})

    def rows_of(self, path: str) -> tuple[list[ShardRow], int]:
        """Return (shards that lie end to end at the beginning of a file, bytes behind them of no shard)."""
        found: list[ShardRow] = []
        left = size_bytes(path)
        with open_input(path) as stream:
            while left:
                row = self._next(stream, left)
                if row is None:
                    return found, left
                found.append(row)
                left -= row.bytes
        return found, 0

    def _next(self, stream: IO[bytes], left: int) -> ShardRow | None:
        """Return the shard whose bytes come next, all of them read; None where no shard's do."""
        begin = stream.tell()
        digest, n_read, row = xxhash.xxh3_64(), 0, None
        candidates: list[ShardRow] = []
        for length in self._lengths:
            if length > left:
                break
            while n_read < length:
                data = stream.read(min(_CHUNK_BYTES, length - n_read))
                digest.update(data)
                n_read += len(data)
            row = self._by_first.get((length, digest.copy().hexdigest()))
            if row is not None and row.bytes <= left:
                candidates.append(row)
        # Of shards that begin alike the longest that fits: its other blocks decide.
        for row in reversed(candidates):
            stream.seek(begin)
            if _is_whole(stream, row):
                return row
        return None


def _is_whole(stream: IO[bytes], row: ShardRow) -> bool:
    """Return whether a stream goes on with all bytes of a shard; it stands behind them then."""
    left = row.bytes
    for expected in row.xxh3:
        block = xxhash.xxh3_64()
        of_block = min(left, BLOCK_BYTES)
        left -= of_block
        while of_block and (data := stream.read(min(_CHUNK_BYTES, of_block))):
            block.update(data)
            of_block -= len(data)
        if block.hexdigest() != expected:
            return False
    return True
