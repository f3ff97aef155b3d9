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
_META_BYTES = 2000
_ATTRIBUTE = re.compile(r"""([a-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TDM = "tdm-reservation"


def page_metas(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, content) of the <meta> tags of a page's head that speak to robots."""
    head = raw[:_HEAD_BYTES]
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    end, speaks = divmod(_head_of(head), 2)
    if not speaks:
        return
    tags = np.empty(end, np.uint8)
    n_bytes = _tags_of(head, end, tags)
    for tag in tags[:n_bytes].tobytes().split(b">")[:-1]:
        attributes = _ATTRIBUTE.finditer(tag.decode("latin-1"))
        values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
        name = values.get("name") or values.get("http-equiv") or values.get("property") or ""
        name = name.strip().lower()
        name = "robots" if name == "x-robots-tag" else name
        if name == _TDM or name == "robots" or "bot" in name:
            yield name, values.get("content") or values.get("value") or ""


_LESS, _GREATER, _HYPHEN, _UNDERSCORE, _SLASH, _LETTER = b"<>-_/a"
_BODY, _META_NAME, _COMMENT, _COMMENT_END = (
    np.frombuffer(name, np.uint8) for name in (b"body", b"meta", b"!--", b"-->")
)
_UNSEEN = (b"script", b"style", b"template", b"textarea")
"""Elements whose content is no part of the page."""
_UNSEEN_NAMES = np.frombuffer(b"".join(_UNSEEN), np.uint8)
_UNSEEN_ENDS = np.cumsum([len(name) for name in _UNSEEN])
_ROBOTS, _NOAI, _TDM_RESERVATION, _BOT, _NUMBERED = (
    np.frombuffer(sign, np.uint8) for sign in (b"robots", b"noai", b"tdm-reservation", b"bot", b"&#")
)
_LOWER = 0x20


@jit_in_place
def _head_of(page: bytes) -> int:
    """Return twice where a page's <body> begins, and 1 more where a tag <meta> before it speaks of robots.

    A tag does so that has `robots`, `noai`, `tdm-reservation` or a word that ends in `bot`, begun in its
    first 2,000 bytes.
    """
    speaks = 0
    for start in range(len(page)):
        if page[start] != _LESS:
            continue
        if _stands(page, start + 1, len(page), _BODY) and not _is_word(page, start + 5):
            return 2 * start + speaks
        if speaks or not _stands(page, start + 1, len(page), _META_NAME) or _is_word(page, start + 5):
            continue
        for at in range(start + 5, min(len(page), start + 6 + _META_BYTES)):
            if page[at] == _LESS or page[at] == _GREATER:
                break
            if (
                _stands(page, at, len(page), _ROBOTS)
                or _stands(page, at, len(page), _NOAI)
                or _stands(page, at, len(page), _TDM_RESERVATION)
                or (_stands(page, at, len(page), _BOT) and not _is_word(page, at + 3))
            ):
                speaks = 1
                break
    return 2 * len(page) + speaks


@jit_in_place
def _tags_of(page: bytes, end: int, tags: NDArray[np.uint8]) -> int:
    """Write what stands in the tags <meta> before `end` that may speak to robots; return how much.

    Each has its `>` behind it. They are looked for in the page without its comments, scripts and the like.
    """
    at, n_bytes, begin = 0, 0, 0
    n_matched = 0  # of `<meta` and what stands behind it
    while at < end:
        if page[at] == _LESS:
            behind = _behind_unseen(page, at, end)
            if behind < 0:
                return n_bytes
            if behind > at:
                at = behind
                continue
            n_matched, n_bytes = 1, begin
        elif n_matched == 0:
            pass
        elif n_matched <= len(_META_NAME):
            n_matched = n_matched + 1 if page[at] | _LOWER == _META_NAME[n_matched - 1] else 0
        elif page[at] == _GREATER:
            if n_bytes > begin and _speaks(tags, begin, n_bytes):
                tags[n_bytes] = _GREATER
                begin = n_bytes + 1
            n_matched, n_bytes = 0, begin
        elif (n_bytes == begin and _is_word(page, at)) or n_bytes - begin == _META_BYTES:
            n_matched, n_bytes = 0, begin
        else:
            tags[n_bytes] = page[at]
            n_bytes += 1
        at += 1
    return begin


@jit_in_place
def _behind_unseen(page: bytes, at: int, end: int) -> int:
    """Return where a comment, script or the like that begins at a `<` ends; `at` for none, -1 for no end."""
    if _stands(page, at + 1, end, _COMMENT):
        close = at + 1 + len(_COMMENT)
        while close < end:
            if page[close] == _HYPHEN and _stands(page, close, end, _COMMENT_END):
                return close + len(_COMMENT_END)
            close += 1
        return -1
    first = 0
    for last in _UNSEEN_ENDS:
        name = _UNSEEN_NAMES[first:last]
        first = last
        close = at + 1 + len(name)
        if not _stands(page, at + 1, end, name) or (close < end and _is_word(page, close)):
            continue
        while close < end:
            if page[close] == _LESS and close + 1 < end and page[close + 1] == _SLASH:
                if _stands(page, close + 2, end, name):
                    return close + 2 + len(name)
            close += 1
        return -1
    return at


@jit_in_place
def _speaks(tags: NDArray[np.uint8], start: int, stop: int) -> bool:
    """Return whether a tag may speak to a robot: names one, or has a reference that may spell one."""
    for at in range(start, stop):
        if _stands(tags, at, stop, _BOT) or _stands(tags, at, stop, _TDM_RESERVATION):
            return True
        if _stands(tags, at, stop, _NUMBERED):
            return True
    return False


@jit_in_place
def _stands(page: bytes | NDArray[np.uint8], at: int, end: int, name: NDArray[np.uint8]) -> bool:
    """Return whether a name in lower case stands at a byte and before `end`, in whatever case."""
    if at + len(name) > end:
        return False
    for place in range(len(name)):
        byte = page[at + place]
        if byte != name[place] and (name[place] < _LETTER or byte | _LOWER != name[place]):
            return False
    return True


@jit_in_place
def _is_word(page: bytes, at: int) -> bool:
    """Return whether a byte is of a word; none behind the end is."""
    if at >= len(page):
        return False
    lower = page[at] | _LOWER
    return 97 <= lower <= 122 or 48 <= page[at] <= 57 or page[at] == _UNDERSCORE
