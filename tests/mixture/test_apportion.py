"""Apportionment is exact: whole numbers, the right sum, nobody over its cap."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.mixture.apportion import Shortage, apportion, hamilton

WEIGHTS = st.dictionaries(
    st.sampled_from("abcdefg"), st.fractions(0, 10, max_denominator=1000), min_size=1
).filter(lambda weights: sum(weights.values()) > 0)


@given(st.integers(0, 10**13), WEIGHTS)
def test_hamilton_sums_and_stays_within_one_of_each_share(total: int, weights: dict[str, Fraction]) -> None:
    counts = hamilton(total, weights)
    whole = sum(weights.values())
    assert sum(counts.values()) == total
    assert all(abs(counts[name] - total * weights[name] / whole) < 1 for name in weights)


def test_ties_go_to_the_name_that_sorts_first() -> None:
    third = Fraction(1, 3)
    assert hamilton(4, {"c": third, "b": third, "a": third}) == {"a": 2, "b": 1, "c": 1}


@given(st.data(), WEIGHTS)
def test_caps_hold_and_the_sum_is_exact(data: st.DataObject, weights: dict[str, Fraction]) -> None:
    caps = {name: data.draw(st.integers(0, 1000)) for name in weights}
    room = sum(caps[name] for name in weights if weights[name] > 0)
    total = data.draw(st.integers(0, room))
    counts = apportion(total, weights, caps)
    assert sum(counts.values()) == total
    assert all(0 <= counts[name] <= caps[name] for name in weights)
    assert all(counts[name] == 0 for name in weights if not weights[name])
    # Who is below its cap has at least what it would have had without caps, but for rounding.
    free = hamilton(total, weights)
    assert all(counts[name] >= min(caps[name], free[name]) - 1 for name in weights)
    with pytest.raises(Shortage):
        apportion(room + 1, weights, caps)


def test_frozen_caps_redistribute_until_stable() -> None:
    weights = {"a": Fraction(5), "b": Fraction(3), "c": Fraction(2)}
    # a is frozen at 10; b's share of the other 90 is 54, over 40; c takes the rest.
    assert apportion(100, weights, {"a": 10, "b": 40, "c": 100}) == {"a": 10, "b": 40, "c": 50}
