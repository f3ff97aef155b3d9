"""The plan of a build: a table of its parts under the corpus, made on workers, read by slices.

plan/<id>/parts.parquet    one row a part (`PLAN_SCHEMA`), by source (`BuildConfig.ordered_sources`),
                           name and split; a row group is a slice
plan/<id>/plan.json        what `Plan` holds; written last: its presence is the commit

What is handed from worker to worker is a `Plan`: where the table lies, and a few figures a source.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

from corpusforge.files import join, publishing
from corpusforge.frozen import canonical_sha256
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.spec import PLAN_SCHEMA, PartSpec, specs_of_batch, specs_to_batch
from corpusforge.sealed import read_json, write_json

SLICE_PARTS = 512
"""Parts of a row group: what one task of a plan's reading takes."""
PLAN_FOLDER = "plan"
MANIFEST_PARTS = 4096
"""Up to so many parts, a snapshot's index tells of each; beyond, it names the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceParts:
    """The parts of one source: they follow each other in the plan."""

    name: str
    first: int
    """The number of the first part: its place in the plan."""
    count: int
    size_bytes: int
    """Of its inputs."""
    digest: str
    """sha256 over the ids of the source's parts, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The parts of a build, as a handle: what it weighs does not grow with them."""

    folder: str
    plan_id: str
    n_parts: int
    n_shared: int
    """Parts that need something made of their whole input first (`PartSpec.form`)."""
    sources: tuple[SourceParts, ...]
    """In the order of `BuildConfig.ordered_sources`."""

    def parts(self, first: int = 0, stop: int | None = None) -> Iterator[PartSpec]:
        """Yield the parts numbered [first, stop), in order; only their slices are read."""
        end = self.n_parts if stop is None else min(stop, self.n_parts)
        for number in range(first // SLICE_PARTS, -(-end // SLICE_PARTS)):
            start = number * SLICE_PARTS
            yield from self.slice(number)[max(0, first - start) : end - start]

    def part(self, number: int) -> PartSpec:
        """Return the part of a number; the last slices that were asked for are remembered."""
        return _cached_slice(self.folder, number // SLICE_PARTS)[number % SLICE_PARTS]

    def slice(self, number: int) -> list[PartSpec]:
        """Return the parts of one slice: those from `number * SLICE_PARTS` on."""
        return _read_slice(self.folder, number)

    @property
    def slice_parts(self) -> int:
        """How many parts a slice holds; the last may hold fewer."""
        return SLICE_PARTS

    @property
    def n_slices(self) -> int:
        """How many slices there are."""
        return -(-self.n_parts // SLICE_PARTS)


def plan_id(sources: Sequence[SourceParts]) -> str:
    """Return the name of a plan: by its parts, in order, and their sources."""
    return canonical_sha256([[source.name, source.count, source.digest] for source in sources])[:24]


def table_path(folder: str) -> str:
    """Return where the table of a plan lies."""
    return join(folder, "parts.parquet")


def plan_path(folder: str) -> str:
    """Return where what a `Plan` holds lies."""
    return join(folder, "plan.json")


def write_plan(output: str, names: Sequence[str], specs: Iterable[PartSpec]) -> Plan:
    """Return the plan of parts, its table written under a corpus.

    `specs` come in order: by source as in `names`, then by input and split. Memory: one slice.
    """
    digests = {name: hashlib.sha256() for name in names}
    counts, sizes, n_shared = dict.fromkeys(names, 0), dict.fromkeys(names, 0), 0
    # The table's place is named after its parts, which are known once it is written.
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        local = join(folder, "parts")
        with SealedParquetWriter(local, PLAN_SCHEMA, compression="zstd") as table:
            for piece in _slices(specs):
                for spec in piece:
                    digests[spec.source].update(f"{spec.part_id}\n".encode())
                    counts[spec.source] += 1
                    sizes[spec.source] += spec.size_bytes if spec.start == 0 else 0
                    n_shared += bool(spec.form)
                table.write_batch(specs_to_batch(piece))
        plan = _plan(output, counts, sizes, {name: digest.hexdigest() for name, digest in digests.items()})
        plan = replace(plan, n_shared=n_shared)
        with publishing(table_path(plan.folder)) as path:
            shutil.copyfile(local, path)
    # Without the place: the file says the same wherever the corpus lies.
    write_json(plan_path(plan.folder), {key: value for key, value in asdict(plan).items() if key != "folder"})
    return plan


def _plan(
    output: str, counts: Mapping[str, int], sizes: Mapping[str, int], digests: Mapping[str, str]
) -> Plan:
    sources: list[SourceParts] = []
    first = 0
    for name, count in counts.items():
        sources.append(
            SourceParts(name=name, first=first, count=count, size_bytes=sizes[name], digest=digests[name])
        )
        first += count
    identity = plan_id(sources)
    folder = join(output, PLAN_FOLDER, identity)
    return Plan(folder=folder, plan_id=identity, n_parts=first, n_shared=0, sources=tuple(sources))


def _slices(specs: Iterable[PartSpec]) -> Iterator[list[PartSpec]]:
    rest = iter(specs)
    while piece := list(islice(rest, SLICE_PARTS)):
        yield piece


def read_plan(folder: str) -> Plan:
    """Return the plan that lies in a folder."""
    value = read_json(plan_path(folder))
    sources = tuple(SourceParts(**source) for source in value["sources"])
    return Plan(
        folder=folder,
        plan_id=value["plan_id"],
        n_parts=value["n_parts"],
        n_shared=value["n_shared"],
        sources=sources,
    )


def _read_slice(folder: str, number: int) -> list[PartSpec]:
    with open_sealed_parquet(table_path(folder)) as file:
        return list(specs_of_batch(file.read_row_group(number)))


@lru_cache(maxsize=64)
def _cached_slice(folder: str, number: int) -> list[PartSpec]:
    return _read_slice(folder, number)


def input_manifest(plan: Plan) -> dict[str, Any]:
    """Return what the header of a snapshot says of its inputs: a row a part, or which plan has the rows."""
    if plan.n_parts <= MANIFEST_PARTS:
        return {"inputs": [spec.manifest_row() for spec in plan.parts()]}
    return {"inputs": [], "n_inputs": plan.n_parts, "plan": plan.plan_id}


def manifest_count(header: Mapping[str, Any]) -> int:
    """Return how many parts a snapshot was made of."""
    return header.get("n_inputs") or len(header["inputs"])


def manifest_rows(corpus: str, header: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the row of each part that a snapshot was made of, in order; memory: one slice of its plan."""
    if not header.get("plan"):
        yield from header["inputs"]
        return
    for spec in read_plan(join(corpus, PLAN_FOLDER, header["plan"])).parts():
        yield spec.manifest_row()


def manifest_sources(corpus: str, header: Mapping[str, Any]) -> tuple[SourceParts, ...]:
    """Return the parts of each source that a snapshot was made of, in order, as its build's plan has them."""
    if header.get("plan"):
        return read_plan(join(corpus, PLAN_FOLDER, header["plan"])).sources
    found: list[SourceParts] = []
    first = 0
    for name, rows in groupby(header["inputs"], key=lambda row: str(row.get("source", ""))):
        digest = hashlib.sha256()
        count = size_bytes = 0
        for row in rows:
            digest.update(f"{row.get('part_id', '')}\n".encode())
            count += 1
            size_bytes += row.get("size_bytes", 0) if row.get("start") == 0 else 0
        found.append(
            SourceParts(name=name, first=first, count=count, size_bytes=size_bytes, digest=digest.hexdigest())
        )
        first += count
    return tuple(found)
