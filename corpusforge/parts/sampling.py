"""Parts of a sample: windows of the dumps (`windows.py`) made into parts and measured.

Of dumps that were looked at whole (`alike.py`), records that were drawn are made instead of windows of long
parts. Of others, a dump that cannot be split is read whole, and of its records blocks are taken as time
allows, all along it.
Parts that are not cut become what the build will make of them; pieces of parts become one part a stratum. So
what follows `prepare` can be run over the sample.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, spending
from corpusforge.cost.extrapolation import Observation
from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest import (
    Coverage,
    merge_surveys,
    needs_survey,
    read,
    survey_range,
)
from corpusforge.parts.alike import MOST_WAITING, raw_size, weight_of
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.windows import (
    Piece,
    Rows,
    Stratum,
    Window,
    all_splits,
    spec_of_sample,
    windows_of,
)
from corpusforge.parts.writer import PartWriter, make_part, read_guarded
from corpusforge.sandbox import Sandbox
from corpusforge.steps import Record, process_all

_BLOCK_RECORDS, _BLOCK_BYTES = 32, 512 << 10
_DRAWN_RECORDS, _DRAWN_BYTES = 128, 2 << 20
"""A sandbox is handed 64 records at a time: with fewer, what it waits for would be counted as work."""
_BANDS = 16
"""Of a dump that is read whole: each stands for itself."""
_SURVEYED_BYTES = 32 << 20
"""Up to so many bytes a dump is surveyed whole where its splits need that; of a larger one the window is."""


class Sampler:
    """Makes windows of a stratum into parts of a folder; a context manager."""

    def __init__(
        self,
        stratum: Stratum,
        config: BuildConfig,
        sandbox: Sandbox[Record, Document | Drop],
        stack: ExitStack,
    ) -> None:
        self._stratum, self._config, self._sandbox = stratum, config, sandbox
        self._surveys: dict[str, tuple[bytes, Cost]] = {}
        self._parts = stack.enter_context(ExitStack())
        self._writer: _Counted | None = None
        self._read = [0.0, 0.0]
        """Records of a window and their bytes, unpacked."""

    def take(self, batch: Sequence[Record]) -> None:
        """Make records that were drawn, and note what they took, and their share of the reading."""
        stratum, kept = self._stratum, [0, 0]
        self._read = [0.0, 0.0]
        writer = self._part()
        first = writer.kept
        with spending(self._sandbox.cpu_s) as mine:
            self._add(process_all(self._counted(batch), self._sandbox), writer, kept)
            cost = mine.cost()
        share = sum(map(weight_of, batch)) / stratum.drawn_of
        cpu_us = round(cost.cpu_us + share * stratum.reading.cpu_us)
        cost = Cost(cpu_us=cpu_us, wall_us=cost.wall_us, read_bytes=round(share * stratum.reading.read_bytes))
        n_bytes = max(1, round(share * stratum.n_bytes))
        stratum.units.append([(writer.part_id, first, writer.kept)])
        stratum.kept += writer.kept - first
        stratum.cut_bytes += share * stratum.n_bytes
        stratum.seen_bytes += share * stratum.n_bytes
        self._note(n_bytes, cost, kept)

    def _note(self, n_bytes: int, cost: Cost, kept: Sequence[int]) -> None:
        records, raw_bytes = self._read
        one = Observation(n_bytes, cost, kept[0], kept[1], records=records, raw_bytes=raw_bytes)
        self._stratum.observations.append(one)

    def _part(self) -> _Counted:
        """Return the writer of the part that holds all that is no part of the build."""
        if self._writer is None:
            self._writer = _Counted(self._parts, spec_of_sample(self._stratum), self._config)
        return self._writer

    def make(self, window: Window, budget_s: float) -> None:
        """Make a window, and note what it took; one that is a whole dump takes about so long."""
        if window.is_whole:
            self._paced(window, budget_s)
            return
        cost, kept = Cost(), [0, 0]
        self._read = [0.0, 0.0]
        unit: list[Rows] = []
        for spec, start, stop in window.pieces:
            if (start, stop) == (spec.start, spec.stop) and not spec.form:
                cost += self._whole(spec, kept, unit)
            else:
                cost += self._piece((spec, start, stop), window, kept, unit)
        self._stratum.units.append(unit)
        self._note(window.n_bytes, cost, kept)
        self._stratum.seen_bytes += window.n_bytes

    def finish(self) -> None:
        """Write what is left of the part that holds pieces of parts."""
        if self._writer is None:
            return
        with spending() as mine:
            self._writer.finish(Coverage())
            self._parts.close()
            self._stratum.late = mine.cost()
        self._stratum.dropped = self._writer.dropped

    def _whole(self, spec: PartSpec, kept: list[int], unit: list[Rows]) -> Cost:
        """Make a part as the build will; return what it took."""
        stats, cost = make_part(spec, self._config, self._sandbox)
        kept[0] += stats["kept"]
        kept[1] += sum(counts["bytes"] for counts in stats["kept_by_domain"].values())
        unit.append((spec.part_id, 0, stats["kept"]))
        records, raw_bytes = self._stratum.sizes.get(spec.part_id, (0.0, 0.0))
        self._read = [self._read[0] + records, self._read[1] + raw_bytes]
        self._stratum.made.append(spec)
        self._stratum.kept += stats["kept"]
        return cost

    def _piece(self, piece: Piece, window: Window, kept: list[int], unit: list[Rows]) -> Cost:
        """Make a piece of a part into the stratum's; return what it took, but for that part's end."""
        survey, extra = self._survey(*piece)
        writer = self._part()
        first = writer.kept
        with spending(self._sandbox.cpu_s) as mine:
            records = self._counted(self._records(*piece, survey))
            self._add(process_all(records, self._sandbox), writer, kept)
            cost = mine.cost()
        unit.append((writer.part_id, first, writer.kept))
        # Readers look ahead of a piece, and find its first record: of a whole part that is nothing.
        n_bytes = window.n_bytes // len(window.pieces)
        passes = self._passes(piece[0], survey)
        self._stratum.cut_bytes += n_bytes
        self._stratum.kept += writer.kept - first
        return replace(cost + extra, read_bytes=round(n_bytes * passes), requests={})

    def _passes(self, spec: PartSpec, survey: bytes | None) -> float:
        """Return how often a build reads what it makes of a dump.

        Where splits are told what the others hold, once more for that. A web archive that is not split is
        read once: its copies wait for what its pages say; but where too many wait, which the look tells.
        """
        if spec.form:
            return 2.0
        usual = 1.0 if survey is None or spec.kind is SourceKind.WARC else 2.0
        return self._stratum.passes or usual

    def _add(self, records: Iterable[Record], writer: _Counted, kept: list[int]) -> None:
        """Write records; `kept` counts documents and their bytes."""
        for record in records:
            writer.add(record)
            if isinstance(record, Document):
                kept[0] += 1
                kept[1] += record.n_bytes

    def _counted(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield records, and count those that are to become documents, and their bytes."""
        for record in records:
            if isinstance(record, Document):
                self._read[0] += 1
                self._read[1] += raw_size(record)
            yield record

    def _records(
        self, spec: PartSpec, start: int, stop: int | None, survey: bytes | None
    ) -> Iterator[Record]:
        return read(spec.input_file(), self._config.ingest, start, stop, survey=survey)

    def _survey(self, spec: PartSpec, start: int, stop: int | None) -> tuple[bytes | None, Cost]:
        """Return what a piece must know of its whole dump, and the piece's share of what that takes."""
        ingest, input = self._config.ingest, spec.input_file()
        is_part = (start, stop) == (spec.start, spec.stop) and not spec.form
        if is_part or not needs_survey(input, ingest, [(start, stop)] * 2):
            return None, Cost()
        told, cost = self._told(spec, start, stop)
        is_once = spec.kind is SourceKind.WARC and not spec.form
        return told, Cost() if is_once else cost

    def _told(self, spec: PartSpec, start: int, stop: int | None) -> tuple[bytes, Cost]:
        """Return what a piece is told of its dump, and its share of what a pass over it takes."""
        ingest, input = self._config.ingest, spec.input_file()
        if spec.size_bytes > _SURVEYED_BYTES:
            with spending() as mine:
                told = merge_surveys(input, ingest, [survey_range(input, ingest, start, stop)])
                return told, mine.cost()
        if spec.path not in self._surveys:
            self._surveys[spec.path] = self._surveyed(spec)
        survey, cost = self._surveys[spec.path]
        share = max(1, len(all_splits(spec, ingest, self._stratum.window_bytes)))
        each = {name: getattr(cost, name) // share for name in ("cpu_us", "wall_us", "read_bytes")}
        return survey, Cost(**each)

    def _surveyed(self, spec: PartSpec) -> tuple[bytes, Cost]:
        input, ingest = spec.input_file(), self._config.ingest
        with spending() as mine:
            found = all_splits(spec, ingest, self._stratum.window_bytes)
            told = [survey_range(input, ingest, start, stop) for start, stop in found]
            return merge_surveys(input, ingest, told), mine.cost()

    def _paced(self, window: Window, budget_s: float) -> None:
        """Read a dump from end to end, and take of its records so many blocks as its time allows.

        A block is taken where less time has gone than the share of the dump that was read, so that those
        taken lie all along it. Each band of it stands for itself.
        """
        spec = window.pieces[0][0]
        coverage, worked_s = Coverage(), _clock(self._sandbox)
        bands = [_Band() for _ in range(_BANDS)]
        with ExitStack() as stack:
            with spending() as reading:
                writer = _Counted(stack, spec, self._config)
                for block in _blocks(read_guarded(spec, self._config, coverage)):
                    share = min(1.0, coverage.n_read_bytes / max(1, spec.size_bytes))
                    elapsed_s = worked_s()
                    band = bands[min(_BANDS - 1, int(share * _BANDS))]
                    n_bytes = sum(map(_raw_size, block)) + 1
                    band.n_bytes += n_bytes
                    if elapsed_s <= share * budget_s or not band.taken_bytes:
                        band.cost += self._block(block, writer, band.kept)
                        band.taken_bytes += n_bytes
                        band.records += sum(isinstance(record, Document) for record in block)
                read_cost = reading.cost()
            with spending() as ending:
                writer.finish(coverage)
                stack.close()
                late = ending.cost()
        self._stratum.made.append(spec)
        self._stratum.kept += writer.kept
        all_bytes, taken = sum(b.n_bytes for b in bands), sum(b.taken_bytes for b in bands)
        for band in (band for band in bands if band.taken_bytes):
            of_all, of_taken = band.taken_bytes / all_bytes, band.taken_bytes / taken
            cost = Cost(
                cpu_us=round(band.cost.cpu_us + read_cost.cpu_us * of_all + late.cpu_us * of_taken),
                read_bytes=round(read_cost.read_bytes * of_all),
                written_bytes=round(late.written_bytes * of_taken),
                requests={name: round(n * of_taken) for name, n in (read_cost + late).requests.items()},
            )
            seen = max(1, round(window.n_bytes * of_all))
            one = Observation(seen, cost, *band.kept, records=band.records, raw_bytes=band.taken_bytes)
            self._stratum.observations.append(one)
        self._stratum.seen_bytes += window.n_bytes * taken / all_bytes if all_bytes else window.n_bytes

    def _block(self, block: Sequence[Record], writer: _Counted, kept: list[int]) -> Cost:
        first = writer.kept
        with spending(self._sandbox.cpu_s) as mine:
            self._add(process_all(iter(block), self._sandbox), writer, kept)
            cost = mine.cost()
        self._stratum.units.append([(writer.part_id, first, writer.kept)])
        return cost


class _Counted(PartWriter):
    """A writer that tells how many documents and drops it wrote so far."""

    def __init__(self, stack: ExitStack, spec: PartSpec, config: BuildConfig) -> None:
        super().__init__(stack, spec, config)
        self.part_id = spec.part_id
        self.kept = self.dropped = 0

    def add(self, record: Record) -> None:
        """Write a record, and count it."""
        super().add(record)
        self.kept += isinstance(record, Document)
        self.dropped += isinstance(record, Drop) and record.reason is not DropReason.NOT_CONTENT


@dataclass
class _Band:
    """A stretch of a dump: bytes of its records, of those that were taken, and what these took."""

    n_bytes: int = 0
    taken_bytes: int = 0
    records: int = 0
    """Of those taken."""
    kept: list[int] = field(default_factory=lambda: [0, 0])
    cost: Cost = field(default_factory=Cost)


def _raw_size(record: Record) -> int:
    return raw_size(record) if isinstance(record, Document) else 0


def _blocks(
    records: Iterator[Record], most: int = _BLOCK_RECORDS, most_bytes: int = _BLOCK_BYTES
) -> Iterator[list[Record]]:
    block: list[Record] = []
    n_bytes = 0
    for record in records:
        block.append(record)
        n_bytes += _raw_size(record)
        if len(block) >= most or n_bytes >= most_bytes:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def sample(
    strata: Sequence[Stratum],
    config: BuildConfig,
    sandbox: Sandbox[Record, Document | Drop],
    seconds: float,
    drawn: Sequence[Sequence[Record]],
    choose: Callable[[Sequence[Stratum], Sequence[bool]], int | None],
    tell: Callable[[float], None] = lambda share: None,
) -> None:
    """Make windows of strata for about so many seconds of work; the parts are in `config.output`.

    Work is CPU, so that a machine shared with others sees no less; it ends after three times as long too.

    Of a stratum that is drawn, its records are made, in their order; of others windows. `choose` names the
    next stratum, given which have any left. `tell` hears of the share of time gone.
    """
    worked_s = _clock(sandbox)
    whole_bytes = sum(stratum.n_bytes for stratum in strata)
    with ExitStack() as stack:
        samplers = [Sampler(stratum, config, sandbox, stack) for stratum in strata]
        windows = [
            _blocks(iter(drawn[place]), _DRAWN_RECORDS, _DRAWN_BYTES)
            if stratum.is_drawn
            else windows_of(stratum, config.ingest)
            for place, stratum in enumerate(strata)
        ]
        left = [True] * len(strata)
        while (place := choose(strata, left)) is not None:
            elapsed_s = worked_s()
            if elapsed_s >= seconds and all(stratum.observations for stratum in strata):
                break
            tell(min(1.0, elapsed_s / seconds))
            window = next(windows[place], None)
            if window is None:
                left[place] = False
                continue
            if not isinstance(window, Window):
                samplers[place].take(window)
                continue
            samplers[place].make(window, max(1.0, seconds * window.n_bytes / whole_bytes))
        for sampler, stratum, has_left in zip(samplers, strata, left, strict=True):
            stratum.is_all = not has_left and stratum.seen_bytes >= 0.999 * stratum.n_bytes
            sampler.finish()


def _clock(sandbox: Sandbox[Record, Document | Drop]) -> Callable[[], float]:
    """Return what tells the seconds of work from here on: CPU, or a third of the time that went."""

    def now() -> tuple[float, float]:
        return time.thread_time() + sandbox.cpu_s(), time.monotonic()

    began_cpu_s, began_s = now()

    def worked_s() -> float:
        cpu_s, at_s = now()
        return max(cpu_s - began_cpu_s, (at_s - began_s) / MOST_WAITING)

    return worked_s
