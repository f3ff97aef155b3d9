"""Marks of wikitext that are closed nowhere: broken up before the parse, so that it takes them for text.

The parser tries every opening mark up to the end of the text, and again within each trial: a few thousand
marks that nothing closes take it the square or the cube of their number. Here one pass finds them.
"""

from __future__ import annotations

import re

from corpusforge.extract.wiki.tags import EXTENSIONS

BREAK = "\x05"
"""Parts the signs of a mark; taken out of the parsed text."""
LESS = "\x06"
"""Stands for a `<` that begins no tag."""
_MAX_LINKS = 6
"""Links within a link that are read: a picture's caption with a link in it is two."""
_MARK = re.compile(r"\[\[|\]\]|\{(?=\|)|\|\}|\[(?=[A-Za-z][A-Za-z0-9+.-]{0,20}:|//)")
"""Each begins with a character, so that `re` skips what is none of them."""
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,30})(?:\s[^<>]*)?(?<!/)>")
_STRAY = re.compile(r"<(?!/?[A-Za-z][\w:-]{0,30}(?:(?:\s[^<>]*|/)?)>)")


def without_unclosed(text: str) -> str:
    """Return wikitext whose links, tables and tags are all closed: one pass, linear in the text."""
    text = _STRAY.sub(LESS, _without_open_extensions(text)).replace("{{", "{\x05{").replace("}}", "}\x05}")
    text = text.replace("{{", "{\x05{").replace("}}", "}\x05}")  # the second half of three
    broken: list[int] = []
    links: list[int] = []
    tables: list[int] = []
    line_end = bracket = -1
    for found in _MARK.finditer(text):
        mark, at = found[0], found.end()
        if mark == "[[":
            links.append(at)
        elif mark == "]]":
            if not links:
                continue
            opened = links.pop()
            if len(links) >= _MAX_LINKS:
                broken += [opened - 1, at - 1]
        elif mark == "{":
            if _begins_line(text, at - 1):
                tables.append(at)
        elif mark == "|}":
            if tables and _begins_line(text, at - 2):
                tables.pop()
        else:
            if line_end < at:
                line_end = text.find("\n", at) % (len(text) + 1)
            if bracket < at:
                bracket = text.find("]", at) % (len(text) + 1)
            if bracket >= line_end:
                broken.append(at)
    out, start = list[str](), 0
    for place in sorted(broken + [opened - 1 for opened in links] + tables):
        out += [text[start:place], BREAK]
        start = place
    return "".join([*out, text[start:]])


def _begins_line(text: str, at: int) -> bool:
    """Return whether nothing but blanks stands before a place on its line."""
    start = at
    while start and text[start - 1] != "\n" and text[start - 1].isspace():
        start -= 1
    return start == 0 or text[start - 1] == "\n"


def _without_open_extensions(text: str) -> str:
    """Return text in which the tags of extensions that nothing closes begin with `LESS`."""
    opened: dict[str, list[int]] = {}
    for found in _TAG.finditer(text):
        name = found[2].lower()
        if name not in EXTENSIONS:
            continue
        if not found[1]:
            opened.setdefault(name, []).append(found.start())
        elif opened.get(name):
            opened[name].pop()
    out, start = list[str](), 0
    for place in sorted(place for places in opened.values() for place in places):
        out += [text[start:place], LESS]
        start = place + 1
    return "".join([*out, text[start:]])
