"""Names of countries and languages from CLDR, as readers of a wiki write them, for templates of a code."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from corpusforge.extras import load

_OLYMPIC: dict[str, str] = {
    code: iso
    for code, _, iso in (
        pair.partition(":")
        for pair in """
ALG:DZ ANG:AO ANT:AG ARU:AW BAH:BS BAN:BD BAR:BB BHU:BT BIZ:BZ BOT:BW BRU:BN BUL:BG BUR:BF CAM:KH CGO:CG
CHA:TD CHI:CL CRC:CR CRO:HR DEN:DK ESA:SV FIJ:FJ GAM:GM GER:DE GRE:GR GUA:GT GUI:GN HAI:HT HON:HN INA:ID
IRI:IR KSA:SA KUW:KW LAT:LV LBA:LY LES:LS MAD:MG MAS:MY MAW:MW MGL:MN MON:MC MRI:MU MTN:MR MYA:MM NCA:NI
NED:NL NEP:NP NGR:NG NIG:NE OMA:OM PAR:PY PHI:PH POR:PT RSA:ZA SIN:SG SLO:SI SRI:LK SUD:SD SUI:CH TAN:TZ
TOG:TG UAE:AE URU:UY VIE:VN ZAM:ZM ZIM:ZW UK:GB JAP:JP KOS:XK PRC:CN ROM:RO SPA:ES
""".split()
    )
}
"""Codes of the International Olympic Committee that ISO 3166-1 alpha-3 has not, then other usual ones."""
_SHORT = frozenset({"США", "АҠШ", "Рәсәй", "Ҡытай", "USA", "UK", "АКШ", "EUA", "SAD", "САД"})
"""Short names that wikis use and CLDR does not."""


def country_of_code(code: str, language: str | None) -> str | None:
    """Return a country's name in a language for its code of two or three letters, None for another code.

    >>> country_of_code("GER", "en"), country_of_code("HUN", "es"), country_of_code("URS", "en")
    ('Germany', 'Hungría', None)
    """
    names = _names(language)
    if code in names:
        return names[code]
    aliases = cast("dict[str, list[str]]", _babel().get_global("territory_aliases"))
    standard = aliases.get(code, [])
    return names.get(_OLYMPIC.get(code) or (standard[0] if len(standard) == 1 else ""))


def country_of_name(name: str, language: str | None) -> str | None:
    """Return a name that is a country's in a language, in English or in Russian, None for another.

    >>> country_of_name("Венгрия", "ru"), country_of_name("Berlin", "de")
    ('Венгрия', None)
    """
    return name if name in _SHORT or any(name in _spelled(each) for each in (language, "en", "ru")) else None


def shown_with_flag(code: str, value: str, language: str | None) -> str:
    """Return what stands beside a flag: {{DEU|Deutschland}} of the German wiki, {{USA|1912}}."""
    value = value.strip()
    if value.isdecimal():
        return country_of_code(code, language) or ""
    return value if language == "de" and value[:1].isalpha() else ""


def _babel() -> Any:
    """Return `babel.core`: of use to wikis alone, and an extra."""
    load("babel")
    return load("babel.core")


@lru_cache(maxsize=16)
def language_names(language: str | None) -> dict[str, str]:
    """Return the names of languages by their codes, in a language; in English where CLDR does not hold it."""
    locale = _locale(language) or _locale("en")
    return dict(cast("dict[str, str]", locale.languages))


@lru_cache(maxsize=32)
def month_names(language: str) -> tuple[str, ...] | None:
    """Return the twelve months as they stand in a date of a language, None where CLDR does not hold it."""
    locale = _locale(language)
    if locale is None:
        return None
    months = cast("dict[int, str]", locale.months["format"]["wide"])
    return tuple(months[number] for number in range(1, 13))


def _locale(language: str | None) -> Any:
    """Return what CLDR holds of a language, None for a language that it does not hold."""
    babel = _babel()
    try:
        return babel.Locale.parse(language if language not in (None, "simple") else "en")
    except (babel.UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=16)
def _names(language: str | None) -> dict[str, str]:
    """Return the names of countries by ISO code; none for a language that CLDR does not hold."""
    locale = _locale(language)
    if locale is None:
        return {}
    territories = cast("dict[str, str]", locale.territories)
    return {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}


@lru_cache(maxsize=16)
def _spelled(language: str | None) -> frozenset[str]:
    return frozenset(_names(language).values())
