"""Headings and marks of lists that need no parser: set before the parse, as the walk over the tree does.

Each mark of a list is three tokens and a node, each heading five and more; on most pages they are the most of
all. What of them might be more than a line's beginning stays for the parser.
"""

from __future__ import annotations

import re

from mwparserfromhell.definitions import PARSER_BLACKLIST  # pyright: ignore[reportMissingTypeStubs]

from corpusforge.extract.wiki.unclosed import BREAK

MARK = "\x01"
"""Before each mark of a list, `*`, `#`, `:` or `;`: lists are laid out when the lines are known."""
_LINE = re.compile(r"\n(?:[*#:]++(?!;)|(={2,6}+)([^\[\]{}<>&|!=:\x00-\x1f]+)\1(?=\n|\Z))")
"""A mark of a definition, `;`, ends elsewhere on its line; a title with marks in it is parsed."""
_OTHERWISE_READ = re.compile(rf"<(?:t[dhr]|{'|'.join(PARSER_BLACKLIST)})\b|<[^<>]*\n[^<>]*>", re.I)
"""Tags in which a line's beginning is none, or ends a row of a table; and lines within a tag."""


def lines_set(text: str) -> str:
    """Return wikitext with plain headings as Markdown, and `MARK` before marks of lists."""
    if "<" in text and _OTHERWISE_READ.search(text):
        return text
    text = "\n" + text
    for mark in "*#:":  # one mark and a blank: most lines of lists, and found many times as fast
        text = text.replace(f"\n{mark} ", f"\n{MARK}{mark} ")
    return _LINE.sub(_set, text)[1:]


def _set(found: re.Match[str]) -> str:
    level, title = found.groups()
    if level is None:
        marks = found[0]
        return _ONE_MARK.get(marks) or "\n" + "".join([MARK + mark for mark in marks[1:]])
    title = " ".join(title.split())
    return f"\n\n\n{_SIGNS[len(level)]} {title}\n\n" if title else "\n\n\n"


_ONE_MARK = {f"\n{mark}": f"\n{MARK}{mark}" for mark in "*#:"}
_SIGNS = [BREAK + "#" * level for level in range(7)]
