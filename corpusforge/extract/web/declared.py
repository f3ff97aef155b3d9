"""What a page says of itself to machines: its text where a script, and nothing else, would show it.

A page that shows hardly any text gives what it declares; one that shows much, but not the article whose
body it declares, that body: what stands around it, menus and teasers, is not what the page is about.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from typing import Any, cast

from resiliparse.parse.html import DocumentNode

from corpusforge.extract.web.dom import select

_MAX_JSON_CHARS = 2_000_000
_MAX_DEPTH = 8
_BODIES = ("articleBody", "text", "recipeInstructions", "reviewBody")
_BODY_KEY = '"articleBody"'
_BODY_MARK = re.compile(r'"articleBody"\s{0,4}:')
_LEAST_BODY_CHARS = 600  # of an article that takes the place of what is shown
_WINDOW_WORDS = 6
_WINDOWS = 12  # of a body, evenly spread, that are looked for in what is shown
_MOST_SHOWN = 3  # of them, that a teaser may show
_NO_LETTERS = re.compile(r"[\W_]+")
_TAG = re.compile(r"</?(p|br|li|div|h\d)\b[^<>]{0,400}>|<[^<>]{1,400}>", re.I)
_DESCRIPTIONS = 'meta[property="og:description"],meta[name="description"],meta[name="twitter:description"]'


def declared_text(document: DocumentNode) -> str:
    """Return the longest body that JSON-LD declares, else the longest description, "" without either."""
    bodies = _declared(document, _BODIES)
    if not bodies:
        bodies = [meta.getattr("content") or "" for meta in select(document, _DESCRIPTIONS)]
    return max((_plain(body) for body in bodies), key=len, default="")


def article_not_shown(source: str, document: DocumentNode, shown: bytes) -> str:
    """Return the body of the article that a page declares, "" where it has none or shows it.

    `shown` is the page's visible text, UTF-8.
    """
    if _BODY_KEY not in source or _BODY_MARK.search(source) is None:
        return ""
    bodies = [_plain(body) for body in _declared(document, ("articleBody",))]
    body = max(bodies, key=len, default="")
    if len(body) < _LEAST_BODY_CHARS or _shows(shown, body):
        return ""
    return body


def _shows(shown: bytes, body: str) -> bool:
    """Return whether more of a text than a teaser stands in what a page shows."""
    words = body.split()
    step = max(1, len(words) // _WINDOWS)
    windows = [" ".join(words[at : at + _WINDOW_WORDS]) for at in range(0, len(words), step)]
    if sum(window.encode() in shown for window in windows) > _MOST_SHOWN:
        return True
    letters = _letters(shown.decode("utf-8", "replace"))
    return sum(_letters(window) in letters for window in windows) > _MOST_SHOWN


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text).lower()


def _declared(document: DocumentNode, keys: Sequence[str]) -> list[str]:
    """Return the texts that JSON-LD gives under some keys."""
    bodies: list[str] = []
    for script in select(document, 'script[type="application/ld+json"]'):
        source = script.text or ""
        if len(source) <= _MAX_JSON_CHARS:
            try:
                _collect(json.loads(source, strict=False), keys, bodies, 0)
            except (ValueError, RecursionError):
                continue
    return bodies


def _collect(value: Any, keys: Sequence[str], bodies: list[str], depth: int) -> None:
    """Add the texts of bodies at any depth of a JSON value."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in cast(list[Any], value):
            _collect(one, keys, bodies, depth + 1)
    elif isinstance(value, dict):
        for key, one in cast(dict[str, Any], value).items():
            if key in keys and isinstance(one, str):
                bodies.append(one)
            else:
                _collect(one, keys, bodies, depth + 1)


def _plain(text: str) -> str:
    """Return text without tags, paragraph by paragraph."""
    text = html.unescape(_TAG.sub(lambda match: "\n" if match[1] else "", html.unescape(text)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n\n".join(line for line in lines if line)
