"""`corpusforge train` and `evaluate`: the way into the workshop of classifiers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from corpusforge.commands.errors import CommandError
from corpusforge.commands.terminal import shown_streams

_PARTS = ("collect",)
"""Modules of the workshop that `corpusforge train PART` runs: what comes before a training."""


def forward(verb: str, arguments: Sequence[str]) -> None:
    """Run the workshop's `<verb>.main` with the arguments as given; `train collect …` runs `collect`.

    Raises `CommandError` where this installation holds no workshop.
    """
    if verb == "train" and arguments and arguments[0] in _PARTS:
        verb, arguments = arguments[0], arguments[1:]
    if verb == "evaluate" and arguments[:1] == ["decontamination"]:  # no classifier: part of the library
        from corpusforge.commands.decontamination import evaluate

        evaluate(arguments[1:])
        return
    if verb == "evaluate" and any(given.partition("=")[0] == "--verdicts" for given in arguments):
        from corpusforge.commands.verdicts import evaluate

        evaluate(arguments)
        return
    module = f"corpusforge_classifiers.{verb}"
    try:
        main = importlib.import_module(module).main
    except ModuleNotFoundError as error:
        if error.name not in (module, "corpusforge_classifiers"):
            raise
        raise CommandError(f"{verb}: this installation holds no corpusforge_classifiers") from None
    with shown_streams():
        status: int | None = main(list(arguments))
    if status:
        sys.exit(status)
