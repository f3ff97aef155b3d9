"""`corpusforge train` and `evaluate`: the way into the workshop of classifiers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from corpusforge.commands.errors import CommandError


def forward(verb: str, arguments: Sequence[str]) -> None:
    """Run `classifiers.<verb>.main` with the arguments as they were given.

    Raises `CommandError` where this installation holds no workshop.
    """
    module = f"classifiers.{verb}"
    try:
        main = importlib.import_module(module).main
    except ModuleNotFoundError as error:
        if error.name not in (module, "classifiers"):
            raise
        raise CommandError(f"{verb}: the package `classifiers` is not installed with this command") from None
    status: int | None = main(list(arguments))
    if status:
        sys.exit(status)
