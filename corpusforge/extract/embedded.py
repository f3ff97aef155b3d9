"""Files that a text holds as base64 or as a data URL: images, mostly. They leave, their words stay."""

from __future__ import annotations

import re

_DATA = r"data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+(?:=[\w.+\"-]+)?)*"
_BODY = r"(?:[A-Za-z0-9+/_-]|%2[BbFf]|%3[Dd]|\\?\n[ \t]{0,8}(?=[A-Za-z0-9+/]{20}))"
_URL = rf"{_DATA};base64,\s{{0,2}}{_BODY}*(?:=|%3[Dd]){{0,2}}"
_PLAIN_URL = (
    r"data:image/svg\+xml[\w;=,-]*,(?:%3[Cc][^\s\"')\]]{0,200000}|<svg\b"
    r"(?:[^<d\n]++|<(?!/svg>)|d(?!ata:image/svg))*+</svg>)"
)  # up to the next one: what is never closed is looked at once
_ANY = rf"<?(?:{_URL}|{_PLAIN_URL})>?"
_PLAIN = r"(?:[^\[\]\\]|\\[\s\S])"  # no character can be read in two ways, or time grows twofold with each
_ALT = rf"(?:{_PLAIN}|\[(?:{_PLAIN}|\[{_PLAIN}{{0,200}}\]){{0,500}}\]){{0,1000}}"
_TITLE = r"(?:\s{1,9}(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\([^)\n]{0,500}\)))?"
_DEFINITION = re.compile(
    rf"^[ \t>]{{0,12}}\[([^\]\n]{{1,200}})\]:[ \t]*+(?:\n[ \t]*+)?{_ANY}{_TITLE}[ \t]*$\n?", re.M
)
_IMAGE = re.compile(rf"!\[({_ALT})\]\(\s{{0,3}}(?:attachment:[^)\n]{{0,500}}|{_ANY}{_TITLE})\s{{0,3}}\)")
_TAG = re.compile(
    rf"<(?:img|source|image|input|embed|object|video|audio)\b[^<>]{{0,2000}}?\b(?:src|href|data|srcset)\s?=\s?"
    rf"(?:[\"']?(?:{_URL}|{_PLAIN_URL}|data:[^\"'>\n]{{0,4000}}+|attachment:[^\"'>\n]{{0,500}}+)[\"']?)[^<>]*+>",
    re.I,
)
_BARE = re.compile(rf"{_URL}|{_PLAIN_URL}")
_USED = re.compile(r"!\[([^\]\n]{0,500})\](?:\[([^\]\n]{0,200})\])?(?!\()")
_MIN_PRINTED_CHARS = 100
_PRINTED_STARTS = ("iVBORw0KGgo", "/9j/4", "R0lGOD", "UklGR", "PHN2Zy", "PD94bWwg", "JVBERi0", "UEsDB", "Qk")
# How base64 of a PNG, JPEG, GIF, WebP, SVG, PDF, zip or BMP begins; printed without any word of what it is.
_PRINTED = re.compile(
    r"(?<![A-Za-z0-9+/])(?:iVBORw0KGgo|/9j/4[A-Q]|R0lGOD[dl]h|UklGR|PHN2Zy|PD94bWwg|JVBERi0|UEsDB|Qk[0-3])"
    rf"{_BODY}{{100,}}={{0,2}}"
)


def without_files(text: str) -> tuple[str, int]:
    """Return (text without the files that it holds, how many); an image leaves its alternative text.

    An image in Markdown, by a reference or in a tag; `url(data:…)` of a style; a data URL or the base64
    of a known format anywhere. An attachment of a notebook goes as well.
    """
    if "data:" not in text and "attachment:" not in text:
        # Substrings are many times cheaper than the expression that they guard.
        if len(text) < _MIN_PRINTED_CHARS or not any(start in text for start in _PRINTED_STARTS):
            return text, 0
    names = {found[1].strip().lower() for found in _DEFINITION.finditer(text)}
    text, images = _IMAGE.subn(lambda found: found[1], text)
    text, definitions = _DEFINITION.subn("", text)
    if names:
        text = _USED.sub(lambda found: found[1] if _name(found) in names else found[0], text)
    text, tags = _TAG.subn("", text)
    text, bare = _BARE.subn("", text)
    text, printed = _PRINTED.subn("", text)
    return text, images + definitions + tags + bare + printed


def _name(used: re.Match[str]) -> str:
    return (used[2] or used[1]).strip().lower()
