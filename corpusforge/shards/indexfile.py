"""An index as a reader may trust it: every key, type and sum checked before anything is opened by it.

The command's `verify` and the trainer's reader call the same function, so that they agree. Standard
library and numpy only. What lies in the shards themselves is checked where it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.domains import SUBSETS
from corpusforge.shards.format import (
    BLOCK_BYTES,
    ID_DIGITS,
    INDEX_VERSION,
    REMOVED,
    ShardRow,
    canonical_json,
    index_path,
    manifest_path,
    shard_id,
    token_bound,
    totals,
    unseal,
)
from corpusforge.shards.manifest import read_rows
from corpusforge.shards.schema import INDEX_SCHEMA
from corpusforge.shards.shape import shape_fault

Read = Callable[[str], bytes]
"""A file by its path, relative to the corpus; FileNotFoundError where there is none."""

_GROUPS = frozenset((domain.value, subset.value) for domain, subsets in SUBSETS.items() for subset in subsets)


def check_snapshot_id(snapshot: str, where: str) -> None:
    """Raise ValueError, in one line that starts with `where`, for what cannot be a snapshot's id."""
    if len(snapshot) != ID_DIGITS or not set(snapshot) <= set("0123456789abcdef"):
        raise ValueError(
            f"{where}: {snapshot[:80]!r} is no id of a snapshot: expected {ID_DIGITS} hex digits"
        )


def removed_snapshots(read: Read) -> list[str]:
    """Return the ids of the snapshots that `corpusforge gc` took from a corpus, as it noted them."""
    try:
        return sorted(map(str, json.loads(read(REMOVED))["snapshots"]))
    except (OSError, ValueError, KeyError, TypeError):
        return []


def why_gone(snapshot: str, read: Read) -> str | None:
    """Return why the index of a snapshot is not there, where that is noted in the corpus; else None."""
    if snapshot not in removed_snapshots(read):
        return None
    return f"snapshot {snapshot} was removed from this corpus by `corpusforge gc`"


def load_index(
    snapshot: str, read: Read, describe: Callable[[str], str]
) -> tuple[dict[str, Any], list[ShardRow]]:
    """Return (header, shard rows) of a snapshot; the header is all of the index but `shards`.

    `describe` gives a path for a person. Raises FileNotFoundError where there is no such snapshot,
    and ValueError, in one line of file and place, where the index is not whole, not of this snapshot,
    of another version, or does not add up.
    """
    path = index_path(snapshot)
    where = describe(path)
    check_snapshot_id(snapshot, where)
    value = unseal(read(path), "snapshot", where)
    if value["snapshot"] != snapshot:
        raise ValueError(f"{where}: holds snapshot {value['snapshot']}, not {snapshot}")
    if value.get("schema_version") != INDEX_VERSION:
        found = ascii(value.get("schema_version"))
        raise ValueError(f"{where}: schema version {found}, this code reads {INDEX_VERSION}")
    if fault := shape_fault(value, INDEX_SCHEMA) or _header_fault(value):
        raise ValueError(f"{where}: {fault}")
    rows = read_rows(value, lambda name: read(manifest_path(snapshot, name)), where)
    if fault := rows_fault(rows, value):
        raise ValueError(f"{where}: {fault}")
    value.pop("shards", None)
    return value, rows


def _header_fault(index: Mapping[str, Any]) -> str | None:
    """Return what in an index of the right shape contradicts itself, its shards apart."""
    if ("shards" in index) == ("manifest" in index):
        return "shards: an index holds either `shards` or `manifest`"
    if index["parent"] == index["snapshot"]:
        return "parent: a snapshot is not its own parent"
    config: Mapping[str, Any] = index["config"]
    if index["config_sha256"] != hashlib.sha256(canonical_json(config)[:-1]).hexdigest():
        return "config_sha256: is not that of `config`"
    if config.get("seed", index["seed"]) != index["seed"]:
        return f"seed: {index['seed']}, the configuration says {config['seed']!r}"
    if ("plan" in index) != ("n_inputs" in index) or ("plan" in index and index["inputs"]):
        return "inputs: expected either `inputs`, or `plan` and `n_inputs`"
    tokenizer: Mapping[str, Any] = index["tokenizer"]
    if tokenizer["eos_id"] not in tokenizer["special_ids"].values():
        return f"tokenizer.eos_id: {tokenizer['eos_id']} is none of `special_ids`"
    return _conservation_fault(index)


def _conservation_fault(index: Mapping[str, Any]) -> str | None:
    conservation: Mapping[str, Any] = index["conservation"]
    for name, ends in conservation.get("sources", {}).items():
        told = ends["kept"] + sum(ends["dropped"].values()) + ends["quarantined"]
        if ends["records_in"] != told:
            place = f"conservation.sources.{ascii(name)[1:-1]}"
            return f"{place}: {ends['records_in']} records in, {told} kept, dropped and quarantined"
    n_records = sum(ends["records_in"] for ends in conservation.get("sources", {}).values())
    if n_records and not index["inputs"] and "plan" not in index:
        return f"inputs: none, but `conservation` tells of {n_records} records"
    return _rows_of_sources_fault(conservation, index["totals"]) if "rows" in conservation else None


def _rows_of_sources_fault(conservation: Mapping[str, Any], totals: Mapping[str, Any]) -> str | None:
    """Return where what the shards hold of each source is more than was kept of it, or not the totals."""
    kept = {name: ends["kept"] for name, ends in conservation.get("sources", {}).items()}
    summed: dict[str, list[int]] = {}
    for number, row in enumerate(conservation["rows"]):
        kept[row["source"]] = kept.get(row["source"], 0) - row["documents"]
        if kept[row["source"]] < 0:
            return f"conservation.rows.{number}: more documents of a source than were kept of it"
        entry = summed.setdefault(f"{row['domain']}/{row['subset']}", [0, 0])
        entry[0] += row["documents"]
        entry[1] += row["tokens"]
    told = {key: [entry["n_docs"], entry["n_tokens"]] for key, entry in totals["subsets"].items()}
    for key in sorted({*summed, *told}):
        found, expected = summed.get(key, [0, 0]), told.get(key, [0, 0])
        if found != expected:
            return (
                f"conservation.rows: {key} holds {found[0]} documents of {found[1]} tokens, "
                f"`totals` says {expected[0]} of {expected[1]}"
            )
    return None


def rows_fault(rows: Sequence[ShardRow], header: Mapping[str, Any]) -> str | None:
    """Return what in the shard rows of an index contradicts itself or the header; None where all agrees."""
    itemsize, eos_id = np.dtype(header["dtype"]).itemsize, header["tokenizer"]["eos_id"]
    for number, row in enumerate(rows):
        if fault := _row_fault(row, itemsize, eos_id):
            return f"shards.{number}.{fault}"
    for number, (one, other) in enumerate(pairwise(rows)):
        if _order(one) >= _order(other):
            return f"shards.{number + 1}: not in order of domain, subset, index and id, or twice the same"
    ids = {row.id for row in rows}
    if len(ids) != len(rows):
        return "shards: two have the same id"
    summed = totals(rows)
    for name in ("n_shards", "n_docs", "n_tokens", "bytes", "subsets"):
        if summed[name] != header["totals"][name]:
            return (
                f"totals.{name}: {_short(header['totals'][name])}, the shards sum to {_short(summed[name])}"
            )
    return None


def _order(row: ShardRow) -> tuple[str, str, int, str]:
    return row.domain, row.subset, row.index, row.id


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _row_fault(row: ShardRow, itemsize: int, eos_id: int) -> str | None:
    if (row.domain, row.subset) not in _GROUPS:
        return f"subset: {row.domain} has no subset {row.subset}"
    if row.bytes != row.n_tokens * itemsize:
        return f"bytes: {row.bytes}, expected {row.n_tokens * itemsize} for {row.n_tokens} tokens"
    n_blocks = -(-row.bytes // BLOCK_BYTES)
    if not len(row.xxh3) == len(row.crc32) == n_blocks:
        return f"xxh3: {len(row.xxh3)} blocks, crc32: {len(row.crc32)}, expected {n_blocks} of both"
    if row.n_docs > row.n_tokens:
        return f"n_docs: {row.n_docs} documents of {row.n_tokens} tokens"
    if not row.n_tokens <= row.n_docs * row.max_len or row.max_len > row.n_tokens - row.n_docs + 1:
        return f"max_len: {row.max_len} cannot be the longest of {row.n_docs} with {row.n_tokens} tokens"
    if not eos_id <= row.max_id < token_bound(itemsize):
        return (
            f"max_id: {row.max_id}, expected {eos_id} (the end of a document) to {token_bound(itemsize) - 1}"
        )
    expected = shard_id([row.sha256, row.ends_sha256, row.docs_sha256, row.text_sha256])
    if row.id != expected:
        return f"id: {row.id}, expected {expected} by the sha256 of its files"
    return None


def ends_fault(ends: NDArray[np.uint64], row: ShardRow) -> str | None:
    """Return what the ends of a shard's documents, u64[n_docs], say otherwise than its row; or None."""
    if (ends[1:] <= ends[:-1]).any() or not ends[0]:
        return "shortest document is empty: expected False, found True"
    if int(ends[-1]) != row.n_tokens:
        return f"tokens: expected {row.n_tokens}, found {ends[-1]}"
    longest = int(np.diff(ends, prepend=np.uint64(0)).max())
    return None if longest == row.max_len else f"longest document: expected {row.max_len}, found {longest}"
