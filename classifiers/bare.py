r"""Passages again without their formulas: what extraction often leaves of a worked example or a proof.

The linear model alone learns from them. The layers above it count relations, and a passage that lost
its formulas would teach them that none are needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corpusforge_classifiers.rows import Row, row_key

_FORMULA = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]*\$|\\\[.*?\\\]|\\\(.*?\\\)"
    r"|\\begin\{(align|equation|array|gather)\*?\}.*?\\end\{\1\*?\}",
    re.DOTALL,
)
_PLAIN = re.compile(r"\S*[=<>≤≥^_∑∫√]\S*")
"""Words that are formulas where none is marked up."""
_LEAST_CHARS = 60
_KEYS = 2**64


def without_formulas(text: str) -> str:
    """Return a passage without its marked formulas; where none are, without words that hold a relation."""
    left = _FORMULA.sub("", text)
    return (left if left != text else _PLAIN.sub("", text)).strip()


def bare_rows(rows: Sequence[Row], share: float, seed: int) -> tuple[list[Row], NDArray[np.int64]]:
    """Return a share of rows, by a hash of their text, without formulas, and which row each was."""
    bare: list[Row] = []
    origins: list[int] = []
    for place, row in enumerate(rows):
        if row_key(row, seed + 1) >= share * _KEYS:
            continue
        text = without_formulas(row.text)
        if text != row.text and len(text) > _LEAST_CHARS:
            bare.append(replace(row, text=text))
            origins.append(place)
    return bare, np.array(origins, dtype=np.int64)
