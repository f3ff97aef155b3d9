"""Fenced blocks are those that one expression over the whole text finds."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.fences import split_fences

_FENCE = re.compile(
    r"^[ \t]{0,3}(`{3,}+|~{3,}+)[ \t]*+([^\n`]*+)\n(.*?)(?:^[ \t]{0,3}\1[`~]*+[ \t]*+$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PIECES = (
    "```",
    "~~~",
    "`",
    "~",
    " ",
    "\t",
    "\n",
    "\r\n",
    "py",
    "x",
    "````",
    "\u2028",
    "\n```\n",
    "\n~~~ \n",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=24).map("".join))
def test_blocks_are_those_of_the_expression(text: str) -> None:
    pieces, blocks, end = [], [], 0
    for match in _FENCE.finditer(text):
        blocks.append((match[2].strip(), match[3]))
        pieces.append(text[end : match.start()])
        end = match.end()
    assert split_fences(text) == ("\n".join([*pieces, text[end:]]), blocks)


def test_a_line_of_many_fences_takes_no_longer_than_its_length() -> None:
    text = "``` x " * 100_000 + "\n" + "    ```\n" * 50_000
    assert split_fences(text) == (text, [])
