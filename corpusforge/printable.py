"""Text for a person's eyes: what moves a cursor, turns a line around or hides is written out, not done.

Names, URLs, titles and error texts come from dumps that anybody may have written. What prints them
(the command's console, its errors, the report) passes them through `visible`, JSON through `json_text`.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

_C0 = "\x00-\x1f"
_OTHERS = (
    "\x7f-\x9f"  # DEL and C1: a terminal takes U+009B for ESC [
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction: marks, embeddings, overrides, isolates
    "\u200b\u2060-\u2065\u180e\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # seen by nobody
    "\u2028\u2029"  # line ends to some
    "\ud800-\udfff"  # no character at all
)
# Joiners shape letters of many scripts and emoji; next to ASCII they only make two names look like one.
_JOINERS = r"(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
_UNSAFE = re.compile(f"[{_C0}{_OTHERS}]|{_JOINERS}")
_UNSAFE_IN_JSON = re.compile(f"[{_OTHERS}]|{_JOINERS}")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, keep: str = "") -> str:
    r"""Return text in one line, with `\n`, `\u001b`, `\u202e` for what is no printed character.

    TOML and Python read the escapes back. Characters of `keep` stay as they are.

    >>> visible("a\x1b[2Jb")
    'a\\u001b[2Jb'
    """
    if text.isascii() and text.isprintable():
        return text

    def escape(match: re.Match[str]) -> str:
        character = match[0]
        if character in keep:
            return character
        code = ord(character)
        return _SHORT.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")

    return _UNSAFE.sub(escape, text)


def json_text(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Return a value as JSON that can be looked at, without a line feed at the end.

    Letters of all scripts stay; what `visible` writes out is a JSON escape, so that the value is the same.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort_keys)
    if text.isascii() and "\x7f" not in text:
        return text

    def escape(match: re.Match[str]) -> str:
        return "\\u007f" if match[0] == "\x7f" else json.dumps(match[0])[1:-1]

    return _UNSAFE_IN_JSON.sub(escape, text)


def counted_as(number: int | Decimal, word: str) -> str:
    """Return a number of things, with separators: `1 part`, `1,234 parts`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
