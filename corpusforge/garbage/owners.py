"""Whose a name is, for millions of names of one length: sorted arrays, no objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NOBODY, SHARED = -1, -2
"""In place of an owner's number: none has it, several have."""


class Owners:
    """The names that numbered owners have; `digits` is how long a name is."""

    def __init__(self, digits: int) -> None:
        self._dtype = np.dtype(f"S{digits}")
        self._names: NDArray[Any] = np.empty(0, self._dtype)
        self._owner = np.empty(0, np.int32)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, names: NDArray[Any] | Sequence[str], owner: int) -> None:
        """Note that an owner has some names; order and repetition do not matter."""
        theirs = np.unique(np.asarray(names, self._dtype))
        place, is_there = self._find(theirs)
        had = place[is_there]
        self._owner[had[self._owner[had] != owner]] = SHARED
        new = ~is_there
        self._names = np.insert(self._names, place[new], theirs[new])
        self._owner = np.insert(self._owner, place[new], np.int32(owner))

    def of(self, names: Sequence[str]) -> list[int]:
        """Return the owner of each name, `SHARED` or `NOBODY`."""
        place, is_there = self._find(np.asarray(names, self._dtype))
        found = np.full(len(place), NOBODY, np.int32)
        found[is_there] = self._owner[place[is_there]]
        return found.tolist()

    def _find(self, names: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return where each name is or would stand, and whether it is there."""
        place = np.searchsorted(self._names, names)
        if not len(self._names):
            return place, np.zeros(len(names), bool)
        return place, self._names[np.minimum(place, len(self._names) - 1)] == names
