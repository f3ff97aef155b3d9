"""What a wiki's templates say to a reader, of those whose wikitext the dump does not hold.

`templates.toml` lists names with what they show; `definitions.toml` has wikitext for those that show
more than one argument, by language. What no list names may speak by where it stands (`context.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpusforge.extract.wiki.called import Called
from corpusforge.extract.wiki.numbers import localised
from corpusforge.extract.wiki.preprocessor import GONE
from corpusforge.extract.wiki.template_names import is_ordinal, read_toml, rules

NUMBER = re.compile(r"[−–+-]?[\d.,\s\u00a0]*\d[\d.,]*(?:[eE][−+-]?\d+)?(?:[+-]?\d*//?\d+)?")
_POWER_OF_TEN = re.compile(r"(\d[\d.,]*)[eE]([−+-]?\d+)(?!\w)")
_THOUSANDS = re.compile(r"e(12|[3692])(\D\S*)")
_COUNTED = {"3": "thousand", "6": "million", "9": "billion", "12": "trillion", "2": "hundred"}
"""What the template of conversions calls powers of ten before a unit."""
_CHARGE = re.compile(r"\d*[+−-]")
_POWER = re.compile(r"[-−]?[1-9]")
MAX_VALUES = 200
"""Arguments without a name that are read of one use."""
_MIN_SHARED_CHARS = 3


@dataclass(slots=True)
class Use:
    """One use of a template, its arguments expanded: wikitext."""

    called: Called
    values: Sequence[str]
    named: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name as the lists write it."""
        return self.called.key

    @property
    def written(self) -> str:
        """The name as it stands in the page."""
        return self.called.name


def plain_arguments(texts: list[str]) -> dict[str, str]:
    """Return the arguments of a plain template by name, `1`, `2`, … for those without; the last of a name."""
    found: dict[str, str] = {}
    position = 0
    for text in texts[1:]:
        name, equals, value = text.partition("=")
        if equals:
            found[name.replace(GONE, "").strip()] = value.strip()
        else:
            position += 1
            found[str(position)] = text
    return found


def used_plain(name: Called, texts: list[str]) -> Use:
    """Return a use of a plain template: `used` of its `plain_arguments`."""
    values: list[str] = []
    named: dict[str, str] = {}
    for text in texts[1:]:
        if "=" not in text:
            values.append(text)
            continue
        key, _, value = text.partition("=")
        key = key.replace(GONE, "").strip()
        if key.isdecimal():  # the place of one without a name
            return used(name, plain_arguments(texts))
        named[key] = value.strip()
    if len(values) > MAX_VALUES:
        return used(name, plain_arguments(texts))
    return Use(name, values, {key: value for key, value in named.items() if value} if named else named)


def used(name: Called, texts: dict[str, str]) -> Use:
    """Return a use of these arguments, which are taken over."""
    values: list[str] = []
    while texts and (value := texts.pop(str(len(values) + 1), None)) is not None:
        values.append(value)
        if len(values) == MAX_VALUES:
            break
    return Use(name, values, {key: value for key, text in texts.items() if (value := text.strip())})


@lru_cache(maxsize=32)
def definitions(language: str | None) -> Mapping[str, str]:
    """Return wikitext by template name for a wiki's language: its own, then English, then any wiki's."""
    data = read_toml("definitions.toml")
    found: dict[str, str] = {}
    own = language or "en"
    for section in ("any", "en", own):
        for names, text in data.get(section, {}).items():
            for name in names.split("|"):
                # What is short in English is something else elsewhere: {{r|…}}, {{m|…}}.
                if section != "en" or own == "en" or len(name) >= _MIN_SHARED_CHARS:
                    found[name] = text
    return found


def listed_text(use: Use, language: str | None = None) -> str | None:
    """Return what the lists make of a use in a wiki of a language, None where none holds its name."""
    known, name, values, named = rules(), use.name, use.values, use.named
    if is_ordinal(use.written):
        return " ".join(filter(None, (use.written.strip(), *(value.strip() for value in values))))
    if name in known.literal and not (name in known.around and values):
        return known.literal[name]
    if name in known.quantity:
        has_powers = name in ("unité", "unite", "unidad")
        return localised(_quantity([value.strip() for value in values], named, has_powers), language)
    if name in known.fraction and values:
        parts = [value.strip() for value in values][-3:]
        whole = f"{parts.pop(0)} " if len(parts) == 3 else ""
        return whole + ("/".join(parts) if len(parts) == 2 else f"1/{parts[0]}")
    if use.written.strip() in known.ship and values:
        return _ship(use.written.strip(), [value.strip() for value in values])
    if name in known.citation:
        return _citation(known.citation[name], [value.strip() for value in values], named)
    if name in known.quotation:
        return _quotation(values, named)
    if name in ("su", "subsup", "sup sub"):
        low, high = (named.get(key, "").strip() for key in ("b", "p"))
        return (f"<sub>{low}</sub>" if low else "") + (f"<sup>{high}</sup>" if high else "")
    if name in ("chem", "chimie", "fchim"):
        return _chemical([value.strip() for value in values])
    if name == "numblk" and len(values) > 1:
        number = f" ({values[2].strip()})" if len(values) > 2 else ""
        return f"\n\n{values[1].strip()}{number}\n\n"
    if name in known.around and values:
        opening, closing = known.around[name]
        text = values[0].strip()
        return f"{opening}{text}{closing}" if text else ""
    if name in known.joined:
        return known.joined[name].join(filter(None, (value.strip() for value in values)))
    if name in known.place:
        return _placed(values, named, known.place[name])
    return None


def _ship(prefix: str, texts: list[str]) -> str | None:
    """Return a ship's name: {{USS|Nimitz|CVN-68}}, {{HMS|Hood|51|6}}; the third argument says how much."""
    name, pennant, form = (*texts, "", "")[:3]
    number = f" ({pennant})" if pennant else ""
    forms = {
        "": f"{prefix} {name}{number}",
        "1": pennant,
        "2": name,
        "3": f"{prefix} {name}",
        "6": name + number,
    }
    return forms.get(form)


def _chemical(texts: list[str]) -> str:
    """Return a formula of elements and their numbers: H, 2, O; before an element its masses: 14, 6, C."""
    before: list[str] = []
    while texts and len(before) < 2 and texts[0].isdecimal():
        before.append(texts.pop(0))
    head = "".join(f"<{tag}>{text}</{tag}>" for tag, text in zip(("sup", "sub"), before, strict=False))
    for place, text in enumerate(texts):
        if _CHARGE.fullmatch(text):
            head += f"<sup>{text}</sup>"
        else:
            head += f"<sub>{text}</sub>" if place % 2 and text else text
    return head


def _placed(values: Sequence[str], named: Mapping[str, str], place: int) -> str:
    for key in rules().argument:
        if key in named:
            return named[key]
    return values[min(place, len(values)) - 1] if values else ""


def _quantity(texts: list[str], named: Mapping[str, str], has_powers: bool) -> str:
    """Return a number with its unit: `5 to 7 km`, `6 ft 2 in`, `1.2 ± 0.1 ×10^5 m`.

    `has_powers`: a number behind a unit is its power, as in the French {{unité|12|km|2}}; elsewhere it
    says how a conversion is rounded.
    """
    parts = [named.get("p", "") + texts[0]] if texts else []
    rest = [text for text in texts[1:] if text]
    power = f"×10<sup>{named['e'].strip()}</sup>" if named.get("e", "").strip() else ""
    units: list[str] = []
    while len(rest) > 1 and rest[0] in rules().between:
        if rest[0] in ("-", "–") and parts:
            parts[-1] += f"–{rest[1]}"
        else:
            parts += rest[:2]
        rest = rest[2:]
    if rest and len(parts) == 1 and NUMBER.fullmatch(rest[0]):
        if len(rest) > 1 and NUMBER.fullmatch(rest[1]) and rest[0][0] == "+":
            parts.append(" ".join(rest[:2]))  # {{val|1.2|+0.1|-0.2}}
        else:
            parts.append(f"± {rest[0]}")  # {{val|1.2|0.1}}
    elif rest and re.fullmatch(r"\(\d+\)", rest[0]):
        parts[-1] += rest[0]
    elif len(rest) > 2 and (rest[0], rest[2]) in rules().unit_pairs and NUMBER.fullmatch(rest[1]):
        units = rest[:3]
    elif rest and not NUMBER.fullmatch(rest[0]):
        units = _units(rest) if has_powers else [_unit_name(rest[0])]
    if named.get("adj") == "mid" and len(rest) > 1 and re.match(r"-?[^\W\d]", rest[-1]):
        last = units or parts
        last[-1] += rest[-1] if rest[-1].startswith("-") else f" {rest[-1]}"
    parts += [power, *units]
    unit = next((named[key].strip() for key in ("u", "ul", "unité") if named.get(key, "").strip()), "")
    if per := next((named[key].strip() for key in ("up", "upl") if named.get(key, "").strip()), ""):
        unit = f"{unit}/{per}"
    parts.append(_unit_name(unit) + named.get("s", ""))
    return _POWER_OF_TEN.sub(r"\1 ×10<sup>\2</sup>", " ".join(filter(None, parts)))


def _unit_name(code: str) -> str:
    """Return a unit as it is written in a sentence: `km2`, `e6USgal`."""
    if (found := _THOUSANDS.fullmatch(code)) is not None:
        return f"{_COUNTED[found[1]]} {_unit_name(found[2])}"
    return rules().unit_names.get(code, code)


def _units(rest: Sequence[str]) -> list[str]:
    """Return a unit, with the power that follows it: {{unité|12874|km|2}}, {{unité|5|m|s|-1}}."""
    if len(rest) < 2 or not any(_POWER.fullmatch(text) for text in rest[1:4]) or len(rest) > 6:
        return [_unit_name(rest[0])]
    units: list[str] = []
    for text in rest:
        if _POWER.fullmatch(text) and units:
            units[-1] += f"<sup>{text}</sup>"
        elif text:
            units.append(text)
    return units


def _citation(kind: str, texts: list[str], named: Mapping[str, str]) -> str:
    texts = [text for text in texts if text and text not in ("txt", "nb", "txt=yes")]  # how {{harvs}} looks
    if not texts:
        texts = [named[key] for key in ("last", "last1", "last2", "last3", "author") if key in named]
        years = [named[key] for key in ("year", "year1", "year2", "year3") if key in named]
        texts += [", ".join(years)] if years else []
    if len(texts) < 2:
        return texts[0] if texts else ""
    *names, year = texts
    authors = (
        f"{names[0]} et al."
        if len(names) > 3
        else " & ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    )
    if place := next(
        (f"{mark} {named[key]}" for key, mark in (("pp", "pp."), ("p", "p.")) if key in named), ""
    ):
        year = f"{year}, {place}"
    if kind == "text":
        return f"{authors} ({year})"
    return f"({authors} {year})" if kind == "parenthesis" else f"{authors} {year}"


def _quotation(values: Sequence[str], named: Mapping[str, str]) -> str:
    text = _placed(values, named, 1).strip()
    return f"\n<blockquote>\n{text}\n</blockquote>\n" if text else ""


def is_note(use: Use) -> bool:
    """Return whether a use is a note of editors: dated, or left by the robot that looks for dead links."""
    return (
        bool(use.named)
        and not any(value.strip() for value in use.values)
        and use.named.keys() <= rules().note
    )
