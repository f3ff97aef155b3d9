"""Text that reaches the corpus is clean, and cleaning it again changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from corpusforge import unicode
from corpusforge.text import clean_text, content_hash, split_fences


@given(st.text())
def test_clean_text_is_stable_and_encodable(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicode.normalize("NFC", once) == once
    assert "\r" not in once
    assert "\x00" not in once
    once.encode()


def test_unpaired_surrogates_become_replacement_characters():
    assert clean_text("a\ud800b").encode() == b"a?b"


def test_indentation_stays_and_trailing_blanks_go():
    assert clean_text("def f():  \r\n    return 1\t\n\n\n\n\n\nx") == "def f():\n    return 1\n\n\nx"


def test_content_hash_ignores_case_width_and_spacing():
    assert content_hash("Hello  World\n") == content_hash("hello ｗｏｒｌｄ")
    assert content_hash("hello world") != content_hash("hello worlds")


def test_fences_are_taken_out_with_their_language():
    text = "Look:\n\n```python\nprint(1)\n```\n\nand\n\n~~~\nraw ``` inside\n~~~\nend"
    prose, blocks = split_fences(text)
    assert blocks == [("python", "print(1)\n"), ("", "raw ``` inside\n")]
    assert "print" not in prose
    assert "end" in prose


def test_a_fence_that_never_closes_runs_to_the_end():
    assert split_fences("a\n```\nb\nc")[1] == [("", "b\nc")]
