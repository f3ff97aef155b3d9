"""A cursor over the decompressed bytes of an archive: where they lie, and where they stop.

Bytes are held from the cursor on, until it moves past them; so a record can be looked at
before it is decided how long it is.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from corpusforge.ingest.web.members import Damage, Piece, Pieces

_BLANK = b"\r\n\0 \t"
_SKIP_BYTES = 1 << 20


class Cursor:
    """Reads pieces as one stream.

    It stops at damage, and at a member that begins a record, until `resume`.
    """

    def __init__(self, pieces: Pieces, begins_record: Callable[[bytes], bool]) -> None:
        self._pieces = pieces
        self._begins_record = begins_record
        self._data = b""
        self._at: int = 0
        self._base: int = 0
        """Position in the stream of the first byte of `_data`."""
        self._reach: deque[tuple[int, Piece]] = deque()
        """(position, piece) of what `_data` holds."""
        self._next: Piece | None = None
        """A piece at which the stream stopped, because it begins a record."""
        self.damage: Damage | None = None
        """The damage at which the stream stopped."""
        self.ended = False

    def place(self, ahead: int = 0) -> tuple[int, int]:
        """Return (file offset, decompressed bytes behind it) of the cursor, or of a byte ahead.

        The file offset is that of the compressed member; in a plain file it is the byte's own.
        """
        position = self._base + self._at + ahead
        if self._next is not None and position >= self._base + len(self._data):
            return self._next.offset_bytes, 0
        held = (item for item in reversed(self._reach) if item[0] <= position)
        start, piece = next(held, (0, Piece(0, 0, b"")))
        inner = piece.inner_bytes + position - start
        return (piece.offset_bytes + inner, 0) if piece.is_plain else (piece.offset_bytes, inner)

    def ensure(self, n_bytes: int) -> int:
        """Return how many bytes are at hand: at least `n_bytes`, unless the stream stops before."""
        while len(self._data) - self._at < n_bytes and self._fill():
            pass
        return len(self._data) - self._at

    def peek(self, n_bytes: int) -> bytes:
        """Return up to `n_bytes` that are at hand."""
        return self._data[self._at : self._at + n_bytes]

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Return the match of a pattern at the cursor, in what is at hand."""
        return pattern.match(self._data, self._at)

    def search(self, pattern: re.Pattern[bytes], limit_bytes: int, start: int = 0) -> tuple[int, int] | None:
        """Return (start, end) ahead of the cursor of a match that ends within `limit_bytes` at hand."""
        end = min(len(self._data), self._at + limit_bytes)
        found = pattern.search(self._data, max(0, self._at + start), end)
        return (found.start() - self._at, found.end() - self._at) if found else None

    def advance(self, n_bytes: int) -> None:
        """Move past bytes that are at hand."""
        self._at += n_bytes

    def skip_blank(self) -> int:
        """Return how many line ends and NULs there were to move past."""
        skipped, size = 0, 64
        while self.ensure(1):
            rest = self._data[self._at : self._at + size]
            n_blank = len(rest) - len(rest.lstrip(_BLANK))
            self._at += n_blank
            skipped += n_blank
            if n_blank < len(rest):
                break
            size = _SKIP_BYTES
        return skipped

    def whole_member(self) -> Piece | None:
        """Return the next member, where nothing is at hand and it is one piece; `take` reads it as such.

        The caller passes it over or gives it to `take`.
        """
        if self._at < len(self._data) or self.damage is not None or self.ended:
            return None
        piece, self._next = self._next or next(self._pieces, None), None
        if piece is None:
            self.ended = True
        elif isinstance(piece, Damage):
            self.damage = piece
        elif piece.is_plain or piece.inner_bytes or piece.end_bytes is None:
            self._append(piece)
        else:
            return piece
        return None

    def take(self, piece: Piece) -> None:
        """Have the bytes of a member at hand that `whole_member` returned."""
        self._append(piece)

    def member_ends(self, ahead: int) -> bool:
        """Return whether from a byte ahead only line ends follow in the last member at hand."""
        if not self._reach or self._reach[-1][1].end_bytes is None:
            return False
        at = self._at + ahead
        return len(self._data) - at <= 64 and not self._data[at:].strip(_BLANK)

    def stops_behind(self, ahead: int) -> bool:
        """Return whether the stream stops behind a byte ahead, line ends apart."""
        self.ensure(ahead + 64)
        at = self._at + ahead
        return len(self._data) - at < 64 and not self._data[at:].strip(_BLANK)

    def resume(self) -> None:
        """Go on behind damage, or into the member that begins a record; drops what is at hand."""
        self._base += len(self._data)
        self._data, self._at = b"", 0
        self._reach.clear()
        self.damage = None
        if self._next is not None:
            piece, self._next = self._next, None
            self._append(piece)

    @property
    def at_record(self) -> bool:
        """Whether the stream stopped at a member that begins a record."""
        return self._next is not None

    def _fill(self) -> bool:
        if self.ended or self.damage is not None or self._next is not None:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self.ended = True
        elif isinstance(piece, Damage):
            self.damage = piece
        elif self._at < len(self._data) and self._begins(piece):
            self._next = piece
        else:
            self._append(piece)
            return True
        return False

    def _begins(self, piece: Piece) -> bool:
        return not piece.is_plain and piece.inner_bytes == 0 and self._begins_record(piece.data)

    def _append(self, piece: Piece) -> None:
        position = self._base + len(self._data)
        # Within a member one byte passed is kept: a search looks at the line end before the cursor.
        is_new = piece.inner_bytes == 0 and not piece.is_plain and self._at == len(self._data)
        n_passed = self._at if is_new else max(0, self._at - 1)
        self._base += n_passed
        self._data = self._data[n_passed:] + piece.data if n_passed < len(self._data) else piece.data
        self._at -= n_passed
        self._reach.append((position, piece))
        while len(self._reach) > 1 and self._reach[1][0] <= self._base:
            self._reach.popleft()
