"""The mixtures of a swarm: shares by unit in millionths, the same on every machine and Python.

No generator of the standard library is used, whose draws may differ between versions, and no `log` or
`exp` of the C library, whose last bit may. A number comes from a hash of (seed, run, unit, count), so a run
does not depend on how many there are; logarithms and exponentials are `decimal`'s, rounded correctly.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

from corpusforge.mixture.apportion import hamilton

MICRO = 10**6
"""A share is a whole number of millionths: what `ratios.csv` prints, so that rows sum to 1 exactly."""
Shares = dict[str, int]
"""Millionths by unit; they sum to `MICRO`."""

_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)
_UNIFORM_BITS = 64
_QUANTUM = Decimal("1e-18")


def dirichlet(
    weights: Mapping[str, Fraction],
    concentration: Decimal,
    minimum: Fraction,
    seed: int,
    run: int,
    attempt: int = 0,
) -> Shares:
    """Return one draw around weights: Dirichlet(concentration x weight), none under `minimum`.

    The higher the concentration, the nearer to the weights; their sum is taken as 1. `attempt` numbers
    the draws of one run.
    """
    whole = sum(weights.values())
    with localcontext(_CONTEXT):
        drawn = {
            name: _gamma(
                concentration * weight.numerator / (weight.denominator * whole.numerator) * whole.denominator,
                f"corpusforge swarm 1\0{seed}\0{run}\0{attempt}\0{name}",
            )
            for name, weight in weights.items()
        }
        total = sum(drawn.values(), Decimal(0))
        shares = {name: Fraction((value / total).quantize(_QUANTUM)) for name, value in drawn.items()}
    return _rounded(shares, minimum)


def lattice(names: Sequence[str], steps: int, minimum: Fraction) -> Iterator[Shares]:
    """Yield the simplex lattice {names, steps} (Scheffe 1958): all shares that are multiples of 1 / steps."""
    for bars in itertools.combinations(range(steps + len(names) - 1), len(names) - 1):
        edges = (-1, *bars, steps + len(names) - 1)
        counts = [after - before - 1 for before, after in itertools.pairwise(edges)]
        shares = {name: Fraction(count, steps) for name, count in zip(names, counts, strict=True)}
        yield _rounded(shares, minimum)


def one_factor(weights: Mapping[str, Fraction], factors: Sequence[Fraction]) -> Iterator[Shares]:
    """Yield the weights themselves, then them with one weight times one factor, for each of both."""
    yield _rounded(weights, Fraction(0))
    for name, factor in itertools.product(weights, factors):
        yield _rounded({**weights, name: weights[name] * factor}, Fraction(0))


def _rounded(weights: Mapping[str, Fraction], minimum: Fraction) -> Shares:
    """Return shares in millionths; each is `minimum` and its part of what is left beyond all minima."""
    whole, free = sum(weights.values()), 1 - minimum * len(weights)
    return hamilton(MICRO, {name: minimum + free * weight / whole for name, weight in weights.items()})


def _gamma(shape: Decimal, name: str) -> Decimal:
    """Return a gamma variate of any shape above 0: of shape + 1, times a power of a uniform one.

    Of shape + 1 by the rejection of Cheng 1977 ("The generation of gamma variables with non-integral
    shape parameter", algorithm GB).
    """
    uniforms = _uniforms(name)
    power = (next(uniforms).ln() / shape).exp()
    above = shape + 1
    scale = (2 * above - 1).sqrt()
    offset = above - Decimal(4).ln()
    for u1, u2 in zip(uniforms, uniforms, strict=False):
        v = (u1 / (1 - u1)).ln() / scale
        x = above * v.exp()
        if offset + (above + scale) * v - x >= (u1 * u1 * u2).ln():
            return x * power
    raise AssertionError("uniform numbers do not end")


def _uniforms(name: str) -> Iterator[Decimal]:
    """Yield numbers between 0 and 1, neither of them among them, that the name decides."""
    for count in itertools.count():
        digest = hashlib.blake2b(f"{name}\0{count}".encode(), digest_size=_UNIFORM_BITS // 8).digest()
        yield Decimal(2 * int.from_bytes(digest, "little") + 1) / (1 << (_UNIFORM_BITS + 1))
