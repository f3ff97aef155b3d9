"""The inputs of a source: its patterns, listed once each; a repository or a tree is one input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass

from corpusforge.config import ConfigError, SourceConfig
from corpusforge.document import SourceKind
from corpusforge.files import Entry, content_digest, is_remote, join, list_entries, list_files
from corpusforge.parts.spec import PartSpec

_ARCHIVES = (".parquet", ".tar.gz", ".tgz", ".tar", ".zip", ".tar.bz2", ".tar.xz", ".tar.zst")


@dataclass(frozen=True, slots=True)
class Input:
    """One dump of a source: a file or object, or a folder that is a repository or a tree of files."""

    path: str
    name: str
    """Relative to the folder that its pattern names: the same on every machine."""
    size_bytes: int | None
    """None for a folder."""
    checksum: str | None
    """What the store keeps of the content; None where it must be read for it."""


def list_inputs(source: SourceConfig) -> list[Input]:
    """Return the inputs of a source, by name; one listing a pattern.

    A file that several patterns match is one input, named by the first of them. Raises
    `ConfigError` where two inputs have the same relative name.
    """
    found: dict[str, Input] = {}
    taken: set[str] = set()
    for pattern in source.paths:
        for input in _matches(pattern, source.kind):
            if input.path in taken:
                continue
            taken.add(input.path)
            other = found.setdefault(input.name, input)
            if other is not input:
                raise ConfigError(
                    f"sources.{source.name}: {other.path} and {input.path} have the same name "
                    f"{input.name!r} below their folders; list them under two sources"
                )
    return [found[name] for name in sorted(found)]


def _matches(pattern: str, kind: SourceKind | None) -> Iterator[Input]:
    if is_tree(pattern, kind):
        yield Input(pattern, os.path.basename(os.path.normpath(pattern)), None, None)
        return
    root = _static_root(pattern)
    for entry in list_entries(pattern):
        yield _file(entry, root)


def _file(entry: Entry, root: str) -> Input:
    return Input(entry.path, entry.path[len(root) :].lstrip("/"), entry.size_bytes, entry.checksum)


def is_tree(path: str, kind: SourceKind | None) -> bool:
    """Return whether a path is a folder that is one input: a git repository, or a tree of source code."""
    if is_remote(path) or not os.path.isdir(path):
        return False
    if is_repository(path):
        return True
    return kind is SourceKind.GITHUB and not any(name.endswith(_ARCHIVES) for name in list_files(path))


def is_repository(path: str) -> bool:
    """Return whether a local folder is a git repository, bare or with a work tree."""
    return os.path.exists(join(path, ".git")) or os.path.isdir(join(path, "objects"))


def _static_root(pattern: str) -> str:
    if not any(mark in pattern for mark in "*?["):
        return pattern if not is_remote(pattern) and os.path.isdir(pattern) else os.path.dirname(pattern)
    escaped = glob.escape(pattern)
    first = next(i for i, (a, b) in enumerate(zip(pattern, escaped, strict=False)) if a != b)
    return os.path.dirname(pattern[:first])


class InputChanged(OSError):
    """An input that is no longer what the plan says; the message names it and says what to do."""


def stamp_of(path: str) -> str:
    """Return what tells that a local file was not written to: its size and time. Of anything else: nothing.

    A folder's files are many; an object of a bucket is held at its generation while it is read.
    """
    if is_remote(path) or not os.path.isfile(path):
        return ""
    state = os.stat(path)
    return f"{state.st_size}-{state.st_mtime_ns}-{state.st_ino}"


def check_unchanged(spec: PartSpec) -> None:
    """Raise `InputChanged` unless the input of a part still is what the plan says of it.

    A file whose stamp is another one is digested again: a copy or a touched file is no change.
    """
    if is_remote(spec.path):
        same = content_digest(spec.path) == spec.digest
    else:
        same = stamp_of(spec.path) == spec.stamp or content_digest(spec.path) == spec.digest
    if not same:
        raise InputChanged(f"{spec.path}: changed while it was read: run again to read it as it is now")
