"""Code in rows of <code>, in text areas, with notes at its lines' ends: whole, and without what is no code."""

from __future__ import annotations

import pytest

from tests.extract.test_code_families import block_of


def _rows(row: str, lines: list[str]) -> str:
    return "".join(row.replace("{c}", line) for line in lines)


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        (
            _rows("<div class=r><button>Copy</button><code>{c}</code></div>", ["if x:", "&nbsp;&nbsp;y = 1", "z(y)"]),
            "if x:\n  y = 1\nz(y)",
        ),
        ("<textarea class='java' readonly>int x = 1;\nint y = x;\nf(x, y);</textarea>", "int x = 1;\nint y = x;\nf(x, y);"),
        ("<pre>a&nbsp;=&nbsp;1<br>\nb&nbsp;=&nbsp;2<br>\n<br>\nf(a,&nbsp;b)</pre>", "a = 1\nb = 2\n\nf(a, b)"),
        (
            "<pre><code>f(x); <i class=conum data-value=1></i><b>(1)</b>\ng(x);\nh(x); <i class=conum data-value=2></i><b>(2)</b></code></pre>",
            "f(x);\ng(x);\nh(x);",
        ),
        ("<pre>f(x); <a href='#c1'>1</a>\ng(x); <a href='#c2'>2</a></pre>", "f(x);\ng(x);"),
        ("<pre><code>x = 1\ny = 2</code><ol class=nums><li>1.</li><li>2.</li></ol></pre>", "x = 1\ny = 2"),
    ],
)  # fmt: skip
def test_code_without_what_is_beside_it(markup: str, code: str) -> None:
    assert block_of(markup)[0] == code


@pytest.mark.parametrize(
    "code",
    [
        "<pre>red = <a class=n>1</a>\ngreen = <a class=n>2</a></pre>",
        "<pre>red = <a href='#d1'>1</a>\ngreen = <a href='#d2'>2</a></pre>",
        "<pre>return <span class=mi>1</span>\nreturn <span class=mi>2</span></pre>",
        "<pre>f <span class=p>(1)</span>\ng <span class=p>(2)</span></pre>",
    ],
)
def test_numbers_that_are_code_stay(code: str) -> None:
    block = block_of(code)[0]
    assert "1" in block and "2" in block


def test_a_list_of_commands_stays_a_list() -> None:
    commands = ("install", "start", "test")
    markup = "".join(f"<li><code>npm {command}</code></li>" for command in commands)
    assert block_of(f"<ul>{markup}</ul>") == []
