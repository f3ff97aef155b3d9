"""HTML tables of data frames, read as they are printed: without a tree, where there can be but one reading.

    <div> <style>…</style> <table> <thead> <tr> <th>…</th> </tr> </thead> <tbody> … </table> <p>…</p> </div>

Tables hold rows, rows hold cells, each is closed, and cells hold text alone. Any other HTML is for a parser.
"""

from __future__ import annotations

import re

from corpusforge.document import well_formed

_ATTRIBUTES = r"(?:\s+[\w-]+(?:=(?:\"[^\"<>&]*\"|'[^'<>&]*'|[\w.#%-]+))?)*"
_TAG = re.compile(rf"<(/?[a-z][a-z0-9]*){_ATTRIBUTES}\s*>")
_STYLE = re.compile(rf"<style{_ATTRIBUTES}\s*>[^<]*</style>")
_AROUND = frozenset(
    "div p span pre code b i em strong small br details summary h1 h2 h3 h4 h5 h6 ul ol li".split()
)
"""Elements that mean nothing for a table that follows them."""
_REFERENCE = re.compile("&(amp|lt|gt|quot|nbsp|#39|#x27);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": "\u00a0", "#39": "'", "#x27": "'"}
_OUT, _TABLE, _PART, _ROW = range(4)
_PARTS = ("thead", "tbody", "tfoot")


def plain_rows(html: str) -> list[list[str]] | None:
    """Return the words of the cells of each row of all tables; None: a parser is needed."""
    start = html.find("<table")
    if start < 0 or not _may_be_plain(html):
        return None
    # Texts and tags by turns: text, tag, text, tag, text.
    pieces = _TAG.split(_STYLE.sub("", html[:start]) + html[start:])
    texts, tags = pieces[::2], pieces[1::2]
    if any("<" in text for text in texts):
        return None
    rows: list[list[str]] = []
    place, part, number, n_tags = _OUT, "", 0, len(tags)
    while number < n_tags:
        tag = tags[number]
        number += 1
        if place == _ROW and tag in ("td", "th"):
            if number == n_tags or tags[number] != f"/{tag}":
                return None
            text = " ".join(texts[number].split())
            if "&" in text and (text := _decoded(text)) is None:
                return None
            rows[-1].append(text)
            number += 1
        elif place == _OUT:
            if tag == "table":
                place = _TABLE
            elif tag.removeprefix("/") not in _AROUND:
                return None
            else:
                continue
        elif tag == "tr" and place in (_TABLE, _PART):
            rows.append([])
            place, part = _ROW, part if place == _PART else ""
        elif tag == "/tr" and place == _ROW:
            place = _PART if part else _TABLE
        elif tag in _PARTS and place == _TABLE:
            place, part = _PART, tag
        elif tag == f"/{part}" and place == _PART:
            place, part = _TABLE, ""
        elif tag == "/table" and place == _TABLE:
            place = _OUT
            continue
        else:
            return None
        if texts[number].strip():
            return None  # text between cells stands before the table
    return rows if place == _OUT else None


def _decoded(text: str) -> str | None:
    """Return the words of a text with its references read; None where one is rare or none."""
    decoded, n_read = _REFERENCE.subn(lambda found: _CHARACTERS[found[1]], text)
    return " ".join(decoded.split()) if n_read == text.count("&") else None


def _may_be_plain(html: str) -> bool:
    """Return False for what only a parser handles: cells over several places, halves of surrogate pairs."""
    lower = html.lower()
    if "\0" in html or "colspan" in lower or "rowspan" in lower:
        return False
    return html.isascii() or well_formed(html) == html
