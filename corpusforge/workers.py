"""The worker processes of one machine: one pool for a whole build; and what a fault costs.

Functions and elements are pickled. A call that meets a fault of disk, network or memory is
made again, here as on a service, and the last fault ends the build: it is never data.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from corpusforge.files import InputChanged, StorageDenied, StorageFull, StorageMissing, StorageRefused
from corpusforge.lifeline import end_with
from corpusforge.sandbox import preloaded
from corpusforge.sealed import Damaged

FAULTS = (OSError, MemoryError)
"""What is never a record: a fault of disk, network or memory ends a call, and it is made again."""
_LASTING = (Damaged, InputChanged, StorageDenied, StorageFull, StorageMissing, StorageRefused)
"""Faults that the same call meets again."""
TRIES = 4
"""As many as Dataflow gives an element of a batch job."""
_FIRST_WAIT_S = 0.05
_BEAT_S = 0.5
_PRELOAD = [
    "corpusforge.parts.tasks",
    "corpusforge.parts.rooms",
    "corpusforge.shards.writer",
    "corpusforge.shards.tokenizer_choice",
]
"""Loaded once, before worker processes and sandboxes fork."""
WARM = "corpusforge.parts.warm"
"""Compiles what steps call, as it is imported."""


def tried(function: Callable[[Any], Iterable[Any]], element: Any) -> list[Any]:
    """Return what a function yields for an element, called again after a fault; raises the last one."""
    for attempt in range(1, TRIES):
        try:
            return list(function(element))
        except _LASTING:
            raise
        except FAULTS:
            time.sleep(_FIRST_WAIT_S * 4**attempt)
    return list(function(element))


class Pool:
    """Worker processes that live as long as a build; one starts when there is work for it."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(preloaded(_PRELOAD, WARM))
        self._lifeline, self._end = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            n_workers, mp_context=context, initializer=_begin, initargs=(self._lifeline, _counts)
        )

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Return the future result of a call."""
        return self._executor.submit(function, *arguments)

    def close(self) -> None:
        """End the processes, whatever they do."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._end.close()
        self._lifeline.close()


_current: Pool | None = None


def current_pool() -> Pool | None:
    """Return the pool of the build that runs in this process; None where it has none."""
    return _current


@contextmanager
def pool_of(n_workers: int) -> Generator[None]:
    """Give this process a pool while a build runs; one worker needs none: it is this process."""
    global _current
    for place in range(len(_counts)):
        _counts[place] = 0
    _current = Pool(n_workers) if n_workers > 1 else None
    try:
        yield
    finally:
        if _current is not None:
            _current.close()
        _current = None


def _begin(lifeline: Connection, counts: Any) -> None:
    global _counts
    end_with(lifeline)
    _counts = counts


_counts: Any = multiprocessing.get_context("forkserver").Array(ctypes.c_int64, 3)
_RECORDS, _MADE_BYTES, _THERE_BYTES = range(3)


class Heartbeat:
    """Counts records and bytes of one part under way, for whoever watches the build on this machine."""

    def __init__(self, n_bytes: int = 0) -> None:
        self._n_bytes = n_bytes
        self._told, self._told_bytes, self._next_s = 0, 0, 0.0

    def beat(self, records: int, n_bytes: int = 0) -> None:
        """Tell how many records of the part are done, and how many bytes of its input were read."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + _BEAT_S
            self._tell(records, min(n_bytes, self._n_bytes))

    def end(self, *, is_made: bool = True) -> None:
        """The part is no longer under way: made, or to be tried again."""
        self._tell(0, self._n_bytes if is_made else 0)

    def _tell(self, records: int, n_bytes: int) -> None:
        _add(_RECORDS, records - self._told)
        _add(_MADE_BYTES, n_bytes - self._told_bytes)
        self._told, self._told_bytes = records, n_bytes


def count_there(n_bytes: int) -> None:
    """Count the bytes of a part that was made before."""
    _add(_THERE_BYTES, n_bytes)


def _add(place: int, number: int) -> None:
    with _counts.get_lock():
        _counts[place] += number


def records_under_way() -> int:
    """Return how many records of unfinished parts are done on this machine."""
    return int(_counts[_RECORDS])


def bytes_done() -> tuple[int, int]:
    """Return the bytes of inputs that this build has read on this machine, and of parts made before."""
    return int(_counts[_MADE_BYTES]), int(_counts[_THERE_BYTES])
