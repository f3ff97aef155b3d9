"""What of a dump was not read: bytes behind a place at which its reader had to stop."""

from __future__ import annotations

from dataclasses import dataclass

_READ_AHEAD_BYTES = 1 << 20
"""The most that readers hold of the file without having looked at it."""


@dataclass(slots=True)
class Coverage:
    """Filled in while one split is read; of use once its reader has ended or raised.

    A stretch that was read and is told of by a record (damage that was passed, a record over
    its limit, a bomb) is not unread.
    """

    unread_bytes: int = 0
    """Of the file as it lies: those that no reader could take."""
    is_failure: bool = False
    """Whether the reader raised: a mistake of its own, where damage ends it with a drop."""
    first_byte_unread: bool = False
    """Whether nothing of the file could be read, from its first byte on."""
    start: int = 0
    """Where the range that is read begins and ends; a reader of rows or entries states its own."""
    stop: int = 0
    at: int = 0
    """Where the stream stood when it was last closed."""
    n_read_bytes: int = 0
    """How much was read so far, what was read twice twice: for progress, and for nothing else."""

    def stopped(self, at: int, end: int) -> None:
        """Note that reading ended at a byte of the file, with the bytes up to `end` not looked at."""
        self.unread_bytes += max(0, end - at)
        self.first_byte_unread = self.first_byte_unread or (at == 0 and end > 0)

    def failed(self, n_records: int) -> None:
        """Note that the reader raised after that many records: what it held is counted as unread."""
        self.is_failure = True
        if n_records == 0:
            self.stopped(self.start, self.stop)
        else:
            at = max(self.start + 1, self.at - _READ_AHEAD_BYTES)
            self.stopped(at if at <= self.stop else self.start + 1, self.stop)
