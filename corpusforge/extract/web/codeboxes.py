"""Code outside <pre> that is told by what it holds: tables of lines, and boxes whose text reads like code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from resiliparse.parse.html import DocumentNode, ElementNode

from corpusforge.extract.web.codelanguage import names_language
from corpusforge.extract.web.codetext import code_text, count_up, line_head, numbers_of
from corpusforge.extract.web.dom import select

_CODE_NAME = re.compile(
    r"code|fragment|listing|source|(?:^|[\s_-])src(?:$|[\s_-])|highlight|hljs|syntax|blob|snippet|geshi|line|diff"
    r"|file|gist",
    re.I,
)
_CODE_TABLE = re.compile(
    r"(?:^|[\s_-])(?:code|src|source|blob|diff)(?:$|[\s_-])|highlight|syntax|listing|source-?code|lines?[-_]code|line[-_]text"
    r"|fragment|geshi|hljs|file[-_]?lines?|FileContents",
    re.I,
)
_NUMBER = re.compile(r"\s*\d{1,6}[:.]?\s*")
_NUMBER_ATTRIBUTES = ("data-line-number", "data-line", "data-txt", "data-n", "data-lineno", "data-num")
_NO_CODE = "h1,h2,h3,h4,form,article,img,iframe,pre,table"
_BOXES = "[class*=code],[class*=Code],[class*=verbatim],ol[class]"
_FONTS = "[style*=onospace],[style*=onsolas],[style*=ourier]"
_BOX_TAGS = frozenset("div ol section p code span td article figure".split())
_BOX_NAME = re.compile(
    r"(?:^|[\s_-])(?:code|codes?[-_]?(?:block|box|view|content|area|body|wrapper|container)?|source|verbatim|listing|geshi"
    r"|syntax\w*|highlight\w*|snippet|linenums|dp-\w+|hl-main)(?:$|[\s_-])|blockcode|codeblock|sourcecode|codebox|[a-z]Code|CodeBlock",
)
_MONOSPACE = re.compile(r"monospace|consolas|courier|menlo|monaco|white-space\s*:\s*pre(?!-line)", re.I)
_ANCHORS = "a[href^='#'],a[id],a[name],span[id]"
_LINE_TAGS = frozenset("p div li span".split())
_MAX_LEVELS = 4
_MAX_BOXES = 60  # looked at on a page
_MAX_BOX_CHARS = 200_000
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*[{}()\[\]]+[,;]?\s*$|^\s*(?://|/\*|\*/|#\s?\w|#!|--\s|\$ |>>> |@\w|<[/!?]?[a-zA-Z])"
    r"|\w\(|\w\[|[^\s=<>!]\s?=\s?[^\s=]|==|!=|:=|=>|->|&&|\|\||::"
    r"|^\s*(?:import|from|def|class|return|var|let|const|function|func|fn|public|private|static|void|int|if|elif"
    r"|else|elsif|for|foreach|while|do|end|begin|echo|print|select|insert|update|create|use|using|namespace|package"
    r"|require|include|sudo|cd|git|npm|pip|apt|yum|docker|export|set|try|except|catch|raise|throw)\b(?!.*\.\s*$)",
    re.I,
)
_PROSE_LINE = re.compile(r"^\s*[A-Z][^{}();=<>]*[.!?…]\s*$|^(?:[^\W\d_]+[,]? ){7,}")
_LIKE_SHARE, _NAMED_SHARE = 0.7, 0.5


def lines_of_table(table: ElementNode) -> list[ElementNode]:
    """Return the cells of code of a table whose rows are lines beside numbers that count up.

    Of a table with a column of all numbers in one cell, the cell beside it.
    """
    if table.query_selector("table,h1,h2,h3,form") is not None:
        return []
    rows = [row for row in select(table, "tr") if row.parent is not None]
    if len(rows) < 3 and (cells := _beside_numbers(rows)):
        return cells
    if len(rows) < 2:
        return []
    codes, numbers = list[ElementNode](), list[int]()
    for row in rows:
        cells = list(select(row, "td,th"))
        numbered = [cell for cell in cells if line_number(cell) is not None]
        rest = [cell for cell in cells if line_number(cell) is None]
        if not numbered and all((cell.tag or "") == "th" or not (cell.text or "").strip() for cell in cells):
            continue  # a head
        if not numbered or len(rest) > 1:
            rest = [
                cell for cell in rest if (cell.text or "").strip() or _CODE_NAME.search(cell.class_name or "")
            ]
        if not numbered or len(rest) > 1:
            return []
        if not rest and len(numbered) > 1:
            rest = [numbered.pop()]  # a line of code that is a number
        numbers.append(line_number(numbered[0]) or 0)
        codes += rest or [numbered[-1]] if rest else []
        if len(numbers) == 4 and not count_up(numbers):
            return []
    if len(codes) < 2 or not count_up(numbers):
        return []
    return codes if _is_code_table(table, codes) else []


def _is_code_table(table: ElementNode, codes: Sequence[ElementNode]) -> bool:
    if table.query_selector("pre,code") is not None:
        return True
    around = table.parent_element
    named = (table, codes[0], *((around,) if around is not None else ()))
    names = " ".join(node.class_name or "" for node in named)
    lines = [(code.text or "").rstrip() for code in codes]
    return bool(_CODE_TABLE.search(names)) or is_like_code(lines, _LIKE_SHARE)


def _beside_numbers(rows: Sequence[ElementNode]) -> list[ElementNode]:
    """Return the cell of code beside a cell that holds the numbers of all its lines."""
    for row in rows:
        cells = select(row, "td,th")
        for cell, code in itertools.pairwise(cells):
            numbers = numbers_of(cell.text or "")
            if len(numbers) > 1 and count_up(numbers):
                lines = code_text(code).strip("\n").count("\n") + 1
                if abs(lines - len(numbers)) <= 1 or code.query_selector("pre,code") is not None:
                    return [code]
    return []


def line_number(cell: ElementNode) -> int | None:
    """Return the number of the line that a cell beside it says, or None."""
    text = (cell.text or "").strip()
    if text:
        return int(text.rstrip(":.")) if _NUMBER.fullmatch(text) else None
    for node in (cell, cell.first_element_child):
        if node is not None:
            for name in _NUMBER_ATTRIBUTES:
                value = node.getattr(name) or ""
                if value.isdecimal() and len(value) < 7:
                    return int(value)
    return None


def numbered_lines(document: DocumentNode) -> Iterator[tuple[ElementNode, list[ElementNode]]]:
    """Yield (element, its lines) where siblings begin with numbers that count up and read like code."""
    done: ElementNode | None = None
    for anchor in select(document, _ANCHORS)[:_MAX_BOXES]:
        if not _NUMBER.fullmatch(anchor.text or "") or anchor.closest("pre,table") is not None:
            continue
        line = _line_of(anchor)
        around = line.parent_element if line is not None else None
        if line is None or around is None or around == done or around.parent is None:
            continue
        done = around
        lines = [one for one in _siblings(line)]
        heads = [line_head(one) for one in lines]
        numbers = [head[0] for head in heads if head is not None]
        codes = [head[1] for head in heads if head is not None]
        if len(numbers) == len(lines) > 1 and count_up(numbers) and is_like_code(codes, _NAMED_SHARE):
            if len((around.text or "").split()) <= sum(len((one.text or "").split()) for one in lines):
                yield around, lines


def _line_of(anchor: ElementNode) -> ElementNode | None:
    """Return the element around an anchor with a number beside which one begins with the next number."""
    following = str(int((anchor.text or "").strip(" \n\t:.")) + 1)
    around: ElementNode | None = anchor
    for _ in range(_MAX_LEVELS):
        if around is None or around.tag == "body":
            return None
        beside = around.next_element_sibling
        if (
            beside is not None
            and around.tag in _LINE_TAGS
            and (beside.text or "").lstrip().startswith(following)
        ):
            return around
        around = around.parent_element
    return None


def _siblings(line: ElementNode | None) -> Iterator[ElementNode]:
    while line is not None:
        if (line.text or "").strip():
            yield line
        line = line.next_element_sibling


def boxes_of_code(document: DocumentNode, by_font: bool) -> Iterator[tuple[ElementNode, list[ElementNode]]]:
    """Yield (element, itself) of boxes outside <pre> that a name or a font says are code and read so."""
    boxes = [box for box in select(document, _FONTS if by_font else _BOXES) if _says_code(box)]
    for box in reversed(boxes[:_MAX_BOXES]):  # the innermost first
        if box.parent is None:
            continue
        text = box.text or ""
        if len(text) > _MAX_BOX_CHARS or len(text.split()) < 3:
            continue
        if box.query_selector(_NO_CODE) is not None or box.closest("pre") is not None:
            continue
        lines = code_text(box, flows=True).strip("\n").split("\n")
        marked = box.query_selector("span[class],span[style]") is not None
        if len(lines) > 1 and is_like_code(lines, _NAMED_SHARE if marked else _LIKE_SHARE):
            yield box, [box]


def _says_code(box: ElementNode) -> bool:
    if (box.tag or "") not in _BOX_TAGS:
        return False
    name = box.class_name or ""
    if _BOX_NAME.search(name) or (box.tag == "ol" and names_language(name)):
        return True
    return bool(_MONOSPACE.search(box.getattr("style") or ""))


def is_like_code(lines: Sequence[str], share: float) -> bool:
    """Return whether a share of the lines reads like a program and hardly any like a sentence."""
    filled = [line for line in lines if any(map(str.isalpha, line))]
    like = sum(bool(_CODE_LINE.search(line)) and not _PROSE_LINE.search(line) for line in filled)
    prose = sum(bool(_PROSE_LINE.search(line)) for line in filled)
    return bool(filled) and like >= share * len(filled) and prose <= 0.2 * len(filled)
