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
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from same_readings import compare, line_of, options_of

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
                lines.write(line_of(f"{way} {name}", str(found[0]), repr(found[1:])))


def main() -> int:
    """Compare two checkouts; return 1 where a page differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take each n-th page only")
    options = options_of(parser, "same_pages")
    if options.dump:
        dump(options.data, options.dump, options.every)
        return 0
    n_readings, n_different = compare(__file__, options, "--every", str(options.every))
    print(f"{n_readings} readings of {n_readings // len(_WAYS)} pages, {n_different} differ")
    return int(n_different > 0)


if __name__ == "__main__":
    sys.exit(main())
