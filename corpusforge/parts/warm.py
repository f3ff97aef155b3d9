"""Compiles what the steps and the signatures call, as it is imported: in the server that processes fork from.

In a server only where compiled functions cannot be kept on disk: each process would else make them anew,
in the time of its first record. Else as a program, before the first build of an installation. What fails here
fails again where it is told, in the process that needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from corpusforge.compiled import n_compiled
from corpusforge.config import StepsConfig
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.origin import surroundings
from corpusforge.dedup.signature import signatures
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.filter.config import TableConfig
from corpusforge.filter.decontamination.lookup import find
from corpusforge.filter.decontamination.ngram_table import build_tables
from corpusforge.ingest.web.fields import usual_fields
from corpusforge.ingest.web.sniff import kind_of
from corpusforge.label.delimiters import formula_places
from corpusforge.label.lines import comment_lines, counts_rounds, header_places, state_lines
from corpusforge.page_marks import page_metas
from corpusforge.steps import load_tools, process, walk_first
from corpusforge.traces import find_trace
from corpusforge.word_count import n_words

_PROSE = (
    "The harbour was quiet in the winter of 1823, and the keeper of the lighthouse wrote a letter to his "
    "brother in the village (ask keeper@example.org, 192.0.2.7 or +1 202 555 0143). He had counted ninety "
    "ships since the spring, and most of them carried timber from the northern islands.",
    "In the evening the wind turned, the market closed early, and nobody crossed the bridge before the "
    "morning; the children of the school worked it out on a slate, step by step, and were praised.",
)
_PROGRAM = """\
import sys


def total(values, limit=3):
    result = 0
    for position, value in enumerate(values):
        result += value * position if value > limit else -value  # what is over the limit
    return result


if __name__ == "__main__":
    print(total([int(line) for line in sys.stdin if line.strip()]))
"""


def warm() -> None:
    """Compile all that a document's way through the steps calls."""
    config = StepsConfig()
    tools = load_tools(config)
    walk_first(config, tools)
    for text in (
        "a",
        "à",
    ):  # what only some documents come to; there is code for ASCII, and code for all else
        formula_places(text)
        counts_rounds(text)
        n_words(text)
        find_trace(text)
        _ = [*comment_lines(text), *state_lines(text), *header_places(text)]
    kind_of("", b"warm")
    usual_fields(b"\nWARC-Type: response\n\n", 0, 32, joins=False)
    list(page_metas(b"<meta name=robots>"))
    surroundings(["warm"])
    signatures(["warm"], DedupConfig().signature, ["web"])
    find("warm\u200b\n1 a\n2 b", build_tables([], TableConfig()).index)
    for document in _longer_documents():  # last: without the extra `code` a program is refused
        process(document, config, tools)


def _longer_documents() -> Iterator[Document]:
    """Yield a page and a program that come further than the first texts, which are too short."""
    body = "".join(f"<h2>Of {part[:12]}</h2><p>{part}</p>" for part in _PROSE)
    page = f"<html><body><article>{body}</article><ul><li><a href='/'>More</a></ul></body></html>"
    empty = Document(doc_id="", source="", source_kind=SourceKind.WARC, locator="")
    yield replace(empty, markup=Markup.HTML, raw=page.encode())
    yield replace(empty, markup=Markup.SOURCE, path="total.py", raw=_PROGRAM.encode())


with suppress(Exception):  # a server that raises takes all processes with it
    warm()
if __name__ == "__main__":
    print(n_compiled())
