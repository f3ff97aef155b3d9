"""Which licence stands over a file of a repository: the licence files of its folder and those above.

A licence file is told by its name and recognised by phrases of its text, which are data
(`licences.toml`). What is not recognised is unknown: it is never guessed, and a file under
it does not fall back on the licence of a folder above.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import IO, Any, cast

from corpusforge.ingest.archives.archive import entries
from corpusforge.ingest.archives.entry import Entry, Limits, Refused

REPOSITORY = "repository"
"""`licence_source` of a licence that a licence file of the repository states."""

_READ_BYTES = 256 << 10
"""How much of a licence file is read; the longest licence texts have 50 kB."""
_NAME = re.compile(
    r"(?:(?:un)?licen[cs]es?|copying|copyright)(?:[.\-_][\w.+-]*)?|[\w.]+[-_]licen[cs]e(?:\.\w+)?", re.I
)
_NO_TEXT_FILE = re.compile(
    r"\.(?!(?:txt|text|md|markdown|rst|adoc|html?|lesser|mit|bsd|gpl|apache|lgpl|agpl|mpl|isc|\w*\d)$)\w+$",
    re.I,
)
_NAMED_FOR_ONE = re.compile(
    r"(?:un)licen[cs]e|licen[cs]e[-._](?!txt$|text$|md$|markdown$|rst$|html?$).+", re.I
)
_CHOICE = re.compile(
    r"\bdual licen[cs]ed|\blicensed under either|\beither of (?:these|the following) licen[cs]es"
)
_CHOICE_MAX_CHARS = 4000
_SPDX_LINE = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+-]+)")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    spdx: str
    all: tuple[str, ...]
    some: tuple[str, ...]
    none: tuple[str, ...]

    def fits(self, plain: str) -> bool:
        return (
            all(phrase in plain for phrase in self.all)
            and (not self.some or any(phrase in plain for phrase in self.some))
            and not any(phrase in plain for phrase in self.none)
        )


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    text = (resources.files("corpusforge.ingest.repositories") / "licences.toml").read_text("utf-8")
    rows = cast("list[dict[str, Any]]", tomllib.loads(text)["licence"])
    found: list[_Rule] = []
    for row in rows:
        for version in cast("list[str]", row.get("versions", [""])):
            phrases = [
                tuple(_marked(phrase.replace("{v}", version)) for phrase in row.get(key, ()))
                for key in ("all", "some", "none")
            ]
            found.append(_Rule(row["id"].replace("{v}", version), *phrases))
    return tuple(found)


def _marked(text: str) -> str:
    """Return the words of a text, each with a blank on both sides."""
    return f" {_NO_WORD.sub(' ', text.lower()).strip()} "


def is_licence_file(path: str) -> bool:
    """Return whether a file is a repository's licence by its name: COPYING, MIT-LICENSE.txt, UNLICENSE."""
    name = path.rpartition("/")[2]
    return _NAME.fullmatch(name) is not None and _NO_TEXT_FILE.search(name) is None


def licences_of_text(text: str) -> list[str]:
    """Return the SPDX ids of all licences whose text (or SPDX line) a text holds, sorted.

    >>> licences_of_text("This is free and unencumbered software released into the public domain.")
    ['Unlicense']
    """
    plain = _marked(text)
    found = {rule.spdx for rule in _rules() if rule.fits(plain)}
    return sorted(found | {match[1] for match in _SPDX_LINE.finditer(text)})


@dataclass(slots=True)
class _Folder:
    """The licence files of one folder, taken together."""

    files: list[str]
    ids: set[str]
    may_choose: bool = False

    def expression(self) -> str | None:
        """Return one SPDX expression: OR where the repository lets one choose, else AND.

        LGPL 3 comes as two files, its text and that of GPL 3 which it adds to: it is LGPL.
        """
        ids = self.ids - ({"GPL-3.0"} if "LGPL-3.0" in self.ids else set())
        named = [name for name in self.files if _NAMED_FOR_ONE.fullmatch(name.rpartition("/")[2])]
        choice = self.may_choose or (len(named) > 1 and len(named) == len(self.files))
        return (" OR " if choice else " AND ").join(sorted(ids)) or None


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence over a file, and the first licence file that states it."""

    expression: str
    file: str


class LicenceFiles:
    """The licence files of a repository, or of an archive of several, by folder.

    Memory: a few ids for each folder that holds a licence file.
    """

    def __init__(self, found: Iterable[Entry | Refused] = ()) -> None:
        """Take the licence files out of entries; anything else is passed over."""
        self._folders: dict[str, _Folder] = {}
        for item in found:
            if isinstance(item, Entry) and is_licence_file(item.name):
                self.add(item.name, item.data)

    def packed(self) -> bytes:
        """Return what `unpacked` makes these again from."""
        rows = [[name, here.files, sorted(here.ids), here.may_choose] for name, here in self._folders.items()]
        return json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()

    @staticmethod
    def unpacked(*packed: bytes) -> LicenceFiles:
        """Return the licence files that were `packed`, of all parts of an archive."""
        found = LicenceFiles()
        for data in packed:
            for name, files, ids, may_choose in json.loads(data):
                folder = found._folders.setdefault(name, _Folder([], set()))
                folder.files += files
                folder.ids.update(ids)
                folder.may_choose |= may_choose
        return found

    def add(self, path: str, data: bytes) -> None:
        """Read one licence file."""
        text = data[:_READ_BYTES].decode("utf-8", "replace")
        folder = self._folders.setdefault(path.rpartition("/")[0], _Folder([], set()))
        ids = licences_of_text(text)
        folder.files.append(path)
        folder.ids.update(ids)
        folder.may_choose |= len(text) < _CHOICE_MAX_CHARS and bool(_CHOICE.search(_marked(text)))

    def of(self, path: str) -> Licence | None:
        """Return the licence of the nearest folder at or above a file that has one, None if unknown."""
        folder = path.rpartition("/")[0]
        while folder not in self._folders:
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
        here = self._folders[folder]
        expression = here.expression()
        return Licence(expression, min(here.files)) if expression else None


def licence_files(stream: IO[bytes], limits: Limits) -> LicenceFiles:
    """Return the licence files of an open archive, read for them alone; leaves it at its start."""
    found = LicenceFiles(entries(stream, limits, wanted=is_licence_file))
    stream.seek(0)
    return found
