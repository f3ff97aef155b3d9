"""`gc.json`: which snapshots were removed from a corpus, and what an unfinished removal still takes.

Written before the first file goes, so that a removal that was killed goes on: what stood on a snapshot is
told by its index, and the index goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpusforge.files import exists, join
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.format import REMOVED

FOLDERS = ("plan", "clusters", "repeats", "tokenizers", "plans/samples")
"""Where names are of one build or of a plan, and claimed by it."""


def _no_names() -> dict[str, frozenset[str]]:
    return {folder: frozenset[str]() for folder in FOLDERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was removed from a corpus."""

    snapshots: frozenset[str] = frozenset()
    """Ids, of all removals."""
    going: Mapping[str, frozenset[str]] = field(default_factory=_no_names)
    """Names by folder that what is being removed stood on; none once a removal is done."""

    @property
    def is_open(self) -> bool:
        """Whether a removal has not come to its end."""
        return any(self.going.values())


def read_record(corpus: str) -> Record:
    """Return what was removed from a corpus."""
    path = join(corpus, REMOVED)
    if not exists(path):
        return Record()
    value: dict[str, Any] = read_json(path)
    going = {folder: frozenset(value["going"].get(folder, ())) for folder in FOLDERS}
    return Record(snapshots=frozenset(value["snapshots"]), going=going)


def write_record(corpus: str, record: Record) -> None:
    """Publish what was removed, sealed."""
    going = {folder: sorted(names) for folder, names in record.going.items()}
    write_json(join(corpus, REMOVED), {"snapshots": sorted(record.snapshots), "going": going})
