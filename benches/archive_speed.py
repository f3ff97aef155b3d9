"""Reading of web archives beside others who do it: CPU seconds, by turns, and whether records are the same.

    python benches/archive_speed.py FILE.warc.gz ... [--before CHECKOUT] [--rounds 5]

    isal               all gzip members inflated, nothing else
    fastwarc           all records, HTTP parsed, bodies read as they lie
    fastwarc, decoded  the same, and bodies of responses decoded by our decoder: its own ends behind one
                       that is both chunked and compressed (findings/fastwarc-decoded-chunks.sh)
    ours               `read` with the packaged configuration: bodies decoded, pages told from the rest
    before             the same of another checkout

Each reads in a process of its own, three times; the second and third count. Searches for cycles are as
rare as the command has them. A last line tells whether both checkouts give the same records.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve()
_LIMIT_BYTES = 16 << 20


def _isal(path: str) -> None:
    isal_zlib: Any = import_module("isal.isal_zlib")
    data = memoryview(Path(path).read_bytes())
    at = 0
    while at < len(data):
        decoder = isal_zlib.decompressobj(wbits=31)
        step = 1 << 13
        while not decoder.eof and at < len(data):
            decoder.decompress(data[at : at + step])
            at += step
        at = min(at, len(data)) - len(decoder.unused_data)


def _fastwarc(path: str, *, decoded: bool = False) -> None:
    from corpusforge.ingest.web.http import decode_body

    peer: Any = import_module("fastwarc.warc")
    with open(path, "rb") as stream:
        for record in peer.ArchiveIterator(stream, parse_http=True):
            body = record.reader.read()
            if decoded and (told := record.http_headers) is not None:
                names = ("transfer-encoding", "content-encoding")
                decode_body({name: told.get(name) or "" for name in names}, body, _LIMIT_BYTES)


def _records(path: str) -> Any:
    from corpusforge.document import SourceKind
    from corpusforge.ingest import IngestConfig, InputFile, read

    return read(InputFile(path, Path(path).name, "bench", SourceKind.WARC), IngestConfig())


def _ours(path: str) -> None:
    for _ in _records(path):
        pass


def digest(path: str) -> str:
    """Return a hash over every field of every record of a file, in their order."""
    import xxhash

    found = xxhash.xxh3_128()
    for record in _records(path):
        found.update(
            repr([getattr(record, field.name) for field in fields(record)]).encode("utf-8", "replace")
        )
    return found.hexdigest()


WORKS: dict[str, Callable[[str], None]] = {
    "isal": _isal,
    "fastwarc": _fastwarc,
    "fastwarc, decoded": lambda path: _fastwarc(path, decoded=True),
    "ours": _ours,
    "before": _ours,
}


def one(name: str, path: str) -> dict[str, float]:
    """Return the CPU seconds of a reading, the mean of the second and third, and the most memory held."""
    import_module("corpusforge.signs").sign_finder(["a"]).bits("a")  # a worker has compiled code loaded
    gc.set_threshold(50_000)
    WORKS[name](path)
    start_s = time.process_time()
    WORKS[name](path)
    WORKS[name](path)
    spent_s = (time.process_time() - start_s) / 2
    return {"cpu_s": spent_s, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _told(tree: Path, *arguments: str) -> Any:
    command = [sys.executable, str(HERE), *arguments]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    told = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def main() -> int:
    """Print a table of each file; return 1 where records differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", nargs="+")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=(*WORKS, "digest"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        path = options.path[0]
        print(json.dumps(digest(path) if options.one == "digest" else one(options.one, path)))
        return 0
    ours = HERE.parents[1]
    before = options.before.resolve() if options.before else None
    n_different = 0
    for path in map(str, map(Path.resolve, map(Path, options.path))):
        names = [name for name in WORKS if before or name != "before"]
        found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(options.rounds):
            for name in names:
                tree = before if name == "before" and before else ours
                found[name].append(_told(tree, path, "--one", name))
        print(Path(path).name)
        for name, rounds in found.items():
            beside = [
                median(each["cpu_s"] / peer["cpu_s"] for each, peer in zip(rounds, found[peer], strict=True))
                for peer in ("fastwarc", "fastwarc, decoded")
            ]
            figures = [median(each[key] for each in rounds) for key in ("cpu_s", "mib")]
            print(f"  {name}: {figures[0]:.3f} CPU s, {figures[1]:.0f} MiB, times fastwarc {beside[0]:.2f},"
                  f" decoding {beside[1]:.2f}")  # fmt: skip
        if before:
            is_same = _told(ours, path, "--one", "digest") == _told(before, path, "--one", "digest")
            n_different += not is_same
            print(f"  records: {'the same' if is_same else 'they differ'}")
    return int(n_different > 0)


if __name__ == "__main__":
    sys.exit(main())
