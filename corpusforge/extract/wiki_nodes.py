"""The walk over mwparserfromhell's tree: what each kind of node says to a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from corpusforge.extract.slots import Slots

_MAX_DEPTH = 40
_DROPPED_NAMESPACES = frozenset(
    "file image category media datei bild kategorie fichier catégorie "
    "archivo imagen categoría immagine categoria "
    "ficheiro imagem bestand afbeelding categorie plik grafika kategoria "
    "файл изображение категория зображення "
    "категорія ファイル カテゴリ 文件 分类 파일 분류 dosya kategori fil kategorija slika kép "
    "kategória soubor súbor "
    "attēls kategoreja vaizdas tiedosto luokka картинка файл ملف تصنيف پرونده رده קובץ קטגוריה".split()
)
_INTERLANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[a-z-]{2,10})?:")
_DROPPED_TAGS = frozenset(
    "ref references gallery timeline score imagemap templatestyles graph mapframe maplink section indicator "
    "inputbox categorytree hiero noinclude includeonly poem-meta style script".split()
)
_DROPPED_TABLES = re.compile(
    r"infobox|navbox|metadata|ambox|sidebar|vertical-navbox|toc|mbox|succession|noprint", re.I
)
_MARKS = {"*": "- ", "#": "1. ", ";": "", ":": "", "li": "- ", "dt": "", "dd": ""}
_FIRST_ARGUMENT = frozenset(
    "math mvar var nowrap nobr em strong big small nbsp nobold bigmath intmath tmath code mono kbd "
    "samp quote "
    "blockquote cquote quotation bq sub sup abbr tooltip nihongo nihongo2 lang-en lang-de lang-fr "
    "lang-la lang-el "
    "lang-ru vec overline underline smallcaps sc angbr anchor-text visible anchor vanchor strike tt uncial "
    "equation box 1 emphasis main-text as of green red blue not a typo sic proper name chem2 chem ce".split()
) | {"equation box 1", "as of", "not a typo", "visible anchor", "proper name"}  # fmt: skip
_SECOND_ARGUMENT = frozenset(
    {"lang", "font color", "color", "numblk", "transl", "transliteration", "script", "langue"}
)
_LITERAL = {
    "!": "|", "=": "=", "ndash": "–", "mdash": "—", "snd": " – ", "spnd": " – ", "spaced ndash": " – ",
    "pi": "π", "nbsp": " ", "spaces": " ", "·": " · ", "dot": " · ", "•": " • ", "bull": " • ", "'": "'",
    "-": "", "minus": "−", "times": "×", "sqrt": "√", "cdot": "·", "infin": "∞", "thinsp": " ", "hsp": " ",
    "langle": "⟨", "rangle": "⟩", "clear": "", "(": "(", ")": ")", "e": "e", "tau": "τ",
    "phi": "φ", "gaps": "",
}  # fmt: skip


class Walker:
    """Turns nodes into text; formulas and code are words of `slots`."""

    def __init__(self, slots: Slots) -> None:
        """Keep the slots, whose words templates may hold."""
        self.slots = slots
        self._depth = 0

    def text(self, code: Any) -> str:
        """Return the text of a Wikicode object."""
        if code is None or self._depth > _MAX_DEPTH:
            return ""
        self._depth += 1
        out = "".join(
            handler(self, node) for node in code.nodes if (handler := _HANDLERS.get(type(node).__name__))
        )
        self._depth -= 1
        return out


def _plain(walker: Walker, node: Any) -> str:
    return str(node.value)


def _link(walker: Walker, node: Any) -> str:
    title = str(node.title).strip()
    prefix, colon, _ = title.partition(":")
    if colon and prefix.strip().lower() in _DROPPED_NAMESPACES:
        return ""
    if node.text is not None:
        return walker.text(node.text)
    if _INTERLANGUAGE.match(title):
        return ""
    return title.lstrip(":").partition("#")[0].strip() or title.lstrip("#")


def _external(walker: Walker, node: Any) -> str:
    if node.title is not None:
        return walker.text(node.title)
    return "" if node.brackets else str(node.url)


def _heading(walker: Walker, node: Any) -> str:
    title = " ".join(walker.text(node.title).split())
    return f"\n\n{'#' * int(node.level)} {title}\n\n" if title else "\n\n"


def _entity(walker: Walker, node: Any) -> str:
    try:
        return str(node.normalize()).replace("\u00a0", " ")
    except ValueError:  # a code point that does not exist
        return ""


def _argument(walker: Walker, node: Any) -> str:
    return walker.text(node.default)


def _template(walker: Walker, node: Any) -> str:
    name = " ".join(str(node.name).replace("_", " ").split()).lower()
    if name in _LITERAL and (not node.params or name not in ("sqrt", "e", "pi")):
        return _LITERAL[name]
    values = [param.value for param in node.params if not param.showkey]
    if name in ("frac", "sfrac", "fraction", "tfrac") and values:
        return "/".join(walker.text(value) for value in values[-2:])
    if name in ("val", "convert", "cvt", "unité", "nts", "formatnum") and values:
        return " ".join(filter(None, (walker.text(value).strip() for value in values[:2])))
    if name in ("abs", "mabs"):
        return "|" + "".join(walker.text(value) for value in values[:1]) + "|"
    if name == "sqrt" and values:
        return "√" + walker.text(values[0])
    if name in ("su", "subsup", "sup sub"):
        named = {str(param.name).strip(): walker.text(param.value) for param in node.params}
        return (f"_{named['b']}" if named.get("b") else "") + (f"^{named['p']}" if named.get("p") else "")
    if name == "numblk" and len(values) > 1:
        return "\n\n" + walker.text(values[1]) + "\n\n"
    if name in _SECOND_ARGUMENT and len(values) > 1:
        return walker.text(values[1])
    if name in _FIRST_ARGUMENT:
        first = (
            values[0]
            if values
            else next(
                (
                    param.value
                    for param in node.params
                    if str(param.name).strip() in ("1", "equation", "text")
                ),
                None,
            )
        )
        text = walker.text(first)
        return f"^{text}" if name == "sup" and text else text
    return ""


def _tag(walker: Walker, node: Any) -> str:
    tag = str(node.tag).strip().lower()
    if tag == "table":
        return _table(walker, node)
    if tag in _DROPPED_TAGS:
        return ""
    if tag == "br":
        return "\n"
    if tag == "hr":
        return "\n\n"
    if node.wiki_markup is not None and tag in ("li", "dt", "dd"):
        return _MARKS[tag] if str(node.wiki_markup) not in ("#",) else "1. "
    text = walker.text(node.contents)
    if tag == "sup" and text.strip():
        return f"^{text.strip()}"
    if tag == "sub" and text.strip():
        return f"_{text.strip()}"
    if tag in ("code", "tt", "kbd", "samp", "var") and text.strip() and tag == "code":
        return walker.slots.code_span(" ".join(text.split()))
    return (
        f"\n{text}\n" if tag in ("p", "div", "blockquote", "center", "li", "ul", "ol", "dl", "poem") else text
    )


def _table(walker: Walker, node: Any) -> str:
    if any(_DROPPED_TABLES.search(str(attribute)) for attribute in node.attributes):
        return ""
    rows: list[str] = []
    _rows(walker, node.contents, rows)
    return "\n\n" + "\n".join(rows) + "\n\n"


def _rows(walker: Walker, code: Any, rows: list[str]) -> None:
    cells: list[str] = []
    for node in code.nodes if code is not None else ():
        if type(node).__name__ != "Tag":
            continue
        tag = str(node.tag).strip().lower()
        if tag in ("td", "th"):
            cells.append(" ".join(walker.text(node.contents).split()))
            continue
        cells = _add_row(rows, cells)
        if tag in ("tr", "tbody", "thead"):
            _rows(walker, node.contents, rows)
        elif tag == "caption":
            rows.append(" ".join(walker.text(node.contents).split()))
    _add_row(rows, cells)


def _add_row(rows: list[str], cells: list[str]) -> list[str]:
    if any(cells):
        rows.append("| " + " | ".join(cells) + " |")
    return []


_HANDLERS: dict[str, Callable[[Walker, Any], str]] = {
    "Text": _plain,
    "Wikilink": _link,
    "ExternalLink": _external,
    "Heading": _heading,
    "HTMLEntity": _entity,
    "Argument": _argument,
    "Template": _template,
    "Tag": _tag,
}
"""What each kind of node of `mwparserfromhell` says to a reader; the other kinds say nothing."""
