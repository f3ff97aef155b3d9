"""Whether a text without a name may be a program: told from its lines, far sooner than by parsing it.

On `codegold/dev` and a sixth of `math/dev` (2,006 texts) 527 of the 560 that parse as programs beyond doubt
pass, and 55 of 386 real pages of mathematics, which are then parsed and told by that.
"""

from __future__ import annotations

import re

_LOOKED_AT_CHARS = 8192
_LOOKED_AT_LINES = 200
_LINE_CHARS = 200
_CODE_LINE = re.compile(
    r"[;{}:,\[(\\]\s*$|^\s*(?:[)}\]]|//|/\*|\*|#|--|;|%|@|<"
    r"|(?:import|from|use|using|package|include|require|def|class|fn|func|fun|function|public|private|static"
    r"|var|let|const|return|if|else|elif|end|for|while|do|case|try|except|catch|echo|export|set|local|module"
    r"|type|struct|enum|int|void|begin|select|insert|create|with)\b|print)"
    r"|^\s*[\w.$@:\[\]\"']+\s*(?:[-+*/|&]?=|:=|<-|=>)\s*\S|^\s*[\w.:>-]+\(.*\)[;,]?\s*$",
    re.I,
)
_FORMULA = re.compile(r"\\[a-zA-Z]{3,}|\$[^$\n]{1,60}\$")
_SENTENCE_END = re.compile(r"[.?!](?:\s|$)")
_SYMBOLS = b"(){}[];=<>_"
_WHITE = b" \t\r\n"
_MIN_SYMBOL_SHARE = 0.01
_MIN_CODE_LINES = 0.15
_MAX_FORMULAS_PER_LINE = 0.3
_MAX_SENTENCES_PER_LINE = 0.5


def may_be_program(text: str) -> bool:
    """Return whether it is worth to parse a text to learn if it is a program."""
    head = text[:_LOOKED_AT_CHARS]
    data = head.encode("utf-8", "replace")
    n_symbols = len(data) - len(data.translate(None, _SYMBOLS))
    if n_symbols < _MIN_SYMBOL_SHARE * len(data.translate(None, _WHITE)):
        return False
    lines = [line for line in head.split("\n")[:_LOOKED_AT_LINES] if line.strip()]
    n_sentences = sum(1 for _ in _SENTENCE_END.finditer(head))
    if not lines or n_sentences >= _MAX_SENTENCES_PER_LINE * len(lines):
        return False
    if sum(1 for _ in _FORMULA.finditer(head)) >= _MAX_FORMULAS_PER_LINE * len(lines):
        return False
    n_code = sum(_CODE_LINE.search(line[:_LINE_CHARS]) is not None for line in lines)
    return n_code >= _MIN_CODE_LINES * len(lines)
