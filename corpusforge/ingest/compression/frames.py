"""One zstd frame of a stream: its bytes up to its own end, found by the heads of its blocks.

RFC 8878, 3.1. The end must be known: behind it another frame may begin, and decoders that
read across frames do not say where.
"""

from __future__ import annotations

from typing import IO

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGICS = tuple(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16))
_READ_BYTES = 1 << 17
_HEADER_BYTES = 18
"""The most that a frame's header takes."""
_SIZE_BYTES = (0, 2, 4, 8)
_DICTIONARY_BYTES = (0, 1, 2, 4)
_RLE, _RESERVED = 1, 3


class ZstdFrame:
    """The frame at which a stream stands, as a source that ends where the frame does."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._data = b""
        self._at: int = 0
        self._left = 0
        """Bytes to hand on before the next head is looked at."""
        self._n_check_bytes = -1
        """Of the checksum behind the last block; -1 before the header."""
        self._is_last = False
        self.n_bytes = 0
        """Handed on so far."""

    @property
    def is_whole(self) -> bool:
        """Whether the frame was handed on to its end."""
        return self._is_last and self._left == 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes of the frame; none behind its end, or where the file ends."""
        parts: list[bytes] = []
        while size > 0:
            if self._left == 0 and (self._is_last or not self._next()):
                break
            if self._at == len(self._data) and not self._ensure(1):
                break
            part = self._data[self._at : self._at + min(size, self._left)]
            self._at += len(part)
            self._left -= len(part)
            self.n_bytes += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> bool:
        """Look at the next head; return whether there is one."""
        if self._n_check_bytes < 0:
            n_held = self._ensure(_HEADER_BYTES)
            descriptor = self._data[self._at + 4] if n_held > 4 else 0
            is_single = bool(descriptor & 0x20)
            n_size = _SIZE_BYTES[descriptor >> 6] or int(is_single)
            self._left = 5 + (not is_single) + _DICTIONARY_BYTES[descriptor & 3] + n_size
            self._n_check_bytes = 4 if descriptor & 4 else 0
            return n_held > 0
        if self._ensure(3) < 3:
            return False
        head = int.from_bytes(self._data[self._at : self._at + 3], "little")
        kind, size = head >> 1 & 3, head >> 3
        self._is_last = bool(head & 1) or kind == _RESERVED  # the decoder refuses what is reserved
        self._left = 3 + (1 if kind == _RLE else 0 if kind == _RESERVED else size)
        self._left += self._n_check_bytes if self._is_last else 0
        return True

    def _ensure(self, n_bytes: int) -> int:
        """Return how many bytes are held: at least `n_bytes` unless the file ends before."""
        while len(self._data) - self._at < n_bytes and (block := self._stream.read(_READ_BYTES)):
            self._data, self._at = self._data[self._at :] + block, 0
        return len(self._data) - self._at


def skippable_bytes(head: bytes) -> int:
    """Return the length of the skippable frame that some bytes begin, 0 where they begin none."""
    return 8 + int.from_bytes(head[4:8], "little") if head[:4] in SKIPPABLE_MAGICS and len(head) >= 8 else 0
