"""One compressed member of an archive behind one interface, whatever its format."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import IO, Any, NamedTuple, Protocol, cast

import zstandard
from isal import isal_zlib

_ZSTD_FEED_BYTES = 256  # a block of 4 bytes may inflate to 128 KiB; this bounds one step to 8 MiB
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the skippable frame of WARC-zstd, iipc.github.io/warc-specifications
_MAX_DICTIONARY_BYTES = 16 << 20
_GZIP_MAGIC = b"\x1f\x8b\x08"
_RESERVED_FLAGS = 0xE0
_LEAST_GZIP_BYTES = 20  # a head of 10, two of content, a tail of 8
_isal = cast(Any, isal_zlib)
_ERRORS: tuple[type[Exception], ...] = (zlib.error, _isal.error)


class MemberError(Exception):
    """A member that cannot be inflated; the message says why."""


class BombError(MemberError):
    """A member that grows beyond the limit."""


class Decoder(Protocol):
    """Inflates one member."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Input behind the end of the member."""
        ...

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        """Return about `max_length` bytes at most; raises `MemberError`."""
        ...

    @property
    def pending(self) -> bytes:
        """Input that waits because `max_length` was reached."""
        ...


class _Gzip:
    """A gzip member, by zlib: its messages, and how much it gives before damage, are what drops tell."""

    def __init__(self) -> None:
        self._inflater: Any = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    @property
    def pending(self) -> bytes:
        return self._inflater.unconsumed_tail

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        try:
            return self._inflater.decompress(data, max_length)
        except _ERRORS as error:
            raise MemberError(str(error)) from None


class _QuickGzip(_Gzip):
    """A gzip member, by ISA-L: 1.8 times as fast where the member is whole; elsewhere ask `_Gzip`.

    It does not refuse the header flags that RFC 1952 reserves: the caller looks for them.
    """

    def __init__(self) -> None:
        self._inflater = _isal.decompressobj(wbits=31)


def whole_gzip(
    data: bytes, view: memoryview, start: int, stop: int, limit_bytes: int
) -> tuple[bytes, int] | None:
    """Return (content, where it ends) of a gzip member that ends before `stop`, right where another seems to.

    None for any other, and for one of over `limit_bytes`: `_Gzip` is to read it. `view` shows `data`. The
    decoder is handed nothing behind an end, which it would copy; a body that is gzip itself seems to be
    another member, so that a false end is passed.
    """
    if not data.startswith(_GZIP_MAGIC, start):
        return None
    at, end, n_bytes = start, start + _LEAST_GZIP_BYTES - 1, 0
    parts: list[bytes] = []
    decoder = _isal.decompressobj(wbits=31)
    while (end := data.find(_GZIP_MAGIC, end + 1, stop)) >= 0:
        try:
            part = decoder.decompress(view[at:end], limit_bytes)
        except _isal.error:
            return None
        n_bytes += len(part)
        if (
            n_bytes > limit_bytes
            or data[start + 3] & _RESERVED_FLAGS
            or decoder.unconsumed_tail
            or decoder.unused_data
        ):
            return None
        if decoder.eof:
            return (b"".join((*parts, part)) if parts else part), end
        parts.append(part)
        at = end
    return None


class _Lz4:
    """A frame of LZ4."""

    def __init__(self) -> None:
        import lz4.frame

        self._decoder: Any = lz4.frame.LZ4FrameDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decoder.eof)

    @property
    def unused_data(self) -> bytes:
        return cast(bytes, self._decoder.unused_data or b"")

    @property
    def pending(self) -> bytes:
        return b""  # the decoder keeps it

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        try:
            return cast(bytes, self._decoder.decompress(bytes(data), max_length))
        except (RuntimeError, EOFError) as error:
            raise MemberError(f"lz4: {error}") from None


class _Zstd:
    """A frame of zstd, with the dictionary of its file."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=128 << 20)
        self._decoder: Any = decompressor.decompressobj()
        self.pending = b""

    @property
    def eof(self) -> bool:
        return bool(self._decoder.eof)

    @property
    def unused_data(self) -> bytes:
        return cast(bytes, self._decoder.unused_data) + self.pending if self.eof else b""

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        step, self.pending = bytes(data[:_ZSTD_FEED_BYTES]), bytes(data[_ZSTD_FEED_BYTES:])
        try:
            return cast(bytes, self._decoder.decompress(step))
        except zstandard.ZstdError as error:
            raise MemberError(str(error)) from None


class Decoders(NamedTuple):
    """What inflates the members of a file."""

    quick: Callable[[], Decoder]
    """For a whole member; what it cannot read, `exact` tells of."""
    exact: Callable[[], Decoder]


def decoders_of(stream: IO[bytes], compression: str) -> Decoders:
    """Return the decoders of `gzip`, `lz4` or `zstd`: of zstd, with the dictionary that opens the file."""
    if compression == "gzip":
        return Decoders(_QuickGzip, _Gzip)
    if compression == "lz4":
        return Decoders(_Lz4, _Lz4)
    dictionary = _zstd_dictionary(stream)
    return Decoders(lambda: _Zstd(dictionary), lambda: _Zstd(dictionary))


def _zstd_dictionary(stream: IO[bytes]) -> zstandard.ZstdCompressionDict | None:
    stream.seek(0)
    if stream.read(4) != ZSTD_DICTIONARY:
        return None
    size = int.from_bytes(stream.read(4), "little")
    data = stream.read(min(size, _MAX_DICTIONARY_BYTES))
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        data = zstandard.ZstdDecompressor().decompress(data, max_output_size=_MAX_DICTIONARY_BYTES)
    return zstandard.ZstdCompressionDict(data)
