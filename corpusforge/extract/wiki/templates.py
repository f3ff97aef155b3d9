"""What a wiki's templates say to a reader: the few that stand in sentences, by `extract/wiki/templates.toml`.

A wiki's own templates are not in its articles' text and there are hundreds of thousands. One
that no list names still speaks where it stands in a sentence: a space or bracket before it, an
argument that reads like a word or number. A footnote's mark follows its word without a space.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

Render = Callable[[Any], str]
"""Returns the text of a parsed argument."""
GONE = "\x02"
"""Stands where something was left out of a line: spaces around it are mended afterwards."""
_FRENCH_ORDINAL = re.compile(r"\s*(?:[IVXLCDM]+|\d+)(?:er?|re|ème)(?: siècle)?\s*")
_NUMBER = re.compile(r"[−–-]?[\d.,\s\u00a0]*\d[\d.,]*")
_UNIT = re.compile(r"[^\W\d_]{1,12}\.?|[°%‰€$£][CFKR]?|[kcmµn]?m[²³]")
_NO_TEXT = re.compile(r"[PpQq]\d+|.*\.(?:og[gav]|wav|mp3|svg|jpe?g|png|webm)", re.I | re.S)
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{3})?")
_SPEAKS = re.compile(r"[^\W\d_]|\d")
_IN_SENTENCE = re.compile(r"[^\W\d_][^\n\x01]*[\s(\[«„“\"'’–—/|]$")
_MAX_CHARS = 150


@dataclass(frozen=True, slots=True)
class Rules:
    """The lists of `extract/wiki/templates.toml`, ready to look up."""

    literal: dict[str, str]
    around: dict[str, tuple[str, str]]
    place: dict[str, int]
    joined: dict[str, str]
    quantity: frozenset[str]
    between: frozenset[str]
    fraction: frozenset[str]
    citation: dict[str, str]
    quotation: frozenset[str]
    argument: tuple[str, ...]
    prefix: tuple[str, ...]
    language: frozenset[str]
    silent: tuple[str, ...]
    disambiguation: frozenset[str]
    disambiguation_titles: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Return the rules that ship with the package."""
    path = files("corpusforge.extract.wiki").joinpath("templates.toml")
    data = tomllib.loads(path.read_text("utf-8"))
    return Rules(
        literal=data["literal"],
        around={name: (marks[0], marks[1]) for name, marks in data["around"].items()},
        place={name: int(place) for place, names in data["place"].items() for name in names},
        joined=data["joined"],
        quantity=frozenset(data["quantity"]["names"]),
        between=frozenset(data["quantity"]["between"]),
        fraction=frozenset(data["fraction"]["names"]),
        citation={name: kind for kind, names in data["citation"].items() for name in names},
        quotation=frozenset(data["quotation"]["names"]),
        argument=tuple(data["argument"]["names"]),
        prefix=tuple(data["prefix"]["names"]),
        language=frozenset(data["prefix"]["languages"]),
        silent=tuple(data["silent"]["words"]),
        disambiguation=frozenset(data["disambiguation"]["templates"]),
        disambiguation_titles=tuple(data["disambiguation"]["titles"]),
    )


def template_name(name: object) -> str:
    """Return a template's name as the lists write it: lower case, single blanks, no namespace."""
    return " ".join(str(name).replace("_", " ").split()).lower().removeprefix("template:").strip()


def template_text(node: Any, render: Render, before: str, title: str) -> str:
    """Return what a template says, `GONE` where it says nothing.

    `before`: the text of the line that it stands in, so far; `title`: of the page.
    """
    name = template_name(node.name)
    values = [param.value for param in node.params if not param.showkey]
    named = {str(param.name).strip(): param.value for param in node.params if param.showkey}
    if name.endswith("pagename"):
        return title
    if ":" in name:
        return _parser_function(name, str(node.name)) or GONE
    if not values and _FRENCH_ORDINAL.fullmatch(str(node.name)):
        return str(node.name).strip()
    known = rules()
    if name in known.literal and not (name in known.around and values):
        return known.literal[name]
    text = _by_list(name, values, named, render)
    if text is None:
        text = _by_context(name, values, named, render, before)
    return text or GONE


def _parser_function(name: str, written: str) -> str:
    """Return the argument of {{formatnum:10000}} and its like; conditions say nothing."""
    function, _, argument = written.partition(":")
    function = function.strip().lower()
    if function in ("formatnum", "lc", "uc", "lcfirst", "ucfirst", "nowiki") and "{" not in argument:
        return argument.strip()
    return ""


def _by_list(name: str, values: list[Any], named: dict[str, Any], render: Render) -> str | None:
    """Return what the lists make of a template, None where none holds its name."""
    known = rules()
    if name in known.quantity:
        return _quantity([render(value).strip() for value in values], named, render)
    if name in known.fraction and values:
        parts = [render(value).strip() for value in values][-3:]
        whole = f"{parts.pop(0)} " if len(parts) == 3 else ""
        return whole + ("/".join(parts) if len(parts) == 2 else f"1/{parts[0]}")
    if name in known.citation:
        return _citation(known.citation[name], [render(value).strip() for value in values], named, render)
    if name in known.quotation:
        return _quotation(values, named, render)
    if name in ("su", "subsup", "sup sub"):
        low, high = (render(named[key]) if key in named else "" for key in ("b", "p"))
        return (f"_{low}" if low else "") + (f"^{high}" if high else "")
    if name in ("chem", "chimie", "fchim"):
        texts = [render(value).strip() for value in values]
        return "".join(f"_{text}" if place % 2 and text else text for place, text in enumerate(texts))
    if name == "numblk" and len(values) > 1:
        number = f" ({render(values[2]).strip()})" if len(values) > 2 else ""
        return f"\n\n{render(values[1]).strip()}{number}\n\n"
    if name in known.around and values:
        opening, closing = known.around[name]
        text = render(values[0]).strip()
        return f"{opening}{text}{closing}" if text else ""
    if name in known.joined:
        texts = [render(value).strip() for value in values]
        return known.joined[name].join(filter(None, texts))
    if name in known.place:
        return _placed(values, named, render, known.place[name])
    return None


def _placed(values: Sequence[Any], named: dict[str, Any], render: Render, place: int) -> str:
    for key in rules().argument:
        if key in named:
            return render(named[key])
    return render(values[min(place, len(values)) - 1]) if values else ""


def _quantity(texts: list[str], named: dict[str, Any], render: Render) -> str:
    """Return a number with its unit: `5 to 7 km`, `1.2 ± 0.1 ×10^5 m`."""
    parts = texts[:1]
    rest = texts[1:]
    while len(rest) > 1 and rest[0] in rules().between:
        parts += rest[:2]
        rest = rest[2:]
    if rest and len(parts) == 1 and _NUMBER.fullmatch(rest[0]):
        parts.append(f"± {rest[0]}")  # {{val|1.2|0.1}}
    elif rest and not _NUMBER.fullmatch(rest[0]):
        parts.append(rest[0])
    if "e" in named:
        parts.append(f"×10^{render(named['e']).strip()}")
    parts += [render(named[key]).strip() for key in ("u", "ul") if key in named]
    return " ".join(filter(None, parts))


def _citation(kind: str, texts: list[str], named: dict[str, Any], render: Render) -> str:
    if not texts:
        texts = [render(named[key]).strip() for key in ("last", "last1", "last2", "year") if key in named]
    if len(texts) < 2:
        return texts[0] if texts else ""
    authors, year = " & ".join(texts[:-1]), texts[-1]
    if kind == "text":
        return f"{authors} ({year})"
    return f"({authors} {year})" if kind == "parenthesis" else f"{authors} {year}"


def _quotation(values: Sequence[Any], named: dict[str, Any], render: Render) -> str:
    text = _placed(values, named, render, 1).strip()
    lines = "\n".join(f"> {line.strip()}" for line in text.split("\n") if line.strip())
    return f"\n\n{lines}\n\n" if lines else ""


def _by_context(name: str, values: list[Any], named: dict[str, Any], render: Render, before: str) -> str:
    """Return the argument that a template of no list shows, "" where it seems to show none."""
    known = rules()
    if name.startswith(known.prefix) or name in known.language:
        shown = values[1] if name.startswith("нп") and len(values) > 1 and str(values[1]).strip() else None
        text = render(shown if shown is not None else values[0]).strip() if values else ""
        return text if _SPEAKS.search(text) else ""
    if not values or len(named) > 1 or not _IN_SENTENCE.search(before):
        return ""
    if _is_silent(name):
        return ""
    texts = [render(value).strip() for value in values[:4]]
    while len(texts) > 1 and _CODE.fullmatch(texts[0]) and _SPEAKS.search(texts[1]):
        texts.pop(0)  # {{llang|de|Berlin}}
    text = texts[0]
    if len(text) > _MAX_CHARS or "\n" in text or not _SPEAKS.search(text) or _NO_TEXT.fullmatch(text):
        return ""
    if _NUMBER.fullmatch(text) and len(texts) > 1 and _UNIT.fullmatch(texts[1]):
        return f"{text} {texts[1]}"
    return text


def _is_silent(name: str) -> bool:
    """Return whether a name is, or holds, a word of the silent list; a short one only as a word."""
    words = set(re.split(r"[\s-]+", name))
    return any(word in words or (len(word) > 4 and word in name) for word in rules().silent)
