"""Pages whose content comes late, hidden or in templates, and is put in its place by a script."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text

CODE = '<p>Late &amp; right.</p><pre><code class="language-py">for x in y:\n    print(x)</code></pre>'
WANTED = "Before.\n\nLate & right.\n\n```py\nfor x in y:\n    print(x)\n```\n\nAfter."
LATER = {
    "react": '<!--$?--><template id="B:0"></template><p>Loading</p><!--/$--><p>After.</p></main>'
    '<div hidden id="S:0">{}</div><script>$RC=function(b,c){{return 1}};$RC("B:0","S:0")</script>',
    "react, a segment in what comes late": '<!--$?--><template id="B:0"></template>…<!--/$--><p>After.</p></main>'
    '<div hidden id="S:0"><template id="P:1"></template></div><div hidden id="S:1">{}</div>'
    '<script>$RS("S:1","P:1")</script><script>$RC("B:0","S:0")</script>',
    "react, its runtime elsewhere": '<!--$?--><template id="B:0"></template>…<!--/$--><p>After.</p></main>'
    '<div hidden id="S:0">{}</div><template data-rci="" data-bid="B:0" data-sid="S:0"></template>',
    "solid": '<template id="pl-0-1"></template><p>Loading</p><!--pl-0-1--><p>After.</p></main>'
    '<template id="0-1">{}</template><script>$df("0-1")</script>',
    "marko": '<noscript id="afph3"></noscript><p>After.</p></main>'
    '<div id="af3" style="display:none">{}</div><script>$af(3)</script>',
    "turbo": '<div id="late"><i>wait</i></div><p>After.</p></main>'
    '<turbo-stream action="replace" target="late"><template>{}</template></turbo-stream>',
    "turbo, added to a list": '<div id="list"></div><turbo-stream action="append" target="list">'
    "<template>{}</template></turbo-stream><p>After.</p></main>",
    "a script of its own": '<div id="slot">wait</div><p>After.</p></main><template id="rest">{}</template>'
    '<script>document.getElementById("slot").replaceChildren(document.getElementById("rest").content)</script>',
    "a declared shadow root": "<x-late><template shadowrootmode=open>{}</template></x-late><p>After.</p></main>",
}


def read(body: str) -> str:
    return page_text(f"<html><body>{body}</body></html>", ExtractConfig(), main_content=False)[0]


@pytest.mark.parametrize("manner", LATER)
def test_content_that_comes_late_stands_where_the_script_puts_it(manner: str) -> None:
    assert read("<main><p>Before.</p>" + LATER[manner].format(CODE)) == WANTED


def test_templates_that_wait_for_data_or_for_nobody_are_not_shown() -> None:
    filled = '<ul id="list"><li>one</li></ul><template id="row"><li>{{name}} and its long description</li></template>'
    script = '<script>list("#list", "#row"); x.content</script>'
    assert read(filled + script) == "- one"
    unused = (
        '<div id="slot">here</div><template id="t"><p>A text of some length that nobody moves.</p></template>'
    )
    assert read(unused + "<script>x.content</script>") == "here"


@pytest.mark.parametrize(
    "body",
    [
        '<div hidden id="a"><template id="b"></template></div><script>$RC("b","a")</script><p>x</p>',
        '<template id="a"></template><script>$RC("a","a");$RC("a","none")</script><p>x</p>',
        '<template shadowrootmode=open><p>x</p><template><script>"<template>"</script>',
        "<p>x</p></template></template><template id='c'><turbo-stream target='z' action='update'>",
        '<turbo-stream action="update" target="q"><template><p>x</p></template></turbo-stream>',
    ],
)
def test_moves_that_lead_nowhere_lose_no_other_text(body: str) -> None:
    assert read(body + ".content") in ("x\n\n.content", "x", "x.content", ".content\n\nx", ".content")
