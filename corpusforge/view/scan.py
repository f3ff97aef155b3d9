"""Documents that hold to a query, from a place on, forwards or backwards, within a time.

A scan ends with enough documents, at the end of the corpus, or when its time is over; then it says how
many documents it looked at and where another one goes on. So no query takes longer than another, however
many documents there are, and memory is one row group's columns (and what `Tables` keeps).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from corpusforge.shards.snapshot import Index
from corpusforge.view.errors import BadRequest
from corpusforge.view.query import Query
from corpusforge.view.tables import Tables

SECONDS = 0.6
"""How long a scan looks before it shows what it has."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A document by its place: the shard's number in the index, and its row."""

    shard: int
    row: int

    def __str__(self) -> str:
        return f"{self.shard}.{self.row}"


def place_of(text: str) -> Place:
    """Return the place of an address; BadRequest where it is none."""
    shard, _, row = text.partition(".")
    if not (shard.isdecimal() and row.isdecimal() and len(text) < 24):
        raise BadRequest(f"at: {text[:40]!r} is no place of a document")
    return Place(int(shard), int(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a scan found."""

    places: tuple[Place, ...]
    """In the order of the corpus, also of a scan backwards."""
    looked_at: int
    """Documents that were judged, or left aside by what a row group says of itself."""
    is_end: bool
    """Whether the scan reached the end (or the beginning) of what the query asks for."""
    stop: Place | None
    """Where the next scan begins: the first place that was not looked at; backwards, the last + 1."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows [first, stop) of a shard, of one row group, that begins at row `base`."""

    shard: int
    group: int
    base: int
    first: int
    stop: int


def scan(
    tables: Tables,
    index: Index,
    query: Query,
    *,
    start: Place | None = None,
    count: int,
    backwards: bool = False,
    seconds: float = SECONDS,
) -> Found:
    """Return up to `count` documents from `start` on, or the last ones before it."""
    end = time.monotonic() + seconds
    places: list[Place] = []
    looked_at = 0
    stop: Place | None = None
    for piece in _pieces(tables, chosen(index, query), start, backwards):
        if looked_at and time.monotonic() > end:
            return Found(places=_sorted(places), looked_at=looked_at, is_end=False, stop=stop)
        rows = _matches(tables, query, piece)
        missing = count - len(places)
        if len(rows) > missing or (len(rows) == missing and missing):
            taken = rows[-missing:] if backwards else rows[:missing]
            places += [Place(piece.shard, int(row)) for row in taken]
            last = Place(piece.shard, int(taken[0] if backwards else taken[-1] + 1))
            looked_at += piece.stop - last.row if backwards else last.row - piece.first
            return Found(places=_sorted(places), looked_at=looked_at, is_end=False, stop=last)
        places += [Place(piece.shard, int(row)) for row in rows]
        looked_at += piece.stop - piece.first
        stop = Place(piece.shard, piece.first if backwards else piece.stop)
    return Found(places=_sorted(places), looked_at=looked_at, is_end=True, stop=None)


def chosen(index: Index, query: Query) -> list[int]:
    """Return the shards of the domain and subset that a query names, by number."""
    return [
        number
        for number, row in enumerate(index.rows)
        if query.domain in ("", row.domain) and query.subset in ("", row.subset)
    ]


def _sorted(places: Sequence[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places))


def _pieces(tables: Tables, shards: Sequence[int], start: Place | None, backwards: bool) -> Iterator[_Piece]:
    """Yield row groups, those of `start` cut there."""
    for shard in reversed(shards) if backwards else shards:
        if start and (shard > start.shard if backwards else shard < start.shard):
            continue
        pieces: list[_Piece] = []
        base = 0
        for group, n_rows in enumerate(tables.groups(shard)):
            first, stop = base, base + n_rows
            if start and shard == start.shard:
                first, stop = (first, min(stop, start.row)) if backwards else (max(first, start.row), stop)
            if first < stop:
                pieces.append(_Piece(shard, group, base, first, stop))
            base += n_rows
        yield from reversed(pieces) if backwards else pieces


def _matches(tables: Tables, query: Query, piece: _Piece) -> Any:
    """Return the rows of a piece that match, ascending, numbered in the shard."""
    rows = np.arange(piece.first, piece.stop)
    names = query.columns
    if not names:
        return rows
    if not query.can_match(partial(tables.bounds, piece.shard, piece.group)):
        return rows[:0]
    columns = dict(zip(names, tables.columns(piece.shard, piece.group, names), strict=True))
    mask = query.mask(columns)
    if mask is not None:
        rows = rows[mask[piece.first - piece.base : piece.stop - piece.base]]
    if query.words and len(rows):
        places = rows - piece.base
        texts = tables.column(piece.shard, piece.group, "text").take(places)
        rows = rows[query.word_mask(columns["title"].take(places), texts)]
    return rows
