"""Which programs come out of which markup to the letter.

A family is left out while rules are made, or looked at, by the hash of its name: nobody chooses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from tests.extract.code_families import Lines
from tests.extract.code_markup import Markup
from tests.extract.markup import (
    blogs_and_forums,
    boards,
    documentation,
    exports,
    publishing,
    reports,
    sites,
    tools,
    viewers,
)
from tests.extract.markup.made import made
from tests.extract.markup.programs import PROGRAMS

FAMILIES: dict[str, Markup] = {
    **blogs_and_forums.FAMILIES,
    **documentation.FAMILIES,
    **viewers.FAMILIES,
    **publishing.FAMILIES,
    **reports.FAMILIES,
    **tools.FAMILIES,
    **sites.FAMILIES,
    **exports.FAMILIES,
    **boards.FAMILIES,
}
WRITTEN_LAST = frozenset((*tools.FAMILIES, *sites.FAMILIES, *exports.FAMILIES, *boards.FAMILIES))
"""Families written when the rules for the others stood, and before any of them was run."""
_PAGES = 7
_PROSE = "<p>A paragraph of prose that is long enough to be taken for the content of a page, surely.</p>"
_CONFIG = ExtractConfig()


def is_left_out(family: str) -> bool:
    """Return whether a family was not looked at while rules were made: by the hash of its name a third,
    of those written last a half.
    """
    share = 2 if family in WRITTEN_LAST else 3
    return int(hashlib.sha256(family.encode()).hexdigest(), 16) % share == 0


def made_name(seed: int) -> str:
    """Return the name of a family whose markup is made of parts (`made.py`); a third are left out."""
    return f"made {seed}"


def exact(family: str) -> Iterator[tuple[str, bool]]:
    """Yield (program, whether it stands in the text to the letter, as a block of its own) of a family."""
    markup = made(int(family.removeprefix("made "))) if family.startswith("made ") else FAMILIES[family]
    names = list(PROGRAMS)
    for place in range(_PAGES):
        on_page = names[place::_PAGES]
        programs = {name: _written(markup, PROGRAMS[name]) for name in on_page}
        blocks = "".join(markup.page(lines) + _PROSE for lines in programs.values())
        page = f"<html><body><article><h1>Title</h1>{_PROSE}{blocks}</article></body></html>"
        text = page_text(page, _CONFIG)[0]
        for name, lines in programs.items():
            code = re.escape("\n".join(lines))
            yield name, re.search(rf"(?:^|\n)(`{{3,}})[^\n`]*\n{code}\n\1(?:\n|$)", text) is not None


def _written(family: Markup, lines: Lines) -> Lines:
    """Return lines as markup can hold them: tabs as blanks where it writes the indentation itself."""
    keeps_tabs = not any(way in family.line for way in ("{nb", "{alternating"))
    return lines if keeps_tabs else [line.expandtabs(4) for line in lines]
