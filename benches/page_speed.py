"""Page to text, in turns: another build, ours, trafilatura, resiliparse, and lexbor's parse alone.

    python benches/page_speed.py --data ../shared/data --before CHECKOUT [--pages 300] [--rounds 5]

Pages of the two crawl files and the development pages, evenly spread. Each reader has a process of its
own and reads a stretch of pages when it is its turn; what counts is that process's CPU time. Prints, for
both kinds of pages, the microseconds a page of each reader and their ratios to ours: medians over rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

_STRETCH = 25  # pages
_CHECKOUT = Path(__file__).resolve().parents[1]
Sources = dict[str, list[str]]


def _reader(name: str) -> Callable[[str], object]:
    import logging

    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    from corpusforge.extract.config import ExtractConfig
    from corpusforge.extract.web.html import page_text

    logging.disable(logging.CRITICAL)
    config = ExtractConfig()
    readers: dict[str, Callable[[str], object]] = {
        "trafilatura": trafilatura.extract,
        "resiliparse": lambda page: extract_plain_text(HTMLTree.parse(page), main_content=True),
        "lexbor": HTMLTree.parse,
    }
    return readers.get(name) or (lambda page: page_text(page, config))


def serve(name: str, path: str) -> None:
    """Read the pages that each line names (kind, first, stop); answer with the CPU seconds."""
    sources: Sources = pickle.loads(Path(path).read_bytes())
    read = _reader(name)
    for kind in sources:
        read(sources[kind][0])
    for line in sys.stdin:
        kind, first, stop = line.split()
        start = time.process_time()
        for source in sources[kind][int(first) : int(stop)]:
            read(source)
        print(time.process_time() - start, flush=True)


def _sources(data: Path, pages: int) -> Sources:
    sys.path.insert(0, str(Path(__file__).parent))
    from extract import sample, warc_pages  # pyright: ignore[reportMissingImports]

    crawl = [warc_pages([path], pages // 2) for path in sorted((data / "web").glob("crawl-*.warc.gz"))]
    dev = sample(data / "extraction" / "dev.jsonl.xz", pages)
    return {
        "crawl_pages": [page["html"] for one in crawl for page in one[: pages // 2]],
        "dev_pages": [page["html"] for page in dev[:pages]],
    }


def main() -> None:
    """Print the table, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--before", type=Path, help="the checkout of another build")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], help="leave a reader out; may be repeated")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return
    sources = _sources(options.data, options.pages)
    readers = {"ours": _CHECKOUT, "trafilatura": _CHECKOUT, "resiliparse": _CHECKOUT, "lexbor": _CHECKOUT}
    if options.before:
        readers["before"] = options.before.resolve()
    readers = {name: checkout for name, checkout in readers.items() if name not in options.without}
    with tempfile.NamedTemporaryFile() as file:
        file.write(pickle.dumps(sources))
        file.flush()
        processes = {
            name: subprocess.Popen(
                [sys.executable, __file__, "--serve", name, file.name],
                env=os.environ | {"PYTHONPATH": str(checkout)}, cwd=checkout, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for name, checkout in readers.items()
        }  # fmt: skip
        report = {kind: _rounds(processes, kind, len(sources[kind]), options.rounds) for kind in sources}
        for process in processes.values():
            process.communicate()
    for kind, seconds in report.items():
        print(f"{kind}: {len(sources[kind])} pages, {sum(map(len, sources[kind]))} characters")
        for name, rounds in seconds.items():
            each = 1e6 * median(rounds) / len(sources[kind])
            ratio = median(one / ours for one, ours in zip(rounds, seconds["ours"], strict=True))
            speed = f"{1e6 / each:7.1f} pages a CPU second"
            print(f"  {name:12} {each:9.0f} us a page  {speed}  {ratio:7.3f} of ours")
    print(json.dumps(report))


def _rounds(
    processes: dict[str, subprocess.Popen[str]], kind: str, pages: int, rounds: int
) -> dict[str, list[float]]:
    """Return the CPU seconds of each reader in each round."""
    seconds: dict[str, list[float]] = {name: [] for name in processes}
    for _ in range(rounds):
        for total in seconds.values():
            total.append(0.0)
        for first in range(0, pages, _STRETCH):
            for name, process in processes.items():
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(f"{kind} {first} {first + _STRETCH}\n")
                process.stdin.flush()
                seconds[name][-1] += float(process.stdout.readline())
    return seconds


if __name__ == "__main__":
    main()
