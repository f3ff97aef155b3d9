"""What a page keeps and what it loses, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web import hints
from corpusforge.extract.web.around import AROUND_FEATURES, around_features
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node
from corpusforge.extract.web.features import FEATURES, block_features
from corpusforge.extract.web.forest_pin import forest_pin
from corpusforge.extract.web.hints import page_hints
from corpusforge.extract.web.html import page_text
from corpusforge.extract.web.main_content import kept_blocks, load_forests
from corpusforge.extract.web.scan import scan
from corpusforge.pinned import ModelError

FAST = ExtractConfig(extractor="fast")
SENTENCE = "The river rose by three metres in one night, and nobody in the village had seen that before. "


def blocks_of(body: str) -> list[str]:
    document = HTMLTree.parse(f"<html><body>{body}</body></html>").document
    assert document is not None
    page = scan(document.html, [])
    return [page.text[row[Block.START] : row[Block.END]].decode() for row in page.blocks]


def test_blocks_end_at_block_elements_and_at_double_breaks() -> None:
    assert blocks_of("a <b>b</b>\n c<p>d</p>e<br>f<br><br>g<ul><li>h<li>i</ul>") == [
        "a b c", "d", "e\nf", "g", "h", "i",
    ]  # fmt: skip


def test_text_is_decoded_and_scripts_are_no_text() -> None:
    assert blocks_of("<p>1 &lt; 2 &amp;&amp; x&nbsp;y &eacute;</p><script>if (a<b) '<p>no</p>'</script><p>z") == [
        "1 < 2 && x y é", "z",
    ]  # fmt: skip


def test_hidden_blocks_are_marked_and_hidden_words_left_out() -> None:
    document = HTMLTree.parse(
        '<p>seen</p><div style="display: none">hidden <p>too</p></div><p>a<i hidden>b</i>'
    ).document
    assert document is not None
    page = scan(document.html, [])
    texts = [page.text[row[Block.START] : row[Block.END]] for row in page.blocks]
    assert texts == [b"seen", b"hidden", b"too", b"a"]
    hidden = 1 << AROUND_TAGS.index("hidden")
    around = page.nodes[page.blocks[:, Block.NODE], Node.AROUND].tolist()
    assert [bool(bits & hidden) for bits in around] == [False, True, True, False]


def test_figures_of_containers_are_the_sums_of_their_blocks() -> None:
    document = HTMLTree.parse("<div><p>four</p><ul><li>fiver<li><a href=x>sixsix</a></ul></div>").document
    assert document is not None
    page = scan(document.html, [])
    assert page.nodes[0, Node.CHARS] == 15
    assert page.nodes[0, Node.LINK_CHARS] == 6
    assert page.nodes[0, Node.BLOCKS] == 3


@given(st.text(alphabet="<>/=\"'&; abpdivulixy!-\n\t\x00é漢", max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_markup_gives_blocks_in_order_within_the_text(markup: str) -> None:
    document = HTMLTree.parse(markup).document
    page = scan(document.html if document is not None else "", [])
    edges = page.blocks[:, (Block.START, Block.END)].reshape(-1).tolist()
    assert edges == sorted(edges)
    assert edges == [] or edges[-1] <= len(page.text)
    features = block_features(page)
    assert features.shape == (len(page.blocks), len(FEATURES)) and np.isfinite(features).all()
    kept, expected = kept_blocks(page)
    assert 0 <= expected <= 1.0001 and sorted(kept.tolist()) == kept.tolist()


def test_the_model_fits_the_features() -> None:
    forests = load_forests()
    for forest, names in ((forests.first, FEATURES), (forests.second, AROUND_FEATURES)):
        assert forest.ways[:, 0].max() < len(names)
        leaves = forest.ways[:, 0] < 0
        ends = np.arange(len(leaves)) + np.where(leaves, 0, forest.ways[:, 1])
        assert (ends < len(leaves)).all() and (forest.roots < len(leaves)).all()


def test_the_second_look_sees_what_the_first_said_around_a_block() -> None:
    document = HTMLTree.parse("<p>four</p><ul><li>fiver<li>sixsix</ul><p>seventh</p>").document
    assert document is not None
    page = scan(document.html, [])
    said = np.array([0.9, 0.2, 0.4, 0.8])
    figures = around_features(page, block_features(page), said)
    seen = {name: figures[:, column] for column, name in enumerate(AROUND_FEATURES)}
    odds = np.log(said / (1 - said))
    np.testing.assert_allclose(seen["said"], odds, rtol=1e-6)
    np.testing.assert_allclose(seen["said_-1"], [-6, *odds[:3]], rtol=1e-6)
    np.testing.assert_allclose(seen["said_+2"], [*odds[2:], -6, -6], rtol=1e-6)
    np.testing.assert_allclose(seen["said_up1"][1:3], 0.3, rtol=1e-6)  # the list, both of one word
    np.testing.assert_allclose(seen["said_path"], [0.85, 0.3, 0.3, 0.85], rtol=1e-6)
    assert seen["content_before"].tolist() == [0, 1, 1, 1]
    assert seen["content_behind"].tolist() == [1, 1, 1, 0]
    sure = around_features(page, block_features(page), np.array([0.0, 1.0, 0.0, 1.0]))
    assert np.isfinite(sure).all()


def test_prose_stays_and_furniture_goes() -> None:
    links = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(12))
    page = (
        f'<html><body><nav class="menu"><ul>{links}</ul></nav><div class="cookie-banner"><p>We use cookies. '
        f"<button>Accept</button></p></div><main><h1>The flood</h1>{f'<p>{SENTENCE * 4}</p>' * 1}"
        f"<p>{SENTENCE[::-1] * 3}</p><ul><li>One thing that was lost: the bridge.</li></ul></main>"
        f"<footer><p>Copyright 2020 The Paper. All rights reserved.</p><ul>{links}</ul></footer></body></html>"
    )
    text = page_text(page, FAST)[0]
    assert text.startswith("# The flood\n\nThe river rose")
    assert "Section" not in text and "cookies" not in text and "rights reserved" not in text


def test_a_long_text_is_kept_once() -> None:
    teaser = f"<p>{SENTENCE * 2}</p>"
    page = f"<html><body><article><h1>T</h1><div>{teaser}</div><p>{SENTENCE * 5}</p>{teaser}</article></body></html>"
    assert page_text(page, FAST)[0].count(SENTENCE.strip()) == 7


def test_a_forum_page_behind_noscript_keeps_its_posts() -> None:
    posts = "".join(
        f'<div class="topic-body crawler-post"><span class="creator">user{n}</span><div class="post"><p>'
        f"{SENTENCE * 2} Post number {n}.</p></div></div>"
        for n in range(4)
    )
    page = f"<html><body><noscript><div class=wrap><h1>Topic</h1>{posts}</div></noscript></body></html>"
    text = page_text(page, FAST)[0]
    assert all(f"Post number {n}." in text for n in range(4))


def test_rows_of_a_table_are_lines_and_layout_cells_are_paragraphs() -> None:
    table = "<table><thead><tr><th>a<th>b<tbody><tr><td>1<td>2<tr><td>3<td>4</table>"
    text = page_text(f"<h1>T</h1><p>{SENTENCE * 3}</p>{table}", FAST, main_content=False)[0]
    assert text.endswith("a | b\n1 | 2\n3 | 4")
    layout = f"<table><tr><td>menu<td><p>{SENTENCE}</p><p>second</p></table>"
    text = page_text(layout, FAST, main_content=False)[0]
    assert text == f"menu\n\n{SENTENCE.strip()}\n\nsecond"


def test_hints_find_words_wherever_they_stand() -> None:
    for before in range(0, 200, 7):
        assert "katex" in page_hints(b"x" * before + b"KaTeX" + b"y" * (150 - before // 2))
    assert page_hints(b"nothing of the kind, price" * 20) == frozenset()
    assert "<pre" in page_hints(b"a<PRE >b") and "<pre" not in page_hints(b'a"pre"b')


def test_each_word_of_a_hint_is_found_beside_any_mark() -> None:
    for name, words in hints._WORDS.items():
        for word in words.split():
            for mark in "<_7":
                assert name in page_hints(f"abc{word.replace('|', mark)} xyz".encode()), (name, word)


def test_only_the_pinned_model_is_loaded(monkeypatch, tmp_path) -> None:
    sha256 = forest_pin()[1]
    assert ExtractConfig().main_content_sha256 == sha256
    assert load_forests(sha256).first.roots.shape == (250,)
    with pytest.raises(ModelError, match=r"sha256 is [0-9a-f]{64}, the configuration pins 00"):
        page_text("<p>text</p>", ExtractConfig(main_content_sha256="00"))
    monkeypatch.setattr(
        "corpusforge.extract.web.forest_pin.forest_pin", lambda: (tmp_path / "absent.npz", sha256)
    )
    load_forests.cache_clear()
    with pytest.raises(ModelError, match=r"absent\.npz: model file missing or unreadable"):
        page_text("<p>text</p>", ExtractConfig())
    load_forests.cache_clear()


def test_a_table_of_figures_stays_whole() -> None:
    rows = "".join(f"<tr><td>{10**n}</td><td>{n}</td></tr>" for n in range(1, 9))
    table = f"<table><tr><th>items</th><th>steps</th></tr>{rows}</table>"
    text = (
        "<p>"
        + "The number of steps grows by one for each ten times as many items, as it should. " * 4
        + "</p>"
    )
    page = f"<html><body><article><h1>Search</h1>{text}{table}{text}</article></body></html>"
    found = page_text(page, FAST)[0]
    held = [found.count(f"{10**n} | {n}") for n in range(1, 9)]
    assert len(set(held)) == 1 and held[0] > 0


def article(body: str) -> str:
    prose = "".join(f"<p>{SENTENCE * 3} This is paragraph number {n}.</p>" for n in range(4))
    return page_text(
        f"<html><body><article><h1>The flood</h1>{prose}{body}<p>{SENTENCE} The end.</p></article></body></html>",
        FAST,
    )[0]


@pytest.mark.parametrize(
    "how", ["hidden", 'aria-hidden="true"', 'style="display:none"', 'style="visibility: hidden"']
)
def test_what_the_page_hides_goes(how: str) -> None:
    text = article(
        f"<div {how}><p>Nobody was meant to read this sentence, which is a template of the editors.</p></div>"
    )
    assert "template of the editors" not in text and "paragraph number 3" in text


def test_a_page_that_is_hidden_until_its_script_runs_is_read() -> None:
    prose = "".join(f"<p>{SENTENCE * 3} This is paragraph number {n}.</p>" for n in range(6))
    text = page_text(f'<html><body><div hidden id="app"><h1>The flood</h1>{prose}</div></body></html>', FAST)[
        0
    ]
    assert "paragraph number 5" in text


def test_questions_stay_with_their_answers() -> None:
    asked = "".join(
        f"<details><summary>Is item {n} sold?</summary><p>{SENTENCE * 2} That is what item {n} is sold for.</p></details>"
        for n in range(6)
    )
    text = page_text(f"<html><body><main><h1>Questions</h1>{asked}</main></body></html>", FAST)[0]
    assert all(f"Is item {n} sold?" in text for n in range(6))


@pytest.mark.parametrize("hidden", ["", " hidden"])
def test_buttons_that_ask_stay_with_their_answers(hidden: str) -> None:
    asked = "".join(
        f'<div class="faq-item"><button aria-expanded="false">Is item {n} sold{more}?</button>'
        f'<div class="faq-a"{hidden}><p>{SENTENCE * 2} That is what item {n} is sold for.</p></div></div>'
        for n, more in enumerate(["", " anywhere in this town", "", " by the piece or only whole"])
    )
    more = "<button>Ask?</button><button>Search</button>"
    text = page_text(f"<html><body><main><h1>Questions</h1>{asked}{more}</main></body></html>", FAST)[0]
    assert all(f"Is item {n} sold" in text for n in range(4))
    assert "Search" not in text


@pytest.mark.parametrize(
    "ask", ['<button aria-expanded="false">{}</button>', '<div role="button" aria-expanded="false">{}</div>',
            '<h3><button class="x{}" aria-expanded="false">{}</button></h3>']
)  # fmt: skip
@pytest.mark.parametrize("how", ["hidden", 'style="display: none"', "class=panel"])
def test_what_opens_on_a_click_stays_below_what_opens_it(ask: str, how: str) -> None:
    heads = ("Fees", "Lost card", "Closing an account")
    items = "".join(
        f"<div>{ask.replace('x{}', f'x{n}').format(head)}<div {how}><p>{SENTENCE * 2} Of {head.lower()}.</p><p>More of it.</p></div></div>"
        for n, head in enumerate(heads)
    )
    menu = '<nav><button aria-expanded="false">Menu</button><ul hidden><li><a href="/">Home</a></ul></nav>'
    text = page_text(f"<html><body>{menu}<main><h1>Help</h1>{items}</main></body></html>", FAST)[0]
    assert all(head in text and f"Of {head.lower()}." in text for head in heads)
    assert text.count("More of it.") == 3
    assert "Menu" not in text and "Home" not in text


def test_no_item_of_a_list_of_prose_is_left_out() -> None:
    items = "".join(
        f"<li>{said}</li>" for said in (SENTENCE * 2, "Not in June.", SENTENCE + "So they say.", "Nor in May")
    )
    text = article(f"<ol>{items}</ol>")
    assert all(said in text for said in ("2. Not in June.", "So they say.", "4. Nor in May"))


@pytest.mark.parametrize("tag", ["dialog", "noscript"])
def test_what_a_browser_does_not_show_goes(tag: str) -> None:
    said = "Our map of the flood needs a newer browser than this one."
    assert said not in article(f"<{tag}><p>{said}</p></{tag}>")


def test_terms_stay_with_their_definitions() -> None:
    terms = "".join(
        f"<dt>term{n}</dt><dd>{SENTENCE} So term {n} is defined by those who study rivers.</dd>"
        for n in range(6)
    )
    text = article(f"<dl>{terms}</dl>")
    assert all(f"term{n}\n" in text for n in range(6))


def test_a_page_that_shows_nothing_gives_what_it_declares() -> None:
    data = '{"@graph": [{"@type": "Article", "articleBody": "' + SENTENCE * 4 + '"}]}'
    page = f'<html><head><script type="application/ld+json">{data}</script></head><body><div id=app></div></body></html>'
    assert page_text(page, FAST)[0] == (SENTENCE * 4).strip()
    described = f'<html><head><meta property="og:description" content="{SENTENCE}"></head><body><div id=app></div></body></html>'
    assert page_text(described, FAST)[0] == SENTENCE.strip()
    shown = f'<html><head><meta name="description" content="{SENTENCE[::-1]}"></head><body><p>{SENTENCE * 6}</p></body></html>'
    assert SENTENCE[::-1].strip() not in page_text(shown, FAST)[0]


def test_what_stands_between_code_and_formulas_stays_with_them() -> None:
    links = "".join(f'<li><a href="/{k}">Chapter {k}: methods</a></li>' for k in range(40))
    steps = "".join(
        f"<h4>{k}.1 Step</h4><p>{SENTENCE}</p><div class='src'><pre>x{k} = f(y)\nprint(x{k})</pre></div>"
        f"<p>We stored it in x{k}:</p><p>\\[ x_{k} = \\frac{{1}}{{{k}}} \\]</p>"
        f"<figure><figcaption>Values of x{k}, by the hour.</figcaption></figure>"
        for k in range(1, 12)
    )
    page = f"<html><body><ul>{links}</ul><div>{steps}</div></body></html>"
    text = page_text(page, FAST)[0]
    for k in range(1, 11):
        assert f"\n\nWe stored it in x{k}:\n\n" in text
        assert f"{k}.1 Step" in text
        assert f"Values of x{k}, by the hour." in text


def test_no_heading_among_many_of_its_shape_is_left_out() -> None:
    contents = "".join(f"<dt><span><a href='#s{n}'>Option {n}</a></span></dt>" for n in range(40))
    sections = "".join(
        f"<div class='section'><div class='titlepage'><h2 class='title'>{n}. width{n} title</h2></div>"
        f"<pre class='programlisting'>width{n} = {n}</pre></div>"
        for n in range(40)
    )
    page = f"<html><body><div><h1>Options</h1><div class='toc'><dl>{contents}</dl></div>{sections}</div></body></html>"
    text = page_text(page, ExtractConfig())[0]
    assert all(f"{n}. width{n} title" in text for n in range(40))
