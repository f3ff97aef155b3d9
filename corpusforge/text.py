"""Text as the steps see it: normalised, in words, in lines, in fences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpusforge import unicode

_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_BLANK_RUN = re.compile(r"\n{4,}")
# C0 and C1 controls but for tab and line feed, the BOM, and the non-characters.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_UNPARTED = "\u0e00-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
"""Scripts that write no blanks between words: Thai, Lao, Tibetan, Burmese, Khmer, Tai."""
# Soft hyphens, word joiners and zero-width spaces, which part or join words for a printer only; but where
# a script that writes no blanks parts its words by them. One behind an ellipsis is no part of a word: some
# programs print it so, in code too, whose signs are its own.
_UNSEEN = re.compile(
    f"[\u00ad\u2060]|(?<![…{_UNPARTED}])\u200b+|(?<!…)\u200b+(?![{_UNPARTED}\u200b])"
    f"|\u200b+(?=\\w)(?![{_UNPARTED}])"
)
_ASCII_CONTROLS = bytes(byte for byte in range(128) if byte not in b"\t\n\r" and not 32 <= byte < 127)
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0971-\u0dff"  # no \\w
_UNPARTED_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f35-\u0fbc\u102b-\u103e\u1056-\u1059"
    "\u105e-\u1064\u1067-\u106d\u1082-\u108d\u17b4-\u17d3\u19b0-\u19c9\u1a55-\u1a7f"
)
_LETTER = rf"[^\W{_IDEOGRAPHS}{_UNPARTED}]"
WORD = re.compile(
    rf"{_LETTER}++(?:[{_MARKS}]++{_LETTER}*+)*+|[{_IDEOGRAPHS}]{{1,2}}"
    rf"|(?:[^\W{_IDEOGRAPHS}][{_UNPARTED_MARKS}]*+){{1,3}}"
)
"""A word: letters up to a blank or sign; two ideographs or kana; a segment of three letters with their
marks in a script that writes no blanks."""
_FENCE_MARKS = ("```", "~~~")
_FENCE_OPENS = re.compile(r"[ \t]{0,3}(`{3,}+|~{3,}+)[ \t]*+([^\n`]*+)\n")
_FENCE_ENDS = re.compile(r"[`~]*+[ \t]*+$", re.MULTILINE)
_FENCE_INDENT = 3


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
    if not is_ascii and (b"\xc2\xad" in data or b"\xe2\x80\x8b" in data or b"\xe2\x81\xa0" in data):
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


def words(text: str) -> list[str]:
    """Return the words of a text, in order, as written."""
    return WORD.findall(text)


def split_fences(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return (text outside fenced blocks, [(info string, body)]) of Markdown-like text."""
    blocks: list[tuple[str, str]] = []
    pieces: list[str] = []
    end = 0
    for opening in _opening_fences(text):
        if opening.start() < end:
            continue
        close, stop = _closing_fence(text, opening)
        blocks.append((opening[2].strip(), text[opening.end() : close]))
        pieces.append(text[end : opening.start()])
        end = stop
    return "\n".join([*pieces, text[end:]]), blocks


def _opening_fences(text: str) -> Iterator[re.Match[str]]:
    """Yield the lines that may open a fenced block: marks, info string."""
    places = [text.find(mark) for mark in _FENCE_MARKS]
    while any(place >= 0 for place in places):
        at = min(place for place in places if place >= 0)
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at) + 1 or len(text)
        if at - start <= _FENCE_INDENT and not text[start:at].strip(" \t"):
            if opening := _FENCE_OPENS.match(text, start):
                yield opening
        places = [
            place if place < 0 or place >= end else text.find(mark, end)
            for place, mark in zip(places, _FENCE_MARKS, strict=True)
        ]


def _closing_fence(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """Return where the line that closes a block begins and where it ends: without one, at the text's end."""
    first, marks = opening.end(), opening[1]
    at = text.find(marks, first)
    while at >= 0:
        start = max(first, text.rfind("\n", first, at) + 1)
        if at - start <= _FENCE_INDENT and not text[start:at].strip(" \t"):
            if ends := _FENCE_ENDS.match(text, at + len(marks)):
                return start, ends.end()
        following = text.find("\n", at)
        at = text.find(marks, following) if following >= 0 else -1
    return len(text), len(text)
