"""A step of the study's build: documents that no arm may read are marked, by a hash of their text."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from corpusforge import StepDocument

SIGNAL = "held_out"


def mark(document: StepDocument, *, share: float, seed: int) -> StepDocument:
    """Return a document with the signal `held_out`: 1 for that share of all texts, 0 for the others.

    The same text is held out wherever it comes from, and near-duplicates are gone from the corpus but
    for one of each cluster: what is held out has no copy among what is read.
    """
    key = hashlib.sha256(f"{seed}\0{document.text}".encode()).digest()
    is_held_out = int.from_bytes(key[:8], "big") < share * 2**64
    return replace(document, signals={**document.signals, SIGNAL: float(is_held_out)})
