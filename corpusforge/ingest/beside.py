"""What a part rests on beside its own dump: other files, and where the dump lies. Declared, or refused.

A reader gets it through `beside` alone. What it declares there is in the part's identity and is looked
at again when the part was read. While a dump is read, `opening.opened` opens nothing that is not
declared: a reader that takes from elsewhere fails at once, in its first test.

To give a kind of dump a side input, write a function `InputFile -> Beside`, name it in `_DECLARED`, and
read what `beside(input)` returns.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import local
from typing import TypeVar

from corpusforge.document import SourceKind
from corpusforge.files import Entry, list_entries
from corpusforge.ingest.inputs import InputFile

_T = TypeVar("_T")
_DECLARED: dict[SourceKind, str] = {
    SourceKind.GITHUB: "corpusforge.ingest.repositories.bigquery:tables_beside",
    SourceKind.STACKEXCHANGE: "corpusforge.ingest.stackexchange.threads:site_beside",
}
"""`module:function` of each kind whose reader takes more than its dump."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a reader takes from beside its dump."""

    files: tuple[Entry, ...] = ()
    """Sorted by path; they lie in the dump's folder."""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What follows from where the dump lies."""
    looked_at: str = ""
    """The glob among whose files `files` were chosen, by their content."""

    def candidates(self) -> Iterator[Entry]:
        """Yield what lies now where `files` were chosen: unchanged, the choice is the same."""
        if self.looked_at:
            yield from list_entries(self.looked_at)


class _Reading(local):
    """What this thread reads: whose records, and what was declared."""

    input: InputFile | None = None
    found: Beside | None = None


_reading = _Reading()


def beside(input: InputFile, kind: SourceKind | None = None) -> Beside:
    """Return what the reader of a dump takes from beside it: the one way to a side input.

    `kind` is for a reader that is handed a dump whose kind it alone knows.
    """
    if _reading.found is not None and _reading.input is not None and _reading.input.path == input.path:
        return _reading.found
    kind = kind or input.kind
    if kind is None or kind not in _DECLARED:
        return Beside()
    module, _, function = _DECLARED[kind].partition(":")
    declare: Callable[[InputFile], Beside] = getattr(importlib.import_module(module), function)
    return declare(input)


def declared(input: InputFile, records: Iterable[_T]) -> Iterator[_T]:
    """Yield what a reader of a dump yields; it may open what is declared, nothing else."""
    found = beside(input)
    waiting = iter(records)
    while True:
        before = _reading.input, _reading.found
        _reading.input, _reading.found = input, found
        try:
            record = next(waiting)
        except StopIteration:
            return
        finally:
            _reading.input, _reading.found = before
        yield record


def check_declared(path: str) -> None:
    """Raise RuntimeError where this thread reads a dump that does not declare a path."""
    input, found = _reading.input, _reading.found
    if input is None or found is None or path == input.path or path.startswith(input.path.rstrip("/") + "/"):
        return
    if all(entry.path != path for entry in found.files):
        raise RuntimeError(
            f"{path} is read for {input.name} and not declared: see corpusforge/ingest/beside.py"
        )
