"""HTML tags in wikitext that are not closed, or are none: as a browser shows the page that MediaWiki makes.

<small>text           closed nowhere: the tag goes, the text stays
10<sup>6 people       closed at the end of its line
text</div>            opened nowhere: the tag goes
<ul><li>a<li>b</ul>   the next item closes an item, the list's end the last
#include <stdio.h>    no tag that MediaWiki lets through: text
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from functools import lru_cache

_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,30})((?:\s[^<>]*|/)?)>")
_INLINE = frozenset(
    "abbr b bdi bdo big cite code data del dfn em font i ins kbd mark q rb rp rt rtc ruby s samp small span"
    " strike strong time tt u var".split()
)
_LINE = frozenset({"sup", "sub"})
_BLOCK = frozenset(
    "blockquote caption center div dl h1 h2 h3 h4 h5 h6 ol p table ul tbody thead tfoot colgroup".split()
)
_ITEM = {"li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"),
         "tr": ("tr", "td", "th")}  # fmt: skip
_WITHIN = {
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "td": ("table",),
    "th": ("table",),
    "tr": ("table",),
}
_VOID = frozenset("br hr wbr img col".split())
EXTENSIONS = frozenset(
    "ref references gallery poem nowiki pre math ce chem syntaxhighlight source timeline score section hiero"
    " imagemap inputbox categorytree templatestyles graph mapframe maplink indicator includeonly noinclude"
    " onlyinclude languages translate tvar charinsert dynamicpagelist rss tabber templatedata phonos"
    " chart quiz listing see do buy eat sleep drink".split()
)
_KNOWN = _INLINE | _LINE | _BLOCK | _VOID | EXTENSIONS | _ITEM.keys()
_LINE_END = re.compile(r"\n|\|\||!!")


def closed_tags(text: str) -> str:
    """Return wikitext in which every HTML tag that is left has its other half; one pass."""
    if "<" not in text:
        return text
    tokens = list(_TAG.finditer(text))
    change: dict[int, str] = {}  # number of the tag -> what stands in its place
    before: dict[int, deque[str]] = {}  # place in the text -> closing tags that are set there
    stack: list[tuple[str, int]] = []
    opened: set[str] = set()
    for number, found in enumerate(tokens):
        name, is_closing = found[2].lower(), bool(found[1])
        if name not in _KNOWN:
            change[number] = "&lt;" + found[0][1:-1] + "&gt;"
        elif name in _VOID:
            if name == "br" or not is_closing:
                change[number] = f"<{name}>"
        elif name in EXTENSIONS or found[3].endswith("/"):
            if name not in EXTENSIONS:
                change[number] = ""  # <span/>, <div id=x />: empty
        elif is_closing and name not in opened:
            change[number] = "\n" if name in _BLOCK else ""  # nor looked for, however many are open
        elif is_closing:
            _close(stack, name, number, found.start(), change, before, tokens)
        else:
            if name in _ITEM:
                _end_item(stack, name, found.start(), change, before, tokens)
            stack.append((name, number))
            opened.add(name)
    while stack:
        _drop(*stack.pop(), change, before, tokens, len(text))
    return _rebuilt(text, tokens, change, before)


def _close(
    stack: list[tuple[str, int]], name: str, number: int, place: int, change: dict[int, str],
    before: dict[int, deque[str]], tokens: list[re.Match[str]],
) -> None:  # fmt: skip
    at = next((depth for depth in range(len(stack) - 1, -1, -1) if stack[depth][0] == name), None)
    if at is None or (name not in _BLOCK and any(each in ("table",) for each, _ in stack[at + 1 :])):
        change[number] = "\n" if name in _BLOCK else ""
        return
    for inner in reversed(stack[at + 1 :]):
        _drop(*inner, change, before, tokens, place)
    del stack[at:]


def _end_item(
    stack: list[tuple[str, int]], name: str, place: int, change: dict[int, str],
    before: dict[int, deque[str]], tokens: list[re.Match[str]],
) -> None:  # fmt: skip
    """Close the item before one that begins, within the same list or table."""
    for depth in range(len(stack) - 1, -1, -1):
        if stack[depth][0] in _WITHIN[name]:
            return
        if stack[depth][0] in _ITEM[name]:
            for inner in reversed(stack[depth:]):
                _drop(*inner, change, before, tokens, place)
            del stack[depth:]
            if name != "tr":
                return


def _drop(
    name: str,
    number: int,
    change: dict[int, str],
    before: dict[int, deque[str]],
    tokens: list[re.Match[str]],
    place: int,
) -> None:
    """Mend a tag that is closed nowhere, by what it is; `place` is where something around it ends."""
    if name in _LINE:
        ends = _line_ends(tokens[number].string)
        at = bisect_left(ends, tokens[number].end())
        place = min(place, ends[at]) if at < len(ends) else place
        before.setdefault(place, deque()).appendleft(f"</{name}>")
    elif name in _ITEM or name in ("ul", "ol", "dl", "table", "tbody", "thead"):
        before.setdefault(place, deque()).append(f"</{name}>")
    else:
        change[number] = "\n" if name in _BLOCK else ""


@lru_cache(maxsize=1)
def _line_ends(text: str) -> list[int]:
    """Return where lines and cells of a text end, found once for all tags that are not closed in them."""
    return [found.start() for found in _LINE_END.finditer(text)]


def _rebuilt(
    text: str, tokens: list[re.Match[str]], change: dict[int, str], before: dict[int, deque[str]]
) -> str:
    edits = [
        (found.start(), found.end(), change[number])
        for number, found in enumerate(tokens)
        if number in change
    ]
    edits += [(place, place, "".join(tags)) for place, tags in before.items()]
    out, at = list[str](), 0
    for start, end, piece in sorted(edits):
        out += [text[at:start], piece]
        at = max(at, end)
    return "".join([*out, text[at:]])
