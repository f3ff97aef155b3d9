"""Builds a corpus of a few documents and dedups them, so that what is compiled for it stays on disk.

The image runs it once with NUMBA_CACHE_DIR set: its workers then find every compiled function
there, the look-up of test items among them, where their processor is of the kind that built the
image; on another kind each compiles once for itself. Argument: a folder to work in.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

WEATHER = (
    "The harbour was quiet in the winter of {year}, and the keeper of the lighthouse wrote a letter to his "
    "brother in the village. He had counted {count} ships since the spring, and most of them carried timber "
    "from the northern islands. In the evening the wind turned, the market closed early, and nobody crossed "
    "the bridge before the morning.\n\nIf $x^2 + {count} = {year}$, then \\(x\\) is found by taking the root "
    "of both sides; the children of the school worked it out on a slate, step by step, and were praised."
)
PROGRAM = '''"""Counts what passes through gate {count}."""

import sys


def total(values, limit={count}):
    result = 0
    for position, value in enumerate(values):
        result += value * position if value > limit else -value
    return result


if __name__ == "__main__":
    print(total([int(line) for line in sys.stdin if line.strip()]))
'''
ITEM = "A farmer has {count} sheep and sells half of them in {year}. How many sheep has he left in the end?"
CONFIG = """\
name = "warm"
output = "{folder}/corpus"
[filter]
benchmarks = "{folder}/items.jsonl"
[dedup.repeats]
web = "lines"
max_documents = 2
[[sources]]
name = "texts"
paths = ["{folder}/texts.jsonl"]
[[sources]]
name = "pages"
kind = "warc"
paths = ["{folder}/pages.warc"]
[[sources]]
name = "programs"
kind = "github"
paths = ["{folder}/programs.zip"]
"""


def record(number: int, body: str) -> bytes:
    """Return one WARC response record."""
    page = f"<html><head><title>A letter</title></head><body><article><p>{body}</p></article></body></html>"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"WARC-Target-URI: https://example.org/{number}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def write_inputs(folder: Path) -> None:
    """Write a few dumps, some items of a benchmark, and the configuration that reads them."""
    texts = [WEATHER.format(year=1800 + n, count=3 * n) for n in range(12)]
    rows = [{"id": str(n), "text": text} for n, text in enumerate([*texts, texts[0]])]
    (folder / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pages = [body.replace("\n\n", "</p><p>") for body in texts]
    (folder / "pages.warc").write_bytes(b"".join(record(n, body) for n, body in enumerate(pages)))
    with zipfile.ZipFile(folder / "programs.zip", "w") as archive:
        for n in range(4):
            archive.writestr(f"programs-1/gate_{n}.py", PROGRAM.format(count=n))
    items = [{"benchmark": "warm", "text": ITEM.format(year=1900 + n, count=n)} for n in range(4)]
    (folder / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    (folder / "corpus.toml").write_text(CONFIG.format(folder=folder))


def main() -> None:
    """Run the command as a worker and as a person would."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_inputs(folder)
    command = [sys.executable, "-c", "import sys; from corpusforge.cli import main; main(sys.argv[1:])"]
    texts, output = str(folder / "texts.jsonl"), str(folder / "deduped")
    for arguments in (
        ["build", str(folder / "corpus.toml")],
        ["dedup", texts, "--output", output, "--repeats", "lines", "--max-documents", "2"],
        ["dedup", texts, "--output", output, "--check", "jaccard", "--unit", "tokens"],
    ):
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
