"""The one pass over a text notes every place at which a pattern could begin: none is missed for speed."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge.filter.privacy import redaction
from corpusforge.filter.privacy.national_ids import find_national_ids
from corpusforge.filter.privacy.scan import IPV4, IPV6, PHONE, TOLD
from corpusforge.filter.privacy.secrets import find_secrets

PIECES = (
    *("+", "+1", "+49 ", "(", ")", "555", "123", "4567", " ", "-", ".", "1", "12", ":", "::", "2a01", "dead", "f", "x"),
    *("4111 1111", "1111-1111", "3782 822463 10005", "é", "１", "\u00a0", "\n", "tel", "phone: ", "tel：", "7/8", "_"),
    *("SK" + "9f86d081" * 4, "AC", "." + "a" * 6 + "." + "bC" * 14, "MTIzNDU2Nzg5MDEyMzQ1Njc4", "AKIA", "ghp_", "52.98"),
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(deadline=None, max_examples=400)
@given(texts)
@example("é (555) 123-4567 or 555-123-4567")
@example("+49 (0)30 1234567.")
def test_patterns_match_at_noted_places_alone(text: str) -> None:
    scan = redaction._SCANNER.scan(text)  # pyright: ignore[reportPrivateUsage]
    for kind, pattern in (
        (PHONE, redaction._PHONE),  # pyright: ignore[reportPrivateUsage]
        (IPV4, redaction._IPV4),  # pyright: ignore[reportPrivateUsage]
        (IPV6, redaction._IPV6),  # pyright: ignore[reportPrivateUsage]
    ):
        places = set(scan.places[kind])
        for match in pattern.finditer(text):
            long_enough = len(re.findall(r"\d", match[0])) >= 7 or kind != PHONE
            if long_enough and match[0].isascii():
                assert match.start() in places or any(match.start() < place < match.end() for place in places)
    cards = redaction._CARD.finditer(text)  # pyright: ignore[reportPrivateUsage]
    noted = redaction._cards(text, scan)  # pyright: ignore[reportPrivateUsage]
    assert [each.span() for each in noted] == [each.span() for each in cards if each[0].isascii()]


@settings(deadline=None, max_examples=200)
@given(texts)
def test_detectors_that_the_pass_leaves_out_find_nothing(text: str) -> None:
    scan = redaction._SCANNER.scan(text)  # pyright: ignore[reportPrivateUsage]
    assert find_secrets(text, scan.secrets) == find_secrets(text)
    assert find_national_ids(text, scan.shapes) == find_national_ids(text)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000])
def test_many_places_are_all_kept_in_order(count: int) -> None:
    scan = redaction._SCANNER.scan("é 52.98.1.7\n" * count)  # pyright: ignore[reportPrivateUsage]
    assert scan.places[IPV4] == [2 + 12 * number for number in range(count)]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            (*redaction._TOLD_WORDS, "é", "т", "Te", "l", "电", "：", ": ", "030 1234567", " ", "x", ".")
        ),  # pyright: ignore[reportPrivateUsage]
        max_size=10,
    ).map("".join)
)
@example("Tél: 030 1234567, т́ел. 030 1234567, 電話：030 1234567")
def test_numbers_behind_words_of_any_script_are_found_by_the_pass(text: str) -> None:
    scan = redaction._SCANNER.scan(text)  # pyright: ignore[reportPrivateUsage]
    words = re.compile("|".join(redaction._TOLD_WORDS))  # pyright: ignore[reportPrivateUsage]
    ends = [match.end() for match in words.finditer(text)]
    told = redaction._told_phones  # pyright: ignore[reportPrivateUsage]
    assert list(told(text, scan.places[TOLD])) == list(told(text, [*scan.places[TOLD], *ends]))
