"""What a page's source may hold, found in one pass, so that nothing else is looked for.

Selecting elements costs a walk over the tree for each rule; most pages have no formula
and many no code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.extract.web import tags

_WORDS: dict[str, str] = {
    "math/": "math|tex math|mml",
    "katex": "katex",
    "wiki": "mwe|math",
    "mathjax": "mjx mathjax",
    "<math": "|math",
    "image": "latex texvc mimetex mathtex upmath tex|cgi tex2jax mathimg cht|tx class||math "
    "|tex| mwe|math math|render media|math images|math",
    "wrapper": "|math| arithmatex inline|formula display|formula math|inline math|tex math|container "
    "math|display",
    "environment": "begin|equation begin|align begin|eqnarray begin|gather begin|multline begin|displaymath "
    "begin|flalign",
    "<pre": "|pre|",
    "<code": "|code|",
    "<table": "|table|",
    "<sup": "|sup|",
    "<sub": "|sub|",
    "highlighted": "highlight lntable rouge crayon codehilite hljs processedcode",
    "gutter": "gutter linenos crayon linenodiv",
    "code lines": "lineno linenr linenum line-num listingline codeline code-line view-line cm-line ace_line "
    "codemirror-line crayon-line token-line data-line blob-num lines-num lines-code source-line",
    "code lists": "dp-highlighter |dp- linenums geshi syntaxhighlighter code-list codelist",
    "spans": "rowspan colspan",
    "reversed": "|reversed",
    "slot": "zqxj",
}
"""Words for each hint; `|` is any character that is no letter."""
_LINE_CLASS = b'="line'
"""Of an element whose class begins with `line`, a word that stands in most pages elsewhere."""
_EXACT = {"<math", "<pre", "<code", "<table", "<sup", "<sub"}


def page_hints(source: bytes) -> frozenset[str]:
    """Return the hints that hold for a page's source, UTF-8."""
    following, found = _automaton()
    flags = int(_search(np.frombuffer(source, dtype=np.uint8), following, found))
    hints = {name for place, name in enumerate(_WORDS) if flags >> place & 1}
    if _LINE_CLASS in source:
        hints.add("code lines")
    doubtful = hints & _EXACT
    doubtful = {name for name in doubtful if name.encode() not in source}
    if doubtful:  # the automaton does not tell `<pre` from `"pre`
        lowered = source.lower()
        hints -= {name for name in doubtful if name.encode() not in lowered}
    return frozenset(hints)


@lru_cache(maxsize=1)
def _automaton() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return tags.automaton([(1 << place, words.split()) for place, words in enumerate(_WORDS.values())])


_LONGEST = 32  # bytes; no word is longer


@jit
def _search(source: Any, following: Any, found: Any) -> Any:
    """Return the bits of all words that occur; four stretches at once, for each step waits for memory."""
    n = source.shape[0] // 4
    s1 = s2 = s3 = s4 = following[26]
    flags = 0
    for i in range(n):
        s1 = following[s1 + tags.SYMBOLS[source[i]]]
        s2 = following[s2 + tags.SYMBOLS[source[n + i]]]
        s3 = following[s3 + tags.SYMBOLS[source[2 * n + i]]]
        s4 = following[s4 + tags.SYMBOLS[source[3 * n + i]]]
        flags |= found[s1 >> 5] | found[s2 >> 5] | found[s3 >> 5] | found[s4 >> 5]
    for edge in (n, 2 * n, 3 * n, source.shape[0]):
        state = following[26]
        for i in range(max(0, edge - _LONGEST), min(source.shape[0], edge + _LONGEST)):
            state = following[state + tags.SYMBOLS[source[i]]]
            flags |= found[state >> 5]
    return flags
