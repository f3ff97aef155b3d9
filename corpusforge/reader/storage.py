"""Files of a corpus for the reader: mapped from local disk, or from a bucket through a disk cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import StorageMissing, is_remote, read_bytes, store_of
from corpusforge.reader.errors import ReaderError, ShardMissing
from corpusforge.shards.inside import path_inside

DEFAULT_CACHE_BYTES = 32 << 30
"""Disk that blocks of a bucket may take: some 500 blocks of 64 MiB."""
_MAPPED_BLOCKS = 128
"""Blocks of a bucket that are mapped at once; others are mapped again from the cache."""

Range = tuple[str, int, int]
"""(path relative to the corpus, first byte, bytes)."""


class Storage(Protocol):
    """What the reader asks of a place that holds a corpus; paths are relative to it."""

    def describe(self, path: str) -> str:
        """Return the path for a person."""
        ...

    def read(self, path: str) -> bytes:
        """Return a whole small file; FileNotFoundError where there is none."""
        ...

    def span(self, path: str, first: int, n_bytes: int, size_bytes: int) -> NDArray[np.uint8]:
        """Return bytes of a file that has `size_bytes`; `ShardMissing` where it has not."""
        ...

    def expect(self, ranges: Iterable[Range]) -> None:
        """Be told what will be asked for soon."""
        ...

    def forget(self, path: str, first: int, n_bytes: int) -> None:
        """Be told that bytes are not what they should be, so that they are not kept."""
        ...


def open_storage(corpus: str, cache_dir: str | None, cache_bytes: int) -> Storage:
    """Return the storage of a corpus: a folder, or a prefix of a store behind a cache on disk."""
    if not is_remote(corpus):
        return LocalStorage(corpus)
    folder = cache_dir or os.path.join(tempfile.gettempdir(), f"corpusforge-blocks-{os.getuid()}")
    return BucketStorage(corpus, folder, cache_bytes)


class LocalStorage:
    """A folder: every file is mapped whole at its first touch."""

    def __init__(self, corpus: str) -> None:
        self._corpus = corpus
        self._mapped: dict[str, NDArray[np.uint8]] = {}

    def describe(self, path: str) -> str:
        """Return the path for a person."""
        return os.path.join(self._corpus, path)

    def read(self, path: str) -> bytes:
        """Return a whole small file; FileNotFoundError where there is none."""
        with open(self._inside(path), "rb") as stream:
            return stream.read()

    def span(self, path: str, first: int, n_bytes: int, size_bytes: int) -> NDArray[np.uint8]:
        """Return bytes of a file; `ShardMissing` where it has not the size it should have."""
        data = self._mapped.get(path)
        if data is None:
            data = self._mapped[path] = _map(self._inside(path), size_bytes)
        return data[first : first + n_bytes]

    def _inside(self, path: str) -> str:
        """Return the whole path; `ReaderError` where it leads out of the corpus or is no plain file."""
        try:
            return path_inside(self._corpus, path)
        except ValueError as error:
            raise ReaderError(str(error)) from None

    def expect(self, ranges: Iterable[Range]) -> None:
        """Nothing: the operating system reads ahead."""

    def forget(self, path: str, first: int, n_bytes: int) -> None:
        """Nothing: the file itself is what is wrong."""


def _map(path: str, size_bytes: int) -> NDArray[np.uint8]:
    try:
        found = os.path.getsize(path)
    except FileNotFoundError:
        raise ShardMissing(f"{path}: missing") from None
    if found != size_bytes:
        raise ShardMissing(f"{path}: {found} bytes, the index says {size_bytes}")
    # A plain array over the map: slicing np.memmap itself costs microseconds each time.
    return np.asarray(np.memmap(path, np.uint8, "r", shape=(size_bytes,)))


class BucketStorage:
    """A bucket: ranges are downloaded once into a folder that processes of a machine share.

    The oldest files go when the folder is over its size. What is expected is downloaded ahead by
    one thread for each process.
    """

    def __init__(self, corpus: str, cache_dir: str, cache_bytes: int) -> None:
        self._corpus = corpus.rstrip("/")
        self._cache_dir, self._cache_bytes = cache_dir, cache_bytes
        self._mapped: OrderedDict[Range, NDArray[np.uint8]] = OrderedDict()
        self._process = -1
        self._ahead: SimpleQueue[Range] = SimpleQueue()
        os.makedirs(cache_dir, exist_ok=True)

    def describe(self, path: str) -> str:
        """Return the path for a person."""
        return f"{self._corpus}/{path}"

    def read(self, path: str) -> bytes:
        """Return a whole small file; FileNotFoundError where there is none."""
        return read_bytes(self.describe(path))

    def span(self, path: str, first: int, n_bytes: int, size_bytes: int) -> NDArray[np.uint8]:
        """Return bytes of a file; `ShardMissing` where it has not the size it should have."""
        wanted = (path, first, n_bytes)
        data = self._mapped.get(wanted)
        if data is None:
            data = self._mapped[wanted] = self._cached(wanted)
            if len(self._mapped) > _MAPPED_BLOCKS:
                self._mapped.popitem(last=False)
        return data

    def expect(self, ranges: Iterable[Range]) -> None:
        """Queue ranges for the thread that downloads ahead."""
        self._here()
        for wanted in ranges:
            self._ahead.put(wanted)

    def forget(self, path: str, first: int, n_bytes: int) -> None:
        """Drop a range from the cache: it was found damaged."""
        self._mapped.pop((path, first, n_bytes), None)
        Path(self._cache_path((path, first, n_bytes))).unlink(missing_ok=True)

    def _here(self) -> None:
        """Make the thread of this process: it does not survive a fork."""
        if self._process == os.getpid():
            return
        self._ahead = SimpleQueue()
        Thread(target=self._read_ahead, args=(self._ahead,), daemon=True).start()
        self._process = os.getpid()

    def _read_ahead(self, queue: SimpleQueue[Range]) -> None:
        while True:
            wanted = queue.get()
            try:
                self._fetch(wanted)
            except (OSError, ReaderError):
                continue  # whoever needs it asks again, and hears what is wrong

    def _cache_path(self, wanted: Range) -> str:
        path, first, n_bytes = wanted
        name = hashlib.sha256(f"{self._corpus}\0{path}\0{first}\0{n_bytes}".encode()).hexdigest()[:32]
        return os.path.join(self._cache_dir, name)

    def _cached(self, wanted: Range) -> NDArray[np.uint8]:
        while True:
            self._fetch(wanted)
            with suppress(ShardMissing):  # another process made room with it: download it again
                return _map(self._cache_path(wanted), wanted[2])

    def _fetch(self, wanted: Range) -> None:
        target = self._cache_path(wanted)
        with suppress(FileNotFoundError):
            os.utime(target)  # the oldest go first
            return
        path = self.describe(wanted[0])
        try:
            data = store_of(path).fetch(path, wanted[1], wanted[1] + wanted[2], None).data
        except StorageMissing:
            raise ShardMissing(f"{path}: missing") from None
        if len(data) != wanted[2]:
            end = wanted[1] + wanted[2]
            raise ShardMissing(f"{path}: ends at byte {wanted[1] + len(data)}, not {end}")
        self._make_room(len(data))
        handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=self._cache_dir)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(temporary, target)

    def _make_room(self, n_bytes: int) -> None:
        found: list[tuple[int, int, str]] = []
        for entry in os.scandir(self._cache_dir):
            with suppress(FileNotFoundError):  # other processes make room too
                if not entry.name.startswith("."):
                    found.append((entry.stat().st_mtime_ns, entry.stat().st_size, entry.path))
        over = sum(size for _, size, _ in found) + n_bytes - self._cache_bytes
        for _, size, path in sorted(found):
            if over <= 0:
                return
            Path(path).unlink(missing_ok=True)
            over -= size
