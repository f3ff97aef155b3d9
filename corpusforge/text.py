"""Text as the steps see it: normalised, in words, in lines, in fences."""

from __future__ import annotations

import re

import xxhash

from corpusforge import unicode

_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_BLANK_RUN = re.compile(r"\n{4,}")
# C0 and C1 controls but for tab and line feed, the BOM, and the non-characters.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
# Soft hyphens and zero-width spaces, which part words for a printer only; but where a script that writes
# no blanks (Thai to Burmese, Khmer) parts its words by them.
_UNSEEN = re.compile(
    "\u00ad|(?<=\\w)(?<![\u0e00-\u109f\u1780-\u17ff])\u200b|\u200b(?=\\w)(?![\u0e00-\u109f\u1780-\u17ff])"
)
_ASCII_CONTROLS = bytes(byte for byte in range(128) if byte not in b"\t\n\r" and not 32 <= byte < 127)
WORD = re.compile(r"\w+")
FENCE = re.compile(
    r"^[ \t]{0,3}(`{3,}+|~{3,}+)[ \t]*+([^\n`]*+)\n(.*?)(?:^[ \t]{0,3}\1[`~]*+[ \t]*+$|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""A fenced block: marks, info string, body."""


def clean_text(text: str) -> str:
    """Return text fit for the corpus: NFC, LF line ends, no control characters, no soft hyphens.

    Indentation and inner spacing stay, trailing blanks go, four or more line feeds
    become three, and unpaired surrogates become U+FFFD.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-8", "replace")
        text = data.decode()
    is_ascii = text.isascii()
    # Searching bytes or a substring is many times cheaper than the expression it guards.
    if is_ascii:
        text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    elif "\r" in text or b"\xc2\x85" in data or b"\xe2\x80\xa8" in data or b"\xe2\x80\xa9" in data:
        text = _LINE_ENDS.sub("\n", text)
    if len(data.translate(None, _ASCII_CONTROLS)) < len(data) or (
        not is_ascii and (b"\xc2" in data or b"\xef" in data)
    ):
        text = _CONTROLS.sub("", text)
    if not is_ascii and (b"\xc2\xad" in data or b"\xe2\x80\x8b" in data):
        text = _UNSEEN.sub("", text)
    text = text if is_ascii else unicode.normalize("NFC", text)
    if " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
        text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    if "\n\n\n\n" in text:
        text = _BLANK_RUN.sub("\n\n\n", text)
    return text.strip("\n")


def normalised(text: str) -> str:
    """Return text as duplicates are compared: NFKC, case folded, white space single."""
    folded = text.lower() if text.isascii() else unicode.normalize("NFKC", text).casefold()
    return " ".join(folded.split())


def content_hash(text: str) -> str:
    """Return 32 hex digits: xxh3-128 of the normalised text."""
    return xxhash.xxh3_128_hexdigest(normalised(text).encode())


def words(text: str) -> list[str]:
    """Return the words of a text, in order, as written."""
    return WORD.findall(text)


def split_fences(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return (text outside fenced blocks, [(info string, body)]) of Markdown-like text."""
    blocks: list[tuple[str, str]] = []
    pieces: list[str] = []
    end = 0
    for match in FENCE.finditer(text):
        blocks.append((match[2].strip(), match[3]))
        pieces.append(text[end : match.start()])
        end = match.end()
    return "\n".join([*pieces, text[end:]]), blocks
