"""Whether lines read like a program or like sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*[{}()\[\]]+[,;]?\s*$|^\s*(?://|#\s?\w|#!|--\s|\$ |>>> |@\w|<[/!?]?[a-zA-Z])"
    r"|/\*|\*/|<!--|-->|^\s*([\"']).*\1\s*[,:;)\]]*\s*$"
    r"|\w\(|\w\[|[^\s=<>!]\s?=\s?[^\s=]|==|!=|:=|=>|->|&&|\|\||::|\s--?[a-zA-Z]\w*(?:[\s=]|$)"
    r"|^\s*(?:import|from|def|class|return|var|let|const|function|func|fn|public|private|static|void|int|if|elif"
    r"|else|elsif|for|foreach|while|do|end|begin|echo|print|select|insert|update|create|use|using|namespace|package"
    r"|require|include|sudo|cd|git|npm|pip|apt|yum|docker|export|set|try|except|catch|raise|throw)\b(?!.*\.\s*$)",
    re.I,
)
_MAYBE_LINE = re.compile(r"^\s*[\w./-]+:(?:\s+\S+){0,3}\s*$|^(?:\t| {2,})\s*\S{1,40}(?: \S{1,40}){0,4}\s*$")
_PROSE_LINE = re.compile(r"^\s*[A-Z][^{}();=<>]*[.!?…]\s*$|^\s*(?:[^\W\d_]+[,]? ){7,}")
_PROSE_SHARE = 0.2
SURE, MARKED, NAMED = 0.3, 0.5, 0.7
"""Shares of lines that must read like code: where most of names, fonts, colours, blanks say so; two; one."""


def is_like_code(lines: Sequence[str], share: float) -> bool:
    """Return whether a share of the lines reads like a program and hardly any like a sentence.

    A short line that is indented, or a name and what it is (`key: value`), counts half.
    """
    filled = [line for line in lines if any(map(str.isalpha, line))]
    like, prose = 0.0, 0
    for line in filled:
        if _PROSE_LINE.search(line):
            prose += 1
        elif _CODE_LINE.search(line):
            like += 1
        elif _MAYBE_LINE.search(line):
            like += 0.5
    return bool(filled) and like >= share * len(filled) and prose <= _PROSE_SHARE * len(filled)
