"""Lines that give values to names, as a run told step by step does: `i = 3, low = 0`, `step 4: x -> 7`."""

from __future__ import annotations

import re

from corpusforge.trace_lines import VALUE_ENDS

_NAME = r"[A-Za-z_][\w.\[\]]{0,30}"
_VALUE = (
    r"(?:-?\d[\d._eE+-]*|\"[^\"]{0,80}\"|'[^']{0,80}'|\[[^\[\]]{0,120}\]|\{[^{}]{0,120}\}|\([^()]{0,80}\)"
    r"|True|False|None|true|false|null|nil|undefined|∞|inf)"
)
_PAIR = rf"{_NAME} ?(?:=|:|->|→|←|:=) ?{_VALUE}"
_STEP = (
    r"(?:(?:at |after |before )?(?:step|line|iter(?:ation)?|round|pass|loop|cycle|tick|frame|depth|call"
    r"|pc|state"
    r"|vars?|locals|env|memory|stack)\b ?#?\d{0,6} ?(?:[:|.)\]-]|=>|->|→)* *)"
)
_BEFORE_STATE = r"[ \t]*(?:#|//|--|;)?[ \t]*"
_STEP_OPENS = re.compile(_BEFORE_STATE + _STEP, re.I)
_STATE_LINE = re.compile(
    rf"{_BEFORE_STATE}(?:{_STEP}(?:{_PAIR}|\{{[^{{}}]{{0,160}}\}})|{_PAIR}(?:,|;| \|"
    rf"|  ?) ?{_PAIR})"
    rf"(?:(?:,|;| \||  ?) ?{_PAIR})*[ \t.]*$",
    re.I,
)


def is_state(line: str) -> bool:
    """Return whether a line gives values to names; most others end in no value or hold too few signs."""
    last = line.rstrip(" \t.")[-1:]
    if not last or (last.isascii() and last not in VALUE_ENDS):
        return False
    signs = line.count("=") + line.count(":")
    if signs < 2 and not line.isascii():
        signs += line.count("→") + line.count("←")
    if signs < 2 and signs + line.count("->") < 2:
        if (signs == 0 and "->" not in line and "{" not in line) or _STEP_OPENS.match(line) is None:
            return False
    return _STATE_LINE.match(line) is not None


def repeats_names(states: list[str]) -> bool:
    """Return whether a name gets a value in most states: variables of one run, not settings of many names."""
    named = [set(re.findall(rf"({_NAME})['\"]? ?(?:=|:|->|→|←|:=)", state)) for state in states]
    names = [name for one in named for name in one]
    most = max((sum(name in one for one in named) for name in set(names)), default=0)
    return 2 * most >= len(states)
