"""Which documents dedup and repeats decide otherwise, once others are taken out of their parts.

    work-<id>/aside/…         what a snapshot's runs had decided, kept while they are made again
    work-<id>/moved.parquet   documents that are decided otherwise (`MOVED_SCHEMA`)

A run is made again over all parts, by the code of a build: so that what stays is what a build decides whose
dumps never held those documents, whatever a cluster, a bucket or a repeated line was held together by.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.dedup.bands import Refs
from corpusforge.dedup.repeats import RANGE_DTYPE, WHOLE
from corpusforge.dedup.result import SUMMARY, forget, read_gone
from corpusforge.document import SourceKind
from corpusforge.files import exists, join, list_files, open_input, publishing, remove_tree
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.finding import Task, to_bytes
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import PLAN_FOLDER, Plan, manifest_rows, read_plan, write_plan
from corpusforge.parts.repeated import cuts_path, repeats_folder
from corpusforge.parts.retracted import Removed
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.waves import dedup_of, waves
from corpusforge.retract.ledger import CHANGED, LEFT, RETURNED
from corpusforge.sealed import read_json, read_sealed, write_json

pa: Any = pyarrow  # ships no types for what is used here

MOVED_SCHEMA: Any = pa.schema(
    [
        ("doc_id", pa.string()),
        ("what", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("subset", pa.string()),
        ("part", pa.string()),
        ("row", pa.int64()),  # of the part, as it is now
    ]
)
_RANGE_BYTES = RANGE_DTYPE.itemsize
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """What is decided again: handed to every worker."""

    task: Task
    config: BuildConfig
    """Of the corpus, its dedup and its seed; how parts are made is not told."""
    plan: Plan

    @property
    def aside(self) -> str:
        """Where what was decided before lies."""
        return join(self.task.folder, "aside")

    def before(self, folder: str) -> str:
        """Return where what a run had decided lies."""
        return join(self.aside, *folder.split("/")[-2:])

    @property
    def is_compared(self) -> bool:
        """Whether documents are compared at all."""
        return self.config.dedup.method != "off"

    def runs(self) -> list[str]:
        """Return the folders of the snapshot's runs of dedup, in order."""
        return [wave.folder for wave in waves(self.plan, self.config)] if self.is_compared else []

    def repeats(self) -> str | None:
        """Return the folder of its run of repeats; None where nothing is ever cut."""
        return repeats_folder(self.plan, self.config) if self.config.dedup.repeats.is_on() else None

    def folders(self) -> list[str]:
        """Return the folders of all its runs."""
        return [*self.runs(), *([repeats] if (repeats := self.repeats()) else [])]


def deciding_of(task: Task) -> Deciding:
    """Return what a snapshot's parts are compared by, as its header tells.

    Raises ValueError, one line, where another version wrote it otherwise.
    """
    header = task.index().header
    dedup = dedup_of(header)
    if dedup is None:
        raise ValueError(f"snapshot {task.request.parent}: its settings of dedup are of another version")
    if header.get("plan"):
        plan = read_plan(join(task.corpus, PLAN_FOLDER, header["plan"]))
    else:
        specs = [_spec(row) for row in manifest_rows(task.corpus, header)]
        plan = write_plan(task.folder, list(dict.fromkeys(spec.source for spec in specs)), specs)
    config = BuildConfig(
        name=str(header["corpus_id"]),
        output=task.corpus,
        seed=int(header["seed"]),
        sources=tuple(SourceConfig(name=source.name, paths=("-",)) for source in plan.sources),
        dedup=dedup,
    )
    return Deciding(task=task, config=config, plan=plan)


def _spec(row: Mapping[str, Any]) -> PartSpec:
    return PartSpec(path="", kind=SourceKind(row["kind"]), **{key: row[key] for key in row if key != "kind"})


def check_decidable(deciding: Deciding, part_ids: set[str]) -> None:
    """Raise ValueError, one line, where what has to be compared again, or was decided, is not there."""
    task = deciding.task
    lost = next((spec.part_id for spec in deciding.plan.parts() if spec.part_id not in part_ids), None)
    gone = next((join(path, SUMMARY) for path in deciding.folders() if not exists(join(path, SUMMARY))), None)
    if lost or gone:
        missing = part_path(task.corpus, lost, COMMIT) if lost else gone
        raise ValueError(
            f"{missing}: not there, so what takes a document's place cannot be told: run the build of "
            f"snapshot {task.request.parent} again, then this, or leave out --policy"
        )


def aside_list(deciding: Deciding) -> list[str]:
    """Return the files that are put aside, having written down their names for workers."""
    path = _aside_path(deciding.task)
    if not exists(path):
        names: list[str] = []
        for folder in deciding.folders():
            kept = (SUMMARY, "gone.u64", "cuts.bin")
            found = [one for one in list_files(folder) if one.endswith(kept) and "/work-" not in one]
            names += sorted(found)
        write_json(path, {"files": names})
    return _files_aside(deciding.task)


def _aside_path(task: Task) -> str:
    return join(task.folder, "to-aside.json")


@lru_cache(maxsize=1)
def _files_aside(task: Task) -> list[str]:
    return list(read_json(_aside_path(task))["files"])


def put_aside(deciding: Deciding, number: int) -> Iterator[int]:
    """Yield the number of a file of what was decided, copied to where it stays while that is made again."""
    path = _files_aside(deciding.task)[number]
    folder = next(one for one in deciding.folders() if path.startswith(f"{one}/"))
    copy = join(deciding.before(folder), path[len(folder) + 1 :])
    if not exists(copy):
        with publishing(copy) as local, open_input(path) as stream, open(local, "wb") as out:
            shutil.copyfileobj(stream, out, _COPY_BYTES)
    yield number


def clear(deciding: Deciding) -> None:
    """Remove what was decided: it is put aside."""
    for folder in deciding.folders():
        remove_tree(folder)
    forget()


def removed_rows(task: Task, part_id: str) -> NDArray[np.int64]:
    """Return the rows that a part lost, by their numbers before; none of a part that was left as it is."""
    path = join(task.folder, "parts", f"{part_id}.json")
    if not exists(path):
        return np.empty(0, np.int64)
    record: Removed = read_json(path)
    return np.array(record["rows"], np.int64)


def moved_rows(deciding: Deciding, number: int) -> Iterator[tuple[int, bytes]]:
    """Yield (0, rows of `MOVED_SCHEMA` as an Arrow stream) of a part of which some are decided otherwise."""
    spec = deciding.plan.part(number)
    lost = removed_rows(deciding.task, spec.part_id)
    gone_before, cut_before = _decided(deciding, number, before=True)
    gone_before, cut_before = _shifted(gone_before, lost), _shifted_cuts(cut_before, lost)
    gone_now, cut_now = _decided(deciding, number, before=False)
    other = np.setxor1d(cut_before.view(f"V{_RANGE_BYTES}"), cut_now.view(f"V{_RANGE_BYTES}"))
    recut = np.unique(other.view(RANGE_DTYPE)["row"].astype(np.int64))
    rows = {
        RETURNED: np.setdiff1d(gone_before, gone_now),
        LEFT: np.setdiff1d(gone_now, gone_before),
        CHANGED: np.setdiff1d(recut, np.union1d(gone_before, gone_now)),
    }
    if any(map(len, rows.values())):
        yield 0, to_bytes(_told(deciding.task.corpus, spec.part_id, rows))


def _decided(deciding: Deciding, number: int, *, before: bool) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return (rows of a part that no shard holds, what is cut of the others), before or now."""
    gone: list[Refs] = []
    cuts = np.empty(0, RANGE_DTYPE)
    if deciding.is_compared:
        joined = [wave for wave in waves(deciding.plan, deciding.config) if wave.first_new <= number]
        folder = joined[-1].folder
        gone.append(read_gone(deciding.before(folder) if before else folder, number))
    if folder := deciding.repeats():
        path = cuts_path(deciding.before(folder) if before else folder, deciding.plan.part(number).part_id)
        cuts = np.frombuffer(read_sealed(path), RANGE_DTYPE)
        gone.append(cuts["row"][cuts["start"] == WHOLE].astype(np.uint64))
    rows = np.unique(np.concatenate([np.empty(0, np.uint64), *gone])).astype(np.int64)
    kept = cuts[~np.isin(cuts["row"], rows)]
    return rows, np.ascontiguousarray(kept)


def _shifted(rows: NDArray[np.int64], lost: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows by their numbers once others went."""
    rows = rows[~np.isin(rows, lost)]
    return rows - np.searchsorted(lost, rows)


def _shifted_cuts(cuts: NDArray[Any], lost: NDArray[np.int64]) -> NDArray[Any]:
    kept = cuts[~np.isin(cuts["row"], lost)].copy()
    kept["row"] -= np.searchsorted(lost, kept["row"].astype(np.int64)).astype(np.uint32)
    return kept


def _told(corpus: str, part_id: str, rows: Mapping[str, NDArray[np.int64]]) -> Any:
    """Return rows of `MOVED_SCHEMA` of a part."""
    columns = ["doc_id", "source", "domain", "subset"]
    with open_sealed_parquet(part_path(corpus, part_id, COMMIT)) as file:
        known = file.read(columns)
    tables: list[Any] = []
    for what, places in rows.items():
        some = known.take(pa.array(places))
        n_rows = len(places)
        values = {name: some[name].cast(pa.string()) for name in columns}
        values |= {"what": pa.array([what] * n_rows, pa.string()), "row": pa.array(places, pa.int64())}
        values["part"] = pa.array([part_id] * n_rows, pa.string())
        tables.append(pa.table([values[name] for name in MOVED_SCHEMA.names], schema=MOVED_SCHEMA))
    return pa.concat_tables(tables)
