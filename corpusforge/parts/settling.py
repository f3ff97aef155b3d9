"""What stands on parts, once documents are taken out of them: clusters, rows that go, repeats, builds.

Results of dedup and repeats that no snapshot stands on are removed: a build makes them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.result import gone_path, range_folder, range_of, read_summary, summary_path
from corpusforge.files import exists, join, list_files, remove, remove_tree
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.finding import Task, folder_of
from corpusforge.parts.plan import manifest_rows
from corpusforge.parts.repeated import snapshot_repeats
from corpusforge.parts.repeated import summary_path as repeats_summary
from corpusforge.parts.request import Found
from corpusforge.parts.retracted import (
    Removed,
    clusters_without,
    cuts_without,
    once,
    rejects_without,
    shifted_refs,
    summary_without,
)
from corpusforge.parts.waves import snapshot_folders
from corpusforge.sealed import read_json, read_sealed, sealed_json, write_json, write_sealed
from corpusforge.shards.format import index_path
from corpusforge.shards.snapshot import read_index

_SHOWN = 3
LEAKAGE = "leakage.json"
"""Beside a run of dedup: counted with what went, so that a build counts it anew."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What went from where, beside shards."""

    duplicates: Counter[tuple[str, str]]
    repeats: dict[str, Mapping[str, int]]
    redactions: dict[str, Counter[str]]
    parts: list[dict[str, Any]]
    """Of each part that was rewritten: its id, digests of its documents before and after, how many went."""


def check_before(task: Task, found: Found) -> None:
    """Raise ValueError, one line, where what was found does not fit what the snapshot stands on."""
    index = task.index()
    lost = found.by_shard()
    if all(row.id in lost and len(lost[row.id]) == row.n_docs for row in index.rows):
        raise ValueError("nothing would be left of the corpus; remove its folder instead")
    conservation = index.header["conservation"].get("sources", {}).values()
    n_duplicates = sum(of.get("exact_duplicates", 0) + of.get("near_duplicates", 0) for of in conservation)
    folders = snapshot_folders(task.corpus, index.header)
    missing = [folder for folder in folders if not exists(summary_path(folder))]
    if n_duplicates and (missing or not folders):
        raise ValueError(
            f"{missing[0] if missing else task.corpus}: the clusters of snapshot {index.snapshot} are not "
            "there, so copies cannot be found: run its build again, then this"
        )
    if snapshot_repeats(task.corpus, index.header) is not None:
        return
    manifest = {str(row["part_id"]) for row in manifest_rows(task.corpus, index.header)}
    keys = ("doc_id", "content_hash", "shard", "part", "cluster_id")
    stray = [
        row["doc_id"]
        for row in found.removed.select(keys).to_pylist()
        if row["part"] in manifest
        and row["content_hash"]
        and row["shard"] is None
        and row["cluster_id"] is None
    ]
    if stray:
        raise ValueError(
            f"{len(stray)} documents of parts are neither in shards nor duplicates, "
            f"{', '.join(stray[:_SHOWN])} among them: run the build of the snapshot again, then this"
        )


def removed_of_parts(task: Task, found: Found) -> dict[str, Removed]:
    """Return what went from each part that was rewritten, by its id."""
    paths = {part_id: join(task.folder, "parts", f"{part_id}.json") for part_id in found.parts}
    return {part_id: read_json(path) for part_id, path in paths.items() if exists(path)}


def redactions_of(task: Task, removed: Mapping[str, Removed]) -> dict[str, Counter[str]]:
    """Return the redactions in what went from the snapshot's parts, by source."""
    manifest = {str(row["part_id"]) for row in manifest_rows(task.corpus, task.index().header)}
    redactions: dict[str, Counter[str]] = {}
    for part_id, one in removed.items():
        if part_id in manifest:
            redactions.setdefault(one["source"], Counter()).update(one["redactions"])
    return redactions


def told_of_parts(removed: Mapping[str, Removed]) -> list[dict[str, Any]]:
    """Return what a ledger says of the parts that were rewritten."""
    return [
        {"part": part_id, **{key: one[key] for key in ("before", "after")}, "documents": len(one["rows"])}
        for part_id, one in sorted(removed.items())
    ]


def remove_other_runs(task: Task, own: Iterable[str], removed: Mapping[str, Removed]) -> None:
    """Remove what runs other than the snapshot's own decided of parts that lost documents.

    A build makes them again. Spans of these parts go too: their rows are others now.
    """
    kept = set(own)
    for header in _headers(task.corpus):
        if any(str(row["part_id"]) in removed for row in manifest_rows(task.corpus, header)):
            continue
        kept.update(snapshot_folders(task.corpus, header))
        if (repeats := snapshot_repeats(task.corpus, header)) is not None:
            kept.add(repeats)
    _remove_strays(task.corpus, kept, kept, removed)


def settle(task: Task, found: Found) -> Settled:
    """Return what went, having written all that stands on parts; again, it finds what is done."""
    ids = found.removed["doc_id"].combine_chunks()
    removed = removed_of_parts(task, found)
    headers = _headers(task.corpus)
    mine = task.index().header
    folders = {folder for header in headers for folder in snapshot_folders(task.corpus, header)}
    for folder in sorted(folders):
        if exists(summary_path(folder)):
            _settle_clusters(task, folder, ids, found)
        remove(join(folder, LEAKAGE))
    for header in headers:
        _settle_gone(task, header, removed)
    own = snapshot_repeats(task.corpus, mine)
    repeats: dict[str, Mapping[str, int]] = {}
    known = {path for header in headers if (path := snapshot_repeats(task.corpus, header)) is not None}
    for folder in sorted(known):
        counts = _settle_repeats(task, folder, removed, ids)
        repeats = counts if folder == own else repeats
    _remove_strays(task.corpus, folders, known, removed)
    duplicates: Counter[tuple[str, str]] = Counter()
    for key, count in found.duplicates.items():
        name, _, how = key.partition("\0")
        duplicates[name, how] += count
    return Settled(
        duplicates=duplicates,
        repeats=repeats,
        redactions=redactions_of(task, removed),
        parts=told_of_parts(removed),
    )


def _headers(corpus: str) -> list[Mapping[str, Any]]:
    """Return the headers of all snapshots of a corpus."""
    paths = list_files(join(corpus, index_path("*")))
    return [read_index(corpus, folder_of(path)).header for path in sorted(paths)]


def _record(task: Task, what: str, path: str) -> str:
    return join(
        task.folder, what, f"{canonical_sha256(path.removeprefix(task.corpus).lstrip('/'))[:24]}.json"
    )


def _settle_clusters(task: Task, folder: str, ids: Any, found: Found) -> None:
    """Take documents out of the clusters of one run, and out of its summary."""
    is_own = folder in snapshot_folders(task.corpus, task.index().header)
    run = folder.rpartition("/")[2]
    if is_own:
        files = [join(task.corpus, "clusters", name, "clusters.parquet") for name in found.clusters]
        files = [path for path in files if path.split("/")[-3] == run]
    else:
        files = sorted(list_files(join(folder, "*", "clusters.parquet")))
    counts: list[Mapping[str, Any]] = []
    for path in files:
        one = clusters_without(path, ids, _record(task, "clusters", path))
        if one is not None:
            counts.append(one)
    if not counts:
        return
    path = summary_path(folder)

    def write(temporary: str) -> Mapping[str, Any]:
        summary = read_summary(folder)
        assert summary is not None
        with open(temporary, "wb") as stream:
            stream.write(sealed_json(summary_without(summary, counts, ids)))
        return {}

    once(_record(task, "summaries", path), path, write)


def _settle_gone(task: Task, header: Mapping[str, Any], removed: Mapping[str, Removed]) -> None:
    """Number anew the rows that dedup takes out of parts which lost some."""
    folders = [path for path in snapshot_folders(task.corpus, header) if exists(summary_path(path))]
    if not folders:
        return
    rows: dict[int, NDArray[np.int64]] = {}
    for number, row in enumerate(manifest_rows(task.corpus, header)):
        one = removed.get(str(row["part_id"]))
        if one is not None and one["rows"]:
            rows[number] = np.array(one["rows"], np.int64)
    for folder in folders:
        summary = read_json(summary_path(folder))
        mine = np.array([number for number in rows if number < summary["parts"]], np.uint64)
        for number in np.unique(range_of(mine, summary["parts"], summary["ranges"])).tolist():
            path = gone_path(range_folder(folder, number))
            if exists(path):
                _shift(path, rows, _record(task, "gone", path))


def _shift(path: str, rows: Mapping[int, NDArray[np.int64]], record: str) -> None:
    def write(temporary: str) -> Mapping[str, Any]:
        refs = np.frombuffer(read_sealed(path), "<u8").astype(np.uint64)
        write_sealed(temporary, shifted_refs(refs, rows).astype("<u8"))
        return {}

    once(record, path, write)


def _settle_repeats(
    task: Task, folder: str, removed: Mapping[str, Removed], ids: Any
) -> dict[str, Mapping[str, int]]:
    """Return what one run of repeats had counted of documents that went, its files without them."""
    total: dict[str, Counter[str]] = {}
    for part_id, one in sorted(removed.items()):
        path = join(folder, f"{part_id}.cuts.bin")
        if one["rows"] and exists(path):
            told = cuts_without(path, one["source"], one, _record(task, "cuts", path))
            for name, counts in told["counts"].items():
                total.setdefault(name, Counter()).update(counts)
        rejects = join(folder, f"{part_id}.rejects.parquet")
        if exists(rejects):
            rejects_without(rejects, ids)
    path = repeats_summary(folder)
    if total and exists(path):

        def write(temporary: str) -> Mapping[str, Any]:
            summary: dict[str, Counter[str]] = {
                name: Counter(counts) for name, counts in read_json(path).items()
            }
            for name, counts in total.items():
                summary[name].subtract(counts)
            with open(temporary, "wb") as stream:
                stream.write(sealed_json({name: dict(counts) for name, counts in summary.items()}))
            return {}

        once(_record(task, "repeats", path), path, write)
    return {name: dict(counts) for name, counts in sorted(total.items())}


def _remove_strays(corpus: str, folders: set[str], repeats: set[str], removed: Mapping[str, Removed]) -> None:
    """Remove what no snapshot stands on, and spans whose rows are no longer those of their part."""
    for room, known in (("clusters", folders), ("repeats", repeats)):
        top = join(corpus, room)
        kept = {folder.rpartition("/")[2] for folder in known}
        found = {path[len(top) :].lstrip("/").partition("/")[0] for path in list_files(top)}
        for name in sorted(found - kept):
            if not name.startswith("spans-"):
                remove_tree(join(top, name))
    for part_id in removed:
        for path in list_files(join(corpus, "repeats", "spans-*", f"{part_id}.bin")):
            remove(path)


def point_builds(corpus: str, parent: str, child: str) -> None:
    """Have the builds that became a snapshot become its child: run again, they find it."""
    for path in list_files(join(corpus, "builds", "*.json")):
        if read_json(path)["snapshot"] == parent:
            write_json(path, {"snapshot": child})
