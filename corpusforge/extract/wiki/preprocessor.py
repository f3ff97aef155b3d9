"""The tree of templates, parameters and links in wikitext, by the rules of MediaWiki's preprocessor.

    {{name|a|b=c}}  Template      {{{1|default}}}  Parameter      [[a|b]], -{a|b}-  Bracketed

Braces are matched as there: a run closes with the run that opened last, three braces before two; what
is never closed is text. One pass, linear in the source (mediawiki.org/wiki/Preprocessor_ABNF).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\{{2,}|\}{2,}|\[{2,}|\]{2,}|-\{(?!\{)|\}-|\||=")
_CLOSING = {"{": "}", "[": "]"}
_MOST = {"{": 3, "[": 2}


class Equals:
    """The first `=` of a template's argument: what stands before it is the argument's name."""


EQUALS = Equals()


@dataclass(slots=True)
class Template:
    """`{{…}}`: the name, then arguments; each a list of nodes."""

    parts: list[list[Node]]


@dataclass(slots=True)
class Parameter:
    """`{{{…}}}`: the name, then what stands for it where none is given."""

    parts: list[list[Node]]


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


def parse(source: str) -> list[Node]:
    """Return the nodes of wikitext, in order; their text is the source's but for what is closed."""
    root: list[Node] = []
    stack: list[_Open] = []
    at = 0

    here = root
    for found in _TOKEN.finditer(source):
        start, end = found.span()
        if start > at:
            here.append(source[at:start])
        at = end
        token = found[0]
        first = token[0]
        if first in "{[" or token == "-{":
            opened = _Open(first, len(token) if first != "-" else 1)
            stack.append(opened)
            here = opened.parts[0]
            continue
        top = stack[-1] if stack else None
        if token == "|" and top is not None and top.mark == "{":
            here = list[Node]()
            top.parts.append(here)
            top.has_equals = False
        elif token == "=" and top is not None and top.mark == "{" and not top.has_equals:
            top.has_equals = True
            here.append(EQUALS if len(top.parts) > 1 else "=")
        elif first == "}" and token == "}-" and top is not None and top.mark == "-":
            stack.pop()
            here = stack[-1].parts[-1] if stack else root
            here.append(Bracketed("-{", top.parts[0], "}-"))
        elif first in "}]" and token != "}-":
            _close(stack, root, token)
            here = stack[-1].parts[-1] if stack else root
        else:
            here.append(token)
    if at < len(source):
        here.append(source[at:])
    for unclosed in stack:
        root += unclosed.literal()
    return root


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
    return Parameter(parts) if count == 3 else Template(parts)


def ends_line(nodes: list[Node], place: int) -> bool:
    """Return whether nothing but templates follows up to the end of the line."""
    for at in range(place, len(nodes)):
        node = nodes[at]
        if isinstance(node, str):
            head, end, _ = node.partition("\n")
            if head.strip(" \t\x02"):
                return False
            if end:
                return True
        elif not isinstance(node, Template):
            return False
    return True


def ends_cell(nodes: list[Node], place: int) -> bool:
    """Return whether the line, the cell or the text ends here."""
    if place >= len(nodes):
        return True
    node = nodes[place]
    if not isinstance(node, str):
        return False
    rest = node.lstrip(" \t")
    return rest.startswith(("\n", "|", "!!")) or (not rest and ends_cell(nodes, place + 1))


def stripped(nodes: list[Node]) -> list[Node]:
    """Return nodes without blanks at both ends, as those of a named argument."""
    nodes = list(nodes)
    if nodes and isinstance(nodes[0], str):
        nodes[0] = nodes[0].lstrip()
    if nodes and isinstance(last := nodes[-1], str):
        nodes[-1] = last.rstrip()
    return nodes
