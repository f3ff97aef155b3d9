"""Text as the steps see it: normalised, in words, in lines."""

from __future__ import annotations

import re

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
WORD_CLASSES = {
    "ideographs": _IDEOGRAPHS, "marks": _MARKS, "unparted": _UNPARTED, "unparted_marks": _UNPARTED_MARKS,
}  # fmt: skip
"""The sets of characters that `WORD` is made of, as they stand between square brackets."""


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
