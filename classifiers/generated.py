"""Generated texts full of digits, signs and formulas that are not mathematics: hard negatives.

Real ones under a licence that allows training are rare; these are written by rule, CC0, and
the same for the same seed. Each kind is a source of its own, so that leaving sources out
leaves out kinds.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from corpusforge_classifiers.generated_chapters import CHAPTERS
from corpusforge_classifiers.generated_lists import LISTS
from corpusforge_classifiers.generated_tables import TABLES
from corpusforge_classifiers.rows import Row

LICENCE = "CC0-1.0"
HARD_NEGATIVES: dict[str, Callable[[random.Random], str]] = {
    f"generated-{name}": write for name, write in sorted((TABLES | LISTS | CHAPTERS).items())
}
"""Texts that are not mathematics, by the name of their kind."""


def hard_negatives(n_each: int, seed: int) -> list[Row]:
    """Return `n_each` generated documents of each kind; the same for the same seed."""
    rows: list[Row] = []
    for kind, write in HARD_NEGATIVES.items():
        draw = random.Random(f"{seed}/{kind}")
        rows += [Row(write(draw), False, kind, LICENCE, kind) for _ in range(n_each)]
    return rows
