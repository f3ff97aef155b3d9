"""Where the documents of one (domain, subset) of a snapshot lie in another: moved whole, or gone.

Documents stand in the order of their keys in every snapshot of a seed, so two snapshots are compared as two
sorted streams. Shards that are the same files are not read; of the others, the ids, a row group at a time.
Holds what is gone, and a few numbers for each run between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import open_input
from corpusforge.mixture.samplepatch import ENTRY, LOST
from corpusforge.mixture.streams import Names, Stream, strata_of
from corpusforge.parquet import open_parquet
from corpusforge.shards.places import shard_key

BY_WAY = (
    "first over what is left of them in its own tokens, if need be by `retokenize --snapshot` of the "
    "retracted snapshot"
)
"""How a plan gets over fewer documents and other tokens: in two steps, for what is gone and what has another
length cannot be told apart in one."""
_ID_WORDS = 4
"""u64 that a document id of 32 hex digits takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One (domain, subset): tokens of the first snapshot's stream to those of the second's."""

    moves: NDArray[Any]
    """`ENTRY`; `to` of what is gone is `LOST` and the number of the document among those gone."""
    n_tokens: int
    """Of the first stream."""
    gone: NDArray[np.int64]
    """i64[documents, 3]: first token, tokens, stratum."""
    new: NDArray[np.int64]
    """i64[documents, 2]: first token in the second stream and tokens of those that the first has not."""

    @property
    def is_same(self) -> bool:
        """Whether every token lies where it lay, and none is new."""
        return not len(self.gone) and not len(self.new)


@dataclass(slots=True)
class _Batch:
    """Some documents of a stream, in order."""

    ids: NDArray[np.uint64]
    """u64[documents, 4]."""
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    sources: Any
    """Arrow array of their names."""


@dataclass(slots=True)
class _Side:
    """What was read of one stream, up to where it was compared."""

    batches: Iterator[_Batch]
    batch: _Batch | None = None
    place: int = 0

    def left(self) -> int:
        """Return how many documents are at hand, the next batch read where there are none; 0 at the end."""
        while self.batch is None or self.place == len(self.batch.start):
            self.batch, self.place = next(self.batches, None), 0
            if self.batch is None:
                return 0
        return len(self.batch.start) - self.place

    def key(self, seed: int) -> tuple[int, bytes]:
        """Return where the next document stands in the order of all."""
        assert self.batch is not None
        name = self.batch.ids[self.place].tobytes()
        return shard_key(name.decode(), seed), name


@dataclass(slots=True)
class _Made:
    runs: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    """(first token of the first stream, of the second, tokens)."""
    gone: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    """(first token, tokens, number of the source)."""
    new: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    ids: set[bytes] = field(default_factory=set[bytes])
    """Of those gone and those new: a document that is both stands out of order."""


def moved(first: Stream, second: Stream, seed: int, names: Names) -> Moved:
    """Return how the documents of a (domain, subset) lie in the second of two snapshots.

    Raises ValueError, in one line, where a document has other tokens in it, or either is out of order.
    """
    shared = {row.id for row in first.rows} & {row.id for row in second.rows}
    places = {row.id: int(second.before[number]) for number, row in enumerate(second.rows)}
    made = _Made()
    made.runs += [
        (int(first.before[number]), places[row.id], row.n_tokens)
        for number, row in enumerate(first.rows)
        if row.id in shared
    ]
    _compare(made, [_Side(_read(stream, shared)) for stream in (first, second)], seed, first, names)
    gone = np.array(sorted(made.gone), np.int64).reshape(-1, 3)
    gone[:, 2] = strata_of(gone[:, 1], gone[:, 2])
    return Moved(
        moves=_entries(made.runs, gone),
        n_tokens=first.n_tokens,
        gone=gone,
        new=np.array(sorted(made.new), np.int64).reshape(-1, 2),
    )


def check_same_documents(first: Stream, second: Stream) -> None:
    """Raise ValueError unless two snapshots hold the same documents of a (domain, subset) in the same order.

    Shards whose texts are the same files are not read.
    """
    if [row.text_sha256 for row in first.rows] == [row.text_sha256 for row in second.rows]:
        return
    ids = [
        (batch.ids[row].tobytes() for batch in _read(stream, set()) for row in range(len(batch.ids)))
        for stream in (first, second)
    ]
    for one, other in zip_longest(*ids):
        if one != other:
            key = f"{(first.rows or second.rows)[0].domain}/{(first.rows or second.rows)[0].subset}"
            raise ValueError(
                f"{key}: the snapshots do not hold the same documents ({(one or other).decode()} is first to "
                "differ): a plan is translated over the snapshot that `retokenize` made of its own; where "
                f"documents were retracted, {BY_WAY}"
            )


def _read(stream: Stream, shared: set[str]) -> Iterator[_Batch]:
    for number, row in enumerate(stream.rows):
        if row.id in shared:
            continue
        with open_input(stream.path(number, "docs")) as file:
            table = open_parquet(file)
            for group in range(table.num_row_groups):
                columns = table.read_row_group(group, ["doc_id", "source", "start", "length"])
                start = columns["start"].to_numpy().astype(np.int64) + stream.before[number]
                yield _Batch(
                    ids=_ids(columns["doc_id"].combine_chunks(), len(start)),
                    start=start,
                    length=columns["length"].to_numpy().astype(np.int64),
                    sources=columns["source"].combine_chunks(),
                )


def _ids(column: Any, count: int) -> NDArray[np.uint64]:
    """Return document ids of 32 ASCII characters, an Arrow array of strings, as four words each."""
    if not count:
        return np.zeros((0, _ID_WORDS), np.uint64)
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: count + 1]
    if (np.diff(ends) != 8 * _ID_WORDS).any():
        raise ValueError("a document's id has not 32 digits")
    data = column.buffers()[2][int(ends[0]) : int(ends[-1])].to_pybytes()
    return np.frombuffer(data, np.uint64).reshape(count, _ID_WORDS)


def _compare(made: _Made, sides: Sequence[_Side], seed: int, stream: Stream, names: Names) -> None:
    """Go through both streams together. `made` is filled."""
    one, other = sides
    while True:
        left = one.left(), other.left()
        if not all(left):
            break
        assert one.batch is not None and other.batch is not None
        n = min(left)
        n_same = _same(one.batch.ids[one.place :][:n], other.batch.ids[other.place :][:n])
        if n_same:
            _add_run(made, one, other, n_same, stream)
            continue
        if one.key(seed) < other.key(seed):
            _add_gone(made, one, names)
        else:
            _add_new(made, other)
    while one.left():
        _add_gone(made, one, names)
    while other.left():
        _add_new(made, other)


def _same(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    """Return how many documents are the same from the first on; looks a little further each time."""
    done, step = 0, 32
    while done < len(one):
        differs = (one[done : done + step] != other[done : done + step]).any(axis=1)
        if differs.any():
            return done + int(np.argmax(differs))
        done, step = done + len(differs), step * 4
    return done


def _add_run(made: _Made, one: _Side, other: _Side, count: int, stream: Stream) -> None:
    assert one.batch is not None and other.batch is not None
    mine, theirs = one.batch.length[one.place :][:count], other.batch.length[other.place :][:count]
    if (mine != theirs).any():
        place = int(np.argmax(mine != theirs))
        name = one.batch.ids[one.place + place].tobytes().decode()
        key = f"{stream.rows[0].domain}/{stream.rows[0].subset}"
        raise ValueError(f"document {name} of {key} has {mine[place]} tokens, then {theirs[place]}")
    made.runs.append((int(one.batch.start[one.place]), int(other.batch.start[other.place]), int(mine.sum())))
    one.place += count
    other.place += count


def _add_gone(made: _Made, side: _Side, names: Names) -> None:
    assert side.batch is not None
    batch, place = side.batch, side.place
    source = names.code(batch.sources[place].as_py())
    made.gone.append((int(batch.start[place]), int(batch.length[place]), source))
    _pass(made, side)


def _add_new(made: _Made, side: _Side) -> None:
    assert side.batch is not None
    made.new.append((int(side.batch.start[side.place]), int(side.batch.length[side.place])))
    _pass(made, side)


def _pass(made: _Made, side: _Side) -> None:
    assert side.batch is not None
    name = side.batch.ids[side.place].tobytes()
    if name in made.ids:
        raise ValueError(f"document {name.decode()} stands at two places: not in the order of the keys")
    made.ids.add(name)
    side.place += 1


def _entries(runs: Sequence[tuple[int, int, int]], gone: NDArray[np.int64]) -> NDArray[Any]:
    """Return runs and what is gone as entries, those that go on where the one before ends left out."""
    kept = np.array(runs, np.int64).reshape(-1, 3)
    at = np.concatenate([kept[:, 0], gone[:, 0]])
    to = np.concatenate(
        [kept[:, 1].astype(np.uint64), np.uint64(LOST) + np.arange(len(gone), dtype=np.uint64)]
    )
    order = np.argsort(at, kind="stable")
    entries = np.zeros(len(order), ENTRY)
    entries["at"], entries["to"] = at[order], to[order]
    return without_needless(entries)


def without_needless(entries: NDArray[Any]) -> NDArray[Any]:
    """Return entries without those that say what the one before says already."""
    if not len(entries):
        return entries
    goes_on = np.diff(entries["to"]) == np.diff(entries["at"])
    is_lost = entries["to"] >= np.uint64(LOST)
    needless = goes_on & ~is_lost[1:] & ~is_lost[:-1]
    return entries[np.concatenate([np.ones(1, np.bool_), ~needless])]
