"""Source code: Parquet dumps, archives, plain folders, git repositories and loose files.

Locators: `owner/repo@commit:path` where a commit is known (The Stack, git),
`<archive>!<entry>` in a snapshot, `<file>#id=<blob>` in BigQuery's contents table,
`<folder>/<path>` in a plain folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.files import is_remote, list_files, size_bytes
from corpusforge.ingest.archives.archive import entries, is_archive
from corpusforge.ingest.archives.entry import Limits, Refused
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.files import entry_records, file_record
from corpusforge.ingest.repositories.folders import read_folder, repo_name
from corpusforge.ingest.repositories.git import (
    GitError,
    GitFolder,
    Head,
    Objects,
    Unlisted,
    git_entries,
    git_folder,
    read_head,
)
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
        yield from _git(input, config, folder, coverage) if folder else read_folder(input, config)
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
    input: InputFile, config: IngestConfig, folder: GitFolder, coverage: Coverage
) -> Iterator[Document | Drop]:
    try:
        with Objects(folder) as objects:
            yield from _commit(input, config, objects, read_head(objects), coverage)
    except GitError as error:
        detail = f"no readable HEAD commit: {error}"
        yield make_drop(input, _KIND, input.name, DropReason.UNREADABLE, detail)
        coverage.stopped(0, _objects_bytes(folder))  # none in a repository that was just begun


def _commit(
    input: InputFile, config: IngestConfig, objects: Objects, head: Head, coverage: Coverage
) -> Iterator[Document | Drop]:
    repo = head.repo or repo_name(input.name.removeprefix(f"{input.source}/"))
    limits = archive_limits(config)
    licences = LicenceFiles(git_entries(objects, head, limits, wanted=is_licence_file))
    is_short = False
    for found in git_entries(objects, head, limits):
        locator = f"{repo}@{head.commit}:{found.name}"
        if isinstance(found, Refused):
            yield make_drop(input, _KIND, locator, found.reason, found.detail, n_bytes=found.n_bytes)
            if isinstance(found, Unlisted) and not is_short:  # how much of it is missing nothing tells
                coverage.stopped(1, 1 + _objects_bytes(objects.folder))
                is_short = True
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


def _objects_bytes(folder: GitFolder) -> int:
    return sum(size_bytes(path) for path in list_files(os.path.join(folder.common, "objects")))


def _loose(input: InputFile, config: IngestConfig) -> Document | Drop:
    size = size_bytes(input.path)
    if size > config.max_file_bytes:
        detail = f"{size} bytes, the limit is {config.max_file_bytes}"
        return make_drop(input, _KIND, input.name, DropReason.TOO_LARGE, detail, n_bytes=size)
    with opened(input.path) as stream:
        return file_record(input, config, stream.read(), locator=input.name, path=input.name)
