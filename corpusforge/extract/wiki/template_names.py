"""Names of templates: the lists of `templates.toml`, and what a name alone tells."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_WORD_ENDS = re.compile(r"[\s_/-]+")
_NAME_ENDS = re.compile(r"[\s-]+")
_FRENCH_ORDINAL = re.compile(
    r"\s*(?:[IVXLCDM]+|\d+)(?:er?|re|ème)(?: siècle| [a-zéû]{3,9}(?: \d{3,4})?| République)?\s*"
)
LISTED_BY_NAME = ("su", "subsup", "sup sub", "chem", "chimie", "fchim", "numblk")
"""Templates that `listed_text` reads by their names alone."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The lists of `templates.toml`, ready to look up."""

    literal: dict[str, str]
    around: dict[str, tuple[str, str]]
    place: dict[str, int]
    joined: dict[str, str]
    quantity: frozenset[str]
    between: frozenset[str]
    unit: frozenset[str]
    unit_names: dict[str, str]
    unit_pairs: frozenset[tuple[str, str]]
    fraction: frozenset[str]
    citation: dict[str, str]
    quotation: frozenset[str]
    argument: tuple[str, ...]
    prefix: tuple[str, ...]
    language: frozenset[str]
    silent: tuple[str, ...]
    data: frozenset[str]
    flag: frozenset[str]
    ship: frozenset[str]
    note: frozenset[str]
    frame: frozenset[str]
    country: frozenset[str]
    disambiguation: frozenset[str]
    disambiguation_titles: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Return the rules that ship with the package."""
    data = read_toml("templates.toml")
    return Rules(
        literal=data["literal"],
        around={name: (marks[0], marks[1]) for name, marks in data["around"].items()},
        place={name: int(place) for place, names in data["place"].items() for name in names},
        joined=data["joined"],
        quantity=frozenset(data["quantity"]["names"]),
        between=frozenset(data["quantity"]["between"]),
        unit=frozenset(data["unit"]["names"].split()),
        unit_names=data["unit"]["written"],
        unit_pairs=frozenset((first, second) for first, second in data["unit"]["pairs"]),
        fraction=frozenset(data["fraction"]["names"]),
        citation={name: kind for kind, names in data["citation"].items() for name in names},
        quotation=frozenset(data["quotation"]["names"]),
        argument=tuple(data["argument"]["names"]),
        prefix=tuple(data["prefix"]["names"]),
        language=frozenset(data["prefix"]["languages"]),
        silent=tuple(data["silent"]["words"]),
        data=frozenset(data["data"]["words"]),
        flag=frozenset(data["flag"]["words"]),
        ship=frozenset(data["ship"]["prefixes"].split()),
        note=frozenset(data["note"]["arguments"]),
        frame=frozenset(data["frame"]["words"]),
        country=frozenset(data["country"]["codes"].split()),
        disambiguation=frozenset(data["disambiguation"]["templates"]),
        disambiguation_titles=tuple(data["disambiguation"]["titles"]),
    )


def read_toml(name: str) -> dict[str, Any]:
    """Return one of the packaged lists."""
    return tomllib.loads(files("corpusforge.extract.wiki").joinpath(name).read_text("utf-8"))


@lru_cache(maxsize=1)
def elements() -> dict[str, str]:
    """Return the symbols of elements by their English names in lower case."""
    pairs = (pair.partition(":") for pair in read_toml("templates.toml")["element"]["names"].split())
    return {name: symbol for name, _, symbol in pairs}


def template_name(name: str) -> str:
    """Return a template's name as the lists write it: lower case, single blanks, no namespace."""
    return " ".join(name.replace("_", " ").split()).lower().removeprefix("template:").strip()


def canonical(name: str) -> str:
    """Return a template's name as titles are written: first letter large, single blanks."""
    name = " ".join(name.replace("_", " ").split())
    return name[:1].upper() + name[1:]


def is_furniture(name: str) -> bool:
    """Return whether a template says nothing in a sentence, whatever its arguments."""
    known = rules()
    words = set(_WORD_ENDS.split(name))
    is_read = name.startswith(known.prefix) or words & known.flag or words & known.data
    return not is_read and is_silent(name)


def is_mark(name: str) -> bool:
    """Return whether a template without arguments is a language's mark beside a link, a flag or a frame."""
    words = set(_WORD_ENDS.split(name))
    is_language = name in rules().language or (len(name) == 2 and name.isalpha() and name.isascii())
    return is_language or bool(words & rules().flag) or bool(words & rules().frame)


def may_say_nothing(name: str) -> bool:
    """Return whether a template that left nothing is none to count: furniture, or a flag."""
    words = set(_WORD_ENDS.split(name))
    return not words & rules().data and (is_silent(name) or bool(words & rules().flag))


def is_silent(name: str) -> bool:
    """Return whether a name is, or holds, a word of the silent list; a short one only as a word."""
    words, long_words = _silent()
    return not words.isdisjoint(_NAME_ENDS.split(name)) or any([word in name for word in long_words])


def is_silent_page(name: str) -> bool:
    """Return whether a template of the dump's own has a word of the silent list in its name, as a word."""
    found = _NAME_ENDS.split(name)
    if not rules().flag.isdisjoint(found):
        return False  # it shows its country's name, or a picture
    return not _silent()[0].isdisjoint(found) or name.startswith(_silent_starts())


@lru_cache(maxsize=1)
def _silent() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return (the words of the silent list, those of them that count within a longer word)."""
    words = rules().silent
    return frozenset(words), tuple(word for word in words if len(word) > 4)


@lru_cache(maxsize=1)
def _silent_starts() -> tuple[str, ...]:
    return tuple(word for word in rules().silent if " " in word)


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    known = rules()
    by_name = (known.literal, known.around, known.place, known.joined, known.citation)
    return frozenset[str]().union(*by_name, known.quantity, known.fraction, known.quotation, LISTED_BY_NAME)


def is_ordinal(written: str) -> bool:
    """Return whether a name is a French ordinal, which stands for itself: {{XIXe siècle}}."""
    return _FRENCH_ORDINAL.fullmatch(written) is not None


def is_listed(written: str) -> bool:
    """Return whether the lists may make something of a template of this name."""
    return (
        template_name(written) in _listed()
        or " ".join(written.replace("_", " ").split()) in rules().ship
        or is_ordinal(written)
    )
