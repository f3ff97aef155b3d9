"""Every file of a commit, by its trees, in git's own order."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator

from corpusforge.document import DropReason, name_text
from corpusforge.ingest.archives.entry import Entry, Limits, Refused, too_much, unsafe_name
from corpusforge.ingest.repositories.git.commits import Head
from corpusforge.ingest.repositories.git.errors import GitError
from corpusforge.ingest.repositories.git.objects import Objects

MAX_FILES = 2_000_000
"""The most entries of one commit's trees; the largest public repositories hold half a million files."""
_MAX_DEPTH = 2048
"""As git itself (core.maxTreeDepth)."""
_MAX_OPEN_BYTES = 256 << 20
"""The most that a tree and those above it may have in all."""
_MODE = re.compile(rb"[0-7]{5,6}")
_KINDS = {stat.S_IFLNK: "a symbolic link", 0o160000: "a submodule"}

_Leaf = tuple[int, bytes, bytes]
"""(mode, path, object id)."""


class Unlisted(Refused):
    """A folder, or a whole commit (no name), whose tree cannot be read: nobody knows what it holds."""


def git_entries(
    objects: Objects, head: Head, limits: Limits, *, wanted: Callable[[str], bool] | None = None
) -> Iterator[Entry | Refused]:
    """Yield every file of a commit, or those whose path is wanted, in git's own order, by path."""
    for number, leaf in enumerate(_walk(objects, head.tree)):
        if isinstance(leaf, Unlisted):
            yield leaf
            continue
        mode, path, object_id = leaf
        name = name_text(path)
        if number == MAX_FILES:  # trees may hold each other many times over: ten names, 10^10 paths
            detail = f"more than {MAX_FILES} entries in one commit: those after are not read"
            yield Refused(name, DropReason.BOMB, detail)
            return
        if stat.S_ISDIR(mode) or (wanted is not None and not wanted(name)):
            continue
        if unsafe := unsafe_name(name):
            yield Refused(name, DropReason.UNSAFE_NAME, f"{name!r}: {unsafe}")
        elif what := _KINDS.get(stat.S_IFMT(mode)):
            yield Refused(name, DropReason.NOT_CONTENT, f"{what}, no regular file")
        else:
            yield _file(objects, name, object_id, limits)


def _file(objects: Objects, name: str, object_id: bytes, limits: Limits) -> Entry | Refused:
    try:
        kind, size, data = objects.read(object_id, limits.max_entry_bytes)
        if kind != b"blob":
            raise GitError("it is no blob")
    except GitError as error:
        return Refused(name, DropReason.UNREADABLE, f"blob {object_id.hex()}: {error}")
    return too_much(name, size, None, limits) if data is None else Entry(name, data)


def _walk(objects: Objects, root: bytes) -> Iterator[_Leaf | Unlisted]:
    """Yield what the trees hold, folders before their content; a tree that cannot be read is told of."""
    open_trees: list[tuple[bytes, int, Iterator[_Leaf]]] = []  # (path, bytes, entries)
    path, tree_id = b"", root
    while True:
        try:
            data = objects.content(tree_id, b"tree")
            n_bytes = len(data) + sum(size for _, size, _ in open_trees[-1:])
            if len(open_trees) == _MAX_DEPTH or n_bytes > _MAX_OPEN_BYTES:
                raise GitError(f"folders are nested {len(open_trees)} deep, in trees of {n_bytes} bytes")
            open_trees.append((path, n_bytes, _entries(data, len(tree_id))))
        except GitError as error:
            yield _unlisted(path, tree_id, error)
        while open_trees:
            above, _, entries = open_trees[-1]
            try:
                leaf = next(entries, None)
            except GitError as error:
                yield _unlisted(above, None, error)
                leaf = None
            if leaf is None:
                open_trees.pop()
                continue
            mode, name, object_id = leaf
            full = above + b"/" + name if above else name
            yield mode, full, object_id
            if stat.S_ISDIR(mode):
                path, tree_id = full, object_id
                break
        else:
            return


def _unlisted(path: bytes, tree_id: bytes | None, error: GitError) -> Unlisted:
    name = name_text(path)
    what = f"tree {tree_id.hex()}" if tree_id else "its tree"
    return Unlisted(name, DropReason.UNREADABLE, f"{what} cannot be listed further: {error}")


def _entries(data: bytes, id_bytes: int) -> Iterator[_Leaf]:
    """Yield (mode, name, id) of a tree; raises `GitError` where it is no further one."""
    at, end = 0, len(data)
    while at < end:
        space = data.find(b" ", at, at + 8)
        stop = data.find(b"\0", space + 1) if space > 0 else -1
        if stop < 0 or stop + 1 + id_bytes > end:
            raise GitError(f"it is malformed at byte {at}")
        mode, name = data[at:space], data[space + 1 : stop]
        if not _MODE.fullmatch(mode) or not name:
            raise GitError(f"it is malformed at byte {at}")
        at = stop + 1 + id_bytes
        yield int(mode, 8), name, data[stop + 1 : at]
