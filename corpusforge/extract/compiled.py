"""Compiled functions of this package, kept on disk until any of their sources changes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

import numba
import xxhash

SOURCES = (
    "blocks",
    "compiled",
    "features",
    "hints",
    "main_content",
    "scan",
    "scan_tags",
    "scan_text",
    "tags",
)


def jit(function: Any) -> Any:
    """Return a function compiled on its first call, from the cache on disk where it was before."""
    dispatcher = cast(Any, numba.njit(cache=True, nogil=True, boundscheck=False)(function))
    # Numba looks at the file of the function alone; ours call, and take constants from, others.
    dispatcher._cache._cache_file._source_stamp = _stamp()
    return dispatcher


@lru_cache(maxsize=1)
def _stamp() -> str:
    folder = files("corpusforge.extract")
    digest = xxhash.xxh3_128()
    for name in SOURCES:
        digest.update(folder.joinpath(f"{name}.py").read_bytes())
    return digest.hexdigest()
