"""The whole web path, WARC -> labelled part, beside datatrove's WARC -> trafilatura -> JSONL, in turns.

    python benches/web_path.py FILE.warc.gz [--pages 1200] [--rounds 3] [--peer]

    corpusforge           read, extract, label, filter with the packaged configuration, in one process;
                          documents and drops written as a part holds them, Parquet with zstd
    corpusforge, build    a part as the build makes it: the steps in the sandbox's child, its pipes
                          included, and besides the signatures of the dedup and the counts
    datatrove             WarcReader -> Trafilatura -> JsonlWriter: no more than extraction

A page is a record that holds HTML; ours reads all other records up to the last page as well. Each run
is a process of its own that has seen 20 pages before its clock starts; CPU time is its own and that of
its children. The ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq

from corpusforge.config import BuildConfig
from corpusforge.document import (
    DOCUMENT_SCHEMA,
    DROP_SCHEMA,
    Document,
    Drop,
    Markup,
    Quarantined,
    SourceKind,
    documents_to_batch,
    drops_to_batch,
)
from corpusforge.ingest import IngestConfig, read
from corpusforge.ingest.inputs import InputFile
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.writer import BATCH_DOCUMENTS, make_part
from corpusforge.steps import load_tools, open_sandbox, process

_WARM_PAGES = 20
_PEER_STEPS = ("readers", "extractors", "writers")
_Row = TypeVar("_Row")


def cpu_s() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def records(path: Path, pages: int) -> Iterator[Document | Drop | Quarantined]:
    """Yield the records of a file up to and with its n-th page."""
    for record in read(InputFile(str(path), path.name, "web", SourceKind.WARC), IngestConfig()):
        yield record
        pages -= isinstance(record, Document) and record.markup is Markup.HTML
        if not pages:
            return


def config_of(path: Path, folder: str) -> BuildConfig:
    """Return the packaged configuration for one file."""
    source = {"name": "web", "kind": "warc", "paths": [str(path)]}
    return BuildConfig.model_validate({"name": "bench", "output": folder, "sources": [source]})


class _Table(Generic[_Row]):
    """Rows of one kind, written as a part holds them."""

    def __init__(self, path: str, schema: Any, to_batch: Callable[[list[_Row]], Any]) -> None:
        self._file: Any = pq.ParquetWriter(path, schema, compression="zstd", compression_level=3)
        self._to_batch = to_batch
        self._rows: list[_Row] = []

    def add(self, row: _Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH_DOCUMENTS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write_batch(self._to_batch(self._rows))
        self._rows = []


def in_process(path: Path, pages: int) -> tuple[float, Counter[str]]:
    """Return (CPU seconds, ends) of reading, the steps and the part's tables, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        config = config_of(path, folder)
        tools = load_tools(config)

        def run(limit: int) -> Counter[str]:
            ends: Counter[str] = Counter()
            documents = _Table[Document](f"{folder}/documents", DOCUMENT_SCHEMA, documents_to_batch)
            drops = _Table[Drop](f"{folder}/drops", DROP_SCHEMA, drops_to_batch)
            for record in records(path, limit):
                is_page = isinstance(record, Document) and record.markup is Markup.HTML
                end = process(record, config, tools) if isinstance(record, Document) else record
                ends["pages"] += is_page
                ends["kept"] += is_page and isinstance(end, Document)
                if isinstance(end, Document):
                    documents.add(end)
                elif isinstance(end, Drop):
                    drops.add(end)
            documents.close()
            drops.close()
            return ends

        run(_WARM_PAGES)
        gc.freeze()  # as the sandbox's child does with what it has loaded
        start_s = cpu_s()
        ends = run(pages)
        return cpu_s() - start_s, ends


def build(path: Path, pages: int) -> tuple[float, Counter[str]]:
    """Return (CPU seconds, ends) of one part as the build makes it, of a start of the file."""
    with tempfile.TemporaryDirectory() as folder:
        config = config_of(path, folder)
        sandbox = open_sandbox(config)

        def make(limit: int) -> dict[str, int]:
            last = max(_offset_bytes(record.locator) for record in records(path, limit))
            spec = PartSpec(
                part_id=f"part{limit}", source="web", kind=SourceKind.WARC, path=str(path),
                name=f"web/{path.name}", digest="", size_bytes=path.stat().st_size, start=0, stop=last + 1,
            )  # fmt: skip
            start_s = cpu_s() + sandbox.cpu_s()
            stats, _ = make_part(spec, config, sandbox)
            used_s.append(cpu_s() + sandbox.cpu_s() - start_s)
            return stats

        used_s: list[float] = []
        make(_WARM_PAGES)
        stats = make(pages)
        sandbox.close()
        return used_s[-1], Counter(pages=pages, kept=stats["kept"])


def _offset_bytes(locator: str) -> int:
    return int(parse_qs(urlsplit(locator).fragment)["offset"][0])


def datatrove(path: Path, pages: int) -> tuple[float, Counter[str]]:
    """Return (CPU seconds, ends) of datatrove's reader, trafilatura and writer on as many documents."""
    steps: list[Any] = [import_module(f"datatrove.pipeline.{name}") for name in _PEER_STEPS]
    readers, extractors, writers = steps

    def run(limit: int) -> int:
        with tempfile.TemporaryDirectory() as folder:
            documents = readers.WarcReader(str(path.parent), glob_pattern=path.name).run(None, 0, 1)
            texts = extractors.Trafilatura().run(itertools.islice(documents, limit), 0, 1)
            return sum(1 for _ in writers.JsonlWriter(folder).run(texts, 0, 1))

    run(_WARM_PAGES)
    start_s = cpu_s()
    kept = run(pages)
    return cpu_s() - start_s, Counter(pages=pages, kept=kept)


RUNS = {"corpusforge": in_process, "corpusforge, build": build, "datatrove": datatrove}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--pages", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help="measure datatrove as well: it must be installed")
    parser.add_argument(
        "--one", choices=RUNS, help="one run in this process; its figures as one line of JSON"
    )
    options = parser.parse_args()
    if options.one:
        used_s, ends = RUNS[options.one](options.path, options.pages)
        print(json.dumps({"cpu_s": used_s, **ends}))
        return
    names = [name for name in RUNS if options.peer or name != "datatrove"]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            arguments = [str(options.path), "--pages", str(options.pages), "--one", name]
            told = subprocess.run(
                [sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True
            )
            found[name].append(json.loads(told.stdout.splitlines()[-1]))
    rates = {name: [run["pages"] / run["cpu_s"] for run in runs] for name, runs in found.items()}
    figures: dict[str, dict[str, object]] = {}
    for name, runs in found.items():
        figures[name] = {"pages": runs[0]["pages"], "kept": runs[0]["kept"]}
        figures[name]["pages_per_cpu_s"] = [round(rate, 1) for rate in rates[name]]
        if options.peer and name != "datatrove":
            ratios = [ours / peer for ours, peer in zip(rates[name], rates["datatrove"], strict=True)]
            figures[name]["times_the_peer"] = [round(ratio, 2) for ratio in ratios]
            figures[name]["median"] = round(median(ratios), 2)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
