"""Whether two builds read every page alike: text, title, figures and notes, in each of three ways.

    python benches/same_pages.py --before CHECKOUT --data ../shared/data [--after CHECKOUT]

Reads the pages of `extraction/*.jsonl.xz` and of all WARC files below `web/`, as web pages are read, as
posts are (all that is visible) and as books are (no code). Prints the pages that differ, and the first
line that does; ends with 1 where there are any. `--after`: this checkout unless named.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xxhash

_WAYS: dict[str, dict[str, Any]] = {
    "web": {},
    "post": {"main_content": False},
    "book": {"main_content": False, "code": False, "without": "script,.noprint"},
}


def pages(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, decoded source) of each page."""
    from corpusforge.document import Document, Markup, SourceKind
    from corpusforge.extract.encoding.charset import decode_html
    from corpusforge.ingest import IngestConfig
    from corpusforge.ingest.inputs import InputFile
    from corpusforge.ingest.registry import read

    for path in sorted((data / "extraction").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if source := json.loads(line).get("html"):
                    yield f"{path.name}:{number}", source
    for path in sorted((data / "web").rglob("*.warc*")):
        try:
            for number, record in enumerate(
                read(InputFile(str(path), path.name, "web", SourceKind.WARC), IngestConfig())
            ):
                if isinstance(record, Document) and record.markup is Markup.HTML and record.raw:
                    yield f"{path.name}:{number}", decode_html(record.raw, record.charset)[0]
        except Exception as error:  # a broken file ends where it ends, in both builds
            print(f"{path.name}: {error!r}"[:200], file=sys.stderr)


def _digest(text: str) -> str:
    return xxhash.xxh3_64_hexdigest(text.encode("utf-8", "surrogatepass"))


def dump(data: Path, out: Path, every: int) -> None:
    """Write a line for each page and way: name, digest of all that is read, and its text's lines' digests."""
    from corpusforge.extract.config import ExtractConfig
    from corpusforge.extract.web.html import page_text

    config = ExtractConfig()
    with out.open("w", encoding="utf-8") as lines:
        for place, (name, source) in enumerate(pages(data)):
            for way, how in _WAYS.items() if place % every == 0 else ():
                try:
                    found: Any = page_text(source, config, **how)
                except Exception as error:  # what fails must fail alike
                    found = (repr(error),)
                digests = [_digest(line) for line in str(found[0]).split("\n")]
                rest = _digest(repr(found[1:]))
                lines.write(f"{way} {name}\t{rest}\t{' '.join(digests)}\n")


def _dumped(checkout: Path, options: argparse.Namespace, out: Path) -> list[list[str]]:
    command = [sys.executable, __file__, "--data", str(options.data), "--every", str(options.every)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    subprocess.run([*command, "--dump", str(out)], env=environment, cwd=checkout, check=True)
    return [line.rstrip("\n").split("\t") for line in out.open(encoding="utf-8")]


def main() -> int:
    """Compare two checkouts; return 1 where a page differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--after", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--every", type=int, default=1, help="take each n-th page only")
    parser.add_argument("--keep", type=Path, default=Path("same_pages"), help="prefix of the two dumps")
    parser.add_argument("--dump", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.data = options.data.resolve()
    if options.dump:
        dump(options.data, options.dump, options.every)
        return 0
    prefix = str(options.keep.resolve())
    before = Path(f"{prefix}.before.tsv")
    if options.before:
        rows_before = _dumped(options.before.resolve(), options, before)
    else:  # kept from the run before
        rows_before = [line.rstrip("\n").split("\t") for line in before.open(encoding="utf-8")]
    rows_after = _dumped(options.after.resolve(), options, Path(f"{prefix}.after.tsv"))
    n_different = 0
    for (name, rest, text), (name_after, rest_after, text_after) in zip(rows_before, rows_after, strict=True):
        if name != name_after or rest != rest_after or text != text_after:
            n_different += 1
            pairs = enumerate(zip(text.split(), text_after.split(), strict=False), 1)
            first = next((number for number, (a, b) in pairs if a != b), "end")
            print(f"{name}: text {text != text_after} (line {first}), the rest {rest != rest_after}")
    print(f"{len(rows_after)} readings of {len(rows_after) // len(_WAYS)} pages, {n_different} differ")
    return int(n_different > 0)


if __name__ == "__main__":
    sys.exit(main())
