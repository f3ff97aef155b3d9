"""Compiled functions, one way: numba, kept on disk where that can be, without the interpreter's lock."""

from __future__ import annotations

import logging
import os
import pickle
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

import xxhash

from corpusforge.lazy import without
from corpusforge.lifeline import UNCACHED

_SETTINGS = ".numba_config.yaml"
"""Of numba, in the folder where a process starts: only to read them does it load a parser of YAML."""
with without(*(() if os.path.exists(_SETTINGS) else ("yaml",))):
    import numba
    from numba.core import caching
    from numba.core.runtime.nrt import rtsys

_numba: Any = numba  # its caches are no part of what it types
_caching: Any = caching
_rtsys: Any = rtsys
_PACKAGE = Path(__file__).parent
_Function = TypeVar("_Function", bound=Callable[..., Any])
_log = logging.getLogger(__name__)
_compiled: list[str] = []
COMPILING = "compiling functions for this machine: about a minute of CPU time, once for an installation"
_TOLD = "CORPUSFORGE_COMPILING"
"""Set in the environment of a process that told of compiling, and of those that it starts."""


def jit(function: _Function, **options: bool) -> _Function:
    """Return the function, compiled at its first call, or from disk where it was compiled before.

    The cache lies beside the module, or where NUMBA_CACHE_DIR says. One that cannot be written is
    still read; what it lacks, and all where there is none, is kept in memory, with one line of
    warning. Indexes are not checked: what is compiled so must stay within its arrays.
    """
    dispatcher: Any = _numba.njit(nogil=True, boundscheck=False, **options)(function)
    dispatcher._cache = _cache_of(function)
    return cast(_Function, dispatcher)


def jit_in_place(function: _Function) -> _Function:
    """Return the function, compiled without counts of references, for code that makes no arrays.

    Rows of arrays that it is given cost nothing then: each otherwise costs two locked additions.
    """
    return jit(function, _nrt=False)


def _cache_of(function: Callable[..., Any]) -> Any:
    # Numba looks at the function's own file; ours call, and take constants from, its neighbours.
    stamp = _stamp(_step_folder(Path(function.__code__.co_filename)))
    filled = _made(_ReadCache, function, stamp)
    cache = _made(_Cache, function, stamp) or filled
    if cache is None:
        _warn("no folder for them can be written")
        return _caching.NullCache()
    cache.filled = filled if filled is not cache else None
    return cache


def n_compiled() -> int:
    """Return how many functions this process had to compile, and did not find on disk."""
    return len(_compiled)


def all_is_compiled() -> bool:
    """Return whether it is marked that all of this code is compiled, and kept where this process finds it."""
    mark = mark_path()
    return mark is not None and os.path.exists(mark)


def mark_path() -> str | None:
    """Return where it is marked that all of this code is compiled, for this interpreter; None for nowhere."""
    cache = _made(_Cache, jit, "")  # of this module's, whichever others are loaded
    if cache is None or os.environ.get(UNCACHED):
        return None
    name = xxhash.xxh3_128(f"{_state()} {sys.version} {numba.__version__}".encode()).hexdigest()
    return os.path.join(cache.cache_path, f"compiled-{name}")


def _made(kind: Any, function: Callable[..., Any], stamp: str) -> Any:
    try:
        cache = kind(function)
    except RuntimeError:  # numba's word for: no folder that will do
        return None
    cache._cache_file._source_stamp = stamp
    return cache


def _warn(why: str) -> None:
    if not os.environ.get(UNCACHED):  # a process and all that it starts warn once
        os.environ[UNCACHED] = "1"
        _log.warning(
            "compiled functions are kept in memory, each process makes them anew: %s "
            "(NUMBA_CACHE_DIR names a folder that can be written)",
            why,
        )


class _Cache(_caching.FunctionCache):
    """Numba's cache of a function; that it cannot be read or written ends nothing."""

    filled: _ReadCache | None = None
    """What was filled before, where another folder is written."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled function, None where it is not there or cannot be read."""
        caches: Any = super()
        found = None
        # Not `refresh`, which numba's own begins with: it loads what types and compiles all that there is to
        # compile. Code that was compiled needs its run time alone, and no other symbols.
        _rtsys.initialize(target_context)
        try:
            with _no_scipy():
                found = caches._load_overload(sig, target_context)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            _warn(f"{self.cache_path}: {error}")
        if found is None and self.filled is not None and self.filled.cache_path != self.cache_path:
            return self.filled.load_overload(sig, target_context)
        if found is None:
            with _no_scipy():
                target_context.refresh()
            _compiled.append(self.cache_path)
            self._tell()
        return found

    def _tell(self) -> None:
        """Say that functions are compiled now: a process and all that it starts do so once."""
        if not os.environ.get(_TOLD):
            os.environ[_TOLD] = "1"
            _log.warning("%s", COMPILING)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the compiled function on disk, where that can be."""
        numbas: Any = super()
        try:
            numbas.save_overload(sig, data)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            _warn(f"{self.cache_path}: {error}")


@contextmanager
def _no_scipy() -> Generator[None]:
    """Keep numba from loading scipy with the first function: it takes long, and nothing here calls BLAS.

    Others' functions that do still find it: numba looks again when it compiles one.
    """
    arrays = "numba.np.arraymath"
    if arrays in sys.modules:
        yield
        return
    with without("scipy.linalg") as absent:
        yield
    if absent and arrays in sys.modules:
        cast(Any, sys.modules[arrays])._HAVE_BLAS = find_spec("scipy") is not None


def _check_readable(locator: Any) -> None:
    """Raise OSError where the folder of a cache cannot be read; numba's own check writes."""
    os.scandir(locator.get_cache_path()).close()


class _Readable(_caching.UserProvidedCacheLocator):
    """The folder that NUMBA_CACHE_DIR names, where it can only be read."""

    ensure_cache_path = _check_readable


class _ReadableInTree(_caching.InTreeCacheLocator):
    """The folder beside the module, where it can only be read."""

    ensure_cache_path = _check_readable


class _ReadImpl(_caching.CompileResultCacheImpl):
    _locator_classes = (_Readable, _ReadableInTree)


class _ReadCache(_Cache):
    """A cache that was filled before, by an image or another user, and cannot be written."""

    _impl_class = _ReadImpl

    def _tell(self) -> None:
        """Say nothing: what is lacking is told where it cannot be kept."""

    def save_overload(self, sig: Any, data: Any) -> None:
        """Tell that a function is not kept."""
        _warn(f"{self.cache_path} cannot be written")


def _step_folder(module: Path) -> Path:
    """Return the folder of the step that a module belongs to, whichever of its rooms it lies in."""
    folder = module.parent
    while folder.parent != _PACKAGE and (folder.parent / "__init__.py").exists():
        folder = folder.parent
    return folder


@cache
def _state() -> str:
    """Return sizes and times of all modules: what tells whether any has changed, without reading them."""
    found: list[str] = []
    for folder, _, names in os.walk(_PACKAGE):
        for name in (name for name in names if name.endswith(".py")):
            status = os.stat(os.path.join(folder, name))
            found.append(f"{os.path.relpath(folder, _PACKAGE)}/{name} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(sorted(found))


@lru_cache(maxsize=64)
def _stamp(folder: Path) -> str:
    """Return a digest of all modules of a step: what is cached of it is stale when one changes.

    Those of the package itself have no rooms: they call no step.
    """
    digest = xxhash.xxh3_128()
    for path in sorted(folder.glob("*.py") if folder == _PACKAGE else folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
