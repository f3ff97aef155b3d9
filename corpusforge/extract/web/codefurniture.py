"""What stands inside code and is none: numbers, buttons, tooltips, folding marks, links to the source."""

from __future__ import annotations

import re
from functools import lru_cache

from resiliparse.parse.html import ElementNode

_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:gutters?(?:-\w+)?|line-?nos?|line-?nrs?|line-?numbers?(?:-rows)?|linenodiv|lnt?"
    r"|hljs-ln-numbers|rouge-gutter|blob-num|lines?-?nums?|ln-num|nums?-content|tag_listingline|listing_data"
    r"|(?:tool-?tip|pop-?up|pop-?over|hover-?(?:card|info|text))(?:[-_]?\w+)*|annottext|ttc|no-?select|unselectable|fold(?:-?(?:mark|marker|btn|button|icon|toggle|widget|closed))?|collapser|expander|copy"
    r"(?:-?btn|-?button|-code(?:-button)?|[Bb]utton\w*|-to-clipboard)?|clipboard|annotation-anchor|annotation(?=__)"
    r"|btn|toolbar|code-?toolbar-item|buttonGroup\w*|react-syntax-highlighter-line-number|headerlink"
    r"|sr-only|visually-hidden|code-block-header|language-label|code-lang)(?:$|\s|__\w+)"
)
_NUMBERS_ONLY = re.compile(r"[\s\d\u00a0]*\d[\s\d\u00a0]*")
_TOOL_TAGS = frozenset("a em span i div small b".split())
_UNSELECTABLE = re.compile(r"user-select\s*:\s*none|display\s*:\s*none")
_TOOL_ROLES = frozenset(("tooltip", "toolbar"))
_TOOL_CHARS = 12
LINK_OF_TOOL = re.compile(r"\[[a-z]{3,8}(?: [a-z]{3,8})?\]|[¶§🔗⚓]")
"""As `[docs]`, `[source]` and marks of places are written: code links names, not the brackets around."""


def holds_link_of_tool(text: str) -> bool:
    """Return whether a text holds what links to the source say."""
    return bool("[" in text and LINK_OF_TOOL.search(text)) or any(mark in text for mark in "¶§🔗⚓")


def is_furniture(node: ElementNode) -> bool:
    """Return whether an element inside code is none: a number, a button, a mark, what cannot be selected."""
    if not node.attrs:
        return False
    if node.hasattr("hidden") or node.getattr("role") in _TOOL_ROLES or _is_link_to_source(node):
        return True
    name = node.class_name
    if name and _says_furniture(name):
        text = node.text or ""
        return len(text) < _TOOL_CHARS or (
            (node.tag or "") != "code"
            and bool(_NUMBERS_ONLY.fullmatch(text) or node.tag in ("td", "div", "a", "span"))
        )
    tag = node.tag or ""
    if tag in _TOOL_TAGS and len(node.text or "") < _TOOL_CHARS:
        if node.hasattr("onclick") or (node.getattr("href") or "").startswith("javascript:"):
            return True
    if node.hasattr("style") and _UNSELECTABLE.search(node.getattr("style") or ""):
        return len(node.text or "") < _TOOL_CHARS
    return bool(
        node.hasattr("data-line-number")
        and tag in ("td", "span", "a")
        and not (node.text or "").strip(" \n0123456789")
    )


@lru_cache(maxsize=64)  # of a few names each says the same for all tokens of a kind
def _says_furniture(name: str) -> bool:
    # `<pre class="line-numbers">` marks a block that has numbers, not the numbers.
    return bool(_FURNITURE.search(name)) and "line-numbers-" not in name


def _is_link_to_source(node: ElementNode) -> bool:
    return node.tag == "a" and node.hasattr("href") and bool(LINK_OF_TOOL.fullmatch(node.text or ""))
