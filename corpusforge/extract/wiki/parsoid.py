"""A wiki page as MediaWiki's Parsoid writes it, HTML with every template expanded: what its reader reads."""

from __future__ import annotations

import re
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_html
from corpusforge.extract.web.html import page_text
from corpusforge.extract.wiki.template_names import rules
from corpusforge.extract.wiki.wikitext import without_empty_sections
from corpusforge.text import clean_text

_FURNITURE = (
    ".infobox,.navbox,.vertical-navbox,.sidebar,.metadata,.ambox,.mbox-small,.noprint,.hatnote,.dablink,.rellink"
    ",.mw-editsection,.mw-references-wrap,.references,.reflist,.mw-ref,sup.reference,.Inline-Template,.toc,#toc"
    ",.sistersitebox,.side-box,.portalbox,.catlinks,.printfooter,.navigation-not-searchable,.mw-empty-elt"
    ",.sortkey,.mw-kartographer-container,.gallery,.thumb,.NavFrame,.bandeau-container,.homonymie"
    ",.succession-box,.geo-nondefault,figure,figure-inline,style,link,audio,video,.mw-indicators"
    ",.mw-cite-backlink,.error,.navbar,.ext-phonos,[style*='display:none'],[style*='display: none']"
    ",[role=navigation],[typeof~='mw:Extension/ref'],.mw-authority-control"
)
_DISAMBIGUATION = re.compile(r"mw:PageProp/disambiguation", re.I)
_REDIRECT = re.compile(r"""rel=["']mw:PageProp/redirect["'][^>]*href=["']\.?/?([^"']{1,200})""", re.I)
_TITLE_SUFFIX = re.compile(r"\(([^()]{2,40})\)$")
_HEAD_CHARS = 20_000


def extract_wiki_html(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a wiki page of HTML as Markdown; redirects and disambiguations are dropped."""
    raw = document.raw or b""
    if len(raw) > config.max_html_bytes:
        return drop(document, DropReason.TOO_LARGE, f"HTML of {len(raw)} bytes > {config.max_html_bytes}")
    page, notes = decode_html(raw, document.charset)
    head = page[:_HEAD_CHARS]
    if found := _REDIRECT.search(head):
        return drop(document, DropReason.REDIRECT, f"redirect to {found[1][:100]}")
    suffix = _TITLE_SUFFIX.search(document.title or "")
    if _DISAMBIGUATION.search(page) or (suffix and suffix[1] in rules().disambiguation_titles):
        return drop(document, DropReason.DISAMBIGUATION, "disambiguation page by its mark or title")
    text, title, _, more = page_text(page, config, main_content=False, without=_FURNITURE)
    text = clean_text(without_empty_sections(text))
    if len("".join(text.split())) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no prose in {len(raw)} bytes of a wiki page")
    document = replace(
        document, raw=None, text=text, title=document.title or title, notes=(*document.notes, *notes, *more)
    )
    lists = sum(len(line) for line in text.split("\n") if line.lstrip().startswith(("- ", "| ")))
    return with_signals(document, {"wiki_list_share": round(lists / len(text), 3)})
