"""CIRS: how complex a program is, from its raw figures and constants frozen in the configuration.

As in EasyInstruct's code selector (arXiv:2308.15452): the structural part is
sigmoid(mean of the z-scores of tree nodes, depth and node types), the logical part is
sigmoid(z-score of Halstead difficulty x cyclomatic number), the score their product. There
the z-scores are taken over the batch at hand; here mean and deviation are fields of
`CodeConfig`, so that a document's score does not depend on its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from corpusforge.code.config import CodeConfig

_MAX_Z = 30.0
"""Beyond this the sigmoid is 0 or 1 to every digit, and `exp` might overflow."""


def difficulty_times_cyclomatic(signals: Mapping[str, float]) -> float:
    """Return the raw figure of the logical part: Halstead difficulty x cyclomatic number."""
    return signals["code_halstead_difficulty"] * signals["code_cyclomatic"]


def cirs_signals(signals: Mapping[str, float], config: CodeConfig) -> dict[str, float]:
    """Return structural part, logical part, score (0-1) and band (0, 1 or 2) of a parsed program."""
    structure = (
        _z(signals["code_ast_nodes"], config.cirs_nodes),
        _z(signals["code_ast_depth"], config.cirs_depth),
        _z(signals["code_ast_types"], config.cirs_types),
    )
    structural = _sigmoid(math.fsum(structure) / len(structure))
    logical = _sigmoid(_z(difficulty_times_cyclomatic(signals), config.cirs_logic))
    score = structural * logical
    low, high = config.cirs_bands
    return {
        "code_cirs_structural": structural,
        "code_cirs_logical": logical,
        "code_cirs_score": score,
        "code_cirs_band": 0.0 if score < low else 2.0 if score > high else 1.0,
    }


def _z(value: float, constants: tuple[float, float]) -> float:
    mean, deviation = constants
    return (value - mean) / max(deviation, 1e-9)


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_MAX_Z, min(_MAX_Z, z))))
