r"""A web page to Markdown: formulas and code kept, boilerplate gone, one parse.

bytes -> tree -> formulas and code into slots -> main content -> Markdown -> slots put back
                                              \\-> trafilatura, where that looks wrong
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.charset import decode_html
from corpusforge.extract.codeblocks import take_code
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.dom import element
from corpusforge.extract.formulas import take_formulas
from corpusforge.extract.markdown import to_markdown
from corpusforge.extract.raw_math import raw_delimiters
from corpusforge.extract.slots import Slots
from corpusforge.text import clean_text

_SPACES = re.compile(r"\s+")
_TITLE_CHARS = 300


def extract_html(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the page as Markdown text, with its title; or a Drop that says why not."""
    raw = document.raw or b""
    if len(raw) > config.max_html_bytes:
        return drop(document, DropReason.TOO_LARGE, f"web page of {len(raw)} bytes > {config.max_html_bytes}")
    page, notes = decode_html(raw, document.charset)
    text, title, figures, more = page_text(page, config)
    if len(_SPACES.sub("", text)) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no text in {len(raw)} bytes of HTML")
    result = replace(
        document,
        raw=None,
        text=text,
        title=document.title or title,
        notes=(*document.notes, *notes, *more),
    )
    return with_signals(result, figures)


def page_text(
    page: str, config: ExtractConfig, main_content: bool = True, code: bool = True
) -> tuple[str, str | None, dict[str, float], list[str]]:
    """Return (Markdown, title, signals, notes) of a page's source.

    With `main_content` off everything visible is kept: for books and posts, which have
    no boilerplate. With `code` off <pre> is text set line by line, as verse in a book.
    """
    tree = HTMLTree.parse(page)
    slots, lowered = Slots(page), page.lower()
    notes = take_code(tree, slots, config, lowered) if code else []
    take_formulas(tree, slots, config, lowered)
    title = _SPACES.sub(" ", tree.title or "").strip()[:_TITLE_CHARS] or None
    _deepen(tree)
    text, used = _main_text(tree, slots, config) if main_content else (_minimal(tree, False), "full")
    text = clean_text(slots.restore(raw_delimiters(text)))
    return text, title, {"extract_trafilatura": float(used == "trafilatura")} if main_content else {}, notes


def _deepen(tree: HTMLTree) -> None:
    """Put two more elements around the content of the body.

    resiliparse takes any list less than three levels below the body for navigation,
    which costs plain pages their lists (and the code in them).
    """
    body = tree.body
    for _ in range(2 if body is not None else 0):
        box = element(tree, "div")
        while body is not None and (child := body.first_child) is not None:
            box.append_child(child)
        if body is not None:
            body.append_child(box)


def _minimal(tree: HTMLTree, main_content: bool) -> str:
    return to_markdown(
        extract_plain_text(
            tree,
            preserve_formatting="minimal_html",
            main_content=main_content,
            alt_texts=False,
            comments=True,
            hidden_elements=not main_content,
        )
    )


def _main_text(tree: HTMLTree, slots: Slots, config: ExtractConfig) -> tuple[str, str]:
    if config.extractor == "trafilatura":
        return _trafilatura(tree) or _minimal(tree, True), "trafilatura"
    text = _minimal(tree, True)
    if config.extractor == "fast" or not _unsure(tree, text, config):
        return text, "fast"
    other = _trafilatura(tree)
    if not other or slots.count(other) < slots.count(text):
        return text, "fast"  # never at the price of a formula or a code block
    return other, "trafilatura"


def _unsure(tree: HTMLTree, text: str, config: ExtractConfig) -> bool:
    """Return whether the fast extractor kept so little that it probably missed the content."""
    full = extract_plain_text(tree, preserve_formatting=False, alt_texts=False)
    kept_chars, all_chars = len(text), len(full)
    if kept_chars < config.unsure_min_chars < all_chars or kept_chars < config.unsure_kept_share * all_chars:
        return all_chars <= config.fallback_max_chars
    return False


def _trafilatura(tree: HTMLTree) -> str:
    """Return trafilatura's Markdown of the tree, "" where it finds nothing."""
    # Imported here: it costs half a second and the fast path never needs it.
    import trafilatura  # pyright: ignore[reportMissingTypeStubs]

    document = tree.document
    if document is None:
        return ""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    text = trafilatura.extract(document.html, include_comments=True, include_tables=True)
    return text or ""
