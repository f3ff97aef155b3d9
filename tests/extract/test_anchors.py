"""Anchors that lead nowhere: what stands behind one that was never closed is text, not a link."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.blocks import Block
from corpusforge.extract.web.html import page_blocks, page_text

_SENTENCE = "The river carries sand from the hills, and in spring it carries more of it than in autumn."


def _page(anchor: str) -> str:
    sections = "".join(
        f"<div class=section><h2>{anchor}Part {number}</h2>" + f"<p>{_SENTENCE} ({number})</p>" * 2 + "</div>"
        for number in range(1, 6)
    )
    links = "<ul>" + "".join(f"<li><a href='p{n}.html'>Page {n}</a></li>" for n in range(8)) + "</ul>"
    return f"<html><body>{links}<div class=chapter><h1>Rivers</h1>{sections}</div></body></html>"


@pytest.mark.parametrize("anchor", ['<a id="_rivers"/>', "<a name=top>", '<a name="related-links" class=x>'])
def test_an_anchor_left_open_changes_nothing(anchor: str) -> None:
    with_anchor = page_text(_page(anchor), ExtractConfig())[0]
    assert with_anchor == page_text(_page(""), ExtractConfig())[0]
    assert with_anchor.count(_SENTENCE) == 10
    open_links, links = (
        page_blocks(_page(one), ExtractConfig())[0].blocks[:, Block.LINK_CHARS] for one in (anchor, "")
    )
    assert open_links.tolist() == links.tolist()


def test_only_an_address_makes_a_link() -> None:
    blocks = page_blocks("<p><a name=x>four</a></p><p><a href='/y'>five5</a></p>", ExtractConfig())[0].blocks
    assert blocks[:, Block.LINK_CHARS].tolist() == [0, 5]
    assert blocks[:, Block.LINKS].tolist() == [0, 1]
