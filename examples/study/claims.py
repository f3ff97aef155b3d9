"""What the study says of its arms, as differences that this one measures, and when one counts as repeated.

arXiv 2605.19762 trained on ten trillion tokens: its direction is what can repeat here, never its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FULL = "full"
Expected = Literal["less", "more", "not more"]
MATH = (("held_out", "math/generic"), ("held_out", "math/scaffold"), ("items", "solved mathematics"))
REASONING = (("items", "solved mathematics"), ("items", "word problems"))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One comparison of two arms on some of what models read, in bits per character."""

    text: str
    arm: str
    base: str = FULL
    read: tuple[tuple[str, str], ...]
    expected: Expected
    """What becomes of the bits from `base` to `arm`."""


CLAIMS = (
    Claim(
        text="Taking pure Code out under one budget does not cost mathematics",
        arm="without_code", read=MATH, expected="not more",
    ),
    Claim(
        text="... nor where none of its tokens go to mathematics (the confound that readers named)",
        arm="code_to_non_math", read=MATH, expected="not more",
    ),
    Claim(
        text="Taking Code-NL out costs mathematics more than taking Code out",
        arm="without_code_nl", base="without_code", read=MATH, expected="more",
    ),
    Claim(
        text="Taking mathematics out costs mathematics",
        arm="without_math", read=MATH, expected="more",
    ),
    Claim(
        text="Taking Code out costs Code",
        arm="without_code", read=(("held_out", "code"), ("items", "functions to complete")), expected="more",
    ),
    Claim(
        text="Scaffolds in the place of generic mathematics help mathematical reasoning",
        arm="scaffold_swap", read=REASONING, expected="less",
    ),
    Claim(
        text="... also where they match what they replace in length and source",
        arm="matched_swap", read=REASONING, expected="less",
    ),
    Claim(
        text="... and do not cost generic mathematics",
        arm="scaffold_swap", read=(("held_out", "math/generic"),), expected="not more",
    ),
)  # fmt: skip
REPEATS, AGAINST, UNDECIDED = "repeats", "does not repeat", "not told apart"


def verdict(expected: Expected, mean: float, half: float) -> str:
    """Return whether an interval of a change in bits per character bears a claim out.

    An interval that holds zero decides nothing, but for `not more`, which it contradicts only by
    lying above zero, and bears out only by lying at or below it.
    """
    low, high = mean - half, mean + half
    if expected == "more":
        return REPEATS if low > 0 else AGAINST if high < 0 else UNDECIDED
    if expected == "less":
        return REPEATS if high < 0 else AGAINST if low > 0 else UNDECIDED
    return AGAINST if low > 0 else REPEATS if high <= 0 else UNDECIDED
