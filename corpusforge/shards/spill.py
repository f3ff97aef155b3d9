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
from itertools import groupby
from operator import itemgetter
from typing import IO, Any

import numpy as np
import xxhash

from corpusforge.document import Document
from corpusforge.files import join, publishing, read_bytes, write_bytes
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import SPILL_SCHEMA, metadata_arrays
from corpusforge.shards.format import TOKEN_DTYPE, canonical_json
from corpusforge.shards.tokenizer import Tokenizer

SPILL_VERSION = 1
RUN_TEXT_BYTES = 32 << 20
RUN_DOCUMENTS = 1 << 15
"""A run ends at whichever comes first: about 100 MB of text, tokens and rows in memory."""
TOKENIZE_CHARS = 1 << 20
"""Characters handed to the tokenizer at once."""
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
    documents: Iterable[Document], tokenizer: Tokenizer, seed: int, folder: str, name: str
) -> SpillInfo:
    """Return what was written of documents to `folder/name.*`, the JSON last.

    Same documents in the same order, same bytes. Raises ValueError for a document without
    a domain or subset.
    """
    prefix = join(folder, name)
    groups: list[SpillGroup] = []
    with ExitStack() as stack:
        local = {kind: stack.enter_context(publishing(prefix + end)) for kind, end in SUFFIXES.items()}
        # The streams close before `publishing` moves the files: an ExitStack unwinds backwards.
        tokens = stack.enter_context(open(local["tokens"], "wb"))
        text = stack.enter_context(open(local["text"], "wb"))
        rows = stack.enter_context(pa.ipc.new_file(local["docs"], SPILL_SCHEMA))
        for run in _runs(documents, seed):
            groups.extend(_write_run(run, tokenizer, tokens, text, rows))
    info = SpillInfo(prefix=prefix, seed=seed, tokenizer=tokenizer.identity(), groups=tuple(groups))
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


_Entry = tuple[str, str, int, str, Document, bytes]  # domain, subset, key, doc_id, document, text


def _runs(documents: Iterable[Document], seed: int) -> Iterator[list[_Entry]]:
    """Yield documents in sorted lists that are bounded in number and bytes."""
    run: list[_Entry] = []
    n_bytes = 0
    for document in documents:
        domain, subset = document.domain or "", document.subset or ""
        if not (_NAME.fullmatch(domain) and _NAME.fullmatch(subset)):
            raise ValueError(f"{document.locator}: no shard for domain {domain!r}, subset {subset!r}")
        text = document.text.encode()
        run.append((domain, subset, shard_key(document.doc_id, seed), document.doc_id, document, text))
        n_bytes += len(text)
        if len(run) == RUN_DOCUMENTS or n_bytes >= RUN_TEXT_BYTES:
            yield sorted(run, key=itemgetter(0, 1, 2, 3))
            run, n_bytes = [], 0
    if run:
        yield sorted(run, key=itemgetter(0, 1, 2, 3))


def _write_run(
    run: list[_Entry], tokenizer: Tokenizer, tokens: IO[bytes], text: IO[bytes], rows: Any
) -> Iterator[SpillGroup]:
    for (domain, subset), entries in groupby(run, key=itemgetter(0, 1)):
        group = list(entries)
        text_start, token_start = text.tell(), tokens.tell() // 4
        for entry in group:
            text.write(entry[5])
        lengths = _write_tokens([entry[4].text for entry in group], tokenizer, tokens)
        text_lengths = [len(entry[5]) for entry in group]
        columns = [
            *metadata_arrays([entry[4] for entry in group], text_lengths),
            pa.array([entry[2] for entry in group], pa.uint64()),
            pa.array(_starts(token_start, lengths), pa.uint64()),
            pa.array(lengths, pa.uint32()),
            pa.array(_starts(text_start, text_lengths), pa.uint64()),
            pa.array(text_lengths, pa.uint64()),
        ]
        rows.write_batch(pa.RecordBatch.from_arrays(columns, schema=SPILL_SCHEMA))
        yield SpillGroup(
            domain=domain,
            subset=subset,
            n_docs=len(group),
            n_tokens=sum(lengths),
            n_bytes=sum(text_lengths),
        )


def _write_tokens(texts: Sequence[str], tokenizer: Tokenizer, stream: IO[bytes]) -> list[int]:
    """Write the ids of each text and an EOS; return the tokens of each, EOS included."""
    lengths: list[int] = []
    for batch in _batches(texts):
        ids, offsets = tokenizer.encode_batch(batch)
        stream.write(np.insert(ids, offsets[1:], tokenizer.eos_id).astype(TOKEN_DTYPE, copy=False).tobytes())
        lengths.extend((np.diff(offsets) + 1).tolist())
    return lengths


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    n_chars = 0
    for text in texts:
        batch.append(text)
        n_chars += len(text)
        if n_chars >= TOKENIZE_CHARS:
            yield batch
            batch, n_chars = [], 0
    if batch:
        yield batch


def _starts(first: int, lengths: Sequence[int]) -> Any:
    return first + np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
