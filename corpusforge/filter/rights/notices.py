"""Licences that the words of a header state: their names, notices and riders, and if one may choose.

A name counts where words before it in the sentence put the file under it (`released under`,
`License:`), or where it is a title of its own. What is said of a part, or of the work that a file
comes from, is the file's only if it restricts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, cast

from corpusforge import lazy_re as re
from corpusforge.signs import SignFinder, sign_finder

_MARKS = "*#/;%'\"<>!(){}[]`|-"
"""Comment marks and hyphens: as white space between the words of a header."""
_TITLE = re.compile(
    r"^[^\w\n\"'=]*(?:the )?(?:(?:mit|isc|zlib|bsd[- ][234][- ]clause|apache)[\w .,]{0,12}"
    r"|[\w -]{4,40} public )licen[cs]e\b(?! header)", re.M | re.I,
)  # fmt: skip
_TITLE_BETWEEN = re.compile(
    r"(?:[|,\u2022\u00b7]| -) ?(?=(?:mit|isc|bsd|apache)[\w. -]{0,12}licen[cs]e[ \t]*(?:$|\||\*/|-->))",
    re.M | re.I,
)
_HEADING = re.compile(r"^#{1,6}[ \t]*licen[cs]e[ \t]*:?[ \t]*\n", re.M | re.I)
_TITLE_MARK = " titled: "
# What puts a file under what follows in its sentence.
_CUE = re.compile(
    r"\bunder\b|subject to|pursuant to|\bterms of\b|governed by|covered by|rights ?:|titled:"
    r"|@licen[cs]e|licen[cs]es? ?[:=]|licen[cs]e (?:is|with)\b|licen[cs]ed\b|\bdual licen"
    r"|\b(?:is|are) (?:the )?$"
)
_CUE_CHARS = 260
_SENTENCE_END = re.compile(r"(?<!\bv)(?<!\binc)(?<!\bcorp)(?<!\bltd)(?<!\bver)\. (?!\d)")
_VERSION = re.compile(
    r"(?: or later)?\W{0,3}(?:license|licence)?\W{0,3}(?:version|ver|v)?\W{0,2}(\d(?:\.\d)?)\b"
)
_VERSION_BEHIND = re.compile(r"version (\d(?:\.\d)?)")
_VERSION_BEFORE = re.compile(r"version (\d(?:\.\d)?)(?: only)?,? of the (?:gnu )?$")
_VERSION_CHARS = 150
_NEXT_NAME = re.compile(r"\b(?:gnu|lesser|mozilla|affero|apache|mit|lgpl|agpl)\b")
_ATTACHED = re.compile(r"v?(\d)$")
_OR_LATER = re.compile(r".{0,60}?(?:any later version|or (?:any )?later|or newer|or above)|\+|\.0\+", re.S)


@dataclass(frozen=True, slots=True)
class _Name:
    bit: int
    """Of the signs, of which one stands wherever the pattern matches, in what `_Rules.finder` finds."""
    spdx: str
    """With `{v}` where a version goes."""
    pattern: re.Pattern[str]
    is_whole: bool
    """Whether nothing need put the file under it: the licence's own text or address, or its name in full."""


_Rider = tuple[int, str, re.Pattern[str]]
"""(bit of its signs, LicenseRef, pattern)."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """The packaged `notices.toml`."""

    finder: SignFinder
    names: tuple[_Name, ...]
    riders: tuple[_Rider, ...]
    """Terms over and above a licence."""
    riders_of_licences: tuple[_Rider, ...]
    """The same, in words that say much else where no licence is stated."""


def read_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the tables `name`, `rider` and `rider_of_licence` of the packaged `notices.toml`."""
    text = (resources.files("corpusforge.filter.rights") / "notices.toml").read_text("utf-8")
    return cast("dict[str, list[dict[str, Any]]]", tomllib.loads(text))


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    tables = read_rows()
    bits: dict[str, int] = {}
    for number, row in enumerate(row for table in tables.values() for row in table):
        row["bit"] = 1 << number
        for sign in row["signs"]:
            bits[sign] = bits.get(sign, 0) | row["bit"]
    names = tuple(
        _Name(row["bit"], row["id"], re.compile(row["pattern"], re.S), row.get("whole", False))
        for row in tables["name"]
    )
    riders, of_licences = (
        tuple((int(row["bit"]), str(row["id"]), re.compile(row["pattern"])) for row in tables[table])
        for table in ("rider", "rider_of_licence")
    )
    return _Rules(sign_finder(list(bits), list(bits.values())), names, riders, of_licences)


_CHOICE = re.compile(
    r"\b(?:dual|tri|triple|multi|double) ?licen[cs]ed|\bunder either of\b|\bunder either the\b"
    r"|\beither of (?:these|the following) ?(?:two )?licen[cs]es"
    r"|\beither the\b.{0,120}\bor the\b|\balternatively,? (?:the contents of )?this"
    r"|\bwhichever\b|\bmay be used under the terms of either|\byou may (?:choose|select|elect|pick)"
    r"|\bat your (?:option|choice|election|discretion)(?!,? any later|\) any later| any later)"
    r"|\b(?:or|choice of).{0,30}\blicen[cs]e,? at your option"
)
_OR_BETWEEN = re.compile(r",? ?\bor ?,?(?: (?:under|the|a|of|terms|gnu))* ?")
_CHOICE_CHARS = 300
_ANY_VERSION = re.compile(r" ?\bversion \d(?:\.\d)?")
_PART = re.compile(
    r"(?:\b(?:parts?|portions?|some|snippets?|sections?|pieces|algorithm|function|bundled|vendored"
    r"|third party|copied|taken|derived|adapted|borrowed|ported|based|inspired)"
    r" (?:of|on|from|code|are|is|was|were|in|below|version|by|under)\b)(?!.{0,40}\bthis file is\b)"
    r"|\bwhich (?:is|was|are) (?:\w+ )?$|\belsewhere\b"
)
_PART_CHARS = 110
_NOT_A_STATEMENT = re.compile(
    r"\b(?:not|isn t|never|no longer|incompatible with|unlike|previously|formerly|change date|used to be"
    r"|returns?|whether|if|checks?|says)\b[\w ,]{0,40}$"
)


@dataclass(frozen=True, slots=True)
class Notices:
    """What the words of a header state."""

    names: tuple[str, ...]
    """SPDX ids, each family once."""
    riders: tuple[str, ...]
    may_choose: bool


_NC = "LicenseRef-Non-Commercial"
_WAIVERS = frozenset({"CC0-1.0", "Unlicense"})
SIGNS = (
    "licen", "permission", "redistribut", "public domain", "copyleft", "commercial", "clause",
    "proof of usage", "the author", "confidential", "unauthori", "trade secret", "internal use", "military",
    "weapon", " only", "proprietary", "distribute", "creative commons", "creativecommons", "cc by", "cc-by",
    "gpl", "consent", "good and not evil", "wtfpl",
)  # fmt: skip
"""One of them stands in every header that states anything."""
_STATES = sign_finder(SIGNS, [1] * len(SIGNS))
_NOTHING = Notices((), (), False)


def notices(header: str, is_permissive: Callable[[str], bool]) -> Notices:
    """Return the licences, riders and the choice that a header without its program's strings states."""
    lower = header.lower()
    if not _STATES.bits(lower):
        return _NOTHING
    if "licen" in lower:
        header = _HEADING.sub(_TITLE_MARK, header.replace(">=", " or later "))
        header = "\n".join(map(_with_titles, header.split("\n")))
    plain = _plain(header)
    rules = _rules()
    bits = rules.finder.bits(plain)  # most headers hold the signs of few rules
    found: list[tuple[int, int, str]] = []
    taken: list[tuple[int, int]] = []
    for name in rules.names:
        for start, end, spdx in _stated(plain, name, taken, is_permissive) if bits & name.bit else ():
            if not any(_family(spdx) == _family(other) for *_, other in found):
                found.append((start, end, spdx))
    found.sort()
    names = tuple(spdx for *_, spdx in found)
    if _WAIVERS & set(names):
        names = tuple(name for name in names if name != "public-domain")
    riders = _met(rules.riders, bits, plain)
    if names or "spdx license identifier" in plain:
        riders += _met(rules.riders_of_licences, bits, plain)
    if "by nc" in plain and _NC not in riders and not any("-NC" in name for name in names):
        riders.insert(0, _NC)
    return Notices(names, tuple(riders), len(names) > 1 and _may_choose(plain, found))


def _with_titles(line: str) -> str:
    """Return a line with marks before the titles of licences in it."""
    if line.isascii() and "licen" not in line.lower():
        return line
    return _TITLE_BETWEEN.sub(_TITLE_MARK, _TITLE.sub(lambda match: _TITLE_MARK + match[0], line))


def _plain(header: str) -> str:
    """Return a header in lower case, each run of white space and comment marks as one blank."""
    for mark in _MARKS:
        header = header.replace(mark, " ")
    words = " ".join(header.split())
    before = " " if header[:1].isspace() else ""
    behind = " " if words and header[-1:].isspace() else ""
    return f"{before}{words}{behind}".lower().replace("licence", "license")


def _met(riders: tuple[_Rider, ...], bits: int, plain: str) -> list[str]:
    return [name for bit, name, pattern in riders if bits & bit and pattern.search(plain)]


def _may_choose(plain: str, found: list[tuple[int, int, str]]) -> bool:
    """Return whether the words between or around the licences leave a choice among them."""
    around = plain[max(0, found[0][0] - _CHOICE_CHARS) : found[-1][1] + _CHOICE_CHARS]
    between = (plain[one[1] : two[0]].replace("licenses", "") for one, two in pairwise(found))
    return _CHOICE.search(around) is not None or any(
        _OR_BETWEEN.fullmatch(_ANY_VERSION.sub("", words)) for words in between
    )


def _stated(
    plain: str, name: _Name, taken: list[tuple[int, int]], is_permissive: Callable[[str], bool]
) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, SPDX id) of where a header puts the file under a licence."""
    for match in name.pattern.finditer(plain):
        start, end = match.span()
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        taken.append((start, end))
        if _NOT_A_STATEMENT.search(plain[max(0, start - _PART_CHARS) : start]):
            continue
        sentence = _SENTENCE_END.split(plain[max(0, start - _CUE_CHARS) : start])[-1]
        spdx = _versioned(plain, name.spdx, match)
        if spdx is None:
            continue
        is_put = name.is_whole or _CUE.search(sentence) is not None
        if not is_put and (is_permissive(spdx) or "copyright" not in sentence):
            continue
        before = sentence[-_PART_CHARS:] if not name.is_whole else plain[max(0, start - _PART_CHARS) : start]
        if _PART.search(before) and is_permissive(spdx):
            continue
        yield start, end, spdx


def _versioned(plain: str, spdx: str, match: re.Match[str]) -> str | None:
    """Return an SPDX id with the version that stands beside the name; None where a GNU licence has none."""
    if spdx == "CC":
        marks = [mark for mark in ("nc", "sa", "nd") if match[mark] or match[f"{mark}2"]]
        # Elements stand in any order in words: `share alike` may come before `no derivatives`.
        version = re.match(r"(?:\W|international|public|license)*(\d\.\d)", plain[match.end() :])
        parts = ["CC", "BY", *(mark.upper() for mark in ("nc", "nd", "sa") if mark in marks)]
        return "-".join([*parts, version[1]] if version else parts)
    if "{v}" not in spdx:
        return spdx
    rest = plain[match.end() : match.end() + _VERSION_CHARS]
    behind = _NEXT_NAME.split(rest, maxsplit=1)[0]
    before = _VERSION_BEFORE.search(plain[max(0, match.start() - 40) : match.start()])
    found = _ATTACHED.search(match[0]) or before or _VERSION.match(behind) or _VERSION_BEHIND.search(behind)
    if found is None:  # of Affero's there is one
        return "AGPL-3.0" if spdx.startswith("AGPL") else None
    version = found[1] if "." in found[1] else f"{found[1]}.0"
    at = found.end() if found.string is behind else 0
    later = (_OR_LATER.match(rest[at:]) or rest.startswith(" or later")) if "GPL-" in spdx else None
    return spdx.replace("{v}", version) + ("-or-later" if later else "")


def _family(spdx: str) -> str:
    return re.sub(r"-or-later$|-only$", "", spdx).lower()
