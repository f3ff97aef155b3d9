"""Compiled functions, one way: numba, kept on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import xxhash

_PACKAGE = Path(__file__).parent
_Function = TypeVar("_Function", bound=Callable[..., Any])


def jit(function: _Function, **options: bool) -> _Function:
    """Return the function, compiled at its first call, or from disk where it was compiled before.

    The cache lies beside the module, or where NUMBA_CACHE_DIR says. Indexes are not checked:
    what is compiled so must stay within its arrays.
    """
    dispatcher = cast(Any, numba).njit(cache=True, nogil=True, boundscheck=False, **options)(function)
    # Numba looks at the function's own file; ours call, and take constants from, its neighbours.
    dispatcher._cache._cache_file._source_stamp = _stamp(_step_folder(Path(function.__code__.co_filename)))
    return cast(_Function, dispatcher)


def jit_in_place(function: _Function) -> _Function:
    """Return the function, compiled without counts of references, for code that makes no arrays.

    Rows of arrays that it is given cost nothing then: each otherwise costs two locked additions.
    """
    return jit(function, _nrt=False)


def _step_folder(module: Path) -> Path:
    """Return the folder of the step that a module belongs to, whichever of its rooms it lies in."""
    folder = module.parent
    while folder.parent != _PACKAGE and (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


@lru_cache(maxsize=64)
def _stamp(folder: Path) -> str:
    """Return a digest of all modules of a step: what is cached of it is stale when one changes."""
    digest = xxhash.xxh3_128()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
