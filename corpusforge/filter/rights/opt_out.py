"""The lists of what to leave out: repositories, paths, hosts and URL prefixes.

One entry a line; `#` begins a comment. What an entry is, its shape tells:

    owner/name            a repository; `owner/*` all of an owner's
    owner/name:docs/**    paths in it; `*` stays within a folder, `**` does not
    **/private/*          paths in every repository; a leading `/` is the repository's root
    example.org           a host and all hosts below it
    example.org/blog      a URL prefix, whole path segments; `https://` may stand before it

An opt-out list holds those whose owners asked to be left out, a block list those that the corpus
is better without; files may be packed (.gz, .xz), hosts and URLs are kept as hashes (`url_list`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from corpusforge import lazy_re as re
from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.filter.rights.list_lines import ListLines
from corpusforge.filter.rights.url_list import UrlList

_REPOSITORY = re.compile(r"[A-Za-z0-9*][A-Za-z0-9-]*\*?/[\w.*?-]+")
"""An owner's name on GitHub holds no dot, so that `example.org/blog` is a URL."""
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
_PLAIN_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_GLOB_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_GLOB_REGEX = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


@dataclass(frozen=True, slots=True)
class OptOut:
    """The entries of a list by what they are, each with its line's number."""

    sha256: str
    urls: UrlList = field(default_factory=UrlList)
    repositories: dict[str, str] = field(default_factory=dict[str, str])
    """`owner/name` in lower case -> line."""
    globs: list[tuple[re.Pattern[str], re.Pattern[str], str]] = field(
        default_factory=list[tuple[re.Pattern[str], re.Pattern[str], str]]
    )
    """[(repository, path, line)]."""


@lru_cache(maxsize=16)
def pinned_opt_out(path: str, sha256: str) -> OptOut:
    """Return the list in a file, read once per process.

    Raises ValueError as `read_opt_out`, and where the file is no longer the one of `sha256`.
    """
    found = read_opt_out(path)
    if found.sha256 != sha256:
        raise ValueError(f"list {path}: changed since the configuration was read")
    return found


@lru_cache(maxsize=16)
def listed_entries(entries: tuple[str, ...]) -> OptOut:
    """Return the list of entries that stand in a configuration. Raises ValueError for one that is none."""
    found = OptOut("")
    for number, entry in enumerate(entries, start=1):
        _take(found, entry.strip(), number, "blocked entry")
    found.urls.freeze()
    return found


def read_opt_out(path: str) -> OptOut:
    """Return the list in a file. Raises ValueError, one clear line: no such file, a line that is no entry."""
    name = f"list {path}"
    found, lines = OptOut(""), ListLines(path)
    for number, line in lines:
        if entry := line.partition("#")[0].strip():
            _take(found, entry, number, name)
    found.urls.freeze()
    return replace(found, sha256=lines.sha256())


def _take(found: OptOut, entry: str, number: int, name: str) -> None:
    if not _add(found, entry, number):
        what = "no owner/repository, path pattern, host or URL"
        raise ValueError(f"{name}, line {number}: {entry[:200]!r} is {what}")


def _add(found: OptOut, entry: str, number: int) -> bool:
    """Take one entry; return whether it has one of the shapes."""
    if _PLAIN_HOST.fullmatch(entry) or _HAS_SCHEME.match(entry):  # most of a long list
        return found.urls.add(entry, number)
    line = f"line {number}: {entry}"
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
    return found.urls.add(entry, number)


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


def judge_blocked(document: Document, listed: OptOut, name: str) -> Drop | None:
    """Return the drop of a document that a block list names, with the line that does, or None."""
    line = _line_of(document, listed)
    if line is None:
        return None
    return replace(drop(document, DropReason.BLOCKED, f"{name} names it, {line}"), excerpt="")


def _line_of(document: Document, listed: OptOut) -> str | None:
    repository = (document.repo or "").lower()
    if repository in listed.repositories:
        return listed.repositories[repository]
    if document.repo is not None or document.path is not None:
        path = document.path or ""
        for repositories, paths, line in listed.globs:
            if repositories.fullmatch(repository) and paths.fullmatch(path):
                return line
    if not (document.url or document.host):
        return None
    named = listed.urls.find(document.url, document.host)
    return f"line {named[0]}: {named[1]}" if named else None
