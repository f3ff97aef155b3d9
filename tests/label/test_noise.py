"""The identifier's sample and words are those of the plain expressions."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge.label.attributes import _blocks
from corpusforge.label.noise import without_noise
from corpusforge.label.words import _SIGNS, words_only

_NOISE = re.compile(r"https?://\S+|www\.\S+|<[^<>\n]{1,200}>|&[a-z]{2,8};|\\[A-Za-z]+|[#*|=_~>{}\[\]]+|\d+")
_PIECES = (
    "http://", "https://", "www.", "httpss://", "w", "<", ">", "&", "amp", ";", "\\", "alpha", "é", "#", "|", "{}",
    "7", "٣", "𝟘", "\u3000", "\n", "\r", " ", "\x1c", "\x85", "a" * 197, "b" * 9, "'", "\u2019", ".", "\udc80",
    "\x00", "İ", "中", "-",
)  # fmt: skip
texts = st.lists(st.sampled_from(_PIECES), max_size=24).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts)
@example("<" + "x" * 200 + "> <" + "x" * 201 + ">").via("the longest tag, and one longer")
def test_noise_is_what_the_expression_says(text: str) -> None:
    assert without_noise(text) == re.sub(r"\s+", " ", _NOISE.sub(" ", text)).strip()


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aB'!- 7\u2019\n"), max_size=24))
def test_words_of_ascii_are_those_of_any_text(text: str) -> None:
    plain = _SIGNS.sub(" ", text.replace("\u2019", "'").lower()).replace("' ", " ").replace(" '", " ")
    assert words_only(text) == " ".join(plain.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(("```", "`", "\n", "\r", "x", "py")), max_size=24).map("".join))
def test_blocks_are_those_of_the_expression(text: str) -> None:
    plain = re.compile(r"^```[^\n`]*\n(.*?)^```", re.M | re.S)
    assert list(_blocks(text)) == [match[1] for match in plain.finditer(text)]
