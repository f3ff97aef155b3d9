"""Texts as arrays of code points, for passes that are compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def points_of(text: str) -> NDArray[Any]:
    """Return the code points of a text, halves of surrogate pairs too: u8 where all are ASCII, else u32."""
    if text.isascii():
        return np.frombuffer(text.encode(), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
