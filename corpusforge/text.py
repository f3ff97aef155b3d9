"""Text as the steps see it: normalised, in words, in lines, in fences."""

from __future__ import annotations

import re
import unicodedata

import xxhash

_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_TRAILING = re.compile(r"[ \t\f\v]+$", re.MULTILINE)
_BLANK_RUN = re.compile(r"\n{4,}")
# C0 and C1 controls but for tab and line feed, the BOM, and the non-characters.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
WORD = re.compile(r"\w+")
FENCE = re.compile(
    r"^[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)\n(.*?)(?:^[ \t]{0,3}\1[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A fenced block: marks, info string, body."""


def clean_text(text: str) -> str:
    """Return text fit for the corpus: NFC, LF line ends, no control characters.

    Indentation and inner spacing stay, trailing blanks go, four or more line feeds
    become three, and unpaired surrogates become U+FFFD.
    """
    text = text.encode("utf-8", "replace").decode() if not _encodable(text) else text
    # Searching for a substring is many times cheaper than the expression it guards.
    if "\r" in text or not text.isascii():
        text = _LINE_ENDS.sub("\n", text)
    text = unicodedata.normalize("NFC", _CONTROLS.sub("", text))
    if any(blank in text for blank in (" \n", "\t\n", "\f\n", "\v\n")) or text[-1:].isspace():
        text = _TRAILING.sub("", text)
    if "\n\n\n\n" in text:
        text = _BLANK_RUN.sub("\n\n\n", text)
    return text.strip("\n")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def normalised(text: str) -> str:
    """Return text as duplicates are compared: NFKC, case folded, white space single."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def content_hash(text: str) -> str:
    """Return 32 hex digits: xxh3-128 of the normalised text."""
    return xxhash.xxh3_128_hexdigest(normalised(text).encode())


def words(text: str) -> list[str]:
    """Return the words of a text, in order, as written."""
    return WORD.findall(text)


def split_fences(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return (text outside fenced blocks, [(info string, body)]) of Markdown-like text."""
    blocks = [(match[2].strip(), match[3]) for match in FENCE.finditer(text)]
    return FENCE.sub("\n", text), blocks
