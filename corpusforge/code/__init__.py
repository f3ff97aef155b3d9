"""Code and Code-NL: which files of a repository are programs, and which explain them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpusforge.lazy import at_first_use

if TYPE_CHECKING:
    from corpusforge.code.config import CodeConfig
    from corpusforge.code.judging import judge_code
    from corpusforge.code.split import judge_text
    from corpusforge.code.verdict import Verdict

__all__ = ["CodeConfig", "Verdict", "judge_code", "judge_text"]

__getattr__, __dir__ = at_first_use(
    __name__,
    {"CodeConfig": "config", "Verdict": "verdict", "judge_code": "judging", "judge_text": "split"},
)
