"""Source code: Parquet dumps, archives, plain folders, git repositories and loose files.

Locators: `owner/repo@commit:path` where a commit is known (The Stack, git),
`<archive>!<entry>` in a snapshot, `<file>#id=<blob>` in BigQuery's contents table,
`<folder>/<path>` in a plain folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from corpusforge.document import Document, Drop, DropReason, SourceKind, name_text
from corpusforge.files import is_remote, list_files, size_bytes
from corpusforge.ingest.archives.archive import entries, is_archive
from corpusforge.ingest.archives.entry import Limits, Refused
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.files import entry_records, file_record
from corpusforge.ingest.repositories.git import GitError, git_entries, git_folder, read_head
from corpusforge.ingest.repositories.licences import LicenceFiles, is_licence_file, licence_files
from corpusforge.ingest.repositories.parquet import read_github_parquet

_KIND = SourceKind.GITHUB


def read_github(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record per file of a dump.

    `start` and `stop` are row groups of Parquet, entries of a zip's directory; `survey` holds the
    licence files of an archive.
    """
    coverage = coverage or Coverage()
    if not is_remote(input.path) and os.path.isdir(input.path):
        folder = git_folder(input.path)
        yield from _git(input, config, folder, coverage) if folder else _folder(input, config)
        return
    with opened(input.path, coverage, will_reread=True) as stream:  # an archive's licences are read first
        if is_archive(stream):
            limits = archive_limits(config)
            # Before all else: the licence files may stand behind the files they license.
            licences = LicenceFiles.unpacked(survey) if survey else licence_files(stream, limits)
            found = entries(stream, limits, start, stop, coverage)
            yield from entry_records(input, config, found, licences)
            return
        head = stream.read(4)
    if head == b"PAR1":
        yield from read_github_parquet(input, config, start, stop, coverage=coverage)
    else:
        yield _loose(input, config)


def archive_limits(config: IngestConfig) -> Limits:
    """Return what an archive may ask for under a configuration."""
    return Limits(config.max_file_bytes, config.max_ratio)


def _git(
    input: InputFile, config: IngestConfig, folder: str, coverage: Coverage
) -> Iterator[Document | Drop]:
    try:
        head = read_head(folder, config.git_deadline_s)
    except GitError as error:
        detail = f"no readable HEAD commit: {error}"
        yield make_drop(input, _KIND, input.name, DropReason.UNREADABLE, detail)
        coverage.stopped(0, _objects_bytes(folder))  # none in a repository that was just begun
        return
    repo = head.repo or repo_name(input.name)
    limits, deadline_s = archive_limits(config), config.git_deadline_s
    licences = LicenceFiles(git_entries(folder, head, limits, deadline_s, wanted=is_licence_file))
    for found in git_entries(folder, head, limits, deadline_s):
        locator = f"{repo}@{head.commit}:{found.name}"
        if isinstance(found, Refused):
            yield make_drop(input, _KIND, locator, found.reason, found.detail, n_bytes=found.n_bytes)
            if not found.name:  # the tree ends here: how much of it is missing nothing tells
                coverage.stopped(1, 1 + _objects_bytes(folder))
        else:
            yield file_record(
                input,
                config,
                found.data,
                locator=locator,
                path=found.name,
                repo=repo,
                date=head.date,
                licence=licences.of(found.name),
            )


def _objects_bytes(folder: str) -> int:
    return sum(size_bytes(path) for path in list_files(os.path.join(folder, "objects")))


def repo_name(name: str) -> str:
    """Return a repository's name from its folder's: `mirror/owner/name.git` -> `owner/name`."""
    parts = [part for part in name.removesuffix("/.git").strip("/").split("/") if part not in ("", ".")]
    return "/".join(parts[-2:]).removesuffix(".git") or "repository"


def _folder(input: InputFile, config: IngestConfig) -> Iterator[Document | Drop]:
    """Yield the files below a plain folder by sorted path; links are told of, never followed."""
    repo = repo_name(input.name).rpartition("/")[2]
    licences = LicenceFiles()
    for full, path in _walk(input.path):
        data = _regular_bytes(full, config.max_file_bytes) if is_licence_file(path) else None
        if isinstance(data, bytes):
            licences.add(path, data)
    for full, path in _walk(input.path):
        locator = f"{input.name.rstrip('/')}/{path}"
        data = _regular_bytes(full, config.max_file_bytes)
        if isinstance(data, bytes):
            licence = licences.of(path)
            yield file_record(input, config, data, locator=locator, path=path, repo=repo, licence=licence)
        else:
            yield make_drop(input, _KIND, locator, *data)


def _walk(root: str) -> Iterator[tuple[str, str]]:
    """Yield (full path, path below the root) of all that a folder holds but folders, `.git` left out."""
    for folder, subfolders, names in os.walk(root, onerror=_raise):
        links = [name for name in subfolders if os.path.islink(os.path.join(folder, name))]
        subfolders[:] = sorted(name for name in subfolders if name != ".git" and name not in links)
        for name in sorted(names + links):
            full = os.path.join(folder, name)
            yield full, name_text(os.fsencode(os.path.relpath(full, root)))


def _raise(error: OSError) -> None:
    """Raise what kept a folder from being listed: its files would be missing without a trace."""
    raise error


def _regular_bytes(path: str, limit_bytes: int) -> bytes | tuple[DropReason, str]:
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        what = "a symbolic link" if stat.S_ISLNK(mode) else "a special file"
        return DropReason.NOT_CONTENT, f"{what}, no regular file"
    with open(path, "rb") as stream:
        return stream.read(limit_bytes + 1)  # one byte more: too large, told by `file_record`


def _loose(input: InputFile, config: IngestConfig) -> Document | Drop:
    size = size_bytes(input.path)
    if size > config.max_file_bytes:
        detail = f"{size} bytes, the limit is {config.max_file_bytes}"
        return make_drop(input, _KIND, input.name, DropReason.TOO_LARGE, detail, n_bytes=size)
    with opened(input.path) as stream:
        return file_record(input, config, stream.read(), locator=input.name, path=input.name)
