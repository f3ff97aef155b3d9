"""Mixtures of a swarm: distributed as they should be, exact, and the same on every machine."""

import hashlib
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from corpusforge.mixture.draws import MICRO, dirichlet, lattice, one_factor

WEIGHTS = {"books": Fraction(1, 10), "code": Fraction(1, 5), "math": Fraction(3, 10), "web": Fraction(2, 5)}


def test_the_same_run_is_the_same_mixture_everywhere() -> None:
    # Pinned: another machine, Python or release that draws others would strand every fit.
    assert dirichlet(WEIGHTS, Decimal(8), Fraction(0), 0, 1) == {
        "books": 105_186, "code": 97_139, "math": 396_894, "web": 400_781,
    }  # fmt: skip
    assert dirichlet(WEIGHTS, Decimal("0.1"), Fraction(0), 5, 7, 2) == {
        "books": 0, "code": MICRO, "math": 0, "web": 0,
    }  # fmt: skip
    many = [
        dirichlet(WEIGHTS, Decimal(concentration), Fraction(1, 50), 3, run)
        for run in range(60)
        for concentration in ("0.3", "4", "100")
    ]
    assert hashlib.sha256(repr(many).encode()).hexdigest().startswith("8811e159a5aa")


def test_a_share_is_distributed_as_dirichlet_says() -> None:
    draws = [dirichlet(WEIGHTS, Decimal(5), Fraction(0), 1, run) for run in range(1, 801)]
    for name, weight in WEIGHTS.items():
        values = np.array([shares[name] / MICRO for shares in draws])
        beta = stats.beta(5 * float(weight), 5 * float(1 - weight))
        assert stats.kstest(values, beta.cdf).pvalue > 0.001
    books, web = ([shares[name] for shares in draws] for name in ("books", "web"))
    expected = -math.sqrt(0.1 * 0.4 / (0.9 * 0.6))
    assert abs(np.corrcoef(books, web)[0, 1] - expected) < 0.1


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.text("abcdef", min_size=1), st.fractions(Fraction(1, 10**6), 10), min_size=2, max_size=8
    ),
    st.decimals("0.01", 1000, places=2),
    st.fractions(0, Fraction(1, 9)),
    st.integers(0, 2**63),
)
def test_shares_sum_to_a_million_and_keep_the_minimum(
    weights: dict[str, Fraction], concentration: Decimal, minimum: Fraction, seed: int
) -> None:
    shares = dirichlet(weights, concentration, minimum, seed, 1)
    assert sum(shares.values()) == MICRO and set(shares) == set(weights)
    assert all(share >= math.floor(minimum * MICRO) for share in shares.values())


def test_a_lattice_has_every_share_of_so_many_steps() -> None:
    found = list(lattice(["a", "b", "c"], 4, Fraction(0)))
    assert len(found) == math.comb(6, 2) == len({tuple(shares.values()) for shares in found})
    assert all(sum(shares.values()) == MICRO for shares in found)
    assert {share for shares in found for share in shares.values()} == {0, 250_000, 500_000, 750_000, MICRO}
    inner = list(lattice(["a", "b", "c"], 1, Fraction(1, 10)))
    assert inner[0] == {"a": 100_000, "b": 100_000, "c": 800_000}


def test_one_factor_changes_one_weight_and_leaves_the_others_in_proportion() -> None:
    base, *others = one_factor(WEIGHTS, [Fraction(0), Fraction(2)])
    assert base == {"books": 100_000, "code": 200_000, "math": 300_000, "web": 400_000}
    assert len(others) == 8
    without, twice = others[:2]
    assert without == {"books": 0, "code": 222_222, "math": 333_333, "web": 444_445}
    assert twice == {"books": 181_818, "code": 181_818, "math": 272_727, "web": 363_637}
