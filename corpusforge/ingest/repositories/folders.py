"""Plain folders of source code: every file by sorted path, what is no file of the folder told of."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from corpusforge.document import Document, Drop, DropReason, SourceKind, name_text
from corpusforge.files import content_digest, special_kind
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.files import file_record
from corpusforge.ingest.repositories.licences import LicenceFiles, is_licence_file


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a folder holds, but for folders."""

    full: str
    path: str
    """Below the folder."""
    refusal: str | None
    """Why it is not read; None for a regular file."""


def read_folder(input: InputFile, config: IngestConfig) -> Iterator[Document | Drop]:
    """Yield the files below a plain folder by sorted path, `.git` left out.

    Links are told of; those that leave the folder are followed where `follow_links` says so: what
    others name is read at its own place.
    """
    repo = repo_name(input.name).rpartition("/")[2]
    licences = LicenceFiles()
    for found in walk(input.path, config.follow_links):
        if found.refusal is None and is_licence_file(found.path):
            licences.add(found.path, _bytes(found.full, config.max_file_bytes))
    for found in walk(input.path, config.follow_links):
        locator = f"{input.name.rstrip('/')}/{found.path}"
        if found.refusal is not None:
            yield make_drop(input, SourceKind.GITHUB, locator, DropReason.NOT_CONTENT, found.refusal)
            continue
        yield file_record(
            input,
            config,
            _bytes(found.full, config.max_file_bytes),
            locator=locator,
            path=found.path,
            repo=repo,
            licence=licences.of(found.path),
        )


def folder_digest(root: str, config: IngestConfig) -> str:
    """Return 32 hex digits of all that `read_folder` reads of a folder: names, contents, refusals."""
    digest = hashlib.sha256()
    for found in walk(root, config.follow_links):
        what = content_digest(found.full) if found.refusal is None else found.refusal
        digest.update(f"{found.path}\0{what}\n".encode())
    return digest.hexdigest()[:32]


def repo_name(name: str) -> str:
    """Return a repository's name from its folder's: `mirror/owner/name.git` -> `owner/name`."""
    parts = [part for part in name.removesuffix("/.git").strip("/").split("/") if part not in ("", ".")]
    return "/".join(parts[-2:]).removesuffix(".git") or "repository"


def walk(root: str, follow_links: bool) -> Iterator[Found]:
    """Yield all that a folder holds, but for folders and `.git`; no link is followed to a folder twice."""
    real = os.path.join(os.path.realpath(root), "")
    entered: set[str] = set()
    for folder, subfolders, names in os.walk(root, onerror=_raise, followlinks=True):
        kept: list[str] = []
        for name in sorted(subfolders):
            full = os.path.join(folder, name)
            if name == ".git":
                continue
            if os.path.islink(full):
                target = os.path.join(os.path.realpath(full), "")
                if not follow_links or target.startswith(real) or target in entered:
                    names.append(name)
                    continue
                entered.add(target)
            kept.append(name)
        subfolders[:] = kept
        for name in sorted(name for name in names if name != ".git"):  # of a linked work tree
            full = os.path.join(folder, name)
            path = name_text(os.fsencode(os.path.relpath(full, root)))
            yield Found(full, path, _refusal(full, real, follow_links))


def _raise(error: OSError) -> None:
    """Raise what kept a folder from being listed: its files would be missing without a trace."""
    raise error


def _refusal(path: str, root: str, follow_links: bool) -> str | None:
    """Return why a path is no file to read, None for one that is."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        is_followed = follow_links and not os.path.realpath(path).startswith(root) and os.path.isfile(path)
        if not is_followed:
            return "a symbolic link, no regular file"
        mode = os.stat(path).st_mode
    return None if stat.S_ISREG(mode) else f"{special_kind(mode)}, no regular file"


def _bytes(path: str, limit_bytes: int) -> bytes:
    with opened(path) as stream:
        return stream.read(limit_bytes + 1)  # one byte more: too large, told by `file_record`
