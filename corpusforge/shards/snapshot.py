"""Snapshots: an immutable index over shards, and the file that names the current one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpusforge import __version__
from corpusforge.files import exists, is_remote, join, list_files, read_bytes, swap, version_of, write_bytes
from corpusforge.frozen import canonical_sha256
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.format import (
    CURRENT,
    ENDS_DTYPE,
    INDEX_VERSION,
    TOKEN_DTYPES,
    ShardRow,
    canonical_json,
    index_path,
    manifest_path,
    row_to_json,
    seal,
    totals,
)
from corpusforge.shards.indexfile import check_snapshot_id, load_index, removed_snapshots, why_gone
from corpusforge.shards.inside import path_inside
from corpusforge.shards.manifest import FILES, MANIFEST_SHARDS, rows_to_arrays, to_npy

LOCK = ".lock"
"""Held by the build of a local corpus."""
_PLAN_FOLDER = "plan"
"""Written by the first stage of a build (`parts.plan`)."""


class CommitConflict(RuntimeError):
    """Another build committed a snapshot to the same corpus in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A snapshot as its index tells it."""

    snapshot: str
    header: dict[str, Any]
    """Everything but the shard rows, `totals` and `conservation` among it."""
    rows: tuple[ShardRow, ...]
    """Sorted by domain, subset and index."""

    def supply_tokens(self) -> dict[tuple[str, str], int]:
        """Return tokens by (domain, subset), EOS included."""
        supply: dict[tuple[str, str], int] = {}
        for row in self.rows:
            key = (row.domain, row.subset)
            supply[key] = supply.get(key, 0) + row.n_tokens
        return supply


def make_header(
    *,
    corpus_id: str,
    tokenizer: Mapping[str, Any],
    seed: int,
    config: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    conservation: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the header that `commit` takes.

    `config` is the whole configuration, thresholds and all; `inputs` the input manifest, one
    JSON object per input; `conservation` the counted ends of all records. None
    may hold a time, a path of this machine or a number of workers: two builds of the same
    inputs must write the same bytes.
    """
    return {
        "corpus_id": corpus_id,
        "tokenizer": dict(tokenizer),
        "seed": seed,
        "config": dict(config),
        "config_sha256": canonical_sha256(config),
        "inputs": [dict(entry) for entry in inputs],
        "conservation": dict(conservation),
        "code_version": __version__,
    }


def commit(
    corpus: str, rows: Iterable[ShardRow | None], header: Mapping[str, Any], *, parent: str | None = None
) -> str:
    """Return the id of the snapshot that now is the current one.

    Nones, as `write_shard` returns for an empty shard, are left out. A corpus that already
    holds exactly this keeps its snapshot, whose index is written again where it is missing; another
    one becomes the parent. Raises
    `CommitConflict` where another build came first.
    """
    current_path = join(corpus, CURRENT)
    expected = version_of(current_path)
    current = read_current(corpus) if expected is not None else None
    shards = sorted(
        (row for row in rows if row is not None), key=lambda row: (row.domain, row.subset, row.index, row.id)
    )
    if current is not None:
        is_there = exists(join(corpus, index_path(current)))
        for before in [read_index(corpus).header["parent"]] if is_there else _possible_parents(corpus):
            index = _index(shards, header, before)
            if index["snapshot"] == current:
                if not is_there:
                    _write_index(corpus, index, shards)
                return current
        if not is_there:
            read_index(corpus)  # raises: it is of another build, or lost
    index = _index(shards, header, parent or current)
    snapshot = _write_index(corpus, index, shards)
    if not swap(current_path, f"{snapshot}\n".encode(), expected):
        raise CommitConflict(f"{corpus}: another build committed a snapshot meanwhile: run again")
    return snapshot


def _possible_parents(corpus: str) -> list[str | None]:
    """Return what may have been the parent of a snapshot whose index was removed to be made again."""
    there = [path.split("/")[-2] for path in list_files(join(corpus, index_path("*")))]
    return [None, *there, *removed_snapshots(lambda path: read_bytes(join(corpus, path)))]


def _write_index(corpus: str, index: Mapping[str, Any], shards: Sequence[ShardRow]) -> str:
    """Return the id of a snapshot, its index written."""
    snapshot = str(index["snapshot"])
    for name, data in _manifest(shards).items():
        write_bytes(join(corpus, manifest_path(snapshot, name)), data)
    write_bytes(join(corpus, index_path(snapshot)), canonical_json(index))
    return snapshot


def _index(rows: Sequence[ShardRow], header: Mapping[str, Any], parent: str | None) -> dict[str, Any]:
    index = {
        **header,
        "schema_version": INDEX_VERSION,
        "parent": parent,
        "dtype": _dtype(rows),
        "ends_dtype": ENDS_DTYPE,
        "endianness": "little",
        "totals": totals(rows),
    }
    manifest = {name: hashlib.sha256(data).hexdigest() for name, data in _manifest(rows).items()}
    rest = {"manifest": manifest} if manifest else {"shards": [row_to_json(row) for row in rows]}
    return seal({**index, **rest}, "snapshot")


def _dtype(rows: Sequence[ShardRow]) -> str:
    """Return the dtype of all payloads; ValueError where they differ."""
    found = sorted({row.token_dtype for row in rows}) or list(TOKEN_DTYPES[-1:])
    if len(found) > 1:
        raise ValueError(f"shards of one snapshot hold tokens of {' and '.join(found)}")
    return found[0]


def _manifest(rows: Sequence[ShardRow]) -> dict[str, bytes]:
    """Return the files of a manifest by name; none where the rows stay in the JSON."""
    if len(rows) <= MANIFEST_SHARDS:
        return {}
    table, blocks = rows_to_arrays(rows)
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row_to_json(row) for row in rows]), stream, compression="zstd")
    return dict(zip(FILES, (to_npy(table), to_npy(blocks), stream.getvalue()), strict=True))


def read_current(corpus: str) -> str:
    """Return the id of the current snapshot; ValueError where the corpus has none, or no id is there."""
    path = path_inside(corpus, CURRENT)
    if not exists(path):
        raise ValueError(f"{corpus}: {why_no_snapshot(corpus)}")
    snapshot = read_bytes(path).decode("ascii", "backslashreplace").removesuffix("\n")
    check_snapshot_id(snapshot, path)
    return snapshot


def why_no_snapshot(corpus: str) -> str:
    """Return why a place has no snapshot: it is being built, its build ended before, or it is no corpus."""
    if not exists(join(corpus, _PLAN_FOLDER)) and not list_files(join(corpus, _PLAN_FOLDER)):
        return "no corpus here: no file CURRENT names a snapshot; `corpusforge build CONFIG.toml` makes one"
    if _is_locked(corpus):
        return "still being built: there is no snapshot yet; wait for its build to end"
    return "its build did not end: there is no snapshot yet; the same `corpusforge build` goes on"


def _is_locked(corpus: str) -> bool:
    """Return whether a build holds the lock of a local corpus."""
    if is_remote(corpus):
        return False
    import fcntl

    try:
        with open(join(corpus, LOCK), "rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def restore_current(corpus: str, snapshot: str) -> str:
    """Return the id of the current snapshot; where the corpus names none, this one becomes it."""
    path = join(corpus, CURRENT)
    if not exists(path):
        swap(path, f"{snapshot}\n".encode(), None)
    return read_current(corpus)


def read_index(corpus: str, snapshot: str | None = None) -> Index:
    """Return a snapshot, the current one unless told, checked as `shards.indexfile` says.

    Raises ValueError, in one line of file and place, where the index is missing, was changed or
    does not add up.
    """
    is_current = snapshot is None
    snapshot = snapshot or read_current(corpus)

    def read(path: str) -> bytes:
        whole = path_inside(corpus, path)
        if not exists(whole):
            raise FileNotFoundError(whole)
        return read_bytes(whole)

    try:
        header, rows = load_index(snapshot, read, lambda path: join(corpus, path))
    except FileNotFoundError:
        if is_current:
            raise ValueError(
                f"{join(corpus, CURRENT)}: names snapshot {snapshot}, but {index_path(snapshot)} is missing: "
                "remove CURRENT and run the build again"
            ) from None
        why = why_gone(snapshot, read)
        missing = f"no snapshot {snapshot}: {index_path(snapshot)} is missing"
        raise ValueError(f"{corpus}: {why or missing}") from None
    return Index(snapshot=snapshot, header=header, rows=tuple(rows))
