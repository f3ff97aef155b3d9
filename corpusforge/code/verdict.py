"""What the split made of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpusforge.document import DropReason
from corpusforge.domains import Domain


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the split made of a file.

    `domain` and `drop` are both None for a document (prose, or too little code): the
    label step judges it like a web page.
    """

    reason: str
    domain: Domain | None = None
    drop: DropReason | None = None
    language: str | None = None
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
