"""A deadline on readers: CPU seconds without a record or a byte of the file that was not read before.

CPU time of the reader's own thread, so that a slow disk or bucket is never taken for bad data. Where a reader
runs in the main thread, as in the processes of a local build, a timer of CPU time looks at it wherever it
is, within a regular expression too; in another thread of a runner it is looked at whenever it reads.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import TypeVar

_Record = TypeVar("_Record")
_TICK_S = 0.5


class ReaderDeadline(BaseException):
    """A reader made no progress for too long; no `except Exception` of a reader takes it for damage."""


class _Watch(threading.local):
    """The reader that runs in a thread, if one does."""

    deadline_s: float | None = None
    since_s: float = 0.0
    """When it made progress last, by the clock of the thread."""


_watch = _Watch()
_ticks_in_process = -1


def watched(records: Iterator[_Record], deadline_s: float) -> Iterator[_Record]:
    """Yield the records of a reader; raises `ReaderDeadline` out of the reader where it makes no progress.

    What is done with a record is no part of the reader's time.
    """
    _tick()
    while True:
        outer = _watch.deadline_s
        _watch.deadline_s, _watch.since_s = deadline_s, time.thread_time()
        try:
            record = next(records)
        except StopIteration:
            return
        finally:
            _watch.deadline_s = outer
        yield record


def note_progress() -> None:
    """Note that bytes came that were not read before."""
    _watch.since_s = time.thread_time()


def check_deadline() -> None:
    """Raise `ReaderDeadline` where the reader of this thread has made no progress for too long."""
    deadline_s = _watch.deadline_s
    if deadline_s is not None and time.thread_time() - _watch.since_s > deadline_s:
        _watch.deadline_s = None  # told once: what closes the file meanwhile may read
        raise ReaderDeadline(
            f"no record and no byte that was not read before in {deadline_s:g} s of CPU time"
        )


def _tick() -> None:
    """Have the main thread look at its reader each half second of CPU time that the process uses."""
    global _ticks_in_process
    if _ticks_in_process == os.getpid() or threading.current_thread() is not threading.main_thread():
        return
    _ticks_in_process = os.getpid()  # a forked child has the handler, and not the timer
    signal.signal(signal.SIGVTALRM, lambda number, frame: check_deadline())
    signal.setitimer(signal.ITIMER_VIRTUAL, _TICK_S, _TICK_S)
    # Python takes the handler away at its end; a tick after that would kill the process.
    atexit.register(signal.setitimer, signal.ITIMER_VIRTUAL, 0.0)
