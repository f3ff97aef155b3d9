"""What streams read from: one file or object, by place, pinned to what it was at its first touch."""

from __future__ import annotations

from typing import Protocol

from corpusforge.files.faults import StorageFault, changed, note
from corpusforge.files.meter import count_read
from corpusforge.files.store import Version, store_of


class Source(Protocol):
    """One file or object, pinned to what it was at its first touch."""

    path: str
    is_seekable: bool

    @property
    def size_bytes(self) -> int:
        """Return its size; may cost a request."""
        ...

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end of the file; raises `StorageFault`."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class ObjectSource:
    """An object of a store; the version that the first request met is the only one read."""

    is_seekable = True

    def __init__(self, path: str, size_bytes: int | None = None, version: Version | None = None) -> None:
        self.path = path
        self._store = store_of(path)
        self._size_bytes = size_bytes
        self._version = version

    @property
    def size_bytes(self) -> int:
        """Return the size: one request where neither the caller nor an earlier answer told it."""
        if self._size_bytes is None:
            found = self._store.state(self.path)
            if self._version not in (None, found.version):
                raise changed(self.path, f"version {self._version} is gone, {found.version} is there")
            self._size_bytes, self._version = found.size_bytes, found.version
        return self._size_bytes

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end of the object."""
        if self._size_bytes is not None:
            stop = min(stop, self._size_bytes)
        if start >= stop:
            return b""
        found = self._store.fetch(self.path, start, stop, self._version)
        data = found.data
        count_read(len(data))
        self._version = self._version or found.version
        if self._size_bytes is None:
            self._size_bytes = found.size_bytes
        if len(data) < stop - start:
            # Nothing tells a short answer from the object's end but its size.
            missing = min(stop, self.size_bytes) - start - len(data)
            if missing > 0:
                what = f"{len(data)} bytes came from byte {start}, {missing} fewer than the object has"
                raise note(StorageFault(self.path, "read", what))
        return data

    def close(self) -> None:
        """Let go of nothing: a request leaves nothing open."""


class Borrowed:
    """A source that stays open when its reader is closed: it is another reader's."""

    is_seekable = True

    def __init__(self, source: Source) -> None:
        self.path, self.read, self._source = source.path, source.read, source

    @property
    def size_bytes(self) -> int:
        """Return the size of the other's object."""
        return self._source.size_bytes

    def close(self) -> None:
        """Leave it open."""
