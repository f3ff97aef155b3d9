"""Configuration -> the parts of a build: one split of one input file becomes one part."""

from __future__ import annotations

import glob
import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from corpusforge.config import BuildConfig, ConfigError, SourceConfig
from corpusforge.document import SourceKind
from corpusforge.files import content_digest, is_remote, join, list_files, size_bytes
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import InputFile, detect_kind, splits

PART_ID_DIGITS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSpec:
    """What one part is made of. `part_id` names content and configuration, never a place."""

    part_id: str
    source: str
    kind: SourceKind
    path: str
    """Where to open the input; not part of the id."""
    name: str
    """`source/relative name`, as locators give it."""
    digest: str
    size_bytes: int
    start: int
    stop: int | None

    def input_file(self) -> InputFile:
        """Return the input as ingest opens it."""
        return InputFile(path=self.path, name=self.name, source=self.source, kind=self.kind)

    def manifest_row(self) -> dict[str, object]:
        """Return what a snapshot says of this part: all but the place it was read from."""
        row = asdict(self)
        del row["path"]
        return row


def plan_parts(config: BuildConfig) -> list[PartSpec]:
    """Return the parts of a build, sorted by source, name and split.

    Every input is read once for its digest. Raises `ConfigError` for an input whose kind
    cannot be told, and for two inputs of one source that have the same relative name.
    """
    fingerprint = config.part_fingerprint()
    specs = [
        spec
        for source in config.sources
        for path, relative in _inputs(source)
        for spec in _specs(config, source, path, relative, fingerprint)
    ]
    return sorted(specs, key=lambda spec: (spec.source, spec.name, spec.start))


def _specs(
    config: BuildConfig, source: SourceConfig, path: str, relative: str, fingerprint: str
) -> Iterator[PartSpec]:
    name = f"{source.name}/{relative}"
    try:
        kind = source.kind or detect_kind(path)
    except ValueError as error:
        raise ConfigError(f"sources.{source.name}: {error}; set kind = … for this source") from None
    digest, n_bytes = _digest(path)
    for start, stop in splits(InputFile(path=path, name=name, source=source.name, kind=kind), config.ingest):
        identity = [name, kind, digest, start, stop, fingerprint]
        yield PartSpec(
            part_id=canonical_sha256(identity)[:PART_ID_DIGITS],
            source=source.name,
            kind=kind,
            path=path,
            name=name,
            digest=digest,
            size_bytes=n_bytes,
            start=start,
            stop=stop,
        )


def _inputs(source: SourceConfig) -> Iterator[tuple[str, str]]:
    """Return (path, relative name) of a source's inputs; a repository or tree is one input.

    A file that several patterns match is one input, named by the first of them.
    """
    seen: dict[str, str] = {}
    taken: set[str] = set()
    for pattern in source.paths:
        if _is_tree(pattern, source.kind):
            found = [(pattern, os.path.basename(os.path.normpath(pattern)))]
        else:
            root = _static_root(pattern)
            found = [(path, path[len(root) :].lstrip("/")) for path in list_files(pattern)]
        for path, relative in found:
            if path in taken:
                continue
            taken.add(path)
            if seen.setdefault(relative, path) != path:
                raise ConfigError(
                    f"sources.{source.name}: {seen[relative]} and {path} have the same name {relative!r} "
                    "below their folders; list them under two sources"
                )
            yield path, relative


def _is_tree(path: str, kind: SourceKind | None) -> bool:
    if is_remote(path) or not os.path.isdir(path):
        return False
    if os.path.exists(join(path, ".git")) or os.path.isdir(join(path, "objects")):
        return True
    archives = (".parquet", ".tar.gz", ".tgz", ".tar", ".zip", ".tar.bz2", ".tar.xz", ".tar.zst")
    return kind is SourceKind.GITHUB and not any(name.endswith(archives) for name in list_files(path))


def _static_root(pattern: str) -> str:
    if not any(mark in pattern for mark in "*?["):
        return pattern if not is_remote(pattern) and os.path.isdir(pattern) else os.path.dirname(pattern)
    escaped = glob.escape(pattern)
    first = next(i for i, (a, b) in enumerate(zip(pattern, escaped, strict=False)) if a != b)
    return os.path.dirname(pattern[:first])


def _digest(path: str) -> tuple[str, int]:
    """Return (digest, bytes) of a file, or of a tree: its commit, or every file in it."""
    if is_remote(path) or os.path.isfile(path):
        return content_digest(path), size_bytes(path)
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
        if not os.path.exists(join(path, ".git")) and not os.path.isdir(join(path, "objects")):
            return None
        return subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
