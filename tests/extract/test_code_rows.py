"""Elements that hold a 1 alone, found from their ends: the same as by one pattern over the whole source."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpusforge.extract.web.coderows import ALONE, alone, number_hints

_PIECES = (
    b"<a>", b"<b", b" class=x", b' id="n1"', b">", b"1", b"2", b".", b":", b" ", b"\n", b"</", b"</a>",
    b"<span>", b"<i>", b"<small>", b"<x-y  z>", b"<EM>", b"A", b" z" * 150,
)  # fmt: skip


def opened(source: bytes) -> NDArray[np.int64]:
    return np.flatnonzero(np.frombuffer(source, np.uint8) == ord("<"))


@settings(deadline=None)  # the first call loads what is compiled
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(b"".join))
def test_what_is_found_from_its_end_is_what_the_pattern_finds(source: bytes) -> None:
    assert [one.span() for one in alone(source, opened(source))] == [
        one.span() for one in ALONE.finditer(source)
    ]


def test_a_selector_for_each_kind_of_element_that_numbers_lines() -> None:
    source = b"<div>a <i>1</i></div><div>b <i>2</i></div><p class=n><b>1.</b></p><td>1</td><span class=no>1:</span>"
    assert list(number_hints(source, opened(source))) == ["number i", "number b", 'number span[class="no"]']


def test_a_page_without_a_two_numbers_nothing() -> None:
    assert list(number_hints(b"<i>1</i>", opened(b"<i>1</i>"))) == []
