"""Windows of the dumps: the parts of one source and kind cut evenly by their bytes, and in which order.

    the parts of one source and kind, end to end   |  part  |  part  |p|p|p|      part      |
    windows of as many bytes each                  |    |    |    |    |    |    |    |    |
    the order in which they are made, begun at a   7    2    6    4    8    1    5    3
    place that follows from the source

A window is split off its dump as `ingest.splits` would with smaller splits; a part of up to a
window's bytes is never split: small parts write more than one that holds the same, and are a stratum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from corpusforge.cost.amount import Cost
from corpusforge.cost.extrapolation import Observation
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import IngestConfig, needs_shuffle, splits
from corpusforge.parts.spec import PART_ID_DIGITS, PartSpec

MAX_WINDOWS = 1024
"""Of a stratum; of one that is larger, as much of each window is read as a window is to have."""
WINDOW_BYTES = 512 << 10
_MIN_WINDOWS = 64
MIN_WINDOW_BYTES = 32 << 10
Piece = tuple[PartSpec, int, int | None]
"""(a part, where to begin in its input, where to stop)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive bytes of a stratum."""

    pieces: tuple[Piece, ...]
    n_bytes: int
    is_whole: bool
    """Whether it is one dump that cannot be split, and long."""


Rows = tuple[str, int, int]
"""(part id, first, stop): some consecutive documents of a part of the sample."""


@dataclass
class Stratum:
    """The parts of one source and kind, the small ones or the others, and what was seen of them."""

    source: str
    kind: str
    specs: Sequence[PartSpec]
    is_small: bool = False
    """Whether none has more bytes than a window: they are made as the build makes them."""
    n_bytes: int = 0
    observations: list[Observation] = field(default_factory=list[Observation])
    seen_bytes: float = 0.0
    """Of the dumps, that the documents of the sample stand for."""
    cut_bytes: float = 0.0
    """Of those seen, that are pieces of parts: their documents lie in one part, `spec_of_sample`."""
    made: list[PartSpec] = field(default_factory=list[PartSpec])
    """The parts of the sample that are parts of the build too."""
    units: list[list[Rows]] = field(default_factory=list[list[Rows]])
    """Where the documents of each window lie, or of each block of a dump that is read whole."""
    kept: int = 0
    dropped: int = 0
    """Of the pieces of parts, that are told in a file of their own."""
    records: float = 0.0
    raw_bytes: float = 0.0
    """Of all records, unpacked, where all were looked at; else 0."""
    sizes: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """Records and their bytes, unpacked, by part."""
    passes: float = 0.0
    """How often reading all of it reads it, where it was looked at; else 0."""
    reading: Cost = field(default_factory=Cost)
    """What reading all of it takes, likewise."""
    is_drawn: bool = False
    """Whether its sample are records drawn from all of it, one by one, instead of windows."""
    drawn_of: int = 0
    """Weight of all of them (`parts.alike.weight_of`)."""
    n_windows: int = 0
    is_all: bool = False
    """Whether every record was made."""
    late: Cost = field(default_factory=Cost)
    """What the end of the part of its pieces took, beside the windows."""

    @property
    def window_bytes(self) -> int:
        """About so many bytes has a window."""
        return max(1, self.n_bytes // max(1, self.n_windows))

    @property
    def name(self) -> str:
        """`SOURCE/KIND`."""
        return f"{self.source}/{self.kind}"


def strata_of(specs: Iterable[PartSpec]) -> list[Stratum]:
    """Return the parts by source, kind and whether they are small, in order."""
    found: dict[tuple[str, str, bool], list[PartSpec]] = {}
    for spec in specs:
        found.setdefault((spec.source, spec.kind.value, _is_small(spec)), []).append(spec)
    strata = [
        Stratum(source, kind, held, is_small) for (source, kind, is_small), held in sorted(found.items())
    ]
    for stratum in strata:
        stratum.n_bytes = sum(max(1, spec.n_bytes) for spec in stratum.specs)
        stratum.n_windows = n_windows(stratum.n_bytes)
    return strata


def _is_small(spec: PartSpec) -> bool:
    return spec.n_bytes <= WINDOW_BYTES and not spec.form


def n_windows(n_bytes: int) -> int:
    """Return into how many windows so many bytes are cut."""
    each = min(WINDOW_BYTES, max(MIN_WINDOW_BYTES, n_bytes // _MIN_WINDOWS))
    return max(1, min(MAX_WINDOWS, -(-n_bytes // each)))


def in_order(count: int) -> list[int]:
    """Return the numbers below `count`, such that any first few are spread evenly (van der Corput)."""
    digits = max(1, (count - 1).bit_length())
    mirrored = (int(f"{number:0{digits}b}"[::-1], 2) for number in range(1 << digits))
    return [number for number in mirrored if number < count]


def windows_of(stratum: Stratum, config: IngestConfig) -> Iterator[Window]:
    """Yield the windows of a stratum in the order in which they are made; every byte is in exactly one.

    Each stratum begins at a place of its own: dumps that hold the same files in the same order would else
    show each other's at once, and a duplicate seen in two of them would stand for far too many.
    Nothing is in a window where no dump can be split within it.
    """
    shift = crc32(f"{stratum.name}/{stratum.is_small}".encode())
    starts: list[int] = []
    at, cache = 0, dict[str, list[tuple[int, int | None]]]()
    for spec in stratum.specs:
        starts.append(at)
        at += max(1, spec.n_bytes)
    for number in in_order(stratum.n_windows):
        number = (number + shift) % stratum.n_windows
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
        if taken and n_bytes < WINDOW_BYTES:
            pieces.append((spec, found[taken[0]][0], found[taken[-1]][1]))
            n_bytes += size * len(taken) / len(found)
            is_whole |= len(found) == 1 and size > WINDOW_BYTES
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
    if spec.n_bytes <= n_bytes or _is_small(spec):
        return whole
    found = all_splits(spec, config, n_bytes)
    if needs_shuffle(spec.input_file(), found):
        return whole  # a thread's posts lie anywhere in the dump
    inside = [one for one in found if one[0] >= spec.start and (spec.stop is None or one[0] < spec.stop)]
    return inside if len(inside) > 1 else whole


def all_splits(spec: PartSpec, config: IngestConfig, n_bytes: int) -> list[tuple[int, int | None]]:
    """Return the pieces of about so many bytes of the whole input of a part."""
    fine = config.model_copy(update={"split_bytes": max(MIN_WINDOW_BYTES, min(n_bytes, WINDOW_BYTES))})
    return splits(spec.input_file(), fine, spec.size_bytes)


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
