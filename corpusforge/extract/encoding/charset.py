"""Bytes to text: which charset, by which evidence, and whether it held.

    byte order mark -> UTF-16 by its NUL bytes -> valid UTF-8 -> UTF-8 with a few broken bytes
    -> header, <meta>, detection: the one in which the fewest words are illegible, each of them
       worth `_EVIDENCE` of the words -> other common charsets, where none of the three holds

Text in another charset with a byte above 0x7F almost never is valid UTF-8, so that no label is
believed against it. Among the others no order is right: a header that lies is as frequent as a
<meta> that does, but hardly ever do they agree with what the letters say. Measured by
`benches/charset.py`.
"""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from corpusforge.extract.encoding.legibility import illegible_share
from corpusforge.extract.encoding.mojibake import repaired

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_META = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I
)
_META_BYTES = 4096
_EVIDENCE = 0.1
"""Share of illegible words that a label, or detection, outweighs."""
_BROKEN_WORDS = 5.0
"""A share of undecodable characters counts as this many times as many illegible words."""
_MAX_BROKEN = 0.15
"""Undecodable bytes for each character beyond ASCII in what is still UTF-8."""
_MIN_BEYOND = 8
_SCORED_BYTES = 1 << 17
_FALLBACKS = (
    "cp1252", "cp1251", "cp949", "gb18030", "cp932", "euc_jp", "big5hkscs", "cp1250", "koi8-u",
    "cp1253", "cp1256", "cp1254", "cp1255", "cp874", "cp1257",
)  # fmt: skip
"""Where neither a label nor detection names a charset that holds, the most frequent on the web first."""
_SELDOM: dict[str, tuple[str, ...]] = {
    "utf-8": (), "ascii": (), "mac-roman": (), "iso8859-3": (), "iso8859-4": (), "iso8859-10": (),
    "iso8859-14": (), "iso8859-16": ("cp1250", "iso8859-2"),
}  # fmt: skip
"""What detection says when it does not know, and what the text is rather."""
_DEFAULTS = frozenset({"cp1252", "ascii"})
"""Labels that servers send unasked."""
_DEFAULT_WEIGHT = 0.5
_MIN_DETECTED_BYTES = 30
"""Detection that has seen fewer bytes above 0x7F counts less than any label, ..."""
_MIN_GUESSED_BYTES = 5
"""... and nothing below this, where no label speaks: then Windows-1252 is the best guess."""
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_WIDER = {
    "koi8-r": "koi8-u", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs",
    "shift_jis": "cp932", "iso8859-11": "cp874",
}  # fmt: skip
"""Charsets that hold all letters of another and a few more: pages under the old name use them."""

_NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "charmap", "mbcs", "oem"}
)
"""What Python calls text encodings and are none of a page: for names of hosts, Python's own source,
an error on purpose, tables without a table, and whatever Windows is set to."""


def decode_html(raw: bytes, declared: str | None) -> tuple[str, list[str]]:
    """Return (text, notes) of a page's bytes; `declared` is the charset of the HTTP header."""
    head = _META.search(raw[:_META_BYTES])
    return _decoded(raw, [declared, head[1].decode("ascii") if head else None])


def decode_text(raw: bytes, declared: str | None) -> tuple[str, list[str]]:
    """Return (text, notes) of ready text; `declared` is the charset that its record names."""
    return _decoded(raw, [declared])


def _decoded(raw: bytes, labels: list[str | None]) -> tuple[str, list[str]]:
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace"), []
    if b"\0" in raw[:1024] and (wide := utf16_without_mark(raw)):
        return raw.decode(wide, "replace"), [f"{wide} without a byte order mark"]
    text = _strict(raw, "utf-8")
    if text is not None:
        if "\x1b" in text and (escaped := _iso2022(raw, labels)) is not None:
            return escaped, []
        return (text, []) if text.isascii() else repaired(text, raw)
    if (nearly := _nearly_utf8(raw)) is not None:
        return nearly, [f"invalid UTF-8 replaced, {nearly.count(chr(0xFFFD))} places"]
    named = [name for name in map(_codec, labels) if name]
    text, name = _most_legible(raw, named)
    if name in named:
        return text, []
    note = f"charset {name} by detection" + (f", not {named[0]} as declared" if named else "")
    return text, [note]


def _nearly_utf8(raw: bytes) -> str | None:
    """Return the text where all but a few of the bytes above 0x7F are UTF-8: cut, or with a byte lost."""
    text = raw.decode("utf-8", "replace")
    n_beyond = len(text) - len(text.encode("ascii", "ignore"))
    n_broken = text.count("\ufffd")
    is_cut = n_broken == 1 < n_beyond and text.endswith("\ufffd")
    return text if is_cut or (n_beyond >= _MIN_BEYOND and n_broken <= n_beyond * _MAX_BROKEN) else None


def _most_legible(raw: bytes, named: list[str]) -> tuple[str, str]:
    """Return (text, charset) by the labels, detection or another charset: the fewest illegible words."""
    detected = _codec(detect_encoding(raw)) or "utf-8"
    votes = [(name, _DEFAULT_WEIGHT if name in _DEFAULTS else 1.0) for name in named if name != "utf-8"]
    n_beyond = len(raw) - len(raw.translate(None, _BEYOND_ASCII))
    if detected not in _SELDOM and (named or n_beyond >= _MIN_GUESSED_BYTES):
        is_sure = not named or n_beyond >= _MIN_DETECTED_BYTES
        votes.append((detected, 1.0 if is_sure else _DEFAULT_WEIGHT / 2))
    cost, name = _cheapest(raw, [vote for vote, _ in votes], votes)
    if cost > 0 or not votes:
        others = [*_SELDOM.get(detected, ()), *_FALLBACKS, detected]
        other_cost, other = _cheapest(raw, others, votes)
        name = other if other_cost < cost else name
    return raw.decode(name, "replace"), name


def _cheapest(raw: bytes, names: list[str], votes: list[tuple[str, float]]) -> tuple[float, str]:
    """Return (cost, charset): the share of illegible words less the evidence; of equals the first."""
    scored = raw[:_SCORED_BYTES]
    best_cost, best = float("inf"), "cp1252"
    for name in dict.fromkeys(names):
        text = scored.decode(name, "replace")
        broken = _BROKEN_WORDS * text.count("\ufffd") / max(1, len(text))
        evidence = _EVIDENCE * sum(weight for vote, weight in votes if vote == name)
        cost = illegible_share(text)[0] + broken - evidence
        if cost < best_cost:
            best_cost, best = cost, name
    return best_cost, best


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
    try:
        found = codecs.lookup(map_encoding_to_html5(label, fallback_utf8=False) or label)
    except (LookupError, ValueError):  # a NUL or half a surrogate in a label is a ValueError
        return None
    # Codecs such as `hex` and `zlib` are no charsets; the attribute says so.
    is_charset = getattr(found, "_is_text_encoding", False) and found.name not in _NO_CHARSETS
    return _WIDER.get(found.name, found.name) if is_charset else None


def _iso2022(raw: bytes, labels: list[str | None]) -> str | None:
    for name in map(_codec, labels):
        if name and name.startswith(("iso2022", "hz")):
            return raw.decode(name, "replace")
    return _strict(raw, "iso2022_jp") if b"\x1b$B" in raw or b"\x1b$@" in raw else None


def decode_plain(raw: bytes, declared: str | None = None) -> tuple[str, list[str]] | None:
    """Return (text, notes) of a text file's bytes, or None where they are binary.

    As `decode_text`, but that a NUL in anything but UTF-16, or more than 1 % control characters, is
    binary, that mojibake stays (a program may hold it on purpose), and that a guess is noted.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            text = raw[len(mark) :].decode(name, "replace")
            return (text, []) if not _binary(text) else None
    if b"\0" in raw[:8192]:
        name = utf16_without_mark(raw)
        text = _strict(raw, name) if name else None
        return (text, [f"{name} without a byte order mark"]) if text and not _binary(text) else None
    text = _strict(raw, "utf-8")
    if text is not None:
        return (text, []) if not _binary(text) else None
    label = _codec(declared)
    text, name = _most_legible(raw, [label] if label else [])
    return None if _binary(text) else (text, [f"charset {name}, named or detected"])


def charset_of(raw: bytes) -> str:
    """Return the charset of bytes that are no valid UTF-8: `utf-8` where nearly all are, else a guess."""
    return "utf-8" if _nearly_utf8(raw) is not None else _most_legible(raw, [])[1]


def utf16_without_mark(raw: bytes) -> str | None:
    """Return the kind of UTF-16 that the places of NUL bytes show, or None."""
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
