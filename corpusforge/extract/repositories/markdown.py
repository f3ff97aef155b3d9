"""Markdown files as a reader sees them: no front matter, badges, comments or tags; code and formulas whole.

Code goes into slots before anything is changed, as on web pages; links leave their words,
images nothing. Tables, lists, headings and emphasis are Markdown already and stay.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.embedded import without_files
from corpusforge.extract.tex.raw_math import raw_delimiters
from corpusforge.extract.tex.scripts import scripts_in_markup
from corpusforge.extract.web.html import page_text
from corpusforge.extract.web.slots import Slots

_FRONT_MATTER = re.compile(
    r"\A\ufeff?(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FRONT_KEY = re.compile(r"^[A-Za-z_][\w -]{0,40}[:=]", re.M)
_TITLE = re.compile(r"""^title[ \t]*[:=][ \t]*["']?(.{1,300}?)["']?[ \t]*$""", re.M | re.I)
_FENCE = re.compile(
    r"^(?P<indent>[ \t>]{0,20}(?:[-*+] |\d{1,3}[.)] )?[ \t]{0,20})(?P<marks>`{3,}+|~{3,}+)(?P<info>[^`\n]*)$",
    re.M,
)
_SPAN = re.compile(r"(?<![`\\])(`{1,3})(?!`)((?:[^`\n]|\n(?!\s*\n)){1,2000}?)(?<!`)\1(?!`)")
_GITHUB_MATH = re.compile(r"\$`([^`\n]{1,2000})`\$")
_LIQUID_CODE = re.compile(
    r"\{%-?\s{0,9}highlight\s+([\w+#-]{1,24})[^%}\n]{0,99}%\}\n?"
    r"(.{0,20000}?)\{%-?\s{0,9}endhighlight\s{0,9}-?%\}",
    re.DOTALL,
)
_LIQUID = re.compile(r"\{%-?[^%\n]{0,400}%\}|^\{:[^}\n]{0,200}\}[ \t]*$|\{:[.#][^}\n]{0,99}\}", re.M)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HTML_BLOCKS = (
    re.compile(r"<(pre)\b[^<>]{0,500}>", re.I),
    re.compile(r"<(table)\b[^<>]{0,500}>", re.I),
)
_HIDDEN = re.compile(r"<(script|style|svg|iframe|video|audio|picture)\b[^<>]{0,2000}>", re.I)
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\]\n^]{1,200})\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^)\n]*\)))?[ \t]*\n?", re.M
)
_TARGET = (
    r"\((?:<[^<>\n]{0,2000}>|[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?)"
    r"(?:\s{1,9}(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?\s{0,9}\)"
)
_IMAGE = re.compile(
    rf"!\[[^\[\]]{{0,500}}\](?:{_TARGET}|\[[^\[\]\n]{{0,200}}\])(?:\{{[^{{}}\n]{{0,200}}\}})?"
)
_LINK = re.compile(
    rf"(?<![!\\])\[((?:[^\[\]]|\[[^\[\]]{{0,200}}\]){{0,1000}})\](?:{_TARGET}|\[[^\[\]\n]{{0,200}}\])"
)
_SHORT_LINK = re.compile(r"(!?)\[([^\[\]\n]{1,200})\](?![\[(:])")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]{1,2000})>")
_ATTRIBUTES = r"(?:\s{0,9}/?|\s[^<>=]{0,200}=[^<>]{0,5000}|\s+(?:open|checked|disabled|hidden)\s{0,9}/?)>"
"""Of a tag, not of `a<b and c>d`."""
_BREAK = re.compile(
    r"</?(?:br|p|div|h[1-6]|center|details|summary|ul|ol|li|tr|section|figure|dl|dt|dd)" + _ATTRIBUTES,
    re.I,
)
_HEADING = re.compile(r"<h([1-6])\b[^<>]{0,500}>(.{0,1000}?)</h\1\s{0,9}>", re.I | re.DOTALL)
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|caption|cite|code|del|em|figcaption|font|i|img|input|ins|kbd|label|main|mark|nav"
    r"|article|aside|header|footer|picture|q|rp|rt|ruby|s|samp|small|source|span|strike|strong|tbody|td"
    r"|tfoot|th|thead|tt|u|var|video|wbr|iframe|object|embed|table|button|form|svg|path|g|hr)" + _ATTRIBUTES,
    re.I,
)
_IMAGE_LINE = re.compile(r"^.*(?:!\[|<img\b).*$", re.M | re.I)
_WORD = re.compile(r"\w")
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def markdown_text(source: str, config: ExtractConfig) -> tuple[str, str | None]:
    r"""Return (text, title of the front matter or None) of a Markdown file, `\n` its line ends."""
    source, title = _without_front_matter(source)
    source, _ = without_files(source)
    slots = Slots(source)
    text = _fences_taken(source, lambda block, opening, is_closed: _fence(block, opening, is_closed, slots))
    text = _LIQUID_CODE.sub(lambda found: _block(slots, found[2].strip("\n"), found[1].lower()), text)
    text = _GITHUB_MATH.sub(lambda found: slots.formula(found[1].strip(), False), text)
    text = _SPAN.sub(lambda found: slots.verbatim(found[0]), text)
    text = _COMMENT.sub("", text)
    text = _elements_replaced(text, _HIDDEN, lambda element: "")
    for opening in _HTML_BLOCKS:
        text = _elements_replaced(text, opening, lambda element: f"\n\n{_page(element, slots, config)}\n\n")
    text = _without_links(_LIQUID.sub("", text), slots)
    text = _without_tags(text)
    text = raw_delimiters(_BLANK_LINES.sub("\n\n", text))
    return slots.restore(text).strip("\n"), title


def scripts_in_markdown(source: str) -> str:
    """Return Markdown whose `<sup>` and `<sub>` elements are running text; code stays as it is."""
    lowered = source.lower()
    if "<sup" not in lowered and "<sub" not in lowered:
        return source
    slots = Slots(source)
    text = _fences_taken(source, lambda block, opening, is_closed: slots.verbatim(block))
    text = _SPAN.sub(lambda found: slots.verbatim(found[0]), text)
    return slots.restore(scripts_in_markup(text))


def _without_front_matter(source: str) -> tuple[str, str | None]:
    found = _FRONT_MATTER.match(source)
    # A notebook in Markdown says so there, which the code step reads.
    if found is None or not _FRONT_KEY.search(found[2]) or "jupyt" in found[2]:
        return source, None
    title = _TITLE.search(found[2])
    return source[found.end() :], title[1].strip() if title else None


def _fences_taken(source: str, taken: Callable[[str, re.Match[str], bool], str]) -> str:
    """Return the source with what `taken` makes of each fenced block, its opening, whether it is closed."""
    out, position = list[str](), 0
    while opening := _FENCE.search(source, position):
        marks = opening["marks"]
        closing = re.compile(rf"^[ \t>]{{0,40}}{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$", re.M).search(
            source, opening.end()
        )
        end = closing.end() if closing else len(source)
        out += [
            source[position : opening.start()],
            taken(source[opening.start() : end], opening, closing is not None),
        ]
        position = end
    return "".join([*out, source[position:]])


def _fence(block: str, opening: re.Match[str], is_closed: bool, slots: Slots) -> str:
    if opening["info"].strip().lower() == "math" and is_closed and not opening["indent"].strip():
        tex = "\n".join(line.strip() for line in block.split("\n")[1:-1])
        return f"\n\n{slots.formula(tex.strip(), True)}\n\n"
    return slots.verbatim(block)


def _elements_replaced(text: str, opening: re.Pattern[str], replacement: Callable[[str], str]) -> str:
    """Return text with elements replaced by what is made of them; one that is never closed stays."""
    out, position, unclosed = list[str](), 0, set[str]()
    for found in opening.finditer(text):
        tag = found[1].lower()
        if found.start() < position or tag in unclosed:
            continue
        closing = re.compile(rf"</{tag}\s{{0,9}}>", re.I).search(text, found.end())
        if closing is None:
            unclosed.add(tag)
            continue
        out += [text[position : found.start()], replacement(text[found.start() : closing.end()])]
        position = closing.end()
    return "".join([*out, text[position:]])


def _block(slots: Slots, code: str, language: str) -> str:
    return f"\n\n{slots.code_block(code, language)}\n\n"


def _page(source: str, slots: Slots, config: ExtractConfig) -> str:
    """Return the word for what a web page would make of a piece of HTML."""
    return slots.verbatim(page_text(slots.expand(source), config, main_content=False)[0])


def _without_links(text: str, slots: Slots) -> str:
    """Return text with the words of its links, no images and no list of addresses."""
    shown = _IMAGE_LINE.sub(_without_images, text)
    named = {slots.expand(name).lower() for name in _DEFINITION.findall(shown)}
    text = _LINK.sub(lambda found: found[1], _DEFINITION.sub("", shown))
    if named:
        text = _SHORT_LINK.sub(
            lambda found: found[2] * (not found[1]) if slots.expand(found[2]).lower() in named else found[0],
            text,
        )
    return _AUTOLINK.sub(r"\1", text)


def _without_images(line: re.Match[str]) -> str:
    """Return a line without its images, "" where nothing else stood in it: a row of badges."""
    shown = _IMAGE.sub("", line[0])
    said = _TAG.sub("", _BREAK.sub("", _LINK.sub(lambda found: found[1], shown)))
    return shown if _WORD.search(html.unescape(said)) else ""


def _without_tags(text: str) -> str:
    if "<" in text:
        text = _HEADING.sub(lambda found: f"\n\n{'#' * int(found[1])} {' '.join(found[2].split())}\n\n", text)
        text = _TAG.sub("", _BREAK.sub("\n", scripts_in_markup(text)))
    return _ENTITY.sub(lambda found: html.unescape(found[0]).replace("\u00a0", " "), text)
