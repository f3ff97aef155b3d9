"""`corpusforge report`: one HTML page about a snapshot."""

from __future__ import annotations

from corpusforge.commands.console import show
from corpusforge.commands.errors import usage_error
from corpusforge.report import write_report


def report(corpus: str, snapshot: str | None) -> None:
    """Write the report of a snapshot into its folder and print where it is."""
    try:
        path = write_report(corpus, snapshot)
    except ValueError as error:  # no corpus, or an index that was changed: the line says which
        raise usage_error(str(error)) from None
    show(path)
