"""Decontamination: speed beside plain n-gram sets, recall by injection, false positives, as JSON.

python benches/decontamination.py --data ../shared/data [--items 0] [--documents 10000] [--output FILE]

Clean documents are the real ones of the data folder: web pages, articles, books and source files as the
library reads and extracts them, and passages of mathematics for the rest. CPU time throughout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from corpusforge.commands.decontamination import figures
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract import extract_document
from corpusforge.extract.config import ExtractConfig
from corpusforge.filter import FilterConfig, load_tables
from corpusforge.filter.decontamination.benchmarks import Item, read_items
from corpusforge.filter.decontamination.contamination import leaks
from corpusforge.ingest import IngestConfig, InputFile, read

MIN_CHARS = 200
SHARES = {"web": 0.2, "wiki": 0.2, "github": 0.2, "books": 0.01}
"""Of the clean documents; the rest is mathematics, where false positives are likeliest."""
DUMPS = {
    "web": ("web/crawl*.warc.gz", SourceKind.WARC),
    "wiki": ("wiki/*.xml.bz2", SourceKind.MEDIAWIKI),
    "github": ("github/stackv2_style/*.parquet", SourceKind.GITHUB),
    "books": ("books/*/*", SourceKind.BOOKS),
}
NGRAM_WORDS = 13


def clean_documents(data: Path, wanted: int) -> list[tuple[str, str]]:
    """Return (id, text) of so many real documents."""
    found: list[tuple[str, str]] = []
    for source, share in SHARES.items():
        found += islice(of_dumps(data, source), int(wanted * share))
    return found + list(islice(passages(data), wanted - len(found)))


def of_dumps(data: Path, source: str) -> Iterator[tuple[str, str]]:
    pattern, kind = DUMPS[source]
    for path in sorted(data.glob(pattern)):
        for record in read(InputFile(str(path), path.name, source, kind), IngestConfig()):
            text = text_of(record) if isinstance(record, Document) else ""
            if isinstance(record, Document) and len(text) >= MIN_CHARS:
                yield f"{source}:{record.locator}", text


def text_of(record: Document) -> str:
    if record.markup is Markup.SOURCE:
        return (record.raw or b"").decode("utf-8", "replace")
    extracted = extract_document(record, ExtractConfig())
    return extracted.text if isinstance(extracted, Document) else ""


def passages(data: Path) -> Iterator[tuple[str, str]]:
    """Return the mathematical passages, in the order of their hashes."""
    with lzma.open(data / "scaffold/train.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for text in sorted(texts, key=lambda text: hashlib.sha256(text.encode("utf-8", "replace")).digest()):
        if len(text) >= MIN_CHARS:
            yield f"passage:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}", text


def mb_per_cpu_s(texts: Sequence[str], look: Callable[[str], object]) -> float:
    n_bytes = sum(len(text.encode("utf-8", "replace")) for text in texts)
    start_s = time.process_time()
    for text in texts:
        look(text)
    return round(n_bytes / 1e6 / (time.process_time() - start_s), 2)


def plain_look_up(items: Sequence[Item]) -> Callable[[str], object]:
    """Return the usual way in Python: a set of 13-grams of lower-cased words."""

    def ngrams(text: str) -> set[str]:
        found = re.findall(r"\w+", text.lower())
        return {" ".join(found[at : at + NGRAM_WORDS]) for at in range(len(found) - NGRAM_WORDS + 1)}

    known = set[str]().union(*(ngrams(item.text) for item in items))
    return lambda text: ngrams(text) & known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--items", type=int, default=0, help="items of each benchmark; 0: all")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    benchmarks = str(options.data / "benchmarks")
    config = FilterConfig(benchmarks=benchmarks)
    start_s = time.process_time()
    tables = load_tables(config)
    build_s = time.process_time() - start_s
    assert tables is not None
    items = list(read_items(benchmarks))
    documents = clean_documents(options.data, options.documents)
    texts = [text for _, text in documents]
    leaks(texts[0], tables, config)
    result: dict[str, Any] = {
        "table_build_cpu_s": round(build_s, 2),
        "table_ngrams": len(tables.index.hashes),
        "documents_mb": round(sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6, 1),
        "mb_per_cpu_s": mb_per_cpu_s(texts, lambda text: leaks(text, tables, config)),
        "plain_python_mb_per_cpu_s": mb_per_cpu_s(texts[::10], plain_look_up(items)),
        **figures(items, documents, tables, config, options.items),
    }
    printed = json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False)
    print(printed)
    if options.output:
        options.output.write_text(printed + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
