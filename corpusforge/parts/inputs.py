"""The inputs of a source: its patterns, listed once each; a repository or a tree is one input."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpusforge.config import BuildConfig, ConfigError, SourceConfig
from corpusforge.document import SourceKind, name_text
from corpusforge.files import (
    Entry,
    base_name,
    is_glob,
    is_remote,
    join,
    list_entries,
    list_with_trees,
    static_root,
)
from corpusforge.ingest import is_side_file
from corpusforge.ingest.repositories.git import git_folder

_log = logging.getLogger(__name__)
_PASSED_SHOWN = 5
_ARCHIVES = (".parquet", ".tar.gz", ".tgz", ".tar", ".zip", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz4")
_OF_CLONES = (None, SourceKind.GITHUB)
"""The kinds of a source in whose folders a repository is one input; of another its files are the dumps."""
_TABLE = re.compile(r"\.(?:parquet|arrow|jsonl|ndjson)(?:\.(?:gz|bz2|xz|zst|lz4))?$", re.I)


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


def list_inputs(source: SourceConfig, config: BuildConfig) -> list[Input]:
    """Return the inputs of a source, by name; one listing a pattern.

    A file that several patterns match is one input, named by the first of them. What is passed
    over (special files, links that are not followed) is told in one line. Raises `ConfigError`
    where two inputs have the same relative name, one lies in the output, or nothing is at a pattern.
    """
    found: dict[str, Input] = {}
    taken: set[str] = set()
    passed: list[str] = []
    guard = _Output(config.output)
    for pattern in source.paths:
        is_empty = True
        for input in _matches(pattern, source.kind, config.ingest.follow_links, passed):
            is_empty = False
            if input.path in taken:
                continue
            taken.add(input.path)
            if guard.holds(input.path):
                raise ConfigError(
                    f"sources.{source.name}: {input.path} lies in the output {config.output}: leave it out"
                )
            other = found.setdefault(input.name, input)
            if other is not input:
                raise ConfigError(
                    f"sources.{source.name}: {other.path} and {input.path} have the same name "
                    f"{input.name!r} below their folders; list them under two sources"
                )
        if is_empty:
            raise ConfigError(f"sources.{source.name}: {_nothing_at(pattern)}")
    if passed:
        _log.warning("%s", passed_line(f"sources.{source.name}", passed))
    inputs = [found[name] for name in sorted(found)]
    _check_not_empty(source, inputs)
    if source.kind is None and any(_TABLE.search(input.name) for input in inputs):
        return [replace(input, is_side=_is_side(input.name)) for input in inputs]
    return inputs


def first_input(source: SourceConfig, follow_links: bool) -> Input | None:
    """Return the first input that the first pattern of a source matches."""
    return next(_matches(source.paths[0], source.kind, follow_links, []), None)


def _nothing_at(pattern: str) -> str:
    if is_remote(pattern) or not os.path.isdir(pattern):
        return f"nothing at {pattern}"
    return f"the folder {pattern} holds no file to read (hidden ones are passed over); name the dumps' own"


def _check_not_empty(source: SourceConfig, inputs: Sequence[Input]) -> None:
    """Raise `ConfigError` where all inputs together hold not a byte: it would be a corpus of nothing."""
    for input in inputs:
        if input.entry is not None and input.entry.size_bytes:
            return
        if input.entry is None and (is_repository(input.path) or next(list_entries(input.path), None)):
            return
    first = inputs[0]
    if first.entry is None:
        raise ConfigError(f"sources.{source.name}: {_nothing_at(first.path)}")
    others = f", and so are the other {len(inputs) - 1:,} files" if len(inputs) > 1 else ""
    raise ConfigError(
        f"sources.{source.name}: {first.path} is empty (0 bytes){others}; name files with content"
    )


def _is_side(name: str) -> bool:
    return is_side_file(name) or name.lower().endswith(".json")


class _Output:
    """Tells what really lies in the output, by whichever link it was found."""

    def __init__(self, output: str) -> None:
        self._root = None if is_remote(output) else os.path.join(os.path.realpath(output), "")
        self._folder, self._is_inside = "", False

    def holds(self, path: str) -> bool:
        """Return whether a local path lies in it; one folder after the other is resolved once."""
        if self._root is None or is_remote(path):
            return False
        folder = os.path.dirname(path)
        if folder != self._folder:
            self._folder, self._is_inside = folder, self._has(folder)
        return self._has(path) if os.path.islink(path) else self._is_inside

    def _has(self, path: str) -> bool:
        return self._root is not None and f"{os.path.realpath(path)}/".startswith(self._root)


def passed_line(place: str, passed: Sequence[str]) -> str:
    """Return the line that tells what was passed over."""
    more = f" and {len(passed) - _PASSED_SHOWN:,} more" if len(passed) > _PASSED_SHOWN else ""
    return f"{place}: passed over {', '.join(passed[:_PASSED_SHOWN])}{more}"


def _matches(pattern: str, kind: SourceKind | None, follow_links: bool, passed: list[str]) -> Iterator[Input]:
    if is_tree(pattern, kind):
        yield Input(pattern, _name(os.path.basename(os.path.normpath(pattern))), None)
        return
    is_folder = not is_remote(pattern) and os.path.isdir(pattern)
    root = pattern if is_folder else static_root(pattern)

    def tell(path: str, why: str) -> None:
        passed.append(f"{path!r} ({why})")

    def is_one(path: str) -> bool:
        """Return whether a folder is one input: one that a pattern names may be a tree, another a clone."""
        if not is_folder:
            return is_tree(path, kind)
        return kind in _OF_CLONES and is_repository(path)

    is_below = is_folder or is_glob(pattern)
    links = "all" if follow_links else "inside"
    for found in list_with_trees(pattern, is_one, links=links, passed=tell):
        path = found if isinstance(found, str) else found.path
        name = _name(path[len(root) :].strip("/") if is_below else base_name(path))
        yield Input(path, name, None if isinstance(found, str) else found)


def _name(path: str) -> str:
    """Return a path's name as records tell it; a bucket's are UTF-8."""
    return name_text(os.fsencode(path))


def is_tree(path: str, kind: SourceKind | None) -> bool:
    """Return whether a path is a folder that is one input: a git repository, or a tree of source code."""
    if is_remote(path) or not os.path.isdir(path):
        return False
    if is_repository(path):
        return kind is not SourceKind.JSONL  # a data set's tables are its files, not its history
    return kind is SourceKind.GITHUB and not any(
        isinstance(found, str) or found.path.endswith(_ARCHIVES)
        for found in list_with_trees(path, is_repository, links="inside")
    )


def is_repository(path: str) -> bool:
    """Return whether a local folder is a git repository, bare or with a work tree."""
    if os.path.exists(join(path, ".git")):
        return True
    return os.path.lexists(join(path, "HEAD")) and git_folder(path) is not None
