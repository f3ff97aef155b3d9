r"""A web page to Markdown: formulas and code kept, boilerplate gone, one parse.

bytes -> tree -> formulas and code into slots -> blocks -> main content -> Markdown -> slots put back
"""

from __future__ import annotations

import logging
import re

from resiliparse.parse.html import HTMLTree

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_html
from corpusforge.extract.tex.raw_math import raw_delimiters
from corpusforge.extract.web.blocks import Page
from corpusforge.extract.web.codeblocks import take_code
from corpusforge.extract.web.declared import article_not_shown, declared_text
from corpusforge.extract.web.depth import cut_deep
from corpusforge.extract.web.dom import plain_nodes, select
from corpusforge.extract.web.formulas import take_formulas
from corpusforge.extract.web.hints import page_hints
from corpusforge.extract.web.main_content import kept_blocks
from corpusforge.extract.web.markdown import to_markdown
from corpusforge.extract.web.origins import page_origin
from corpusforge.extract.web.raised import take_scripts
from corpusforge.extract.web.scan import scan
from corpusforge.extract.web.slots import Slots
from corpusforge.extract.web.streamed import is_moved, move_streamed, with_templates_shown
from corpusforge.extract.web.tables import number_reversed, order_tables, pad_tables
from corpusforge.extras import load
from corpusforge.text import clean_text

_TITLE_CHARS = 300
_FEW_BYTES = 400  # of visible text in all: less than a paragraph


def extract_html(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the page as Markdown text, with its title; or a Drop that says why not."""
    raw = document.raw or b""
    if len(raw) > config.max_html_bytes:
        return drop(document, DropReason.TOO_LARGE, f"web page of {len(raw)} bytes > {config.max_html_bytes}")
    page, notes = decode_html(raw, document.charset)
    text, title, figures, more = page_text(page, config)
    if _is_shorter(text, config.min_text_chars):
        return drop(document, DropReason.NO_TEXT, f"no text in {len(raw)} bytes of HTML")
    return with_signals(
        document,
        {**figures, **page_origin(page, document.url, document.date)},
        raw=None,
        text=text,
        title=document.title or title,
        notes=(*document.notes, *notes, *more),
    )


def _is_shorter(text: str, n_chars: int) -> bool:
    """Return whether a text has fewer characters than this, white space left out."""
    head = text[: 2 * n_chars + 64]  # where it has enough, which is nearly always, the rest is not looked at
    return len("".join(head.split())) < n_chars and len("".join(text.split())) < n_chars


def page_text(
    page: str, config: ExtractConfig, main_content: bool = True, code: bool = True, without: str = ""
) -> tuple[str, str | None, dict[str, float], list[str]]:
    """Return (Markdown, title, signals, notes) of a page's source.

    With `main_content` off everything visible is kept: for books and posts, which have
    no boilerplate. With `code` off <pre> is text set line by line, as verse in a book, and
    <blockquote> an indent. Elements that the CSS selector `without` names are left out.
    """
    with plain_nodes():
        tree, slots, notes = _slotted(page, config, code, without)
        title = " ".join(clean_text(tree.title or "").split())[:_TITLE_CHARS] or None
        text, figures = (
            _main_text(page, tree, slots, config) if main_content else (_all_text(tree, slots, code), {})
        )
    return clean_text(slots.restore(raw_delimiters(text))), title, figures, notes


def page_blocks(page: str, config: ExtractConfig) -> tuple[Page, Slots]:
    """Return the blocks of a page and the slots that stand in them, before anything is chosen."""
    tree, slots, _ = _slotted(page, config, True)
    return _scanned(tree, slots), slots


def _slotted(
    page: str, config: ExtractConfig, code: bool, without: str = ""
) -> tuple[HTMLTree, Slots, list[str]]:
    """Return (tree with code and formulas in slots, the slots, notes)."""
    page, tree, hints = _parsed(page)
    if without and tree.document is not None:
        for element in select(tree.document, without):
            element.remove()
    slots = Slots(page, "slot" in hints)
    take_scripts(tree, hints)
    order_tables(tree, hints)
    pad_tables(tree, hints)
    number_reversed(tree, hints)
    notes = take_code(tree, slots, config, hints) if code else []
    take_formulas(tree, slots, config, hints)
    return tree, slots, notes


def _parsed(page: str) -> tuple[str, HTMLTree, frozenset[str]]:
    """Return (the source, its tree, its hints), of the source without prefixes where it has such formulas."""
    tree = HTMLTree.parse(page)  # which leaves the page's UTF-8 behind for the hints
    source = page.encode("utf-8", "replace")
    hints = page_hints(source)
    if "prefixed" in hints and ":math" in page:
        page = _without_prefixes(page)
        source = page.encode("utf-8", "replace")
        tree, hints = HTMLTree.parse(page), page_hints(source)
    if "template" in hints and is_moved(source):
        page, moves = with_templates_shown(page)
        source = page.encode("utf-8", "replace")
        tree, hints = HTMLTree.parse(page), page_hints(source)
        move_streamed(tree, moves)
    if "deep" in hints:
        cut_deep(tree)
    return page, tree, hints


_PREFIXED_MATH = re.compile(r"<([A-Za-z][\w-]{0,15}):math\b")


def _without_prefixes(page: str) -> str:
    """Return a page whose `<m:math>` elements, and all in them, are read as `<math>` and its kind."""
    for prefix in set(_PREFIXED_MATH.findall(page)):
        page = re.sub(rf"(</?){prefix}:(?=[a-z])", r"\1", page)
    return page


def _main_text(
    source: str, tree: HTMLTree, slots: Slots, config: ExtractConfig
) -> tuple[str, dict[str, float]]:
    """Return (Markdown of the main content, figures about the choice)."""
    if config.extractor == "trafilatura" and (text := _trafilatura(tree)):
        return text, {"extract_trafilatura": 1.0}
    page = _scanned(tree, slots)
    kept, expected = kept_blocks(page, config.caution, config.main_content_sha256)
    text = to_markdown(page, kept.tolist())
    if len(page.text) < _FEW_BYTES and tree.document is not None:  # a script would show the rest
        declared = declared_text(tree.document)
        text = declared if len(declared) > len(text) else text
    elif tree.document is not None and (article := article_not_shown(source, tree.document, page.text)):
        text = article
    return text, {
        "extract_trafilatura": 0.0,
        "extract_expected_f1": round(expected, 3),
    }


def _scanned(tree: HTMLTree, slots: Slots) -> Page:
    document = tree.document
    return scan(document.html if document is not None else "", slots.lengths(), tree.title or "")


def _all_text(tree: HTMLTree, slots: Slots, quotes: bool) -> str:
    page = _scanned(tree, slots)
    return to_markdown(page, range(len(page.blocks)), quotes)


def _trafilatura(tree: HTMLTree) -> str:
    """Return trafilatura's Markdown of the tree, "" where it finds nothing."""
    # Imported here: it costs half a second and the fast path never needs it.
    trafilatura = load("trafilatura")

    document = tree.document
    if document is None:
        return ""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    text = trafilatura.extract(document.html, include_comments=True, include_tables=True)
    return text or ""
