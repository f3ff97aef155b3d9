"""What passed through the doors of this room: bytes read and written, and requests of stores.

Bytes are those of files and objects as they lie; a request is one try of a call to a store. Scratch files
under TMPDIR count for nothing, nor does what a library reads for itself (a model that is mapped).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    """Bytes and requests; what is metered adds to it as it goes."""

    read_bytes: int = 0
    written_bytes: int = 0
    requests: Counter[str] = field(default_factory=Counter[str])
    """By operation: `read`, `stat`, `list`, `write`, `delete`."""

    def add(self, other: Traffic) -> None:
        """Add what another counted."""
        self.read_bytes += other.read_bytes
        self.written_bytes += other.written_bytes
        self.requests.update(other.requests)


class _Thread(threading.local):
    current: Traffic | None = None


_thread = _Thread()
_process = Traffic()
_lock = threading.Lock()


def count_read(n_bytes: int) -> None:
    """Count bytes of a file or object that came."""
    if _thread.current is not None:
        _thread.current.read_bytes += n_bytes
    else:
        with _lock:
            _process.read_bytes += n_bytes


def count_written(n_bytes: int) -> None:
    """Count bytes of a file or object that was published."""
    if _thread.current is not None:
        _thread.current.written_bytes += n_bytes
    else:
        with _lock:
            _process.written_bytes += n_bytes


def count_requests(operation: str, number: int = 1) -> None:
    """Count requests of a store."""
    if _thread.current is not None:
        _thread.current.requests[operation] += number
    else:
        with _lock:
            _process.requests[operation] += number


@contextmanager
def metered() -> Generator[Traffic]:
    """Yield what this thread reads, writes and asks for meanwhile; it counts for nobody else.

    Whoever meters tells it on. Within another metering the inner is taken out of the outer; what ends by an
    exception stays with the outer, or with the process: there is nobody else left to tell it.
    """
    outer, mine = _thread.current, Traffic()
    _thread.current = mine
    try:
        yield mine
    except BaseException:
        if outer is not None:
            outer.add(mine)
        else:
            with _lock:
                _process.add(mine)
        raise
    finally:
        _thread.current = outer


def traffic_here() -> Traffic:
    """Return a copy of what this process has counted, but for what was metered."""
    copy = Traffic()
    with _lock:
        copy.add(_process)
    return copy
