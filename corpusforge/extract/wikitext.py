"""Wikitext to Markdown: templates and furniture gone, formulas, code, tables and links kept.

Formulas and verbatim code are taken out by pattern before the parse (they hold braces
and brackets that are no wikitext), the rest walks the tree of mwparserfromhell.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import mwparserfromhell  # pyright: ignore[reportMissingTypeStubs]

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.formulas import clean_tex
from corpusforge.extract.slots import Slots
from corpusforge.extract.wiki_nodes import Walker
from corpusforge.text import clean_text

# The package declares no types.
_parse = cast("Callable[..., Any]", mwparserfromhell.parse)  # pyright: ignore[reportUnknownMemberType]
_REDIRECT = re.compile(r"\s*#[^\s\[:]{2,30}\s*:?\s*\[\[([^\]\n|]*)")
_DISAMBIGUATION = re.compile(
    r"\{\{\s*(?:disambig\w*|dab|hndis|geodis|set index article|begriffsklärung|homonymie"
    r"|desambigua\w*|disambigua"
    r"|неоднозначность|неоднозначност|dp|doorverwijspagina|ujednoznacznienie|rozcestník|aimai|曖昧さ回避|消歧义|消歧義"
    r"|동음이의|anlam ayrımı|egyért\w*|flertydig|förgrening|täsmennyssivu|peko|багатозначність"
    r"|ابهام‌زدایی|توضيح"
    r"|разночтения|šķirt|nozīmju\w*)\s*(?:\||\}\})",
    re.IGNORECASE,
)
_DISAMBIGUATION_TITLE = re.compile(
    r"\((?:disambiguation|Begriffsklärung|homonymie|desambiguación|disambigua|значения)\)$"
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_REF = re.compile(r"<(?P<tag>ref|references)\b[^<>]*?(?P<empty>/)?>", re.IGNORECASE)
_MATH = re.compile(
    r"(?P<lead>^[:*#;]{0,20}[ \t]{0,20})?<(?P<tag>math|ce|chem)\b(?P<attributes>[^<>]*)>",
    re.IGNORECASE | re.MULTILINE,
)
_MATH_TAIL = re.compile(r"[ \t]*[.,;]?[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"<(?P<tag>syntaxhighlight|source|pre|nowiki)\b(?P<attributes>[^<>]*)>", re.IGNORECASE)
_UNCLOSED = re.compile(
    r"</?(?:ref|references|math|ce|chem|syntaxhighlight|source|pre|nowiki)\b[^<>]*>", re.IGNORECASE
)
_LANGUAGE = re.compile(r"""lang(?:uage)?\s*=\s*["']?([A-Za-z0-9+#_-]{1,20})""", re.IGNORECASE)
_MAGIC = re.compile(r"__[A-Z]{4,20}__")
_BULLET_SPACES = re.compile(r"^((?:- |1\. )+) *", re.M)
_BLANKS = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_HEADING = re.compile(r"(#{1,6}) ")
_EMPTY_PARENTHESES = re.compile(r" ?\((?:[\s,;:]|&nbsp;)*\)")


def extract_wikitext(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a wiki page as Markdown; redirects and disambiguations are dropped."""
    raw = document.raw or b""
    if len(raw) > config.max_wikitext_bytes:
        return drop(
            document, DropReason.TOO_LARGE, f"wikitext of {len(raw)} bytes > {config.max_wikitext_bytes}"
        )
    source = raw.decode("utf-8", "replace")
    redirect = _REDIRECT.match(source)
    if redirect:
        return drop(document, DropReason.REDIRECT, f"redirect to {redirect[1].strip()[:100]}")
    if _DISAMBIGUATION_TITLE.search(document.title or "") or _DISAMBIGUATION.search(source):
        return drop(document, DropReason.DISAMBIGUATION, "disambiguation page by its template or title")
    text = wikitext_to_markdown(source)
    if len("".join(text.split())) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no prose in {len(raw)} bytes of wikitext")
    return replace(document, raw=None, text=text)


def wikitext_to_markdown(source: str) -> str:
    """Return the Markdown of wikitext."""
    slots = Slots(source)
    source = _COMMENT.sub("", source)
    source = _replaced(source, _CODE, lambda opening, inner, after: (_code_slot(opening, inner, slots), 0))
    source = _replaced(source, _REF, lambda opening, inner, after: ("", 0))
    source = _replaced(source, _MATH, lambda opening, inner, after: _math_slot(opening, inner, after, slots))
    source = _UNCLOSED.sub("", source)
    source = _MAGIC.sub("", source)
    tree = _parse(source, skip_style_tags=True)
    text = Walker(slots).text(tree)
    text = _BULLET_SPACES.sub(r"\1", text)
    text = _EMPTY_PARENTHESES.sub("", text.replace("'''", "").replace("''", ""))
    return clean_text(slots.restore(_without_empty_sections(_BLANKS.sub("\n\n", text))))


_Replace = Callable[[re.Match[str], str, str], tuple[str, int]]


def _replaced(source: str, opening: re.Pattern[str], replace_element: _Replace) -> str:
    """Return the source with elements replaced: (opening, inner, what follows) -> (text, more to skip).

    One pass, whatever the source: a tag that is closed nowhere is not looked for again.
    """
    out, position, unclosed = list[str](), 0, set[str]()
    for match in opening.finditer(source):
        tag, groups = match["tag"].lower(), match.groupdict()
        if match.start() < position or tag in unclosed:
            continue
        end = stop = match.end()
        if not groups.get("empty") and not (groups.get("attributes") or "").endswith("/"):
            closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(source, match.end())
            if closing is None:
                unclosed.add(tag)
                continue
            end, stop = closing.start(), closing.end()
        text, skipped = replace_element(match, source[match.end() : end], source[stop : stop + 50])
        out += [source[position : match.start()], text]
        position = stop + skipped
    return "".join([*out, source[position:]])


def _math_slot(opening: re.Match[str], inner: str, after: str, slots: Slots) -> tuple[str, int]:
    tex = clean_tex(html.unescape(inner))
    lead = opening["lead"]
    tail = _MATH_TAIL.match(after)
    if not tex:
        return lead or "", 0
    tex = f"\\ce{{{tex}}}" if opening["tag"].lower() != "math" else tex
    if lead is not None and tail is not None and set(lead.strip()) <= {":"}:
        return f"\n\n{slots.formula(tex, True)}{tail[0].strip()}\n\n", tail.end()
    return (lead or "") + slots.formula(tex, "block" in opening["attributes"]), 0


def _code_slot(opening: re.Match[str], inner: str, slots: Slots) -> str:
    tag, code, attributes = opening["tag"].lower(), html.unescape(inner), opening["attributes"]
    if tag == "nowiki":
        return slots.verbatim(code)
    if "\n" not in code.strip("\n") and (tag == "pre" or "inline" in attributes or "enclose" in attributes):
        return slots.code_span(" ".join(code.split())) if code.strip() else ""
    language = _LANGUAGE.search(attributes)
    word = slots.code_block(code.strip("\n"), language[1].lower() if language and tag != "pre" else "")
    return f"\n\n{word}\n\n"


def _without_empty_sections(text: str) -> str:
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
