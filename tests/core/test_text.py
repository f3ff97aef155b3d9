"""Text that reaches the corpus is clean, and cleaning it again changes nothing."""

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from corpusforge import unicode
from corpusforge.dedup.normal import content_hash
from corpusforge.document import well_formed
from corpusforge.fences import split_fences
from corpusforge.text import clean_text, normalised, words


@given(st.text())
def test_clean_text_is_stable_and_encodable(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicode.normalize("NFC", once) == once
    assert "\r" not in once
    assert "\x00" not in once
    once.encode()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("foot\u2060note, \ufeffmark", "footnote, mark"),
        ("long\u200bword.\u200b", "longword."),
        ("(\u200bword\u2060)", "(word)"),
        ("[<path>…\u200b]", "[<path>…\u200b]"),
        ("Edit…\u200bSettings", "Edit…Settings"),
        ("ไป\u200bโรงเรียน", "ไป\u200bโรงเรียน"),
        ("ไป\u200b\u200bโรงเรียน\u200b วันนี้", "ไป\u200bโรงเรียน วันนี้"),
        ("ទៅ\u200bសាលា\u00ad", "ទៅ\u200bសាលា"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_what_nobody_sees_goes_but_where_a_script_needs_it(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "n_words"),
    [
        ("Plain words, 3 of x_1", 5),
        ("हिन्दी में शब्द अलग हैं", 5),  # marks of vowels part no word
        ("العربيةُ لُغَةٌ", 2),
        ("한국어 문장은 띄어쓰기", 3),
        ("我们今天去学校学习数学。", 6),
        ("ภาษาไทยไม่มีช่องว่างระหว่างคำ", 7),
        ("ພາສາລາວບໍ່ມີຍະຫວ່າງ", 5),
        ("ភាសាខ្មែរគ្មានចន្លោះ", 4),
        ("မြန်မာဘာသာစကား", 3),
        ("བོད་ཀྱི་སྐད་ཡིག", 4),
    ],
)
def test_words_are_counted_in_scripts_without_blanks(text: str, n_words: int) -> None:
    assert abs(len(words(text)) - n_words) <= 1


def test_unpaired_surrogates_become_replacement_characters():
    assert clean_text("a\ud800b").encode() == b"a?b"


def test_indentation_stays_and_trailing_blanks_go():
    assert clean_text("def f():  \r\n    return 1\t\n\n\n\n\n\nx") == "def f():\n    return 1\n\n\nx"


def test_content_hash_ignores_case_width_and_spacing():
    assert content_hash("Hello  World\n") == content_hash("hello ｗｏｒｌｄ")
    assert content_hash("hello world") != content_hash("hello worlds")


@given(st.text(alphabet=[chr(point) for point in range(128)]) | st.text())
def test_content_hash_is_that_of_the_normalised_text(text):
    text = well_formed(text)
    assert content_hash(text) == xxhash.xxh3_128_hexdigest(normalised(text).encode())


def test_fences_are_taken_out_with_their_language():
    text = "Look:\n\n```python\nprint(1)\n```\n\nand\n\n~~~\nraw ``` inside\n~~~\nend"
    prose, blocks = split_fences(text)
    assert blocks == [("python", "print(1)\n"), ("", "raw ``` inside\n")]
    assert "print" not in prose
    assert "end" in prose


def test_a_fence_that_never_closes_runs_to_the_end():
    assert split_fences("a\n```\nb\nc")[1] == [("", "b\nc")]
