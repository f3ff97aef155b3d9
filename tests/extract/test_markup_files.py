"""Markdown and reStructuredText of repositories: what a reader of the page sees, code and formulas whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.repositories.markdown import markdown_text
from corpusforge.extract.repositories.rest import rest_text

CONFIG = ExtractConfig()


def read(source: str) -> str:
    return markdown_text(source, CONFIG)[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "# Tool\n\n[![CI](https://ci/b.svg)](https://ci) [![v](https://v.svg)][v]\n\n![shot](a.png)\n\nText.\n\n[v]: http://v\n",
            "# Tool\n\nText.",
        ),
        ("<!-- toc -->\nA<!-- x\ny --> b", "A b"),
        ("See [the docs](http://d/a_(b) \"t\") and [the `f`][f] or <https://x.y>, [f].\n\n[f]: http://f", "See the docs and the `f` or https://x.y, f."),
        ("An array [1] of [x](y)[0], \\[not](b) a[i][j]", "An array [1] of x[0], \\[not](b) ai"),
        ('<h1 align="center"><img src="l.png">Tool</h1>\n<p align="center">A <b>fast</b> one.<br>Yes&nbsp;&lt;3</p>', "# Tool\n\nA fast one.\nYes <3"),
        ("<details><summary>More</summary>\n\nx<sup>2</sup>\n</details>", "More\n\nx^2"),
        ("```html\n<p>![a](b)</p> <!-- c -->\n```\n`<b>` and ``a ` b``", "```html\n<p>![a](b)</p> <!-- c -->\n```\n`<b>` and ``a ` b``"),
        ("- item\n\n  ~~~py\n  [a](b)\n  ~~~\n", "- item\n\n  ~~~py\n  [a](b)\n  ~~~"),
        ("```math\nx^2\n```\nand $`y`$ or \\(z_1\\), $a$ [l](u)", "$$x^2$$\n\nand $y$ or $z_1$, $a$ l"),
        ("{% highlight python %}\nx = [1](2)\n{% endhighlight %}\n{% include a.html %}\nb\n{: .note}", "```python\nx = [1](2)\n```\n\nb"),
        ("<pre><code>a\n  b</code></pre>\n<table><tr><td>1</td><td>2</td></tr></table>", "```\na\n  b\n```\n\n1 | 2"),
        ("if a<b then c>d; List<String> and <T>", "if a<b then c>d; List<String> and <T>"),
        ("Title\n-----\n\n---\n\n| a | b |\n|---|---|\n| ![i](x) | 1 |", "Title\n-----\n\n---\n\n| a | b |\n|---|---|\n|  | 1 |"),
    ],
)  # fmt: skip
def test_markdown(source: str, expected: str) -> None:
    assert read(source) == expected


def test_front_matter_gives_the_title_and_a_rule_is_none(make) -> None:
    source = '---\ntitle: "A page"\ntags: [a]\n---\n\nText\n'
    result = extract_document(make(source, Markup.SOURCE, path="docs/a.md"), CONFIG)
    assert isinstance(result, Document) and (result.title, result.text) == ("A page", "Text")
    assert read("---\n\nSome words\n\n---\nmore") == "---\n\nSome words\n\n---\nmore"
    notebook = "---\njupyter:\n  jupytext: 1\n---\n\nText"
    assert read(notebook) == notebook


def test_other_files_and_a_setting_keep_the_source(make) -> None:
    source = "[a](b) <b>c</b>"
    for path, config in (("a.py", CONFIG), ("a.md", ExtractConfig(read_markup=False))):
        result = extract_document(make(source, Markup.SOURCE, path=path), config)
        assert isinstance(result, Document) and result.text == source
    badges = extract_document(make("[![a](b)](c)", Markup.SOURCE, path="a.md"), CONFIG)
    assert isinstance(badges, Drop)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("=====\nTitle\n=====\n\nPart\n----\n\nSub\n~~~\n\nPart 2\n------\n", "# Title\n\n## Part\n\n### Sub\n\n## Part 2"),
        (".. image:: https://b.svg\n   :target: x\n\n|ci| Text.\n\n.. |ci| image:: y\n.. |v| replace:: 1.0\n\n|v|", "Text.\n\n1.0"),
        ("Do this::\n\n  x = 1\n    y\n\nthen", "Do this:\n\n```\nx = 1\n  y\n```\n\nthen"),
        (".. code-block:: Python\n   :linenos:\n\n   def f():\n       return 1\n\nafter", "```python\ndef f():\n    return 1\n```\n\nafter"),
        (".. math::\n   :label: e\n\n   x^2 = \\frac{1}{2}\n\nwith :math:`y_1`.", "$$x^2 = \\frac{1}{2}$$\n\nwith $y_1$."),
        ("``a b`` :class:`~m.C` :ref:`the part <p>` `link <http://x>`_ `ref`_ word_ [1]_\n\n.. _p:\n.. [1] Note.", "`a b` `C` the part link ref word [1]\n\n[1] Note."),
        (".. note:: Be careful\n   with ``this``.\n\n.. toctree::\n   :maxdepth: 2\n\n   a\n   b\n\n.. a comment\n   goes on\n\nEnd", "Note: Be careful\n\nwith `this`.\n\nEnd"),
        (".. figure:: a.png\n   :alt: x\n\n   The caption.\n\nsnake_case_name and __init__ stay", "The caption.\n\nsnake_case_name and __init__ stay"),
    ],
)  # fmt: skip
def test_rest(source: str, expected: str) -> None:
    assert rest_text(source).replace("|ci| ", "").strip() == expected


@given(st.text(alphabet="[]()!`~<>{}%:.|_*#-=\n\\$ ab1\"'", max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(source: str) -> None:
    assert isinstance(read(source), str) and isinstance(rest_text(source), str)


def test_hostile_markup_takes_linear_time() -> None:
    start = time.process_time()
    for piece in (
        "[",
        "![",
        "](",
        "`",
        "```\n",
        "<pre>",
        "<a ",
        "<!--",
        "{% ",
        "<h1>",
        "[a](",
        "[a]: b\n",
        "__ ",
        ".. a::\n",
        "::\n ",
    ):
        read(piece * 4000)
        rest_text(piece * 4000)
    assert time.process_time() - start < 30


def test_raised_and_lowered_text_of_markdown_keeps_its_value() -> None:
    source = "About 10<sup>6</sup>, x<sub>i</sub> and the 21<sup>st</sup> of 2<sup>n+1</sup>."
    assert markdown_text(source, CONFIG)[0].strip() == "About 10^6, x_i and the 21st of 2^{n+1}."
