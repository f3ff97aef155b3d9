"""Words are counted as they are listed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.text import words
from corpusforge.word_count import n_words

_CHARACTERS = "aé9_ -\n.'\u0301\u0915\u093e漢字カ・ก\u0e31ข\u1000\u102b\u19b0\u0f40\u00b2😀\ud800"


@settings(max_examples=300, deadline=None)
@given(st.text(_CHARACTERS, max_size=20) | st.text(max_size=12))
def test_as_many_words_as_are_listed(text: str) -> None:
    assert n_words(text) == len(words(text))


def test_each_character_counts_as_the_expression_has_it() -> None:
    for first in range(0, 0x30000, 4096):
        text = "".join(f"{chr(point)}\na{chr(point)}b\n" for point in range(first, first + 4096))
        assert n_words(text) == len(words(text)), hex(first)
