"""The corpus card: what a snapshot holds, what was left out, by which thresholds, and how good they are.

index ──┐
shards ─┼─▶ sample ─▶ sections ─▶ snapshots/<id>/card.md,  croissant.json
audits ─┘

Every figure follows from files of the corpus, and the file or command stands beside it. A build
writes the card from a bounded sample; what costs more (recall by injection, verdicts of people,
labelled rows) is measured where it is asked for and kept in `snapshots/<id>/audits.json`.
"""

from __future__ import annotations

from corpusforge.card.audits import measure
from corpusforge.card.write import card_path, render_card, write_card

__all__ = ["card_path", "measure", "render_card", "write_card"]
