"""Reading Parquet on one thread.

Arrow's own threads hold pieces of Python's buffers. Where one of them lets go of the last
piece while the process ends, it wants an interpreter that is no more, and the process dies of
SIGABRT after all work was done. So nothing here reads with threads; workers are processes anyway.
"""

from __future__ import annotations

from typing import IO, Any, cast

import pyarrow.parquet as pq


def open_parquet(stream: IO[bytes]) -> Any:
    """Return an open Parquet file, pyarrow's `ParquetFile` but for its threads (pyarrow ships no types)."""
    return _ParquetFile(stream, pre_buffer=False)


class _ParquetFile(pq.ParquetFile):
    def read(self, *arguments: Any, **options: Any) -> Any:
        return cast(Any, super()).read(*arguments, **{"use_threads": False, **options})

    def read_row_group(self, *arguments: Any, **options: Any) -> Any:
        return cast(Any, super()).read_row_group(*arguments, **{"use_threads": False, **options})

    def iter_batches(self, *arguments: Any, **options: Any) -> Any:
        return cast(Any, super()).iter_batches(*arguments, **{"use_threads": False, **options})
