"""What a snapshot stands on beside its own folder: shards, parts, its build's plan, dedup and tokenizer."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, list_files, open_input
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.plan import PLAN_FOLDER, SourceParts, manifest_rows, manifest_sources, table_path
from corpusforge.parts.repeated import snapshot_repeats
from corpusforge.parts.spec import PART_ID_DIGITS
from corpusforge.parts.waves import snapshot_folders
from corpusforge.shards.format import ID_DIGITS, index_path
from corpusforge.shards.snapshot import Index

_COPY_BYTES = 4 << 20
Identity = tuple[tuple[str, int, str], ...]
"""The parts of a build, by source: name, count, digest of their ids. Sources without parts are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What one snapshot needs, by name; parts are asked for by `part_names`."""

    snapshot: str
    shards: NDArray[Any]
    """Ids, S32."""
    parts: Identity
    """Which plan under `plan/` is of the same parts."""
    plan: str | None
    """The plan that the index itself names."""
    clusters: frozenset[str]
    """Folders under `clusters/`."""
    repeats: frozenset[str]
    """Folders under `repeats/`."""
    tokenizers: frozenset[str]
    """sha256 of files under `tokenizers/`."""
    n_docs: int
    n_tokens: int
    parent: str | None


def claims_of(corpus: str, index: Index) -> Claims:
    """Return what a snapshot needs. Raises as `read_plan` does where its index names a plan that is gone."""
    header = index.header
    repeats = snapshot_repeats(corpus, header)
    tokenizer = header["tokenizer"].get("file_sha256")
    return Claims(
        snapshot=index.snapshot,
        shards=np.array([row.id for row in index.rows], f"S{ID_DIGITS}"),
        parts=identity(manifest_sources(corpus, header)),
        plan=header.get("plan"),
        clusters=frozenset(folder.rpartition("/")[2] for folder in snapshot_folders(corpus, header)),
        repeats=frozenset([repeats.rpartition("/")[2]] if repeats else []),
        tokenizers=frozenset([tokenizer] if tokenizer else []),
        n_docs=header["totals"]["n_docs"],
        n_tokens=header["totals"]["n_tokens"],
        parent=header["parent"],
    )


def identity(sources: tuple[SourceParts, ...]) -> Identity:
    """Return what tells the parts of a build from those of another."""
    return tuple((source.name, source.count, source.digest) for source in sources if source.count)


def part_names(corpus: str, index: Index) -> NDArray[Any]:
    """Return the ids of the parts that a snapshot was made of, S24: 24 bytes each in memory."""
    if plan := index.header.get("plan"):
        return planned_parts(join(corpus, PLAN_FOLDER, plan))
    rows = manifest_rows(corpus, index.header)
    return np.array([str(row.get("part_id", "")) for row in rows], f"S{PART_ID_DIGITS}")


def planned_parts(folder: str) -> NDArray[Any]:
    """Return the ids of the parts of a plan that lies in a folder, S24."""
    with _at_hand(table_path(folder)) as path, open_sealed_parquet(path) as file:
        found = [np.array(ids, f"S{PART_ID_DIGITS}") for ids in _ids_by_slice(file)]
    return np.concatenate([np.empty(0, f"S{PART_ID_DIGITS}"), *found])


@contextmanager
def _at_hand(path: str) -> Generator[str]:
    """Yield a file of this disk: of a bucket a copy, read in order, for a request a slice would be many."""
    if not is_remote(path):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="corpusforge-") as copy:
        with open_input(path) as stream:
            shutil.copyfileobj(stream, copy, _COPY_BYTES)
        copy.flush()
        yield copy.name


def _ids_by_slice(file: Any) -> Iterator[list[str]]:
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, columns=["part_id"])["part_id"].to_pylist()


def snapshots_of(corpus: str) -> list[str]:
    """Return the ids of the snapshots of a corpus, sorted: those whose index is there."""
    return sorted(path.split("/")[-2] for path in list_files(join(corpus, index_path("*"))))
