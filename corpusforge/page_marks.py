"""The marks of a page's own head that speak to robots: `<meta name="robots">`, `tdm-reservation`.

Read in two steps: the filter judges a page by them, ingest hands them on to what was made from the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place

_HEAD_BYTES = 256 << 10
"""A page whose head is longer carries data in it; marks stand before that."""
_UNSEEN = re.compile(rb"<(?:!--|(script|style|template|textarea)\b)")
"""How what is no part of the page begins, in lower case."""
_META_BYTES = 2000
_META = re.compile(rb"<meta\b([^<>]{1,2000})>")
"""In lower case: a search that ignores case has no first byte."""
_ATTRIBUTE = re.compile(r"""([a-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TDM = "tdm-reservation"


def page_metas(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, content) of the <meta> tags of a page's head that speak to robots."""
    head = raw[:_HEAD_BYTES]
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    end, speaks = divmod(_head_of(np.frombuffer(head, np.uint8)), 2) if head else (0, 0)
    if not speaks:
        return
    seen = _seen_of(head[:end])
    for found in _META.finditer(seen.lower()):
        tag = found[1]
        if not (b"bot" in tag or b"tdm-reservation" in tag or b"&" in tag):
            continue  # speaks to no robot, and no reference spells one
        attributes = _ATTRIBUTE.finditer(seen[found.start(1) : found.end(1)].decode("latin-1"))
        values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
        name = values.get("name") or values.get("http-equiv") or values.get("property") or ""
        name = name.strip().lower()
        name = "robots" if name == "x-robots-tag" else name
        if name == _TDM or name == "robots" or "bot" in name:
            yield name, values.get("content") or values.get("value") or ""


def _seen_of(head: bytes) -> bytes:
    """Return a head without its comments, scripts and the like."""
    lower = head.lower()
    parts: list[bytes] = []
    at = 0
    while found := _UNSEEN.search(lower, at):
        parts.append(head[at : found.start()])
        close = b"</" + found[1] if found[1] else b"-->"
        end = lower.find(close, found.end())
        if end < 0:
            return b"".join(parts)
        at = end + len(close)
    return b"".join((*parts, head[at:]))


_LESS, _GREATER, _HYPHEN, _UNDERSCORE = b"<>-_"
_BODY, _META_NAME = (np.frombuffer(name, np.uint8) for name in (b"body", b"meta"))
_ROBOTS, _NOAI, _TDM_RESERVATION, _BOT = (
    np.frombuffer(sign, np.uint8) for sign in (b"robots", b"noai", b"tdm-reservation", b"bot")
)
_LOWER = 0x20


@jit_in_place
def _head_of(page: NDArray[np.uint8]) -> int:
    """Return twice where a page's <body> begins, and 1 more where a tag <meta> before it speaks of robots.

    A tag does so that has `robots`, `noai`, `tdm-reservation` or a word that ends in `bot`, begun in its
    first 2,000 bytes.
    """
    speaks = 0
    for start in range(len(page)):
        if page[start] != _LESS:
            continue
        if _stands(page, start + 1, _BODY) and not _is_word(page, start + 5):
            return 2 * start + speaks
        if speaks or not _stands(page, start + 1, _META_NAME) or _is_word(page, start + 5):
            continue
        for at in range(start + 5, min(len(page), start + 6 + _META_BYTES)):
            if page[at] == _LESS or page[at] == _GREATER:
                break
            if (
                _stands(page, at, _ROBOTS)
                or _stands(page, at, _NOAI)
                or _stands(page, at, _TDM_RESERVATION)
                or (_stands(page, at, _BOT) and not _is_word(page, at + 3))
            ):
                speaks = 1
                break
    return 2 * len(page) + speaks


@jit_in_place
def _stands(page: NDArray[np.uint8], at: int, name: NDArray[np.uint8]) -> bool:
    """Return whether a name in lower case stands at a byte, in whatever case."""
    if at + len(name) > len(page):
        return False
    for place in range(len(name)):
        byte = page[at + place]
        if byte != name[place] and (name[place] == _HYPHEN or byte | _LOWER != name[place]):
            return False
    return True


@jit_in_place
def _is_word(page: NDArray[np.uint8], at: int) -> bool:
    """Return whether a byte is of a word; none behind the end is."""
    if at >= len(page):
        return False
    lower = page[at] | _LOWER
    return 97 <= lower <= 122 or 48 <= page[at] <= 57 or page[at] == _UNDERSCORE
