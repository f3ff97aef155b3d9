"""Every file that a build leaves beside its shards, or has made so far, against its own checksums.

What the index of a snapshot tells of is `shards.verify`'s; here is all the rest: one listing, and one
check by what the path says. Files are read once, in bounded memory.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import xxhash

from corpusforge.dedup.result import SUMMARY, gone_path, range_folder
from corpusforge.files import (
    StorageFault,
    StorageMissing,
    exists,
    join,
    list_entries,
    list_files,
    open_input,
    read_bytes,
)
from corpusforge.ingest import check_scattered
from corpusforge.mixture.planfile import files_of, plan_from_bytes
from corpusforge.mixture.sampletable import TABLE_KINDS
from corpusforge.mixture.swarmfiles import (
    BUCKETS,
    EPOCHS,
    FOLDER,
    PLAN,
    PLANS,
    RATIOS,
    buckets_from_bytes,
    swarm_fault,
)
from corpusforge.parquet import check_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import plan_id, read_plan
from corpusforge.parts.reader import stats_of
from corpusforge.sealed import check_page, check_sealed, damaged, read_json
from corpusforge.shards.blocks import check_blocks
from corpusforge.shards.format import CURRENT, ID_DIGITS, KINDS, REMOVED, index_path, shard_id
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.verify import Problem, verify_snapshot

_READ_BYTES = 4 << 20
_ID = "[0-9a-f]{24}"
_SNAPSHOT_FILES = re.compile(r"snapshots/[^/]+/(?:index\.json|manifest\.(?:npy|parquet)|blocks\.npy)")
"""What `shards.verify` checks."""


class Rooms:
    """Checks the files of a corpus; `known` are the ids of shards that are checked elsewhere."""

    def __init__(self, corpus: str) -> None:
        self._corpus = corpus
        self.known: frozenset[str] = frozenset()
        self.n_checked = 0
        self.not_known: list[str] = []
        """Files that no build makes: nothing tells what should be in them."""

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong, file by file."""
        for entry in list_entries(self._corpus):
            name = self._name(entry.path)
            check = _check_of(name)
            if check is None:
                if not _SNAPSHOT_FILES.fullmatch(name):
                    self.not_known.append(name)
                continue
            self.n_checked += 1
            try:
                check(self, name)
            except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
                path = self._name(error.path) if isinstance(error, StorageFault) else name
                yield Problem(path=path, what=str(getattr(error, "what", error)))

    def _name(self, path: str) -> str:
        return path[len(self._corpus) :].lstrip("/")

    def path(self, name: str) -> str:
        """Return where a file of the corpus lies."""
        return join(self._corpus, name)

    def part(self, name: str) -> None:
        """Check the documents of a part, and by them its other files."""
        path = self.path(name)
        stats = stats_of(check_parquet(path), path)
        part_id = stats["part_id"]
        if part_path(self._corpus, part_id, COMMIT) != path:
            raise damaged(path, f"it is of part {part_id}")
        for what, expected in stats["files"].items():
            other = part_path(self._corpus, part_id, what)
            if _xxh3(other) != expected:
                raise damaged(other)

    def of_part(self, name: str) -> None:
        """Pass over a file that is checked with its part, where there is one: it holds no checksum itself."""

    def plan(self, name: str) -> None:
        """Check what a plan says of itself against its table."""
        plan = read_plan(self.path(name).rpartition("/")[0])
        ids = {source.name: hashlib.sha256() for source in plan.sources}
        count = 0
        for spec in plan.parts():
            ids[spec.source].update(f"{spec.part_id}\n".encode())
            count += 1
        said = {source.name: source.digest for source in plan.sources}
        folder = name.split("/")[1]
        if (
            {source: digest.hexdigest() for source, digest in ids.items()} != said
            or not plan_id(plan.sources) == plan.plan_id == folder
            or count != plan.n_parts
        ):
            raise damaged(self.path(name), "its table holds other parts")

    def summary(self, name: str) -> None:
        """Check the summary of a dedup run, and that the files of its last range are there."""
        value = read_json(self.path(name))
        folder = name.removesuffix(f"/{SUMMARY}")
        last = self.path(gone_path(range_folder(folder, value["ranges"] - 1)))
        if not exists(last):
            raise damaged(last, "it is missing")

    def build(self, name: str) -> None:
        """Check which snapshot a build became: that it is there."""
        snapshot = read_json(self.path(name))["snapshot"]
        if not exists(self.path(index_path(snapshot))):
            raise damaged(self.path(name), f"it names snapshot {snapshot}, which is not there")

    def current(self, name: str) -> None:
        """Check the form of the file that names the snapshot."""
        if not re.fullmatch(rb"[0-9a-f]{32}\n", read_bytes(self.path(name))):
            raise damaged(self.path(name), "no id of a snapshot")

    def json(self, name: str) -> None:
        """Check a sealed JSON file."""
        read_json(self.path(name))

    def sealed(self, name: str) -> None:
        """Check a sealed file."""
        check_sealed(self.path(name))

    def parquet(self, name: str) -> None:
        """Check a sealed Parquet file."""
        check_parquet(self.path(name))

    def blocks(self, name: str) -> None:
        """Check a spill or a run."""
        check_blocks(self.path(name))

    def scattered(self, name: str) -> None:
        """Check rows by bucket."""
        check_scattered(self.path(name))

    def page(self, name: str) -> None:
        """Check a report or a card."""
        try:
            check_page(self.path(name))
        except OSError as error:
            what = str(getattr(error, "what", error)).partition(";")[0]
            raise ValueError(f"{what}; run `corpusforge report` to write it again") from None

    def rewritable(self, name: str) -> None:
        """Check that a file without a seal is JSON, line by line or as a whole: `report` writes it again."""
        data = read_bytes(self.path(name))
        try:
            for piece in data.splitlines() if name.endswith(".jsonl") else [data]:
                json.loads(piece)
        except ValueError:
            raise ValueError("no JSON; run `corpusforge report` to write it again") from None

    def tokenizer(self, name: str) -> None:
        """Check a tokenizer's file, which is named by its sha256."""
        if f"tokenizers/{_sha256(self.path(name))}.json" != name:
            raise damaged(self.path(name))

    def mixture(self, name: str) -> None:
        """Check a plan of a mixture and that the files of its tables and patches are there."""
        plan = plan_from_bytes(read_bytes(self.path(name)), name)
        missing = [path for path in files_of(*plan.arms.values()) if not exists(self.path(path))]
        if missing:
            raise ValueError(f"{missing[0]} is missing; make the plan again")

    def patch(self, name: str) -> None:
        """Check the patch of a plan, which is named by its sha256."""
        if not name.endswith(f"/{_sha256(self.path(name))[:ID_DIGITS]}.patch"):
            raise ValueError("it is not what was written: remove it, make the plan again")

    def swarm(self, name: str) -> None:
        """Check the buckets of a swarm, and by them and its plan the tables beside them."""
        folder = name.rpartition("/")[0]
        files = {file: read_bytes(self.path(f"{folder}/{file}")) for file in (PLAN, RATIOS, EPOCHS, BUCKETS)}
        plan = plan_from_bytes(files[PLAN], f"{folder}/{PLAN}")
        if fault := swarm_fault(plan, buckets_from_bytes(files[BUCKETS], name), files):
            raise ValueError(f"{fault}; remove {folder} and make the swarm again")

    def samples(self, name: str) -> None:
        """Check the two files of a table of samples, which are named by both."""
        stem = name.rpartition(".")[0]
        digests = [_sha256(self.path(f"{stem}.{kind}")) for kind in TABLE_KINDS]
        if shard_id(digests) != stem.rpartition("/")[2]:
            raise ValueError(f"it or {stem}.firsts is not what was written: remove both, make the plan again")

    def shard(self, name: str) -> None:
        """Check the files of a shard that no snapshot tells of (yet), which are named by all four."""
        stem = name.removesuffix(KINDS["tokens"])
        paths = [self.path(f"{stem}{KINDS[kind]}") for kind in ("tokens", "ends", "docs", "text")]
        one = stem.rpartition("/")[2]
        if one not in self.known and all(map(exists, paths)):
            digests = [_sha256(path) for path in paths]
            if shard_id(digests) != one:
                raise ValueError(
                    f"it or {one}.* beside it is not what was written: remove spills/ and run the build again"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `verify_corpus` found."""

    problems: tuple[Problem, ...]
    n_files: int
    """Files checked beside those of the snapshots."""
    not_known: tuple[str, ...]
    """Files that no build makes: nothing tells what should be in them."""
    way_out: str
    """What to do about a shard or an index with problems; nothing where none has."""


def verify_corpus(
    corpus: str, sample: int | None = None, snapshot: str | None = None, *, shards_only: bool = False
) -> Verdict:
    """Return what is wrong with a corpus, or with an unfinished build.

    The snapshot, the current one unless told, is checked by `verify_snapshot`; with `shards_only`,
    nothing else. The other snapshots are checked too, their shards unless a sample is asked for.
    """
    corpus = corpus.rstrip("/") or corpus
    problems: list[Problem] = []
    known: set[str] = set()
    main = snapshot
    if snapshot is not None or exists(join(corpus, CURRENT)):
        problems += verify_snapshot(corpus, sample, snapshot)
        main, ids = _shards_of(corpus, snapshot)
        known |= ids
    of_shards = [*problems]
    rooms = Rooms(corpus)
    if not shards_only:
        others = [path.split("/")[-2] for path in list_files(join(corpus, index_path("*")))]
        for other in others:
            if other != main:
                found = verify_snapshot(corpus, None if sample is None else 0, other, frozenset(known))
                of_shards += found
                problems += found
                known |= _shards_of(corpus, other)[1]
        rooms.known = frozenset(known)
        problems += rooms.problems()
    way_out = _way_out(corpus, main) if of_shards else ""
    return Verdict(
        problems=tuple(problems),
        n_files=rooms.n_checked,
        not_known=tuple(rooms.not_known),
        way_out=way_out,
    )


def _shards_of(corpus: str, snapshot: str | None) -> tuple[str | None, set[str]]:
    """Return (snapshot, ids of its shards); of one whose index is damaged, none."""
    try:
        index = read_index(corpus, snapshot)
    except (ValueError, KeyError, TypeError, OSError):
        return snapshot, set()
    return index.snapshot, {row.id for row in index.rows}


def _way_out(corpus: str, snapshot: str | None) -> str:
    """Return what to remove so that a build writes the shards of a snapshot, or its index, again."""
    records: list[str] = []
    for path in list_files(join(corpus, "builds", "*.json")):
        try:
            if snapshot is None or read_json(path)["snapshot"] == snapshot:
                records.append(path[len(corpus) :].lstrip("/"))
        except (OSError, KeyError):
            continue  # a problem of its own
    made_by = " and ".join(records) or "what is left of its build under builds/"
    return f"a build writes shards again once {made_by} is removed, an index once it is removed itself"


_Check = Callable[[Rooms, str], None]
_CHECKS: Mapping[str, _Check] = {
    rf"parts/{_ID}\.documents\.parquet": Rooms.part,
    rf"parts/{_ID}\.signatures\.bin": Rooms.sealed,
    rf"rejects/{_ID}\.rejects\.parquet": Rooms.parquet,
    rf"quarantine/{_ID}\.quarantine\.jsonl": Rooms.of_part,
    rf"plan/{_ID}/plan\.json": Rooms.plan,
    r"plan/[^/]+/[^/]+\.json": Rooms.json,
    r"plan/[^/]+/[^/]+\.parquet": Rooms.parquet,
    rf"clusters/{_ID}/summary\.json": Rooms.summary,
    r"clusters/.*\.(?:u64|bin)": Rooms.sealed,
    r"repeats/.*\.bin": Rooms.sealed,
    r"(?:clusters|repeats|surveys|spills)/.*\.json": Rooms.json,
    r"(?:clusters|repeats|spills)/.*\.parquet": Rooms.parquet,
    r"builds/[^/]+\.json": Rooms.build,
    r"lookups/.*\.u64": Rooms.sealed,
    r"(?:lookups|retractions)/.*\.json": Rooms.json,
    r"(?:lookups|retractions)/.*\.parquet": Rooms.parquet,
    r"surveys/[^/]+/survey": Rooms.sealed,
    r"surveys/[^/]+/[^/]+\.rows": Rooms.scattered,
    r"spills/.*\.(?:spill|run)": Rooms.blocks,
    r"snapshots/[^/]+/receipt\.json": Rooms.json,
    rf"costs/(?:{_ID}|runs-\w+)\.json": Rooms.json,
    r"snapshots/[^/]+/(?:report\.html|card\.md)": Rooms.page,
    r"snapshots/[^/]+/audits\.json": Rooms.json,
    r"croissant\.json|snapshots/[^/]+/contamination_hits\.jsonl": Rooms.rewritable,
    r"snapshots/[^/]+/probe\.json": Rooms.json,
    r"tokenizers/[0-9a-f]{64}\.json": Rooms.tokenizer,
    PLANS.pattern: Rooms.mixture,
    rf"{FOLDER}/[^/]+/{re.escape(BUCKETS)}": Rooms.swarm,
    rf"{FOLDER}/[^/]+/[^/]+\.csv": Rooms.of_part,
    r"plans/samples/[0-9a-f]{32}\.stretches": Rooms.samples,
    r"plans/samples/[0-9a-f]{32}\.firsts": Rooms.of_part,
    r"plans/samples/[0-9a-f]{32}\.patch": Rooms.patch,
    r"shards/.*\.bin": Rooms.shard,
    r"shards/.*\.(?:ends\.u64|docs\.parquet|text\.parquet)": Rooms.of_part,
    CURRENT: Rooms.current,
    rf"{CURRENT}\.lock": Rooms.of_part,
    re.escape(REMOVED): Rooms.json,
}
"""What checks a file, by its path below the corpus; the first that fits."""


def _check_of(name: str) -> _Check | None:
    return next((check for pattern, check in _CHECKS.items() if re.fullmatch(pattern, name)), None)


def _xxh3(path: str) -> str:
    return _digest(path, xxhash.xxh3_128())


def _sha256(path: str) -> str:
    return _digest(path, hashlib.sha256())


def _digest(path: str, digest: Any) -> str:
    try:
        with open_input(path) as stream:
            while data := stream.read(_READ_BYTES):
                digest.update(data)
    except StorageMissing:
        raise damaged(path, "it is missing") from None
    return digest.hexdigest()
