"""Furniture told by what it says and where it stands: blocks that rules take from the main content.

Labels of links to other texts, notices of rights, letters and cookies on offer, credits of pictures, the
author's life behind the text, signatures and profiles of forums, comments below an article. The
phrases are those of `furniture.toml`, in many languages; nothing names a site.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.boxes import drop_boxes, is_in_box, link_share
from corpusforge.extract.web.comments import drop_comments
from corpusforge.extract.web.posts import drop_quotes, drop_terms, level_posts

_KINDS = (
    "also", "legal", "offer", "duty", "credit", "life", "field", "reply", "writer", "replies", "quote"
)  # fmt: skip
(_ALSO, _LEGAL, _OFFER, _DUTY, _CREDIT, _LIFE, _FIELD, _REPLY, _WRITER, _REPLIES, _QUOTE) = (
    1 << k for k in range(len(_KINDS))
)
_MAX_CHARS = np.array([400, 160, 240, 400, 160, 500, 50, 120, 500, 40, 60])
"""Of a block that is furniture of each kind; chosen on the development pages and on training pages."""
_READ_BYTES = 240
_LEAST = 0.1  # a block less likely is left out in any case

_SAID_FORUM, _MEMBER = tags.BITS["forum"], tags.BITS["member"]
_SIGNATURE, _AUTHOR_BOX = tags.BITS["signature"], tags.BITS["author_box"]
_FIGURE = tags.BITS["figure"]
_AROUND_FIGURE = (1 << AROUND_TAGS.index("figure")) | (1 << AROUND_TAGS.index("figcaption"))
_AROUND_DD = 1 << AROUND_TAGS.index("dd")
_LABEL_CHARS, _LABELLED_LINKS = 40, 7
_FORUM_SHARE = 0.2
_FORUM_FIELDS = 2
_SAID_AGAIN_WORDS = 5
_SAID_AGAIN_CHARS, _SAID_AGAIN_TIMES = 80, 3
_PROSE_CHARS = 40
_COUNT_CHARS = 8  # of a picture's place in its gallery
_POINTED_CHARS = 120
_RULE_CHARS = 8  # underscores above a signature
_SMALL_BOX = 0.3  # of a page's text
_BEHIND_CHARS = 400  # of content behind the author's life
_TOLD_CHARS = 120  # of content, where a name above is enough
_LOOK_BACK = 500  # blocks
_NAME_CHARS = 30  # of a heading or byline that holds no more than a name


@lru_cache(maxsize=1)
def _phrases() -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.int64], int]:
    """Return (symbol of each byte, next state [states * symbols], kinds found [states], state at the start).

    Only bytes that phrases hold have symbols of their own; the last symbol opens a block.
    """
    source = files("corpusforge.extract.web").joinpath("furniture.toml").read_text("utf-8")
    said = tomllib.loads(source)
    opened = [(1 << place, _spelt(said[kind])) for place, kind in enumerate(_KINDS)]
    used = sorted({byte for _, group in opened for one in group for byte in one} - {0})
    symbols = np.zeros(256, dtype=np.uint8)
    symbols[used] = np.arange(1, len(used) + 1)
    opening = len(used) + 1
    coded = [
        (bit, [bytes(int(symbols[byte]) if byte else opening for byte in one) for one in group])
        for bit, group in opened
    ]
    following, found = tags.compact_automaton(coded, opening + 1)
    symbols[65:91] = symbols[97:123]
    return symbols, following, found, int(following[opening])


def _spelt(phrases: list[str]) -> list[bytes]:
    """Return phrases as bytes in the ways they are written, ASCII in lower case; zero is a block's edge."""
    ways = ({phrase, phrase.upper(), phrase[:1] + phrase[1:].capitalize()} for phrase in phrases)
    out = {one.encode().lower() for way in ways for one in way}
    out = {b"\0" + one[1:] if one[:1] == b"^" else one for one in out}
    return sorted(one[:-1] + b"\0" if one[-1:] == b"$" else one for one in out)


def drop_furniture(page: Page, again: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Set the probability of furniture to 0, in place. `again`: as `same_texts` returns it."""
    text, title = (np.frombuffer(source, dtype=np.uint8) for source in (page.text, page.title or b" "))
    _drop(page.nodes, page.blocks, text, title, again, *_phrases(), out)


@jit
def _drop(
    nodes: Any, blocks: Any, text: Any, title: Any, again: Any, symbols: Any, following: Any, found: Any,
    opened: int, out: Any,
) -> None:  # fmt: skip
    n, columns = out.shape[0], following.shape[0] // found.shape[0]
    said = np.zeros(n, dtype=np.int64)
    of_title = _said(title, 0, title.shape[0], symbols, following, found, opened, columns)
    fields = 0
    for k in range(n):
        chars = blocks[k, Block.CHARS]
        if out[k] < _LEAST or chars > _MAX_CHARS[5] or blocks[k, Block.SLOT_CHARS]:
            continue
        bits = _said(
            text, blocks[k, Block.START], blocks[k, Block.END], symbols, following, found, opened, columns
        )
        bits &= ~of_title
        for kind in range(_MAX_CHARS.shape[0]):
            if chars > _MAX_CHARS[kind]:
                bits &= ~(1 << kind)
        said[k] = bits
        fields += (bits & _FIELD) != 0
    _drop_writer(nodes, blocks, text, said, out)
    for k in range(n):
        node = blocks[k, Block.NODE]
        if said[k] & (_LEGAL | _OFFER | _DUTY):
            out[k] = 0
        elif said[k] & _CREDIT and (
            nodes[node, Node.AROUND] & _AROUND_FIGURE
            or is_in_box(nodes, node, _FIGURE, _SMALL_BOX)
            or _opens_prose(blocks, k, out)
        ):
            out[k] = 0
        elif said[k] & _ALSO:
            _drop_links(blocks, k, out)
        elif _points(blocks, text, k, out):
            out[k] = 0
    if fields >= _FORUM_FIELDS or _share(nodes, blocks, _SAID_FORUM) > _FORUM_SHARE:
        level_posts(nodes, blocks, out)
        _drop_of_posts(nodes, blocks, text, said, again, out)
        drop_terms(nodes, blocks, again, out)
        drop_quotes(nodes, blocks, text, (said & _QUOTE) != 0, out)
    else:
        drop_comments(nodes, blocks, text, (said & _REPLIES) != 0, out)
    _drop_credits(blocks, said, out)
    drop_boxes(nodes, blocks, out)


@jit_in_place
def _said(
    text: Any, i: int, end: int, symbols: Any, following: Any, found: Any, opened: int, columns: int
) -> Any:
    """Return the kinds of phrases in a block's first bytes, from its first letter on."""
    stop = min(end, i + _READ_BYTES)
    while i < stop:
        byte = text[i]
        if byte == 0xE2 or (byte == 0xE3 and i + 1 < stop and text[i + 1] == 0x80):
            i += 3
        elif byte == 0xEF and i + 2 < stop and text[i + 1] == 0xBC and text[i + 2] < 0x90:
            i += 3  # a full-width bracket
        elif byte == 0xC2:
            i += 2
        elif byte < 0x80 and not (48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122):
            i += 1
        else:
            break
    state, bits = np.int64(opened), np.int64(0)
    for k in range(i, stop):
        state = np.int64(following[state * columns + symbols[text[k]]])
        bits |= found[state]
    if stop == end:
        bits |= found[np.int64(following[state * columns + columns - 1])]
    return bits


@jit_in_place
def _drop_links(blocks: Any, k: int, out: Any) -> None:
    """Drop a label with the links in its block, or with those in the blocks behind it."""
    if link_share(blocks, k) >= 0.4:
        out[k] = 0
    elif blocks[k, Block.CHARS] <= _LABEL_CHARS and not blocks[k, Block.LINKS]:
        behind = k + 1
        while behind < min(out.shape[0], k + _LABELLED_LINKS) and link_share(blocks, behind) >= 0.8:
            out[behind] = 0
            behind += 1
        if behind > k + 1:
            out[k] = 0


@jit_in_place
def _opens_prose(blocks: Any, k: int, out: Any) -> bool:
    """Return whether content of some length stands behind a short block that is no link nor row."""
    if k + 1 == out.shape[0] or blocks[k, Block.CELLS] or blocks[k, Block.LINKS]:
        return False
    size = blocks[k + 1, Block.END] - blocks[k + 1, Block.START]  # bytes: ideographs say more than letters
    return out[k + 1] > 0.3 and size >= 2 * _PROSE_CHARS


@jit_in_place
def _drop_credits(blocks: Any, said: Any, out: Any) -> None:
    """Drop the credits of a gallery: those before one that went, no more than a number between."""
    for k in range(out.shape[0] - 2, -1, -1):
        if not said[k] & _CREDIT or blocks[k, Block.CELLS] or blocks[k, Block.LINKS]:
            continue
        behind = k + 1
        while behind < min(out.shape[0] - 1, k + 3) and blocks[behind, Block.CHARS] < _COUNT_CHARS:
            behind += 1
        if said[behind] & _CREDIT and out[behind] == 0:
            out[k] = 0


@jit_in_place
def _points(blocks: Any, text: Any, k: int, out: Any) -> bool:
    """Return whether a block between prose is a link behind an arrow, a pointing hand or a square."""
    chars = blocks[k, Block.CHARS]
    if k == 0 or k + 1 == out.shape[0] or chars > _POINTED_CHARS or link_share(blocks, k) < 0.8:
        return False
    for beside in (k - 1, k + 1):
        size = blocks[beside, Block.END] - blocks[beside, Block.START]
        if out[beside] < 0.3 or size < 2 * _PROSE_CHARS or link_share(blocks, beside) > 0.5:
            return False
    i = blocks[k, Block.START]
    a, b, c = text[i], text[i + 1], text[min(i + 2, text.shape[0] - 1)]
    if a == 0xE2:
        is_square = b == 0x96 and (0xA0 <= c <= 0xBF)
        is_diamond = b == 0x97 and (0x80 <= c <= 0x87)
        return b == 0x86 or b == 0x87 or b == 0x9E or is_square or is_diamond or (b == 0x98 and c >= 0x9A)
    return (a == 0xC2 and b == 0xBB) or (a == 0xF0 and b == 0x9F and c == 0x91) or (a == 62 and b == 62)


@jit_in_place
def _signs(blocks: Any, text: Any, k: int) -> bool:
    """Return whether a block begins with the rule above a signature."""
    start = blocks[k, Block.START]
    for i in range(start, start + _RULE_CHARS):
        if i >= blocks[k, Block.END] or text[i] != 95:
            return False
    return True


@jit_in_place
def _share(nodes: Any, blocks: Any, flag: int) -> float:
    """Return the share of the text in elements whose class names say something."""
    inside = total = 0
    for k in range(blocks.shape[0]):
        node, chars = nodes[blocks[k, Block.NODE]], blocks[k, Block.CHARS]
        total += chars
        if (node[Node.FLAGS] | node[Node.ABOVE]) & flag:
            inside += chars
    return inside / max(1, total)


@jit_in_place
def _drop_of_posts(nodes: Any, blocks: Any, text: Any, said: Any, again: Any, out: Any) -> None:
    """Drop what a forum says of members and posts, and short texts that stand below many of them."""
    for k in range(out.shape[0]):
        chars = blocks[k, Block.CHARS]
        node = nodes[blocks[k, Block.NODE]]
        if is_in_box(nodes, blocks[k, Block.NODE], _SIGNATURE, _SMALL_BOX):
            out[k] = 0
        elif is_in_box(nodes, blocks[k, Block.NODE], _MEMBER, _SMALL_BOX) or _signs(blocks, text, k):
            out[k] = 0
        elif said[k] & _FIELD:
            out[k] = 0
            is_labelled = k + 1 < out.shape[0] and chars < 22 and blocks[k + 1, Block.CHARS] < _LABEL_CHARS
            if is_labelled and nodes[blocks[k + 1, Block.NODE], Node.AROUND] & _AROUND_DD:
                out[k + 1] = 0
        elif said[k] & _REPLY:
            out[k] = 0
        elif chars < _SAID_AGAIN_CHARS and blocks[k, Block.WORDS] >= _SAID_AGAIN_WORDS:
            if again[k, 0] >= _SAID_AGAIN_TIMES and not node[Node.HEADING]:
                out[k] = 0


@jit_in_place
def _drop_writer(nodes: Any, blocks: Any, text: Any, said: Any, out: Any) -> None:
    """Drop the author's life where it ends the text: below a label or a name, or of one named before."""
    total, before = 0.0, 0.0
    for k in range(out.shape[0]):
        total += blocks[k, Block.CHARS] * out[k]
    for k in range(out.shape[0]):
        chars = blocks[k, Block.CHARS]
        before += chars * out[k]
        if before < 0.6 * total or total - before > _BEHIND_CHARS or chars > _MAX_CHARS[5]:
            continue
        is_labelled = k > 0 and said[k - 1] & _WRITER and blocks[k - 1, Block.CHARS] <= _LABEL_CHARS
        is_below_name = k > 0 and blocks[k - 1, Block.CHARS] < _NAME_CHARS and not blocks[k - 1, Block.STOPS]
        is_life = (said[k] & _LIFE) != 0
        if is_life and not ((is_below_name and total > _TOLD_CHARS) or said[k] & _WRITER):
            is_life = _is_named(blocks, text, k)
        if is_labelled or is_life:
            out[k] = 0
            if is_labelled or is_below_name:
                out[k - 1] = 0
        elif is_in_box(nodes, blocks[k, Block.NODE], _AUTHOR_BOX, _SMALL_BOX):
            out[k] = 0


@jit_in_place
def _is_named(blocks: Any, text: Any, k: int) -> bool:
    """Return whether the first two words of a block, in capitals, stand in a short one of those before."""
    start, end = blocks[k, Block.START], blocks[k, Block.END]
    i, words = start, 0
    while i < end:
        if text[i] == 32:
            words += 1
            if words == 2:
                break
            if i + 1 < end and 97 <= text[i + 1] <= 122:
                return False
        i += 1
    size = i - start
    if words < 2 or 97 <= text[start] <= 122:
        return False
    for j in range(max(0, k - _LOOK_BACK), k):
        if blocks[j, Block.CHARS] >= 2 * _LABEL_CHARS:
            continue
        for place in range(blocks[j, Block.START], blocks[j, Block.END] - size + 1):
            same = 0
            while same < size and text[place + same] == text[start + same]:
                same += 1
            if same == size:
                return True
    return False
