"""An opened snapshot, and what is remembered of it while the server runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from corpusforge.report.summary import Summary, summarise
from corpusforge.shards.snapshot import Index
from corpusforge.verdicts import Sample, sample_documents
from corpusforge.verdicts import Stratum as ReadingStratum
from corpusforge.view.html import page
from corpusforge.view.sample import Stratum, draw
from corpusforge.view.tables import Tables
from corpusforge.view.thresholds import Limit, limits_of

Trace = Callable[[str, str, Index], Mapping[str, Any] | None]
"""(document id, corpus, index) -> how the document ended; None where it was never read."""


@dataclass(eq=False)
class Explorer:
    """One snapshot of one corpus."""

    corpus: str
    index: Index
    trace: Trace
    verdicts_path: str
    """Where verdicts of people are written: a local file."""
    tables: Tables = field(init=False)

    def __post_init__(self) -> None:
        self.tables = Tables(self.corpus, self.index.rows)
        self._lock = threading.Lock()

    @cached_property
    def name(self) -> str:
        """What the corpus is called."""
        return str(self.index.header.get("corpus_id", "corpus"))

    @cached_property
    def summary(self) -> Summary:
        """The sums of the index."""
        return summarise(self.index.header.get("conservation", {}))

    @cached_property
    def limits(self) -> Mapping[str, list[Limit]]:
        """Thresholds of the configuration by column or signal."""
        return limits_of(self.index.header.get("config", {}))

    def warm(self) -> None:
        """Do before the first view what it would wait for; faults are told by the view."""
        with suppress(Exception):
            _ = self.sample, self.limits, self.dedup_folders

    @property
    def sample(self) -> list[Stratum]:
        """A sample of every (domain, subset), drawn at the first look."""
        with self._lock:
            return self._sample

    @cached_property
    def _sample(self) -> list[Stratum]:
        return draw(self.tables, self.index)

    @cached_property
    def dedup_folders(self) -> list[str]:
        """The dedup runs that the snapshot stands on."""
        from corpusforge.view.runs import dedup_runs  # loads every step's configuration: a second

        return dedup_runs(self.corpus, self.index)

    @cached_property
    def n_documents(self) -> int:
        """Documents of the snapshot."""
        return sum(row.n_docs for row in self.index.rows)

    @lru_cache(maxsize=8)  # noqa: B019: an explorer lives as long as the process
    def reading_sample(self, stratum: ReadingStratum, n_documents: int, seed: int) -> Sample:
        """Return random documents of a stratum for a person to read."""
        return sample_documents(self.corpus, self.index, stratum, n_documents, seed)

    def suggestions(self, column: str, most: int = 40) -> list[str]:
        """Return the most frequent values of a column in the sample."""
        counts: dict[str, float] = {}
        for stratum in self.sample:
            for value, n in stratum.names.get(column, ())[:most]:
                counts[value] = counts.get(value, 0) + n * stratum.weight
        return sorted(counts, key=lambda value: (-counts[value], value))[:most]

    def page(self, title: str, body: str, active: str) -> str:
        """Return a whole page of this corpus."""
        return page(title, body, active=active, corpus=self.name, snapshot=self.index.snapshot)
