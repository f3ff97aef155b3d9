"""Bytes that are text, as text."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT_BYTES = 64 << 10
# Names that browsers read as Windows-1252, encoding.spec.whatwg.org
_LATIN = frozenset({"iso8859-1", "ascii", "latin-1", "cp1252"})


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Return text: by its byte order mark, as UTF-8, as its header says, by its letters.

    Bytes that fit nothing become U+FFFD.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    told = _codec(charset)
    for name in (told if told not in _LATIN else None, "utf-8"):
        if name is None:
            continue
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    if told in _LATIN:
        return data.decode("cp1252", "replace")
    guess = from_bytes(data[:_LOOKED_AT_BYTES]).best()
    return data.decode(guess.encoding if guess else "utf-8", "replace")


def _codec(charset: str | None) -> str | None:
    """Return the name of a text codec of Python, or None where there is none."""
    if charset is None:
        return None
    try:
        found = codecs.lookup(charset)
    except (LookupError, ValueError):
        return None
    # Codecs such as `hex` and `zlib` are no charsets; the attribute says so.
    return found.name if getattr(found, "_is_text_encoding", False) else None
