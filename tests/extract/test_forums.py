"""Threads of forums: every post once, no signature, no profile, no quotation of what stands above."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from tests.extract.forum_pages import FORUMS, POSTS, Post


def read(kind: str, posts: tuple[Post, ...] = POSTS) -> str:
    return page_text(FORUMS[kind](posts), ExtractConfig())[0]


@pytest.mark.parametrize("kind", FORUMS)
def test_every_post_stands_once_however_short(kind: str) -> None:
    text = read(kind)
    for post in POSTS:
        for paragraph in post.paragraphs:
            assert text.count(paragraph) == 1, paragraph


@pytest.mark.parametrize("kind", FORUMS)
def test_signatures_profiles_and_other_threads_go(kind: str) -> None:
    text = read(kind)
    for post in POSTS:
        assert not post.signature or post.signature not in text
    for word in ("Joined", "Join Date", "Mar 3, 2015", "Posts:", "积分", "Click to expand", "Another thread"):
        assert word not in text


@pytest.mark.parametrize("kind", FORUMS)
def test_a_quotation_of_what_is_not_on_the_page_stays(kind: str) -> None:
    said = "The manual says that the board must never be opened while the mains are on."
    posts = (*POSTS[:3], replace(POSTS[3], quoted=("karl", said)), POSTS[4])
    text = read(kind, posts)
    assert text.count(said) == 1
    assert all(text.count(paragraph) == 1 for post in posts for paragraph in post.paragraphs)


def thread(*posts: str) -> str:
    inner = "".join(
        f"<div class='post' id='post_{n}'><div class='post_body'>{post}</div></div>"
        for n, post in enumerate(posts)
    )
    return page_text(
        f"<html><body><h1>Raised beds</h1><div id='posts' class='thread'>{inner}</div></body></html>",
        ExtractConfig(),
    )[0]


ASKED = "Larch is twice the price of pine in every yard that I asked. Is it worth that?"
ANSWERED = "It lasts ten years here, where pine lasts four. Line the inside with foil either way."


@pytest.mark.parametrize(
    "quoted",
    [
        "<blockquote><cite>marrow wrote: </cite>{}</blockquote>",
        "<div>Quote:</div><table><tr><td><div>Originally Posted by <b>marrow</b></div><div>{}</div></td></tr></table>",
        "<blockquote><div>{}</div></blockquote>",
    ],
)
def test_a_quotation_goes_with_whoever_is_named_in_it(quoted: str) -> None:
    text = thread(ASKED, quoted.format(ASKED) + ANSWERED, "Then larch it will be, thanks to all of you.")
    assert text.count(ASKED) == 1
    assert ANSWERED in text
    assert "Originally" not in text and "wrote" not in text


def test_signatures_below_a_rule_and_boxes_of_members_go() -> None:
    sign = "<div>__________________<br>Diesel till I die</div>"
    box = "<div class='author_information'>chard<br>Head gardener</div>"
    text = thread(box + ASKED + sign, box + ANSWERED + sign, "Then larch it will be, thanks to all of you.")
    assert "Diesel" not in text and "Head gardener" not in text
    assert ASKED in text and ANSWERED in text
