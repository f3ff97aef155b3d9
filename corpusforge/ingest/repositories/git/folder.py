"""Where a repository lies, what its HEAD names, and the one setting that is read of it: its origin.

Files are read as data. No setting is obeyed, no include is opened, and nothing is opened that
lies outside the folder that was given as the source, whatever links or files of git say.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from corpusforge.files import StorageMissing, open_input, read_bytes
from corpusforge.ingest.repositories.git.errors import GitError

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"refs/[^\0-\x20\x7f~^:?*\[\\]+")
_SECTION = re.compile(r'\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]', re.ASCII)
_SETTING = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*)")
_MAX_LINKS = 5
"""How often a reference may name another, as git allows (SYMREF_MAXDEPTH)."""
_MAX_LINE_BYTES = 64 << 10
_MAX_PACKED_BYTES = 1 << 30
"""The most that the packed references may have: ten million of them."""
_MAX_SMALL_BYTES = 1 << 20
"""The most that is read of a file which holds a line, or of a configuration."""
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
"""Errors of a name that a repository made up: nothing is there, and no disk failed."""


@dataclass(frozen=True, slots=True)
class GitFolder:
    """The places of a repository, all of them inside its source."""

    source: str
    """What must not be left: the real path of the folder that was given."""
    path: str
    """Holds HEAD."""
    common: str
    """Holds objects, references and configuration; another folder than `path` in a linked work tree."""

    def holds(self, path: str) -> bool:
        """Return whether a path lies inside the source, all its links followed."""
        return os.path.realpath(path).startswith(os.path.join(self.source, ""))

    def read(self, path: str) -> bytes:
        """Return what a small file holds; raises `GitError` where it is none, `StorageMissing`."""
        self.check_regular(path)
        if os.stat(path).st_size > _MAX_SMALL_BYTES:
            raise GitError(f"{os.path.basename(path)} has over {_MAX_SMALL_BYTES} bytes")
        return read_bytes(path)

    def check_regular(self, path: str) -> None:
        """Raise `GitError` for what is no regular file of the source, `StorageMissing` for nothing."""
        name = os.path.relpath(path, self.path)
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            if error.errno in ABSENT:
                raise StorageMissing(path, "stat", "no such file") from error
            raise
        if not self.holds(path):
            raise GitError(f"{name} is a link that leaves the source")
        if not stat.S_ISREG(mode):
            raise GitError(f"{name} is no regular file")


def git_folder(path: str) -> GitFolder | None:
    """Return the repository at `path`, bare or in `.git`; None if there is none inside of it.

    A `.git` file names the repository of a linked work tree or a submodule. One that lies elsewhere
    is not this source's.
    """
    source = os.path.realpath(path)
    for place in (os.path.join(path, ".git"), path):
        for folder in (place, _pointed(source, place, "gitdir:")):
            found = _at(source, folder) if folder else None
            if found is not None:
                return found
    return None


def _pointed(source: str, place: str, mark: str = "") -> str | None:
    """Return the folder that a file of the source names in its one line, behind a mark."""
    is_file = os.path.isfile(place) and GitFolder(source, place, place).holds(place)
    if not is_file or os.path.getsize(place) > _MAX_LINE_BYTES:
        return None
    text = os.fsdecode(read_bytes(place))
    target = text.removeprefix(mark).strip() if text.startswith(mark) else ""
    return os.path.join(os.path.dirname(place), target) if target and "\0" not in target else None


def _at(source: str, folder: str) -> GitFolder | None:
    common = _pointed(source, os.path.join(folder, "commondir")) or folder
    found = GitFolder(source, folder, common)
    is_inside = source == os.path.realpath(folder) or found.holds(folder)
    is_common_inside = source == os.path.realpath(common) or found.holds(common)
    has_head = os.path.isfile(os.path.join(folder, "HEAD")) or os.path.islink(os.path.join(folder, "HEAD"))
    is_one = has_head and os.path.isdir(os.path.join(common, "objects"))
    return found if is_one and is_inside and is_common_inside else None


def head_id(folder: GitFolder) -> str:
    """Return the hexadecimal id that HEAD names; raises `GitError` where it names none."""
    if os.path.isdir(os.path.join(folder.common, "reftable")):
        raise GitError(
            "its references are a reftable, which is not read: "
            "`git refs migrate --ref-format=files` makes files of them"
        )
    name = "HEAD"
    for _ in range(_MAX_LINKS + 1):
        text = _reference(folder, name)
        if text is None:
            raise GitError(f"{name!r} names no commit")
        if _ID.fullmatch(text):
            return text
        name = text.removeprefix("ref:").strip()
        if not text.startswith("ref:") or not _REF.fullmatch(name) or ".." in name:
            raise GitError(f"a reference holds {text[:80]!r}")
    raise GitError("its references name each other without an end")


def _reference(folder: GitFolder, name: str) -> str | None:
    """Return the text of a reference, of its own file or of the packed ones; None where there is none."""
    path = os.path.join(folder.path if name == "HEAD" else folder.common, name)
    if os.path.islink(path) and os.readlink(path).startswith("refs/"):  # as git wrote HEAD before 2005
        return f"ref: {os.readlink(path)}"
    try:
        return folder.read(path).decode("utf-8", "replace").strip()
    except StorageMissing:
        pass
    except GitError:
        if not os.path.isdir(path):  # `refs/heads/a/` may be left of a branch `a/b`
            raise
    return next((found for found, packed in _packed(folder) if packed == name), None)


def _packed(folder: GitFolder) -> Iterator[tuple[str, str]]:
    """Yield (id, name) of the packed references."""
    path = os.path.join(folder.common, "packed-refs")
    try:
        folder.check_regular(path)
    except StorageMissing:
        return
    if os.path.getsize(path) > _MAX_PACKED_BYTES:
        raise GitError(f"packed-refs has over {_MAX_PACKED_BYTES} bytes")
    with open_input(path) as stream:
        while line := stream.readline(_MAX_LINE_BYTES):
            found, _, name = line.decode("utf-8", "replace").strip().partition(" ")
            if _ID.fullmatch(found):
                yield found, name


def origin_url(folder: GitFolder) -> str:
    """Return the URL of the remote `origin` as the configuration states it, ``""`` for none.

    Nothing else of the configuration is looked at; what it includes is not opened.
    """
    try:
        lines = folder.read(os.path.join(folder.common, "config")).decode("utf-8", "replace").splitlines()
    except (GitError, StorageMissing):
        return ""
    url, is_origin = "", False
    for line in lines:
        if section := _SECTION.match(line):
            name, of = section[1].lower(), section[2]
            is_origin = (name, of) == ("remote", "origin") or (name, of) == ("remote.origin", None)
            line = line[section.end() :]
        setting = _SETTING.match(line)
        if is_origin and setting and setting[1].lower() == "url":
            url = _value(setting[2])
    return url


def _value(text: str) -> str:
    """Return a setting without quotes, escapes and comment."""
    kept, is_quoted, rest = "", False, iter(text)
    for char in rest:
        if char == '"':
            is_quoted = not is_quoted
        elif char in "#;" and not is_quoted:
            break
        else:
            kept += next(rest, "") if char == "\\" else char
    return kept.strip()
