"""Licences that the words of a header state: their names, notices and riders, and if one may choose.

A name counts where words before it in the sentence put the file under it (`released under`,
`License:`), or where it is a title of its own. What is said of a part, or of the work that a file
comes from, is the file's only if it restricts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"[\s*#/;%'\"<>!(){}\[\]`|-]+")
_TITLE = re.compile(
    r"^[^\w\n\"'=]*(?:the )?(?:(?:mit|isc|zlib|bsd[- ][234][- ]clause|apache)[\w .,]{0,12}|[\w -]{4,40} public )"
    r"licen[cs]e\b(?! header)", re.M | re.I,
)  # fmt: skip
_TITLE_BETWEEN = re.compile(r"[|•·] ?(?=(?:mit|isc|bsd|apache|gpl)[\w. -]{0,12}licen[cs]e\b|licen[cs]e: )", re.I)
_TITLE_MARK = " titled: "
# What puts a file under what follows in its sentence.
_CUE = re.compile(
    r"\bunder\b|subject to|\bterms of\b|governed by|covered by|@licen[cs]e|licen[cs]es? ?[:=]|\bdual licen"
    r"|titled:|licen[cs]e (?:is|with)\b|\b(?:is|are) (?:the )?$|(?:dual|triple|tri|multi) licen[cs]ed ?:?|licen[cs]ed\b"
)
_CUE_CHARS = 260
_SENTENCE_END = re.compile(r"(?<!\bv)(?<!\binc)(?<!\bcorp)(?<!\bltd)(?<!\bver)\. (?!\d)")
_VERSION = re.compile(r"\W{0,3}(?:license|licence)?\W{0,3}(?:version|ver|v)?\W{0,2}(\d(?:\.\d)?)\b")
_VERSION_BEHIND = re.compile(r"version (\d(?:\.\d)?)")
_VERSION_BEFORE = re.compile(r"version (\d(?:\.\d)?)(?: only)?,? of the (?:gnu )?$")
_VERSION_CHARS = 150
_NEXT_NAME = re.compile(r"\b(?:gnu|lesser|mozilla|affero|apache|mit|lgpl|agpl)\b")
_ATTACHED = re.compile(r"v?(\d)$")
_OR_LATER = re.compile(r".{0,60}?(?:any later version|or (?:any )?later|or newer|or above)|\+|\.0\+", re.S)


@dataclass(frozen=True, slots=True)
class _Name:
    spdx: str
    """With `{v}` where a version goes."""
    pattern: re.Pattern[str]
    is_whole: bool = False
    """Whether the words are the licence's own text or address, so that nothing need put the file under it."""


def _name(spdx: str, pattern: str, *, is_whole: bool = False) -> _Name:
    return _Name(spdx, re.compile(pattern, re.S), is_whole)


_CREATIVE_COMMONS = (
    r"(?:creative ?commons |cc )(?:\w+ )?(?:attribution|by)(?P<nc> non ?commercial| nc)?(?P<sa> share ?alike| sa)?"
    r"(?P<nd> no ?deriv\w*| nd)?\b|creativecommons\.org licenses by(?P<nc2> nc)?(?P<sa2> sa)?(?P<nd2> nd)?\b"
)
# More exact ones first: what one has taken, the next does not see.
_NAMES = (
    _name("Apache-2.0", r"apache\.org licenses license 2\.0", is_whole=True),
    _name("Apache-2.0", r"apache (?:software )?(?:public )?license,? ?(?:version |v ?)?2(?:\.0)?\b"
                        r"|apache (?:version |v)?2(?:\.0)?\b(?: license)?|apache license\b(?!,? (?:version )?1)"),
    _name("AGPL-{v}", r"(?:gnu )?affero (?:general )?public license|\bagpl\w{0,2}"),
    _name("LGPL-{v}", r"(?:gnu )?(?:lesser|library) (?:general )?public license|\blgpl\w{0,2}"),
    _name("SSPL-1.0", r"server side public license|\bsspl\b"),
    _name("GPL-{v}", r"(?:gnu )?general public license|\bgpl\w{0,2}"),
    _name("MPL-{v}", r"mozilla public license|\bmpl"),
    _name("EPL-{v}", r"eclipse public license|\bepl"),
    _name("EUPL-{v}", r"european union public licen[cs]e|\beupl"),
    _name("CDDL-1.0", r"common development and distribution license|\bcddl"),
    _name("LPPL-{v}", r"latex project public license|\blppl"),
    _name("BSL-1.0", r"boost software license"),
    _name("BUSL-1.1", r"business source license|\bbusl\b"),
    _name("Elastic-2.0", r"elastic license(?:,? (?:version |v)?2(?:\.0)?)?"),
    _name("Unlicense", r"this is free and unencumbered software released into the public domain", is_whole=True),
    _name("Unlicense", r"\bthe unlicense\b"),
    _name("public-domain", r"\b(?:this|code|file|software|work|program|hereby|is|are|been) (?:\w+ ){0,5}"
                           r"(?:in|into|to) the public domain|\bis public domain", is_whole=True),
    _name("Zlib", r"permission is granted to anyone to use this software for any purpose,? including commercial",
          is_whole=True),
    _name("blessing", r"may you do good and not evil", is_whole=True),
    _name("Beerware", r"beer ?ware license", is_whole=True),
    _name("JSON", r"shall be used for good,? not evil", is_whole=True),
    _name("CC0-1.0", r"creative commons (?:zero|cc0)|creativecommons\.org publicdomain zero 1\.0|\bcc0\b"),
    _name("CC", _CREATIVE_COMMONS),
    _name("WTFPL", r"\bwtfpl|do what the f\w+ you want to"),
    _name("Zlib", r"\bzlib(?: libpng)? license"),
    _name("Artistic-2.0", r"artistic license 2\.0"),
    _name("0BSD", r"\b0bsd\b|zero clause bsd"),
    _name("ISC", r"permission to use, copy, modify, and or distribute this software for any purpose with or",
          is_whole=True),
    _name("ISC", r"\bisc license"),
    _name("MIT", r"permission is hereby granted, free of charge, to any person obtaining a copy", is_whole=True),
    _name("MIT", r"opensource\.org licenses? mit\b|\bmit licen[cs]ed\b(?! (?:depend|code|soft|proj|lib|comp|part|pack))",
          is_whole=True),
    _name("MIT", r"\bmit(?: expat)?(?: style)?(?: open source)? licen[cs]e\b|\bmit\b(?!\.edu| ai\b| csail)"),
    _name("BSD-4-Clause", r"redistribution and use in source and binary forms.{0,900}all advertising materials"
                          r".{0,500}(?:neither|the) name", is_whole=True),
    _name("BSD-3-Clause", r"redistribution and use in source and binary forms.{0,1200}neither the name",
          is_whole=True),
    _name("BSD-2-Clause", r"redistribution and use in source and binary forms", is_whole=True),
    _name("BSD-3-Clause", r"(?:bsd 3 clause|3 clause bsd|new bsd|modified bsd|revised bsd)(?: \w+ or \w+)?"
                          r"(?: licen[cs]e)?"),
    _name("BSD-2-Clause", r"(?:bsd 2 clause|2 clause bsd|simplified bsd)(?: simplified)?(?: licen[cs]e)?"),
)  # fmt: skip
# Terms over and above a licence, and their LicenseRef.
_RIDERS = (
    ("LicenseRef-Commons-Clause", re.compile(r"commons clause")),
    ("LicenseRef-Non-Commercial", re.compile(
        r"non ?commercial (?:use|purposes?|licen[cs]e)|not (?:be used )?for commercial|no commercial use"
        r"|commercial (?:use|usage|users?) (?:is (?:not|prohibited|forbidden)|requires?|needs?|must)"
        r"|for non ?commercial")),
    ("LicenseRef-Proof-Of-Usage", re.compile(r"proof of usage|notify the author|must inform the author")),
    ("LicenseRef-Proprietary", re.compile(
        r"proprietary and confidential|confidential and proprietary|unauthori[sz]ed (?:copying|use)|trade secret"
        r"|all rights reserved.{0,80}(?:may not be|no part of)|internal use only|proprietary license"
        r"|do not (?:re)?distribute\b|not for (?:re)?distribution"
        r"|proprietary rights|express (?:written )?(?:license|permission|consent)|\benterprise license"
        r"|\bcommercial licen[cs]e (?:agreement|only)|spdx license identifier: unlicensed\b")),
    ("LicenseRef-No-Military", re.compile(
        r"not (?:be used|to be used|for use|used)? ?(?:for|in|by) (?:any )?(?:military|weapon)|no military use")),
    ("LicenseRef-Academic", re.compile(
        r"(?:academic|research|educational|evaluation|personal)(?: (?:use|purposes?))? only"
        r"|only for (?:academic|research|educational|personal)")),
    ("LicenseRef-No-AI", re.compile(
        r"(?:not|no|never|nor) (?:\w+ ){0,8}(?:train|training)\b(?: \w+){0,6} (?:model|models|ai|llms?|networks?)")),
    ("LicenseRef-Restricted", re.compile(
        r"\b(?:but|except that|provided (?:that )?you) (?:you )?(?:may not|must not|cannot|do not|shall not)"
        r"|(?:additional|further|following) (?:restrictions?|limitations?) appl|modified to (?:exclude|forbid)"
        r"|licen[cs]e with (?:\w+ ){1,3}(?:clause|restriction|condition|exception that)"
        r"|(?:must|shall) not (?:be )?use|may not use (?:it\b|this (?!\w+ except|file except|work except))")),
)  # fmt: skip
_CHOICE = re.compile(
    r"\b(?:dual|tri|triple|multi|double) ?licen[cs]ed|\blicen[cs]ed under either|\beither of (?:these|the following)?"
    r"|\beither the\b.{0,120}\bor the\b|\balternatively,? (?:the contents of )?this"
    r"|\bwhichever\b|\bmay be used under the terms of either|\byou may (?:choose|select|elect|pick)"
    r"|\bat your (?:option|choice|election|discretion)(?!,? any later|\) any later| any later)"
    r"|\b(?:or|choice of).{0,30}\blicen[cs]e,? at your option"
)
_OR_BETWEEN = re.compile(r",? ?\bor ?,?(?: (?:under|the|a|of|terms|gnu))* ?")
_PART = re.compile(
    r"(?:\b(?:parts?|portions?|some|snippets?|sections?|pieces|algorithm|function|bundled|vendored"
    r"|third party|copied|taken|derived|adapted|borrowed|ported|based|inspired)"
    r" (?:of|on|from|code|are|is|was|were|in|below|version|by|under)\b)(?!.{0,40}\bthis file is\b)"
    r"|\bwhich (?:is|was|are) (?:\w+ )?$|\belsewhere\b"
)
_PART_CHARS = 110
_NOT_A_STATEMENT = re.compile(
    r"\b(?:not|isn t|never|no longer|incompatible with|unlike|previously|used to be|returns?|whether|if|checks?"
    r"|says)\b[\w ,]{0,40}$"
)


@dataclass(frozen=True, slots=True)
class Notices:
    """What the words of a header state."""

    names: tuple[str, ...]
    """SPDX ids, each family once."""
    riders: tuple[str, ...]
    may_choose: bool


def notices(header: str, is_permissive: Callable[[str], bool]) -> Notices:
    """Return the licences, riders and the choice that a header without its program's strings states."""
    titled = _TITLE.sub(lambda match: _TITLE_MARK + match[0], header)
    titled = _TITLE_BETWEEN.sub(_TITLE_MARK, titled)
    plain = _COMMENT.sub(" ", titled).lower()
    riders = tuple(name for name, pattern in _RIDERS if pattern.search(plain))
    found: list[tuple[int, int, str]] = []
    taken: list[tuple[int, int]] = []
    for name in _NAMES:
        for start, end, spdx in _stated(plain, name, taken, is_permissive):
            if not any(_family(spdx) == _family(other) for *_, other in found):
                found.append((start, end, spdx))
    found.sort()
    joined = any(
        _OR_BETWEEN.fullmatch(plain[one[1] : two[0]].replace("version 2", "").replace("licenses", ""))
        for one, two in zip(found, found[1:], strict=False)
    )
    may_choose = len(found) > 1 and (joined or _CHOICE.search(plain) is not None)
    return Notices(tuple(spdx for *_, spdx in found), riders, may_choose)


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
    if found is None:
        return None
    version = found[1] if "." in found[1] else f"{found[1]}.0"
    at = found.end() if found.string is behind else 0
    later = _OR_LATER.match(rest[at:]) if "GPL-" in spdx else None
    return spdx.replace("{v}", version) + ("-or-later" if later else "")


def _family(spdx: str) -> str:
    return re.sub(r"-or-later$|-only$", "", spdx).lower()
