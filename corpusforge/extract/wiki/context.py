"""What a template of no list says to a reader: where it stands in a sentence or a cell, an argument of it.

A space or bracket stands before it, and the argument reads like a word. It never says a number: what is not
understood leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpusforge.extract.wiki.called import Called
from corpusforge.extract.wiki.preprocessor import GONE
from corpusforge.extract.wiki.template_names import rules
from corpusforge.extract.wiki.templates import MAX_VALUES, NUMBER, Use

_NO_TEXT = re.compile(r"[PpQq]\d+|.*\.(?:og[gav]|wav|mp3|svg|jpe?g|png|webm)", re.I | re.S)
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{3})?")
_CODE_CHARS, _MOST_CODES = 7, 4
_SPEAKS = re.compile(r"[^\W\d_]|\d")
_SAYS_WORDS = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MOSTLY_NUMBER = re.compile(r"(?:[^\W\d_]{0,3}\W*\d)")
_MARKUP = re.compile(r"\[\[(?:[^\[\]|]*\|)?|\]\]|'{2,}|<[^<>]{0,200}>")
_BEGINS_SENTENCE = re.compile(r"[^\[\]'<\n\x01]*?[^\W\d_]")
"""A letter that no link, mark or tag stands before."""
_IN_SENTENCE = re.compile(r"[^\W\d_][^\n\x01]*[\s(\[«„“\"'’–—/|]$")
_GO_ON = frozenset('(«„“"’–—/')
_GOES_ON = re.compile(r"[\s(\[«„“\"'’–—/|]")
_IN_CELL = re.compile(r"\s*(?:[|!](?![-+}])|.*(?:\|\||!!))[^\n]*$", re.S)
_CELL_START = re.compile(r"\s*(?:[|!*#][^\n]*[|!*#]|[|!*#]|(?:.*(?:\|\||!!)))\s*", re.S)
LINE_CHARS = 200
"""Of the line before a node that are looked at."""
_SHORT_LINE = 32
"""Characters of a line's beginning that many pages have: `* French: `."""
_MAX_CHARS = 150
_NAMED_UNITS = frozenset({"km", "cm", "mm", "kg", "km²"})


def line_after(line: str, text: str) -> str:
    """Return what stands before the next node on its line: the end of `line` and of the text behind it."""
    end = text.rfind("\n") + 1
    if end:
        return text[end:] if len(text) - end <= LINE_CHARS else text[-LINE_CHARS:]
    return (line + text[-LINE_CHARS:])[-LINE_CHARS:]


def ordinary_text(name: Called, texts: Sequence[str], before: str) -> str | None:
    """Return what `text_by_context` finds for an ordinary name, None where plain arguments do not tell.

    `texts`: the name, then the arguments, one at least.
    """
    values = [text for text in texts[1:] if "=" not in text]
    if any([GONE in text for text in texts]) or len(values) > MAX_VALUES:
        return None
    if len(values) < len(texts) - 1:
        named: dict[str, str] = {}
        for text in texts[1:]:
            key, equals, value = text.partition("=")
            if equals:
                named[key.strip()] = value.strip()
        if any([key.isdecimal() for key in named]) or not any([value.strip() for value in values]):
            return None  # the place of one without a name; perhaps a note
        if sum([value != "" for value in named.values()]) > 1:
            return ""
    return _said(name.key, values) if goes_on(before) else ""


def _behind_codes(values: Sequence[str]) -> tuple[str, int]:
    """Return (the first argument but codes of languages before others: {{llang|de|Berlin}}, its place)."""
    last = min(len(values), _MOST_CODES) - 1
    text = values[0].strip()
    for place in range(last):
        if len(text) > _CODE_CHARS or not _CODE.fullmatch(text):
            return text, place
        following = values[place + 1].strip()
        if not (following[:1].isalnum() or _SPEAKS.search(following)):
            return text, place
        text = following
    return text, last


def text_by_context(use: Use, before: str, is_last: bool = False) -> str:
    """Return the argument that a template of no list shows, "" where it seems to show none.

    `before`: the wikitext of the line that it stands in, so far; `is_last`: nothing follows it there.
    """
    name, values, called = use.name, use.values, use.called
    if called.is_data:
        return ""
    if is_last and values and called.is_flag and _CELL_START.fullmatch(before):
        text = values[0].strip()
        return (
            text
            if _SAYS_WORDS.search(text) and len(text) <= _MAX_CHARS and not _NO_TEXT.fullmatch(text)
            else ""
        )
    if called.is_prefixed:
        shown = values[1] if name.startswith("нп") and len(values) > 1 and values[1].strip() else None
        text = (shown if shown is not None else values[0]).strip() if values else ""
        return text if _SPEAKS.search(text) else ""
    if not values or len(use.named) > 1 or called.is_silent:
        return ""
    return _said(name, values) if goes_on(before) else ""


def _said(name: str, values: Sequence[str]) -> str:
    """Return the argument that speaks for a template in a sentence or a cell, "" where none seems to."""
    text, place = _behind_codes(values)
    if len(text) > _MAX_CHARS:
        return ""
    if len(text) > 1 and text.isalpha():
        return text  # a word: none of what follows is one
    if "\n" in text or _NO_TEXT.fullmatch(text):
        return ""
    if NUMBER.fullmatch(text):
        known = rules()
        if name in known.unit:  # {{km|70|m}}: seventy kilometres; what a single letter means is not known
            return f"{text} {name}" if name in _NAMED_UNITS else ""
        unit = values[1].strip() if len(values) == 2 and place == 0 else ""
        return f"{text} {unit}" if unit in known.unit else ""
    if not _SAYS_WORDS.search(text) or _MOSTLY_NUMBER.match(text):
        return ""  # a number that a template may turn into another one
    return text


def goes_on(before: str) -> bool:
    """Return whether a line is a sentence or a cell so far, which a template may go on with."""
    return (_goes_on if len(before) <= _SHORT_LINE else _goes_on.__wrapped__)(before)


@lru_cache(maxsize=1 << 12)
def _goes_on(before: str) -> bool:
    return _is_in_sentence(before) or is_cell(before)


def _is_in_sentence(before: str) -> bool:
    """Return whether a line is a sentence so far, and goes on behind a blank, a bracket or their like."""
    if (before[-1:] in _GO_ON or before[-1:].isspace()) and _BEGINS_SENTENCE.match(before):
        if "\x01" not in before and "\n" not in before:
            return True  # most of them; the expressions below would find the same
    shown = _MARKUP.sub("", before)
    return _GOES_ON.match(shown[-1:]) is not None and _IN_SENTENCE.search(shown) is not None


def is_cell(before: str) -> bool:
    """Return whether a line stands in a table's cell so far."""
    return ("|" in before or "!" in before) and _IN_CELL.match(before) is not None
