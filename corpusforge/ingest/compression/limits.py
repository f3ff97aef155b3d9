"""Compressed bytes in memory, inflated up to a limit: what a body or an entry may ask for."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any, cast

import brotli
import zstandard
from isal import isal_zlib

_STEP_BYTES = 1 << 16
_ZSTD_FEED_BYTES = 256  # a block of 4 bytes may inflate to 128 KiB; this bounds one step to 8 MiB
_brotli = cast(Any, brotli)
_isal = cast(Any, isal_zlib)
_zstandard = cast(Any, zstandard)
_BROTLI_ERROR: type[Exception] = _brotli.error
_ISAL_ERROR: type[Exception] = _isal.error
_ZSTD_ERROR: type[Exception] = _zstandard.ZstdError
_GZIP, _ZLIB, _RAW = 31, zlib.MAX_WBITS, -zlib.MAX_WBITS
_USUAL_HEAD = {
    _GZIP: re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"),
    _ZLIB: re.compile(rb"\x78[\x01\x5e\x9c\xda]"),
    _RAW: re.compile(rb"(?!)"),
}
"""What ISA-L is handed: it refuses less in a head, and without a checksum less in a stream."""


class TooMuch(Exception):
    """Data that inflates beyond the limit; `n_bytes` had come out when it was given up."""

    def __init__(self, n_bytes: int) -> None:
        super().__init__(n_bytes)
        self.n_bytes = n_bytes


@dataclass(frozen=True, slots=True)
class Plain:
    """What came out of compressed bytes."""

    data: bytes
    is_whole: bool
    """Whether the data ended as its format says; otherwise it was cut or damaged."""


def gunzip(data: bytes, limit_bytes: int) -> Plain:
    """Return what gzip members hold, up to the first damage; bytes behind them are left out."""
    parts: list[bytes] = []
    size = 0
    while data[:2] == b"\x1f\x8b":
        found = _inflate(data, _GZIP, limit_bytes - size)
        parts.append(found[0].data)
        size += len(found[0].data)
        if not found[0].is_whole:
            return Plain(b"".join(parts), False)
        data = found[1]
    return Plain(b"".join(parts), bool(parts))


def inflate_zlib(data: bytes, limit_bytes: int) -> Plain:
    """Return what `deflate` holds: zlib as the standard says, or raw as many servers send."""
    plain = _inflate(data, _ZLIB, limit_bytes)[0]
    if plain.data or plain.is_whole:
        return plain
    return _inflate(data, _RAW, limit_bytes)[0]


def _inflate(data: bytes, wbits: int, limit_bytes: int) -> tuple[Plain, bytes]:
    """Return what comes out of one member or stream, and the bytes behind it."""
    if _USUAL_HEAD[wbits].match(data) and (found := _inflate_whole(data, wbits, limit_bytes)):
        return found
    inflater = zlib.decompressobj(wbits=wbits)
    out = bytearray()
    for start in range(0, len(data), _STEP_BYTES):
        step = data[start : start + _STEP_BYTES]
        try:
            out += inflater.decompress(step, limit_bytes + 1 - len(out))
        except zlib.error:
            return Plain(bytes(_up_to_damage(data, wbits, start, limit_bytes)), False), b""
        if len(out) > limit_bytes:
            raise TooMuch(len(out))
        if inflater.eof:
            return Plain(bytes(out), True), inflater.unused_data + data[start + _STEP_BYTES :]
    return Plain(bytes(out), False), b""


def _inflate_whole(data: bytes, wbits: int, limit_bytes: int) -> tuple[Plain, bytes] | None:
    """Return a whole member or stream by ISA-L, 1.8 times as fast; None for what zlib is to judge."""
    inflater = _isal.decompressobj(wbits=wbits)
    try:
        out: bytes = inflater.decompress(data, limit_bytes + 1)
    except _ISAL_ERROR:
        return None
    is_whole = inflater.eof and len(out) <= limit_bytes
    return (Plain(out, True), inflater.unused_data) if is_whole else None


def _up_to_damage(data: bytes, wbits: int, bad_from: int, limit_bytes: int) -> bytearray:
    """Inflate again, in small steps where the damage is, to get all that precedes it."""
    inflater = zlib.decompressobj(wbits=wbits)
    out = bytearray(inflater.decompress(data[:bad_from], limit_bytes + 1))
    for start in range(bad_from, min(len(data), bad_from + _STEP_BYTES), 16):
        try:
            out += inflater.decompress(data[start : start + 16], max(1, limit_bytes + 1 - len(out)))
        except zlib.error:
            break
    if len(out) > limit_bytes:
        raise TooMuch(len(out))
    return out


def unbrotli(data: bytes, limit_bytes: int) -> Plain:
    """Return what Brotli data holds, up to the first damage."""
    decoder: Any = _brotli.Decompressor()
    out = bytearray()
    try:
        out += decoder.process(data, output_buffer_limit=_STEP_BYTES)
        while not decoder.is_finished():
            if len(out) > limit_bytes:
                raise TooMuch(len(out))
            step: bytes = decoder.process(b"", output_buffer_limit=_STEP_BYTES)
            if not step and decoder.can_accept_more_data():
                break
            out += step
    except _BROTLI_ERROR:
        return Plain(bytes(out), False)
    if len(out) > limit_bytes:
        raise TooMuch(len(out))
    return Plain(bytes(out), bool(decoder.is_finished()))


def unzstd(data: bytes, limit_bytes: int) -> Plain:
    """Return what a Zstandard frame holds, up to the first damage."""
    decoder: Any = _zstandard.ZstdDecompressor(max_window_size=128 << 20).decompressobj()
    out = bytearray()
    for start in range(0, len(data), _ZSTD_FEED_BYTES):
        try:
            out += decoder.decompress(data[start : start + _ZSTD_FEED_BYTES])
        except _ZSTD_ERROR:
            return Plain(bytes(out), False)
        if len(out) > limit_bytes:
            raise TooMuch(len(out))
        if decoder.eof:
            return Plain(bytes(out), True)
    return Plain(bytes(out), False)
