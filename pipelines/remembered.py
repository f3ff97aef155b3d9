"""What Beam asks again and again as it makes and runs a pipeline, answered from memory after the first time.

What arguments a method of a DoFn takes is asked of each method whenever a transform is made, checked or run:
36,000 times for the seven pipelines of a build of one document, about some hundred methods. Its options for
types are asked for 875 times, and a parser of arguments is made each time. Together a fifth of such a build.
"""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any

from apache_beam.options import pipeline_options
from apache_beam.transforms import core

_core: Any = core
_options: Any = pipeline_options
_arguments: Any = _core.get_function_args_defaults
_view_as: Any = _options.PipelineOptions.view_as
Arguments = tuple[list[str], list[Any]]
"""Names of the arguments, and the defaults of those that have one."""


@lru_cache(maxsize=4096)
def _of_method(function: FunctionType) -> Arguments:
    return _arguments(MethodType(function, object()))  # whatever it is bound to


def arguments_of(function: object) -> Arguments:
    """Return what Beam's `get_function_args_defaults` does."""
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        names, defaults = _of_method(function.__func__)
        return list(names), list(defaults)
    return _arguments(function)


_last: tuple[object, object, Any] = (None, None, None)
"""Values and flags of some options, and their view as options for types."""


def view_as(options: Any, kind: type[Any]) -> Any:
    """Return what Beam's `PipelineOptions.view_as` does: all views of some options share their values."""
    global _last
    if kind is not _options.TypeOptions:
        return _view_as(options, kind)
    values, flags, view = _last
    if view is None or values is not options._all_options or flags is not options._flags:
        view = _view_as(options, kind)
        _last = (options._all_options, options._flags, view)
    return view


def remember() -> None:
    """Let Beam ask here, in this process."""
    _core.get_function_args_defaults = arguments_of
    _options.PipelineOptions.view_as = view_as
