"""Whether lines read like a program, or what one writes and reads, or like sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*[{}()\[\]]+[,;]?\s*$|^\s*(?://|#\s?\w|#!|--\s|;;|\$ |>>> |@\w|<[/!?]?[a-zA-Z])"
    r"|/\*|\*/|<!--|-->|^\s*([\"']).*\1\s*[,:;)\]]*\s*$|\\\s*$"
    r"|\w\(|\w\[|[^\s=<>!]\s*=\s?[^\s=]|==|!=|:=|=>|->|<-|&&|\|\||::|\+\+|\([^()]*\(|\)\)"
    r"|\s--?[a-zA-Z]\w*(?:[\s=]|$)"
    r"|^\s*(?:import|from|def|class|return|var|let|const|function|func|fn|public|private|static|void|int|if|elif"
    r"|else|elsif|for|foreach|while|do|end|begin|echo|print|select|insert|update|create|use|using|namespace|package"
    r"|require|include|sudo|cd|git|npm|pip|apt|yum|docker|export|set|try|except|catch|raise|throw|module|instance"
    r"|struct|enum|impl|async|await|endif|mvn|gradle|cargo|yarn|pnpm|conda|python3?|gcc|g\+\+|cmake|curl|wget"
    r"|chmod|mkdir|kubectl|systemctl|printf|puts)\b(?!.*\.\s*$)"
    r"|^\s*(?:continue|break|pass|then|done|fi|esac|endfunction)\s*$"
    r"|^\s*(?-i:FROM|WHERE|JOIN|AND|OR|ON|GROUP BY|ORDER BY|HAVING|LIMIT|VALUES|UNION|INTO|SET)\s"
    r"|^\s*\[[\w .:/-]{2,40}\]\s*$"  # a section of settings
    r"|^\s*\|.*\|\s*$|[+|][-=]{3,}|[-=]{3,}[+|>]"  # drawn boxes
    r"|^(?:@@ -\d|--- \S|\+\+\+ \S|diff -|index [0-9a-f]{7})|^[-+]\s{2,}\S"  # a patch
    r"|^\s*(?:Traceback \(|File \".*\", line \d|at [\w.$<>]+\(|[\w.]{1,60}(?:Error|Exception|Warning)\b:?)"
    r"|^[-dlcb](?:[-r][-w][-xsStT]){3}|^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d"
    r"|^\s*[\w.-]+@[\w.-]+[: ]?[~/\w.-]*[$#%>] ?",
    re.I,
)
_KEY_LINE = re.compile(r"^\s*(?:- )?[\w./%-]+:(?:\s+\S+){0,3}\s*$")
_MAYBE_LINE = re.compile(r"^(?:\t| {2,})\s*\S{1,40}(?: \S{1,40}){0,4}\s*$")
_PROMPT = re.compile(r"^\s*(?:\$|%|>|>>>|PS [A-Z]:.*>|[\w.-]+@[\w.-]+[: ]?[~/\w.-]*[$#%>]) \S")
_PATCH = re.compile(r"^@@ -\d+(?:,\d+)? \+\d")
_PROSE_LINE = re.compile(
    r"^\s*[A-Z][^{}();=<>]*[.!?…]\s*$|^\s*(?:[^\W\d_]+[,]? ){7,}"
    r"|^\s*(?:[^\W\d_]+[,]? ){0,4}[^\W\d_]+: (?:\S+ ){8,}"  # a label and a sentence
)
_PROSE_SHARE = 0.2
_SURE_SHARE = 0.2  # of lines that read like code for more than that they are short and indented
SURE, MARKED, NAMED = 0.3, 0.5, 0.7
"""Shares of lines that must read like code: where most of names, fonts, colours, blanks say so; two; one."""


def is_like_code(lines: Sequence[str], share: float) -> bool:
    """Return whether a share of the lines reads like a program and hardly any like a sentence.

    A short line that is indented, or a name and what it is (`key: value`), counts half; such names one
    where some are indented below others. What follows a prompt counts half, all of a patch one. That lines
    are short and indented, as words in any source are, is never enough.
    """
    filled = [line.replace("\u00a0", " ") for line in lines if any(map(str.isalpha, line))]
    if not filled:
        return False
    key = 1.0 if sum(line.startswith("  ") and bool(_KEY_LINE.match(line)) for line in filled) > 1 else 0.5
    other = 1.0 if any(map(_PATCH.match, filled)) else 0.5 if any(map(_PROMPT.match, filled[:2])) else 0.0
    like, sure, prose = 0.0, 0, 0
    for line in filled:
        if _PROSE_LINE.search(line):
            prose += 1
        elif _CODE_LINE.search(line):
            like, sure = like + 1, sure + 1
        elif _KEY_LINE.search(line):
            like, sure = like + key, sure + 1
        else:
            like += max(other, 0.5 if _MAYBE_LINE.search(line) else 0.0)
    if sure + (len(filled) if other else 0) < _SURE_SHARE * len(filled):
        return False
    return like >= share * len(filled) and prose <= _PROSE_SHARE * len(filled)
