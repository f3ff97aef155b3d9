"""Which documents of a subset a recipe's selections take: read from the docs tables, shard by shard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pyarrow_compute
from numpy.typing import NDArray

from corpusforge.files import join, open_input
from corpusforge.mixture.recipe import REST, Selection
from corpusforge.mixture.sampletable import STRETCH
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import ShardRow, shard_path

pc: Any = pyarrow_compute
_COLUMNS = frozenset(column.name for column in DOCS_SCHEMA)


def documents_of(
    corpus: str, rows: Sequence[ShardRow], columns: Sequence[str] = ()
) -> Iterator[tuple[NDArray[Any], Any]]:
    """Yield (documents, columns) of each shard: whole documents as `STRETCH`, and an Arrow table.

    `rows` are the shards of one subset in the order of the index.
    """
    for number, row in enumerate(rows):
        with open_input(join(corpus, shard_path(row.domain, row.subset, row.id, "docs"))) as stream:
            table = open_parquet(stream).read([*dict.fromkeys([*columns, "start", "length"])])
        documents = np.zeros(table.num_rows, STRETCH)
        documents["start"], documents["length"] = table["start"].to_numpy(), table["length"].to_numpy()
        documents["shard"] = number
        yield documents, table


def chosen(table: Any, selections: Mapping[str, Selection], where: str) -> dict[str, NDArray[np.bool_]]:
    """Return bool[documents] by selection, and for the `rest`: every document in exactly one.

    Raises ValueError, naming a document, where two selections want the same.
    """
    masks = {name: _mask(table, selection, where) for name, selection in sorted(selections.items())}
    wanted = np.zeros(table.num_rows, np.int64)
    for mask in masks.values():
        wanted += mask
    if (wanted > 1).any():
        row = int(np.argmax(wanted > 1))
        names = " and ".join(name for name, mask in masks.items() if mask[row])
        doc_id = table["doc_id"][row].as_py()
        raise ValueError(
            f"selections {names} both take {int((wanted > 1).sum())} documents of {where}, {doc_id} among "
            "them: make them exclude each other"
        )
    return {**masks, REST: wanted == 0}


def columns_for(selections: Mapping[str, Selection]) -> list[str]:
    """Return the columns of the docs table that the selections look at, `doc_id` among them."""
    columns = ["doc_id"]
    for selection in selections.values():
        columns += [
            name for name in ("language", "programming_language", "source") if getattr(selection, name)
        ]
        for name in (*selection.at_least, *selection.below):
            columns.append(name if name in _COLUMNS else "signals")
    return sorted(set(columns))


def _mask(table: Any, selection: Selection, where: str) -> NDArray[np.bool_]:
    mask = np.ones(table.num_rows, np.bool_)
    if selection.language:
        tags = table["language"].combine_chunks()
        primary = [
            tag
            for name in selection.language
            for tag in (pc.equal(tags, name), pc.starts_with(tags, f"{name}-"))
        ]
        mask &= np.logical_or.reduce([_bools(taken) for taken in primary])
    for column in ("programming_language", "source"):
        if names := getattr(selection, column):
            mask &= _bools(pc.is_in(table[column], value_set=pa.array(names)))
    for name, least in selection.at_least.items():
        mask &= _values(table, name, where) >= float(least)
    for name, limit in selection.below.items():
        mask &= _values(table, name, where) < float(limit)
    return mask


def _bools(values: Any) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), np.bool_)


def _values(table: Any, name: str, where: str) -> NDArray[np.float64]:
    """Return a number for each document, NaN where it has none: NaN is in no range."""
    if name not in _COLUMNS:
        values = pc.map_lookup(table["signals"], query_key=pa.scalar(name), occurrence="first")
    else:
        values = table[name]
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        raise ValueError(f"selections of {where}: {name!r} is no number, but {values.type}")
    return np.asarray(pc.cast(values, pa.float64()).to_numpy(), np.float64)
