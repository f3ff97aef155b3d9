r"""Test items as they leak: verbatim, or written otherwise, in the middle of a clean document.

$\frac{1}{2}-x$  ->  $\dfrac{1}{2}-x$   \(\frac{1}{2}-x\)   $\frac { 1 } { 2 } - x$   $½−x$   …
"""

from __future__ import annotations

import html
import json
import re
import textwrap
import zlib
from collections.abc import Callable, Mapping

from corpusforge.text import words

MIN_PARTIAL_WORDS = 40
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$])\$(?!\$)([^$]+?)(?<!\\)\$")
_FORMULA = re.compile(r"\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
_SIGN = re.compile(r"(?<![\\A-Za-z])([-+=<>{}()^_])")
_CJK = re.compile(r"[぀-ヿ㐀-鿿]")
_UNICODE = {
    r"\leq": "≤", r"\geq": "≥", r"\le": "≤", r"\ge": "≥", r"\neq": "≠", r"\ne": "≠", r"\times": "×",
    r"\cdot": "·", r"\pi": "π", r"\alpha": "α", r"\beta": "β", r"\theta": "θ", r"\infty": "∞",
    r"\sqrt": "√", r"\circ": "°", r"\pm": "±", r"\cup": "∪", r"\cap": "∩", r"\in": "∈", r"\triangle": "△",
    r"\angle": "∠", r"\ldots": "…", r"\omega": "ω", r"\sum": "∑",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FULL_WIDTH = {ord("!") + i: 0xFF01 + i for i in range(94)}


def _fractions(text: str) -> str:
    return re.sub(r"\\[dtc]?frac(?![a-z])", lambda m: r"\frac" if m[0] != r"\frac" else r"\dfrac", text)


def _bare_fractions(text: str) -> str:
    return re.sub(r"\\frac\{(\w)\}\{(\w)\}", r"\\frac \1\2", text)


def _delimiters(text: str) -> str:
    return _INLINE.sub(lambda m: f"\\({m[1]}\\)", _DISPLAY.sub(lambda m: f"\\[{m[1]}\\]", text))


def _spacing(text: str) -> str:
    """Return the text with spaces around the signs of its formulas, and thin ones after commas."""
    return _FORMULA.sub(lambda m: _SIGN.sub(r" \1 ", m[0]).replace(",", r",\,"), text)


def _tight(text: str) -> str:
    """Return the text without the spaces of its formulas that end no command and part no words."""
    return _FORMULA.sub(lambda m: re.sub(r"(?<![A-Za-z])[ ~]+|[ ~]+(?![A-Za-z])", "", m[0]), text)


def _left_right(text: str) -> str:
    sized = re.sub(r"\\(?:left|right)(?![a-z])", "", text)
    if sized != text:
        return sized
    return _FORMULA.sub(lambda m: _sized(m[0]), text)


def _sized(formula: str) -> str:
    opening, closing = formula.count("("), formula.count(")")
    if not opening or opening != closing or r"\(" in formula:
        return formula
    return formula.replace("(", r"\left(").replace(")", r"\right)")


def _text_macros(text: str) -> str:
    swapped = re.sub(r"\\(?:text|mathrm|mbox|textrm|operatorname)\{", r"\\textbf{", text)
    return (
        swapped
        if swapped != text
        else _FORMULA.sub(lambda m: re.sub(r"\b([A-Z])\b", r"\\mathrm{\1}", m[0]), text)
    )


def _to_unicode(text: str) -> str:
    text = re.sub(r"\\[A-Za-z]+", lambda m: _UNICODE.get(m[0], m[0]), text)
    return re.sub(r"\^\{?(\d)\}?(?!\w)", lambda m: m[1].translate(_SUPERSCRIPTS), text)


def _minus(text: str) -> str:
    return re.sub(r"(?<=[\d\s$({=])-(?=[\d\sA-Za-z\\(])", "−", text)


def _products(text: str) -> str:
    return re.sub(r"\\(?:times|cdot)(?![a-z])", lambda m: r"\cdot" if m[0] == r"\times" else r"\times", text)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in textwrap.wrap(text, 72, break_long_words=False) or [text])


def _in_json(text: str) -> str:
    return json.dumps({"question": text, "source": "list"})


def _half(text: str, last: bool) -> str:
    """Return the first or the last half of a text of `MIN_PARTIAL_WORDS` words or more; else the text."""
    if len(_CJK.findall(text)) > len(text) // 3:
        middle = len(text) // 2
        return text if len(text) < MIN_PARTIAL_WORDS else text[middle:] if last else text[:middle]
    if len(words(text)) < MIN_PARTIAL_WORDS:
        return text
    pieces = re.findall(r"\S+\s*", text)
    middle = len(pieces) // 2
    return "".join(pieces[middle:] if last else pieces[:middle])


VARIANTS: Mapping[str, Callable[[str], str]] = {
    "verbatim": lambda text: text,
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "reflowed": lambda text: "\n".join(textwrap.wrap(text, 40, break_long_words=False)),
    "one line": lambda text: " ".join(text.split()),
    "quoted": _quoted,
    "in a code fence": lambda text: f"```\n{text}\n```",
    "in JSON": _in_json,
    "HTML-escaped": lambda text: html.escape(text).replace("\n", "<br/>\n"),
    "full-width": lambda text: re.sub(r"[0-9?,:;()]", lambda m: m[0].translate(_FULL_WIDTH), text),
    r"\frac": _fractions,
    r"\frac12": _bare_fractions,
    r"\( \)": _delimiters,
    "formula spaces": _spacing,
    "formula tight": _tight,
    r"\left \right": _left_right,
    "text macros": _text_macros,
    "Unicode signs": _to_unicode,
    "Unicode minus": _minus,
    r"\cdot \times": _products,
    "first half": lambda text: _half(text, last=False),
    "last half": lambda text: _half(text, last=True),
}
"""How an item may be written, by name; a variant that leaves an item as it is says nothing of it."""


def _edited(text: str, every: int, change: Callable[[str], str]) -> str:
    """Return a text of whose longer words one in `every` is changed: the first by the hash of each."""
    pieces = re.split(r"(\s+)", text)
    places = [place for place, piece in enumerate(pieces) if len(piece) > 3 and piece.isalpha()]
    chosen = sorted(
        places, key=lambda place: zlib.crc32(f"{place} {pieces[place]}".encode("utf-8", "replace"))
    )
    for place in chosen[: -(-len(places) // every)]:
        pieces[place] = change(pieces[place])
    return "".join(pieces)


EDITS: Mapping[str, Callable[[str], str]] = {
    "verbatim": VARIANTS["verbatim"],
    "reflowed": VARIANTS["reflowed"],
    "one word in 30 misspelt": lambda text: _edited(text, 30, lambda word: word[:-2] + word[-1] + word[-2]),
    "one word in 30 left out": lambda text: _edited(text, 30, lambda _: ""),
    "one word in 10 misspelt": lambda text: _edited(text, 10, lambda word: word[:-2] + word[-1] + word[-2]),
}
"""Few ways, from none to lightly edited, for a short audit; words are other ones than the item's then."""


def inject(item: str, host: str, *, inline: bool) -> str:
    """Return a document with an item in its middle: in a line, or a paragraph of its own."""
    middle = len(host) // 2
    if inline:
        place = host.find(" ", middle)
        place = middle if place < 0 else place
        return f"{host[:place]} {item} {host[place:]}"
    place = host.find("\n", middle)
    place = len(host) if place < 0 else place
    return f"{host[:place]}\n\n{item}\n\n{host[place:]}"
