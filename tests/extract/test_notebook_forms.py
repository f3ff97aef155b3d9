"""Notebooks in other charsets, of other makers, and what leaves them: files they carry along."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from corpusforge.code.cells import read_cells
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.embedded import without_files
from corpusforge.extract.notebooks.cells import notebook_cells
from corpusforge.extract.notebooks.reading import read_notebook
from corpusforge.extract.repositories.source import without_baggage

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20).decode()
WRAPPED = "\n".join(PNG[i : i + 76] for i in range(0, len(PNG), 76))
URL = f"data:image/png;base64,{PNG}"


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("gbk", "数据分析教程：我们先读取数据，然后画图。"),
        ("shift_jis", "データ分析の教程です。まず読み込みます。"),
        ("cp1251", "Прочитаем данные и построим график по ним"),
        ("euc_kr", "데이터를 읽고 그래프를 그립니다 여러분"),
        ("latin-1", "Les données sont lues puis tracées à côté du modèle"),
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_charset_is_found_behind_images(charset: str, words: str, indent: int | None) -> None:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "source": "x",
            "outputs": [{"output_type": "display_data", "data": {"image/png": PNG * 30}}],
        },
        {"cell_type": "markdown", "source": f"# {words}\n\n{words}"},
    ]
    raw = json.dumps({"nbformat": 4, "cells": cells}, ensure_ascii=False, indent=indent).encode(charset)
    notebook, notes = read_notebook(raw)
    assert notebook["cells"][1]["source"] == f"# {words}\n\n{words}" and notes


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"a ![x [y] z]({URL}) b", "a x [y] z b"),
        (f"![logo][img] text\n\n[img]: {URL}\nend", "logo text\n\nend"),
        (f"[img]: <{URL}> 'title'\n![img]", "img"),
        (f'a <img alt="x" src="{URL}" width=3> b', "a  b"),
        (f'.a {{ background: url("{URL}"); }}', '.a { background: url(""); }'),
        (f"out b'{PNG}'", "out b''"),
        (f"before\n{WRAPPED}\nafter words", "before\n\nafter words"),
        ("![s](data:image/svg+xml;utf8,<svg xmlns='x'><a/></svg>) k", "s k"),
        ("![a](attachment:x.png 'title') z", "a z"),
        ("plain data: words; data:image is a word", "plain data: words; data:image is a word"),
        ("a hash 3f5e9a0c" * 20, "a hash 3f5e9a0c" * 20),
    ],
)
def test_files_in_a_text_leave_their_words(text: str, left: str) -> None:
    assert without_files(text)[0] == left


def document(raw: bytes, markup: Markup, path: str) -> Document:
    return Document(doc_id="0" * 32, source="s", source_kind=SourceKind.GITHUB, locator=path, path=path,
                    markup=markup, raw=raw)  # fmt: skip


def test_images_leave_readmes_and_outputs() -> None:
    readme = document(f"# T\n\nwords ![a]({URL}) here\n".encode(), Markup.SOURCE, "README.md")
    result = extract_document(readme, ExtractConfig())
    assert isinstance(result, Document) and "base64" not in result.text and "words" in result.text
    output = {"output_type": "stream", "text": f"shown\n{URL}\n"}
    cell = {"cell_type": "code", "source": "show()", "outputs": [output]}
    raw = json.dumps({"nbformat": 4, "cells": [cell]}).encode()
    result = extract_document(document(raw, Markup.NOTEBOOK, "a.ipynb"), ExtractConfig())
    assert isinstance(result, Document) and result.text == "```\nshow()\n```\n\n```output\nshown\n```"


def test_code_of_a_cell_is_kept_to_the_character() -> None:
    code = "s = 'e\u0301 \u2028 \x0c\ttab'  \nt = '''a\n\n\n\n\nb   \n'''\nu = 1"
    raw = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": code}]}).encode()
    result = extract_document(document(raw, Markup.NOTEBOOK, "a.ipynb"), ExtractConfig())
    assert isinstance(result, Document) and result.text == f"```\n{code}\n```"


def cells_of(raw: str) -> list[tuple[str, str, str]]:
    return [
        (cell.kind, cell.language, cell.source) for cell in notebook_cells(read_notebook(raw.encode())[0])
    ]


def test_cells_of_databricks_name_their_language() -> None:
    sources = [
        "%md\n# T\nwords",
        "%md-sandbox <b>x</b>",
        "%sql\nselect 1",
        "%scala\nval x = 1",
        "%time f()",
        "%sql select 1",
    ]
    cells = [{"cell_type": "code", "source": source} for source in sources]
    metadata = {"language_info": {"name": "python"}}
    assert cells_of(json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells})) == [
        ("markdown", "", "# T\nwords"),
        ("markdown", "", "<b>x</b>"),
        ("code", "sql", "%sql\nselect 1"),
        ("code", "scala", "%scala\nval x = 1"),
        ("code", "python", "%time f()"),
        ("code", "python", "%sql select 1"),
    ]


def test_a_note_of_zeppelin_is_read() -> None:
    texts = ["%md\n# T", "%spark.pyspark\nprint(1)", "%sql select 1", "val x = 1"]
    assert cells_of(json.dumps({"paragraphs": [{"text": text} for text in texts]})) == [
        ("markdown", "", "# T"),
        ("code", "python", "print(1)"),
        ("code", "sql", "select 1"),
        ("code", "scala", "val x = 1"),
    ]


DEEPNOTE = """\
metadata:
  createdAt: x
project:
  id: '1'
  notebooks:
    - blocks:
        - blockGroup: a
          content: |-
            # Title

            words: here
          metadata:
            deepnote_cell_height: 3
          type: markdown
        - content: |
            if x:
                print('a: b')
          type: code
          outputs:
            - text: no cell
        - content: 'select ''a'''
          type: sql
        - content: "print(\\"a\\\\tb\\")"
          type: code
      name: n
  settings: {}
"""


def test_blocks_of_deepnote_are_cells() -> None:
    assert cells_of(DEEPNOTE) == [
        ("markdown", "", "# Title\n\nwords: here"),
        ("code", "python", "if x:\n    print('a: b')"),
        ("code", "sql", "select 'a'"),
        ("code", "python", 'print("a\\tb")'),
    ]


@pytest.mark.parametrize(
    ("text", "style", "prose"),
    [
        ('import marimo\n\napp = marimo.App()\n\n@app.cell\ndef _(mo):\n    mo.md(r"""\n    # Hello all of you\n'
         '    """)\n    return\n\n@app.cell\ndef _():\n    x = 1\n    return (x,)\n', "marimo", 1),
        ("#' # Head\n#' words go here\nx <- 1\n#+ plot\nplot(x)\n", "spin", 1),
        ("%[text] # Title\n%[text] some words\nx = 1;\n%[text] more\nplot(x)\n", "live", 3),
        ("#' Add\n#' @param x a\n#' @export\nf <- function(x) x\n", None, 0),
        ("import marimo\nprint(marimo.__version__)\n", None, 0),
    ],
)  # fmt: skip
def test_scripts_that_are_notebooks_are_told(text: str, style: str | None, prose: int) -> None:
    found = read_cells(text)
    assert (found.style if found else None) == style and (found.markdown_cells if found else 0) == prose


def test_what_scripts_carry_for_themselves_goes() -> None:
    cell = '# ╔═╡ 00000000-0000-0000-0000-00000000000{}\nPLUTO_{}_TOML_CONTENTS = """\nx = 1\n"""\n\n'
    head = "### A Pluto.jl notebook ###\n# v0.19\n\n# ╔═╡ 1a\nx = 1\n\n"
    order = "# ╔═╡ Cell order:\n# ╠═1a\n"
    text = head + cell.format(1, "PROJECT") + cell.format(2, "MANIFEST") + order
    text += "# ╟─00000000-0000-0000-0000-000000000001\n# ╟─00000000-0000-0000-0000-000000000002\n"
    assert without_baggage(text) == head + order
    assert (
        without_baggage('%[text] a\nx\n\n%[appendix]{"version":"1.0"}\n%---\n%[output:1]\n')
        == "%[text] a\nx\n\n"
    )
    assert without_baggage("x = 1\n") == "x = 1\n"


def test_brackets_with_backslashes_in_an_alternative_text_are_read_once():
    text = "data: ![" + r"\[a\]" * 40  # two ways to read each bracket would be 2^80
    assert without_files(text) == (text, 0)
