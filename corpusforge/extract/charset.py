"""Bytes to text: which charset, by which evidence, and whether it held.

Order of trust: a byte order mark, then UTF-8 if the bytes are valid UTF-8 (text in any
other charset with a byte above 0x7F almost never is), then the HTTP header, then the
page's own `<meta>`, each only if it decodes; then detection.
"""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_META = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I
)
_META_BYTES = 4096
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€[\u0080-\u00ff™œžš¦\u201c\u201d]")
_MIN_MOJIBAKE = 3
_C1_OR_BAD = re.compile("[\x80-\x9f\ufffd]")
_BAD_SHARE = 0.001  # undecodable characters that a declared charset may leave before it is doubted


def decode_html(raw: bytes, declared: str | None) -> tuple[str, list[str]]:
    """Return (text, notes) of a page's bytes; `declared` is the charset of the HTTP header."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace"), []
    text = _strict(raw, "utf-8")
    if text is not None:
        if "\x1b" in text and (escaped := _iso2022(raw, declared)) is not None:
            return escaped, []
        return _unmojibaked(text)
    head = _META.search(raw[:_META_BYTES])
    named = [name for name in (declared, head[1].decode("ascii") if head else None) if name]
    for name in named:
        text = _declared(raw, name)
        if text is not None:
            return text, []
    detected = _codec(detect_encoding(raw)) or "cp1252"
    text = raw.decode(detected, "replace")
    utf8 = raw.decode("utf-8", "replace")
    if utf8.count("\ufffd") < len(utf8) * _BAD_SHARE:  # UTF-8 with a few broken bytes, or cut at the end
        return utf8, [f"invalid UTF-8 replaced, {utf8.count(chr(0xFFFD))} places"]
    note = f"charset {detected} by detection" + (f", not {named[0]} as declared" if named else "")
    return text, [note]


def _strict(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _codec(name: str | None) -> str | None:
    """Return Python's name of a charset label as browsers read it (latin-1 is cp1252)."""
    if not name:
        return None
    label = name.strip().strip("\"'").lower()
    mapped = map_encoding_to_html5(label, fallback_utf8=False) or label
    try:
        return codecs.lookup(mapped).name
    except LookupError:
        return None


def _declared(raw: bytes, label: str) -> str | None:
    """Return the text by a declared charset if it decodes (nearly) without loss."""
    name = _codec(label)
    if name is None or name == "utf-8":
        return None  # the bytes are known not to be UTF-8
    text = raw.decode(name, "replace")
    if len(_C1_OR_BAD.findall(text)) > len(text) * _BAD_SHARE:
        return None
    return text


def _iso2022(raw: bytes, declared: str | None) -> str | None:
    head = _META.search(raw[:_META_BYTES])
    for label in (declared, head[1].decode("ascii") if head else None):
        name = _codec(label)
        if name and name.startswith(("iso2022", "hz")):
            return raw.decode(name, "replace")
    return _strict(raw, "iso2022_jp") if b"\x1b$B" in raw or b"\x1b$@" in raw else None


def _unmojibaked(text: str) -> tuple[str, list[str]]:
    """Return text with UTF-8 read as cp1252 undone, only where the whole text round-trips."""
    hits = _MOJIBAKE.findall(text)
    if len(hits) < _MIN_MOJIBAKE:
        return text, []
    try:
        repaired = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text, []
    return repaired, [f"UTF-8 that had been read as cp1252 undone, {len(hits)} places"]


def decode_plain(raw: bytes, declared: str | None = None) -> tuple[str, list[str]] | None:
    """Return (text, notes) of a text file's bytes, or None where they are binary.

    BOM, UTF-8, UTF-16 without a mark (by its NUL bytes), then detection; a NUL in
    anything else, or more than 1 % control characters, is binary.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            text = raw[len(mark) :].decode(name, "replace")
            return (text, []) if not _binary(text) else None
    if b"\0" in raw[:8192]:
        name = _utf16_without_mark(raw)
        text = _strict(raw, name) if name else None
        return (text, [f"{name} without a byte order mark"]) if text and not _binary(text) else None
    text = _strict(raw, "utf-8")
    if text is not None:
        return (text, []) if not _binary(text) else None
    for name in (_codec(declared), _codec(detect_encoding(raw)), "cp1252", "latin-1"):
        text = _strict(raw, name) if name and not name.startswith("utf") else None
        if text is not None and not _binary(text):
            return text, [f"charset {name}, named or detected"]
    return None


def _utf16_without_mark(raw: bytes) -> str | None:
    sample = raw[:4096]
    half = max(1, len(sample) // 2)
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


_CONTROLS = bytes((*range(9), *range(14, 27), *range(28, 32)))


def _binary(text: str) -> bool:
    sample = text[:65536]
    size = max(1, len(sample))
    data = sample.encode("utf-8", "replace")
    return (
        "\0" in text
        or len(data) - len(data.translate(None, _CONTROLS)) > size * 0.01
        or sample.count("\ufffd") > size * 0.05
    )
