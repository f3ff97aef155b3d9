"""Bold and italic marks of wikitext, taken away line by line as MediaWiki reads them (Parser::doQuotes)."""

from __future__ import annotations

import re

APOSTROPHE = "\x04"
"""Stands for an apostrophe that is one to the reader, until all marks are gone."""
_PLAIN_RUNS = frozenset({"''", "'''", "'''''"})
_RUN = re.compile(r"''+")
_LINK = re.compile(r"\[\[(?=[^\[\]]*?'')([^\[\]|]*)(\|[^\[\]]*)?\]\]")
"""A link that holds marks."""


def without_quote_marks(text: str) -> str:
    """Return text without the marks of bold and italic; apostrophes that a reader sees are `APOSTROPHE`.

    >>> without_quote_marks("l'''Iliade'' et '''Bell'''").replace(APOSTROPHE, "'")
    "l'Iliade et Bell"
    """
    if "''" not in text:
        return text
    text = _LINK.sub(_link, text)
    return "\n".join(_line(line) if "''" in line else line for line in text.split("\n"))


def _link(found: re.Match[str]) -> str:
    """Return a link whose text was read on its own, as MediaWiki does; a target keeps its apostrophes."""
    shown = found[2]
    lines = "" if shown is None else "\n".join(map(_line, shown.split("\n")))
    return f"[[{found[1]}{lines}]]".replace("'", APOSTROPHE)


def _line(line: str) -> str:
    runs = _RUN.findall(line)
    if len(runs) % 2 == 0 and len(kinds := set(runs)) == 1 and kinds <= _PLAIN_RUNS:
        return line.replace(runs[0], "")  # most lines
    texts = _RUN.split(line)
    lengths = [len(run) for run in runs]
    # A run of four is an apostrophe and bold, one above five so many apostrophes and both.
    kept = [1 if n == 4 else max(0, n - 5) for n in lengths]
    marks = [n - one for n, one in zip(lengths, kept, strict=True)]
    n_bold = sum(n in (3, 5) for n in marks)
    n_italic = sum(n in (2, 5) for n in marks)
    if n_bold % 2 and n_italic % 2:
        demoted = _apostrophe_and_italic(texts, marks, kept)
        if demoted is not None:
            kept[demoted] += 1
    out = [texts[0]]
    for number, text in enumerate(texts[1:]):
        out += [APOSTROPHE * kept[number], text]
    return "".join(out)


def _apostrophe_and_italic(texts: list[str], marks: list[int], kept: list[int]) -> int | None:
    """Return which bold mark of an unbalanced line is an apostrophe and an italic mark."""
    after_word = after_blank = None
    for number, length in enumerate(marks):
        if length != 3:
            continue
        before = texts[number] + "'" * kept[number]
        if before[-1:] == " ":
            after_blank = number if after_blank is None else after_blank
        elif before[-2:-1] == " " and len(before) > 1:
            return number  # after a word of one letter: d'un l'''Iliade''
        elif after_word is None:
            after_word = number
    return after_word if after_word is not None else after_blank
