"""What `definitions.toml` calls where wikitext alone is too weak: dates, lists, joined words.

{{§date|year|month|day|order}}    {{§all|separator}}    {{§lines|*}}    {{§years|…six…}}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from corpusforge.extract.wiki.countries import country_of_code
from corpusforge.extract.wiki.functions import Arguments, NotUnderstood, parsed_date
from corpusforge.extract.wiki.names import date_text, month_number
from corpusforge.extract.wiki.numbers import formatted, ordinal
from corpusforge.extract.wiki.template_names import elements

_YEAR = re.compile(r"[-−]?\d{0,4}(?:\D{0,12}\b)?")
_DAY = re.compile(r"(?:\d{1,2}(?:er|\.|º|日)?)?")
_PARTS = r"\d{1,3}(?:\.\d+)?(?:\|\d{1,2}(?:\.\d+)?){0,2}"
_LATITUDE_LONGITUDE = re.compile(
    rf"(?P<north>{_PARTS})\|(?P<ns>[NS])\|(?P<east>{_PARTS})\|(?P<ew>[EW])(?:\||\Z)"
    r"|(?P<degrees>-?\d{1,2}(?:\.\d+)?)\|(?P<degrees2>-?\d{1,3}(?:\.\d+)?)(?:\|(?!\d)|\Z)"
)
_LABELS = frozenset("uk us lang local also pron alsouk alsous uklang uslang ipa audio icon en".split())
"""Arguments of pronunciations that are no sounds."""
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,8})?")
Helper = Callable[[Arguments, Sequence[str], str | None], str]


def _date(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§date|y|m|d|mdy}}: a date of a sentence."""
    year, month, day = a(1), a(2), a(3)
    if not _YEAR.fullmatch(year) or not _DAY.fullmatch(day):
        raise NotUnderstood("date")
    if month and month_number(month, language) is None and not day:
        return " ".join(filter(None, (month, year)))
    return date_text(year, month, day, language, a(4) in ("mdy", "US", "us", "y", "yes"))


def _stated_date(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§stated|order}}: all arguments as a date, in the order year, month, day or as they stand."""
    words = [value for value in values if value]
    if not words:
        return ""
    if len(words) == 1:
        found = parsed_date(words[0])
        if found is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", words[0]):
            return words[0]
        return date_text(str(found.year), str(found.month), str(found.day), language, a(1) == "mdy")
    if not re.fullmatch(r"[-−]?\d{1,4}", words[0]):
        raise NotUnderstood("date")
    day = words[2] if len(words) > 2 and words[2].isdecimal() else ""
    return date_text(words[0], words[1], day, language, a(1) == "mdy")


def _all(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§all|, }}: the arguments that are not blank, joined; `_` is a blank."""
    return a(1).replace("_", " ").join(filter(None, values))


def _lines(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§lines|*}}: a line of a list for each argument; a numbered one may begin elsewhere than at 1."""
    mark = a(1) or "*"
    texts = [value for value in values if value]
    if mark == "#" and (start := a.named("start")):
        if not start.isdecimal() or len(start) > 6:
            raise NotUnderstood("start of a list")
        lines = (f"{number}. {' '.join(text.split())}" for number, text in enumerate(texts, int(start)))
        return "\n" + "\n".join(lines) + "\n"
    if len(texts) == 1 and "\n" in texts[0].strip():
        return "\n" + texts[0].strip() + "\n"  # the list itself, in wikitext
    return "\n" + "\n".join(f"{mark} {' '.join(text.split())}" for text in texts) + "\n"


def _block(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§block|text}}: text on lines of its own."""
    return f"\n{a(1)}\n" if a(1) else ""


def _quoted(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§quoted|text}}: a quotation whose lines stay."""
    lines = [line.strip(" :") for line in a(1).replace("<br>", "\n").replace("<br />", "\n").split("\n")]
    text = "<br>".join(filter(None, lines))
    return f"\n<blockquote>{text}</blockquote>\n" if text else ""


def _years(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§years|order|back}}: whole years between two stated dates; one date alone reckons from today."""
    numbers = [value for value in values if value]
    if len(numbers) != 6:
        raise NotUnderstood("age")
    try:
        order = (2, 1, 0) if a(1) == "dmy" else (0, 1, 2)
        first, last = (date(*(int(numbers[start + place]) for place in order)) for start in (0, 3))
    except ValueError:
        raise NotUnderstood("age") from None
    if a(2) == "back":  # the later date stands first
        first, last = last, first
    return str(last.year - first.year - ((last.month, last.day) < (first.month, first.day)))


def _span(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§span|days}}, {{§span|years, days}}: the time between two stated dates, in English."""
    numbers = [value for value in values if value]
    try:
        first, last = (date(*(int(number) for number in numbers[start : start + 3])) for start in (0, 3))
    except (ValueError, TypeError):
        raise NotUnderstood("age") from None
    if last < first or len(numbers) != 6:
        raise NotUnderstood("age")
    if a(1) == "days":
        return str((last - first).days)
    n_years = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    try:
        since = first.replace(year=first.year + n_years)
    except ValueError:  # the 29th of February
        raise NotUnderstood("age") from None
    parts = ((n_years, "year"), ((last - since).days, "day"))
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in parts if n)


def _ordinal_number(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§th|21}}: a number with its English ending."""
    if not re.fullmatch(r"\d{1,9}", a(1)):
        raise NotUnderstood("ordinal")
    return ordinal(a(1))


def _number(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§number|12345.6}}: a number as the wiki writes it."""
    return formatted(a(1), language)


def _nuclide(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§nuclide|uranium|235}}: an isotope by its element's name or symbol, and its mass."""
    symbol, mass = a(1), a(2)
    if len(symbol) > 2:
        symbol = elements().get(symbol.lower(), "")
    if not symbol.isalpha() or not re.fullmatch(r"\d{1,3}m?\d?", mass):
        raise NotUnderstood("nuclide")
    return f"<sup>{mass}</sup>{symbol[:1].upper()}{symbol[1:].lower()}"


def _pronounced(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§ipa}}: the sounds of {{IPAc-en|ˈ|p|ær|ɪ|s}}, without the labels among them."""
    said = [value for value in values if value.lower() not in _LABELS and "." not in value[-5:-2]]
    sounds = "".join(" " if value == "_" else value for value in said)
    return f"/{sounds}/" if sounds else ""


def _linked(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§linked}}: the title among arguments that begin with codes of languages: {{ill|de|Berlin}}."""
    titles = [value for value in values if value and not _LANGUAGE_CODE.fullmatch(value)]
    return titles[0] if titles else next(iter(values), "")


def _verse(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§verse}}: a place in the Bible, its book with or without a number of its own before it."""
    parts = [value.strip() for value in values]
    has_number = bool(parts) and re.fullmatch(r"|[1-4]|I{1,3}|IV", parts[0]) is not None
    shown, rest = parts[: 2 + has_number], parts[3 + has_number :]
    return rest[0] if rest and rest[0] else " ".join(filter(None, shown))


def _road(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§road}}: numbered roads by their kind: I-5, US 101."""
    kinds, numbers = values[::2], values[1::2]
    pairs = [(kind, number) for kind, number in zip(kinds, numbers, strict=False) if kind and number]
    return "/".join(f"{kind}{'-' if kind in ('I', 'A', 'M', 'B') else ' '}{number}" for kind, number in pairs)


def _fail(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§fail}}: what is shown cannot be known from the page."""
    raise NotUnderstood("by its definition")


def _century(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§ordinal|XIX}}: a century's number with its French ending."""
    text = a(1)
    return f"{text}er" if text in ("I", "1") else f"{text}e"


def _overlined(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§overlined|3}}: short text with a line above each character, longer text as it is."""
    text = a(1)
    return "".join(f"{char}&#x305;" for char in text) if 0 < len(text) < 4 and text.isalnum() else text


def _named(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§named|s|t}}: the arguments of these names that are given, then the first without one."""
    given = [a.named(a(place)) for place in range(1, len(a))]
    return ", ".join(dict.fromkeys(filter(None, (*given, *values[:1]))))


def _formula(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§formula|H2SO4}}, {{§formula|SO4(2-)}}: numbers behind an element are lowered, charges raised."""
    text = a(1).replace("->", "→").replace("<-", "←")
    text = re.sub(r"\((\d{0,2}[+−-])\)", r"<sup>\1</sup>", text)
    text = re.sub(r"(?<=[\w)\]])\^\{?([^{}\s]+)\}?", r"<sup>\1</sup>", text)
    text = re.sub(r"(?<=[\w)\]])_\{?(\w+)\}?", r"<sub>\1</sub>", text)
    return re.sub(r"(?<=[A-Za-z)\]])(\d+(?:\.\d+)?)(?![^<>]*>)", r"<sub>\1</sub>", text)


def _country(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§country|GER}}: a country's name for its code, else what stands there."""
    return country_of_code(a(1), language) or a(1)


def _coordinates(a: Arguments, values: Sequence[str], language: str | None) -> str:
    """{{§coordinates}}: latitude and longitude as in a sentence; nothing where they stand above the page."""
    if "inline" not in (a.named("display") or "inline"):
        return ""
    found = _LATITUDE_LONGITUDE.match("|".join(values))
    if found is None:
        raise NotUnderstood("coordinates")
    if found["degrees"]:
        sides = ((found["degrees"], "NS"), (found["degrees2"], "EW"))
        return " ".join(f"{number.lstrip('-')}°{ends[number[0] == '-']}" for number, ends in sides)
    parts = (("north", "ns"), ("east", "ew"))
    return " ".join(
        "".join(number + mark for number, mark in zip(found[place].split("|"), "°′″", strict=False))
        + found[end]
        for place, end in parts
    )


HELPERS: dict[str, Helper] = {
    "§date": _date,
    "§overlined": _overlined,
    "§named": _named,
    "§stated": _stated_date,
    "§all": _all,
    "§lines": _lines,
    "§block": _block,
    "§quoted": _quoted,
    "§years": _years,
    "§span": _span,
    "§th": _ordinal_number,
    "§number": _number,
    "§nuclide": _nuclide,
    "§ipa": _pronounced,
    "§linked": _linked,
    "§verse": _verse,
    "§road": _road,
    "§fail": _fail,
    "§ordinal": _century,
    "§formula": _formula,
    "§country": _country,
    "§coordinates": _coordinates,
}
