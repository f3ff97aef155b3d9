"""Rows of bytes in order, however many: sorted in memory by runs, which lie on disk and are merged."""

from __future__ import annotations

import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

RUN_BYTES = 64 << 20
"""What is held in memory; a dump's rows of 100 GB make 1,600 runs."""
_READ_BYTES = 64 << 10
_LENGTH_BYTES = 8


def in_order(rows: Iterable[bytes], run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    """Yield rows in the order of their bytes; more than `run_bytes` of them go through a temporary file."""
    run: list[bytes] = []
    n_bytes = 0
    places: list[tuple[int, int]] = []
    with tempfile.TemporaryFile(prefix="corpusforge-") as spill:
        for row in rows:
            run.append(row)
            n_bytes += len(row)
            if n_bytes >= run_bytes:
                places.append(_write(spill, run))
                run, n_bytes = [], 0
        run.sort()
        spill.flush()
        yield from heapq.merge(*(_rows(spill.fileno(), *place) for place in places), run) if places else run


def _write(spill: IO[bytes], run: list[bytes]) -> tuple[int, int]:
    """Write one run; return where it begins and ends."""
    run.sort()
    start = spill.tell()
    for row in run:
        spill.write(len(row).to_bytes(_LENGTH_BYTES, "little"))
        spill.write(row)
    return start, spill.tell()


def _rows(file: int, start: int, end: int) -> Iterator[bytes]:
    data, at = b"", 0
    while start < end or at < len(data):
        if len(data) - at >= _LENGTH_BYTES:
            after = at + _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
            if after <= len(data):
                yield data[at + _LENGTH_BYTES : after]
                at = after
                continue
        block = os.pread(file, min(end - start, max(_READ_BYTES, len(data) - at)), start)
        if not block:
            raise OSError("a spilled run ends before its rows do")
        start += len(block)
        data, at = data[at:] + block, 0
