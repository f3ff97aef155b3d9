"""What lies where: one listing a pattern tells name, size and checksum of everything it matches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpusforge.files import local
from corpusforge.files.faults import StorageMissing, changed, fault_count, last_fault
from corpusforge.files.paths import (
    glob_pattern,
    has_wildcard,
    is_one_level,
    is_remote,
    literal_prefix,
    prefix_root,
    remote_path,
    root_and_name,
)
from corpusforge.files.reading import open_input
from corpusforge.files.store import ObjectState, Version, store_of

_DIGEST_BLOCK_BYTES = 4 << 20
States = tuple[Version, ...]
"""(version) of an object; (size, time of change in ns, inode) of a local file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or object, as a listing shows it."""

    path: str
    size_bytes: int
    digest: str | None
    """What `content_digest` returns for it; None on local disk, where the file would have to be read."""
    version: States
    """What changes when the content does, for `InputGuard`; says nothing across machines."""

    @property
    def object_version(self) -> Version | None:
        """The version of a store's object, for `open_input`."""
        return self.version[0] if is_remote(self.path) else None


def list_entries(
    path: str, *, links: local.Links = "files", passed: local.Passed | None = None
) -> Iterator[Entry]:
    """Yield the files at a path, below a folder, or matching a glob, sorted by path.

    A bucket is asked once for each 1,000 objects that begin as the pattern does, and no more of
    them are held. Hidden files of a local folder, special files and symbolic links that are not
    followed (`local.Links`) are passed over; `passed` is told of all but the hidden.
    """
    if not is_remote(path):
        for name, state in local.walk(path, links, passed):
            if state is not None:
                yield Entry(name, state[0], None, state)
        return
    root, pattern = root_and_name(path)
    if has_wildcard(path):
        yield from _listed(
            root, literal_prefix(pattern) or "", glob_pattern(pattern).fullmatch, is_one_level(pattern)
        )
        return
    found = _state_or_none(path) if pattern and not pattern.endswith("/") else None
    if found is not None:
        yield _entry(root, found)
        return
    yield from _listed(root, pattern.rstrip("/") + "/" if pattern else "", bool, False)


def list_with_trees(
    path: str, is_tree: local.IsTree, *, links: local.Links = "files", passed: local.Passed | None = None
) -> Iterator[Entry | str]:
    """Yield as `list_entries` does, and the path of each folder that is a tree in place of its files.

    A glob that matches a local folder which is none stands for the files below it. In a bucket there
    are no trees.
    """
    if is_remote(path):
        yield from list_entries(path)
        return
    for name, state in local.walk(path, links, passed, is_tree):
        yield name if state is None else Entry(name, state[0], None, state)


def static_root(pattern: str) -> str:
    """Return the folder, or prefix of a bucket, below which a glob matches; of a plain name its folder."""
    return prefix_root(pattern) if is_remote(pattern) else local.glob_root(pattern)


def is_glob(path: str) -> bool:
    """Return whether a path is a pattern; a local one whose `[` is that of a name which is there is none."""
    return has_wildcard(path) if is_remote(path) else local.is_glob(path)


def list_files(path: str) -> list[str]:
    """Return the paths of `list_entries`."""
    return [entry.path for entry in list_entries(path)]


def _listed(root: str, prefix: str, fits: Callable[[str], object], one_level: bool) -> Iterator[Entry]:
    for page in store_of(root).pages(root, prefix, one_level=one_level):
        yield from (_entry(root, item) for item in page if fits(item.name) and not item.name.endswith("/"))


def _entry(root: str, found: ObjectState) -> Entry:
    return Entry(remote_path(root, found.name), found.size_bytes, found.digest, (found.version,))


def _state_or_none(path: str) -> ObjectState | None:
    try:
        return store_of(path).state(path)
    except StorageMissing:
        return None


def entry(path: str) -> Entry:
    """Return what a listing shows of one file or object: one request. Raises `StorageMissing`."""
    if is_remote(path):
        return _entry(root_and_name(path)[0], store_of(path).state(path))
    state = local.state(path)
    return Entry(path, state[0], None, state)


def exists(path: str) -> bool:
    """Return whether a file or object is there."""
    return store_of(path).exists(path) if is_remote(path) else local.exists(path)


def size_bytes(path: str) -> int:
    """Return the size of a file or object."""
    return entry(path).size_bytes


def content_digest(path: str) -> str:
    """Return a digest of the content: 32 hex digits.

    Local: xxh3-128 of the bytes. Elsewhere: from the object's size and the checksum that the
    store keeps, so that a terabyte need not be read to see that it is unchanged.
    """
    if is_remote(path):
        return store_of(path).state(path).digest
    import xxhash  # not at the top: the reader of a corpus needs numpy alone

    digest = xxhash.xxh3_128()
    with open_input(path) as stream:
        while block := stream.read(_DIGEST_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


class InputGuard:
    """Sees that an input stays what it was, and that no fault of storage passes for damage of it.

    Make one before the first read, in the thread that reads, and `check` behind the last, before
    anything is committed.
    """

    def __init__(self, path: str, planned: Entry | None = None) -> None:
        """Remember the input; one request for a bucket's object unless `planned` tells its version."""
        self._path = path
        self._before = planned if planned is not None else _entry_of_any(path)
        self._faults_before = fault_count()

    def check(self, digest: str | None = None) -> None:
        """Raise the fault that a reader swallowed, or `InputChanged`.

        With a digest the content itself is compared with it: a local file is read once more. Costs
        one request for a bucket's object.
        """
        swallowed = last_fault(self._faults_before)
        if swallowed is not None:
            raise swallowed
        try:
            now = _entry_of_any(self._path)
        except StorageMissing as error:
            raise changed(self._path, "it is gone") from error
        if self._before is None or now is None:
            return
        if now.version != self._before.version:
            raise changed(self._path, f"{self._before.size_bytes} bytes then, {now.size_bytes} now")
        if digest is not None and (now.digest or content_digest(self._path)) != digest:
            raise changed(self._path, f"its digest is no longer {digest}")


def _entry_of_any(path: str) -> Entry | None:
    """Return the entry of a file or object; None for a local folder, which has no content of its own."""
    return None if not is_remote(path) and os.path.isdir(path) else entry(path)
