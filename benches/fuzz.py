"""Coverage-guided fuzzing of the readers and of what they call: nothing but faults of storage may be raised.

    pip install atheris==3.0.0   # no dependency of the project
    python benches/fuzz.py --kind warc --name a.warc --seconds 300 [--corpus FOLDER]

The first inputs are the seeds of `hostile_inputs.py`. Each input is read by the reader of its kind,
and what it yields goes through `extract`. An exception, an input of over 30 s or a process of over
2 GB ends the run, and the input lies in the folder as `crash-*`, `timeout-*` or `oom-*`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import atheris  # pyright: ignore[reportMissingImports]

ROOT = Path(__file__).parents[1]
ROOMS = ("ingest", "extract")
COMPILED = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for room in ROOMS
    for path in (ROOT / "corpusforge" / room).rglob("*.py")
    if "corpusforge.compiled" in path.read_text()
]
"""What numba compiles it must see as it was written."""

fuzzer: Any = atheris
with fuzzer.instrument_imports(include=[f"corpusforge.{room}" for room in ROOMS], exclude=COMPILED):
    from corpusforge.document import Document, SourceKind
    from corpusforge.extract import extract_document
    from corpusforge.extract.config import ExtractConfig
    from corpusforge.ingest import read
    from corpusforge.ingest.config import IngestConfig
    from corpusforge.ingest.inputs import InputFile

from benches.hostile_inputs import Seed, seeds  # noqa: E402

MAX_DOCUMENTS = 50
"""An input that holds more is read no further: the fuzzer has seen its way."""


def read_once(seed: Seed, path: Path) -> None:
    """Read one input to its end, or to the fiftieth document, and extract what it yields."""
    config, extract = IngestConfig(), ExtractConfig()
    n_documents = 0
    input = InputFile(path=str(path), name=seed.name, source="s", kind=SourceKind(seed.kind))
    for record in read(input, config):
        if isinstance(record, Document):
            extract_document(record, extract)
            n_documents += 1
        if n_documents >= MAX_DOCUMENTS:
            break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--name", required=True, help="the seed's file name in hostile_inputs.py")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="where inputs that went new ways are kept")
    given = parser.parse_args()
    seed = next(each for each in seeds() if (each.kind, each.name) == (given.kind, given.name))
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    path = folder / seed.name
    path.parent.mkdir(parents=True, exist_ok=True)
    first = given.corpus or folder / "corpus"
    first.mkdir(parents=True, exist_ok=True)
    (first / "seed").write_bytes(seed.data)

    def one_input(data: bytes) -> None:
        path.write_bytes(data)
        read_once(seed, path)

    one_input(seed.data)  # compiled code is loaded outside the time of any input
    flags = [f"-max_total_time={given.seconds}", "-timeout=30", "-rss_limit_mb=2048", "-max_len=65536"]
    fuzzer.Setup([sys.argv[0], str(first), *flags, "-print_final_stats=1"], one_input)
    fuzzer.Fuzz()


if __name__ == "__main__":
    main()
