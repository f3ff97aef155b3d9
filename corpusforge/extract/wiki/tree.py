"""The tokens of mwparserfromhell's tokeniser as a tree of small nodes: what the walk reads, and no more.

    wikitext --C tokeniser--> flat tokens --build--> [str | Wikilink | ExternalLink | … | Tag]

The package's own builder makes nodes to edit: each part of each is an object that can be parsed anew, which
takes six times as long as its tokeniser. What a node was written as is asked of that builder, of the
node's own tokens, where the walk needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mwparserfromhell.nodes import HTMLEntity  # pyright: ignore[reportMissingTypeStubs]
from mwparserfromhell.parser import ParserError, tokens  # pyright: ignore[reportMissingTypeStubs]
from mwparserfromhell.parser._tokenizer import (  # pyright: ignore[reportMissingTypeStubs, reportMissingModuleSource]
    CTokenizer,  # pyright: ignore[reportUnknownVariableType]
)
from mwparserfromhell.parser.builder import Builder  # pyright: ignore[reportMissingTypeStubs]

_token: Any = tokens  # its classes are made when it is loaded
_Tokenizer = cast("Callable[[], Any]", CTokenizer)
_Builder = cast("Callable[[], Any]", Builder)
_Entity = cast("Callable[..., Any]", HTMLEntity)
_kind = cast("Callable[[Any], Any]", type)
_Kinds = frozenset[Any]

_TEXT: Any = _token.Text
_MARK_END: Any = _token.TagCloseSelfclose
_LINK_PART: Any = _token.WikilinkSeparator
_LINK_CLOSE: Any = _token.WikilinkClose
_ATTRIBUTE: Any = _token.TagAttrStart


@dataclass(slots=True)
class Wikilink:
    """`[[title|text]]`."""

    title: str
    text: Nodes | None
    tokens: Sequence[Any]
    """Of the text."""

    def written(self) -> str:
        """Return the wikitext of the text."""
        return _written(self.tokens)


@dataclass(slots=True)
class ExternalLink:
    """`[url title]`, or an address that stands bare."""

    url: str
    title: Nodes | None
    has_brackets: bool


@dataclass(slots=True)
class Heading:
    """`== title ==`."""

    title: Nodes
    level: int


@dataclass(slots=True)
class Entity:
    """`&amp;`: the character, "" of one that does not exist."""

    character: str


@dataclass(slots=True)
class Argument:
    """`{{{name|default}}}`."""

    default: Nodes | None


@dataclass(slots=True)
class Silent:
    """A template or a comment: it says nothing."""


@dataclass(slots=True)
class Attribute:
    """`name="value"`; the value "" where there is none."""

    name: str
    value: str
    written: str


@dataclass(slots=True)
class Tag:
    """An element, or what wikitext has for it: a table, a row, the mark of a list."""

    name: str
    """In lower case, without blanks around."""
    markup: str | None
    """What stands for the tag: `*`, `{|`; None for a tag in angle brackets."""
    attributes: Sequence[Attribute]
    contents: Nodes
    tokens: Sequence[Any]
    """Of the contents."""

    def may_begin_with(self, sign: str) -> bool:
        """Return whether the wikitext of the contents may begin with a sign; where not, none is built."""
        for token in self.tokens:
            if type(token) is not _TEXT:
                return sign == "[" and type(token) in _BRACKETS
            if text := token["text"].lstrip():
                return text.startswith(sign)
        return False

    def written(self) -> str:
        """Return the wikitext of the contents."""
        return _written(self.tokens)


Node = str | Wikilink | ExternalLink | Heading | Entity | Argument | Silent | Tag
Nodes = list[Node]


def parse(source: str) -> Nodes:
    """Return the nodes of wikitext, in order; bold and italic marks stay text."""
    found: list[Any] = _Tokenizer().tokenize(source, 0, True)
    return _Tree(found).nodes()


def _written(found: Sequence[Any]) -> str:
    """Return the wikitext that tokens were made of."""
    if not found:
        return ""
    if all([type(token) is _TEXT for token in found]):
        return "".join([token["text"] for token in found])
    return str(_Builder().build(list(found)))


class _Tree:
    """Reads tokens once, from the first to the last."""

    def __init__(self, found: Sequence[Any]) -> None:
        self.tokens = found
        self.at = 0

    def nodes(self) -> Nodes:
        """Return the nodes of all tokens."""
        out: Nodes = []
        found, n_found = self.tokens, len(self.tokens)
        while self.at < n_found:
            token = found[self.at]
            if type(token) is _TEXT:
                self.at += 1
                out.append(token["text"])
            else:
                out.append(self._node())
        return out

    def _node(self) -> Node:
        token = self.tokens[self.at]
        self.at += 1
        kind = _kind(token)
        if kind is _TEXT:
            return token["text"]
        handler = _HANDLERS.get(kind)
        if handler is None:
            raise ParserError(f"unexpected token {kind.__name__}")
        return handler(self, token)

    def _until(self, stops: _Kinds) -> tuple[Nodes, Any]:
        """Return (the nodes up to a token of these kinds, that token, which is read)."""
        out: Nodes = []
        found, n_found = self.tokens, len(self.tokens)
        while self.at < n_found:
            token = found[self.at]
            kind = _kind(token)
            if kind is _TEXT:
                self.at += 1
                out.append(token["text"])
            elif kind in stops:
                self.at += 1
                return out, token
            else:
                out.append(self._node())
        raise ParserError("a node without its end")

    def _text_until(self, stops: _Kinds) -> tuple[str, Any]:
        """Return (the wikitext up to a token of these kinds, that token, which is read)."""
        start = self.at
        nodes, stop = self._until(stops)
        if self.at == start + 2 and type(text := nodes[0]) is str:
            return text, stop
        return _written(self.tokens[start : self.at - 1]), stop

    def wikilink(self, _: Any) -> Wikilink:
        found, at = self.tokens, self.at
        if type(found[at]) is _TEXT:
            kind = _kind(found[at + 1])
            if kind is _LINK_CLOSE:  # the most of them
                self.at += 2
                return Wikilink(found[at]["text"], None, ())
            if kind is _LINK_PART and type(found[at + 2]) is _TEXT and type(found[at + 3]) is _LINK_CLOSE:
                self.at += 4
                return Wikilink(found[at]["text"], [found[at + 2]["text"]], found[at + 2 : at + 3])
        title, stop = self._text_until(_LINK_ENDS)
        if type(stop) is not _LINK_PART:
            return Wikilink(title, None, ())
        start = self.at
        text, _ = self._until(_LINK_ENDS)
        return Wikilink(title, text, self.tokens[start : self.at - 1])

    def external_link(self, opening: Any) -> ExternalLink:
        url, stop = self._text_until(_URL_ENDS)
        title = self._until(_URL_ENDS)[0] if type(stop) is _token.ExternalLinkSeparator else None
        return ExternalLink(url, title, bool(opening.get("brackets")))

    def heading(self, opening: Any) -> Heading:
        return Heading(self._until(_HEADING_ENDS)[0], int(opening["level"]))

    def argument(self, _: Any) -> Argument:
        _, stop = self._until(_ARGUMENT_ENDS)
        is_closed = type(stop) is _token.ArgumentClose
        return Argument(None if is_closed else self._until(_ARGUMENT_ENDS)[0])

    def template(self, _: Any) -> Silent:
        while type(self._until(_TEMPLATE_ENDS)[1]) is not _token.TemplateClose:
            pass
        return Silent()

    def comment(self, _: Any) -> Silent:
        self._until(_COMMENT_ENDS)
        return Silent()

    def entity(self, _: Any) -> Entity:
        start = self.at
        while type(self.tokens[self.at]) is not _token.HTMLEntityEnd:
            self.at += 1
        kinds = [_kind(token) for token in self.tokens[start : self.at]]
        text: str = self.tokens[self.at - 1]["text"]
        self.at += 1
        is_hexadecimal = _token.HTMLEntityHex in kinds
        node = _Entity(text, named=_token.HTMLEntityNumeric not in kinds, hexadecimal=is_hexadecimal)
        try:
            return Entity(str(node.normalize()))
        except ValueError:  # a code point that does not exist
            return Entity("")

    def tag(self, opening: Any) -> Tag:
        name, attributes, contents = "", list[Attribute](), Nodes()
        start = end = self.at
        markup = opening.get("wiki_markup") or None
        found, at = self.tokens, self.at
        if markup and at + 1 < len(found) and _kind(found[at + 1]) is _MARK_END and _kind(found[at]) is _TEXT:
            self.at += 2  # the mark of a list: the most of them
            return Tag(found[at]["text"].strip().lower(), markup, (), [], ())
        while True:
            begun = self.at
            part, stop = self._until(_TAG_PARTS)
            kind = _kind(stop)
            if kind is _ATTRIBUTE:
                name = name or _written(self.tokens[begun : self.at - 1])
                attributes.append(self._attribute(stop))
            elif kind is _token.TagCloseOpen:
                name = name or _written(self.tokens[begun : self.at - 1])
                start = end = self.at
            elif kind is _token.TagOpenClose:
                contents, end = part, self.at - 1
            else:
                if kind is _token.TagCloseSelfclose:
                    name = name or _written(self.tokens[begun : self.at - 1])
                return Tag(name.strip().lower(), markup, attributes, contents, self.tokens[start:end])

    def _attribute(self, start: Any) -> Attribute:
        name, value, quotes = "", None, ""
        while True:
            text, stop = self._text_until(_ATTRIBUTE_PARTS)
            kind = _kind(stop)
            if kind is _token.TagAttrEquals:
                name = text
            elif kind is _token.TagAttrQuote:
                quotes = stop["char"] or ""
            else:
                self.at -= 1  # it begins what follows
                break
        if name:
            value = text
        else:
            name = text
        written = f"{start.get('pad_first') or ''}{name}{start.get('pad_before_eq') or ''}"
        if value is not None:
            written += f"={start.get('pad_after_eq') or ''}{quotes}{value}{quotes}"
        return Attribute(name, value or "", written)


def _kinds(*names: str) -> _Kinds:
    return frozenset(getattr(_token, name) for name in names)


_BRACKETS = _kinds("WikilinkOpen", "ExternalLinkOpen")
_LINK_ENDS = _kinds("WikilinkSeparator", "WikilinkClose")
_URL_ENDS = _kinds("ExternalLinkSeparator", "ExternalLinkClose")
_HEADING_ENDS = _kinds("HeadingEnd")
_ARGUMENT_ENDS = _kinds("ArgumentSeparator", "ArgumentClose")
_TEMPLATE_ENDS = _kinds("TemplateParamSeparator", "TemplateParamEquals", "TemplateClose")
_COMMENT_ENDS = _kinds("CommentEnd")
_TAG_PARTS = _kinds("TagAttrStart", "TagCloseOpen", "TagOpenClose", "TagCloseSelfclose", "TagCloseClose")
_ATTRIBUTE_PARTS = _kinds(
    "TagAttrStart", "TagAttrEquals", "TagAttrQuote", "TagCloseOpen", "TagCloseSelfclose"
)
_HANDLERS: dict[Any, Callable[[_Tree, Any], Node]] = {
    _token.WikilinkOpen: _Tree.wikilink,
    _token.ExternalLinkOpen: _Tree.external_link,
    _token.HeadingStart: _Tree.heading,
    _token.HTMLEntityStart: _Tree.entity,
    _token.ArgumentOpen: _Tree.argument,
    _token.TemplateOpen: _Tree.template,
    _token.CommentStart: _Tree.comment,
    _token.TagOpenOpen: _Tree.tag,
}
