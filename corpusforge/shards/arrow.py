"""pyarrow for a strict type checker: it ships too few types, so here it is `Any`, once."""

from typing import Any, cast

import pyarrow
import pyarrow.parquet

pa: Any = cast(Any, pyarrow)
pq: Any = cast(Any, pyarrow.parquet)

__all__ = ["maps_as_lists", "pa", "pq"]


def maps_as_lists(table: Any) -> Any:
    """Return a table whose maps are lists of {name, value}: `datasets` and polars know no maps."""
    for place, column in enumerate(table.schema):
        if pa.types.is_map(column.type):
            maps = table[column.name].combine_chunks()
            entries = pa.StructArray.from_arrays([maps.keys, maps.items], ["name", "value"])
            lists = pa.ListArray.from_arrays(maps.offsets, entries)
            table = table.set_column(place, column.name, lists)
    return table
