"""What a fault of storage is, and how often a call is tried before it is one.

A fault is never data: it names the file and what was being done with it, it is raised to
whoever reads or writes, and it is noted besides, so that one which a reader of some format
took for damage of its file is still found out (`last_fault`).
"""

from __future__ import annotations

import errno
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from corpusforge.files.meter import count_requests

T = TypeVar("T")

TRANSIENT_ERRNOS = frozenset(
    {
        errno.EAGAIN,
        errno.EINTR,
        errno.ESTALE,  # NFS: the handle is opened again
        errno.ETIMEDOUT,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.EPIPE,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENETRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
    }
)
"""Errors that the same call may not meet again, by errno(3)."""
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Answers over HTTP that the same call may not meet again, as cloud.google.com/storage/docs/retry-strategy
and docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (503 SlowDown) list them."""
_ABSENT_ERRNOS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_CHANGED = "the file changed while it was read"


class StorageFault(OSError):
    """A call to storage that failed for good; `str` is one line: file, what was done, what is wrong."""

    def __init__(self, path: str, operation: str, what: str, number: int = errno.EIO) -> None:
        is_plain = isinstance(self, StorageMissing | StorageRefused)  # what was being done says nothing more
        super().__init__(number, what if is_plain else f"{operation}: {what}", path)
        self.path = path
        self.operation = operation
        self.what = what
        self.tries = 1

    def __str__(self) -> str:
        return f"{self.path}: {self.strerror}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.path, self.operation, self.what, self.errno, self.tries)


class StorageMissing(StorageFault, FileNotFoundError):
    """There is no such file, object or bucket."""


class StorageDenied(StorageFault, PermissionError):
    """The file or object may not be read or written by this user."""


class StorageRefused(StorageFault):
    """A path that cannot be used: a scheme not known, a library not there, a place for reading only."""


class StorageFull(StorageFault):
    """No room is left, or a quota is used up."""


class InputChanged(StorageFault):
    """A file is not what it was when its reading began, or when the plan was made."""


def _rebuilt(
    kind: type[StorageFault], path: str, operation: str, what: str, number: int, tries: int
) -> StorageFault:
    fault = kind(path, operation, what, number)
    fault.tries = tries
    return fault


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call is tried: whichever bound is met first ends it."""

    max_tries: int = 8
    max_total_s: float = 120.0
    first_wait_s: float = 0.25
    """Doubled after each try, as the service asks (cloud.google.com/storage/docs/retry-strategy)."""
    max_wait_s: float = 16.0

    def wait_s(self, tries: int) -> float:
        """Return how long to wait after so many tries; a random half of it keeps workers apart."""
        wait = min(self.max_wait_s, self.first_wait_s * 2 ** (tries - 1))
        return wait * (0.5 + random.random() / 2)


PATIENCE = Patience()
"""With these figures a call that is answered at once by an error is given up after 16 to 32 s."""

Probe = Callable[[str, str], None]
"""Called with (operation, path) before each call to storage; what it raises, the call raises."""
Judge = Callable[[Exception, str, str], "tuple[StorageFault, bool] | None"]
"""(error, path, operation) -> (the fault, whether to try again); None for what is no fault of storage."""

_probe: Probe | None = None
_seen = threading.local()


def set_probe(probe: Probe | None) -> None:
    """Set what is called before each call to storage, in this process; None ends it.

    The one seam where tests put faults in. Nothing in the library sets it.
    """
    global _probe
    _probe = probe


def attempt(path: str, operation: str, call: Callable[[], T], judge: Judge | None = None) -> T:
    """Return what a call to storage returns, trying again what may pass.

    Raises `StorageFault`, noted for `last_fault`; anything that is no fault passes unchanged.
    """
    started_s = time.monotonic()
    tries = 0
    while True:
        tries += 1
        try:
            if judge is not None:  # of a store, which has a judge of its own: each try is a request
                count_requests(operation)
            if _probe is not None:
                _probe(operation, path)
            return call()
        except Exception as error:
            judged = (judge or judge_local)(error, path, operation)
            if judged is None:
                raise
            fault, may_pass = judged
            wait_s = PATIENCE.wait_s(tries)
            is_last = tries >= PATIENCE.max_tries
            is_late = time.monotonic() - started_s + wait_s > PATIENCE.max_total_s
            if not may_pass or is_last or is_late:
                if may_pass:
                    fault = StorageFault(path, operation, f"{fault.what} ({tries} tries)", fault.errno or 0)
                fault.tries = tries
                raise note(fault) from error
        time.sleep(wait_s)


def judge_local(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    """Return the fault that an OSError is, and whether the call may be tried again; None for others."""
    if isinstance(error, StorageFault):
        return error, False
    if not isinstance(error, OSError):
        return None
    number = error.errno or errno.EIO
    what = error.strerror or str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError) or number in _ABSENT_ERRNOS:
        return StorageMissing(path, operation, what, number), False
    if isinstance(error, PermissionError):
        return StorageDenied(path, operation, what, number), False
    if number in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(path, operation, what, number), False
    is_transient = number in TRANSIENT_ERRNOS or isinstance(error, ConnectionError | TimeoutError)
    return StorageFault(path, operation, what, number), is_transient


def note(fault: StorageFault) -> StorageFault:
    """Return a fault, having noted it for `last_fault`; that a file is missing is no such news."""
    if not isinstance(fault, StorageMissing):
        _seen.count = fault_count() + 1
        _seen.last = fault
    return fault


def fault_count() -> int:
    """Return how many faults this thread has met, those that a reader swallowed among them."""
    return getattr(_seen, "count", 0)


def last_fault(since: int) -> StorageFault | None:
    """Return the last fault that this thread met after `fault_count` was `since`; None for none."""
    return _seen.last if fault_count() > since else None


def changed(path: str, detail: str) -> StorageFault:
    """Return the fault of a file that changed under its reader, noted."""
    return note(InputChanged(path, "read", f"{_CHANGED}: {detail}"))
