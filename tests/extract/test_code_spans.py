"""Inline code: each element once, whatever stands in it."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("see <code>a  b</code>, <code>c</code>.", "see `a b`, `c`."),
        ("<code>outer <code>inner</code> end</code> and <code>more</code>", "`outer inner end` and `more`"),
        ("<code><span class=pre>x</span> <i>y</i></code>", "`x y`"),
        ("<code>a`b</code> <code>`c`</code>", "``a`b`` `` `c` ``"),
        ("<code> </code>nothing<code></code>", "nothing"),
        ("<code>one<br>two</code>", "```\none\ntwo\n```"),
        ("<code>one<br><code>two</code></code>", "```\none\ntwo\n```"),
        ('<code style="white-space: pre">if x:\n  y</code>', "```\nif x:\n  y\n```"),
        ("<code>if x:\n  y</code>", "`if x: y`"),
        ("<CODE>upper</CODE>", "`upper`"),
    ],
)
def test_spans(markup: str, text: str) -> None:
    assert page_text(f"<body><p>{markup}</p>", ExtractConfig(), main_content=False)[0] == text
