"""The rows of `track.py`: what of ours is measured, on what, and the floor and peer beside it.

Inputs are the demo's dumps, made here, or with --data some of the development dumps. Floor: what the
work cannot be done without, by a library or the interpreter. Peer: who does about the same work.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from fastwarc.warc import ArchiveIterator
from mwparserfromhell.parser._tokenizer import CTokenizer
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from corpusforge.code import judge_code
from corpusforge.code.detect import detect
from corpusforge.code.grammars import grammar_of
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract import extract_document
from corpusforge.filter import filter_document
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.label import label_document
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.steps import Tools, chain, load_tools

Work = Callable[[Any], object]
Figures = dict[str, float]
"""CPU seconds of `ours`, `floor` and perhaps `peer`, for the same items in the same minute."""

REAL = {
    SourceKind.WARC: ["web/crawl-*-00000.warc.gz", "web/crawl-*-00004.warc.gz"],
    SourceKind.GITHUB: ["github/stackv2_style/files-00002.parquet"],
    SourceKind.NOTEBOOKS: ["notebooks/*.tar.gz"],
    SourceKind.MEDIAWIKI: ["wiki/*wiki-*.xml.bz2", "wiki/enwiktionary*.xml.bz2"],
    SourceKind.BOOKS: ["books/*/*"],
}
MADE = {
    SourceKind.WARC: "web",
    SourceKind.GITHUB: "github",
    SourceKind.NOTEBOOKS: "notebooks",
    SourceKind.MEDIAWIKI: "wiki",
    SourceKind.STACKEXCHANGE: "stackexchange",
    SourceKind.BOOKS: "books",
}
_TURNS = 3
_MEMBER = b"\x1f\x8b\x08"
_MOST_ITEMS = 400


class Inputs:
    """Dumps, their documents as they are read, and the texts of those that the steps keep."""

    def __init__(self, data: Path | None, made: Path) -> None:
        self.data, self.made = data, made
        self.config = StepsConfig()

    @functools.cached_property
    def tools(self) -> Tools:
        return load_tools(self.config)

    def files(self, kind: SourceKind) -> list[InputFile]:
        """Return the dumps of a kind; the made ones where there are no real ones."""
        paths = [Path(p) for pattern in REAL.get(kind, ()) if self.data for p in self.data.glob(pattern)]
        paths = sorted(paths) or sorted(p for p in (self.made / MADE[kind]).rglob("*") if p.is_file())
        return [InputFile(str(path), path.name, "track", kind) for path in paths]

    @functools.cache  # noqa: B019  one object a process
    def documents(self, markup: Markup) -> list[Document]:
        """Return documents of a markup, spread over the dumps."""
        kinds = {
            Markup.HTML: SourceKind.WARC, Markup.SOURCE: SourceKind.GITHUB,
            Markup.NOTEBOOK: SourceKind.NOTEBOOKS, Markup.WIKITEXT: SourceKind.MEDIAWIKI,
        }  # fmt: skip
        found = [
            record
            for file in self.files(kinds[markup])
            for record in read(file, IngestConfig())
            if isinstance(record, Document) and record.markup is markup
        ]
        return found[:: max(1, len(found) // _MOST_ITEMS)][:_MOST_ITEMS]

    def before(self, name: str) -> list[Document]:
        """Return documents as they come to a step: the steps before it have kept them."""
        steps = list(itertools.takewhile(lambda step: step[0] != name, chain(self.config, self.tools)))
        found: list[Document] = []
        for markup in (Markup.HTML, Markup.SOURCE, Markup.NOTEBOOK, Markup.WIKITEXT):
            for document in self.documents(markup)[::4]:
                result: Any = document
                for _, step in steps:
                    result = step(result) if isinstance(result, Document) else result
                found += [result] if isinstance(result, Document) else []
        return found


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    bar: str
    is_short: bool
    """Whether the short form has it."""
    measure: Callable[[Inputs, float], Callable[[], Figures]]
    """(inputs, CPU seconds to spend on each work) -> what measures once."""


def _turns(items: Sequence[Any], works: dict[str, Work], spend_s: float) -> Callable[[], Figures]:
    """Return what measures works on the same items, by turns: a busy machine slows them all.

    Each turn of a work takes about as long, however fast it is: the clock of a processor may tick in
    hundredths of a second.
    """
    if not items:
        raise SystemExit("a row has nothing to measure: its dump gave no document")

    def turn(work: Work, passes: int) -> float:
        start_s = time.process_time()
        for item in itertools.chain.from_iterable(itertools.repeat(items, passes)):
            work(item)
        return time.process_time() - start_s

    passes = dict.fromkeys(works, 1)
    for name, work in works.items():
        turn(work, 1)  # what is compiled or loaded at a first call is no part of it
        while (spent_s := turn(work, passes[name])) < spend_s / _TURNS / 4:
            passes[name] *= 2
        passes[name] = max(1, round(passes[name] * spend_s / _TURNS / spent_s))

    def once() -> Figures:
        spent = dict.fromkeys(works, 0.0)
        for _ in range(_TURNS):
            for name, work in works.items():
                spent[name] += turn(work, passes[name])
        return {name: spent_s / passes[name] for name, spent_s in spent.items()}

    return once


def _page(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config = inputs.config.extract
    works: dict[str, Work] = {
        "ours": lambda page: extract_document(page, config),
        "floor": lambda page: HTMLTree.parse_from_bytes(page.raw),
        "peer": lambda page: extract_plain_text(HTMLTree.parse_from_bytes(page.raw), main_content=True),
    }
    return _turns(inputs.documents(Markup.HTML), works, spend_s)


def _archive(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    works: dict[str, Work] = {
        "ours": lambda file: sum(1 for _ in read(file, IngestConfig())),
        "floor": lambda file: _inflated(Path(file.path)),
        "peer": lambda file: _read_by_peer(Path(file.path)),
    }
    return _turns(inputs.files(SourceKind.WARC), works, spend_s)


def _read_by_peer(path: Path) -> int:
    """Return the bytes of all bodies of a file that fastwarc reads: up to the first damage."""
    size = 0
    with path.open("rb") as stream, contextlib.suppress(OSError):
        for record in ArchiveIterator(stream, parse_http=True):
            size += len(record.reader.read())
    return size


def _inflated(path: Path) -> int:
    """Return the bytes of all gzip members of a file."""
    data, size = path.read_bytes(), 0
    if data[:2] != _MEMBER[:2]:
        return len(data)
    at = 0
    while at >= 0:
        member = zlib.decompressobj(31)
        try:
            size += len(member.decompress(data[at:]))
            at = len(data) - len(member.unused_data) if member.unused_data else -1
        except zlib.error:  # damaged on purpose
            at = data.find(_MEMBER, at + 1)
    return size


def _code(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config = inputs.config
    grammars = {}
    for document in inputs.documents(Markup.SOURCE):
        text = (document.raw or b"").decode("utf-8", "replace")
        found = detect(text, document.path, config.code)
        grammars[document.doc_id] = grammar_of(found.named_language or "")
    works: dict[str, Work] = {
        "ours": lambda file: _judged(file, config),
        "floor": lambda file: grammars[file.doc_id].parse(file.raw),
    }
    programs = [each for each in inputs.documents(Markup.SOURCE) if grammars[each.doc_id] is not None]
    return _turns(programs, works, spend_s)


def _judged(file: Document, config: StepsConfig) -> object:
    text = extract_document(file, config.extract)
    return judge_code(text, config.code) if isinstance(text, Document) else text


def _wikitext(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config = inputs.config.extract
    works: dict[str, Work] = {
        "ours": lambda page: extract_document(page, config),
        "floor": lambda page: CTokenizer().tokenize(page.raw.decode("utf-8", "replace")),
    }
    return _turns(inputs.documents(Markup.WIKITEXT), works, spend_s)


def _notebooks(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config = inputs.config.extract
    works: dict[str, Work] = {
        "ours": lambda notebook: extract_document(notebook, config),
        "floor": lambda notebook: json.loads(notebook.raw),
    }
    sound = [each for each in inputs.documents(Markup.NOTEBOOK) if _does(works["floor"], each)]
    return _turns(sound, works, spend_s)


def _does(work: Work, item: object) -> bool:
    try:
        work(item)
    except ValueError:
        return False  # damaged on purpose
    return True


def _split(document: Document) -> list[str]:
    """Return the words of a text, the least that looks at each of its characters."""
    return document.text.lower().split()


def _label(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config, models = inputs.config.label, inputs.tools.models
    works: dict[str, Work] = {"ours": lambda each: label_document(each, config, models), "floor": _split}
    return _turns(inputs.before("label"), works, spend_s)


def _filter(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    config = inputs.config.filter
    works: dict[str, Work] = {"ours": lambda each: filter_document(each, config, None), "floor": _split}
    return _turns(inputs.before("filter"), works, spend_s)


def _hash(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    try:
        content_hash = importlib.import_module("corpusforge.dedup.normal").content_hash
    except AttributeError:  # where it stood before
        content_hash = importlib.import_module("corpusforge.text").content_hash
    ascii_only = [each for each in inputs.before("filter") if each.text.isascii()]
    works: dict[str, Work] = {"ours": lambda each: content_hash(each.text), "floor": _split}
    return _turns(ascii_only, works, spend_s)


def _stackexchange(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    works: dict[str, Work] = {
        "ours": lambda file: sum(1 for _ in read(file, IngestConfig())),
        "floor": lambda file: expat.ParserCreate().Parse(Path(file.path).read_bytes(), True),
    }
    plain = [file for file in inputs.files(SourceKind.STACKEXCHANGE) if file.path.endswith("Posts.xml")]
    return _turns(plain, works, spend_s)


def _tokens(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    tokenizer = load_tokenizer("cl100k_base")
    texts = [each.text for each in inputs.before("filter")]
    works: dict[str, Work] = {
        "ours": lambda text: tokenizer.encode_batch([text]),
        "floor": lambda text: tokenizer.engine.encode([text.encode()]),
    }
    return _turns(texts, works, spend_s)


_WHOLE = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans come here
status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:])
while True:
    try:
        os.wait()
    except ChildProcessError:
        sys.exit(status)
"""


@functools.cache
def _with_byte_code() -> dict[str, str]:
    """Return an environment that keeps byte code, as an installation does: the first run writes it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folder = tempfile.mkdtemp(prefix="byte-code-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


def _command(*arguments: str) -> float:
    """Return the CPU seconds of a command and of all that it started, those it left behind among them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", _WHOLE, sys.executable, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_with_byte_code())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_LOADED = "import numba, numpy, pyarrow, pydantic"
"""The libraries that nothing here runs without."""


def _one_row(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    path = inputs.made / "row.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "We prove that the sum is even. " * 20}) + "\n")

    def once() -> Figures:
        ours = _command("-m", "corpusforge.cli", "label", str(path))
        return {"ours": ours, "floor": _command("-c", _LOADED)}

    once()
    return once


_RESTARTS = 5
_RESTARTED = f"""
import importlib
from corpusforge import steps
from corpusforge.config import StepsConfig
config = StepsConfig()
try:
    importlib.import_module("corpusforge.forked_server").own_process()
    steps.share_tools(config)
except ModuleNotFoundError:
    pass  # of the version before
sandbox = steps.open_sandbox(config)
pages = list(steps.first_documents())
list(sandbox.map(pages))
before_s = sandbox.cpu_s()
for _ in range({_RESTARTS}):
    sandbox.close()
    list(sandbox.map(pages))
print((sandbox.cpu_s() - before_s) / {_RESTARTS})
sandbox.close()
"""


def _restart(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    def once() -> Figures:
        told = subprocess.run(
            [sys.executable, "-c", _RESTARTED], check=True, stdout=subprocess.PIPE, text=True
        )
        return {"ours": max(0.002, float(told.stdout)), "floor": _command("-c", _LOADED)}

    once()
    return once


def _tiny_build(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    article = importlib.import_module("benches.build").article
    dump = inputs.made / "one.jsonl"
    dump.write_text(json.dumps({"id": "1", "text": article("tiny")}) + "\n")

    def once() -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "tiny.toml"
            sources = f'[[sources]]\nname = "s"\npaths = ["{dump}"]\n'
            config.write_text(f'name = "tiny"\noutput = "{folder}/corpus"\n{sources}')
            ours = _command("-m", "corpusforge.cli", "build", str(config), "--workers", "1")
        return {"ours": ours, "floor": _command("-c", f"{_LOADED}, apache_beam")}

    once()
    return once


def _warc_to_part(inputs: Inputs, spend_s: float) -> Callable[[], Figures]:
    bench = Path(__file__).with_name("web_path.py")
    path = inputs.files(SourceKind.WARC)[0].path

    def once() -> Figures:
        figures = {}
        for name, run in (("ours", "corpusforge, build"), ("peer", "datatrove")):
            python = os.environ.get("CORPUSFORGE_PEERS", "") if name == "peer" else sys.executable
            if python:
                told = subprocess.run(
                    [python, str(bench), path, "--pages", "300", "--one", run],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                figures[name] = json.loads(told.stdout.splitlines()[-1])["cpu_s"]
        pages = inputs.documents(Markup.HTML)[:300]
        start_s = time.process_time()
        for page in pages:
            HTMLTree.parse_from_bytes(page.raw or b"")
        return figures | {"floor": time.process_time() - start_s}

    return once


ROWS = (
    Row("page -> text", "6x lexbor's parse, 1.2x resiliparse", True, _page),
    Row("archive, bodies decoded", "2x fastwarc", True, _archive),
    Row("code", "2x tree-sitter's parse", True, _code),
    Row("wikitext -> text", "3x mwparserfromhell's tokeniser", True, _wikitext),
    Row("notebook -> text", "4 times as fast; floor: json", True, _notebooks),
    Row("label", "twice as fast; floor: lower().split()", True, _label),
    Row("filter", "twice as fast; floor: lower().split()", True, _filter),
    Row("content hash, ASCII", "2.5 times as fast; floor: lower().split()", True, _hash),
    Row("Stack Exchange", "floor: expat", True, _stackexchange),
    Row("tokens", "what the engine allows", True, _tokens),
    Row("label of one row", "1.2 CPU s; floor: its libraries loaded", False, _one_row),
    Row("a child's restart", "0.05 CPU s; floor: as above", False, _restart),
    Row("a tiny build", "2.5 CPU s; floor: as above and Beam", False, _tiny_build),
    Row("WARC -> part", "8 times datatrove; floor: lexbor's parse", False, _warc_to_part),
)


def rows_named(names: Iterable[str]) -> list[Row]:
    """Return the rows of these names; SystemExit, one clear line, where there is no such row."""
    known = {row.name: row for row in ROWS}
    if unknown := sorted(set(names) - known.keys()):
        raise SystemExit(f"no such row: {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[name] for name in names]
