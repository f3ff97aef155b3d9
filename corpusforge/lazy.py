"""The public names of a package, each loaded with its module at its first use (PEP 562).

Importing a package of many rooms then loads none of them, and a command loads what it calls.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping


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
