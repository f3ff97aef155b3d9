"""What Beam asks again and again as it makes and runs a pipeline, answered from memory after the first time.

What arguments a method of a DoFn takes is asked of each method whenever a transform is made, checked or run:
36,000 times for the seven pipelines of a build of one document, about some hundred methods; what state a DoFn
keeps a thousand times, of a dozen classes. Options are asked for as those of a kind 1,200 times, and a parser
of arguments is made each time. Together a third of the time of such pipelines.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakKeyDictionary

from apache_beam.options import pipeline_options
from apache_beam.transforms import core, userstate

_core: Any = core
_options: Any = pipeline_options
_userstate: Any = userstate
_arguments: Any = _core.get_function_args_defaults
_view_as: Any = _options.PipelineOptions.view_as
_specs: Any = _userstate.get_dofn_specs
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


_specs_of_kind: WeakKeyDictionary[type[Any], tuple[set[Any], set[Any]]] = WeakKeyDictionary()


def specs_of(dofn: object) -> tuple[set[Any], set[Any]]:
    """Return what Beam's `get_dofn_specs` does: the states and timers that the methods of a DoFn take."""
    if any(isinstance(value, MethodType) for value in vars(dofn).values()):
        return _specs(dofn)  # a method of its own, not of its class
    kind = type(dofn)
    if kind not in _specs_of_kind:
        _specs_of_kind[kind] = _specs(dofn)
    states, timers = _specs_of_kind[kind]
    return set(states), set(timers)


_seen: tuple[object, object, dict[type[Any], Any]] = (None, None, {})
"""Values and flags of some options, and their views as options of a kind."""
_parsed: dict[tuple[type[Any], tuple[str, ...] | None], Any] = {}
"""What the parser of a kind of options makes of flags; of None: of those that this process was begun with."""


def view_as(options: Any, kind: type[Any]) -> Any:
    """Return what Beam's `PipelineOptions.view_as` does: all views of some options share their values."""
    global _seen
    values, flags, views = _seen
    if values is not options._all_options or flags is not options._flags:
        views = {}
        _seen = (options._all_options, options._flags, views)
    if kind not in views:
        views[kind] = _made_view(options, kind)
    return views[kind]


def _made_view(options: Any, kind: type[Any]) -> Any:
    key = (kind, None if options._flags is None else tuple(options._flags))
    if key not in _parsed:
        view = _view_as(options, kind)
        _parsed[key] = copy.deepcopy(view._visible_options)
        return view
    view = object.__new__(kind)
    view._flags, view._visible_options = options._flags, copy.deepcopy(_parsed[key])
    for name, value in vars(view._visible_options).items():
        options._all_options.setdefault(name, value)
    view._all_options = options._all_options
    return view


def remember() -> None:
    """Let Beam ask here, in this process."""
    _core.get_function_args_defaults = arguments_of
    _options.PipelineOptions.view_as = view_as
    _userstate.get_dofn_specs = specs_of
