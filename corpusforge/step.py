"""What a step of one's own is given and returns: `[[steps]]` of a configuration names such a function.

    from dataclasses import replace
    from corpusforge import StepDocument, StepDrop

    def no_boilerplate(document: StepDocument, *, mark: str) -> StepDocument | StepDrop:
        if document.text.startswith(mark):
            return StepDrop("begins with the mark")
        return replace(document, text=document.text.replace(mark, ""))

A step is a plain function of one document and the `parameters` of its table, by name. It is called in a
child process with a deadline and a memory limit; what it raises costs the one record. It must give the same
result for the same document: nothing of time, chance, order or of what it saw before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDocument:
    """One document as a step sees it; `dataclasses.replace` gives one with other values."""

    doc_id: str
    """32 hex digits. This and the next three a step must leave as they are."""
    source: str
    """The name of the source in the configuration."""
    source_kind: str
    """`warc`, `github`, `notebooks`, `mediawiki`, `stackexchange`, `books` or `jsonl`."""
    locator: str
    """Leads back to the bytes."""
    text: str
    url: str | None = None
    host: str | None = None
    repo: str | None = None
    path: str | None = None
    title: str | None = None
    date: str | None = None
    """ISO 8601, as exact as the source tells."""
    language: str | None = None
    """BCP-47; None before `label`."""
    programming_language: str | None = None
    licence: str | None = None
    """SPDX expression."""
    domain: str | None = None
    """None before `label`, unless the file is a program."""
    subset: str | None = None
    math_score: float | None = None
    """0-1, read only."""
    scaffold_score: float | None = None
    """0-1, read only."""
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    """Numbers by name; those that a step adds are stored with the document."""
    notes: Sequence[str] = ()
    """What was left out or repaired, for a person."""


@dataclass(frozen=True, slots=True)
class StepDrop:
    """The document leaves, with the reason `step:NAME`."""

    detail: str = ""
    """The rule and its figures, in one line for a person."""


class OwnReason(str):
    """A reason that a configuration adds: `step:NAME` of a step, `classifier:NAME` of a threshold."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The reason as it is written, as of a `DropReason`."""
        return str(self)
