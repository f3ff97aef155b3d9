"""The whole web path in one process: WARC -> labelled documents, beside datatrove.

    python benches/web_path.py FILE.warc.gz [--pages 1200] [--peer]

Ours reads, extracts, labels and filters with the packaged configuration; `--peer` runs datatrove's
WarcReader -> Trafilatura -> JsonlWriter over the same file, which does no more than extract.
A page is a record that holds HTML. CPU time of this process and of its children.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import tempfile
from collections import Counter
from pathlib import Path

from corpusforge.config import StepsConfig
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.ingest import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import read
from corpusforge.steps import load_tools, process


def cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def ours(path: Path, pages: int) -> dict[str, float | int]:
    """Return pages, ends and CPU seconds of our path; models are loaded before the clock runs."""
    config = StepsConfig()
    tools = load_tools(config)
    source = InputFile(str(path), path.name, "web", SourceKind.WARC)

    def run(limit: int) -> Counter[str]:
        ends: Counter[str] = Counter()
        for record in read(source, IngestConfig()):
            if not isinstance(record, Document):
                continue
            is_page = record.markup is Markup.HTML
            end = process(record, config, tools)
            ends["page"] += is_page
            ends["kept"] += is_page and isinstance(end, Document)
            if ends["page"] >= limit:
                break
        return ends

    run(20)  # compiled code is loaded
    start = cpu_s()
    ends = run(pages)
    used_s = cpu_s() - start
    return {**ends, "cpu_s": round(used_s, 2), "pages_per_cpu_s": round(ends["page"] / used_s, 1)}


def datatrove(path: Path, pages: int) -> dict[str, float | int]:
    """Return what datatrove's reader, trafilatura and writer need for as many documents."""
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import WarcReader
    from datatrove.pipeline.writers import JsonlWriter

    with tempfile.TemporaryDirectory() as folder:
        start = cpu_s()
        documents = WarcReader(str(path.parent), glob_pattern=path.name).run(None, 0, 1)
        counted = itertools.islice(documents, pages)
        written = sum(1 for _ in JsonlWriter(folder).run(Trafilatura().run(counted, 0, 1), 0, 1))
        used_s = cpu_s() - start
    rate = round(pages / used_s, 1)
    return {"page": pages, "kept": written, "cpu_s": round(used_s, 2), "pages_per_cpu_s": rate}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--pages", type=int, default=1200)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    figures = {"corpusforge": ours(options.path, options.pages)}
    if options.peer:
        figures["datatrove"] = datatrove(options.path, options.pages)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
