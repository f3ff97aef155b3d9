"""Whole files against whole verdicts; `pytest --update-goldens tests/code` writes them.

Inputs are kept as NAME.txt, so that no tool takes them for code of this repository.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpusforge.code import CodeConfig, judge_text

GOLDEN = Path(__file__).parents[1] / "golden" / "code"
SHOWN = (
    "code_executable_share", "code_comment_share", "code_docstring_share", "code_literal_share", "code_definitions",
    "code_imports", "code_toplevel_calls", "code_entry_point", "code_test", "code_self_contained", "code_nl_words",
    "code_blocks", "code_cells", "code_ast_nodes", "code_cyclomatic", "code_cirs_band",
)  # fmt: skip


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden(case: str, update_goldens: bool) -> None:
    source = next(path for path in (GOLDEN / case).iterdir() if path.name != "expected.json")
    verdict = judge_text(source.read_text(encoding="utf-8"), source.name.removesuffix(".txt"), CodeConfig())
    got = {
        "domain": verdict.domain,
        "drop": verdict.drop,
        "language": verdict.language,
        "reason": verdict.reason,
        "signals": {name: round(verdict.signals[name], 4) for name in SHOWN if name in verdict.signals},
    }
    expected = GOLDEN / case / "expected.json"
    if update_goldens:
        expected.write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert got == json.loads(expected.read_text(encoding="utf-8"))
