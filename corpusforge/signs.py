"""Which of many literal signs a text holds: one compiled pass.

Most texts hold nothing that a detector looks for. To ask them for each sign by itself costs more
than all patterns that are then tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place

_ROW = 64  # classes of bytes: each byte of a sign is one, 0 is all others
_BITS = 63


@dataclass(frozen=True, slots=True, eq=False)
class SignFinder:
    """An Aho-Corasick automaton over the bytes of signs."""

    classes: NDArray[np.uint8]
    """Class of each byte."""
    following: NDArray[np.uint16]
    """[states * 64]: the next state, times 64."""
    found: NDArray[np.int64]
    """Bits of the signs that end in a state."""

    def bits(self, text: str) -> int:
        """Return the signs that occur in a text, one bit each, in the order in which they were given."""
        return self.bits_of(text.encode("utf-8", "replace"))

    def bits_of(self, data: bytes) -> int:
        """Return the signs that occur in bytes, as `bits` does."""
        source = np.frombuffer(data, dtype=np.uint8)
        return int(_search(source, self.classes, self.following, self.found))


def sign_finder(signs: Sequence[str], values: Sequence[int] = ()) -> SignFinder:
    """Return the finder of signs, each with bits of its own, or with those given."""
    spelled = [sign.encode() for sign in signs]
    used = sorted(set(b"".join(spelled)))
    values = values or [1 << number for number in range(len(signs))]
    if len(used) >= _ROW or max(values).bit_length() > _BITS:
        raise ValueError(
            f"{len(signs)} signs of {len(used)} different bytes: at most {_BITS} bits, {_ROW - 1} bytes"
        )
    classes = np.zeros(256, dtype=np.uint8)
    for place, byte in enumerate(used, start=1):
        classes[byte] = place
    edges: list[dict[int, int]] = [{}]
    found = [0]
    for value, sign in zip(values, spelled, strict=True):
        state = 0
        for byte in sign:
            symbol = int(classes[byte])
            if symbol not in edges[state]:
                edges[state][symbol] = len(edges)
                edges.append({})
                found.append(0)
            state = edges[state][symbol]
        found[state] |= value
    return SignFinder(classes, *_completed(edges, found))


def _completed(edges: list[dict[int, int]], found: list[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the automaton with every edge, by breadth."""
    following = np.zeros((len(edges), _ROW), dtype=np.uint16)
    failure = [0] * len(edges)
    queue = [0]
    for state in queue:
        if state:
            found[state] |= found[failure[state]]
            following[state] = following[failure[state]]
        for symbol, child in edges[state].items():
            failure[child] = int(following[state, symbol]) // _ROW
            following[state, symbol] = child * _ROW
            queue.append(child)
    return following.reshape(-1), np.array(found, dtype=np.int64)


@jit_in_place
def _search(data: Any, classes: Any, following: Any, found: Any) -> Any:
    state, bits = np.int64(0), np.int64(0)
    for k in range(data.shape[0]):
        state = np.int64(following[state + classes[data[k]]])
        bits |= found[state >> 6]
    return bits
