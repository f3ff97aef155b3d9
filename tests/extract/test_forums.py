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
