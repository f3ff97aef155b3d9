"""LaTeX to MathML by KaTeX, which browsers show without a script, a font or a style of its own.

KaTeX runs in an engine of JavaScript inside the process (pykatex), on one thread that is its own. What it
cannot read, and what is too long or too much for one page, stays LaTeX. `trust` is off: no link, no
resource and no HTML comes out of a formula.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from html import escape
from typing import Any

from corpusforge.extras import load

MAX_CHARS = 2000
"""Of a formula; KaTeX takes a second for ten times as many."""
MAX_SECONDS = 1.5
"""For the formulas of one page."""
_MATH = re.compile(r"<math.*</math>", re.DOTALL)
_ANNOTATION = re.compile(r"<annotation encoding=\"application/x-tex\">.*?</annotation>", re.DOTALL)
_STYLE = re.compile(r' style="[^"]*"')
"""Of a frame's border: the pages allow no styles but their sheet's."""

_engine = ThreadPoolExecutor(max_workers=1, thread_name_prefix="katex")


class Formulas:
    """The formulas of one page, as HTML; slower pages end in LaTeX."""

    def __init__(self) -> None:
        self._end = time.monotonic() + MAX_SECONDS

    def html(self, latex: str, *, is_block: bool) -> str:
        """Return a formula as MathML, or as the LaTeX that it was."""
        made = ""
        if len(latex) <= MAX_CHARS and "\0" not in latex and time.monotonic() < self._end:
            made = _engine.submit(_mathml, latex, is_block).result()
        return made or f'<code class="latex">{escape(latex)}</code>'


@lru_cache(maxsize=4096)
def _mathml(latex: str, is_block: bool) -> str:
    """Return MathML, empty where KaTeX cannot read the formula."""
    katex: Any = load("pykatex")
    try:
        found = katex.renderToString(
            latex, displayMode=is_block, output="mathml", throwOnError=True, strict="ignore", trust=False
        )
    except (katex.ParseError, ValueError, RuntimeError):
        return ""
    math = _MATH.search(found)
    return _STYLE.sub("", _ANNOTATION.sub("", math[0])) if math else ""
