"""Files on local disk, with the faults of storage told apart from what the files hold."""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpusforge.files.faults import StorageMissing, attempt, changed
from corpusforge.files.meter import count_read
from corpusforge.files.paths import has_wildcard, is_class_only

FileState = tuple[int, int, int]
"""(size in bytes, time of the last change in ns, inode)."""


def state(path: str) -> FileState:
    """Return what tells that a file is still the one it was."""
    return _state_of(attempt(path, "stat", lambda: os.stat(path)))


def _state_of(found: os.stat_result) -> FileState:
    return found.st_size, found.st_mtime_ns, found.st_ino


class LocalSource:
    """An open local file, read by place.

    What was there at the opening is what is read: one that ends before is `InputChanged`, what
    was added behind is not seen.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._handle = -1
        self._open()
        found = os.fstat(self._handle)
        self.is_seekable = stat.S_ISREG(found.st_mode)
        self._state = _state_of(found)
        if stat.S_ISDIR(found.st_mode):
            self.close()
            attempt(path, "read", _refuse_folder)

    @property
    def size_bytes(self) -> int:
        """Return the size at the opening."""
        return self._state[0]

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer at the end of the file only."""
        size = min(stop, self.size_bytes) - start if self.is_seekable else stop - start
        buffer = bytearray(max(0, size))
        filled = 0
        while filled < size and (n_read := self.fill(start + filled, memoryview(buffer)[filled:])):
            filled += n_read
        return bytes(buffer if filled == size else buffer[:filled])

    def fill(self, start: int, buffer: memoryview) -> int:
        """Put bytes from a place on into a buffer; return how many, 0 at the end of the file only."""
        if not self.is_seekable:  # a pipe: its reader never moves
            n_read = attempt(self.path, "read", lambda: os.readv(self._handle, [buffer]))
            count_read(n_read)
            return n_read
        wanted = buffer[: max(0, self.size_bytes - start)]
        if not len(wanted):
            return 0

        def call() -> int:
            try:
                return os.preadv(self._handle, [wanted], start)
            except OSError as error:
                if error.errno == errno.ESTALE:
                    self._reopen()
                raise

        n_read = attempt(self.path, "read", call)
        if not n_read:
            raise changed(self.path, f"it ends at byte {start}, it had {self.size_bytes} bytes")
        count_read(n_read)
        return n_read

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self) -> None:
        self._handle = attempt(self.path, "open", lambda: os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))

    def _reopen(self) -> None:
        self.close()
        self._open()
        if _state_of(os.fstat(self._handle)) != self._state:
            raise changed(self.path, "another file stands in its place")

    def __del__(self) -> None:
        self.close()


def _refuse_folder() -> None:
    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


Links = Literal["files", "inside", "all"]
"""Which symbolic links a walk follows: to files, wherever they lie, and what a glob names; of these
only what lies inside the folder that is walked; or all, those to folders too."""
Passed = Callable[[str, str], None]
"""Told of (path, why) of what a walk passes over, but for hidden files and what matches no glob."""


IsTree = Callable[[str], bool]
"""Whether a folder is one thing, a repository for example, and not the files below it."""


def wild_place(parts: Sequence[str], anchor: str = "") -> int:
    """Return the number of the first component that is a pattern, that of all where none is.

    A component whose only marks are brackets is a name where something is called so.
    """
    for number, part in enumerate(parts):
        if has_wildcard(part) and not _is_name(anchor + "/".join(parts[:number]), part):
            return number
    return len(parts)


def _is_name(folder: str, part: str) -> bool:
    return is_class_only(part) and _stat(f"{folder.rstrip('/')}/{part}" if folder else part) is not None


def glob_root(path: str) -> str:
    """Return the folder below which a glob matches; of a plain name its folder."""
    parts = path.split("/")
    return "/".join(parts[: min(wild_place(parts), len(parts) - 1)]) or ("/" if path.startswith("/") else "")


def is_glob(path: str) -> bool:
    """Return whether a path is a pattern, and no name of something that is there."""
    parts = path.split("/")
    return wild_place(parts) < len(parts)


def walk(
    path: str, links: Links = "files", passed: Passed | None = None, is_tree: IsTree | None = None
) -> Iterator[tuple[str, FileState | None]]:
    """Yield the regular files below a folder or matching a glob, with their states, sorted by path.

    Where `is_tree` is given, a folder that is one is yielded in place of its files, without a state, and a
    glob that matches another folder stands for the files below it; else a glob matches files alone.

    Hidden files are passed over below a folder, and symbolic links to folders, unless all links are
    followed: each folder once then. One folder is held in memory at a time, but for the matches of
    a glob. `glob.glob` would pass over a folder that cannot be listed.
    """
    tell = passed or _tell_nobody
    found = _stat(path)
    if found is not None and stat.S_ISDIR(found.st_mode):
        yield from _below(path, _Rule(links, os.path.realpath(path), tell, set(), {}, is_tree))
        return
    rule = _Rule(links, os.path.realpath(glob_root(path)), tell, set(), {}, is_tree)
    is_pattern = is_glob(path)
    anchor = "/" if path.startswith("/") else ""
    matches = _matching(anchor, [part for part in path.split("/") if part], frozenset())
    for name in sorted(set(matches)):
        found = _stat(name)
        if is_pattern and not rule.follows(name):
            tell(name, LEAVES)
        elif is_tree and found is not None and stat.S_ISDIR(found.st_mode):
            yield from [(name, None)] if is_tree(name) else _below(name, rule)
        elif found is not None and stat.S_ISREG(found.st_mode):
            yield name, _state_of(found)
        elif found is None:
            if os.path.islink(name):
                tell(name, DANGLES)
        elif not stat.S_ISDIR(found.st_mode):
            tell(name, special_kind(found.st_mode))


LEAVES = "a link that leads out of the source"
DANGLES = "a link to nothing"


def special_kind(mode: int) -> str:
    """Return what a file is that is neither regular nor a folder, by its mode."""
    kinds = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _tell_nobody(_path: str, _why: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one walk follows, and whom it tells."""

    links: Links
    root: str
    """The real path of what is walked."""
    tell: Passed
    entered: set[str]
    """Real paths of folders that were entered through a link."""
    last: dict[str, bool]
    """Whether the folder that was asked for last lies inside."""
    is_tree: IsTree | None = None

    def follows(self, path: str) -> bool:
        """Return whether a path may be read by where it really lies."""
        if self.links != "inside":
            return True
        folder = os.path.dirname(path)
        if folder not in self.last:
            self.last.clear()
            self.last[folder] = self._holds(folder)
        return self._holds(path) if os.path.islink(path) else self.last[folder]

    def _holds(self, path: str) -> bool:
        return f"{os.path.realpath(path)}/".startswith(os.path.join(self.root, ""))


def exists(path: str) -> bool:
    """Return whether a file or folder is there; a fault is not an absence."""
    return _stat(path) is not None


def _stat(path: str) -> os.stat_result | None:
    try:
        return attempt(path, "stat", lambda: os.stat(path))
    except StorageMissing:
        return None


def _names(folder: str) -> list[tuple[str, bool, bool]]:
    """Return (name, whether it is a folder or a link to one, whether it is a link) of what a folder holds."""

    def call() -> list[tuple[str, bool, bool]]:
        with os.scandir(folder or ".") as entries:
            return [(entry.name, entry.is_dir(), entry.is_symlink()) for entry in entries]

    return attempt(folder or ".", "list", call)


def _matching(folder: str, parts: list[str], above: frozenset[tuple[int, int]]) -> Iterator[str]:
    """Yield what matches the parts of a glob below a folder; `above` are the folders gone through by `**`."""
    head, rest = parts[0], parts[1:]
    if head != "**" and (not has_wildcard(head) or _is_name(folder, head)):
        path = folder + head
        if not rest:
            yield path
        elif _is_folder(path):
            yield from _matching(path + "/", rest, above)
        return
    if head == "**":
        here = attempt(folder or ".", "stat", lambda: os.stat(folder or "."))
        if (here.st_dev, here.st_ino) in above:
            return  # a link that leads back up
        above |= {(here.st_dev, here.st_ino)}
        if rest:
            yield from _matching(folder, rest, frozenset())
    for name, is_folder, _ in _names(folder):
        if name.startswith(".") and not head.startswith("."):
            continue
        path = folder + name
        if head == "**":
            if is_folder:
                yield from _matching(path + "/", parts, above)
            elif not rest:
                yield path
        elif fnmatch.fnmatchcase(name, head):
            if not rest:
                yield path
            elif is_folder:
                yield from _matching(path + "/", rest, above)


def _is_folder(path: str) -> bool:
    found = _stat(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


def _below(folder: str, rule: _Rule) -> Iterator[tuple[str, FileState | None]]:
    # What lies below a folder sorts as its name and a slash: so the whole walk is in order.
    names = sorted(_names(folder), key=lambda item: item[0] + "/" if item[1] else item[0])
    for name, is_folder, is_link in names:
        path = os.path.join(folder, name)
        if name.startswith("."):
            continue
        if is_folder:
            if not is_link or _enters(path, rule):
                yield from [(path, None)] if rule.is_tree and rule.is_tree(path) else _below(path, rule)
            continue
        try:
            found = attempt(path, "stat", lambda path=path: os.stat(path))
        except StorageMissing:
            if not is_link:
                raise
            rule.tell(path, DANGLES)
            continue
        if not stat.S_ISREG(found.st_mode):
            rule.tell(path, special_kind(found.st_mode))
        elif is_link and not rule.follows(path):
            rule.tell(path, LEAVES)
        else:
            yield path, _state_of(found)


def _enters(folder: str, rule: _Rule) -> bool:
    """Return whether the walk goes on below a link to a folder: into each but once."""
    if rule.links != "all":
        rule.tell(folder, "a link to a folder" if rule.follows(folder) else LEAVES)
        return False
    target = os.path.realpath(folder)
    if target in rule.entered or f"{target}/".startswith(os.path.join(rule.root, "")):
        rule.tell(folder, "a link to a folder that is read already")
        return False
    rule.entered.add(target)
    return True
