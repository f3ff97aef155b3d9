"""What seals cost a build: CPU with them, and with every checksum of them left out, in one process.

    python benches/seal_cost.py --rounds 5 --scale 20

Builds alternate; the CPU is that of the process and of its children. Left out are: hashing and patching
after a Parquet file is written, checks of footers, chunks and payloads, digests of a part's files. Since
that difference is smaller than what a busy machine adds, the CPU inside the functions that seal and
check is told as well, the reading and writing in them included: no less than what seals cost.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge import parquet, parquet_seal, sealed
from corpusforge.config import load_config
from corpusforge.parts import writer
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import write_config, write_dumps


def cpu_s() -> float:
    """Return the CPU seconds of this process and of the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def unsealed() -> Iterator[None]:
    """Leave every checksum out, of what is written and of what is read."""
    places: list[tuple[Any, str, Any]] = [
        (parquet_seal, "_seal", _nothing),
        (parquet, "footer_sums", lambda footer, path: _NO_SUMS),
        (parquet, "chunk_digest", lambda data: b""),
        (sealed, "xxhash", SimpleNamespace(xxh3_64=_Nothing, xxh3_64_intdigest=lambda data: 0)),
        (sealed, "_check_sums", _nothing),
        (writer, "_digest", lambda path: ""),
    ]
    with ExitStack() as stack:
        for place, name, other in places:
            stack.enter_context(mock.patch.object(place, name, other))
        yield


_NO_SUMS = [b""] * 10**6


def _nothing(*_: object) -> None: ...


class _Nothing:
    """A hash of nothing."""

    def __init__(self, data: object = b"") -> None: ...

    def update(self, data: object) -> None: ...

    def intdigest(self) -> int:
        return 0

    def hexdigest(self) -> str:
        return "0" * 16


@contextmanager
def timed() -> Iterator[list[float]]:
    """Yield a list of CPU seconds inside what seals and checks, a call each."""
    spent_s: list[float] = []

    def timing(function: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            start_s = time.thread_time()
            try:
                return function(*given, **named)
            finally:
                spent_s.append(time.thread_time() - start_s)

        return call

    places: list[tuple[Any, str]] = [
        (parquet_seal, "_seal"),
        (parquet, "footer_sums"),
        (parquet, "chunk_lengths"),
        (parquet._Checked, "checked"),
        (sealed.SealedWriter, "write"),
        (sealed.SealedWriter, "finish"),
        (sealed, "_payload"),
        (sealed, "sealed_json"),
        (sealed, "unsealed_json"),
        (writer, "_digest"),
    ]
    with ExitStack() as stack:
        for place, name in places:
            stack.enter_context(mock.patch.object(place, name, timing(getattr(place, name))))
        yield spent_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dumps(folder / "dumps", given.scale)
        config = load_config(str(write_config(folder, folder / "corpus")))
        found: dict[str, list[float]] = {"sealed": [], "unsealed": []}
        build(config)  # what is loaded and compiled once is no part of it
        for _ in range(given.rounds):
            for how in found:
                shutil.rmtree(config.output)
                before_s = cpu_s()
                if how == "sealed":
                    build(config)
                else:
                    with unsealed():
                        build(config)
                found[how].append(cpu_s() - before_s)
        shutil.rmtree(config.output)
        before_s = cpu_s()
        with timed() as spent_s:
            build(config)
        share = sum(spent_s) / (cpu_s() - before_s)
    ratios = [one / other for one, other in zip(found["sealed"], found["unsealed"], strict=True)]
    print(json.dumps({**found, "ratio_of_sums": sum(found["sealed"]) / sum(found["unsealed"]),
                      "median_ratio": statistics.median(ratios), "share": share}, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
