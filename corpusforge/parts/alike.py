"""A look at all records of dumps, before anything is made of them: which are alike, and a draw of them.

A sample of windows meets few of the duplicates that the whole has; to read all records costs a tenth of what
it costs to make documents of them. So each record of dumps that are not too long has a small MinHash of its
bytes, without tags, and those that are alike are a group. How many of a group become documents, and which of
these are duplicates in the sense of the configuration, the sample tells (`pipelines/survivors.py`).

Of parts that are not small, records are drawn by the hash of their id: each is as likely, so that what lies
side by side (a repository, one host) is in the sample as it is in the whole.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, spending
from corpusforge.dedup.clusters import roots, unite
from corpusforge.dedup.signature import EMPTY, signatures
from corpusforge.document import Document, Markup
from corpusforge.ingest import Coverage
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.windows import Stratum
from corpusforge.parts.writer import read_guarded
from corpusforge.steps import Record

MOST_WAITING = 3.0
"""A look and a sample wait for others, and for stores, so many times as long as they work at most."""
LOOKED_BYTES = 512 << 20
"""Of dumps that are longer in all, none is looked at."""
_MAX_RECORDS = 1 << 20
"""128 bytes each, and their ids."""
_RECORD_BYTES = 1 << 20
"""Of a longer record the beginning is compared."""
HELD_BYTES = 256 << 20
"""Of records drawn, of all strata together."""
_ROW_BYTES = 1 << 10
_BATCH_BYTES = 4 << 20
_PERMUTATIONS, _BANDS = 32, 8
_TAGGED = frozenset({Markup.HTML, Markup.WIKITEXT, Markup.XHTML_BOOK})
_TAG = re.compile(rb"<[^<>]*+>")


@dataclass(slots=True)
class Alike:
    """Groups of alike records."""

    group_of: dict[str, int] = field(default_factory=dict[str, int])
    """By document id."""
    sizes: Mapping[int, int] = field(default_factory=dict[int, int])
    """Records of each group."""
    drawn: Sequence[Sequence[Record]] = ()
    """Of each stratum that is not small, records in an order drawn by chance: all, or as many as are held."""


def look(
    strata: Sequence[Stratum],
    config: BuildConfig,
    seconds: float,
    tell: Callable[[float], None] = lambda share: None,
) -> Alike | None:
    """Return which records of the dumps are alike; None where they are too long to be told in so long.

    The strata are told what they hold. `seconds` of CPU; `tell` hears of the share of the bytes that is read.
    Raises faults of reading.
    """
    whole_bytes = sum(stratum.n_bytes for stratum in strata)
    if whole_bytes > LOOKED_BYTES:
        return None
    rows, done_bytes = _Rows(config), 0
    is_over = _deadline(seconds)
    held_bytes = HELD_BYTES // max(1, sum(not stratum.is_small for stratum in strata))
    draws = [_Draw(0 if stratum.is_small else held_bytes) for stratum in strata]
    readings: list[Cost] = []
    for stratum, draw in zip(strata, draws, strict=True):
        reading = Cost()
        for spec in _each_once(stratum.specs):
            before = rows.n_rows, rows.n_bytes, rows.cpu_s
            with spending() as mine:
                if not _read(spec, config, rows, draw, is_over):
                    return None
                cost = mine.cost()
            size = float(rows.n_rows - before[0]), float(rows.n_bytes - before[1])
            stratum.sizes[spec.part_id] = size
            own_us = max(0, cost.cpu_us - round(1e6 * (rows.cpu_s - before[2])))
            # Where splits are told what the others hold, all is read once more for that.
            n_times = 2 if stratum.specs[0].form else 1
            reading += Cost(cpu_us=n_times * own_us, read_bytes=n_times * cost.read_bytes)
            done_bytes += spec.n_bytes
            tell(min(1.0, done_bytes / max(1, whole_bytes)))
        readings.append(reading)
    for stratum, draw, reading in zip(strata, draws, readings, strict=True):
        stratum.records, stratum.raw_bytes = map(sum, zip(*stratum.sizes.values(), strict=True))
        stratum.reading, stratum.passes = reading, reading.read_bytes / stratum.n_bytes
        stratum.is_drawn, stratum.drawn_of = not stratum.is_small, draw.all_weight
    groups, sizes = rows.groups(round(config.dedup.threshold * _PERMUTATIONS))
    return Alike(groups, sizes, [draw.records() for draw in draws])


def _each_once(specs: Sequence[PartSpec]) -> Iterator[PartSpec]:
    """Yield parts that tell all records: of an input whose parts need each other, one that is all of it."""
    seen: set[str] = set()
    for spec in specs:
        if not spec.form:
            yield spec
        elif spec.path not in seen:
            seen.add(spec.path)
            yield replace(spec, start=0, stop=None, form="")


def _deadline(seconds: float) -> Callable[[], bool]:
    """Return what tells whether so many seconds of CPU are over, or three times as many of any kind."""
    cpu_s, wall_s = time.thread_time() + seconds, time.monotonic() + MOST_WAITING * seconds
    return lambda: time.thread_time() > cpu_s or time.monotonic() > wall_s


def _read(spec: PartSpec, config: BuildConfig, rows: _Rows, draw: _Draw, is_over: Callable[[], bool]) -> bool:
    """Add the records of a part; return whether there was time and room for all."""
    for record in read_guarded(spec, config, Coverage()):
        began_s = time.thread_time()
        draw.add(record)
        if isinstance(record, Document):
            rows.add(record)
        rows.cpu_s += time.thread_time() - began_s
        if rows.n_rows > _MAX_RECORDS or is_over():
            return False
    return True


class _Draw:
    """Records with the lowest hashes of their ids, of so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._below = 1 << 64
        self._held: list[tuple[int, Record]] = []
        self._held_bytes = 0
        self.all_weight = 0
        """Of all records, held or not."""

    def add(self, record: Record) -> None:
        """Hold a record, if its turn may come."""
        weight = weight_of(record)
        self.all_weight += weight
        place = xxhash.xxh3_64_intdigest(record.doc_id.encode())
        if not self._most_bytes or place >= self._below:
            return
        self._held.append((place, record))
        self._held_bytes += weight
        if self._held_bytes > self._most_bytes:
            self._held.sort(key=_place)
            while len(self._held) > 1 and 2 * self._held_bytes > self._most_bytes:
                self._below, last = self._held.pop()
                self._held_bytes -= weight_of(last)

    def records(self) -> list[Record]:
        """Return what is held, the lowest first."""
        return [record for _, record in sorted(self._held, key=_place)]


def _place(one: tuple[int, Record]) -> int:
    return one[0]


def weight_of(record: Record) -> int:
    """Return about what a record holds: the bytes of its row and its own."""
    return _ROW_BYTES + (raw_size(record) if isinstance(record, Document) else 0)


class _Rows:
    """The signatures of records."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config.dedup.signature.model_copy(update={"permutations": _PERMUTATIONS})
        self._places: dict[str, list[int]] = {}
        self._texts: list[str] = []
        self._held_bytes = 0
        self._made: list[NDArray[np.uint32]] = []
        self.n_rows = self.n_bytes = 0
        self.cpu_s = 0.0
        """What comparing took, beside reading."""

    def add(self, record: Document) -> None:
        """Add a record."""
        self._places.setdefault(record.doc_id, []).append(self.n_rows)
        self.n_rows += 1
        self.n_bytes += raw_size(record)
        text = _compared(record)
        self._texts.append(text)
        self._held_bytes += len(text)
        if self._held_bytes > _BATCH_BYTES:
            self._sign()

    def _sign(self) -> None:
        self._made.append(signatures(self._texts, self._config))
        self._texts, self._held_bytes = [], 0

    def groups(self, least: int) -> tuple[dict[str, int], dict[int, int]]:
        """Return (group of each document id, records of each group); alike are so many equal values."""
        self._sign()
        same = [(row, places[0]) for places in self._places.values() for row in places[1:]]
        label = grouped(np.concatenate(self._made), least, same).tolist()
        return {name: label[places[0]] for name, places in self._places.items()}, Counter(label)


def raw_size(record: Document) -> int:
    """Return the bytes of a record as it is read."""
    return len(record.raw or b"") + len(record.text)


def _compared(record: Document) -> str:
    raw = (record.raw if record.raw is not None else record.text.encode())[:_RECORD_BYTES]
    if record.markup in _TAGGED:
        raw = _TAG.sub(b" ", raw)
    return raw.decode("utf-8", "replace")


def grouped(
    minhash: NDArray[np.uint32], least: int, same: Sequence[tuple[int, int]] = ()
) -> NDArray[np.int64]:
    """Return the group of each row of MinHash values, u32 [n, 32]: the lowest of its rows.

    `same` are pairs of rows that are joined whatever they hold.

    Rows that share a band are compared with the first of it, and joined where `least` values are equal.
    """
    parents = np.arange(len(minhash), dtype=np.int64)
    for pair in same:
        unite(np.array(pair[:1]), np.array(pair[1:]), parents)
    width = minhash.shape[1] // _BANDS
    told = np.flatnonzero((minhash != EMPTY).any(axis=1))  # those without a word are like nothing
    for band in range(_BANDS):
        keys = np.ascontiguousarray(minhash[told, band * width : (band + 1) * width])
        keys = keys.view(np.dtype((np.void, keys.itemsize * width)))[:, 0]
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        leaders = told[first[inverse]]
        others = leaders != told
        low, high = leaders[others], told[others]
        equal = np.count_nonzero(minhash[low] == minhash[high], axis=1) >= least
        unite(low[equal], high[equal], parents)
    return roots(parents)
