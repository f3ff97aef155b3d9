"""Inputs -> parts: what each input is, what its content is called, where it is split."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator

from corpusforge.config import BuildConfig, ConfigError, SourceConfig
from corpusforge.files import Entry, InputChanged, InputGuard, content_digest, entry, list_files, size_bytes
from corpusforge.ingest import InputFile, detect_kind, needs_shuffle, needs_survey, splits
from corpusforge.parts.inputs import Input, is_repository, list_inputs
from corpusforge.parts.spec import BUCKET, SURVEYED, PartSpec, part_id


def plan_parts(config: BuildConfig) -> list[PartSpec]:
    """Return the parts of a build: by source (`BuildConfig.ordered_sources`), name and split.

    What `pipelines.plan` does on workers, in this process: for few inputs. Raises `ConfigError`
    for an input whose kind cannot be told, and for two inputs of one source with the same name.
    """
    fingerprint = config.part_fingerprint()
    return [
        spec
        for source in config.ordered_sources()
        for input in list_inputs(source)
        for spec in parts_of(input, source, config, fingerprint)
    ]


def parts_of(
    input: Input, source: SourceConfig, config: BuildConfig, fingerprint: str
) -> Iterator[PartSpec]:
    """Yield the parts of one input, one a split. Its content is read where the store knows no checksum.

    Raises `ConfigError` where its kind cannot be told.
    """
    name = f"{source.name}/{input.name}"
    try:
        kind = source.kind or detect_kind(input.path)
    except ValueError as error:
        raise ConfigError(f"sources.{source.name}: {error}; set kind = … for this source") from None
    digest, n_bytes = _digest(input)
    file = InputFile(path=input.path, name=name, source=source.name, kind=kind)
    for start, stop, form in _splits(file, config, n_bytes):
        yield PartSpec(
            part_id=part_id(name, kind, digest, (start, stop), form, fingerprint),
            source=source.name,
            kind=kind,
            path=input.path,
            name=name,
            digest=digest,
            size_bytes=n_bytes,
            start=start,
            stop=stop,
            form=form,
            stamp=stamp_of(input.entry),
        )


def _splits(file: InputFile, config: BuildConfig, n_bytes: int) -> Iterator[tuple[int, int | None, str]]:
    """Yield (start, stop, form) of the parts of an input."""
    found = splits(file, config.ingest, n_bytes)
    if needs_shuffle(file, found):
        yield from ((bucket, len(found), BUCKET) for bucket in range(len(found)))
        return
    form = SURVEYED if needs_survey(file, config.ingest, found) else ""
    yield from ((start, stop, form) for start, stop in found)


def stamp_of(entry: Entry | None) -> str:
    """Return what changes when an input does, as the plan keeps it; nothing for a folder."""
    return "-".join(map(str, entry.version)) if entry is not None else ""


def check_unchanged(spec: PartSpec, guard: InputGuard) -> None:
    """Raise `InputChanged` unless the input of a part still is what the plan says of it.

    Raises `StorageFault` too, one that its reader took for damage. `guard` was made before the
    first read. An input with another stamp than the plan's is digested: touched is not changed.
    """
    guard.check()
    if not spec.stamp or stamp_of(entry(spec.path)) == spec.stamp:
        return
    if content_digest(spec.path) != spec.digest:
        raise InputChanged(spec.path, "read", "it changed since the plan was made: run again")


def _digest(input: Input) -> tuple[str, int]:
    """Return (digest, bytes) of a file, or of a tree: its commit, or every file in it."""
    if input.entry is not None:
        return input.entry.digest or content_digest(input.path), input.entry.size_bytes
    path = input.path
    files = list_files(path)
    n_bytes = sum(size_bytes(file) for file in files)
    commit = _head_commit(path)
    if commit:
        return commit, n_bytes
    identity = "\n".join(f"{file[len(path) :]}\0{content_digest(file)}" for file in files)
    return hashlib.sha256(identity.encode()).hexdigest()[:32], n_bytes


def _head_commit(path: str) -> str | None:
    command = ["git", "-c", "safe.directory=*", "-C", path, "rev-parse", "HEAD^{commit}"]
    try:
        if not is_repository(path):
            return None
        return subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
