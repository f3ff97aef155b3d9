"""The inputs of a source: its patterns, listed once each; a repository or a tree is one input."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpusforge.config import ConfigError, SourceConfig
from corpusforge.document import SourceKind, name_text
from corpusforge.files import Entry, is_remote, join, list_entries, list_files
from corpusforge.ingest import is_side_file

_ARCHIVES = (".parquet", ".tar.gz", ".tgz", ".tar", ".zip", ".tar.bz2", ".tar.xz", ".tar.zst")

_TABLE = re.compile(r"\.(?:parquet|arrow|jsonl|ndjson)(?:\.(?:gz|bz2|xz|zst))?$", re.I)


@dataclass(frozen=True, slots=True)
class Input:
    """One dump of a source: a file or object, or a folder that is a repository or a tree of files."""

    path: str
    name: str
    """Relative to the folder that its pattern names: the same on every machine."""
    entry: Entry | None
    """What its listing shows: size, digest where the store keeps one, version; None for a folder."""
    is_side: bool = False
    """Whether it lies beside the tables of a data set: its card, licence or settings."""


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
    inputs = [found[name] for name in sorted(found)]
    if source.kind is None and any(_TABLE.search(input.name) for input in inputs):
        return [replace(input, is_side=_is_side(input.name)) for input in inputs]
    return inputs


def _is_side(name: str) -> bool:
    return is_side_file(name) or name.lower().endswith(".json")


def _matches(pattern: str, kind: SourceKind | None) -> Iterator[Input]:
    if is_tree(pattern, kind):
        yield Input(pattern, _name(os.path.basename(os.path.normpath(pattern))), None)
        return
    root = _static_root(pattern)
    for entry in list_entries(pattern):
        yield Input(entry.path, _name(entry.path[len(root) :].lstrip("/")), entry)


def _name(path: str) -> str:
    """Return a path's name as records tell it; a bucket's are UTF-8."""
    return name_text(os.fsencode(path))


def is_tree(path: str, kind: SourceKind | None) -> bool:
    """Return whether a path is a folder that is one input: a git repository, or a tree of source code."""
    if is_remote(path) or not os.path.isdir(path):
        return False
    if is_repository(path):
        return kind is not SourceKind.JSONL  # a data set's tables are its files, not its history
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
