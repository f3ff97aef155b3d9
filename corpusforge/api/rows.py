"""What the batch functions take: texts, dicts, Arrow tables, record batches, iterators of any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from corpusforge.api.errors import UsageError, wrong_type

BATCH_ROWS = 1024
"""Rows of a table that are Python objects at a time."""


def values_of(items: object, column: str) -> Iterator[dict[str, Any]]:
    """Yield each item as a row that has `column`; a text or bytes alone becomes it. Lazy.

    Raises WrongType for what is no row, UsageError for a row without the column.
    """
    if isinstance(items, str | bytes):
        raise wrong_type(column, "a list, table or iterator of texts (one text: the function of one)", items)
    if _is_arrow(items):
        yield from _of_arrow(items, column)
        return
    if not isinstance(items, Iterable) or isinstance(items, Mapping):
        raise wrong_type(column, "a list, an Arrow table or an iterator", cast(object, items))
    for number, item in enumerate(cast("Iterable[object]", items)):
        if isinstance(item, str | bytes):
            yield {column: item}
        elif isinstance(item, Mapping):
            row = dict(cast("Mapping[str, Any]", item))
            if column not in row:
                raise UsageError(f"item {number}: no {column!r} in it; it has: {_names(row)}")
            yield row
        elif _is_arrow(item):
            yield from _of_arrow(item, column)
        else:
            raise wrong_type(f"item {number}", "a text, a dict or an Arrow record batch", item)


def _is_arrow(value: object) -> bool:
    """Return whether a value is an Arrow table, record batch or reader; nothing is imported to learn it."""
    return type(value).__module__.partition(".")[0] == "pyarrow" and hasattr(value, "schema")


def _of_arrow(table: Any, column: str) -> Iterator[dict[str, Any]]:
    if column not in table.schema.names:
        raise UsageError(f"the table has no column {column!r}; it has: {_names(table.schema.names)}")
    batches = table.to_batches(BATCH_ROWS) if hasattr(table, "to_batches") else table
    for batch in [batches] if hasattr(table, "num_columns") and not hasattr(table, "to_batches") else batches:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield from batch.slice(start, BATCH_ROWS).to_pylist()


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names)))[:200] or "none"
