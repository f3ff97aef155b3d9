"""A question and its answers: best answer first, code fenced, formulas kept, however awkward the HTML."""

from __future__ import annotations

import json

import pytest

from corpusforge.document import Document, Markup
from corpusforge.extract import ExtractConfig, extract_document


def read(make, question: str, *answers: dict[str, object]) -> Document:
    raw = {"title": "T", "question": {"html": question, "score": 3}, "answers": list(answers)}
    result = extract_document(make(json.dumps(raw), Markup.QA), ExtractConfig())
    assert isinstance(result, Document), result
    return result


def test_answers_follow_by_score_then_acceptance_then_id(make) -> None:
    answers = [
        {"id": 5, "score": -1, "html": "<p>bad</p>"},
        {"id": 4, "score": 9, "html": "<p>good</p>"},
        {"id": 3, "score": 9, "accepted": True, "html": "<p>chosen</p>"},
        {"id": 1, "score": 12, "html": "<p>best</p>"},
        {"id": 2, "score": 9, "html": "<p>as good</p>"},
    ]
    result = read(make, "<p>why?</p>", *answers)
    assert result.text == (
        "# T\n\n## Question\n\nwhy?\n\n## Answer\n\nbest\n\n## Accepted answer\n\nchosen\n\n"
        "## Answer\n\nas good\n\n## Answer\n\ngood\n\n## Answer\n\nbad"
    )
    assert read(make, "<p>why?</p>", *reversed(answers)).text == result.text
    assert result.signals["qa_answers"] == 5 and result.signals["qa_best_answer_score"] == 12


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<p>Use <code>a `b` c</code>, <code>``x``</code>, <code>`</code></p>",
            "Use ``a `b` c``, ``` ``x`` ```, `` ` ``",
        ),
        (
            "<ul><li>one<ul><li>two<pre><code>x = 1\n  y</code></pre></li><li>three</li></ul></li></ul>",
            "- one\n  - two\n\n```\nx = 1\n  y\n```\n\n  - three",
        ),
        ("<ol><li>a</li><li>b<ol><li>c</li></ol></li></ol>", "1. a\n2. b\n  1. c"),
        ('<ol start="3"><li>a</li><li value="7">b</li><li>c</li></ol>', "3. a\n7. b\n8. c"),
        ('<ol start="0"><li>a</li><li>b</li></ol>', "0. a\n1. b"),
        ('<ol start="iv" type="i"><li value="-2">a</li><li value="">b</li></ol>', "i. a\nii. b"),
        ('<ul><li value="4">a</li></ul>', "- a"),
        ("<p>text</p><pre>no code\n  tag</pre><p>after</p>", "text\n\n```\nno code\n  tag\n```\n\nafter"),
        (
            '<pre class="lang-py prettyprint-override"><code>if a &lt; 1: b = "```"\n</code></pre>',
            '````py\nif a < 1: b = "```"\n````',
        ),
        ("<!-- language: lang-js -->\n\n<pre><code>f()\n</code></pre>", "```js\nf()\n```"),
        (
            r"<p>Let $x_1 &lt; y$, $$\sum_i a_i$$ and \begin{align}a&amp;=b\\c&amp;=d\end{align}</p>",
            r"Let $x_1 < y$, $$\sum_i a_i$$ and $$\begin{align}a&=b\\c&=d\end{align}$$",
        ),
        ("<pre><code>$ make all\n$ make test\n</code></pre>", "```\n$ make all\n$ make test\n```"),
        ("<p><code>$HOME</code> costs $5 or $6</p>", "`$HOME` costs $5 or $6"),
        (
            "<blockquote><p>said</p><pre><code>q()</code></pre></blockquote><p>a &amp;lt; b</p>",
            "> said\n\n```\nq()\n```\n\na &lt; b",
        ),
        (
            "<blockquote><p>one<br>two</p><ul><li>x</li><li>y</li></ul><p>costs $x^2$</p></blockquote><p>own</p>",
            "> one\n> two\n\n> - x\n> - y\n\n> costs $x^2$\n\nown",
        ),
        ("<pre><code>\n\n   lead\n</code></pre>", "```\n   lead\n```"),
    ],
)  # fmt: skip
def test_awkward_posts(make, html: str, text: str) -> None:
    assert read(make, html).text == f"# T\n\n## Question\n\n{text}"
