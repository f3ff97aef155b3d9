"""`corpusforge report`: one HTML page about a snapshot, and its card."""

from __future__ import annotations

from corpusforge.card import write_card
from corpusforge.commands.console import show
from corpusforge.commands.errors import usage_error
from corpusforge.files import read_bytes
from corpusforge.report import write_report


def report(corpus: str, snapshot: str | None, card: bool) -> None:
    """Write the report and the card of a snapshot, and print where the report is; or print the card."""
    try:
        path = write_report(corpus, snapshot)
        card_path = write_card(corpus, snapshot)
    except ValueError as error:  # no corpus, or an index that was changed: the line says which
        raise usage_error(str(error)) from None
    if card:
        show(*read_bytes(card_path).decode().removesuffix("\n").split("\n"))
        return
    show(path)
