"""UTF-8 that was read as another charset and written down so, undone where that is certain.

`cafÃ©` is the bytes of `café` in UTF-8, read as Windows-1252. A stretch of text counts as broken
only if all its signs beyond ASCII go back to bytes that are valid UTF-8; a page is
mended only if there is enough of that, and next to nothing beyond ASCII that is right as it stands:
a page that explains mojibake holds both, and stays.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

from corpusforge.extract.encoding.legibility import illegible_share

_CHARSETS = ("cp1252", "cp1251", "cp1250", "cp1254", "cp437", "mac_roman", "koi8_r")
_STRETCH = re.compile(r"[^<>\n]+")
_LETTER = re.compile(r"[^\x00-\x7f\W\d_]")
_BEYOND = re.compile(r"[^\x00-\x7f]")
_MIN_SEQUENCES = 3
_MAX_RIGHT_SHARE = 0.1
"""Of the stretches with letters beyond ASCII, so many may stand right in a page that is mended."""
_GIVE_UP = 50
_HINT_CHARS = 2048
_ASCII = bytes(range(0x80))
_BLANKED = b" " * 0x80 + bytes(range(0x80, 0x100))
_LEADS = (range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5))
"""First bytes in UTF-8, by how many follow."""
_MAX_ROUNDS = 2
"""Some text went through it twice; more is never seen whole."""


@dataclass(frozen=True, slots=True)
class _Misread:
    """How UTF-8 looks when it was read as a charset."""

    name: str
    table: dict[int, int]
    """Code point -> byte; a byte that the charset lacks is its C1 control, as browsers read it."""
    hint: re.Pattern[str]
    """One character of two or more bytes of UTF-8, read so."""
    leads: frozenset[str]
    """What it begins with, ..."""
    follows: frozenset[str]
    """... and goes on with."""


@lru_cache(maxsize=1)
def _misread() -> tuple[_Misread, ...]:
    return tuple(map(_misreading, _CHARSETS))


def _misreading(name: str) -> _Misread:
    decode = codecs.getdecoder(name)
    signs: dict[int, str] = {}
    for byte in range(0x80, 0x100):
        text = decode(bytes([byte]), "ignore")[0]
        signs[byte] = text or chr(byte)
    table = {ord(sign): byte for byte, sign in signs.items()}
    if name == "cp1252":  # Latin-1 and Windows-1252 are one charset to browsers
        table = {byte: byte for byte in range(0x80, 0xA0)} | table
    # A sign that the charset does not have must not pass for one of its bytes.
    table = dict.fromkeys(range(0x80, 0x100), 0xFFFD) | table
    leads = {n: _signs_of(signs, of) for n, of in enumerate(_LEADS, start=1)}
    follows = _signs_of(signs, range(0x80, 0xC0), table if name == "cp1252" else None)
    hint = "|".join(f"[{re.escape(lead)}][{re.escape(follows)}]{{{n}}}" for n, lead in leads.items())
    return _Misread(name, table, re.compile(hint), frozenset("".join(leads.values())), frozenset(follows))


def _signs_of(signs: dict[int, str], of: range, table: dict[int, int] | None = None) -> str:
    more = "" if table is None else "".join(chr(point) for point, byte in table.items() if byte in of)
    return "".join(signs[byte] for byte in of) + more


def repaired(text: str, data: bytes | None = None) -> tuple[str, list[str]]:
    """Return (the text with its mojibake undone where that is certain, a note on it or none).

    `data` is the text in UTF-8, where it is at hand.
    """
    notes: list[str] = []
    for _ in range(_MAX_ROUNDS):
        data = text.encode("utf-8", "surrogatepass") if data is None else data
        joined = _beyond_ascii(data, apart=False)
        signs = frozenset(joined)
        candidates = [
            each
            for each in _misread()
            if not (signs.isdisjoint(each.leads) or signs.isdisjoint(each.follows))
            and len(each.hint.findall(joined)) >= _MIN_SEQUENCES
        ]
        apart = _beyond_ascii(data, apart=True) if candidates else ""
        for misread in candidates:
            if len(misread.hint.findall(apart)) < _MIN_SEQUENCES:
                continue
            mended, n_stretches = _mended(text, misread)
            if n_stretches:
                notes.append(f"UTF-8 that had been read as {misread.name} undone, {n_stretches} places")
                text, data = mended, None
                break
        else:
            break
    return text, notes


def _beyond_ascii(data: bytes, *, apart: bool) -> str:
    """Return the characters beyond ASCII of a text in UTF-8, of many the first, middle and last ones.

    With `apart` a blank stands where others stood between them; without it is several times faster.
    """
    data = b" ".join(data.translate(_BLANKED).split()) if apart else data.translate(None, _ASCII)
    beyond = data.decode("utf-8", "surrogatepass")
    if len(beyond) <= 3 * _HINT_CHARS:
        return beyond
    middle = (len(beyond) - _HINT_CHARS) // 2
    return beyond[:_HINT_CHARS] + beyond[middle : middle + _HINT_CHARS] + beyond[-_HINT_CHARS:]


def _mended(text: str, misread: _Misread) -> tuple[str, int]:
    """Return (the text mended, in how many stretches), or (the text, 0) where that is not certain."""
    pieces: list[str] = []
    end = n_mended = n_right = n_sequences = 0
    before: list[str] = []
    after: list[str] = []
    for found in _STRETCH.finditer(text):
        stretch = found[0]
        if stretch.isascii():
            continue
        undone = _undone(stretch, misread)
        if undone is None:
            n_right += bool(_LETTER.search(stretch))
            if n_right > _GIVE_UP and n_mended == 0:
                return text, 0
            continue
        n_here = len(_BEYOND.findall(undone))
        pieces += [text[end : found.start()], undone]
        end = found.end()
        n_mended += 1
        n_sequences += n_here
        before.append(stretch)
        after.append(undone)
    if n_sequences < _MIN_SEQUENCES or n_right > _MAX_RIGHT_SHARE * (n_right + n_mended):
        return text, 0
    if illegible_share(" ".join(after))[0] >= illegible_share(" ".join(before))[0]:
        return text, 0
    return "".join([*pieces, text[end:]]), n_mended


def _undone(stretch: str, misread: _Misread) -> str | None:
    """Return a stretch with its signs taken back to bytes and read as UTF-8, or None where they are not."""
    if misread.hint.search(stretch) is None:
        return None
    try:
        return stretch.translate(misread.table).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
