"""What a reader is given: where a dump lies, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from corpusforge.document import SourceKind


@dataclass(frozen=True, slots=True)
class InputFile:
    """One dump to read: a file, or a folder that is a repository."""

    path: str
    """Where to open it: local path, or object of a store. Never part of a record."""
    name: str
    """The relative name that locators use, the same on every machine."""
    source: str
    """The name of the source in the configuration."""
    kind: SourceKind | None = None
    """What it is; detected from the content when None."""
    columns: tuple[tuple[str, str], ...] = ()
    """(field, column) for each column of its rows that the source names itself."""
