"""Records on their way into a part, without what was taken out of the corpus: it does not come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from corpusforge.document import Document, Drop, DropReason, Quarantined, drop
from corpusforge.retract.ledger import Standing
from corpusforge.retract.matching import Matcher
from corpusforge.steps import Record

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute
_AT_ONCE = 64
_COLUMNS = ("doc_id", "content_hash", "url", "host", "repo", "licence")


def kept_out(records: Iterable[Record], found: Standing | None) -> Iterator[Record]:
    """Yield records in order; a document that a retraction names is a drop, without any text.

    `found`: what stands in the corpus, None where nothing was ever taken out. Before the steps a document is
    known by its id, URL, host and repository; behind them by its text too.
    """
    if found is None:
        yield from records
        return
    waiting: list[Record] = []
    for record in records:
        waiting.append(record)
        if len(waiting) == _AT_ONCE:
            yield from _judged(waiting, found)
            waiting = []
    yield from _judged(waiting, found)


def _judged(records: Sequence[Record], found: Standing) -> Iterator[Record]:
    documents = [record for record in records if isinstance(record, Document)]
    batch = pa.table(
        {name: pa.array([getattr(one, name) or None for one in documents], pa.string()) for name in _COLUMNS}
    )
    goes = np.asarray(pc.is_in(batch["doc_id"], value_set=found.ids))
    goes = goes | np.asarray(pc.is_in(batch["content_hash"], value_set=found.hashes))
    for matcher in _matchers(found):
        goes = goes | (matcher.match(batch) >= 0)
    told = set(pc.filter(batch["doc_id"], pa.array(goes)).to_pylist())
    others = [record.doc_id for record in records if not isinstance(record, Document)]
    named = np.asarray(pc.is_in(pa.array(others, pa.string()), value_set=found.ids))
    silent = {name for name, is_named in zip(others, named.tolist(), strict=True) if is_named}
    for record in records:
        yield _ended(record, told, silent)


def _ended(record: Record, told: set[str], silent: set[str]) -> Record:
    if isinstance(record, Document):
        if record.doc_id not in told:
            return record
        return replace(drop(record, DropReason.RETRACTED, "taken out of the corpus before"), excerpt="")
    if record.doc_id not in silent:
        return record
    if isinstance(record, Drop):
        return replace(record, excerpt="")
    assert isinstance(record, Quarantined)
    return replace(record, error=DropReason.RETRACTED.value, traceback="")


_made: dict[int, tuple[Standing, tuple[Matcher, ...]]] = {}


def _matchers(found: Standing) -> tuple[Matcher, ...]:
    """Return the matchers of what stands, made once a process."""
    if id(found) not in _made:
        _made.clear()
        _made[id(found)] = (found, tuple(map(Matcher, found.lists)))
    return _made[id(found)][1]
