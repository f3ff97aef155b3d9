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


def test_blanks_between_cells_and_items_of_code_are_layout_of_the_source() -> None:
    lines = "<span class=line>if x:</span><br><span class=line>    y = f(x)</span><br>"
    numbers = "<pre><span class=line>1</span><br><span class=line>2</span><br></pre>"
    table = (
        f'<figure class="highlight plaintext"><table>\n  <tr>\n    <td class="gutter">{numbers}</td>\n'
        f'    <td class="code"><pre>{lines}</pre></td>\n  </tr>\n</table></figure>'
    )
    text = page_text(f"<body><p>So:</p>{table}</body>", ExtractConfig(), main_content=False)[0]
    assert text == "So:\n\n```\nif x:\n    y = f(x)\n```"
