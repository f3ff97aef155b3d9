"""What a page's source may hold, found in one pass, so that nothing else is looked for.

Selecting elements costs a walk over the tree for each rule; most pages have no formula
and many no code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.attributes import attribute_hints
from corpusforge.extract.web.codecolumns import column_hints
from corpusforge.extract.web.codeelements import element_hints
from corpusforge.extract.web.codekin import may_hold_rows
from corpusforge.extract.web.coderows import number_hints
from corpusforge.extract.web.coderules import rule_hints
from corpusforge.extract.web.depth import may_be_deep

_WORDS: dict[str, str] = {
    "math/": "math|tex math|mml",
    "katex": "katex",
    "wiki": "mwe|math",
    "mathjax": "mjx mathjax",
    "<math": "<math",
    "image": "latex texvc mimetex mathtex upmath tex|cgi tex2jax mathimg cht|tx class||math "
    "|tex| mwe|math math|render media|math images|math",
    "wrapper": "|math| arithmatex inline|formula display|formula math|inline math|tex math|container "
    "math|display",
    "environment": "begin|equation begin|align begin|eqnarray begin|gather begin|multline begin|displaymath "
    "begin|flalign",
    "<pre": "<pre|",
    "<code": "<code|",
    "old pre": "<listing| <xmp|",
    "<table": "<table|",
    "foot": "<tfoot|",
    "<sup": "<sup|",
    "<sub": "<sub|",
    "highlighted": "highlight lntable rouge crayon codehilite hljs processedcode",
    "gutter": "gutter linenos crayon linenodiv",
    "code lines": "lineno linenr linenum line-num line_num listingline codeline code-line view-line cm-line "
    "ace_line codemirror-line crayon-line token-line data-line blob-num lines-num lines-code source-line "
    "=|line line-code src-line code_line code-row diff-line listing-line line-wrap",
    "code boxes": "=|code codeblock code-block code_block blockcode sourcecode source-code codebox "
    "w3-code code-view code_view code-container code-content verbatim geshi linenums |dp- syntaxhighlighter "
    "code-list codelist highlighted-code enlighter hl-main |snippet| =|listing =|source =|program "
    "=|paste codecolorer simplecode font|mono| whitespace|pre| codeexample codesample codetext "
    "codepara",
    "languages": "data|lang= data|language=",
    "<tt": "<tt| <kbd| <samp|",
    "<textarea": "<textarea|",
    "code elements": "<d|code <cds|code <bx|code <dx|code |code|< |snippet|< |codeblock|<",
    "code scripts": "=|syntaxhighlighter text|plain =|text|x|",
    "code fonts": "monospace consolas courier menlo white|space||pre white|space|pre",
    "style sheet": "<style",
    "kept blanks": "nbsp||nbsp nbsp|||nbsp nbsp|=|nbsp",
    "line anchors": "href=||l| href=||t| id=|l| id=|lc| name=|l|",
    "spans": "rowspan colspan",
    "reversed": "|reversed",
    "slot": "zqxj",
    "prefixed": "|math",
    "template": "<template| |afph",
}
"""Words for each hint; `|` is any character that is no letter, `<` and `=` only themselves."""


_INDENTED = (b">&nbsp;&nbsp", b">&nbsp&nbsp")
"""How the text of an element begins that is indented by blanks that do not break."""
_NBSP = rb"(?:&(?:nbsp|#0*160|#x0*a0|nonbreakingspace);?|\xc2\xa0)"
_LINE = re.compile(
    rb"<(?:p|div|li)[\s/>](?:(?<=>)|[^<]*>)(?:</?[a-z][^<]*>){0,6}\r?\n?" + _NBSP + _NBSP, re.I
)
"""A line that is indented so, or an element that such a line begins with."""


def page_hints(source: bytes) -> frozenset[str]:
    """Return the hints that hold for a page's source, UTF-8."""
    following, found, first_found = _automaton()
    data = np.frombuffer(source, dtype=np.uint8)
    opened = np.flatnonzero(data == _LESS)
    flags = int(_search(data, following, found, first_found))
    hints = frozenset(name for place, name in enumerate(_WORDS) if flags >> place & 1)
    if may_be_deep(data, opened):
        hints |= {"deep"}
    if numbers := frozenset(number_hints(source, opened)):
        hints |= numbers | {"numbered"}
    if columns := frozenset(column_hints(source)):
        hints |= columns | {"columns"}
    if "code elements" in hints or "<code" in hints:
        hints |= frozenset(element_hints(source, opened))
    if "style sheet" in hints and "code fonts" in hints:
        if rules := frozenset(rule_hints(source)):
            hints |= rules | {"rules"}
    hints |= attribute_hints(source, hints)
    if "<code" in hints and may_hold_rows(source, data, opened):
        hints |= {"rows of code"}
    if _holds_session(data) or (
        "kept blanks" in hints and any(start in source for start in _INDENTED) and _LINE.search(source)
    ):
        return hints | {"indented"}
    return hints


_LESS = ord("<")


@lru_cache(maxsize=1)
def _automaton() -> tuple[NDArray[np.uint16], NDArray[np.int64], int]:
    """Return the automaton of all words, and the first of its states in which something is found.

    Those states come last, so that one comparison tells that none was reached; a state fits two bytes
    and its row one line of the processor's cache.
    """
    words = [(1 << place, _spelt(said)) for place, said in enumerate(_WORDS.values())]
    following, found = tags.automaton(words)
    order = np.argsort(found != 0, kind="stable")
    numbers = np.argsort(order)
    rows = following.reshape(len(found), -1)[order]
    assert len(found) << 5 <= 1 << 16, "more words than a state of two bytes can number"
    compact = (numbers[rows >> 5] << 5).astype(np.uint16)
    return compact.reshape(-1), found[order], int(np.count_nonzero(found == 0)) << 5


def _spelt(words: str) -> list[str]:
    """Return words with `|` as each of the symbols that are no letter."""
    ways = (product(*(f"{c}<=" if c == "|" else c for c in word)) for word in words.split())
    return ["".join(one) for spellings in ways for one in spellings]


def _symbols() -> NDArray[np.uint8]:
    symbols = tags.SYMBOLS.astype(np.uint8)
    symbols[ord("<")], symbols[ord("=")] = tags.LESS_SYMBOL, tags.EQUALS_SYMBOL
    return symbols


_SYMBOLS = _symbols()
_LONGEST = 32  # bytes; no word is longer


_LINE_FEED, _GREATER, _DOLLAR, _BLANK, _AMPERSAND, _DASH = b"\n>$ &-"
_G, _T, _D, _I, _F = b"gtdif"
_PROMPT_BYTES = 14  # the longest, with a line feed before


@jit_in_place
def _holds_session(data: Any) -> bool:
    """Return whether the text of an element begins as a session or a patch does."""
    for i in range(data.shape[0] - _PROMPT_BYTES):
        if data[i] != _GREATER:
            continue
        j = i + 1 + (data[i + 1] == _LINE_FEED)
        first = data[j]
        if first == _DOLLAR and data[j + 1] == _BLANK:
            return True
        if first == _AMPERSAND and data[j + 1] == _G and data[j + 2] == _T:
            if data[j + 4] == _AMPERSAND and data[j + 8] == _AMPERSAND and data[j + 12] == _BLANK:
                return True
        if first == _D and data[j + 1] == _I and data[j + 3] == _F:
            if data[j + 4] == _BLANK and data[j + 5] == _DASH:
                return True
    return False


@jit
def _search(source: Any, following: Any, found: Any, first_found: int) -> Any:
    """Return the bits of all words that occur; four stretches at once, for each step waits for memory."""
    n = source.shape[0] // 4
    a, b, c, d = source[:n], source[n : 2 * n], source[2 * n : 3 * n], source[3 * n :]
    s1 = s2 = s3 = s4 = following[26]
    flags = 0
    for i in range(n):
        s1 = following[s1 + _SYMBOLS[a[i]]]
        s2 = following[s2 + _SYMBOLS[b[i]]]
        s3 = following[s3 + _SYMBOLS[c[i]]]
        s4 = following[s4 + _SYMBOLS[d[i]]]
        if max(max(s1, s2), max(s3, s4)) >= first_found:
            flags |= found[s1 >> 5] | found[s2 >> 5] | found[s3 >> 5] | found[s4 >> 5]
    for edge in (n, 2 * n, 3 * n, source.shape[0]):
        state = following[26]
        for i in range(max(0, edge - _LONGEST), min(source.shape[0], edge + _LONGEST)):
            state = following[state + _SYMBOLS[source[i]]]
            flags |= found[state >> 5]
    return flags
