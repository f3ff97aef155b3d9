"""An article that a page declares, and does not show, is its text; one that it shows is read from the page."""

from __future__ import annotations

import json

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text

_SENTENCES = [
    " ".join(f"{word}{n}" for word in "the crew sailed east until night fell and counted stars".split()) + "."
    for n in range(12)
]
_MENU = "".join(
    f"<li><a href='/{n}'>Teaser number {n} of another story that readers liked very much</a></li>"
    for n in range(30)
)


def _page(shown: str, body: str) -> str:
    declared = json.dumps({"@graph": [{"@type": "NewsArticle", "articleBody": body}]})
    return (
        f'<html><head><title>Voyage</title><script type="application/ld+json">{declared}</script></head><body>'
        f"<ul>{_MENU}</ul><article><h1>Voyage</h1>{shown}</article><ul>{_MENU}</ul></body></html>"
    )


def _text(page: str) -> str:
    return page_text(page, ExtractConfig())[0]


def test_a_body_that_stands_nowhere_else_is_the_text() -> None:
    text = _text(_page("<p>Subscribe to read on.</p>", "\n".join(_SENTENCES)))
    assert text.split("\n\n") == _SENTENCES


def test_behind_a_teaser_the_whole_body_is_the_text() -> None:
    text = _text(_page(f"<p>{_SENTENCES[0]}</p>", "<p>" + "</p><p>".join(_SENTENCES) + "</p>"))
    assert text.split("\n\n") == _SENTENCES


def test_references_to_characters_in_a_body_are_read() -> None:
    text = _text(_page("", " ".join(_SENTENCES) + " Espa&ntilde;a &amp;lt; 3"))
    assert text.endswith("España < 3")


def test_an_article_that_is_shown_is_read_from_the_page() -> None:
    shown = "".join(f"<p>{sentence.replace('sailed', '<b>sailed</b>')}</p>" for sentence in _SENTENCES)
    text = _text(_page(shown + "<pre>x = 1\ny = 2</pre>", " ".join(_SENTENCES).upper()))
    assert "x = 1\ny = 2" in text and _SENTENCES[4] in text.replace("**", "")


def test_a_short_body_takes_no_place() -> None:
    shown = "".join(f"<p>{sentence}</p>" for sentence in _SENTENCES)
    assert "another" not in _text(_page(shown, "A summary of another kind, in a few words."))
