"""The commit that HEAD names: its tree, its date, and whose repository it is."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from corpusforge.ingest.repositories.git.errors import GitError
from corpusforge.ingest.repositories.git.folder import origin_url
from corpusforge.ingest.repositories.git.objects import MAX_STRUCTURE_BYTES, Objects
from corpusforge.ingest.repositories.git.packs import Object

_URL = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@]*@)?[^/]+/|(?:[^/:@]+@)?[\w-]+(?:\.[\w-]+)+:)"
    r"(?:~?[\w.+-]+/)*~?([\w.+-]+)/([\w.+-]+?)(?:\.git)?/?$"
)
"""A remote on some host, as a URL or as ssh writes it, and the last two names of its path."""
_COMMITTER = re.compile(rb"committer [^\n]*> (-?\d{1,18}) ([+-])(\d{2})(\d{2})")
_TREE = re.compile(rb"tree ([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")
_TARGET = re.compile(rb"object ([0-9a-f]{40}(?:[0-9a-f]{24})?)\ntype (commit|tag)\n")
_MAX_TAGS = 10
_EPOCH = datetime.datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that is read."""

    commit: str
    tree: bytes
    """The id of its tree."""
    date: str | None
    """Committer date, ISO 8601; None where the commit states none that can be."""
    repo: str | None
    """`owner/name` where the remote lies on a host; None for one on a disk, or none."""


def read_head(objects: Objects) -> Head:
    """Return the HEAD commit of a repository; raises `GitError`."""
    object_id = objects.head_id
    kind, size, data = _read(objects, object_id)
    for _ in range(_MAX_TAGS):
        if kind != b"tag":
            break
        found = _TARGET.match(data or b"")
        if found is None:
            raise GitError(f"{object_id.hex()}: it is a tag of no commit")
        object_id = bytes.fromhex(found[1].decode())
        kind, size, data = _read(objects, object_id)
    commit = object_id.hex()
    if kind != b"commit" or data is None:
        raise GitError(f"{commit}: it is a {kind.decode()} of {size} bytes, no commit to read")
    head, _, _ = data.partition(b"\n\n")
    tree = _TREE.match(head + b"\n")
    if tree is None or len(tree[1]) != len(commit):
        raise GitError(f"{commit}: it names no tree")
    url = _URL.match(origin_url(objects.folder))
    repo = f"{url[1]}/{url[2]}" if url else None
    return Head(commit, bytes.fromhex(tree[1].decode()), _date(head), repo)


def _read(objects: Objects, object_id: bytes) -> Object:
    try:
        return objects.read(object_id, MAX_STRUCTURE_BYTES)
    except GitError as error:
        raise GitError(f"{object_id.hex()}: {error}") from None


def _date(head: bytes) -> str | None:
    """Return the committer's date in their own zone: `2024-01-01T00:00:00+02:00`."""
    found = _COMMITTER.search(head)
    if found is None:
        return None
    sign, hours, minutes = found[2].decode(), int(found[3]), int(found[4])
    shift_s = (hours * 3600 + minutes * 60) * (-1 if sign == "-" else 1)
    try:
        local = _EPOCH + datetime.timedelta(seconds=int(found[1]) + shift_s)
    except OverflowError:
        return None
    return f"{local.isoformat()}{sign}{hours:02d}:{minutes:02d}"
