"""The tree of templates, parameters and links in wikitext, by the rules of MediaWiki's preprocessor.

    {{name|a|b=c}}  Template      {{{1|default}}}  Parameter      [[a|b]], -{a|b}-  Bracketed

Braces are matched as there: a run closes with the run that opened last, three braces before two; what
is never closed is text. One pass, linear in the source (mediawiki.org/wiki/Preprocessor_ABNF).

What holds no marks is read whole, by one match: a link within which nothing is marked stays text, and a
template whose arguments are plain keeps their texts. `page.py` reads a page's own templates piece by piece,
and asks for nodes only where marks stand within marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpusforge.extract.wiki.names import is_dropped_target

_CODE = r"[a-z]{2,3}(?:-[a-z]{3})?"
_WORDS = rf"(?!{_CODE}\s*\|)([^\W\d_]{{2}}[^\d.\n|{{}}\[\]=\x02]{{0,148}}+)"
_BARE, _NAMED = r"\|[^{}\[\]=|\x02]*+(?!=)", r"\|[a-z]\w*+=[^{}\[\]=|\x02]*+"
_PLAIN_TEMPLATE = (
    rf"\{{\{{(?!\{{)([^{{}}\[\]|]*+)(?:\|(?:{_CODE}\|){{0,3}}+{_WORDS}"
    rf"(?=(?:{_BARE}){{0,90}}+(?:{_NAMED})?(?:{_BARE}){{0,90}}+\}}\}}))?[^{{}}\[\]]*+\}}\}}(?!\}})"
)
"""Two groups: its name, and the words that it shows where it shows an argument (`templates.ordinary_text`).

Those are the first argument but codes of languages, {{t|fr|mots}}; with digits, a second named argument or
more arguments than are read another look is needed."""
_PLAIN_LINK = r"\[\[(?!\[)[^{}\[\]]*+\]\](?!\])"
_MARKS = r"\{\{+|\}\}+|\[\[+|\]\]+|-\{(?!\{)|\}-"
# Each alternative begins with a character, so that `re` skips what is none of them.
_TOKEN = re.compile(f"({_PLAIN_TEMPLATE}|{_PLAIN_LINK}|{_MARKS})")
STRIDE = 4
"""Pieces of a source: text, a mark, the name and the words of a plain template (else None), text, …, text."""
_ARGUMENT = re.compile(r"[|=]")
_ONLYINCLUDE = re.compile(r"<onlyinclude\s*>(.*?)(?:</onlyinclude\s*>|\Z)", re.I | re.S)
_NOINCLUDE = re.compile(r"<noinclude\s*>.*?(?:</noinclude\s*>|\Z)|<noinclude\s*/>", re.I | re.S)
_INCLUDEONLY = re.compile(r"<includeonly\s*>.*?(?:</includeonly\s*>|\Z)", re.I | re.S)
_INCLUDE_TAGS = re.compile(r"</?(?:includeonly|noinclude|onlyinclude)\s*/?>", re.I)
_TARGET_END = re.compile(r"[|=]|\[\[")
_KEPT_CHARS = 1 << 18
GONE = "\x02"
"""Stands where something was left out of a line: spaces around it are mended afterwards."""
CELL_ENDS = ("\n", "|", "!!")
"""Behind a template that is the last of its cell, or of its line."""
_CLOSING = {"{": "}", "[": "]"}
_MOST = {"{": 3, "[": 2}


class Equals:
    """The first `=` of a template's argument: what stands before it is the argument's name."""


EQUALS = Equals()


class Template:
    """`{{…}}`: the name, then arguments."""

    __slots__ = ("_parts", "size", "texts")

    def __init__(self, parts: list[list[Node]], texts: list[str] | None = None) -> None:
        """Keep the parts, or the wikitext of each where it holds no marks."""
        self._parts = parts
        self.texts = texts
        """Of the name and the arguments of a plain template, None of another."""
        self.size = len(parts if texts is None else texts)
        """One more than there are arguments."""

    @property
    def parts(self) -> list[list[Node]]:
        """The name, then the arguments, each a list of nodes."""
        if not self._parts and self.texts is not None:
            name: list[Node] = [self.texts[0]] if self.texts[0] else []
            self._parts = [name, *map(_argument, self.texts[1:])]
        return self._parts


def _argument(text: str) -> list[Node]:
    """Return the nodes of an argument without marks."""
    before, equals, after = text.partition("=")
    nodes: tuple[Node, ...] = (before, EQUALS, after) if equals else (text,)
    return [node for node in nodes if node]


@dataclass(slots=True)
class Parameter:
    """`{{{…}}}`: the name, then what stands for it where none is given."""

    parts: list[list[Node]]
    name: str | None
    """The name where it is text alone, else None."""


@dataclass(slots=True)
class Bracketed:
    """`[[…]]` or `-{…}-`, in which a `|` parts no argument."""

    opening: str
    nodes: list[Node]
    closing: str


Node = str | Template | Parameter | Bracketed | Equals


@dataclass(slots=True)
class _Open:
    """A run of marks that is not closed yet, with what followed it."""

    mark: str
    count: int
    parts: list[list[Node]] = field(default_factory=lambda: [[]])
    has_equals: bool = False

    def literal(self) -> list[Node]:
        """Return the nodes of an opening that is never closed: it is text."""
        nodes: list[Node] = ["-{" if self.mark == "-" else self.mark * self.count]
        for number, part in enumerate(self.parts):
            if number:
                nodes.append("|")
            nodes += ["=" if isinstance(node, Equals) else node for node in part]
        return nodes


def pieces_of(source: str) -> list[str | Any]:
    """Return wikitext parted at its marks, in pieces as `STRIDE` says."""
    return _TOKEN.split(source)


def parse(source: str) -> list[Node]:
    """Return the nodes of wikitext, in order; their text is the source's but for what is closed."""
    return _nodes(source, pieces_of(source), 0, 0, 0, to_end=True)[0]


def parse_closed(source: str, pieces: Sequence[str], at: int, place: int) -> tuple[list[Node], int, int]:
    """Return the nodes from a mark that opens something up to where nothing is open any more.

    `at`: the piece with the text before the mark; `place`: where it begins in the source. Returns (nodes,
    these two of the text behind); without a text behind it the piece is none: what is never closed takes all.
    """
    return _nodes(source, pieces, at, place, place + len(pieces[at]), to_end=False)


def plain_template(token: str) -> Template:
    """Return the template that a plain `{{…}}` is."""
    return Template([], token[2:-2].split("|"))


def _nodes(
    source: str, pieces: Sequence[str], first_piece: int, place: int, at: int, to_end: bool
) -> tuple[list[Node], int, int]:
    """Return the nodes from the piece `first_piece` on, which begins at `place`, and these two behind them.

    `at`: from where on the text is no node yet. `to_end`: to the end, else until nothing is open.
    """
    root: list[Node] = []
    stack: list[_Open] = []
    here = root
    top: _Open | None = None
    for number in range(first_piece, len(pieces) - 1, STRIDE):
        text, token = pieces[number], pieces[number + 1]
        if top is not None and top.mark == "{":
            here, at = _arguments(source, top, at, place, place + len(text))
        start = place + len(text)
        place = start + len(token)
        first, last = token[0], token[-1]
        if first == "[" and last == "]" and (":" not in token or not _may_be_file(token)):
            continue
        if start > at:
            here.append(source[at:start])
        at = place
        if first == "{" and last == "}":
            here.append(plain_template(token))
        elif first == "[" and last == "]":
            here.append(Bracketed("[[", [token[2:-2]], "]]"))
        elif last == "{" or last == "[":
            top = _Open(first, len(token) if first != "-" else 1)
            stack.append(top)
            here = top.parts[0]
        elif token == "}-" and (top is None or top.mark != "-"):
            here.append(token)
        else:
            if token == "}-" and top is not None:
                stack.pop()
                (stack[-1].parts[-1] if stack else root).append(Bracketed("-{", top.parts[0], "}-"))
            else:
                _close(stack, root, token)
            if not stack and not to_end:
                return root, number + STRIDE, place
            top = stack[-1] if stack else None
            here = top.parts[-1] if top else root
    if top is not None and top.mark == "{":
        here, at = _arguments(source, top, at, place, len(source))
    if at < len(source):
        here.append(source[at:])
    for unclosed in stack:
        root += unclosed.literal()
    return root, len(pieces), len(source)


def _arguments(source: str, top: _Open, at: int, start: int, end: int) -> tuple[list[Node], int]:
    """Part the text from `start` to `end`, which holds no other marks, into arguments of an open template.

    `at`: where the text before it begins that is no node yet. Returns (the last part, that place again).
    """
    here = top.parts[-1]
    for found in _ARGUMENT.finditer(source, start, end):
        place = found.start()
        is_equals = source[place] == "="
        if is_equals and (top.has_equals or len(top.parts) == 1):
            continue
        if place > at:
            here.append(source[at:place])
        at = place + 1
        top.has_equals = is_equals
        if is_equals:
            here.append(EQUALS)
        else:
            here = list[Node]()
            top.parts.append(here)
    return here, at


class _Kept:
    """Trees of templates by their wikitext, of a bounded number of characters together."""

    def __init__(self) -> None:
        self.trees: dict[str, list[Node]] = {}
        self.n_chars = 0

    def tree(self, source: str) -> list[Node]:
        """Return the nodes of wikitext; once there are too many, the others are forgotten."""
        found = self.trees.get(source)
        if found is None:
            found = parse(source)
            self.n_chars += len(source)
            if self.n_chars > _KEPT_CHARS:
                self.trees, self.n_chars = {}, len(source)
            self.trees[source] = found
        return found


_kept = _Kept()


def parse_kept(source: str) -> list[Node]:
    """Return the nodes of a template's wikitext, which are kept for the pages that follow: change none."""
    return _kept.tree(source) if len(source) <= _KEPT_CHARS // 4 else parse(source)


def _may_be_file(link: str) -> bool:
    """Return whether a link may show a picture, which is not text: its target has a colon."""
    colon = link.find(":")
    return colon >= 0 and colon < (link.find("|") % len(link))


def _close(stack: list[_Open], root: list[Node], token: str) -> None:
    """Close what a run of closing marks closes; the rest of the run is text."""
    left = len(token)
    while left:
        if not stack:
            break
        top = stack[-1]
        n_closed = min(left, top.count, _MOST.get(top.mark, 0))
        if _CLOSING.get(top.mark) != token[0] or n_closed < 2:
            break
        stack.pop()
        left -= n_closed
        top.count -= n_closed
        node = _node(top.mark, n_closed, top.parts)
        if top.count >= 2:
            stack.append(_Open(top.mark, top.count, [[node]]))
            continue
        parent = stack[-1].parts[-1] if stack else root
        parent += [top.mark, node] if top.count else [node]
    if left:
        (stack[-1].parts[-1] if stack else root).append(token[0] * left)


def _node(mark: str, count: int, parts: list[list[Node]]) -> Node:
    if mark == "[":
        return Bracketed("[[", parts[0], "]]")
    return Parameter(parts, _name_of(parts[0])) if count == 3 else Template(parts)


def _name_of(nodes: list[Node]) -> str | None:
    """Return a parameter's name where it is text alone, else None."""
    if not nodes:
        return ""
    name = nodes[0]
    return name.replace(GONE, "").strip() if len(nodes) == 1 and isinstance(name, str) else None


class Rest(Protocol):
    """What follows a template in the text that it stands in."""

    def ends_line(self) -> bool:
        """Return whether nothing but templates follows up to the end of the line."""
        ...

    def ends_cell(self) -> bool:
        """Return whether the line, the cell or the text ends here."""
        ...


@dataclass(slots=True)
class RestOfNodes:
    """The nodes from a place on, then what is behind them, if anything."""

    nodes: list[Node]
    place: int
    behind: Rest | None

    def ends_line(self) -> bool:
        """Return whether nothing but templates follows up to the end of the line."""
        for place in range(self.place, len(self.nodes)):
            node = self.nodes[place]
            if isinstance(node, str):
                if (is_end := text_ends_line(node)) is not None:
                    return is_end
            elif not isinstance(node, Template):
                return False
        return self.behind is None or self.behind.ends_line()

    def ends_cell(self) -> bool:
        """Return whether the line, the cell or the text ends here."""
        for place in range(self.place, len(self.nodes)):
            node = self.nodes[place]
            if not isinstance(node, str):
                return False
            if rest := node.lstrip(" \t"):
                return rest.startswith(CELL_ENDS)
        return self.behind is None or self.behind.ends_cell()


def text_ends_line(text: str) -> bool | None:
    """Return whether a line ends within text before anything is said on it, None where the text is blank."""
    head, end, _ = text.partition("\n")
    if head.strip(" \t\x02"):
        return False
    return True if end else None


def stripped(nodes: list[Node]) -> list[Node]:
    """Return nodes without blanks at both ends, as those of a named argument."""
    nodes = list(nodes)
    if nodes and isinstance(nodes[0], str):
        nodes[0] = nodes[0].lstrip()
    if nodes and isinstance(last := nodes[-1], str):
        nodes[-1] = last.rstrip()
    return nodes


def is_file(link: Bracketed) -> bool:
    """Return whether a link shows a picture or a sound, or files the page under a category."""
    first = link.nodes[0] if link.nodes else ""
    return link.opening == "[[" and isinstance(first, str) and is_file_link(first)


def is_file_link(inner: str) -> bool:
    """Return whether what stands in a link's brackets is, or begins with, the target of what is dropped."""
    return ":" in inner and is_dropped_target(_TARGET_END.split(inner, 1)[0])


def includable(source: str) -> str:
    """Return what of a template's page goes into the pages that use it."""
    if "<" not in source:
        return source
    if only := _ONLYINCLUDE.findall(source):
        source = "".join(only)
    return _INCLUDE_TAGS.sub("", _NOINCLUDE.sub("", source))


def shown_on_its_page(source: str) -> str:
    """Return what of a page's wikitext the page itself shows."""
    return _INCLUDE_TAGS.sub("", _INCLUDEONLY.sub("", source)) if "<" in source else source
