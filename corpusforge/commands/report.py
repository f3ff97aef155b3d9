"""`corpusforge report`: one HTML page about a snapshot, and its card."""

from __future__ import annotations

from collections.abc import Sequence

from corpusforge.card import measure, write_card
from corpusforge.commands.console import show
from corpusforge.commands.errors import usage_error
from corpusforge.cost.amount import cost_here
from corpusforge.cost.receipt import FINISH, note_stage
from corpusforge.files import read_bytes
from corpusforge.report import write_report


def write_pages(corpus: str, snapshot: str, *, is_charged: bool = True) -> tuple[str, str]:
    """Return the paths of the report and the card of a snapshot, written; what they take goes on its receipt.

    Not `is_charged`: the snapshot was there.
    """
    before = cost_here()
    page, card = write_report(corpus, snapshot), write_card(corpus, snapshot)
    if is_charged:
        note_stage(corpus, snapshot, FINISH, cost_here() - before)
    return page, card


def report(
    corpus: str,
    snapshot: str | None,
    card: bool,
    benchmarks: str | None = None,
    hits: str | None = None,
    verdicts: Sequence[str] = (),
    labelled: str | None = None,
) -> None:
    """Write the report and the card of a snapshot, and print where the report is; or print the card.

    What is given to measure by is measured first, and its figures kept for later cards too.
    """
    try:
        if benchmarks or hits or verdicts or labelled:
            measure(corpus, snapshot, benchmarks=benchmarks, hits=hits, verdicts=verdicts, labelled=labelled)
        path = write_report(corpus, snapshot)
        card_path = write_card(corpus, snapshot)
    except ValueError as error:  # no corpus, or an index that was changed: the line says which
        raise usage_error(str(error)) from None
    if card:
        show(*read_bytes(card_path).decode().removesuffix("\n").split("\n"))
        return
    show(path)
