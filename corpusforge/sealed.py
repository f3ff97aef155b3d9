"""Files of a corpus that carry a checksum of themselves: written sealed, checked as they are read.

JSON holds `seal`, the sha256 of all the rest; it is written in one form, so that every byte counts.
A file of fixed-width rows, or of any bytes, is

    payload | xxh3-64 of each block of 1 MiB (u64) | payload and block bytes (u64), xxh3-64 of these
    and of the checksums (u64), `CFSEALED`

Parquet has its own (`parquet.py`), files of blocks theirs (`shards/blocks.py`). What does not hold is
`Damaged`: one line with the file, and what to remove to have it made again.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.files import (
    is_remote,
    open_input,
    publishing,
    read_bytes,
    read_range,
    size_bytes,
    write_bytes,
)
from corpusforge.files.faults import StorageFault
from corpusforge.frozen import canonical_sha256

BLOCK_BYTES = 1 << 20
"""Bytes of payload under one checksum."""
_SEAL = "seal"
_SEAL_DIGITS = 32
_PAGE_MARK = b"<!-- xxh3-128 of all before: "
_MAGIC = b"CFSEALED"
_TRAILER = struct.Struct("<QQQ8s")
"""Payload bytes, block bytes, xxh3-64 of the checksums and these two, magic."""
_TAIL_BYTES = 64 << 10

# (what the path of a file holds, what is removed to have it made again)
_MADE_BY = (
    (
        re.compile(r"^(.*/)?(?:parts|rejects|quarantine)/([0-9a-f]{24})\.[^/]*$"),
        r"\1parts/\2.documents.parquet",
    ),
    (re.compile(r"^((?:.*/)?(?:clusters|repeats|plan|spills|surveys|lookups)/[0-9a-f]{24})/.*$"), r"\1"),
)


class Damaged(StorageFault):
    """A file of the corpus whose bytes are not those that were written; the message says what to remove."""


def damaged(path: str, what: str = "") -> Damaged:
    """Return the fault of a file that is not what was written; `what` was found wrong."""
    found = f" ({what})" if what else ""
    return Damaged(path, "read", f"not the bytes that were written{found}; {way_out(path)}")


def way_out(path: str) -> str:
    """Return what to do about a damaged file."""
    return f"remove {to_remove(path)} and run the build again"


def to_remove(path: str) -> str:
    """Return the file or folder without which a build makes a file again: its commit, or what it lies in."""
    for pattern, removed in _MADE_BY:
        if pattern.match(path):
            return pattern.sub(removed, path)
    return path


def sealed_json(value: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, keys sorted, ASCII, one line feed, with its seal."""
    whole = {**value, _SEAL: canonical_sha256(value)[:_SEAL_DIGITS]}
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def unsealed_json(data: bytes, path: str) -> dict[str, Any]:
    """Return the object of `sealed_json`, without its seal. Raises `Damaged`, naming `path`."""
    try:
        value: object = json.loads(data)
    except ValueError:  # UnicodeDecodeError among it
        raise damaged(path, "no JSON") from None
    if not isinstance(value, dict):
        raise damaged(path, "no JSON object")
    rest = {key: entry for key, entry in cast("dict[str, Any]", value).items() if key != _SEAL}
    if sealed_json(rest) != data:
        raise damaged(path, "its seal does not hold")
    return rest


def write_json(path: str, value: Mapping[str, Any]) -> None:
    """Publish an object as sealed JSON."""
    write_bytes(path, sealed_json(value))


def read_json(path: str) -> dict[str, Any]:
    """Return the object of a sealed JSON file."""
    return unsealed_json(read_bytes(path), path)


def sealed_page(text: str) -> bytes:
    """Return a page in HTML or Markdown with its seal behind it, in a comment."""
    return text.encode() + _page_seal(text.encode())


def check_page(path: str) -> None:
    """Raise `Damaged` unless a page is what `sealed_page` returned."""
    data = read_bytes(path)
    text, mark, rest = data.rpartition(_PAGE_MARK)
    if _page_seal(text) != mark + rest:
        raise damaged(path, "its seal does not hold")


def _page_seal(text: bytes) -> bytes:
    return _PAGE_MARK + xxhash.xxh3_128_hexdigest(text).encode() + b" -->\n"


class SealedWriter:
    """Writes the payload of a sealed file, piece by piece; `finish` writes the rest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sums: list[int] = []
        self._block = xxhash.xxh3_64()
        self._held = self._n_bytes = 0

    def write(self, data: bytes | memoryview) -> None:
        """Write the next bytes."""
        view = memoryview(data).cast("B")
        self._stream.write(view)
        self._n_bytes += len(view)
        while len(view):
            room = BLOCK_BYTES - self._held
            self._block.update(view[:room])
            self._held += min(room, len(view))
            view = view[room:]
            if self._held == BLOCK_BYTES:
                self._close_block()

    def finish(self) -> None:
        """Write the checksums; to be called once, at the end."""
        if self._held:
            self._close_block()
        sums = np.array(self._sums, "<u8").tobytes()
        self._stream.write(sums)
        self._stream.write(_trailer(sums, self._n_bytes))

    def _close_block(self) -> None:
        self._sums.append(self._block.intdigest())
        self._block, self._held = xxhash.xxh3_64(), 0


def write_sealed(path: str, payload: bytes | memoryview | NDArray[Any]) -> None:
    """Publish bytes, or the rows of an array, as a sealed file."""
    data = payload.tobytes() if isinstance(payload, np.ndarray) else payload
    whole = io.BytesIO()
    writer = SealedWriter(whole)
    writer.write(data)
    writer.finish()
    if is_remote(path):
        write_bytes(path, whole.getvalue())
        return
    with publishing(path) as temporary, open(temporary, "wb") as stream:
        stream.write(whole.getbuffer())


def read_sealed(path: str) -> memoryview:
    """Return the payload of a sealed file; memory-mapped on local disk."""
    if is_remote(path):
        return _payload(memoryview(read_bytes(path)), path)
    if not os.path.isfile(path) or not os.path.getsize(path):
        return _payload(memoryview(read_bytes(path)), path)  # raises what there is to raise
    mapped: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    return _payload(memoryview(cast(Any, mapped)), path)


class SealedBlocks:
    """The payload of a sealed file to look into here and there: checked where it is asked for.

    Memory-mapped on local disk; from a bucket the file is read whole.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._sums, n_bytes = _read_trailer(path)
        data: Any = (
            np.frombuffer(read_bytes(path), np.uint8) if is_remote(path) else np.memmap(path, mode="r")
        )
        self.payload: NDArray[np.uint8] = data[:n_bytes]
        """Not checked."""
        self._checked: set[int] = set()

    def check(self, start: int, stop: int) -> None:
        """Raise `Damaged` unless the blocks that hold bytes [start, stop) of the payload are whole."""
        for number in range(start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)):
            if number in self._checked:
                continue
            first = number * BLOCK_BYTES
            block = self.payload[first : first + BLOCK_BYTES]
            if xxhash.xxh3_64_intdigest(block.tobytes()) != self._sums[number]:
                raise damaged(self._path, f"from byte {first} on")
            self._checked.add(number)


class SealedReader(io.RawIOBase):
    """The payload of a sealed file in order, each block checked before a byte of it is returned."""

    def __init__(self, path: str, stream: IO[bytes], sums: Sequence[int], n_bytes: int) -> None:
        super().__init__()
        self._path, self._stream, self._sums, self._left = path, stream, sums, n_bytes
        self._block, self._number = memoryview(b""), 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer and return how many bytes it took."""
        if not len(self._block) and self._left:
            data = self._stream.read(min(BLOCK_BYTES, self._left))
            if xxhash.xxh3_64_intdigest(data) != self._sums[self._number]:
                raise damaged(self._path, f"from byte {self._number * BLOCK_BYTES} on")
            self._left -= len(data)
            self._number += 1
            self._block = memoryview(data)
        n_bytes = min(len(buffer), len(self._block))
        buffer[:n_bytes] = self._block[:n_bytes]
        self._block = self._block[n_bytes:]
        return n_bytes

    def close(self) -> None:
        """Close the stream below."""
        if not self.closed:
            super().close()
            self._stream.close()


def open_sealed(path: str) -> IO[bytes]:
    """Return a stream over the payload of a sealed file, checked block by block as it is read."""
    sums, n_bytes = _read_trailer(path)
    reader = SealedReader(path, open_input(path), sums, n_bytes)
    return cast("IO[bytes]", io.BufferedReader(reader, BLOCK_BYTES))


def check_sealed(path: str) -> None:
    """Raise `Damaged` unless a sealed file is what was written; memory: a block."""
    with open_sealed(path) as stream:
        while stream.read(BLOCK_BYTES):
            pass


def _payload(data: memoryview, path: str) -> memoryview:
    """Return the payload of a whole sealed file, every block of it checked."""
    n_bytes, sums = _parsed(data[-_TRAILER.size :], len(data), path)
    table = data[n_bytes : len(data) - _TRAILER.size]
    _check_sums(table, data[-_TRAILER.size :], path)
    for number, expected in enumerate(np.frombuffer(table, "<u8", sums).tolist()):
        start = number * BLOCK_BYTES
        if xxhash.xxh3_64_intdigest(data[start : min(start + BLOCK_BYTES, n_bytes)]) != expected:
            raise damaged(path, f"from byte {start} on")
    return data[:n_bytes]


def _read_trailer(path: str) -> tuple[list[int], int]:
    """Return (checksums of the blocks, bytes of the payload): one or two reads."""
    size = size_bytes(path)
    tail = read_range(path, max(0, size - _TAIL_BYTES), size, size_bytes=size)
    n_bytes, _ = _parsed(memoryview(tail)[-_TRAILER.size :], size, path)
    if size - n_bytes > len(tail):
        tail = read_range(path, n_bytes, size, size_bytes=size)
    footer = memoryview(tail)[len(tail) - (size - n_bytes) :]
    _check_sums(footer[: -_TRAILER.size], footer[-_TRAILER.size :], path)
    return np.frombuffer(footer[: -_TRAILER.size], "<u8").tolist(), n_bytes


def _parsed(trailer: memoryview, size: int, path: str) -> tuple[int, int]:
    """Return (bytes of the payload, number of its blocks) as a trailer tells them; they fit the file."""
    if len(trailer) == _TRAILER.size:
        n_bytes, block_bytes, _, magic = _TRAILER.unpack(trailer)
        n_blocks = -(-n_bytes // BLOCK_BYTES)
        if magic == _MAGIC and block_bytes == BLOCK_BYTES and size == n_bytes + 8 * n_blocks + _TRAILER.size:
            return n_bytes, n_blocks
    raise damaged(path, "its end is not that of a sealed file")


def _check_sums(sums: memoryview, trailer: memoryview, path: str) -> None:
    n_bytes = _TRAILER.unpack(trailer)[0]
    if _trailer(bytes(sums), n_bytes) != bytes(trailer):
        raise damaged(path, "its checksums")


def _trailer(sums: bytes, n_bytes: int) -> bytes:
    digest = xxhash.xxh3_64_intdigest(sums + struct.pack("<QQ", n_bytes, BLOCK_BYTES))
    return _TRAILER.pack(n_bytes, BLOCK_BYTES, digest, _MAGIC)
