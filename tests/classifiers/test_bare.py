"""Passages without their formulas: drawn by hash, every formula gone, words left as they were."""

import pytest

from corpusforge_classifiers.bare import bare_rows, without_formulas
from corpusforge_classifiers.rows import Row, shuffled

PASSAGES = [
    ("Since $x > 0$ we divide, and so \\(y = 2\\) follows.", "Since  we divide, and so  follows."),
    ("We find\n\\[ a = b \\]\nand are done.", "We find\n\nand are done."),
    ("Hence\n\\begin{align*} a &= b \\\\ &= c \\end{align*}\nas claimed.", "Hence\n\nas claimed."),
    ("Then x+1=3, hence x=2 and the price is $5.", "Then  hence  and the price is $5."),
    ("No formula stands here.", "No formula stands here."),
]


@pytest.mark.parametrize(("text", "left"), PASSAGES)
def test_formulas_go_and_words_stay(text: str, left: str) -> None:
    assert without_formulas(text) == left


def rows(n: int) -> list[Row]:
    texts = [
        f"Let n = {i}. Then we add one on both sides and see that the claim holds, as wanted."
        for i in range(n)
    ]
    return [Row(text=text, is_positive=True, source="s", licence="MIT") for text in texts]


def test_a_row_is_drawn_by_its_text_whatever_its_place() -> None:
    some = rows(400)
    bare, origins = bare_rows(some, 0.5, 7)
    assert 150 < len(bare) == len(origins) < 250
    for row, origin in zip(bare, origins.tolist(), strict=True):
        assert row.text == without_formulas(some[origin].text) and row.is_positive
    other = shuffled(some, 3)
    again, places = bare_rows(other, 0.5, 7)
    assert {other[place].text for place in places.tolist()} == {
        some[place].text for place in origins.tolist()
    }
    assert len(again) == len(bare)


def test_none_is_drawn_without_a_share_or_a_formula() -> None:
    assert bare_rows(rows(50), 0.0, 7)[0] == []
    plain = [
        Row(text="words " * 30 + str(i), is_positive=False, source="s", licence="MIT") for i in range(50)
    ]
    assert bare_rows(plain, 1.0, 7)[0] == []
