"""Templates expanded: by the dump's own pages first, then by what the package knows of them.

{{name|…}}  variable or parser function   functions.py
            a page of the dump            its wikitext, unless Lua, Wikidata or a page not at hand decides
            a definition, a list          definitions.toml, templates.toml
            none of these                 by where it stands, else nothing, counted
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from corpusforge.extract.wiki.called import Called, called
from corpusforge.extract.wiki.context import goes_on, is_cell, line_after, ordinary_text, text_by_context
from corpusforge.extract.wiki.countries import country_of_code, country_of_name, shown_with_flag
from corpusforge.extract.wiki.frames import Frame, FunctionArguments
from corpusforge.extract.wiki.functions import NotUnderstood, parser_function, variable, without_prefixes
from corpusforge.extract.wiki.helpers import HELPERS
from corpusforge.extract.wiki.messages import speaks_alone
from corpusforge.extract.wiki.page import page_text
from corpusforge.extract.wiki.preprocessor import (
    Bracketed,
    Equals,
    Node,
    Parameter,
    Rest,
    RestOfNodes,
    Template,
    includable,
    is_file,
    parse_kept,
    shown_on_its_page,
    stripped,
)
from corpusforge.extract.wiki.spoken import names_language, with_language
from corpusforge.extract.wiki.template_names import canonical, rules
from corpusforge.extract.wiki.templates import (
    GONE,
    MAX_VALUES,
    Use,
    definitions,
    is_note,
    listed_text,
    plain_arguments,
    used,
    used_plain,
)

_MAX_DEPTH = 40
_MAX_NESTED = 80
"""Braces within braces, those of templates that others call among them."""
_MAX_USES = 20_000
_MAX_CHARS = 8 << 20
"""Characters that all expansions of one page may make, those of templates within templates among them."""
_WITHIN = "within ("
"""Stands before the text of an argument, as the line in which a template there speaks."""
_REDIRECT = re.compile(r"\s*#[^\s\[:]{2,30}\s*:?\s*\[\[([^\]\n|]*)")
_BLOCK_START = ("{|", ":", ";", "#", "*")


class Expander:
    """Expands the templates of one page; counts what it did not understand."""

    def __init__(
        self,
        title: str = "",
        language: str | None = None,
        templates: Mapping[str, str] | None = None,
        protect: Callable[[str], str] = str,
    ) -> None:
        """Keep the page's title and language, the dump's templates, and what takes code and formulas out."""
        self.n_uses = 0
        self.unknown: Counter[str] = Counter()
        """Uses that left nothing because nobody could read them, by name."""
        self._title = title
        self.language = (language or "").lower().partition("-")[0] or None
        self._templates = templates or {}
        self._protect = protect
        self._definitions = definitions(self.language)
        self._counted_nodes: dict[int, Template] = {}
        self._strange_names: dict[str, Called | None] = {}
        self._trees: dict[str, list[Node]] = {}
        self._n_chars = 0
        self._n_steps = 0
        self._depth = 0
        self._read: tuple[Template, Use, int, int, int] | None = None

    def page(self, source: str) -> str:
        """Return the wikitext of a page with every template in it expanded or left out."""
        self._depth += 1
        try:
            return page_text(self, shown_on_its_page(source))
        finally:
            self._depth -= 1

    def text(self, nodes: list[Node], frame: Frame | None, line: str = _WITHIN) -> str:
        """Return the wikitext of nodes, expanded: of an argument, or of a template called with a frame.

        `line` stands before them on their line, as far as it matters: outside of frames.
        """
        if self._depth > _MAX_NESTED:
            self.unknown["too deep"] += 1
            return GONE
        if len(nodes) == 1 and isinstance(nodes[0], str):
            return nodes[0]  # most arguments
        self._depth += 1
        try:
            return self._framed(nodes, frame) if frame else self.joined(nodes, line)
        finally:
            self._depth -= 1

    def joined(self, nodes: list[Node], line: str, behind: Rest | None = None) -> str:
        """Return the wikitext of a page's nodes; `line` is before them on their line, `behind` follows."""
        out: list[str] = []
        n_read = 0  # of the pieces, those that `line` ends with
        for place, node in enumerate(nodes):
            if isinstance(node, str):
                out.append(node)
                continue
            if isinstance(node, Parameter):
                out.append(self._parameter(node, None))
                continue
            if n_read < len(out):
                line = line_after(line, out[n_read] if n_read + 1 == len(out) else "".join(out[n_read:]))
                n_read = len(out)
            if isinstance(node, Template):
                piece = self.template(node, RestOfNodes(nodes, place + 1, behind), line)
            elif isinstance(node, Equals):
                piece = "="
            elif is_file(node):
                piece = GONE  # what its options say is furniture
            else:
                piece = node.opening + self.text(node.nodes, None, line + node.opening) + node.closing
            out.append(piece)
        return "".join(out)

    def _framed(self, nodes: list[Node], frame: Frame) -> str:
        """Return the wikitext of a template's nodes, in which no template speaks by its line."""
        out: list[str] = []
        for node in nodes:
            if isinstance(node, str):
                piece = node
            elif isinstance(node, Parameter):
                piece = self._parameter(node, frame)
            elif isinstance(node, Template):
                piece = self._understood(node, frame)
                if piece.startswith(_BLOCK_START) and not _ends_with_line(out):
                    piece = "\n" + piece
            elif isinstance(node, Bracketed):
                piece = node.opening + self.text(node.nodes, frame) + node.closing
            else:
                piece = "="
            out.append(piece)
        return "".join(out)

    def _parameter(self, node: Parameter, frame: Frame | None) -> str:
        name = node.name
        if name is None:
            name = self.text(node.parts[0], frame).replace(GONE, "").strip()
        if frame is not None and name in frame.nodes:
            if name not in frame.texts:
                text = self._counted(self.text(frame.nodes[name], frame.parent))
                is_positional = name.isdecimal()
                frame.texts[name] = text if is_positional else text.strip()
            return self._counted(frame.texts[name])
        return self.text(node.parts[1], frame) if len(node.parts) > 1 else ""

    def _counted(self, text: str) -> str:
        self._n_chars += len(text)
        if self._n_chars > _MAX_CHARS:
            raise NotUnderstood("too much text")
        return text

    def ordinary(self, name: Called, token: str, words: str | None, line: str) -> str | None:
        """Return what a plain template of an ordinary name shows, None where `template` must say.

        `token`: as it is written; `words`: its argument, where one look told; `line`: what is before it.
        """
        if words is not None:
            text = words.rstrip() if goes_on(line) else ""
        elif (text := self._ordinary(name, token[2:-2].split("|"), line)) is None:
            return None
        self.n_uses += 1
        if self._is_over():
            return GONE
        self._n_steps += 1
        return on_its_line(text, line) if text else self._left_out(name)

    def _ordinary(self, name: Called, texts: list[str], line: str) -> str | None:
        if len(texts) > 1:
            return ordinary_text(name, texts, line)
        return None if name.is_mark or (line.strip() and self._country(name.name, line)) else ""

    def template(self, node: Template, rest: Rest, line: str) -> str:
        """Return what a template of the page shows, on a line of its own where it must; `GONE` for nothing.

        `line` stands before it on its line, `rest` follows.
        """
        return on_its_line(self._shown(node, rest, line), line)

    def _is_over(self) -> bool:
        """Return whether the page has used up what it may, and count that."""
        is_over = self.n_uses > _MAX_USES or self._n_chars > _MAX_CHARS
        if is_over:
            self.unknown["too many templates"] += 1
        return is_over

    def _shown(self, node: Template, rest: Rest, line: str) -> str:
        self.n_uses += 1
        if self._is_over():
            return GONE
        if (texts := node.texts) is not None and (name := self.strange_name(texts[0])) is not None:
            self._n_steps += 1
            if name.is_ordinary and (text := self._ordinary(name, texts, line)) is not None:
                return text or self._left_out(name, node)
            return self._by_context(node, name, line, name.is_flag and rest.ends_cell())
        name = called("")
        try:
            name = self._called(node, None)
            has_page = self._has_page(name)
            if has_page and name.is_silent_page:
                return GONE
            text = self._understood(node, None)
        except (NotUnderstood, RecursionError):
            return self._by_context(node, name, line, name.is_flag and rest.ends_cell())
        is_alone = has_page and not line.strip() and rest.ends_line()
        if is_alone and not speaks_alone(text, lambda: self._use(node, called("")).values):
            return GONE
        return text or GONE

    def strange_name(self, written: str) -> Called | None:
        """Return the name of a template that neither the dump nor the package knows, None for another's."""
        if written not in self._strange_names:
            name = called(written.replace(GONE, "").strip())
            is_known = self._has_page(name) or name.key in self._definitions or not name.is_strange
            self._strange_names[written] = None if is_known else name
        return self._strange_names[written]

    def _by_context(self, node: Template, name: Called, line: str, is_last: bool) -> str:
        if node.size == 1 and line.strip() and (text := self._country(name.name, line)):
            return text
        if name.never_speaks or (node.size == 1 and name.is_mark):
            has_value = node.texts is not None and node.size == 2 and name.name in rules().country
            return (
                shown_with_flag(name.name, (node.texts or [])[1], self.language) if has_value else ""
            ) or GONE
        try:
            use = self._use(node, name)
            values = "".join(use.values)
            is_picture = GONE in values and not values.strip(GONE + " \n")
            if is_picture or (use.named and is_note(use)):
                return GONE
            text = text_by_context(use, line, is_last) if name.may_be_template else ""
        except (NotUnderstood, RecursionError):
            text = ""
        return text or self._left_out(name, node)

    def _country(self, name: str, line: str) -> str | None:
        """Return the country that a template without arguments is named after; by two letters in a cell."""
        if len(name) == 2 and name.isupper() and is_cell(line):
            return country_of_code(name, self.language)
        return country_of_name(name, self.language) if len(name) > 2 else None

    def _left_out(self, name: Called, node: Template | None = None) -> str:
        """Count a use that left nothing, once, however often a node's text is asked for; return `GONE`."""
        if not name.may_say_nothing and (node is None or id(node) not in self._counted_nodes):
            if node is not None:
                self._counted_nodes[id(node)] = node  # kept: the number of one that is gone is another's
            self.unknown[name.key[:60]] += 1
        return GONE

    def _called(self, node: Template, frame: Frame | None) -> Called:
        name = node.texts[0] if node.texts is not None else self.text(node.parts[0], frame)
        return called(name.replace(GONE, "").strip())

    def _understood(self, node: Template, frame: Frame | None) -> str:
        """Return what a use shows. Raises NotUnderstood where that cannot be read."""
        self._n_steps += 1
        depth = frame.depth + 1 if frame else 1
        if depth > _MAX_DEPTH or self._n_steps > 10 * _MAX_USES:
            raise NotUnderstood("too deep")
        name = self._called(node, frame)
        if node.size == 1 and name.is_variable and (text := variable(name.name, self._title)) is not None:
            return text
        if name.name.startswith("§") and (helper := HELPERS.get(name.name)) and frame is not None:
            return helper(FunctionArguments(self, node, frame, ""), self._positional(frame), self.language)
        if name.is_function and (found := parser_function(name.name)) is not None:
            first, function = found
            return self._counted(
                function(FunctionArguments(self, node, frame, first.replace(GONE, "").strip()))
            )
        if self._has_page(name):
            try:
                return self._page(name, node, frame, depth)
            except NotUnderstood:
                pass  # Lua within: perhaps a list knows the template
        return self._by_package(name, node, frame, depth)

    def _by_package(self, name: Called, node: Template, frame: Frame | None, depth: int) -> str:
        key = name.key
        if node.size == 1 and name.name in rules().country:
            return country_of_code(name.name, self.language) or name.name
        if node.size == 1 and name.is_share:
            return name.name
        if names_language(name.name, key, self.language) and (
            text := with_language(self._use(node, name, frame), self.language)
        ):
            return text
        if (definition := self._definitions.get(key)) is not None:
            if frame is not None and frame.is_open("§" + key):
                raise NotUnderstood(key)
            return self._called_with("§" + key, definition, node, frame, depth)
        if not name.is_listed and (name.is_furniture or node.texts is not None):
            raise NotUnderstood(key)  # nor are its arguments read
        text = listed_text(self._use(node, name, frame), self.language)
        if text is None:
            raise NotUnderstood(key)
        return self._counted(text)

    def _has_page(self, name: Called) -> bool:
        return bool(self._templates) and name.title in self._templates

    def _page(self, name: Called, node: Template, frame: Frame | None, depth: int) -> str:
        key = name.title
        for _ in range(3):
            source = self._templates.get(key, "")
            redirect = _REDIRECT.match(source)
            if redirect is None:
                break
            key = canonical(without_prefixes(redirect[1]))
        if key not in self._templates or (frame is not None and frame.is_open(key)):
            raise NotUnderstood(key)
        return self._called_with(key, self._templates[key], node, frame, depth)

    def _called_with(self, key: str, source: str, node: Template, frame: Frame | None, depth: int) -> str:
        inner = Frame(key, self._argument_nodes(node, frame), frame, depth)
        tree = self._trees.get(key)
        if tree is None:
            tree = self._trees[key] = parse_kept(self._protect(includable(source)))
        return self._counted(self.text(tree, inner))

    def _argument_nodes(self, node: Template, frame: Frame | None) -> dict[str, list[Node]]:
        """Return the arguments by name, `1`, `2`, … for those without; of a repeated one the last."""
        if node.texts is not None:
            return {name: [text] if text else [] for name, text in plain_arguments(node.texts).items()}
        found: dict[str, list[Node]] = {}
        position = 0
        for part in node.parts[1:]:
            at = next((place for place, each in enumerate(part) if isinstance(each, Equals)), None)
            if at is None:
                position += 1
                found[str(position)] = part
            else:
                name = self.text(part[:at], frame).replace(GONE, "").strip()
                found[name] = stripped(part[at + 1 :])
        return found

    def _use(self, node: Template, name: Called, frame: Frame | None = None) -> Use:
        """Return a use with its arguments; asked for twice, they are expanded once and counted twice."""
        if node.texts is not None:
            return used_plain(name, node.texts)
        if frame is None and self._read is not None and self._read[0] is node:
            _, use, n_uses, n_steps, n_chars = self._read
            self.n_uses, self._n_steps = self.n_uses + n_uses, self._n_steps + n_steps
            self._n_chars += n_chars
            return Use(name, use.values, use.named)
        before = (self.n_uses, self._n_steps, self._n_chars)
        nodes = self._argument_nodes(node, frame)
        use = used(name, {key: self.text(part, frame) for key, part in nodes.items()})
        if frame is None:
            after = (self.n_uses, self._n_steps, self._n_chars)
            n_uses, n_steps, n_chars = (now - then for now, then in zip(after, before, strict=True))
            self._read = (node, use, n_uses, n_steps, n_chars)
        return use

    def _positional(self, frame: Frame) -> list[str]:
        """Return the arguments without a name that the template around was called with."""
        values: list[str] = []
        while (key := str(len(values) + 1)) in frame.nodes and len(values) < MAX_VALUES:
            values.append(self.text(frame.nodes[key], frame.parent).strip())
        return values


def _ends_with_line(pieces: list[str]) -> bool:
    """Return whether pieces of text end a line; what is no text at all goes on with one."""
    return next((piece for piece in reversed(pieces) if piece), "").endswith("\n")


def on_its_line(piece: str, line: str) -> str:
    """Return what a template shows, on a line of its own where it begins a block and something is before."""
    return "\n" + piece if line and piece.startswith(_BLOCK_START) else piece
