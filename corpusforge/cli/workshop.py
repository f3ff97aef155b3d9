"""Classifiers from labelled data."""

from __future__ import annotations

from typing import Any

import typer

from corpusforge.cli.app import app

_ALL_ON: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_ALL_ON, epilog="Example: `corpusforge train --recipe math.toml --data DATA`")
def train(context: typer.Context) -> None:
    """Train a classifier from labelled data: model, pin and model card (`train --help` for its options)."""
    from corpusforge.commands.workshop import forward

    forward("train", context.args)


@app.command(context_settings=_ALL_ON, epilog="Example: `corpusforge evaluate --task math --data dev.jsonl`")
def evaluate(context: typer.Context) -> None:
    """Evaluate a classifier on labelled data (`evaluate --help`), or other things.

    `evaluate decontamination --help`: recall by injection of test items.
    `evaluate --verdicts FILE CORPUS`: error rates of a corpus from what people said of its documents.
    """
    from corpusforge.commands.workshop import forward

    forward("evaluate", context.args)
