"""Compiled functions, one way: numba, cached on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def jit(function: _Function) -> _Function:
    """Return the function, compiled at its first call.

    The cache lies beside the module, or where NUMBA_CACHE_DIR says. Indexes are not checked:
    what is compiled so must stay within its arrays.
    """
    return cast(_Function, cast(Any, numba).njit(cache=True, nogil=True, boundscheck=False)(function))
