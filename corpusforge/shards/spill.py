"""Documents of one part to a spill: tokens and text on disk, sorted for the shards to come.

A spill is made of runs, each sorted by (domain, subset, key, doc_id) in memory and written
out whole, so that a part of any size needs the memory of one run. A shard gathers the key
range that it owns from every run: how documents are cut into runs and spills leaves no
trace in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import IO, Any

import numpy as np
import pyarrow.compute as pyarrow_compute
import xxhash
from numpy.typing import NDArray

from corpusforge.files import join, publishing, read_bytes, write_bytes
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import METADATA_SCHEMA, SPILL_SCHEMA
from corpusforge.shards.format import canonical_json
from corpusforge.shards.oracle import check_sample, is_sampled
from corpusforge.shards.tokenizer import Batch, Tokenizer

pc: Any = pyarrow_compute

SPILL_VERSION = 2
RUN_TEXT_BYTES = 32 << 20
RUN_DOCUMENTS = 1 << 15
"""A run ends at whichever comes first: about 100 MB of text, tokens and rows in memory."""
TOKENIZE_BYTES = 1 << 20
"""Bytes of text handed to the tokenizer at once."""
SUFFIXES = {"tokens": ".tokens.bin", "text": ".text.bin", "docs": ".docs.arrow"}
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpillGroup:
    """The documents of one (domain, subset) in one run: one record batch, sorted by key."""

    domain: str
    subset: str
    n_docs: int
    n_tokens: int
    """EOS included."""
    n_bytes: int
    """Of text, in UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpillInfo:
    """What a spill holds: small, to be handed from worker to worker."""

    prefix: str
    """Path of the spill without the suffixes of its files."""
    seed: int
    tokenizer: dict[str, Any]
    dtype: str
    """Numpy's name of a token in the spill, and in the shards to come."""
    n_checked: int
    """Documents that an oracle tokenised again, alike."""
    groups: tuple[SpillGroup, ...]
    """In the order of the record batches of the rows file."""

    @property
    def n_docs(self) -> int:
        """Documents in the spill."""
        return sum(group.n_docs for group in self.groups)

    @property
    def n_tokens(self) -> int:
        """Tokens in the spill, EOS included."""
        return sum(group.n_tokens for group in self.groups)


def shard_key(doc_id: str, seed: int) -> int:
    """Return where a document lies in its (domain, subset): u64, by xxh3 of its id."""
    return xxhash.xxh3_64_intdigest(doc_id.encode(), seed=seed)


def write_spill(
    batches: Iterable[Any],
    tokenizer: Tokenizer,
    seed: int,
    folder: str,
    name: str,
    oracle_share: float = 0.0,
) -> SpillInfo:
    """Return what was written of documents to `folder/name.*`, the JSON last.

    `batches`: Arrow record batches of `DOCUMENT_SCHEMA`. Same documents in the same order, same
    bytes. Raises ValueError for a document without a domain or subset, and `TokensDiffer` where an
    oracle disagrees about one of the share that it is asked about.
    """
    prefix = join(folder, name)
    with ExitStack() as stack:
        local = {kind: stack.enter_context(publishing(prefix + end)) for kind, end in SUFFIXES.items()}
        # The streams close before `publishing` moves the files: an ExitStack unwinds backwards.
        tokens = stack.enter_context(open(local["tokens"], "wb"))
        text = stack.enter_context(open(local["text"], "wb"))
        rows = stack.enter_context(pa.ipc.new_file(local["docs"], SPILL_SCHEMA))
        writer = _RunWriter(tokenizer, oracle_share, tokens, text, rows)
        for run in _runs(batches):
            writer.write(_sorted_run(run, seed))
    info = SpillInfo(
        prefix=prefix,
        seed=seed,
        tokenizer=tokenizer.identity(),
        dtype=tokenizer.dtype,
        n_checked=writer.n_checked,
        groups=tuple(writer.groups),
    )
    value = {**asdict(info), "version": SPILL_VERSION}
    del value["prefix"]
    write_bytes(f"{prefix}.spill.json", canonical_json(value))
    return info


def read_spill(path: str) -> SpillInfo:
    """Return what `write_spill` returned, from its `.spill.json`."""
    value: dict[str, Any] = json.loads(read_bytes(path))
    if value.pop("version") != SPILL_VERSION:
        raise ValueError(f"{path}: written by another version: remove the spill and run again")
    groups = tuple(SpillGroup(**group) for group in value.pop("groups"))
    return SpillInfo(prefix=path.removesuffix(".spill.json"), groups=groups, **value)


def spill_files(prefix: str) -> list[str]:
    """Return the paths of the files of a spill, the JSON first: the order to remove them in."""
    return [f"{prefix}.spill.json", *(prefix + end for end in SUFFIXES.values())]


def _runs(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield documents in tables that are bounded in number and bytes."""
    run: list[Any] = []
    n_docs = n_bytes = 0
    for batch in batches:
        ends = np.cumsum(_text_bytes(batch))
        first = 0
        while first < len(ends):
            before = int(ends[first - 1]) if first else 0
            room = RUN_TEXT_BYTES - n_bytes
            # The document that fills the run is its last.
            last = int(np.searchsorted(ends, before + room)) + 1
            last = min(last, first + RUN_DOCUMENTS - n_docs, len(ends))
            run.append(batch.slice(first, last - first))
            n_docs, n_bytes = n_docs + last - first, n_bytes + int(ends[last - 1]) - before
            first = last
            if n_docs == RUN_DOCUMENTS or n_bytes >= RUN_TEXT_BYTES:
                yield pa.Table.from_batches(run)
                run, n_docs, n_bytes = [], 0, 0
    if run:
        yield pa.Table.from_batches(run)


def _text_bytes(rows: Any) -> NDArray[np.int64]:
    return np.asarray(pc.binary_length(rows["text"]), np.int64)


def _sorted_run(run: Any, seed: int) -> Any:
    """Return documents with their keys, sorted by (domain, subset, key, doc_id)."""
    keys = [shard_key(doc_id, seed) for doc_id in run["doc_id"].to_pylist()]
    table = run.append_column("key", pa.array(keys, pa.uint64()))
    by = [(name, "ascending") for name in ("domain", "subset", "key", "doc_id")]
    return table.take(pc.sort_indices(table, sort_keys=by)).combine_chunks()


class _RunWriter:
    """Writes sorted runs: their text, their tokens, and a record batch for each (domain, subset)."""

    def __init__(
        self, tokenizer: Tokenizer, oracle_share: float, tokens: IO[bytes], text: IO[bytes], rows: Any
    ) -> None:
        self._tokenizer, self._oracle_share = tokenizer, oracle_share
        self._tokens, self._text, self._rows = tokens, text, rows
        self._n_tokens = self._n_bytes = 0
        self.groups: list[SpillGroup] = []
        self.n_checked = 0

    def write(self, run: Any) -> None:
        """Write one run, sorted."""
        for first, last in _groups(run):
            self._write_group(run.slice(first, last - first))

    def _write_group(self, group: Any) -> None:
        domain, subset = group["domain"][0].as_py(), group["subset"][0].as_py()
        if not (_NAME.fullmatch(domain or "") and _NAME.fullmatch(subset or "")):
            locator = group["locator"][0].as_py()
            raise ValueError(f"{locator}: no shard for domain {domain or ''!r}, subset {subset or ''!r}")
        text_lengths = _text_bytes(group)
        lengths = self._write_text(group, text_lengths)
        n_tokens, n_bytes = int(lengths.sum()), int(text_lengths.sum())
        columns = [
            pa.array(text_lengths) if name == "n_bytes" else group[name].combine_chunks()
            for name in METADATA_SCHEMA.names
        ]
        columns += [
            group["key"].combine_chunks(),
            pa.array((self._n_tokens + np.cumsum(lengths) - lengths).astype(np.uint64)),
            pa.array(lengths.astype(np.uint32)),
            pa.array((self._n_bytes + np.cumsum(text_lengths) - text_lengths).astype(np.uint64)),
            pa.array(text_lengths.astype(np.uint64)),
        ]
        self._rows.write_batch(pa.RecordBatch.from_arrays(columns, schema=SPILL_SCHEMA))
        self._n_tokens, self._n_bytes = self._n_tokens + n_tokens, self._n_bytes + n_bytes
        self.groups.append(
            SpillGroup(domain=domain, subset=subset, n_docs=len(group), n_tokens=n_tokens, n_bytes=n_bytes)
        )

    def _write_text(self, group: Any, text_lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Write the text of documents, and their ids and an EOS each; return their tokens, EOS included."""
        data = _text_buffer(group)
        self._text.write(data)
        ends = np.cumsum(text_lengths)
        lengths: list[NDArray[np.int64]] = []
        first = 0
        while first < len(ends):
            before = int(ends[first - 1]) if first else 0
            last = min(int(np.searchsorted(ends, before + TOKENIZE_BYTES)) + 1, len(ends))
            cuts = [before, *ends[first:last].tolist()]
            texts = [bytes(data[start:stop]) for start, stop in pairwise(cuts)]
            ids, offsets = batch = self._tokenizer.encode_utf8(texts)
            self._check(group.slice(first, last - first), texts, batch)
            closed = np.insert(ids, offsets[1:], self._tokenizer.eos_id)
            self._tokens.write(closed.astype(self._tokenizer.dtype, copy=False).data)
            lengths.append(np.diff(offsets) + 1)
            first = last
        return np.concatenate(lengths)

    def _check(self, rows: Any, texts: Sequence[bytes], found: Batch) -> None:
        if not self._oracle_share:
            return
        doc_ids = rows["doc_id"].to_pylist()
        sampled = [place for place, name in enumerate(doc_ids) if is_sampled(name, self._oracle_share)]
        locators = rows["locator"].take(pa.array(sampled, pa.int64())).to_pylist()
        names = {place: f"{doc_ids[place]} ({at})" for place, at in zip(sampled, locators, strict=True)}
        self.n_checked += check_sample(self._tokenizer, texts, names, found)


def _groups(run: Any) -> list[tuple[int, int]]:
    """Return the rows [first, last) of each (domain, subset) of a sorted run."""
    codes = [run[name].combine_chunks().dictionary_encode().indices for name in ("domain", "subset")]
    changes = [np.diff(np.asarray(code.fill_null(-1))) != 0 for code in codes]
    cuts = (np.flatnonzero(np.logical_or(*changes)) + 1).tolist()
    return list(pairwise([0, *cuts, run.num_rows]))


def _text_buffer(group: Any) -> memoryview:
    """Return the text of documents end to end, as it lies in memory."""
    column = group["text"].combine_chunks()
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, "<i8")[[column.offset, column.offset + len(column)]].tolist()
    return memoryview(data)[slice(*bounds)] if data else memoryview(b"")
