"""Parts of a sample: windows of the dumps, spread evenly over their bytes, made into parts and measured.

    the parts of one source and kind, end to end   |  part  |  part  |p|p|p|      part      |
    windows of as many bytes each                  |    |    |    |    |    |    |    |    |
    the order in which they are made               1    5    3    7    2    6    4    8

A window is split off its dump as `ingest.splits` would with smaller splits. A dump that cannot be split is
read whole, and of its records blocks are taken as time allows, all along it. Each stratum becomes one part,
so that what follows `prepare` can be run over the sample.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, spending
from corpusforge.cost.extrapolation import Observation
from corpusforge.document import Document, Drop
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import (
    Coverage,
    IngestConfig,
    merge_surveys,
    needs_shuffle,
    needs_survey,
    read,
    splits,
    survey_range,
)
from corpusforge.parts.spec import PART_ID_DIGITS, PartSpec
from corpusforge.parts.writer import PartWriter, read_guarded
from corpusforge.sandbox import Sandbox
from corpusforge.steps import Record, process_all

MAX_WINDOWS = 1024
"""Of a stratum; of one that is larger, the middle of each window is read."""
WINDOW_BYTES = 512 << 10
_MIN_WINDOWS = 64
_MIN_WINDOW_BYTES = 32 << 10
_BLOCK_RECORDS, _BLOCK_BYTES = 32, 512 << 10
_BANDS = 16
"""Of a dump that is read whole: each stands for itself."""
_SURVEYED_BYTES = 32 << 20
"""Up to so many bytes a dump is surveyed whole where its splits need that; of a larger one the window is."""
Piece = tuple[PartSpec, int, int | None]
"""(a part, where to begin in its input, where to stop)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive bytes of a stratum."""

    pieces: tuple[Piece, ...]
    n_bytes: int
    is_whole: bool
    """Whether it is one dump that cannot be split, and long."""


@dataclass
class Stratum:
    """The parts of one source and kind that are to be made, and what was seen of them."""

    source: str
    kind: str
    specs: Sequence[PartSpec]
    n_bytes: int = 0
    observations: list[Observation] = field(default_factory=list[Observation])
    seen_bytes: float = 0.0
    """Of the dumps, that the documents of the sample stand for."""
    stats: dict[str, Any] = field(default_factory=dict[str, Any])
    """The counts of its part."""
    n_windows: int = 0
    is_all: bool = False
    """Whether every record was made."""
    late: Cost = field(default_factory=Cost)
    """What the end of its part took, beside the windows."""

    @property
    def window_bytes(self) -> int:
        """About so many bytes has a window."""
        return max(1, self.n_bytes // max(1, self.n_windows))

    @property
    def name(self) -> str:
        """`SOURCE/KIND`."""
        return f"{self.source}/{self.kind}"


def strata_of(specs: Iterable[PartSpec]) -> list[Stratum]:
    """Return the parts by source and kind, in order."""
    found: dict[tuple[str, str], list[PartSpec]] = {}
    for spec in specs:
        found.setdefault((spec.source, spec.kind.value), []).append(spec)
    strata = [Stratum(source, kind, held) for (source, kind), held in sorted(found.items())]
    for stratum in strata:
        stratum.n_bytes = sum(max(1, spec.n_bytes) for spec in stratum.specs)
        stratum.n_windows = n_windows(stratum.n_bytes)
    return strata


def n_windows(n_bytes: int) -> int:
    """Return into how many windows so many bytes are cut."""
    each = min(WINDOW_BYTES, max(_MIN_WINDOW_BYTES, n_bytes // _MIN_WINDOWS))
    return max(1, min(MAX_WINDOWS, -(-n_bytes // each)))


def in_order(count: int) -> list[int]:
    """Return the numbers below `count`, such that any first few are spread evenly (van der Corput)."""
    digits = max(1, (count - 1).bit_length())
    mirrored = (int(f"{number:0{digits}b}"[::-1], 2) for number in range(1 << digits))
    return [number for number in mirrored if number < count]


def windows_of(stratum: Stratum, config: IngestConfig) -> Iterator[Window]:
    """Yield the windows of a stratum in the order in which they are made; every byte is in exactly one.

    Nothing is in a window where no dump can be split within it.
    """
    starts: list[int] = []
    at, cache = 0, dict[str, list[tuple[int, int | None]]]()
    for spec in stratum.specs:
        starts.append(at)
        at += max(1, spec.n_bytes)
    for number in in_order(stratum.n_windows):
        low = stratum.n_bytes * number // stratum.n_windows
        high = stratum.n_bytes * (number + 1) // stratum.n_windows
        window = _window(stratum, starts, (low, high), config, cache)
        if window.pieces:
            yield window


def _window(
    stratum: Stratum,
    starts: Sequence[int],
    ends: tuple[int, int],
    config: IngestConfig,
    cache: dict[str, list[tuple[int, int | None]]],
) -> Window:
    low, high = ends
    pieces: list[Piece] = []
    n_bytes, is_whole = 0.0, False
    first = max(0, _last_at(starts, low))
    for place in range(first, len(starts)):
        if starts[place] >= high:
            break
        spec, size = stratum.specs[place], max(1, stratum.specs[place].n_bytes)
        if spec.part_id not in cache:
            cache[spec.part_id] = fine_splits(spec, config, stratum.window_bytes)
        found = cache[spec.part_id]
        taken = [
            number
            for number in range(len(found))
            if low <= starts[place] + size * number // len(found) < high
        ]
        most = max(1, round(len(found) * WINDOW_BYTES / size))
        if len(taken) > most and high - low > 2 * WINDOW_BYTES:
            middle = (len(taken) - most) // 2
            taken = taken[middle : middle + most]
        if taken:
            pieces.append((spec, found[taken[0]][0], found[taken[-1]][1]))
            n_bytes += size * len(taken) / len(found)
            is_whole |= len(found) == 1 and size > 2 * _MIN_WINDOW_BYTES
    return Window(tuple(pieces), max(1, round(n_bytes)), is_whole and len(pieces) == 1)


def _last_at(starts: Sequence[int], place: int) -> int:
    """Return the number of the last part that begins at a place or before."""
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if starts[middle] <= place else (low, middle)
    return low - 1


def fine_splits(spec: PartSpec, config: IngestConfig, n_bytes: int) -> list[tuple[int, int | None]]:
    """Return the pieces of about so many bytes that a part can be read in; one where it cannot be split."""
    whole = [(spec.start, spec.stop)]
    if spec.n_bytes <= n_bytes:
        return whole
    found = _all_splits(spec, config, n_bytes)
    if needs_shuffle(spec.input_file(), found):
        return whole  # a thread's posts lie anywhere in the dump
    inside = [one for one in found if one[0] >= spec.start and (spec.stop is None or one[0] < spec.stop)]
    return inside if len(inside) > 1 else whole


def _all_splits(spec: PartSpec, config: IngestConfig, n_bytes: int) -> list[tuple[int, int | None]]:
    """Return the pieces of about so many bytes of the whole input of a part."""
    fine = config.model_copy(update={"split_bytes": max(_MIN_WINDOW_BYTES, min(n_bytes, WINDOW_BYTES))})
    return splits(spec.input_file(), fine, spec.size_bytes)


class Sampler:
    """Makes windows of a stratum into one part of a folder; a context manager."""

    def __init__(
        self,
        stratum: Stratum,
        config: BuildConfig,
        sandbox: Sandbox[Record, Document | Drop],
        stack: ExitStack,
    ) -> None:
        self._stratum, self._config, self._sandbox = stratum, config, sandbox
        self._surveys: dict[str, tuple[bytes, Cost]] = {}
        self._coverage = Coverage()
        self._parts = stack.enter_context(ExitStack())
        self._writer = PartWriter(self._parts, spec_of_sample(stratum), config)

    def make(self, window: Window, budget_s: float) -> None:
        """Make a window, and note what it took; one that is a whole dump takes about so long."""
        if window.is_whole:
            self._paced(window, budget_s)
            return
        surveyed = [self._survey(*piece) for piece in window.pieces]
        kept, passes = [0, 0], 1
        with spending(self._sandbox.cpu_s) as mine:
            for (spec, start, stop), (survey, _) in zip(window.pieces, surveyed, strict=True):
                passes = 2 if survey is not None else passes
                self._add(process_all(self._records(spec, start, stop, survey), self._sandbox), kept)
            cost = mine.cost()
        cost += sum((extra for _, extra in surveyed), Cost())
        if any((start, stop) != (spec.start, spec.stop) for spec, start, stop in window.pieces):
            # Readers look ahead of a piece, and find its first record: of a whole part that is nothing.
            cost = replace(cost, read_bytes=window.n_bytes * passes)
        self._stratum.observations.append(Observation(window.n_bytes, cost, *kept))
        self._stratum.seen_bytes += window.n_bytes

    def finish(self) -> None:
        """Write what is left of the part, and note its counts."""
        with spending() as mine:
            self._stratum.stats = self._writer.finish(self._coverage)
            self._parts.close()
            self._stratum.late = mine.cost()

    def _add(self, records: Iterable[Record], kept: list[int]) -> None:
        """Write records; `kept` counts documents and their bytes."""
        for record in records:
            self._writer.add(record)
            if isinstance(record, Document):
                kept[0] += 1
                kept[1] += record.n_bytes

    def _records(
        self, spec: PartSpec, start: int, stop: int | None, survey: bytes | None
    ) -> Iterator[Record]:
        if (start, stop) == (spec.start, spec.stop) and not spec.form:
            return read_guarded(spec, self._config, Coverage())
        return read(spec.input_file(), self._config.ingest, start, stop, survey=survey)

    def _survey(self, spec: PartSpec, start: int, stop: int | None) -> tuple[bytes | None, Cost]:
        """Return what a piece must know of its whole dump, and the piece's share of what that takes."""
        ingest, input = self._config.ingest, spec.input_file()
        is_part = (start, stop) == (spec.start, spec.stop) and not spec.form
        if is_part or not needs_survey(input, ingest, [(start, stop)] * 2):
            return None, Cost()
        if spec.size_bytes > _SURVEYED_BYTES:
            with spending() as mine:
                told = merge_surveys(input, ingest, [survey_range(input, ingest, start, stop)])
                return told, mine.cost()
        if spec.path not in self._surveys:
            self._surveys[spec.path] = self._surveyed(spec)
        survey, cost = self._surveys[spec.path]
        share = max(1, len(_all_splits(spec, ingest, self._stratum.window_bytes)))
        each = {name: getattr(cost, name) // share for name in ("cpu_us", "wall_us", "read_bytes")}
        return survey, Cost(**each)

    def _surveyed(self, spec: PartSpec) -> tuple[bytes, Cost]:
        input, ingest = spec.input_file(), self._config.ingest
        with spending() as mine:
            found = _all_splits(spec, ingest, self._stratum.window_bytes)
            told = [survey_range(input, ingest, start, stop) for start, stop in found]
            return merge_surveys(input, ingest, told), mine.cost()

    def _paced(self, window: Window, budget_s: float) -> None:
        """Read a dump from end to end, and take of its records so many blocks as its time allows.

        A block is taken where less time has gone than the share of the dump that was read, so that those
        taken lie all along it. Each band of it stands for itself.
        """
        spec = window.pieces[0][0]
        coverage, began_s = Coverage(), time.monotonic()
        bands = [_Band() for _ in range(_BANDS)]
        with spending() as reading:
            for block in _blocks(read_guarded(spec, self._config, coverage)):
                share = min(1.0, coverage.n_read_bytes / max(1, spec.size_bytes))
                elapsed_s = time.monotonic() - began_s
                band = bands[min(_BANDS - 1, int(share * _BANDS))]
                n_bytes = sum(map(_raw_bytes, block)) + 1
                band.n_bytes += n_bytes
                if elapsed_s <= share * budget_s or not band.taken_bytes:
                    band.cost += self._block(block, band.kept)
                    band.taken_bytes += n_bytes
            read_cost = reading.cost()
        all_bytes, taken = sum(b.n_bytes for b in bands), sum(b.taken_bytes for b in bands)
        for band in (band for band in bands if band.taken_bytes):
            times, part = band.n_bytes / band.taken_bytes, band.n_bytes / all_bytes
            cost = Cost(
                cpu_us=round(band.cost.cpu_us * times + read_cost.cpu_us * part),
                read_bytes=round(read_cost.read_bytes * part),
            )
            kept = (count * times for count in band.kept)
            self._stratum.observations.append(Observation(max(1, round(window.n_bytes * part)), cost, *kept))
        self._stratum.seen_bytes += window.n_bytes * taken / all_bytes if all_bytes else window.n_bytes

    def _block(self, block: Sequence[Record], kept: list[int]) -> Cost:
        with spending(self._sandbox.cpu_s) as mine:
            self._add(process_all(iter(block), self._sandbox), kept)
            return mine.cost()


@dataclass
class _Band:
    """A stretch of a dump: bytes of its records, of those that were taken, and what these took."""

    n_bytes: int = 0
    taken_bytes: int = 0
    kept: list[int] = field(default_factory=lambda: [0, 0])
    cost: Cost = field(default_factory=Cost)


def _raw_bytes(record: Record) -> int:
    return len(record.raw or b"") + len(record.text) if isinstance(record, Document) else 0


def _blocks(records: Iterator[Record]) -> Iterator[list[Record]]:
    block: list[Record] = []
    n_bytes = 0
    for record in records:
        block.append(record)
        n_bytes += _raw_bytes(record)
        if len(block) >= _BLOCK_RECORDS or n_bytes >= _BLOCK_BYTES:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def spec_of_sample(stratum: Stratum) -> PartSpec:
    """Return the part that holds the sample of a stratum."""
    one = stratum.specs[0]
    name = f"{stratum.source}/sample-{stratum.kind}"
    part_id = canonical_sha256(["sample", stratum.name])[:PART_ID_DIGITS]
    return replace(
        one,
        part_id=part_id,
        name=name,
        digest="0" * 32,
        start=0,
        stop=None,
        form="",
        size_bytes=stratum.n_bytes,
    )


def sample(
    strata: Sequence[Stratum],
    config: BuildConfig,
    sandbox: Sandbox[Record, Document | Drop],
    seconds: float,
    choose: Callable[[Sequence[Stratum], Sequence[bool]], int | None],
    tell: Callable[[float], None] = lambda share: None,
) -> None:
    """Make windows of strata for about so many seconds; the parts are in `config.output`.

    `choose` names the next stratum, given which have windows left. `tell` hears of the share of time gone.
    """
    began_s = time.monotonic()
    whole_bytes = sum(stratum.n_bytes for stratum in strata)
    with ExitStack() as stack:
        samplers = [Sampler(stratum, config, sandbox, stack) for stratum in strata]
        windows = [windows_of(stratum, config.ingest) for stratum in strata]
        left = [True] * len(strata)
        while (place := choose(strata, left)) is not None:
            elapsed_s = time.monotonic() - began_s
            if elapsed_s >= seconds and all(stratum.observations for stratum in strata):
                break
            tell(min(1.0, elapsed_s / seconds))
            window = next(windows[place], None)
            if window is None:
                left[place] = False
                continue
            samplers[place].make(window, max(1.0, seconds * window.n_bytes / whole_bytes))
        for sampler, stratum, has_left in zip(samplers, strata, left, strict=True):
            stratum.is_all = not has_left and stratum.seen_bytes >= 0.999 * stratum.n_bytes
            sampler.finish()


def empty_part(stratum: Stratum, config: BuildConfig) -> Cost:
    """Return what a part takes that holds no record: the second of two, made in `config.output`."""
    cost = Cost()
    for number in range(2):
        spec = replace(spec_of_sample(stratum), part_id=f"{number:0{PART_ID_DIGITS}d}")
        with spending() as mine:
            with ExitStack() as stack:
                PartWriter(stack, spec, config).finish(Coverage())
            cost = mine.cost()
    return cost
