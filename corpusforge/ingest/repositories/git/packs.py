"""Objects of a packfile by their place: its index, entries, and deltas upon others of the same pack.

Formats: git's gitformat-pack(5), index versions 1 and 2, ids of 20 (SHA-1) or 32 bytes (SHA-256).
What a pack says of itself is checked before memory is given to it.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import OrderedDict
from typing import Any

import numpy as np

from corpusforge.files import read_bytes
from corpusforge.files.local import LocalSource
from corpusforge.ingest.repositories.git.errors import GitError

MAX_BASE_BYTES = 256 << 20
"""The most that an object may have upon which another is a delta."""
MAX_CHAIN_BYTES = 2 << 30
"""The most that all objects of one chain of deltas may have; a chain is as long as 4,095 (pack.depth)."""
MAX_WORK_BYTES = 256 << 30
"""The most that all deltas of one repository may make: minutes of one core. A file of the largest
public ones rests on a few versions of itself."""
MAX_INDEX_BYTES = 2 << 30
"""The most that an index may have: 60 million objects, several times those of the largest public ones."""
_MAX_CHAIN = 4095
_CACHE_BYTES = 32 << 20
_MAX_OPEN_FILES = 64
_KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_OFFSET_DELTA, _ID_DELTA = 6, 7
_HEAD_BYTES = 64
"""Type and size take 10 bytes at the most, the base of a delta 32."""
_INDEX_MAGIC = b"\xfftOc\0\0\0\2"
_FANOUT = struct.Struct(">256I")

Object = tuple[bytes, int, bytes | None]
"""(kind, size, content); no content where the size is over the limit."""
_Entry = tuple[int, int, int, int]
"""(type, stated size, place of the compressed bytes, place of the base or 0)."""


class Held:
    """What the packs of one repository hold in common: open files, and objects upon which others rest."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, LocalSource] = OrderedDict()
        self._bases: OrderedDict[tuple[str, int], tuple[bytes, bytes]] = OrderedDict()
        self._n_bytes = 0
        self._work_bytes = 0

    def spend(self, n_bytes: int) -> None:
        """Count what deltas make; raises `GitError` where all of them made too much."""
        self._work_bytes += n_bytes
        if self._work_bytes > MAX_WORK_BYTES:
            raise GitError(f"the deltas of the repository make over {MAX_WORK_BYTES} bytes")

    def file(self, path: str) -> LocalSource:
        """Return a file, opened if it is not; the one unused for longest is closed."""
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = LocalSource(path)
            if len(self._files) > _MAX_OPEN_FILES:
                self._files.popitem(last=False)[1].close()
        self._files.move_to_end(path)
        return found

    def base(self, path: str, offset: int) -> tuple[bytes, bytes] | None:
        """Return (kind, content) of the object at a place of a pack, None where it is not held."""
        found = self._bases.get((path, offset))
        if found is not None:
            self._bases.move_to_end((path, offset))
        return found

    def keep(self, path: str, offset: int, kind: bytes, data: bytes) -> None:
        """Hold an object, those unused for longest given up for it."""
        if (path, offset) in self._bases or len(data) > _CACHE_BYTES:
            return
        self._bases[path, offset] = kind, data
        self._n_bytes += len(data)
        while self._n_bytes > _CACHE_BYTES:
            self._n_bytes -= len(self._bases.popitem(last=False)[1][1])

    def close(self) -> None:
        """Close the files."""
        for source in self._files.values():
            source.close()


class Pack:
    """One packfile; holds about 40 bytes for each of its objects."""

    def __init__(self, path: str, id_bytes: int, held: Held) -> None:
        """Read the index. `path` is without its ending. Raises `GitError` where it is damaged."""
        self.name = os.path.basename(path)
        self._path = path + ".pack"
        self._held = held
        self._id_bytes = id_bytes
        if os.path.getsize(path + ".idx") > MAX_INDEX_BYTES:
            raise self._damaged(f"it has over {MAX_INDEX_BYTES} bytes")
        self._read_index(read_bytes(path + ".idx"))
        self._ends = np.sort(self._offsets)
        if held.file(self._path).read(0, 7) != b"PACK\0\0\0":
            raise GitError(f"{self.name}.pack is damaged: it does not begin as one")

    def _read_index(self, data: bytes) -> None:
        is_second = data.startswith(_INDEX_MAGIC)
        start = len(_INDEX_MAGIC) if is_second else 0
        tail = 2 * self._id_bytes
        if len(data) < start + _FANOUT.size + tail:
            raise self._damaged("it is too short")
        self._fanout = (0, *_FANOUT.unpack_from(data, start))
        count = self._fanout[-1]
        start += _FANOUT.size
        size = len(data) - start - tail
        if any(a > b for a, b in zip(self._fanout, self._fanout[1:], strict=False)):
            raise self._damaged("its counts fall")
        if not is_second:
            if size != count * (4 + self._id_bytes):
                raise self._damaged("its size is not that of its entries")
            rows = np.frombuffer(data, np.uint8, size, start).reshape(count, -1)
            self._offsets = np.ascontiguousarray(rows[:, :4]).view(">u4").ravel().astype(np.int64)
            self._ids = rows[:, 4:].tobytes()
            return
        wide = size - count * (self._id_bytes + 8)
        if wide < 0 or wide % 8:
            raise self._damaged("its size is not that of its entries")
        self._ids = data[start : start + count * self._id_bytes]
        start += count * (self._id_bytes + 4)
        offsets = np.frombuffer(data, ">u4", count, start).astype(np.int64)
        is_wide = offsets >= 1 << 31
        places = offsets[is_wide] - (1 << 31)
        if len(places) and int(places.max()) >= wide // 8:
            raise self._damaged("a place lies behind its end")
        offsets[is_wide] = np.frombuffer(data, ">u8", wide // 8, start + 4 * count).astype(np.int64)[places]
        self._offsets = offsets

    def _damaged(self, why: str) -> GitError:
        return GitError(f"{self.name}.idx is damaged: {why}")

    def find(self, object_id: bytes) -> int | None:
        """Return the place of an object, None where the pack has none of that id."""
        low, high = self._fanout[object_id[0]], self._fanout[object_id[0] + 1]
        ids, width = self._ids, self._id_bytes
        while low < high:
            middle = (low + high) // 2
            found = ids[middle * width : middle * width + width]
            if found == object_id:
                return int(self._offsets[middle])
            if found < object_id:
                low = middle + 1
            else:
                high = middle
        return None

    def read(self, offset: int, limit_bytes: int) -> Object:
        """Return the object at a place; raises `GitError` where it is damaged."""
        chain: list[tuple[int, bytes]] = []
        at, total = offset, 0
        while (base := self._held.base(self._path, at)) is None:
            kind, size, start, below = self._entry(at)
            if size > (MAX_BASE_BYTES if chain else limit_bytes):
                if kind in _KINDS and not chain:
                    return _KINDS[kind], size, None
                raise GitError(f"it rests on {size} bytes, the limit is {MAX_BASE_BYTES}")
            data = self._inflated(at, start, size)
            if kind in _KINDS:
                base = _KINDS[kind], data
                break
            sizes = _delta_sizes(data)
            if not chain and sizes[1] > limit_bytes:
                return self._kind_below(below), sizes[1], None
            total += len(data) + sizes[1]
            if sizes[1] > MAX_BASE_BYTES or total > MAX_CHAIN_BYTES or len(chain) == _MAX_CHAIN:
                raise GitError(f"it rests on over {len(chain)} deltas of {total} bytes in all")
            self._held.spend(sizes[1])
            chain.append((at, data))
            at = below
        kind_name, data = base
        while chain:
            self._held.keep(self._path, at, kind_name, data)
            at, delta = chain.pop()
            data = apply_delta(data, delta)
        return kind_name, len(data), data

    def _kind_below(self, at: int) -> bytes:
        """Return the kind of an object's last base."""
        for _ in range(_MAX_CHAIN):
            kind, _, _, at = self._entry(at)
            if kind in _KINDS:
                return _KINDS[kind]
        raise GitError(f"it rests on more than {_MAX_CHAIN} deltas")

    def _entry(self, offset: int) -> _Entry:
        """Return what an entry says of itself."""
        if offset < 0:
            raise GitError(f"{self.name}.pack is damaged: a place before its start")
        head = self._held.file(self._path).read(offset, offset + _HEAD_BYTES)
        try:
            byte = head[0]
            kind, size, shift, at = byte >> 4 & 7, byte & 15, 4, 1
            while byte & 128:
                byte = head[at]
                size |= (byte & 127) << shift
                shift, at = shift + 7, at + 1
            if kind in _KINDS:
                return kind, size, offset + at, 0
            if kind == _OFFSET_DELTA:
                byte = head[at]
                at += 1
                back = byte & 127
                while byte & 128:
                    byte = head[at]
                    at += 1
                    back = (back + 1 << 7) | byte & 127
                if 0 < back < offset:
                    return kind, size, offset + at, offset - back
        except IndexError:
            raise GitError(f"{self.name}.pack ends at byte {offset + len(head)}, inside of it") from None
        if kind == _ID_DELTA:
            base = self.find(head[at : at + self._id_bytes])
            if base is not None:
                return kind, size, offset + at + self._id_bytes, base
        raise GitError(f"{self.name}.pack is damaged at byte {offset}: no such object or base")

    def _inflated(self, offset: int, start: int, size: int) -> bytes:
        """Return the inflated bytes of an entry, which must be as many as it states."""
        next_one = int(np.searchsorted(self._ends, offset, "right"))
        end = (
            int(self._ends[next_one])
            if next_one < len(self._ends)
            else self._held.file(self._path).size_bytes
        )
        # No stream of so many bytes is longer: what an index says of the next entry is not trusted.
        packed = self._held.file(self._path).read(start, min(end, start + size + size // 8 + 1024))
        return inflate(packed, size)


def inflate(packed: bytes, size: int) -> bytes:
    """Return the content of a zlib stream; raises `GitError` unless it has exactly `size` bytes."""
    stream: Any = zlib.decompressobj()
    try:
        data: bytes = stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise GitError(f"it does not inflate: {error}") from None
    if len(data) != size or not stream.eof:
        raise GitError(f"it does not inflate to the {size} bytes that it states")
    return data


def _delta_sizes(delta: bytes) -> tuple[int, int, int]:
    """Return (bytes of the base, bytes of the result, where the instructions begin)."""
    sizes: list[int] = []
    at = 0
    try:
        for _ in range(2):
            size = shift = 0
            while True:
                byte = delta[at]
                at += 1
                size |= (byte & 127) << shift
                shift += 7
                if not byte & 128:
                    break
            sizes.append(size)
    except IndexError:
        raise GitError("a delta ends in its first bytes") from None
    return sizes[0], sizes[1], at


def apply_delta(base: bytes, delta: bytes) -> bytes:
    """Return what a delta makes of its base; raises `GitError` where it does not fit."""
    base_size, size, at = _delta_sizes(delta)
    if base_size != len(base):
        raise GitError(f"a delta upon {base_size} bytes has a base of {len(base)}")
    pieces: list[bytes] = []
    end, filled = len(delta), 0
    try:
        while at < end and filled <= size:
            code = delta[at]
            at += 1
            if code & 128:
                start = length = 0
                for bit in range(4):
                    if code & 1 << bit:
                        start |= delta[at] << 8 * bit
                        at += 1
                for bit in range(3):
                    if code & 16 << bit:
                        length |= delta[at] << 8 * bit
                        at += 1
                length = length or 0x10000
                pieces.append(base[start : start + length])
                is_whole = start + length <= base_size
            else:
                pieces.append(delta[at : at + code])
                at += code
                length, is_whole = code, code != 0 and at <= end
            if not is_whole:
                raise GitError("a delta reaches beyond its base or its end")
            filled += length
    except IndexError:
        raise GitError("a delta ends inside of an instruction") from None
    if filled != size:
        raise GitError(f"a delta does not make the {size} bytes that it states")
    return b"".join(pieces)
