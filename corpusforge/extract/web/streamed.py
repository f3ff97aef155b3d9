"""What a page sends late or in shadow: templates that are shown, content that a script moves to its place.

Servers that stream send a place-holder first, the content later, hidden or in a `<template>`, and one line
of script that moves it there. Who made the page matters only for the names of such functions (React's,
Solid's, Marko's); any short script that names one template and one other element counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from resiliparse.parse.html import COMMENT, ElementNode, HTMLTree, Node

from corpusforge.extract.web.dom import select

Move = tuple[str, str]
"""(id of the content, id of its place)."""

_SIGNS = (
    b"shadowroot", b"$RC(", b"$RS(", b"$RR(", b"$df(", b"$af(", b"data-sid=", b"turbo-stream", b".content",
)  # fmt: skip
_SHOWN = "shown-template"  # a tag of its own: what stands in a <template> no selector finds
_MAX_MOVES = 1000
_MAX_SCRIPT_CHARS = 1500
_MAX_MEANWHILE = 5000  # nodes
_LEAST_CHARS = 20  # of a template that any script moves
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<style\b.*?(?:</style|\Z)|<script\b[^>]*>(?P<script>.*?)(?:</script|\Z)"
    r"|<(?P<end>/?)template\b(?P<attributes>[^>]{0,4000})>|<turbo-stream\b(?P<stream>[^>]{0,1000})>",
    re.I | re.S,
)
_ID = re.compile(r"""[iI\u0130\u0131](?<![\w-].)[dD]\s*=\s*["']?([^"'\s>]{1,100})""", re.S)
"""Without `re.I`, and its letter before what must not stand before it: a quarter of the time."""
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])(data-bid|data-sid|data-pid|target|action)\s*=\s*["']([^"']{1,100})["']""", re.I
)
_TWO = re.compile(r"""\$R([CRS])\(\s*["']([^"']{1,100})["']\s*,\s*["']([^"']{1,100})["']""")
_ONE = re.compile(r"""\$(df|af)\(\s*["']?([\w:.-]{1,100})["']?\s*[,)]""")
_ONE_PLACES = {"df": ("", "pl-"), "af": ("af", "afph")}
_LITERAL = re.compile(r"""["'`]#?([\w:.-]{1,100})["'`]""")
_TO_BE_FILLED = re.compile(r"\{\{|\$\{|<%|\{%")
_TAGS = re.compile(r"<[^>]{0,4000}>")
_REPLACED = frozenset(("replace", "update"))
_WHERE_IT_STANDS = " "  # no id holds a blank


def is_moved(source: bytes) -> bool:
    """Return whether a page with templates may show or move some, by its source, UTF-8."""
    return any(sign in source for sign in _SIGNS)


class _Ids:
    """The ids of a page: read when they are first asked for, for most scripts name none."""

    def __init__(self, page: str) -> None:
        self._page = page

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @cached_property
    def _found(self) -> set[str]:
        return set(_ID.findall(self._page))


def with_templates_shown(page: str) -> tuple[str, list[Move]]:
    """Return (the source with shown templates as other elements, what is to be moved where)."""
    templates: dict[str, tuple[int, int]] = {}  # by id, where its tags stand
    shown: set[int] = set()  # where the tags of templates that are shown stand
    opened: list[tuple[int, str, bool]] = []
    unnamed: set[int] = set()
    moves: list[Move] = []
    scripts: list[str] = []
    stream = ""
    for token in _TOKEN.finditer(page):
        if token["script"] is not None:
            scripts.append(token["script"])
        elif token["stream"] is not None:
            said = dict(_ATTRIBUTE.findall(token["stream"]))
            stream = said.get("target", "") if said.get("action") in _REPLACED else _WHERE_IT_STANDS
        elif token["end"] == "":
            attributes = token["attributes"]
            said = dict(_ATTRIBUTE.findall(attributes))
            if "data-sid" in said and ("data-bid" in said or "data-pid" in said):
                moves.append((said["data-sid"], said.get("data-bid") or said["data-pid"]))
            name = match[1] if (match := _ID.search(attributes)) else ""
            if stream and not name:
                name = f"{_SHOWN}-{token.start()}"
                unnamed.add(token.start())
                moves.append((name, stream))
            opened.append((token.start(), name, "shadowroot" in attributes))
            stream = ""
        elif token["end"] and opened:
            start, name, in_shadow = opened.pop()
            if in_shadow:
                shown |= {start, token.start() + 1}
            elif name:
                templates[name] = (start, token.start() + 1)
    moves += _scripted(scripts, _Ids(page), {n for n in templates if _says(page[slice(*templates[n])])})
    moves = moves[:_MAX_MOVES]
    for source, _ in moves:
        shown.update(templates.get(source, ()))
    return _renamed(page, shown, unnamed), moves


def _says(template: str) -> bool:
    """Return whether a template's source holds text, and none that a script is to fill in."""
    if _TO_BE_FILLED.search(template):
        return False
    return len(_TAGS.sub("", template).strip()) >= _LEAST_CHARS


def _scripted(scripts: list[str], ids: _Ids, full: set[str]) -> Iterator[Move]:
    """Yield what scripts move; `full` are the ids of templates that hold content."""
    for script in scripts:
        found = False
        for kind, first, second in _TWO.findall(script):
            found = True
            yield (first, second) if kind == "S" else (second, first)
        for kind, name in _ONE.findall(script):
            source, place = _ONE_PLACES[kind]
            if found := source + name in ids and place + name in ids:
                yield source + name, place + name
        if found or not full or len(script) > _MAX_SCRIPT_CHARS:
            continue
        named = {name for name in _LITERAL.findall(script) if name in ids}
        if len(named) == 2 and len(named & full) == 1:
            yield (named & full).pop(), (named - full).pop()


def _renamed(page: str, places: set[int], unnamed: set[int]) -> str:
    """Return the source with the tags at some places named otherwise; a place is that of `<` or `/`."""
    out, last = list[str](), 0
    for place in sorted(places):
        out += [page[last : place + 1], _SHOWN, f' id="{_SHOWN}-{place}"' if place in unnamed else ""]
        last = place + 1 + len("template")
    return "".join([*out, page[last:]])


def move_streamed(tree: HTMLTree, moves: list[Move]) -> None:
    """Put content where the page's scripts put it, instead of what stood there meanwhile."""
    document = tree.document
    if document is None or not moves:
        return
    named = dict[str, ElementNode]()
    for element in select(document, "[id]"):
        named.setdefault(element.getattr("id") or "", element)
    for source_id, place_id in moves:
        source, place = named.get(source_id), named.get(place_id)
        if source is None or place is None or source == place or source.contains(place):
            continue
        if place.contains(source):
            continue
        if place.tag == "template" or place.tag == "noscript":
            _drop_meanwhile(place, place_id)
            while (child := source.first_child) is not None and place.parent is not None:
                place.parent.insert_before(child, place)
            place.remove()
        else:
            while (child := place.first_child) is not None:
                place.remove_child(child)
            while (child := source.first_child) is not None:
                place.append_child(child)
        source.remove()


def _drop_meanwhile(place: ElementNode, place_id: str) -> None:
    """Remove what stands behind a place-holder until the content comes, up to the comment that ends it."""
    end, depth, parent = place.next_sibling, 0, place.parent
    if parent is None:
        return
    between: list[Node] = []
    while end is not None and len(between) < _MAX_MEANWHILE:
        if end.type == COMMENT:
            said = (end.value or "").strip()
            if said == place_id or (said == "/$" and not depth):
                for node in between:
                    parent.remove_child(node)
                return
            depth += (said in ("$", "$?", "$!", "$~")) - (said == "/$")
        between.append(end)
        end = end.next_sibling
