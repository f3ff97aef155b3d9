"""What lies in a corpus beside snapshots and shards: plans, what builds left, what they may go on from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpusforge.files import join, list_entries, list_files, open_input, read_bytes
from corpusforge.garbage.claims import Identity, identity
from corpusforge.mixture.planfile import Plan, plan_from_bytes
from corpusforge.mixture.swarmfiles import is_plan
from corpusforge.parts.plan import PLAN_FOLDER, read_plan
from corpusforge.retract.ledger import FOLDER as RETRACTIONS
from corpusforge.retract.lookup import FOLDER as LOOKUPS
from corpusforge.sealed import read_json
from corpusforge.shards.format import ID_DIGITS

NEW_PLAN = "new-"
"""How the folder of a plan begins that is being made."""
WORK = re.compile(r"clusters/[^/]+/work-[^/]*/.*")
"""What a dedup leaves while it runs."""
_SHARD_NAMED = re.compile(rb"shards/[a-z_]+/[a-z_]+/([0-9a-f]{%d})\.bin" % ID_DIGITS)
_ROW = re.compile(r".*/(?:rows/[^/]+|shards)\.json")
_READ_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What builds and plans have left in a corpus, by name."""

    plans: Mapping[str, Plan]
    """Plans of mixtures and of swarms, by their path in the corpus."""
    part_plans: Mapping[str, Identity | None]
    """Folders under `plan/`: of which parts; None where that cannot be read."""
    builds: Mapping[str, str]
    """Snapshot by build."""
    clusters: frozenset[str]
    repeats: frozenset[str]
    spills: frozenset[str]
    surveys: frozenset[str]
    at_work: tuple[str, ...]
    """Some files that only a build under way, or one that was killed, leaves."""


def survey(corpus: str) -> Survey:
    """Return what lies in a corpus: small files are read, of the others the names alone.

    Raises ValueError, in one line of file and cause, for a plan of which cannot be told what it needs.
    """
    plans: dict[str, Plan] = {}
    for path in list_files(join(corpus, "plans")):
        name = relative(corpus, path)
        if is_plan(name):
            try:
                plans[name] = plan_from_bytes(read_bytes(path), path)
            except ValueError as error:
                what = "which snapshot it needs cannot be told: remove it, or make it again"
                raise ValueError(f"{error}; {what}") from None
    builds: dict[str, str] = {}
    for path in list_files(join(corpus, "builds")):
        if path.endswith(".json"):
            builds[relative(corpus, path)[len("builds/") : -len(".json")]] = str(read_json(path)["snapshot"])
    part_plans = {name: _identity(corpus, name) for name in _folders(corpus, PLAN_FOLDER)}
    spills, surveys = _folders(corpus, "spills"), _folders(corpus, "surveys")
    at_work = [
        f"{folder}/{name}/" for folder, names in (("spills", spills), ("surveys", surveys)) for name in names
    ]
    at_work += [f"{PLAN_FOLDER}/{name}/" for name in part_plans if name.startswith(NEW_PLAN)]
    at_work += [f"{RETRACTIONS}/{name}/" for name in _folders(corpus, RETRACTIONS)]
    at_work += [relative(corpus, path) for path in list_files(join(corpus, LOOKUPS, "*.json"))]
    clusters: set[str] = set()
    for entry in list_entries(join(corpus, "clusters")):
        name = relative(corpus, entry.path)
        clusters.add(name.split("/")[1])
        if WORK.fullmatch(name) and len(at_work) < 2:
            at_work.append(name)
    repeats = (name for name in _folders(corpus, "repeats") if not name.startswith("spans-"))
    return Survey(
        plans=plans,
        part_plans=part_plans,
        builds=builds,
        clusters=frozenset(clusters),
        repeats=frozenset(repeats),
        spills=frozenset(spills),
        surveys=frozenset(surveys),
        at_work=tuple(at_work),
    )


def relative(corpus: str, path: str) -> str:
    """Return the path of a file of a corpus, relative to it."""
    return path[len(corpus.rstrip("/")) + 1 :]


def shards_of_spills(corpus: str, spills: frozenset[str]) -> Iterator[str]:
    """Yield the ids of shards that unfinished builds have written: they are not written again."""
    for name in sorted(spills):
        for path in list_files(join(corpus, "spills", name)):
            if _ROW.fullmatch(path):
                yield from _named(path)


def _named(path: str) -> Iterator[str]:
    left = b""
    with open_input(path) as stream:
        while data := stream.read(_READ_BYTES):
            found = left + data
            yield from (match[1].decode() for match in _SHARD_NAMED.finditer(found))
            left = found[-200:]  # longer than a path: one that lies across two pieces is found, some twice


def _folders(corpus: str, folder: str) -> list[str]:
    names = (relative(corpus, entry.path).split("/") for entry in list_entries(join(corpus, folder)))
    return sorted({parts[1] for parts in names if len(parts) > 2})


def _identity(corpus: str, name: str) -> Identity | None:
    try:
        return identity(read_plan(join(corpus, PLAN_FOLDER, name)).sources)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not finished, or damaged: whose it is cannot be told
