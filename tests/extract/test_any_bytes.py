"""Whatever the bytes, extraction ends in a document or a drop, and the same one each time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, Markup
from corpusforge.extract import ExtractConfig, extract_document

SEEDS = {
    Markup.HTML: b'<html><pre><code>a</code></pre><math><mi>x</mi></math>\\(a\\)<span class="katex">',
    Markup.NOTEBOOK: b'{"cells": [{"cell_type": "code", "source": ["a"], "outputs": [{"data": {"text/plain": 1}}]}]}',
    Markup.WIKITEXT: b"{{a|[[b|c]]}} <math>x</math> {| \n| a || b\n|}\n* c\n== d ==",
    Markup.QA: b'{"title": 1, "question": {"html": "<p>a"}, "answers": [{"html": "b", "score": "x"}, 3]}',
    Markup.BOOK_TEXT: b"*** START OF THIS PROJECT GUTENBERG EBOOK X ***\na-\nb\n*** END OF THIS PROJECT GUTENBERG EBOOK",
    Markup.EPUB: b"PK\x03\x04",
    Markup.XHTML_BOOK: b"<html><body><p>a</p>",
    Markup.SOURCE: b"\xff\xfea\0",
    Markup.TEXT: b"plain",
}


@pytest.mark.parametrize("markup", list(SEEDS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_never_raises(make, markup: Markup, data: st.DataObject) -> None:
    seed = SEEDS[markup]
    noise = data.draw(st.binary(max_size=200))
    cut = data.draw(st.integers(0, len(seed)))
    raw = data.draw(st.sampled_from([noise, seed[:cut] + noise + seed[cut:], seed[:cut], seed * 3 + noise]))
    config = ExtractConfig(extractor="fast")
    results = [extract_document(make(raw, markup), config) for _ in range(2)]
    assert isinstance(results[0], Document | Drop)
    assert results[0] == results[1]
    if isinstance(results[0], Document):
        assert results[0].text.strip() and results[0].raw is None
        results[0].text.encode()
