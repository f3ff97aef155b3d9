"""Wikitext to Markdown: templates and furniture gone, formulas, code, tables and links kept.

Formulas and verbatim code are taken out by pattern before the parse (they hold braces
and brackets that are no wikitext), the rest walks the tree of what mwparserfromhell's tokeniser found.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.formulas import clean_tex, tex_of_mathml
from corpusforge.extract.web.slots import Slots
from corpusforge.extract.wiki.expand import Expander
from corpusforge.extract.wiki.lines import lines_set
from corpusforge.extract.wiki.nodes import Walker, lists_laid_out
from corpusforge.extract.wiki.quotes import APOSTROPHE, without_quote_marks
from corpusforge.extract.wiki.tags import closed_tags
from corpusforge.extract.wiki.template_names import rules, template_name
from corpusforge.extract.wiki.templates import GONE
from corpusforge.extract.wiki.tree import parse
from corpusforge.extract.wiki.unclosed import BREAK, LESS, without_unclosed
from corpusforge.extract.wiki.variants import converted
from corpusforge.text import clean_text

_REDIRECT = re.compile(r"\s*#[^\s\[:]{2,30}\s*:?\s*\[\[([^\]\n|]*)")
_TEMPLATE = re.compile(r"\{\{\s{0,99}([^{}|\n<>]{2,60}?)\s{0,99}(?:\||\}\})")
_NAME = re.compile(r"\{\{([^{}|<>]{2,260}+)")
"""At least what `_TEMPLATE` finds, its blanks among it; several times as fast."""
_NAMED_UNKNOWN = 8
_DISAMBIGUATION_WORD = "__DISAMBIG__"
_TITLE_SUFFIX = re.compile(r"\(([^()]{2,40})\)$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_REF = re.compile(r"<(?P<tag>ref|references)\b[^<>]*?(?P<empty>/)?>", re.IGNORECASE)
_MATH = re.compile(r"<(?P<tag>math|ce|chem)\b(?P<attributes>[^<>]*)>", re.IGNORECASE)
_LEAD = re.compile(r"[:*#;]{0,20}[ \t]{0,20}")
"""What may stand before a formula on a line of its own."""
_HAS_MATH = re.compile(r"<(?:math|ce|chem)\b", re.IGNORECASE)
_MATH_TAIL = re.compile(r"[ \t]*[.,;]?[ \t]*$", re.MULTILINE)
_EXTENSION = re.compile(
    r"<(?P<tag>timeline|score|graph|hiero|imagemap|gallery|mapframe|maplink|templatedata|inputbox"
    r"|categorytree|templatestyles)\b(?P<attributes>[^<>]*)>",
    re.IGNORECASE,
)
"""Tags of extensions whose content is no wikitext."""
_CODE = re.compile(r"<(?P<tag>syntaxhighlight|source|pre|nowiki)\b(?P<attributes>[^<>]*)>", re.IGNORECASE)
_UNCLOSED = re.compile(
    r"</?(?:ref|references|math|ce|chem|syntaxhighlight|source|pre|nowiki|timeline|gallery)\b[^<>]*>",
    re.IGNORECASE,
)
_LIST_LINE = re.compile(r"\n[ \t]*+(?:- |\d{1,4}\. |\| ).*+")
_LANGUAGE = re.compile(r"""lang(?:uage)?\s*=\s*["']?([A-Za-z0-9+#_-]{1,20})""", re.IGNORECASE)
_MAGIC = re.compile(r"__[^\W\d_a-z]{3,24}(?:_[^\W\d_a-z]{2,24}){0,3}__")
_MARKS = "\x01\x02\x03\x04\x05\x06\x07"
_NO_MARKS = str.maketrans("", "", _MARKS)
_LEFT_OUT = re.compile(r"\x02[\x02 \t]*+")
"""Marks of what was left out, and the blanks among and behind them: each run is looked at once."""
_LINE_LEFT_OUT = re.compile(r"\n[ \t]*+\x02[\x02 \t]*+")
_BLANK_BEFORE = re.compile(r"(?<![ \t])[ \t]+\x02")
_STOPS = frozenset(".,;:!?)]»”")
# Those below begin with what they must hold, so that `re` skips what is none of it.
_EMPTY_ITEM = re.compile(r"\n[ \t]*+(?:[-*]|\d{1,3}\.|[.,;])[ \t.,;:]*+(?=\n|\Z)")
_BLANKS_ALONE = re.compile(r"  (?<=[^\s|]  ) *+(?=[^\s|])")
_BLANK_RUN = re.compile(r"[ \t](?<=[^\s|][ \t])[ \t]++(?=[^\s|])")
_BLANKS = re.compile(r"\n(?:[ \t]*+\n)+")
_FEW_BLANKS = 2
_BLANKS_BEFORE = re.compile(r"(?<![ \t])[ \t]++\n\n")
_HEADING = re.compile(r"(#{1,6}) ")
_EMPTY_INNER = r"(?:[\s,;:/、，；：–—-]|&nbsp;)*[)）]"
_HAS_EMPTY_PARENTHESES = re.compile(r"\(" + _EMPTY_INNER), re.compile("（" + _EMPTY_INNER)
"""Each begins with one character, which is found at once."""
_EMPTY_PARENTHESES = re.compile(r" ?[(（]" + _EMPTY_INNER)


def extract_wikitext(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a wiki page as Markdown; redirects and disambiguations are dropped.

    The signal `wiki_list_share` is the share of its characters in lists and tables: list
    articles are kept, a rule set may judge them by it.
    """
    raw = document.raw or b""
    if len(raw) > config.max_wikitext_bytes:
        return drop(
            document, DropReason.TOO_LARGE, f"wikitext of {len(raw)} bytes > {config.max_wikitext_bytes}"
        )
    source = raw.decode("utf-8", "replace")
    redirect = _REDIRECT.match(source)
    if redirect:
        return drop(document, DropReason.REDIRECT, f"redirect to {redirect[1].strip()[:100]}")
    if mark := _disambiguation_mark(source, document.title or ""):
        return drop(document, DropReason.DISAMBIGUATION, f"disambiguation page by {mark}")
    page = read_wikitext(source, document.title or "", document.language, document.templates)
    text = page.text
    if _has_fewer_chars(text, config.min_text_chars):
        return drop(document, DropReason.NO_TEXT, f"no prose in {len(raw)} bytes of wikitext")
    lists = sum([len(line) - 1 for line in _LIST_LINE.findall("\n" + text)])
    figures = {
        "wiki_list_share": round(lists / len(text), 3),
        "wiki_templates": float(page.n_templates),
        "wiki_templates_unknown": float(sum(page.unknown.values())),
    }
    return with_signals(
        document,
        figures,
        raw=None,
        templates={},
        text=text,
        title=page.title or document.title,
        notes=(*document.notes, *_unknown_note(page.unknown)),
    )


def _has_fewer_chars(text: str, n_chars: int) -> bool:
    """Return whether a text has fewer characters than these, blanks left out."""
    head = text[: 2 * n_chars]
    return len("".join(head.split())) < n_chars and len("".join(text.split())) < n_chars


def _unknown_note(unknown: Mapping[str, int]) -> tuple[str, ...]:
    """Return a note on the templates that left nothing because they were not understood."""
    if not unknown:
        return ()
    names = sorted(unknown, key=lambda name: (-unknown[name], name))[:_NAMED_UNKNOWN]
    return (f"{sum(unknown.values())} uses of templates not understood: {', '.join(names)}",)


def _disambiguation_mark(source: str, title: str) -> str:
    """Return what makes a page a disambiguation, "" for any other."""
    if _DISAMBIGUATION_WORD in source:
        return _DISAMBIGUATION_WORD
    known = rules()
    if (suffix := _TITLE_SUFFIX.search(title)) and suffix[1] in known.disambiguation_titles:
        return f"its title, {suffix[0]}"
    if not any([_may_be_disambiguation(name) for name in set(_NAME.findall(source))]):
        return ""
    for name in _TEMPLATE.findall(source):
        if template_name(name) in known.disambiguation:
            return f"the template {template_name(name)}"
    return ""


@lru_cache(maxsize=1 << 13)
def _may_be_disambiguation(name: str) -> bool:
    return template_name(name) in rules().disambiguation


@dataclass(frozen=True, slots=True)
class WikiText:
    """A page's Markdown, and what was met on the way."""

    text: str
    title: str | None
    """The title that the page sets for its readers, if it does."""
    n_templates: int
    unknown: Mapping[str, int]
    """Uses of templates that left nothing because they were not understood, by name."""


def wikitext_to_markdown(
    source: str, title: str = "", language: str | None = None, templates: Mapping[str, str] | None = None
) -> str:
    """Return the Markdown of wikitext; `title` stands where the page names itself.

    `templates`: wikitext of the wiki's own templates by name, as far as they are at hand.
    """
    return read_wikitext(source, title, language, templates).text


def read_wikitext(
    source: str, title: str = "", language: str | None = None, templates: Mapping[str, str] | None = None
) -> WikiText:
    """Return the Markdown of wikitext with the title it sets and the templates it could not read."""
    slots = Slots(source)
    expander = Expander(title, language, templates, lambda text: _protected(text, slots))
    if any([mark in source for mark in _MARKS]):
        source = source.translate(_NO_MARKS)
    source = expander.page(_protected(source, slots))
    source = _protected(source, slots)  # what templates made: `{{#tag:math|x}}`
    source = _UNCLOSED.sub("", source)
    source, own_title = converted(source, language)
    source = _MAGIC.sub(GONE, source)
    source = lines_set(without_unclosed(without_quote_marks(closed_tags(source))))
    text = lists_laid_out(Walker(slots).text(parse(source))).replace(BREAK, "").replace(LESS, "<")
    text = text.replace(APOSTROPHE, "'")
    text = _mended(text)
    if any([has_one.search(text) for has_one in _HAS_EMPTY_PARENTHESES]):
        text = _EMPTY_PARENTHESES.sub("", text)
    text = clean_text(slots.restore(without_empty_sections(_with_single_blank_lines(text))))
    return WikiText(text, own_title, expander.n_uses, expander.unknown)


def _protected(source: str, slots: Slots) -> str:
    """Return the source with code and formulas in slots, without comments, notes and drawn things."""
    if "<" not in source:
        return source
    source = _COMMENT.sub("", source)
    source = _replaced(source, _CODE, lambda opening, inner, after: (_code_slot(opening, inner, slots), 0, 0))
    source = _replaced(source, _REF, lambda opening, inner, after: (GONE, 0, 0))
    source = _replaced(source, _EXTENSION, lambda opening, inner, after: (GONE, 0, 0))
    if not _HAS_MATH.search(source):
        return source
    return _replaced(source, _MATH, lambda opening, inner, after: _math_slot(opening, inner, after, slots))


def _mended(text: str) -> str:
    """Return text without the marks of what was left out, nor the blanks and empty items it leaves."""
    if GONE in text:
        text = _without_left_out(text)
    text = _EMPTY_ITEM.sub("", "\n" + text)[1:]
    if "\t" in text:
        return _BLANK_RUN.sub(" ", text)
    return _BLANKS_ALONE.sub(" ", text) if "  " in text else text


def _without_left_out(text: str) -> str:
    """Return text without marks; of the blanks around them none that begin a line or stand before a stop."""
    text = _LINE_LEFT_OUT.sub("\n", text)
    out, at = list[str](), 0
    for found in _LEFT_OUT.finditer(text):
        start, end = found.span()
        while start > at and text[start - 1] in " \t":
            start -= 1
        out.append(text[at:start])
        at = end
        if start == 0 or text[start - 1] == "\n":
            continue
        run = text[start:end]
        if text[end : end + 1] in _STOPS and (first := _BLANK_BEFORE.search(run)):
            run = run[: first.start()]
        out.append(run.replace(GONE, ""))
    return "".join([*out, text[at:]])


def _with_single_blank_lines(text: str) -> str:
    """Return text with one empty line for each run of them, no blanks before it."""
    text = _BLANKS.sub("\n\n", text)
    for _ in range(_FEW_BLANKS):
        if " \n\n" not in text:
            break
        text = text.replace(" \n\n", "\n\n")
    if " \n\n" in text or "\t\n\n" in text:
        text = _BLANKS_BEFORE.sub("\n\n", text)
    return text


_Replace = Callable[[re.Match[str], str, str], tuple[str, int, int]]


def _replaced(source: str, opening: re.Pattern[str], replace_element: _Replace) -> str:
    """Return the source with elements replaced.

    `replace_element`: (opening, inner, what follows) -> (text, how much before and behind is left out).
    One pass, whatever the source: a tag that is closed nowhere is not looked for again.
    """
    out, position, unclosed = list[str](), 0, set[str]()
    for match in opening.finditer(source):
        tag = match["tag"].lower()
        if match.start() < position or tag in unclosed:
            continue
        end = stop = match.end()
        if source[end - 2] != "/":
            closing = _closing_tag(tag).search(source, end)
            if closing is None:
                unclosed.add(tag)
                continue
            end, stop = closing.start(), closing.end()
        text, n_before, n_behind = replace_element(match, source[match.end() : end], source[stop : stop + 50])
        out += [source[position : match.start() - n_before], text]
        position = stop + n_behind
    return "".join([*out, source[position:]])


@lru_cache(maxsize=64)
def _closing_tag(tag: str) -> re.Pattern[str]:
    return re.compile(rf"</{tag}\s*>", re.IGNORECASE)


def _math_slot(opening: re.Match[str], inner: str, after: str, slots: Slots) -> tuple[str, int, int]:
    inner = html.unescape(inner)
    if inner.lstrip().startswith("<"):  # a converted wiki: MathML where TeX stood
        inner = tex_of_mathml(f"<math {opening['attributes']}>{inner}</math>")
    tex = clean_tex(inner)
    if not tex:
        return "", 0, 0
    tex = f"\\ce{{{tex}}}" if opening["tag"].lower() != "math" else tex
    source, start = opening.string, opening.start()
    lead = source[source.rfind("\n", 0, start) + 1 : start]
    tail = _MATH_TAIL.match(after)
    if tail is not None and set(lead.strip()) <= {":"} and _LEAD.fullmatch(lead):
        return f"\n\n{slots.formula(tex, True, tail[0].strip())}\n\n", len(lead), tail.end()
    return slots.formula(tex, "block" in opening["attributes"]), 0, 0


def _code_slot(opening: re.Match[str], inner: str, slots: Slots) -> str:
    tag, code, attributes = opening["tag"].lower(), html.unescape(inner), opening["attributes"]
    if tag == "nowiki":
        return slots.verbatim(code)
    if "\n" not in code.strip("\n") and (
        (tag == "pre" and "\n" not in code) or "inline" in attributes or "enclose" in attributes
    ):
        return slots.code_span(" ".join(code.split())) if code.strip() else ""
    language = _LANGUAGE.search(attributes)
    word = slots.code_block(code.strip("\n"), language[1].lower() if language and tag != "pre" else "")
    return f"\n\n{word}\n\n"


def without_empty_sections(text: str) -> str:
    """Return text without headings that nothing stands under (references, navigation)."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    kept: list[str] = []
    level = 0  # of the heading after the present block, 7: text follows
    for block in reversed(blocks):
        match = _HEADING.match(block)
        if match is None:
            kept.append(block)
            level = 7
            continue
        if level > len(match[1]):
            kept.append(block)
            level = len(match[1])
        # Else the next kept thing is a heading of the same or a higher level, or the end.
    return "\n\n".join(reversed(kept))
