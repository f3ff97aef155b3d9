"""A patch says the same token by token, range by range, and to the reader sample by sample."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.mixture.samplepatch import (
    ENTRY,
    LOST,
    NOTHING,
    Moves,
    SamplePatch,
    cut,
    patch_fault,
    pieces_of,
)
from corpusforge.reader.sources import PatchLookup

CHILD = 5_000


@st.composite
def patches(draw: st.DrawFn) -> Moves:
    """Runs that are kept or lost, and fills of some of what is lost, each anywhere in the child."""
    runs = draw(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=12))
    places = st.integers(0, CHILD - 40)
    moves, at, lost = [], 0, 0
    for length, is_lost in runs:
        moves.append((at, LOST + lost if is_lost else draw(places)))
        at, lost = at + length, lost + length * is_lost
    epochs = draw(st.integers(1, 3))
    fills, place = [], 0
    while place < lost * epochs:
        fills.append((place, NOTHING if draw(st.booleans()) else draw(places)))
        place += draw(st.integers(1, 40))
    return Moves(
        moves=np.array(moves, ENTRY),
        fills=np.array(fills, ENTRY),
        sizes=np.array([at], np.uint64),
        n_tokens=at,
        lost_tokens=lost,
        epochs=epochs,
    )


def token_by_token(moves: Moves, epoch: int, start: int, stop: int) -> list[int]:
    """Return where each token is, -1 where nothing fills it: the definition, one at a time."""
    found = []
    for token in range(start, stop):
        at, to = max((at, to) for at, to in moves.moves.tolist() if at <= token)
        if to >= LOST:
            place = to - LOST + token - at + epoch * moves.lost_tokens
            at, to = max((at, to) for at, to in moves.fills.tolist() if at <= place)
            found.append(-1 if to == NOTHING else to + place - at)
        else:
            found.append(to + token - at)
    return found


@settings(max_examples=150, deadline=None)
@given(patches(), st.data())
def test_ranges_and_samples_are_found_as_tokens_are(moves: Moves, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, moves.n_tokens), min_size=2, max_size=8, unique=True)))
    starts, stops = np.array(edges[:-1]), np.array(edges[1:])
    epoch = data.draw(st.integers(0, moves.epochs - 1))
    owner, first, last = moves.find(np.full(len(starts), epoch), starts, stops)
    lookup = PatchLookup(moves)
    for number, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        tokens = token_by_token(moves, epoch, start, stop)
        ranges = zip(first[owner == number].tolist(), last[owner == number].tolist(), strict=True)
        assert [t for low, high in ranges for t in range(low, high)] == [t for t in tokens if t >= 0]
        by_reader = [
            t
            for low, high in lookup.find(epoch, start, stop)
            for t in (range(low, high) if low >= 0 else [-1] * (high - low))
        ]
        assert by_reader == tokens
    patch = SamplePatch(
        id="0" * 32, sha256="0" * 64, n_tokens=moves.n_tokens, lost_tokens=moves.lost_tokens, epochs=moves.epochs,
        n_moves=len(moves.moves), n_fills=len(moves.fills), n_shards=1,
    )  # fmt: skip
    assert patch_fault(patch, moves, CHILD) is None
    data_bytes = np.frombuffer(moves.to_bytes(), np.uint8)
    again = Moves.of(patch, data_bytes)
    assert len(data_bytes) == patch.n_bytes and again.to_bytes() == moves.to_bytes()


@given(
    st.lists(st.integers(1, 50), max_size=8, unique=True),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20))),
)
def test_ranges_are_cut_at_every_edge_within_them(edges: list[int], ranges: list[tuple[int, int]]) -> None:
    starts, lengths = (np.array([entry[place] for entry in ranges], np.int64) for place in (0, 1))
    owner, first, last = cut(np.array(sorted(edges), np.int64), starts, starts + lengths)
    expected = [
        (number, low, high)
        for number, (start, length) in enumerate(ranges)
        if length
        for bounds in [[start, *(e for e in sorted(edges) if start < e < start + length), start + length]]
        for low, high in pairwise(bounds)
    ]
    assert list(zip(owner.tolist(), first.tolist(), last.tolist(), strict=True)) == expected
    assert pieces_of(np.zeros(0, ENTRY), 0)[0].tolist() == []
