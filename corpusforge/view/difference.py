"""Two texts beside each other: where they differ, with some words around it; the rest is left out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from html import escape

from corpusforge.printable import visible
from corpusforge.report.html import count

MAX_WORDS = 4000
"""Words of a text that are compared: the work grows with their product."""
_AROUND = 60
"""Words and blanks shown before and behind a difference."""
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")
_LEFT_OUT = '<span class="gap">… {} the same …</span>'


def beside(left: str, right: str, left_name: str, right_name: str) -> str:
    """Return two texts as two columns of HTML; of long ones the beginnings are compared."""
    pieces = [_PIECES.findall(visible(text, keep="\n\t")) for text in (left, right)]
    is_cut = any(len(one) > MAX_WORDS for one in pieces)
    one, other = (each[:MAX_WORDS] for each in pieces)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > MAX_WORDS)
    opcodes = matcher.get_opcodes()
    columns: tuple[list[str], list[str]] = ([], [])
    n_same = 0
    for place, (kind, a, b, c, d) in enumerate(opcodes):
        if kind == "equal":
            n_same += b - a
            shown = _same(one[a:b], is_first=place == 0, is_last=place == len(opcodes) - 1)
            columns[0].append(shown)
            columns[1].append(shown)
            continue
        for column, words, tag in ((columns[0], one[a:b], "del"), (columns[1], other[c:d], "ins")):
            if words:
                column.append(f"<{tag}>{escape(''.join(words))}</{tag}>")
    share = 200 * n_same / max(len(one) + len(other), 1)
    told = "They are the same." if n_same == len(one) == len(other) else f"{share:.1f} % of both is the same."
    note = f" Of each the first {count(MAX_WORDS)} words and signs were compared." if is_cut else ""
    return (
        f'<p class="soft">{told}{note}</p><div class="beside">'
        f"<div><h3>{escape(left_name)}</h3><pre>{''.join(columns[0])}</pre></div>"
        f"<div><h3>{escape(right_name)}</h3><pre>{''.join(columns[1])}</pre></div></div>"
    )


def _same(words: Sequence[str], *, is_first: bool, is_last: bool) -> str:
    """Return words that both have, long runs without their middle."""
    before = 0 if is_first and not is_last else _AROUND
    behind = 0 if is_last and not is_first else _AROUND
    if is_first and is_last:  # one text twice: its beginning is enough
        before, behind = 10 * _AROUND, 0
    n_left_out = len(words) - before - behind
    if n_left_out <= _AROUND:
        return escape("".join(words))
    gap = _LEFT_OUT.format(f"{count(n_left_out)} words, blanks and signs")
    head, tail = "".join(words[:before]), "".join(words[len(words) - behind :])
    return f"{escape(head)}{gap}{escape(tail)}"
