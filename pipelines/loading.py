"""Beam, loaded without what only a run elsewhere needs: a run in this process begins sooner.

`import apache_beam` loads what it has for MongoDB, BigQuery, Dataflow and the buckets of three clouds: half
of its time. Each it can do without, and does where their libraries are not installed. Ours reads and writes
through `corpusforge.files`. To be called before anything else imports Beam: nothing of it is imported here.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

from corpusforge.forked_server import is_own_process
from corpusforge.lazy import without

LOCAL_RUNNERS = ("DirectRunner", "FnApiRunner")
_CONNECTORS = (
    "apache_beam.io.aws.s3filesystem",
    "apache_beam.io.azure.blobstoragefilesystem",
    "apache_beam.io.gcp.bigquery",
    "apache_beam.io.gcp.gcsfilesystem",
    "apache_beam.io.hadoopfilesystem",
    "apitools",
    "bson",
    "google.cloud.dataflow",
    "pymongo",
)
"""Beam catches the ImportError of each."""
_LATER = ("httplib2",)
"""Imported by name alone, and used by what is left out."""
_HINTS, _HINT_ERRORS = "beartype.door", "beartype.roar"
"""Asked about types of elements that none of our pipelines has: 300 modules."""
_ELSEWHERE = ("://", "multi_processing")
"""What stands in the flags of runs that leave this process."""
_NOTEBOOK = "IPython"
"""Looked for whenever a transform is applied; where it is installed in part, it is run as often."""


def load_beam(runner: str, beam_flags: Sequence[str] = ()) -> None:
    """Load Beam, all of it unless this process is the command's own and the runner is in it.

    A flag that names an address may mean a connector; another may start workers that load Beam as it is.
    """
    is_here = runner in LOCAL_RUNNERS and not any(sign in flag for sign in _ELSEWHERE for flag in beam_flags)
    if is_here and is_own_process() and "apache_beam" not in sys.modules:
        with _left_out():
            importlib.import_module("apache_beam")
        pickles: Any = importlib.import_module("apache_beam.internal.cloudpickle_pickler")
        pickles.bz2 = _Uncompressed
        functions: Any = importlib.import_module("apache_beam.internal.pickler")
        functions.roundtrip = _itself


@contextmanager
def _left_out() -> Generator[None]:
    """Let the connectors' imports fail; afterwards they can be imported like any module."""
    logger = logging.getLogger("apache_beam")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it warns of what it lacks
    sys.modules.setdefault(_NOTEBOOK, cast(Any, None))
    for name in _LATER:
        sys.modules.setdefault(name, _Later(name))
    hints, errors = ModuleType(_HINTS), ModuleType(_HINT_ERRORS)
    vars(hints)["is_subhint"], vars(errors)["BeartypeDoorException"] = _is_subhint, _UndecidedError
    try:
        with without(*_CONNECTORS), without(_HINTS, _HINT_ERRORS) as absent:
            if _HINTS in absent:
                sys.modules.update({_HINTS: hints, _HINT_ERRORS: errors})
            yield
    finally:
        logger.setLevel(level)


class _UndecidedError(Exception):
    """In the place of beartype's."""


def _is_subhint(sub: object, base: object) -> bool:
    """Return what beartype's function does, loaded at the first call."""
    hints, errors = importlib.import_module(_HINTS), importlib.import_module(_HINT_ERRORS)
    try:
        return hints.is_subhint(sub, base)
    except errors.BeartypeDoorException as error:
        raise _UndecidedError(str(error)) from error


class _Uncompressed:
    """In the place of bz2, for the functions of a pipeline: pickled, sent nowhere, and read again."""

    @staticmethod
    def compress(data: bytes, compresslevel: int = 9) -> bytes:
        """Return the data."""
        return data

    @staticmethod
    def decompress(data: bytes) -> bytes:
        """Return the data."""
        return data


def _itself(function: object) -> object:
    """Return a function of a pipeline, and not what would arrive of it elsewhere."""
    return function


class _Later(ModuleType):
    """A module that is loaded when a name is taken from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # who looks over all modules
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)
