"""Code outside <pre> told by what it holds: lines beside numbers, boxes whose text reads like code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resiliparse.parse.html import DocumentNode, ElementNode

from corpusforge.extract.web.codelanguage import names_language
from corpusforge.extract.web.codelike import MARKED, NAMED, SURE, is_like_code
from corpusforge.extract.web.codenumbers import count_up
from corpusforge.extract.web.codetext import code_text, line_head
from corpusforge.extract.web.dom import holds, select

_NUMBER = re.compile(r"\s*\d{1,6}[:.]?\s*")
_NO_CODE = "h1,h2,h3,h4,form,article,img,iframe,pre,table"
_BOXES = (
    "[class*=code],[class*=Code],[class*=snippet],[class*=listing],[class*=syntax],[class*=verbatim],ol[class]"
    ",[class*=font-mono],[class*=whitespace-pre]"
)
FONTS = "[style*=onospace],[style*=onsolas],[style*=ourier],[style*=white-space],font[face*=ourier]"
_LANGUAGES = "div[data-lang],div[data-language],code[data-lang],code[data-language]"
_BOX_TAGS = frozenset(
    "div ol ul section p code span td article figure font tt kbd samp blockquote dd".split()
)
_TYPED = ("tt", "kbd", "samp")
_BOX_NAME = re.compile(
    r"(?:^|[\s_-])(?:code|codes?[-_]?(?:block|box|view|content|area|body|wrapper|container)?|source|verbatim|listing|geshi"
    r"|syntax\w*|highlight\w*|snippet|linenums|dp-\w+|hl-main|font-mono|whitespace-pre)(?:$|[\s_-])|blockcode|codeblock|sourcecode|codebox|[a-z_]Code|CodeBlock"
    r"|(?<!\w)(?!(?:[a-z]*_)?(?:bar|qr|zip|post|promo|coupon|discount|voucher|area|country|de|en|un)code)\w*code(?:[^a-z\d]|$|[cfhv])",
)
MONOSPACE = re.compile(r"monospace|consolas|courier|menlo|monaco|white-space\s*:\s*pre(?!-line)", re.I)
_ANCHORS = "a[href^='#'],a[id],a[name],span[id]"
_LINE_TAGS = frozenset("p div li span".split())
_INDENT = re.compile("\u00a0 ?\u00a0")
_MAX_LEVELS = 4
_MAX_BOXES = 60  # looked at on a page
_MAX_BOX_CHARS = 200_000
_COLOURED = "span[class],span[style],font[color],b,em"
_LINES_A_COLOUR = 4
_KEPT = re.compile(r"white-space\s*:\s*pre(?!-line)")
_SELECTORS = {"named boxes": _BOXES, "fonts": FONTS, "languages": _LANGUAGES, "<tt": "tt,kbd,samp"}


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
        if len(numbers) == len(lines) > 1 and count_up(numbers) and is_like_code(codes, SURE):
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


def boxes_of_code(
    document: DocumentNode, hint: str, rules: str
) -> Iterator[tuple[ElementNode, list[ElementNode]]]:
    """Yield (element, itself) of boxes outside <pre> that a name or a font says are code and read so.

    `rules` is the selector of elements that the page's style sheet sets as code.
    """
    if hint == "kept blanks":
        found = _around_breaks(document)
    else:
        found = select(document, rules if hint == "rules" else _SELECTORS[hint])
    boxes = [box for box in found if _says_code(box, hint)]
    for box in reversed(boxes[:_MAX_BOXES]):  # the innermost first
        if box.parent is None:
            continue
        text = box.text or ""
        if len(text) > _MAX_BOX_CHARS or len(text.split()) < 3:
            continue
        if "\n" not in text.strip("\n") and box.first_element_child is None:
            continue  # one line
        if (
            box.query_selector(_NO_CODE) is not None
            or box.closest("pre,[hidden],[style*='display:none']") is not None
        ):
            continue
        lines = code_text(box, flows=not _keeps_lines(box)).strip("\n").split("\n")
        if len(lines) > 1 and is_like_code(lines, _share_for(box, lines, hint)) and not _is_menu(box):
            yield box, [box]


def _is_menu(box: ElementNode) -> bool:
    """Return whether all text of a box is in links to pages: buttons and menus, whatever their names."""
    if not holds(box, "a"):
        return False
    links = select(box, "a[href]:not([id]):not([name])")
    n_chars = sum(len("".join((link.text or "").split())) for link in links)
    return n_chars > 0 and n_chars == len("".join((box.text or "").split()))


def says_box(name: str) -> bool:
    """Return whether a class name is that of a box of code."""
    return bool(_BOX_NAME.search(name))


def _around_breaks(document: DocumentNode) -> list[ElementNode]:
    """Return elements that hold breaks, each once, and blanks that do not break."""
    out: list[ElementNode] = []
    seen = set[ElementNode]()
    for line_break in select(document, "br"):
        around = line_break.parent_element
        if around is not None and around not in seen:
            seen.add(around)
            if _INDENT.search(around.text or ""):
                out.append(around)
    return out


def _share_for(box: ElementNode, lines: Sequence[str], hint: str) -> float:
    """Return the share of lines that must read like code, by how much else says that a box is code."""
    style = box.getattr("style") or box.getattr("face") or ""
    coloured = len(select(box, _COLOURED)) >= len(lines) / _LINES_A_COLOUR
    signs = sum((
        bool(_BOX_NAME.search(box.class_name or "")), coloured,
        box.tag in _TYPED or hint == "rules" or bool(MONOSPACE.search(style)),
        any(line.startswith(("  ", "\u00a0\u00a0", "\u00a0 ", "\t")) for line in lines),
    ))  # fmt: skip
    return SURE if signs > 2 else MARKED if coloured or signs > 1 else NAMED


def _keeps_lines(box: ElementNode) -> bool:
    return bool(_KEPT.search(box.getattr("style") or ""))


def _says_code(box: ElementNode, hint: str) -> bool:
    if (box.tag or "") not in _BOX_TAGS and "-" not in (box.tag or ""):
        return False
    if hint in ("<tt", "rules"):
        return True
    if hint == "kept blanks":
        return box.tag == "code" or box.closest("code") is None
    if hint == "languages":
        return names_language(box.getattr("data-lang") or box.getattr("data-language") or "")
    name = box.class_name or ""
    if _BOX_NAME.search(name) or (box.tag == "ol" and names_language(name)):
        return True
    return bool(MONOSPACE.search(box.getattr("style") or box.getattr("face") or ""))
