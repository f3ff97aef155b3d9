"""The indexes of many spills in one table, and the sums of them: what the next level is planned from.

tables/NNNNNN.parquet     the blocks of up to `TABLE_SPILLS` spills (`blocks.BLOCK_DTYPE`), in order
sums.json                 `Sums` of all; written last: it commits the spills

What a task needs to know of its inputs are refs: byte ranges of whole blocks, 20 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import exists, publishing
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.arrow import pa
from corpusforge.shards.blocks import BLOCK_DTYPE, REF_DTYPE
from corpusforge.shards.places import Cuts
from corpusforge.shards.spill import Count, SpillInfo

TABLE_SPILLS = 256
"""Spills of one table: some 40 MB of index in memory where each holds a gigabyte."""
READ_BYTES = 32 << 20
"""A ref ends about where so many bytes of a file do: what one read holds in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What spills hold together."""

    seed: int | None = None
    """None of all three where there are no spills."""
    tokenizer: Mapping[str, Any] | None = None
    dtype: str | None = None
    n_checked: int = 0
    n_spills: int = 0
    n_runs: int = 0
    n_blocks: int = 0
    n_bytes: int = 0
    """Of blocks, as stored."""
    counts: tuple[Count, ...] = ()
    """Sorted by source, domain and subset."""

    @property
    def n_docs(self) -> int:
        """Documents in all spills."""
        return sum(count.documents for count in self.counts)

    @property
    def n_tokens(self) -> int:
        """Tokens in all spills, EOS included."""
        return sum(count.tokens for count in self.counts)

    def by_group(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Return (documents, tokens, bytes of text) by (domain, subset), sorted."""
        found: dict[tuple[str, str], tuple[int, int, int]] = {}
        for count in self.counts:
            documents, tokens, n_bytes = found.get((count.domain, count.subset), (0, 0, 0))
            found[count.domain, count.subset] = (
                documents + count.documents,
                tokens + count.tokens,
                n_bytes + count.bytes,
            )
        return dict(sorted(found.items()))


def sums_of(info: SpillInfo) -> Sums:
    """Return the sums of one spill."""
    return Sums(
        seed=info.seed,
        tokenizer=info.tokenizer,
        dtype=info.dtype,
        n_checked=info.n_checked,
        n_spills=1,
        n_runs=info.n_runs,
        n_blocks=len(info.index),
        n_bytes=int(info.index["length"].sum()),
        counts=info.counts,
    )


def add_sums(sums: Iterable[Sums]) -> Sums:
    """Return the sums together; ValueError where they differ in tokenizer or seed."""
    total = Sums()
    counts: dict[tuple[str, str, str], NDArray[np.int64]] = {}
    for one in sums:
        if one.tokenizer is None:
            continue
        identity = (one.tokenizer, one.dtype, one.seed)
        if total.tokenizer is not None and identity != (total.tokenizer, total.dtype, total.seed):
            raise ValueError("spills of one build were made with another tokenizer or seed")
        total = replace(
            one,
            n_checked=total.n_checked + one.n_checked,
            n_spills=total.n_spills + one.n_spills,
            n_runs=total.n_runs + one.n_runs,
            n_blocks=total.n_blocks + one.n_blocks,
            n_bytes=total.n_bytes + one.n_bytes,
        )
        for count in one.counts:
            more = np.array([count.documents, count.tokens, count.bytes])
            key = (count.source, count.domain, count.subset)
            counts[key] = counts[key] + more if key in counts else more
    added: list[Count] = []
    for (source, domain, subset), (documents, tokens, n_bytes) in sorted(counts.items()):
        added.append(
            Count(
                source=source,
                domain=domain,
                subset=subset,
                documents=int(documents),
                tokens=int(tokens),
                bytes=int(n_bytes),
            )
        )
    return replace(total, counts=tuple(added))


def write_sums(path: str, sums: Sums) -> None:
    """Publish sums as JSON."""
    write_json(path, asdict(sums))


def read_sums(path: str) -> Sums | None:
    """Return published sums; None where there are none yet."""
    if not exists(path):
        return None
    value = read_json(path)
    value["counts"] = tuple(Count(**count) for count in value["counts"])
    return Sums(**value)


def write_table(path: str, infos: Sequence[SpillInfo]) -> None:
    """Publish the indexes of spills as one table, in the order of their numbers."""
    index = np.concatenate([info.index for info in sorted(infos, key=lambda info: info.number)])
    names = BLOCK_DTYPE.names or ()
    table = pa.table({name: np.ascontiguousarray(index[name]) for name in names})
    with publishing(path) as local:
        write_sealed_table(table, local, compression="zstd")


def read_table(path: str) -> NDArray[Any]:
    """Return the rows of a table as `blocks.BLOCK_DTYPE`."""
    with open_sealed_parquet(path) as file:
        table = file.read()
    index = np.empty(table.num_rows, BLOCK_DTYPE)
    for name in BLOCK_DTYPE.names or ():
        index[name] = table[name].to_numpy()
    return index


def refs_by_target(index: NDArray[Any], cuts: Cuts) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (target, refs of `blocks.REF_DTYPE`): the byte ranges that hold rows of each target.

    `index`: blocks in the order of their files. A block of several targets is a ref of each.
    """
    first = cuts.find(index["first_group"], index["first_key"])
    counts = cuts.find(index["last_group"], index["last_key"]) - first + 1
    block = np.repeat(np.arange(len(index)), counts)
    target = first[block] + np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
    order = np.argsort(target, kind="stable")
    target, entries = target[order], index[block[order]]
    ends = entries["start"] + entries["length"]
    joins = (np.diff(target) == 0) & (np.diff(entries["file"].astype(np.int64)) == 0)
    joins &= entries["start"][1:] == ends[:-1]
    joins &= np.diff(entries["start"] // READ_BYTES) == 0
    begins = np.flatnonzero(np.insert(~joins, 0, True)[: len(entries)])
    refs = np.empty(len(begins), REF_DTYPE)
    refs["file"], refs["start"] = entries["file"][begins], entries["start"][begins]
    last = np.append(begins[1:], len(entries)) - 1
    refs["length"] = ends[last] - refs["start"]
    of_refs = target[begins]
    cut = np.flatnonzero(np.diff(of_refs)) + 1
    for places in np.split(np.arange(len(refs)), cut):
        if len(places):
            yield int(of_refs[places[0]]), refs[places]
