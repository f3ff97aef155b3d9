"""`extract` and `trace FILE`: a page, a notebook, wikitext, rows."""

import gzip
import json
import lzma
import subprocess
import sys

from corpusforge.extract.notebooks.script import read_script
from tests.cli.conftest import PROGRAM, PROSE
from tests.cli.test_label import NOTEBOOK, PAGE

FORMULA = '<html><body><article><p>We know that <script type="math/tex">a^2+b^2</script> is a sum of squares.'


def test_a_page_gives_its_text(corpusforge, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    result = corpusforge("extract", page)
    assert result.status == 0 and "harbour town" in result.out and "<p>" not in result.out
    assert corpusforge("extract", "-", stdin=PAGE.encode()).out == result.out


def test_formulas_stay(corpusforge, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(FORMULA + f"</p><p>{PROSE}</p></article></body></html>")
    assert "$a^2+b^2$" in corpusforge("extract", page).out


def test_a_notebook_and_wikitext(corpusforge, tmp_path):
    (tmp_path / "n.ipynb").write_text(json.dumps(NOTEBOOK, indent=1))
    assert "def walk(folder):" in corpusforge("extract", tmp_path / "n.ipynb").out
    (tmp_path / "p.wiki").write_text("'''Harbour''' is a [[port|small port]].\n")
    assert "Harbour" in (text := corpusforge("extract", tmp_path / "p.wiki").out)
    assert "small port" in text and "[[" not in text


def test_a_notebook_as_script_keeps_every_character(corpusforge, tmp_path):
    cells = [("markdown", "# T\n\ntext "), ("code", "%time x = 1\n\n"), ("code", "y\n\n\n")]
    book = {"nbformat": 4, "cells": [{"cell_type": kind, "source": source} for kind, source in cells]}
    (tmp_path / "n.ipynb").write_text(json.dumps(book))
    script = corpusforge("extract", tmp_path / "n.ipynb", "--as", "script").out
    assert [(cell.kind, cell.source) for cell in read_script(script)] == cells
    (tmp_path / "page.html").write_text(PAGE)
    refused = corpusforge("extract", tmp_path / "page.html", "--as", "script")
    assert refused.status == 1 and "no notebook" in refused.err


def test_rows_in_order_with_output(corpusforge, jsonl, tmp_path):
    path = jsonl({"id": 2, "html": PAGE}, {"id": 1, "html": "<html></html>"}, "nonsense")
    output = tmp_path / "texts.jsonl"
    result = corpusforge("extract", path, "--output", output)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["id"] for row in rows] == [2, 1, "rows.jsonl#line=3"]
    assert "harbour town" in rows[0]["text"] and rows[1]["text"] == "" and rows[2]["error"]
    assert result.status == 0 and "2 rows" in result.err


def test_no_text_is_a_failure_that_says_why(corpusforge, tmp_path):
    page = tmp_path / "empty.html"
    page.write_text("<html><body></body></html>")
    result = corpusforge("extract", page)
    assert result.status == 1 and "empty.html" in result.err and "no_text" in result.err


def test_trace_tells_each_step(corpusforge, tmp_path):
    program = tmp_path / "walk.py"
    program.write_text(PROGRAM)
    told = json.loads(corpusforge("trace", program, "--json").out)
    assert [step["step"] for step in told["steps"]] == [
        "ingest",
        "opt_out",
        "extract",
        "code",
        "label",
        "filter",
    ]
    assert told["steps"][3]["set"]["domain"] == "code" and told["end"] == "kept as code/all"
    shown = corpusforge("trace", program).out
    assert "python program" in shown and "kept as code/all" in shown


def test_trace_stops_where_a_document_is_dropped(corpusforge, tmp_path):
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"name": "x", "lockfileVersion": 2, "packages": {}}, indent=2))
    told = json.loads(corpusforge("trace", lock, "--json").out)
    assert told["steps"][-1]["drop_reason"] == "lock_file" and told["end"].startswith("dropped by code")


def test_trace_of_rows_is_limited(corpusforge, jsonl):
    path = jsonl(*({"id": n, "text": PROSE.format(n=n)} for n in range(4)))
    result = corpusforge("trace", path, "--limit", "2", "--json")
    assert len(result.out.splitlines()) == 2 and "--limit" in result.err


def test_it_never_ends_with_nothing_on_either_stream(corpusforge, tmp_path):
    redirects = (
        "<mediawiki><page><title>A</title><ns>0</ns><id>1</id><redirect title='B'/><revision><id>1</id>"
    )
    files = {
        "empty.jsonl": b"",
        "only.xml": f"{redirects}<text>#REDIRECT [[B]]</text></revision></page></mediawiki>".encode(),
        "head.warc": b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        result = corpusforge("extract", tmp_path / name)
        assert not result.out.strip() and name in result.err, name
    assert "redirect" in corpusforge("extract", tmp_path / "only.xml").err


def test_a_saved_page_is_its_text_never_mime(corpusforge, tmp_path):
    head = "MIME-Version: 1.0\r\nSnapshot-Content-Location: https://e.org/\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    (tmp_path / "page.mhtml").write_text(f"{head}--x\r\nContent-Type: text/html\r\n\r\n{PAGE}\r\n--x--\r\n")
    out = corpusforge("extract", tmp_path / "page.mhtml").out
    assert "harbour town" in out and "multipart" not in out


def test_a_page_that_is_packed_alone_is_unpacked_and_damage_is_told(corpusforge, tmp_path):
    for name, pack in (("page.html.xz", lzma.compress), ("page.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack(PAGE.encode()))
        assert "harbour town" in corpusforge("extract", tmp_path / name).out
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(PAGE.encode())[:-40])
    result = corpusforge("extract", tmp_path / "cut.html.gz")
    assert result.status and "fetch it again" in result.err and "cut.html.gz" in result.err


def test_a_file_that_no_reader_reads_says_the_way_out(corpusforge, tmp_path):
    (tmp_path / "book.mobi").write_bytes(b"T".ljust(60, b"\0") + b"BOOKMOBI" + bytes(99))
    result = corpusforge("extract", tmp_path / "book.mobi")
    assert result.status and not result.out and "convert it to EPUB first" in result.err


_AFTER_START = """
import gc
from numba.core.dispatcher import Dispatcher
from corpusforge.commands.extract import make_extract
from corpusforge.extract import ExtractConfig
from corpusforge.document import Document, Markup, SourceKind

def versions():
    return sum(len(found.signatures) for found in gc.get_objects() if isinstance(found, Dispatcher))

extract = make_extract(ExtractConfig())
before = versions()
raw = "<p>Some words – and <code>x</code> – that stand here.</p><pre>x = 1\\n</pre>".encode()
extract(Document(doc_id="", source="", source_kind=SourceKind.WARC, locator="", markup=Markup.HTML, raw=raw))
print(before, versions())
"""


def test_what_is_compiled_for_a_page_is_not_taken_from_its_deadline():
    """Compiling takes half a minute of CPU time where no cache is: the first page of an installation."""
    said = subprocess.run([sys.executable, "-c", _AFTER_START], capture_output=True, text=True, check=True)
    before, after = map(int, said.stdout.split())
    assert 0 < before == after
