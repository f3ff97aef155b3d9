"""No cell loses a character, none runs into the next: in the Markdown and in the script."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, Markup, SourceKind, well_formed
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.notebooks.cells import Cell, notebook_cells, notebook_language
from corpusforge.extract.notebooks.notebook import close_fence, without_images
from corpusforge.extract.notebooks.reading import NotebookError, read_notebook
from corpusforge.extract.notebooks.script import ScriptCell, notebook_script, read_script
from corpusforge.extract.repositories.markdown import scripts_in_markdown
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.text import clean_text

CONFIG = ExtractConfig()


def book(cells: list[tuple[str, str]], language: str = "python") -> dict[str, Any]:
    return {
        "nbformat": 4,
        "metadata": {"language_info": {"name": language}},
        "cells": [{"cell_type": kind, "source": source} for kind, source in cells],
    }


def expected(cell: Cell) -> str:
    """Return a cell's source as the Markdown holds it: code as it is, prose as a reader sees it."""
    if cell.kind == "code":
        return well_formed(cell.source.rstrip())
    prose = clean_text(without_images(cell.source)[0])
    return close_fence((prose if cell.kind == "raw" else scripts_in_markdown(prose)).strip("\n"))


def check_markdown(text: str, cells: list[Cell]) -> None:
    """Read the rendered Markdown back, cell by cell, and find nothing else but outputs."""
    at = 0
    for cell in cells:
        source = expected(cell)
        if not source.strip():
            continue
        at = skip_outputs(text, at)
        if cell.kind == "code":
            line, _, _ = text[at:].partition("\n")
            marks = line[: len(line) - len(line.lstrip("`"))]
            assert len(marks) >= 3 and line == marks + cell.language, (line, cell)
            body, end, _ = text[at + len(line) + 1 :].partition(f"\n{marks}\n")
            if not end:
                body = body.removesuffix(f"\n{marks}")
            assert body.strip("\n") == source.strip("\n")
            at += len(line) + 1 + len(body) + 1 + len(marks)
        else:
            assert text.startswith(source, at), (text[at : at + 80], source[:80])
            at += len(source)
        assert text[at : at + 2] in ("", "\n\n"), "a cell runs into the next"
        at += len(text[at:]) - len(text[at:].lstrip("\n"))
    assert skip_outputs(text, at) == len(text)


def skip_outputs(text: str, at: int) -> int:
    while True:
        line, _, _ = text[at:].partition("\n")
        marks = line.removesuffix("output")
        if marks == line or set(marks) != {"`"}:
            return at
        end = text.find(f"\n{marks}\n", at + len(line))
        at = len(text) if end < 0 else end + len(marks) + 2
        at += len(text[at:]) - len(text[at:].lstrip("\n"))


def document(raw: bytes) -> Document:
    return Document(doc_id="0" * 32, source="s", source_kind=SourceKind.NOTEBOOKS, locator="l",
                    markup=Markup.NOTEBOOK, raw=raw)  # fmt: skip


AWKWARD = st.lists(
    st.sampled_from(
        ["", " ", "x = 1", "%%bash", "%%", "%% ", "%% [markdown]", "# %%", "# %% ", "# # %%", "# %% [raw] ", "!ls",
         "# !ls", "%matplotlib inline", "# %x", "?f", "#", "# ", "#x", "```", "```python", "````", "~~~", "- a",
         "text", "---", "// %%", "// ", "\t", "é", "$$", "# # a", "  indented"]
    ),
    max_size=5,
).map("\n".join)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), AWKWARD), max_size=6),
    st.sampled_from(["python", "r", "cpp", "haskell", "octave", "clojure"]),
)
def test_awkward_cells_come_back(cells: list[tuple[str, str]], language: str) -> None:
    raw = json.dumps(book(cells, language)).encode()
    found = read_script(notebook_script(raw), language)
    assert found == [ScriptCell(kind, source) for kind, source in cells]
    result = extract_document(document(raw), CONFIG)
    if isinstance(result, Document):
        check_markdown(result.text, list(notebook_cells(book(cells, language))))


def test_a_script_is_one_that_tools_read() -> None:
    cells = [("markdown", "# Title\n\ntext"), ("code", "%matplotlib inline\nx = 1"), ("code", "%%bash\nls")]
    script = notebook_script(json.dumps(book(cells)).encode())
    assert script == (
        "# %% [markdown]\n# # Title\n#\n# text\n\n# %%\n# %matplotlib inline\nx = 1\n\n# %%\n# %%bash\n# ls\n"
    )
    assert (
        notebook_script(json.dumps(book([("markdown", "a")], "scala")).encode()) == "// %% [markdown]\n// a\n"
    )


@pytest.fixture(scope="module")
def real_notebooks(shared_data) -> list[Document | Drop]:
    path = shared_data / "notebooks" / "notebooks.tar.gz"
    if not path.is_file():
        pytest.skip("no collection of notebooks")
    records = read(InputFile(path=str(path), name=path.name, source="s"), IngestConfig())
    return [record for record in records if isinstance(record, Document | Drop)]


def test_every_cell_of_every_real_notebook_comes_back(real_notebooks: list[Document | Drop]) -> None:
    ends = Counter[str]()
    for record in real_notebooks:
        if isinstance(record, Drop):
            ends[record.reason] += 1
            continue
        result = extract_document(record, CONFIG)
        try:
            notebook, _ = read_notebook(record.raw or b"")
        except NotebookError:
            assert isinstance(result, Drop)
            ends[result.reason] += 1
            continue
        cells = list(notebook_cells(notebook))
        script = notebook_script(record.raw or b"")
        assert read_script(script, notebook_language(notebook) or "") == [
            ScriptCell(cell.kind, cell.source) for cell in cells
        ], record.locator
        if isinstance(result, Document):
            check_markdown(result.text, cells)
        ends["kept" if isinstance(result, Document) else result.reason] += 1
    print(dict(ends))
    assert sum(ends.values()) == len(real_notebooks) and ends["kept"] > 0.98 * len(real_notebooks)
