"""Which records of whole dumps are alike, told by their bytes, before anything is made of them.

A sample of windows meets few of the duplicates that the whole has; to read all records costs a tenth of what
it costs to make documents of them. So each record of dumps that are not too long has a small MinHash of its
bytes, without tags, and those that are alike are a group. How many of a group become documents, and which of
these are duplicates in the sense of the configuration, the sample tells (`pipelines/survivors.py`).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import spending
from corpusforge.dedup.clusters import roots, unite
from corpusforge.dedup.signature import EMPTY, signatures
from corpusforge.document import Document, Markup
from corpusforge.ingest import Coverage
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.windows import Stratum
from corpusforge.parts.writer import read_guarded

LOOKED_BYTES = 512 << 20
"""Of dumps that are longer in all, none is looked at."""
_MAX_RECORDS = 1 << 20
"""128 bytes each, and their ids."""
_RECORD_BYTES = 1 << 20
"""Of a longer record the beginning is compared."""
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
    end_s = time.thread_time() + seconds
    totals: list[tuple[float, float, float]] = []
    for stratum in strata:
        records = raw_bytes = read_bytes = 0.0
        for spec in _each_once(stratum.specs):
            before = rows.n_rows, rows.n_bytes
            with spending() as mine:
                if not _read(spec, config, rows, end_s):
                    return None
                read_bytes += mine.cost().read_bytes
            size = float(rows.n_rows - before[0]), float(rows.n_bytes - before[1])
            stratum.sizes[spec.part_id] = size
            records, raw_bytes = records + size[0], raw_bytes + size[1]
            done_bytes += spec.n_bytes
            tell(min(1.0, done_bytes / max(1, whole_bytes)))
        totals.append((records, raw_bytes, read_bytes / stratum.n_bytes))
    for stratum, told in zip(strata, totals, strict=True):
        stratum.records, stratum.raw_bytes, stratum.passes = told
    return Alike(*rows.groups(round(config.dedup.threshold * _PERMUTATIONS)))


def _each_once(specs: Sequence[PartSpec]) -> Iterator[PartSpec]:
    """Yield parts that tell all records: of an input whose parts need each other, one that is all of it."""
    seen: set[str] = set()
    for spec in specs:
        if not spec.form:
            yield spec
        elif spec.path not in seen:
            seen.add(spec.path)
            yield replace(spec, start=0, stop=None, form="")


def _read(spec: PartSpec, config: BuildConfig, rows: _Rows, end_s: float) -> bool:
    """Add the records of a part; return whether there was time and room for all."""
    for record in read_guarded(spec, config, Coverage()):
        if isinstance(record, Document):
            rows.add(record)
        if time.thread_time() > end_s or rows.n_rows > _MAX_RECORDS:
            return False
    return True


class _Rows:
    """The signatures of records."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config.dedup.signature.model_copy(update={"permutations": _PERMUTATIONS})
        self._places: dict[str, list[int]] = {}
        self._texts: list[str] = []
        self._held_bytes = 0
        self._made: list[NDArray[np.uint32]] = []
        self.n_rows = self.n_bytes = 0

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
