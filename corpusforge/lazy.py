"""What is loaded late or not at all: names of a package at their first use, modules that none here needs.

Importing a package of many rooms then loads none of them (PEP 562), and a command loads what it calls.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast


def at_first_use(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package; `modules`: where in it each name lies.

    >>> at_first_use("corpusforge", {"Sample": "reader"})[0]("Sample").__module__
    'corpusforge.reader.samples'
    """

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)  # not asked for again
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return get, names


@contextmanager
def without(*modules: str) -> Generator[list[str]]:
    """Let the imports of some modules fail, for what can do without; yield which: those not loaded before.

    Afterwards they can be imported like any. With other threads nothing is done: they may import them now.
    """
    absent = [] if threading.active_count() > 1 else [name for name in modules if name not in sys.modules]
    for name in absent:
        sys.modules[name] = cast(Any, None)
    try:
        yield absent
    finally:
        for name in absent:
            del sys.modules[name]
