"""Templates alone on their lines: those that show their arguments, and messages or tables built on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_WORD = re.compile(r"\w+")
_TAGS_AND_LINKS = re.compile(r"<[^<>]*>|\[\[[^\[\]|]*\||\[https?://\S+")
_TABLE = re.compile(r"^\s*(?:\{\||<table|<div[^<>]*class)", re.I | re.M)
_MESSAGE = re.compile(r"^\s*(?:[:*]|''|\[\[[^\[\]|:]+:)|<(?:div|center|small|p|br|dl)\b|\bclass\s*=", re.I)
"""What a message has that plain text has not: an indent, italics, a picture, a box."""
_MIN_OWN_SHARE = 0.6
"""Of the words of a template alone on its line, those from its arguments: below, it is a message."""


def speaks_alone(text: str, arguments: Callable[[], Sequence[str]]) -> bool:
    """Return whether a template alone on its line shows its arguments, no message or table on them.

    `text`: what it shows; `arguments`: those without a name, read where they decide.
    """
    if _TABLE.search(text):
        return False
    if not _MESSAGE.search(text):
        return True
    given = set(_WORD.findall(" ".join(arguments())))
    shown = _WORD.findall(_TAGS_AND_LINKS.sub(" ", text))
    return bool(shown) and sum(word in given for word in shown) >= _MIN_OWN_SHARE * len(shown)
