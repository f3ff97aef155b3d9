"""Objects of a repository by their id: packed or loose, each checked against the hash that names it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from typing import Any

from corpusforge.files import StorageMissing, read_range
from corpusforge.ingest.repositories.git.errors import GitError
from corpusforge.ingest.repositories.git.folder import ABSENT, GitFolder, head_id
from corpusforge.ingest.repositories.git.packs import Held, Object, Pack, inflate

MAX_STRUCTURE_BYTES = 64 << 20
"""The most that a commit, a tag or one tree may have: over a million files in one folder."""
MAX_PACKS = 4096
"""The most packs that are opened; git packs anew what has more than 50 (gc.autoPackLimit)."""
_MAX_ALTERNATES = 64
_HASHES = {20: "sha1", 32: "sha256"}
_LOOSE_HEAD = re.compile(rb"(commit|tree|blob|tag) (0|[1-9][0-9]{0,18})\0")
_LOOSE_HEAD_BYTES = 32
_LOOSE_BLOCK_BYTES = 16 << 10
_PACK_INDEX = re.compile(r"pack-[0-9a-f]+\.idx")


class Objects:
    """Reads objects of one repository. Whatever it lacks is lacking: nothing is asked for elsewhere."""

    def __init__(self, folder: GitFolder) -> None:
        """Find HEAD and open the packs; raises `GitError` where HEAD names nothing.

        Packs that cannot be read are told of with the objects that are missing then.
        """
        self.folder = folder
        self.head_id = bytes.fromhex(head_id(folder))
        """What HEAD names: a commit, or a tag of one."""
        self._id_bytes = len(self.head_id)
        self._are_inside: dict[str, bool] = {}
        self._held = Held()
        self._packs: list[Pack] = []
        self._complaints: list[str] = []
        self._folders = list(dict.fromkeys(self._object_folders()))
        for place in self._folders:
            self._open_packs(os.path.join(place, "pack"))

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def read(self, object_id: bytes, limit_bytes: int) -> Object:
        """Return (kind, size, content) of an object, no content where its size is over the limit.

        Raises `GitError` where the repository lacks it, or holds none but damaged copies.
        """
        complaint = ""
        for found in self._copies(object_id, limit_bytes):
            if isinstance(found, GitError):
                complaint = complaint or str(found)
                continue
            kind, _, data = found
            if data is None or self._hash(kind, data) == object_id:
                return found
            complaint = complaint or "it is damaged: its content has another hash"
        raise GitError(complaint or "; ".join(["the repository does not hold it", *self._complaints[:1]]))

    def content(self, object_id: bytes, wanted: bytes) -> bytes:
        """Return the content of a commit, tree or tag; raises `GitError`."""
        kind, size, data = self.read(object_id, MAX_STRUCTURE_BYTES)
        if kind != wanted:
            raise GitError(f"it is a {kind.decode()}, no {wanted.decode()}")
        if data is None:
            raise GitError(f"it has {size} bytes, the limit is {MAX_STRUCTURE_BYTES}")
        return data

    def _copies(self, object_id: bytes, limit_bytes: int) -> Iterator[Object | GitError]:
        for pack in self._packs:
            place = pack.find(object_id)
            if place is not None:
                try:
                    yield pack.read(place, limit_bytes)
                except GitError as error:
                    yield error
        name = object_id.hex()
        for folder in self._folders:
            try:
                found = self._loose(os.path.join(folder, name[:2]), name[2:], limit_bytes)
            except GitError as error:
                yield error
            else:
                if found is not None:
                    yield found

    def _hash(self, kind: bytes, data: bytes) -> bytes:
        digest = hashlib.new(_HASHES[self._id_bytes], b"%b %d\0" % (kind, len(data)), usedforsecurity=False)
        digest.update(data)
        return digest.digest()

    def _loose(self, folder: str, name: str, limit_bytes: int) -> Object | None:
        path = os.path.join(folder, name)
        try:
            state = os.lstat(path)
            if not stat.S_ISREG(state.st_mode) or not self._is_inside(folder):
                self.folder.check_regular(path)
        except StorageMissing:
            raise GitError("it is a link to nothing") from None
        except OSError as error:
            if error.errno in ABSENT:
                return None
            raise
        head = read_range(path, 0, _LOOSE_BLOCK_BYTES)
        stream: Any = zlib.decompressobj()
        try:
            found = _LOOSE_HEAD.match(stream.decompress(head, _LOOSE_HEAD_BYTES))
        except zlib.error as error:
            raise GitError(f"it does not inflate: {error}") from None
        if found is None:
            raise GitError("it does not begin as an object")
        size = int(found[2])
        if size > limit_bytes:
            return found[1], size, None
        whole = found.end() + size
        if len(head) == _LOOSE_BLOCK_BYTES:
            head = read_range(path, 0, whole + whole // 8 + 1024)  # no stream of so many bytes is longer
        return found[1], size, inflate(head, whole)[found.end() :]

    def _is_inside(self, folder: str) -> bool:
        known = self._are_inside.get(folder)
        if known is None:
            known = self._are_inside[folder] = self.folder.holds(folder)
        return known

    def _open_packs(self, folder: str) -> None:
        try:
            names = sorted(filter(_PACK_INDEX.fullmatch, os.listdir(folder)))
        except OSError as error:
            if error.errno in ABSENT:
                return
            raise
        for name in names:
            stem = os.path.join(folder, name.removesuffix(".idx"))
            if len(self._packs) == MAX_PACKS:
                self._complaints.append(f"it has more than {MAX_PACKS} packs")
                return
            try:
                for ending in (".idx", ".pack"):
                    self.folder.check_regular(stem + ending)
                self._packs.append(Pack(stem, self._id_bytes, self._held))
            except StorageMissing:
                self._complaints.append(f"{os.path.basename(stem)}.pack is missing")
            except GitError as error:
                self._complaints.append(str(error))

    def _object_folders(self) -> Iterator[str]:
        """Yield the folder of objects and those that it borrows from, where they lie inside the source."""
        waiting = [os.path.join(self.folder.common, "objects")]
        for _ in range(_MAX_ALTERNATES):
            if not waiting:
                return
            folder = waiting.pop(0)
            if not self.folder.holds(folder):
                self._complaints.append("it borrows objects from outside the source")
                continue
            yield os.path.realpath(folder)
            try:
                lines = self.folder.read(os.path.join(folder, "info", "alternates")).splitlines()
            except (GitError, StorageMissing):
                continue
            borrowed = [os.fsdecode(line) for line in lines if line and b"\0" not in line]
            waiting += [os.path.join(folder, line) for line in borrowed if not line.startswith("#")]
