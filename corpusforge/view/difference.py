"""Two texts beside each other, with the words marked that one has and the other lacks."""

from __future__ import annotations

import difflib
import re
from html import escape

from corpusforge.printable import visible
from corpusforge.view.html import count

MAX_WORDS = 4000
"""Words of a text that are compared: the work grows with their product."""
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def beside(left: str, right: str, left_name: str, right_name: str) -> str:
    """Return two texts as two columns of HTML; of long ones the beginnings."""
    pieces = [_PIECES.findall(visible(text, keep="\n\t")) for text in (left, right)]
    cut = any(len(one) > MAX_WORDS for one in pieces)
    one, other = (each[:MAX_WORDS] for each in pieces)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > MAX_WORDS)
    columns: tuple[list[str], list[str]] = ([], [])
    same = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        same += b - a if kind == "equal" else 0
        for column, words, tag in ((columns[0], one[a:b], "del"), (columns[1], other[c:d], "ins")):
            shown = escape("".join(words))
            column.append(shown if kind == "equal" or not shown else f"<{tag}>{shown}</{tag}>")
    note = f" Of each the first {count(MAX_WORDS)} words and signs." if cut else ""
    share = 2 * same / max(len(one) + len(other), 1)
    return (
        f'<p class="soft">{100 * share:.1f} % of words and signs are the same.{note}</p><div class="beside">'
        f"<div><h3>{escape(left_name)}</h3><pre>{''.join(columns[0])}</pre></div>"
        f"<div><h3>{escape(right_name)}</h3><pre>{''.join(columns[1])}</pre></div></div>"
    )
