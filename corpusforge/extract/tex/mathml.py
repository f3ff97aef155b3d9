r"""MathML to TeX, by structure: a small converter over the page's own tree.

`<msup><mi>x</mi><mn>2</mn></msup>` becomes `x^{2}`. Elements it does not know give their
children; nothing is ever lost but presentation. Depth is bounded, so it cannot overflow.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from resiliparse.parse.html import ELEMENT, TEXT, ElementNode

from corpusforge import unicode
from corpusforge.extract.tex.mathml_symbols import (
    ACCENTS_OVER,
    ACCENTS_UNDER,
    BIG_OPERATORS,
    ENCLOSED,
    FUNCTIONS,
    SYMBOLS,
    VARIANTS,
    is_word,
    letter_style,
)

_MAX_DEPTH = 60  # deeper than any formula a person wrote; below it only the text is taken
_STROKE = "\u0338"
_SPACES = re.compile(r"\s+")
_COMMAND_END = re.compile(r"\\[A-Za-z]+$")
_ATOM = re.compile(r"[A-Za-z0-9]|\\[A-Za-z]+|\{[^{}]*\}")
_INNER_MATRIX = r"\\begin\{matrix\}((?:(?!\\(?:begin|end)\{).){0,4000})\\end\{matrix\}"
_FENCED_MATRICES = [
    (re.compile(opening + r" ?" + _INNER_MATRIX + r" ?" + closing), name)
    for opening, closing, name in (
        (r"(?:\\left ?)?\(", r"(?:\\right ?)?\)", "pmatrix"),
        (r"(?:\\left ?)?\[", r"(?:\\right ?)?\]", "bmatrix"),
        (r"(?:\\left ?)?\|", r"(?:\\right ?)?\|", "vmatrix"),
        (r"(?:\\left ?)?\\\|", r"(?:\\right ?)?\\\|", "Vmatrix"),
        (r"(?:\\left ?)?\\\{", r"(?:\\right ?\\\}|\\\})", "Bmatrix"),
        (r"\\left ?\\\{", r"\\right ?\.", "cases"),
        (r"(?<!\\left)(?<!\\left )\\\{", r"(?! ?\\right)", "cases"),
    )
]  # fmt: skip
_BINOMIAL_ARG = r"\{(?:[^{}]|\{[^{}]{0,80}\}){0,200}\}"
_BINOMIAL = re.compile(
    r"(?:\\left ?)?\( ?\\genfrac\{\}\{\}\{0pt\}\{\}("
    rf"{_BINOMIAL_ARG}{_BINOMIAL_ARG}) ?(?:\\right ?)?\)"
)
_STACKED = re.compile(r"\\begin\{matrix\}((?:(?!\\(?:begin|end)\{)[^&]){0,2000})\\end\{matrix\}")
_MODULO = re.compile(r"(?:\\q?quad ?|\\[, ])?\(\\bmod ?(?:\\[, ])?([^()]{1,60})\)")
_DELIMITERS = {
    "": ".", "(": "(", ")": ")", "[": "[", "]": "]", "{": r"\{", "}": r"\}", "|": "|", "∣": "|", "/": "/",
    "\\": r"\backslash", "‖": r"\|", "∥": r"\|", "||": r"\|", "⟨": r"\langle", "⟩": r"\rangle",
    "〈": r"\langle", "〉": r"\rangle", "<": r"\langle", ">": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "⟦": r"\llbracket", "⟧": r"\rrbracket", "⌜": r"\ulcorner",
    "⌝": r"\urcorner", "⌞": r"\llcorner", "⌟": r"\lrcorner", "↑": r"\uparrow", "↓": r"\downarrow",
    "↕": r"\updownarrow",
}  # fmt: skip
"""What may follow `\\left` and `\\right`."""
_BARS = {"∥": r"\|", "∣": "|"}
"""Signs that are relations but where an attribute says that they are fences."""
_TEXT_ESCAPES = {
    "\\": r"\textbackslash ", "^": r"\textasciicircum ", "~": r"\textasciitilde ",
    **{c: "\\" + c for c in "$%#&_{}"},
}  # fmt: skip
_TEXT_MARKS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c"
_NO_TEXT = re.compile("([≠∉" + "".join(c for c in sorted(BIG_OPERATORS) if len(c) == 1) + "])")
_DOTLESS = {0x1D6A4: "ı", 0x1D6A5: "ȷ"}
_LONE_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\$")


def to_tex(math: ElementNode) -> str:
    """Return the TeX of a `<math>` element (or any MathML element), without delimiters."""
    tex = _SPACES.sub(" ", _convert(math, 0)).strip()
    tex = _BINOMIAL.sub(r"\\binom\1", tex)
    if r"(\bmod" in tex:
        tex = _MODULO.sub(r"\\pmod{\1}", tex)
    for pattern, name in _FENCED_MATRICES:
        tex = pattern.sub(rf"\\begin{{{name}}}\1\\end{{{name}}}", tex)
    return tex[:-1].rstrip() if _LONE_BACKSLASH.search(tex) else tex  # a blank that lost its blank


def _children(node: ElementNode) -> list[ElementNode]:
    found: list[ElementNode] = []
    child = node.first_element_child
    while child is not None:
        found.append(child)
        child = child.next_element_sibling
    return found


def _join(parts: list[str]) -> str:
    """Return parts run together, with a space only where a command would swallow a letter."""
    out = ""
    for part in parts:
        if not part:
            continue
        space = " " if part[0].isalpha() and _COMMAND_END.search(out[-30:]) else ""
        out += space + part
    return out


def _tag(node: ElementNode) -> str:
    return (node.tag or "").lower().rpartition(":")[2]


def _convert(node: ElementNode, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return _leaf_text(node.text or "")
    handler = _HANDLERS.get(_tag(node))
    if handler is not None:
        return handler(node, depth)
    return _row(node, depth)


def _row(node: ElementNode, depth: int) -> str:
    parts: list[str] = []
    child = node.first_child
    while child is not None:
        if child.type == ELEMENT and isinstance(child, ElementNode):
            parts.append(_convert(child, depth + 1))
        elif child.type == TEXT:
            parts.append(_leaf_text(child.value or ""))
        child = child.next_sibling
    return _join(parts)


def _leaf_text(text: str) -> str:
    """Return characters as TeX: symbols by command, styled letters by style, marks as accents."""
    styled: list[tuple[str, str]] = []
    for character in unicode.normalize("NFC", text.strip()):
        if character not in SYMBOLS and unicode.category(character) in ("Mn", "Me"):
            if styled:
                styled[-1] = ("", _with_mark(*styled[-1], character))
            continue
        styled.append(("", SYMBOLS[character]) if character in SYMBOLS else _styled(character))
    parts: list[str] = []
    for command, run in itertools.groupby(styled, key=lambda pair: pair[0]):
        tex = _join([character for _, character in run])
        parts.append(f"{command}{{{tex}}}" if command else tex)
    return _join(parts)


def _styled(character: str) -> tuple[str, str]:
    """Return (style, TeX) of a character; a sign that is struck through is its sign behind a stroke."""
    whole = unicode.normalize("NFD", character)
    if len(whole) == 2 and whole[1] == _STROKE:
        return "", r"\not" + (SYMBOLS.get(whole[0], whole[0]) if not whole[0].isalpha() else " " + whole[0])
    style, letter = letter_style(character)
    return style, SYMBOLS.get(letter, letter)


def _with_mark(style: str, tex: str, mark: str) -> str:
    """Return TeX under or over a combining mark; one that TeX has no accent for goes."""
    tex = f"{style}{{{tex}}}" if style else tex
    if mark == _STROKE:
        return rf"\not{tex}" if tex.startswith("\\") else rf"\not {tex}"
    accent = ACCENTS_OVER.get(mark) or ACCENTS_UNDER.get(mark)
    return f"{accent}{{{tex}}}" if accent else tex


def _identifier(node: ElementNode, depth: int) -> str:
    raw = _SPACES.sub(" ", node.text or "").strip("\u2061 ")
    if raw in FUNCTIONS:
        return f"\\{raw}"
    if raw == "mod":
        return r"\bmod"
    if raw in ("lim sup", "lim inf", "lim\u2009sup", "lim\u2009inf"):
        return f"\\lim{raw[-3:]}"
    if len(raw) > 1 and raw.isalpha() and not raw.isascii() and is_word(raw):
        return rf"\text{{{_escaped(raw)}}}"
    text = _leaf_text(raw)
    variant = VARIANTS.get(node.getattr("mathvariant") or "", "")
    if len(raw) > 1 and raw.isalpha() and raw.isascii():
        # Only a plain word is an operator name; `normal` and no variant look alike on the page.
        return f"{variant or chr(92) + 'operatorname'}{{{text}}}"
    if variant and raw and (variant != r"\mathrm" or (raw.isascii() and raw.isalpha())):
        return f"{variant}{{{text}}}"
    return text


def _number(node: ElementNode, depth: int) -> str:
    text = _leaf_text(node.text or "")
    variant = VARIANTS.get(node.getattr("mathvariant") or "", "")
    return f"{variant}{{{text}}}" if variant and variant != r"\mathrm" else text


def _operator(node: ElementNode, depth: int) -> str:
    raw = _SPACES.sub(" ", node.text or "").strip("\u2061 ")
    if raw in FUNCTIONS:
        return f"\\{raw}"
    if raw == "mod":
        return r"\bmod"
    if raw in _BARS and (node.getattr("fence") == "true" or node.getattr("stretchy") == "false"):
        return _BARS[raw]
    if len(raw) > 1 and raw.isascii() and raw.isalpha():
        return f"\\operatorname{{{raw}}}"
    return _leaf_text(raw)


def _text(node: ElementNode, depth: int) -> str:
    text = _SPACES.sub(" ", (node.text or "").replace("\u00a0", " "))
    if not text.strip():
        return r"\ " if text else ""
    pieces = _NO_TEXT.split(text)  # signs between them that no text can hold
    return _join(
        [
            SYMBOLS[piece] if n % 2 else rf"\text{{{_escaped(piece)}}}"
            for n, piece in enumerate(pieces)
            if piece
        ]
    )


def _escaped(text: str) -> str:
    """Return text as it stands in a box of text; marks that no letter carries there go."""
    text = unicode.normalize("NFC", text.translate(_DOTLESS))
    kept = (c for c in text if unicode.category(c) not in ("Mn", "Me") or c in _TEXT_MARKS)
    return "".join(_TEXT_ESCAPES.get(character, character) for character in kept).lstrip(_TEXT_MARKS)


def _space(node: ElementNode, depth: int) -> str:
    width = (node.getattr("width") or "").strip()
    if (node.getattr("linebreak") or "") == "newline":
        return r"\\ "
    match = re.fullmatch(r"([\d.]{1,8})em", width)
    ems = float(match[1]) if match and match[1].count(".") < 2 and match[1] != "." else 0.0
    blanks = ((2, r"\qquad "), (1, r"\quad "), (0.25, r"\ "))
    return next((blank for least, blank in blanks if ems >= least), r"\," if ems > 0 else "")


def _atom(tex: str) -> str:
    """Return a base that a script can be put on."""
    return tex if _ATOM.fullmatch(tex) else "{" + tex + "}" if tex else "{}"


def _base(tex: str) -> str:
    # A script after a row belongs to its last atom only where that reads the same.
    return tex if re.fullmatch(r"\\?[^\s{}\\^_]|\\[A-Za-z]+|\\[a-z]+\{[^{}]*\}|\)|\]", tex) else _atom(tex)


def _args(node: ElementNode, depth: int, count: int) -> list[str]:
    values = [_convert(child, depth + 1) for child in _children(node)[:count]]
    return values + [""] * (count - len(values))


def _scripts(node: ElementNode, depth: int) -> str:
    tag = _tag(node)
    base, first, second = _args(node, depth, 3)
    if tag == "msub":
        return f"{_base(base)}_{{{first}}}"
    if tag == "msup":
        return _superscript(_base(base), first)
    return _superscript(f"{_base(base)}_{{{first}}}", second)


def _superscript(base: str, script: str) -> str:
    return base + script if script and set(script) == {"'"} else f"{base}^{{{script}}}"


def _under_over(node: ElementNode, depth: int) -> str:
    tag = _tag(node)
    children = _children(node)
    if not children:
        return ""
    raw_base = (children[0].text or "").strip("\u2061 \n")
    base = _convert(children[0], depth + 1)
    under = children[1] if tag != "mover" and len(children) > 1 else None
    over = children[-1] if tag != "munder" and len(children) > (2 if tag == "munderover" else 1) else None
    if over is not None and (accent := ACCENTS_OVER.get((over.text or "").strip())):
        base, over = f"{accent}{{{base}}}", None
    if under is not None and (accent := ACCENTS_UNDER.get((under.text or "").strip())):
        base, under = f"{accent}{{{base}}}", None
    low = _stacked(under, depth)
    high = _stacked(over, depth)
    if raw_base in BIG_OPERATORS or base.startswith((r"\underbrace", r"\overbrace", r"\int", r"\oint")):
        return base + (f"_{{{low}}}" if low else "") + (f"^{{{high}}}" if high else "")
    base = f"\\overset{{{high}}}{{{base}}}" if high else base
    return f"\\underset{{{low}}}{{{base}}}" if low else base


def _stacked(node: ElementNode | None, depth: int) -> str:
    r"""Return the TeX of what stands under or over a base: lines of it as `\substack`."""
    tex = _convert(node, depth + 1) if node is not None else ""
    lines = _STACKED.fullmatch(tex)
    return f"\\substack{{{lines[1].strip()}}}" if lines else tex


def _prescripts(node: ElementNode, depth: int) -> str:
    children = _children(node)
    if not children:
        return ""
    base, after, before, target = _convert(children[0], depth + 1), "", "", False
    index = 1
    while index < len(children):
        if _tag(children[index]) == "mprescripts":
            target, index = True, index + 1
            continue
        pair = [_convert(child, depth + 1) for child in children[index : index + 2]] + [""]
        scripts = (f"_{{{pair[0]}}}" if pair[0] else "") + (f"^{{{pair[1]}}}" if pair[1] else "")
        if target:
            before += "{}" + scripts if before and scripts else scripts
        else:  # an empty group between, for a base takes one script of a kind
            after += "{}" + scripts if after and scripts else scripts
        index += 2
    return (f"{{}}{before}" if before else "") + _base(base) + after


def _fraction(node: ElementNode, depth: int) -> str:
    top, bottom = _args(node, depth, 2)
    if (node.getattr("linethickness") or "1").strip() in ("0", "0pt", "0px", "0em", "0.0pt"):
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{top}}}{{{bottom}}}"
    return f"\\frac{{{top}}}{{{bottom}}}"


def _style(node: ElementNode, depth: int) -> str:
    """Return what a style holds; a fraction alone is as large as it says."""
    tex, shown = _row(node, depth), node.getattr("displaystyle")
    only = node.first_element_child
    if only is None or only.next_element_sibling is not None or not tex.startswith("\\frac{"):
        return tex
    return {"true": "\\d", "false": "\\t"}.get(shown or "", "\\") + tex[1:]


def _action(node: ElementNode, depth: int) -> str:
    """Return the child that is shown."""
    children, chosen = _children(node), node.getattr("selection") or "1"
    place = int(chosen) if chosen.isdecimal() and len(chosen) < 4 else 1
    return _convert(children[max(0, min(place, len(children)) - 1)], depth + 1) if children else ""


def _root(node: ElementNode, depth: int) -> str:
    if _tag(node) == "msqrt":
        return f"\\sqrt{{{_row(node, depth)}}}"
    base, index = _args(node, depth, 2)
    return f"\\sqrt[{index}]{{{base}}}"


def _fenced(node: ElementNode, depth: int) -> str:
    opening, closing = ((node.getattr(name, c) or "").strip() for name, c in (("open", "("), ("close", ")")))
    separators = (node.getattr("separators", ",") or "").replace(" ", "") or ""
    parts: list[str] = []
    for index, child in enumerate(_children(node)):
        if index and separators:
            parts.append(separators[min(index - 1, len(separators) - 1)])
        parts.append(_convert(child, depth + 1))
    if opening in _DELIMITERS and closing in _DELIMITERS:
        return _join([f"\\left{_DELIMITERS[opening]}", " ", *parts, f"\\right{_DELIMITERS[closing]}"])
    return _join([_leaf_text(opening), *parts, _leaf_text(closing)])


def _table(node: ElementNode, depth: int) -> str:
    rows: list[str] = []
    for row in _children(node):
        labelled = int(_tag(row) == "mlabeledtr")  # its first cell is the number of the equation
        cells = [_row(cell, depth + 2) for cell in _children(row)[labelled:] if _tag(cell) == "mtd"]
        rows.append(" & ".join(cells))
    aligned = (node.getattr("columnalign") or "").startswith("right left")
    name = "aligned" if aligned else "matrix"
    return f"\\begin{{{name}}} " + r" \\ ".join(rows) + f" \\end{{{name}}}"


def _semantics(node: ElementNode, depth: int) -> str:
    children = _children(node)
    return _convert(children[0], depth + 1) if children else ""


def _enclosed(node: ElementNode, depth: int) -> str:
    inner, notation = _row(node, depth), node.getattr("notation") or ""
    if "box" in notation:
        return f"\\boxed{{{inner}}}"
    if "strike" in notation:
        return f"\\cancel{{{inner}}}"
    for said, command in ENCLOSED.items():
        if said in notation:
            return f"{command}{{{inner}}}"
    return inner


def _nothing(node: ElementNode, depth: int) -> str:
    return ""


def _phantom(node: ElementNode, depth: int) -> str:
    return f"\\phantom{{{_row(node, depth)}}}"


_HANDLERS: dict[str, Callable[[ElementNode, int], str]] = {
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text, "ms": _text, "mspace": _space,
    "msub": _scripts, "msup": _scripts, "msubsup": _scripts, "munder": _under_over, "mover": _under_over,
    "munderover": _under_over, "mmultiscripts": _prescripts, "mfrac": _fraction, "msqrt": _root,
    "mroot": _root, "mfenced": _fenced, "mtable": _table, "semantics": _semantics, "menclose": _enclosed,
    "annotation": _nothing, "annotation-xml": _nothing, "none": _nothing, "mprescripts": _nothing,
    "maligngroup": _nothing, "malignmark": _nothing, "mphantom": _phantom,
    "mstyle": _style, "maction": _action,
}  # fmt: skip
