"""What a dataset card says of the documents, counted as they pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow.compute

from corpusforge.domains import SUBSETS
from corpusforge.shards.arrow import pa

pc: Any = cast(Any, pyarrow.compute)


@dataclass(slots=True, kw_only=True)
class Count:
    """Documents, tokens with EOS, and bytes of text in UTF-8."""

    documents: int = 0
    tokens: int = 0
    n_bytes: int = 0


def _counts() -> defaultdict[str, Count]:
    return defaultdict(Count)


@dataclass(slots=True, kw_only=True)
class Figures:
    """Sums by the values of a few columns; the empty name stands for documents without one."""

    source: dict[str, Count] = field(default_factory=_counts)
    language: dict[str, Count] = field(default_factory=_counts)
    programming_language: dict[str, Count] = field(default_factory=_counts)
    licence: dict[str, Count] = field(default_factory=_counts)
    subset: dict[str, Count] = field(default_factory=_counts)
    """By `domain/subset`."""

    def add(self, table: Any, subset: str) -> None:
        """Count the documents of a table, all of one `domain/subset`: by their text, where it is there."""
        has_text = "text" in table.column_names
        n_bytes = pc.binary_length(table["text"]) if has_text else table["n_bytes"]
        sizes = pa.table({"n_tokens": table["n_tokens"], "bytes": n_bytes})
        for name in ("source", "language", "programming_language", "licence"):
            _add(getattr(self, name), sizes.append_column("key", table[name].fill_null("")))
        _add(self.subset, sizes.append_column("key", pa.array([subset] * table.num_rows, pa.string())))

    @property
    def whole(self) -> Count:
        """All documents."""
        counts = self.subset.values()
        return Count(
            documents=sum(one.documents for one in counts),
            tokens=sum(one.tokens for one in counts),
            n_bytes=sum(one.n_bytes for one in counts),
        )


def _add(counts: dict[str, Count], sizes: Any) -> None:
    sums = sizes.group_by("key").aggregate([("key", "count"), ("n_tokens", "sum"), ("bytes", "sum")])
    for row in cast("list[dict[str, Any]]", sums.to_pylist()):
        count = counts[row["key"]]
        count.documents += row["key_count"]
        count.tokens += row["n_tokens_sum"]
        count.n_bytes += row["bytes_sum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A Parquet file of an export."""

    path: str
    """Relative to the export, `/` between its parts."""
    domain: str
    subset: str
    n_docs: int
    n_bytes: int
    arrow_bytes: int
    """Of its tables in memory."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A part of the dataset that is loaded by its name."""

    name: str
    pattern: str
    """A glob over the files of the export."""
    files: list[DataFile]


def configs(files: Sequence[DataFile]) -> list[Config]:
    """Return `all`, each domain, and each subset of a domain that has several."""
    found = [Config(name="all", pattern="data/**/*.parquet", files=list(files))]
    for domain, subsets in SUBSETS.items():
        of_domain = [file for file in files if file.domain == domain]
        pattern = f"data/{domain}/*.parquet" if len(subsets) == 1 else f"data/{domain}/**/*.parquet"
        found.append(Config(name=domain.value, pattern=pattern, files=of_domain))
        for subset in subsets if len(subsets) > 1 else ():
            of_subset = [file for file in of_domain if file.subset == subset]
            pattern = f"data/{domain}/{subset}/*.parquet"
            found.append(Config(name=f"{domain}-{subset}", pattern=pattern, files=of_subset))
    return [config for config in found if config.files]
