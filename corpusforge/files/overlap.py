"""Whether an output would become an input: the one rule for every verb that reads and writes."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Sequence

from corpusforge.files.listing import is_glob, static_root
from corpusforge.files.paths import is_remote, root_and_name

_BELOW = "/"
"""Stands for all that a folder holds, hidden folders too; no component is called so."""


def overlapping(sources: Iterable[str], output: str) -> str | None:
    """Return the line that says which source and output lie in each other, None where none do.

    A source is a file, a folder or a glob, on disk or in a bucket: it lies in the output where its
    files would, and holds it where it could match a file below it. Links in the names of both are
    followed; links that a listing meets are for the listing to judge.
    """
    for source in sources:
        if is_remote(source) != is_remote(output):
            continue
        root, rest = _parts(source)
        place, _ = _parts(output, is_pattern=False)
        if root[: len(place)] == place:
            same = root == place and not rest
            what = "is the output itself" if same else f"lies in the output {output}"
            return f"{source} {what}: name an output of its own"
        if place[: len(root)] == root and _reaches(rest, place[len(root) :]):
            return f"the output {output} lies in the source {source}: name one outside of it"
    return None


def path_below(folder: str, path: str) -> str | None:
    """Return where a path lies below a folder, links followed; None where it does not."""
    if is_remote(folder) != is_remote(path):
        return None
    root, place = (_parts(one, is_pattern=False)[0] for one in (folder, path))
    return "/".join(place[len(root) :]) if place[: len(root)] == root else None


def _parts(path: str, is_pattern: bool = True) -> tuple[list[str], list[str]]:
    """Return (literal components, those from the first wildcard on); a folder has all below it."""
    wild = is_pattern and is_glob(path)
    root = static_root(path) if wild else path
    rest = [part for part in path[len(root) :].split("/") if part] if wild else [_BELOW]
    if is_remote(path):
        bucket, name = root_and_name(root)
        return [bucket, *(part for part in name.split("/") if part)], rest
    is_file = not wild and os.path.isfile(root)
    return [part for part in os.path.realpath(root).split("/") if part], [] if is_file else rest


def _reaches(pattern: Sequence[str], place: Sequence[str]) -> bool:
    """Return whether a glob may match something below a place."""
    if not pattern:
        return False
    if not place:
        return True
    head, rest = pattern[0], pattern[1:]
    if head == _BELOW or (head == "**" and _reaches(rest, place)):
        return True
    if place[0].startswith(".") and not head.startswith("."):
        return False
    if head == "**" and _reaches(pattern, place[1:]):
        return True
    return fnmatch.fnmatchcase(place[0], head) and _reaches(rest, place[1:])
