"""pyarrow for a strict type checker: it ships too few types, so here it is `Any`, once."""

from typing import Any, cast

import pyarrow
import pyarrow.parquet

pa: Any = cast(Any, pyarrow)
pq: Any = cast(Any, pyarrow.parquet)

__all__ = ["pa", "pq"]
