"""The opt-out list: repositories, paths, hosts and URL prefixes whose owners asked to be left out.

One entry a line; `#` begins a comment. What an entry is, its shape tells:

    owner/name            a repository; `owner/*` all of an owner's
    owner/name:docs/**    paths in it; `*` stays within a folder, `**` does not
    **/private/*          paths in every repository; a leading `/` is the repository's root
    example.org           a host and all hosts below it
    example.org/blog      a URL prefix, whole path segments; `https://` may stand before it
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.files import open_input

_REPOSITORY = re.compile(r"[A-Za-z0-9*][A-Za-z0-9-]*\*?/[\w.*?-]+")
"""An owner's name on GitHub holds no dot, so that `example.org/blog` is a URL."""
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?::\d+)?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
_GLOB_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_GLOB_REGEX = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


@dataclass(frozen=True, slots=True)
class OptOut:
    """The entries of a list by what they are, each with its line's number and text."""

    sha256: str
    repositories: dict[str, str] = field(default_factory=dict[str, str])
    """`owner/name` in lower case -> line."""
    hosts: dict[str, str] = field(default_factory=dict[str, str])
    prefixes: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])
    """host -> [(prefix of the path, line)]."""
    globs: list[tuple[re.Pattern[str], re.Pattern[str], str]] = field(
        default_factory=list[tuple[re.Pattern[str], re.Pattern[str], str]]
    )
    """[(repository, path, line)]."""


@lru_cache(maxsize=4)
def pinned_opt_out(path: str, sha256: str) -> OptOut:
    """Return the list in a file, read once per process.

    Raises ValueError as `read_opt_out`, and where the file is no longer the one of `sha256`.
    """
    found = read_opt_out(path)
    if found.sha256 != sha256:
        raise ValueError(f"opt-out list {path}: changed since the configuration was read")
    return found


def read_opt_out(path: str) -> OptOut:
    """Return the list in a file. Raises ValueError, one clear line: no such file, a line that is no entry."""
    try:
        with open_input(path) as stream:
            data = stream.read()
    except OSError as error:
        raise ValueError(f"opt-out list {path}: {error.strerror or error}") from None
    found = OptOut(hashlib.sha256(data).hexdigest())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"opt-out list {path}: not UTF-8 at byte {error.start}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if entry and not _add(found, entry, f"line {number}: {entry}"):
            what = "no owner/repository, path pattern, host or URL"
            raise ValueError(f"opt-out list {path}, line {number}: {entry!r} is {what}")
    return found


def _add(found: OptOut, entry: str, line: str) -> bool:
    """Take one entry; return whether it has one of the shapes."""
    scheme = _SCHEME.match(entry)
    if scheme is None:
        repository, colon, pattern = entry.partition(":")
        if colon and pattern and _REPOSITORY.fullmatch(repository):
            found.globs.append((_glob(repository.lower()), _glob(pattern.lstrip("/")), line))
            return True
        if entry.startswith(("/", "*")) and not _REPOSITORY.fullmatch(entry):
            found.globs.append((_glob("**"), _glob(entry.lstrip("/")), line))
            return True
        if _REPOSITORY.fullmatch(entry):
            if "*" in entry or "?" in entry:
                found.globs.append((_glob(entry.lower()), _glob("**"), line))
            else:
                found.repositories.setdefault(entry.lower(), line)
            return True
    host, slash, rest = entry[scheme.end() if scheme else 0 :].partition("/")
    if not _HOST.fullmatch(host.lower()):
        return False
    if rest:
        found.prefixes.setdefault(host.lower(), []).append((slash + rest, line))
    else:
        found.hosts.setdefault(host.lower(), line)
    return True


def _glob(pattern: str) -> re.Pattern[str]:
    """Return the pattern of a whole path: `*` and `?` do not cross a `/`, `**` does."""
    pieces: list[str] = _GLOB_PIECE.findall(pattern)
    return re.compile("".join(_GLOB_REGEX.get(piece) or re.escape(piece) for piece in pieces), re.S)


def judge_opt_out(document: Document, listed: OptOut) -> Drop | None:
    """Return the drop of a document that the list names, with the line that does, or None."""
    line = _line_of(document, listed)
    if line is None:
        return None
    refused = drop(document, DropReason.OPT_OUT, f"the opt-out list names it, {line}")
    return replace(refused, excerpt="")  # none of their text is kept, not even where drops are told of


def _line_of(document: Document, listed: OptOut) -> str | None:
    repository = (document.repo or "").lower()
    if repository in listed.repositories:
        return listed.repositories[repository]
    if document.repo is not None or document.path is not None:
        path = document.path or ""
        for repositories, paths, line in listed.globs:
            if repositories.fullmatch(repository) and paths.fullmatch(path):
                return line
    if not (listed.hosts or listed.prefixes) or not (document.url or document.host):
        return None
    host, _, rest = _SCHEME.sub("", document.url or "").partition("/")
    host = (host or document.host or "").lower()
    for prefix, line in listed.prefixes.get(host, ()):
        whole = f"/{rest}"
        if whole.startswith(prefix) and (
            prefix.endswith("/") or whole[len(prefix) :][:1] in ("", "/", "?", "#")
        ):
            return line
    while host:
        if host in listed.hosts:
            return listed.hosts[host]
        host = host.partition(".")[2]
    return None
