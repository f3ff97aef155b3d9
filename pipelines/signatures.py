"""Beam's question what arguments a method of a DoFn takes, answered from memory after the first time.

Beam asks it of each method of each DoFn whenever it makes, checks or runs a transform: 36,000 times for the
seven pipelines of a build of one document, an eighth of its CPU time, for some hundred methods.
"""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any

from apache_beam.transforms import core

_core: Any = core
_asked: Any = _core.get_function_args_defaults
Arguments = tuple[list[str], list[Any]]
"""Names of the arguments, and the defaults of those that have one."""


@lru_cache(maxsize=4096)
def _of_method(function: FunctionType) -> Arguments:
    return _asked(MethodType(function, object()))  # whatever it is bound to


def arguments_of(function: object) -> Arguments:
    """Return what Beam's `get_function_args_defaults` does."""
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        names, defaults = _of_method(function.__func__)
        return list(names), list(defaults)
    return _asked(function)


def remember_signatures() -> None:
    """Let Beam ask here, in this process."""
    _core.get_function_args_defaults = arguments_of
