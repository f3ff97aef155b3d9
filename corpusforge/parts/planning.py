"""Inputs -> parts: what each input is, what its content is called, where it is split."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache

from corpusforge.config import BuildConfig, ConfigError, SourceConfig
from corpusforge.document import SourceKind
from corpusforge.files import (
    Entry,
    InputChanged,
    InputGuard,
    content_digest,
    entry,
    is_remote,
    list_entries,
)
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import (
    Beside,
    IngestConfig,
    InputFile,
    columns_without_text,
    detect_kind,
    needs_shuffle,
    needs_survey,
    splits,
    told_columns,
)
from corpusforge.ingest.beside import beside
from corpusforge.ingest.repositories.folders import folder_digest
from corpusforge.ingest.repositories.git import GitError, Objects, git_folder, read_head
from corpusforge.parts.inputs import Input, is_repository, list_inputs
from corpusforge.parts.spec import BUCKET, SURVEYED, PartSpec, part_id

_INPUTS_PEEKED = 16
"""Of a source in which none of so many tables holds text, none is taken to."""
_STAMP_DIGITS = 32
_SAME_SHOWN = 3
_SAME_REMEMBERED = 10**6
"""About 200 MB."""
_TICK_NS = 20 * 10**6
"""Longer than a tick of Linux, by which ext4, XFS, btrfs and tmpfs set times: 10 ms at most."""
_COARSE_TICK_NS = 2 * 10**9
"""Of file systems that know whole seconds, or every other (FAT)."""


def plan_parts(config: BuildConfig) -> list[PartSpec]:
    """Return the parts of a build: by source (`BuildConfig.ordered_sources`), name and split.

    What `corpusforge_pipelines.plan` does on workers, in this process: for few inputs. Raises `ConfigError`
    for an input whose kind cannot be told, and for two inputs of one source with the same name.
    """
    fingerprint = config.part_fingerprint()
    return [
        spec
        for source in config.ordered_sources()
        for input in checked_inputs(source, config)
        for spec in parts_of(input, source, config, fingerprint)
    ]


def checked_inputs(source: SourceConfig, config: BuildConfig) -> list[Input]:
    """Return the inputs of a source. Raises `ConfigError` where they are tables and none holds text.

    Told by the beginnings of the first few: one that may hold text, or is no table, settles it.
    """
    inputs = list_inputs(source, config)
    found: tuple[Input, list[str]] | None = None
    for input in inputs[:_INPUTS_PEEKED]:
        if input.entry is None or input.is_side:
            continue
        try:
            kind = _kind_of(input, source)
        except ConfigError:
            return inputs  # told where its parts are planned
        columns = columns_without_text(_input_file(input, source, kind), kind)
        if columns is None:
            return inputs
        found = found or (input, columns)
    if found is None:
        return inputs
    missing = dict(source.named_columns()).get("text")
    what = f"no column {missing!r} with text in" if missing else "no row holds text in"
    raise ConfigError(
        f"sources.{source.name}: {what} {found[0].name}; its columns: {told_columns(found[1])}; "
        f'name the one that does: columns = {{ text = "…" }} under this source'
    )


_WAYS_OUT = (
    ("no known kind", "; set kind = … for this source"),
    (": not read; ", "; or leave it out, or set kind = … for this source: then it is one drop"),
)
"""What a configuration can do about a file that is no dump, by what is said of it."""


def _kind_of(input: Input, source: SourceConfig) -> SourceKind:
    if source.kind is not None:
        return source.kind
    if source.columns or input.is_side:
        return SourceKind.JSONL  # rows, and what lies beside them
    try:
        return detect_kind(input.path)
    except ValueError as error:
        way_out = next((more for sign, more in _WAYS_OUT if sign in str(error)), "")
        raise ConfigError(f"sources.{source.name}: {error}{way_out}") from None


def _input_file(input: Input, source: SourceConfig, kind: SourceKind) -> InputFile:
    name = f"{source.name}/{input.name}"
    columns = source.named_columns()
    return InputFile(path=input.path, name=name, source=source.name, kind=kind, columns=columns)


def parts_of(input: Input, source: SourceConfig, config: BuildConfig, fingerprint: str) -> Iterator[PartSpec]:
    """Yield the parts of one input, one a split. Its content is read where the store knows no checksum.

    Raises `ConfigError` where its kind cannot be told.
    """
    kind = _kind_of(input, source)
    file = _input_file(input, source, kind)
    name = file.name
    stamp = stamp_of(_settled(list_entries(input.path) if input.entry is None else [input.entry]))
    digest, n_bytes = _digest(input, config.ingest)
    sides = beside(file)
    side_stamp, side_digest = stamp_of(_settled(sides.candidates())), digest_beside(sides)
    columns = json.dumps(file.columns, ensure_ascii=True) if file.columns else ""
    if columns:
        fingerprint = canonical_sha256([fingerprint, columns])
    found = list(_splits(file, config, n_bytes))
    for number, (start, stop, form) in enumerate(found):
        yield PartSpec(
            part_id=part_id(name, kind, digest, (start, stop), form, fingerprint, side_digest),
            source=source.name,
            kind=kind,
            path=input.path,
            name=name,
            digest=digest,
            size_bytes=n_bytes,
            start=start,
            stop=stop,
            form=form,
            columns=columns,
            stamp=stamp,
            beside=side_digest,
            beside_stamp=side_stamp,
            n_bytes=n_bytes * (number + 1) // len(found) - n_bytes * number // len(found),
        )


def _splits(file: InputFile, config: BuildConfig, n_bytes: int) -> Iterator[tuple[int, int | None, str]]:
    """Yield (start, stop, form) of the parts of an input."""
    found = splits(file, config.ingest, n_bytes)
    if needs_shuffle(file, found):
        yield from ((bucket, len(found), BUCKET) for bucket in range(len(found)))
        return
    form = SURVEYED if needs_survey(file, config.ingest, found) else ""
    yield from ((start, stop, form) for start, stop in found)


class SameContent:
    """Finds inputs of one content in two sources: a mistake, or documents that dedup will find twice.

    No fault: dedup keeps one of each, and an arm may be of one of the sources. Inputs beyond the first
    million are not remembered.
    """

    def __init__(self) -> None:
        self._first: dict[int, tuple[str, str]] = {}
        self._found: list[str] = []
        self._n_found = 0

    def watch(self, specs: Iterable[PartSpec]) -> Iterator[PartSpec]:
        """Yield parts as they come."""
        for spec in specs:
            if spec.start == 0 and spec.size_bytes:
                self._look(spec)
            yield spec

    def _look(self, spec: PartSpec) -> None:
        key = int(spec.digest[:16], 16)
        source, name = self._first.get(key, (spec.source, ""))
        if source != spec.source:
            self._n_found += 1
            if len(self._found) < _SAME_SHOWN:
                self._found.append(f"{spec.name} is {name}")
        elif not name and len(self._first) < _SAME_REMEMBERED:
            self._first[key] = (spec.source, spec.name)

    def lines(self) -> list[str]:
        """Return the line on what was found; none where nothing was."""
        if not self._found:
            return []
        more = f" and {self._n_found - len(self._found):,} more" if self._n_found > len(self._found) else ""
        return [
            f"the same content in two sources: {', '.join(self._found)}{more}; "
            "take it out of one of them, or leave it to dedup, which keeps one document of each"
        ]


def stamp_of(entries: Iterable[Entry]) -> str:
    """Return what changes when files do, or which there are, as the plan keeps it."""
    each = [[entry.path, *entry.version] for entry in entries]
    return canonical_sha256(each)[:_STAMP_DIGITS] if each else ""


def _settled(entries: Iterable[Entry]) -> list[Entry]:
    """Return files, once a change of them would show in their time of change.

    A local file that changed just now may change again within one tick of its file system's clock,
    and look the same: what is read of it from here on is what its stamp stands for.
    """
    found = list(entries)
    changed_ns = [int(one.version[1]) for one in found if not is_remote(one.path)]
    ticks_ns = (_COARSE_TICK_NS if at % 10**9 == 0 else _TICK_NS for at in changed_ns)
    until_ns = max((at + tick for at, tick in zip(changed_ns, ticks_ns, strict=True)), default=0)
    left_ns = until_ns - time.time_ns()
    if 0 < left_ns <= _COARSE_TICK_NS:  # a time to come is no clock of this machine
        time.sleep(left_ns / 10**9)
    return found


def stamp_beside(sides: Beside) -> str:
    """Return the stamp of all that a reader's side inputs are chosen from."""
    return stamp_of(sides.candidates())


def digest_beside(sides: Beside) -> str:
    """Return a digest of what a reader takes from beside its dump: contents, names and facts."""
    files = [[entry.path.rpartition("/")[2], _content_digest(entry)] for entry in sides.files]
    return canonical_sha256([files, sides.facts])[:_STAMP_DIGITS] if files or sides.facts else ""


def _content_digest(entry: Entry) -> str:
    return entry.digest or _digest_at(entry.path, entry.version)


@lru_cache(maxsize=4096)
def _digest_at(path: str, version: tuple[int | str, ...]) -> str:
    """Return the digest of a file in one state: tables beside many dumps are read once."""
    return content_digest(path)


def check_unchanged(spec: PartSpec, guard: InputGuard, config: IngestConfig) -> None:
    """Raise `InputChanged` unless what a part rests on still is what the plan says of it.

    Raises `StorageFault` too, one that its reader took for damage. `guard` was made before the
    first read. What has another stamp than the plan's is digested: touched is not changed.
    """
    guard.check()
    if spec.stamp and not _is_what_it_was(spec, config):
        raise InputChanged(spec.path, "read", "it changed since the plan was made: run again")
    if not spec.beside and not spec.beside_stamp:
        return  # it is what it was, so it still needs nothing
    sides = beside(spec.input_file())
    if stamp_beside(sides) != spec.beside_stamp and digest_beside(sides) != spec.beside:
        what = "what lies beside it changed since the plan was made: run again"
        raise InputChanged(spec.path, "read", what)


def _is_what_it_was(spec: PartSpec, config: IngestConfig) -> bool:
    """Return whether the input of a part has the plan's stamp, or else its digest."""
    if is_remote(spec.path) or not os.path.isdir(spec.path):
        now = entry(spec.path)
        return stamp_of([now]) == spec.stamp or _content_digest(now) == spec.digest
    if is_repository(spec.path):  # its commit is what counts, and no listing shows it
        return _digest(Input(spec.path, "", None), config)[0] == spec.digest
    same = stamp_of(list_entries(spec.path)) == spec.stamp
    return same or _digest(Input(spec.path, "", None), config)[0] == spec.digest


def _digest(input: Input, config: IngestConfig) -> tuple[str, int]:
    """Return (digest, bytes) of a file, or of a tree: its commit, or every file that is read of it."""
    if input.entry is not None:
        return _content_digest(input.entry), input.entry.size_bytes
    path = input.path
    n_bytes = sum(entry.size_bytes for entry in list_entries(path))
    repository = git_folder(path)
    if repository is None:
        return folder_digest(path, config), n_bytes
    try:
        with Objects(repository) as objects:
            head = read_head(objects)
    except GitError:  # one drop, until the repository is another
        return folder_digest(repository.path, config), n_bytes
    if head.repo is None:
        return head.commit, n_bytes
    return hashlib.sha256(f"{head.commit}\0{head.repo}".encode()).hexdigest()[:32], n_bytes
