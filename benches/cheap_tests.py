"""What the cheap tests before a tree save, and what they cost: pages of one dump, with and without.

    python benches/cheap_tests.py FILE.warc.gz [--pages 1200] [--languages en]

Languages: the guess before the parse beside what the whole chain says of the same page. A page that
the guess drops and the chain would have kept is lost by it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from pathlib import Path

from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.extract import extract_document
from corpusforge.extract.web.preview import preview
from corpusforge.filter import judge_owner
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.label import judge_preview, label_document
from corpusforge.label.config import LabelConfig
from corpusforge.steps import load_tools


def pages_of(path: Path, config: IngestConfig, limit: int) -> tuple[list[Document], Counter[str], float]:
    """Return (pages, ends of the other records, CPU seconds of reading)."""
    start_s, ends = time.process_time(), Counter[str]()
    pages: list[Document] = []
    for record in read(InputFile(str(path), path.name, "web", SourceKind.WARC), config):
        if isinstance(record, Drop):
            ends[record.reason.value] += 1
        elif isinstance(record, Document) and record.markup is Markup.HTML:
            pages.append(record)
            if len(pages) >= limit:
                break
    return pages, ends, time.process_time() - start_s


def _does(end: Document | Drop) -> str:
    return "drops" if isinstance(end, Drop) else "keeps"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--pages", type=int, default=1200)
    parser.add_argument("--languages", nargs="+", default=["en"])
    options = parser.parse_args()
    label = LabelConfig(languages=tuple(options.languages))
    config = StepsConfig(label=label)
    tools = load_tools(config)
    pages, ends, read_s = pages_of(options.path, IngestConfig(), options.pages)
    for document in itertools.islice(pages, 20):  # compiled code is loaded
        extract_document(document, config.extract)

    start_s = time.process_time()
    owned = [judge_owner(document, config.filter) for document in pages]
    owner_s = time.process_time() - start_s
    start_s = time.process_time()
    guessed = [judge_preview(page, preview(page), label, tools.models.language) for page in pages]
    guess_s = time.process_time() - start_s
    start_s = time.process_time()
    texts = [extract_document(page, config.extract) for page in pages]
    extract_s = time.process_time() - start_s
    labelled = [
        text if isinstance(text, Drop) else label_document(text, label, tools.models) for text in texts
    ]
    agreement = Counter(
        f"guess {_does(guess)}, chain {_does(end)}" for guess, end in zip(guessed, labelled, strict=True)
    )
    lost = [
        f"{page.locator}: {guess.detail}"
        for page, guess, end in zip(pages, guessed, labelled, strict=True)
        if isinstance(guess, Drop) and isinstance(end, Document)
    ]
    figures = {
        "pages": len(pages),
        "dropped while reading": dict(sorted(ends.items())),
        "dropped by lists and marks": sum(isinstance(end, Drop) for end in owned),
        "ms_per_page": {
            "reading": round(1000 * read_s / len(pages), 3),
            "lists and marks": round(1000 * owner_s / len(pages), 3),
            "guess": round(1000 * guess_s / len(pages), 3),
            "extraction": round(1000 * extract_s / len(pages), 3),
        },
        "languages": dict(sorted(agreement.items())),
        "lost": lost[:20],
    }
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
