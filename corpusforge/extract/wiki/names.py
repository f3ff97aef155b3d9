"""Names that wikitext needs in the languages of the largest wikis: months, namespaces."""

from __future__ import annotations

import re
from functools import lru_cache

from corpusforge.extract.wiki.countries import month_names

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "pl": "stycznia lutego marca kwietnia maja czerwca"
    " lipca sierpnia września października listopada grudnia",
}
_PREFIXES = (
    "template vorlage modèle modele plantilla predefinição predefinicao sjabloon шаблон szablon 模板 样板"
    " 樣板 テンプレート 틀 mall mal malline šablona şablon sablon predložak predloga шаблён veidne šablonas"
    " templat ŝablono modello قالب الگو תבנית formát t"
).split()

_DROPPED_NAMESPACES = frozenset(
    "file image category media datei bild kategorie fichier catégorie "
    "archivo imagen categoría immagine categoria "
    "ficheiro imagem bestand afbeelding categorie plik grafika kategoria "
    "файл изображение категория зображення "
    "категорія ファイル カテゴリ 文件 分类 파일 분류 dosya kategori fil kategorija slika kép "
    "kategória soubor súbor "
    "attēls kategoreja vaizdas tiedosto luokka картинка файл ملف تصنيف پرونده رده קובץ קטגוריה".split()
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|svg|tiff?|webp|ogg|og[av]|webm|mid|pdf|djvu|wav|mp3)$", re.I)


@lru_cache(maxsize=16)
def months(language: str | None) -> tuple[str, ...]:
    """Return the twelve months as they stand in a date of a language; English where it is not known."""
    if listed := _MONTHS.get(language or "en"):
        return tuple(listed.split())
    return month_names(language or "en") or tuple(_MONTHS["en"].split())


@lru_cache(maxsize=1)
def template_prefixes() -> frozenset[str]:
    """Return what the namespace of templates is called, in lower case."""
    return frozenset(_PREFIXES)


def month_number(text: str, language: str | None) -> int | None:
    """Return 1 to 12 for a month's number or name, in a language or in English, or None.

    >>> month_number("Sept", "en"), month_number("05", None), month_number("mayo", "es")
    (9, 5, 5)
    """
    text = text.strip().lower().rstrip(".")
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    if len(text) < 3:
        return None
    for names in (months(language), months("en")):
        for number, name in enumerate(names, 1):
            if name.lower() == text or (len(text) <= 4 and name.lower().startswith(text[:3])):
                return number
    return None


def date_text(year: str, month: str, day: str, language: str | None, month_first: bool = False) -> str:
    """Return a date as it is written in a sentence, as exact as it is told; "" where it tells nothing.

    >>> date_text("2020", "4", "", "en"), date_text("1990", "5", "3", "es")
    ('April 2020', '3 de mayo de 1990')
    """
    number = month_number(month, language)
    if month and number is None:
        return " ".join(filter(None, (day, month, year)))
    if number is None:
        return year
    name = months(language)[number - 1]
    day = day.lstrip("0")
    if language == "hu" and year:
        return f"{year}. {name} {day}." if day else f"{year}. {name}"
    if language == "ca" and day:
        return f"{day} {name} de {year}" if year else f"{day} {name}"  # the name begins with `de` or `d’`
    if language in ("es", "pt", "gl"):
        return " de ".join(filter(None, (day, name, year)))
    if language in ("ja", "zh", "wuu", "yue"):
        return f"{year}年{number}月{day}日" if day else f"{year}年{number}月"
    if language == "ko":
        return f"{year}년 {number}월 {day}일" if day else f"{year}년 {number}월"
    if language in ("de", "da", "fi", "cs", "nb", "nn", "no", "sk", "sl", "hr", "bs", "et", "is") and day:
        return " ".join(filter(None, (f"{day}.", name, year)))
    if month_first and day and language in (None, "en", "simple"):
        return f"{name} {day}, {year}" if year else f"{name} {day}"
    return " ".join(filter(None, (day, name, year)))


def is_dropped_target(title: str) -> bool:
    """Return whether a link to a title shows a picture or a sound, or files the page under a category.

    >>> is_dropped_target("Datei:Berlin.jpg"), is_dropped_target(":Category:Cities"), is_dropped_target("C:x")
    (True, False, False)
    """
    prefix, colon, name = title.strip().partition(":")
    return bool(colon) and (
        prefix.strip().lower() in _DROPPED_NAMESPACES or bool(_FILE.search(name.rstrip()))
    )
