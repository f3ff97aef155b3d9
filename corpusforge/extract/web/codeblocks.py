"""Code in a page's tree: blocks and spans into slots, without gutters and buttons."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from resiliparse.parse.html import ELEMENT, TEXT, DocumentNode, ElementNode, HTMLTree, Node

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.codelines import blocks_of_lines
from corpusforge.extract.web.dom import element as new_element
from corpusforge.extract.web.dom import holds, select, text_node
from corpusforge.extract.web.slots import Slots

_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:gutters?(?:-\w+)?|line-?nos?|line-?nrs?|line-?numbers?(?:-rows)?|linenodiv|lnt?"
    r"|hljs-ln-numbers|rouge-gutter|blob-num|lines?-?nums?|ln-num|nums?-content|tag_listingline|listing_data"
    r"|tooltip(?:text)?|ttc|fold(?:-?(?:mark|marker|btn|button|icon|toggle|widget|closed))?|collapser|expander|copy"
    r"(?:-?btn|-?button|-code(?:-button)?|[Bb]utton\w*|-to-clipboard)?|clipboard"
    r"|btn|toolbar|code-?toolbar-item|buttonGroup\w*|react-syntax-highlighter-line-number|headerlink"
    r"|sr-only|visually-hidden|code-block-header|language-label|code-lang)(?:$|\s|__\w+)"
)
_SKIPPED_TAGS = frozenset({"button", "script", "style", "svg", "template", "noscript", "input", "textarea"})
_LINE_TAGS = frozenset({"div", "li", "tr", "p", "section"})
_PAGE_TAGS = "h1,h2,h3,table p,iframe,form,article"
_LANGUAGE_CLASS = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight-text|highlight|source|brush:?|sourceCode|src|hljs)"
    r"(?:[-:]|\s+|\s*:\s*)([A-Za-z0-9_+#.-]{1,24})"
)
_NO_LANGUAGE = frozenset(
    "default none notranslate text plain plaintext plain-text txt nohighlight no-highlight undefined "
    "highlighter-rouge source highlight wrapper inner code block line-numbers copy auto unknown true "
    "false hljs chroma python3-repl "
    "sourcecode literal-block literal token number-lines numbersource".split()
)  # fmt: skip
_CODE_TABLES = (
    "table.highlighttable,table.rouge-table,table.lntable,figure.highlight>table,.highlight>table"
    ",table.syntaxhighlighter,.syntaxhighlighter table,table.hljs-ln,table.codehilitetable"
    ",table.processedcode,.crayon-table,table.highlight"
)
_STRUCTURE = (
    "br,div,li,tr,p,section,button,svg,script,style,input,textarea,span.line,span.token-line,span[data-line]"
    ",pre>code~code"
    ",[class*=gutter],[class*=lineno],[class*=linenr],[class*=line-n],[class*=fold],[class*=tooltip],[class*=ttc],[class*=linenumber],[class*=copy]"
    ",[class*=btn],[class*=clip]"
    ",[class*=ln],[data-line-number],[class*=headerlink],[class*=hidden]"
    ",[class*=blob],[class*=toolbar]"
)
_GUTTERS = "td.gutter,td.linenos,td.rouge-gutter,.linenodiv,.gutter,.crayon-nums"
_NUMBER = re.compile(r"[\s\u00a0]*\d{1,6}[:.]?[\s\u00a0]*")
_GUTTER_ONLY = re.compile(r"[\s\d]*")


def take_code(tree: HTMLTree, slots: Slots, config: ExtractConfig, hints: frozenset[str]) -> list[str]:
    """Put every code block and span of a tree into slots; return notes.

    `hints` as `page_hints` gives them: what a page does not hold is not looked for.
    """
    document, notes = tree.document, list[str]()
    if document is None:
        return notes
    gutters = "gutter" in hints
    if "code lines" in hints or "code lists" in hints:
        for element, lines in blocks_of_lines(document, hints):
            code = _trimmed(joined_lines(lines))
            _put(tree, element, code, slots, config, notes)
    if hints.issuperset(("<table", "highlighted")):
        _take_all(tree, select(document, _CODE_TABLES), slots, config, notes, gutters)
    if "<pre" in hints:
        _take_all(tree, select(document, "pre"), slots, config, notes, gutters)
    if "<code" in hints:
        _take_spans(tree, document, slots)
    return notes


def _take_all(
    tree: HTMLTree,
    elements: Sequence[ElementNode],
    slots: Slots,
    config: ExtractConfig,
    notes: list[str],
    gutters: bool,
) -> None:
    for element in elements:
        if element.parent is None:
            continue
        if gutters and element.closest(_GUTTERS) is not None:
            element.remove()
            continue
        if element.first_element_child is not None and element.query_selector(_PAGE_TAGS) is not None:
            continue  # a whole page laid out in <pre>
        _put(tree, element, _trimmed(code_text(element)), slots, config, notes)


def _put(
    tree: HTMLTree, element: ElementNode, code: str, slots: Slots, config: ExtractConfig, notes: list[str]
) -> None:
    """Replace an element by the slot of its code, or remove it where that is numbers only."""
    if len(code) > config.max_code_block_chars:
        notes.append(f"a code block cut at {config.max_code_block_chars} characters")
        code = code[: config.max_code_block_chars]
    if not code or _GUTTER_ONLY.fullmatch(code):
        element.remove()
        return
    element.replace_with(new_element(tree, "p", slots.code_block(code, language_of(element))))


def joined_lines(lines: Sequence[ElementNode]) -> str:
    """Return the text of elements that are a line of code each, without numbers and marks."""
    firsts = [_first(line) for line in lines]
    numbered = any(one is not None and _is_furniture(one) for one in firsts)
    numbers = [(one.text or "").strip(" \n:.\u00a0") if one is not None else "" for one in firsts]
    if all(n.isdecimal() and len(n) < 7 for n in numbers) and _count_up([int(n) for n in numbers]):
        numbered = True
        for one in firsts:
            if one is not None:
                one.remove()
    out: list[str] = []
    for line in lines:
        text = "".join("" if piece is _LINE_END else piece for piece in _pieces(line))
        out.append(text.strip("\n").replace("\u00a0", " "))
    indents = [len(line) - len(line.lstrip(" ")) for line in out if line.strip()]
    if numbered and indents and min(indents) % 2:
        out = [line[1:] for line in out]  # the gap behind the number
    return "\n".join(out)


def _count_up(values: Sequence[int]) -> bool:
    """Return whether nearly each number is one more than that before it."""
    steps = [b - a for a, b in itertools.pairwise(values)]
    return bool(steps) and sum(step == 1 for step in steps) >= 0.8 * len(steps)


def _first(line: ElementNode) -> ElementNode | None:
    """Return the innermost element with which the text of a line begins."""
    found, first = None, line.first_element_child
    while first is not None:
        if (first.text or "").strip():
            found, first = first, first.first_element_child
        else:
            first = first.next_element_sibling
    return found


def _take_spans(tree: HTMLTree, document: DocumentNode, slots: Slots) -> None:
    may_be_gone = False
    for code in select(document, "code"):
        if may_be_gone and code.parent is None:
            continue  # it left the tree with the one around it
        text = (code.text or "").replace("\u00a0", " ")
        if not text.strip():
            continue
        holds_others = holds(code, "code")
        may_be_gone |= holds_others
        lines = _lines_of_span(code, text)
        if lines is not None:
            code.replace_with(new_element(tree, "p", slots.code_block(_trimmed(lines), language_of(code))))
        elif holds_others:
            code.replace_with(text_node(tree, slots.code_span(" ".join(text.split()))))
        else:  # a fifth of the cost, but nothing that stands in the element can be asked afterwards
            code.outer_text = slots.code_span(" ".join(text.split()))


def _lines_of_span(code: ElementNode, text: str) -> str | None:
    """Return the lines of a <code> that is laid out as a block, or None."""
    if "\n" in text.strip("\n"):
        style, classes = code.getattr("style") or "", f" {code.class_name} "
        if ("white-space" in style and "pre" in style) or " block " in classes:
            return text
    return code_text(code) if holds(code, "br") else None


def _trimmed(code: str) -> str:
    """Return code without blank lines around it, trailing blanks or no-break spaces."""
    code = code.replace("\u00a0", " ").replace("\r\n", "\n")
    lines = [line.rstrip() if line.strip("\u200b ") else "" for line in code.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def code_text(element: ElementNode) -> str:
    """Return the text of a code element with its lines and indentation, furniture left out."""
    if element.first_element_child is not None:
        _remove_numbers(element)
    if element.first_element_child is None or element.query_selector(_STRUCTURE) is None:
        return element.text or ""
    parts: list[str] = []
    for piece in _pieces(element):
        if piece is _LINE_END:
            if parts and not parts[-1].endswith("\n"):
                parts.append("\n")
        elif piece:
            parts.append(piece)
    text = "".join(parts)
    if "\n" not in text.strip("\n"):
        lines = select(element, "span.line,span.token-line,code>span[data-line]") or select(element, "code")
        if len(lines) > 1:
            return "\n".join("".join(p for p in _pieces(line) if p is not _LINE_END) for line in lines)
    return text


def _remove_numbers(element: ElementNode) -> None:
    """Remove anchors that number the lines of a code element: digits only, each one more than the last."""
    anchors = [a for a in select(element, "a") if _NUMBER.fullmatch(a.text or "")]
    if len(anchors) < 2:
        return
    values = [int((a.text or "").strip(" \n:.\u00a0")) for a in anchors]
    lines = (element.text or "").strip("\n").count("\n") + 1
    if _count_up(values) and len(anchors) >= 0.6 * lines:
        for anchor in anchors:
            anchor.remove()


_LINE_END = "\0line"  # at the edges of elements that stand on lines of their own


def _pieces(element: ElementNode) -> Iterator[str]:
    """Yield the text of an element in order; `_LINE_END` where a line must have ended."""
    stack: list[Node | str] = [element]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif node.type == TEXT:
            yield node.value or ""
        elif node.type == ELEMENT and isinstance(node, ElementNode):
            tag = node.tag or ""
            if tag == "br":
                yield "\n"
                continue
            if node is not element and (tag in _SKIPPED_TAGS or _is_furniture(node)):
                continue
            line = tag in _LINE_TAGS and node is not element
            if line:
                yield _LINE_END
                stack.append(_LINE_END)
            # By siblings from the last: indexing `child_nodes` walks the list each time.
            child = node.last_child
            while child is not None:
                stack.append(child)
                child = child.previous_sibling


def _is_furniture(node: ElementNode) -> bool:
    name = node.class_name
    if name and _says_furniture(name):
        return len(node.text or "") < 12 or (
            (node.tag or "") != "code"
            and bool(_GUTTER_ONLY.fullmatch(node.text or "") or node.tag in ("td", "div", "a", "span"))
        )
    return bool(
        node.hasattr("data-line-number")
        and (node.tag or "") in ("td", "span")
        and not (node.text or "").strip(" \n0123456789")
    )


@lru_cache(maxsize=64)  # of a few names each says the same for all tokens of a kind
def _says_furniture(name: str) -> bool:
    # `<pre class="line-numbers">` marks a block that has numbers, not the numbers.
    return bool(_FURNITURE.search(name)) and "line-numbers-" not in name


def language_of(element: ElementNode) -> str:
    """Return the language that the page names for a code element, lower case, or ""."""
    inner = element.query_selector("code")
    candidates: list[ElementNode] = [element] if inner is None else [inner, element]
    parent = element.parent_element
    for _ in range(3):
        if parent is None or (parent.tag or "") in ("body", "article", "main"):
            break
        candidates.append(parent)
        parent = parent.parent_element
    for node in candidates:
        for name in ("data-lang", "data-language"):
            value = (node.getattr(name) or "").strip().lower()
            if value and value not in _NO_LANGUAGE and re.fullmatch(r"[a-z0-9_+#.-]{1,24}", value):
                return value
        for match in _LANGUAGE_CLASS.finditer(node.class_name or ""):
            value = match[1].lower().strip(".-")
            if value and value not in _NO_LANGUAGE:
                return value.removeprefix("source-")
    return ""
