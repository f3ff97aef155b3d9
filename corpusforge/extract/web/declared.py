"""What a page says of itself to machines: its text where a script, and nothing else, would show it."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from resiliparse.parse.html import DocumentNode

from corpusforge.extract.web.dom import select

_MAX_JSON_CHARS = 2_000_000
_MAX_DEPTH = 8
_BODIES = ("articleBody", "text", "recipeInstructions", "reviewBody")
_TAG = re.compile(r"</?(p|br|li|div|h\d)\b[^<>]{0,400}>|<[^<>]{1,400}>", re.I)
_DESCRIPTIONS = 'meta[property="og:description"],meta[name="description"],meta[name="twitter:description"]'


def declared_text(document: DocumentNode) -> str:
    """Return the longest body that JSON-LD declares, else the longest description, "" without either."""
    bodies: list[str] = []
    for script in select(document, 'script[type="application/ld+json"]'):
        source = script.text or ""
        if len(source) <= _MAX_JSON_CHARS:
            try:
                _collect(json.loads(source), bodies, 0)
            except (ValueError, RecursionError):
                continue
    if not bodies:
        bodies = [meta.getattr("content") or "" for meta in select(document, _DESCRIPTIONS)]
    return max((_plain(body) for body in bodies), key=len, default="")


def _collect(value: Any, bodies: list[str], depth: int) -> None:
    """Add the texts of bodies at any depth of a JSON value."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in cast(list[Any], value):
            _collect(one, bodies, depth + 1)
    elif isinstance(value, dict):
        for key, one in cast(dict[str, Any], value).items():
            if key in _BODIES and isinstance(one, str):
                bodies.append(one)
            else:
                _collect(one, bodies, depth + 1)


def _plain(text: str) -> str:
    """Return text without tags, paragraph by paragraph."""
    text = _TAG.sub(lambda match: "\n" if match[1] else "", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n\n".join(line for line in lines if line)
