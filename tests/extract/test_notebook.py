"""Notebooks whole and broken: what can be read is read, what cannot says where and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document

CONFIG = ExtractConfig()
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text"]},
    {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []},
    {"cell_type": "code", "metadata": {}, "source": "y = 2", "outputs": []},
]
KERNEL = {"kernelspec": {"name": "ir", "language": "R"}}
NOTEBOOK: dict[str, Any] = {"cells": CELLS, "nbformat": 4, "nbformat_minor": 2, "metadata": KERNEL}


def read(make, raw: str | bytes) -> Document:
    result = extract_document(make(raw, Markup.NOTEBOOK), CONFIG)
    assert isinstance(result, Document), result
    return result


def test_cells_in_order_and_apart_with_counts(make) -> None:
    result = read(make, json.dumps(NOTEBOOK))
    assert result.text == "# Title\ntext\n\n```r\nx = 1\n```\n\n```r\ny = 2\n```"
    assert result.programming_language == "r"
    assert result.signals["notebook_code_cells"] == 2
    assert result.signals["notebook_markdown_words"] == 2
    assert result.signals["notebook_code_chars"] == 10


@pytest.mark.parametrize(
    ("spoil", "note"),
    [
        (lambda s: "\ufeff" + s, None),
        (lambda s: s.replace("]}", ",]}", 1) if "]}" in s else s, "trailing comma"),
        (lambda s: json.dumps(s), "JSON inside"),
        (lambda s: s[: s.index('"y = 2"')], "2 whole cells kept"),
        (
            lambda s: s.replace('"# Title\\n", ', '"# Title\\n" oops ').replace(
                '"cells": [', '"cells": [' + json.dumps(CELLS[0]) + ", "
            ),
            "3 whole cells kept",
        ),
        (lambda s: "<<<<<<< HEAD\n" + s + "\n=======\n{}\n>>>>>>> x\n", "the first side of 1 kept"),
        (lambda s: s + "garbage", "after the end"),
    ],
)
def test_damage_costs_only_what_it_hit(make, spoil, note: str | None) -> None:
    result = read(make, spoil(json.dumps(NOTEBOOK)))
    assert "x = 1" in result.text and "# Title" in result.text
    assert note is None or any(note in line for line in result.notes)


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
        ("<!DOCTYPE html><html></html>", "markup in place of a notebook"),
        ('{"cells": [{"cell', "at offset"),
        ("[1, 2]", "not an object"),
        ("<<<<<<< HEAD\n{,}\n=======\n[]\n>>>>>>> x\n", "merge conflict"),
        ("[" * 100_000, ""),
    ],
)
def test_what_cannot_be_read_says_why(make, raw: str, detail: str) -> None:
    result = extract_document(make(raw, Markup.NOTEBOOK), CONFIG)
    assert isinstance(result, Drop)
    assert result.reason is DropReason.UNREADABLE
    assert detail in result.detail


def test_version_3_worksheets_headings_and_language(make) -> None:
    notebook = {
        "nbformat": 3,
        "worksheets": [
            {"cells": [
                {"cell_type": "heading", "level": 2, "source": "Part"},
                {"cell_type": "code", "language": "python", "input": ["a\n", "b"],
                 "outputs": [{"output_type": "pyout", "text": "3", "png": "xx"}]},
            ]}
        ],
    }  # fmt: skip
    result = read(make, json.dumps(notebook))
    assert result.text == "## Part\n\n```python\na\nb\n```\n\n```output\n3\n```"
    assert result.programming_language == "python"
    assert "1 images dropped" in result.notes


def test_code_with_fences_stays_one_block(make) -> None:
    notebook = {**NOTEBOOK, "cells": [{"cell_type": "code", "source": "s = '''\n```\n'''", "outputs": []}]}
    assert read(make, json.dumps(notebook)).text == "````r\ns = '''\n```\n'''\n````"


def one_cell(source: str = "", outputs: list[Any] | None = None, **cell: Any) -> str:
    code = {"cell_type": "code", "source": source, "outputs": outputs or [], **cell}
    return json.dumps({**NOTEBOOK, "metadata": {"language_info": {"name": "python"}}, "cells": [code]})


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("%%bash\nls", "bash"), ("%%R -o x\ny", "r"), ("%%time\nx", "python"), ("%matplotlib inline\nx", "python"),
        ("!pip install x", "python"), ("%%writefile a/b.yaml\nk: 1", "yaml"), ("%%file notes\nk", "text"),
        ("%%script perl -w\nx", "perl"), ("%%bigquery df\nSELECT 1", "sql"), ("#!fsharp\nlet x = 1", "fsharp"),
        ("\n%%javascript\nf()", "javascript"), ("#!/bin/sh\nls", "python"),
    ],
)  # fmt: skip
def test_magics_stay_and_name_the_fence(make, source: str, language: str) -> None:
    code = source.strip()
    assert read(make, one_cell(source)).text == f"```{language}\n{code}\n```"


def test_outputs_become_text_and_what_cannot_is_told(make) -> None:
    table = "<style>th {}</style><table><tr><th></th><th>a</th></tr><tr><th>0</th><td> 1\n</td></tr></table>"
    frames = "\n".join(f'  File "a.py", line {n}, in f' for n in range(30))
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["10 %\r", "100 %\n"]},
        {"output_type": "stream", "name": "stderr", "text": "\x1b[31mred\x1b[0m\n"},
        {"output_type": "display_data", "data": {"text/html": table, "text/plain": "<IPython.core.display.HTML object>"}},
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure size 640x480 with 1 Axes>"}},
        {"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}}},
        {"output_type": "display_data", "data": {"text/html": "<div><script>f()</script></div>"}},
        {"output_type": "execute_result", "data": {"text/html": table, "text/plain": "   a\n0  1"}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [frames, "E: v"]},
    ]  # fmt: skip
    result = read(make, one_cell("x", outputs))
    kept = "\n".join(f'  File "a.py", line {n}, in f' for n in range(25, 30))
    assert result.text == (
        "```python\nx\n```\n\n```output\n100 %\nred\n```\n\n```output\n | a\n0 | 1\n```\n\n"
        f"```output\n   a\n0  1\n```\n\n```output\n{kept}\nE: v\n```"
    )
    assert result.notes == (
        "1 HTML outputs dropped", "1 images dropped", "25 lines of tracebacks dropped", "1 widgets dropped",
    )  # fmt: skip


def test_an_open_fence_does_not_swallow_the_next_cell(make) -> None:
    cells = [{"cell_type": "markdown", "source": "try\n```python\nf()"}, *CELLS[1:2]]
    result = read(make, json.dumps({**NOTEBOOK, "cells": cells}))
    assert result.text == "try\n```python\nf()\n```\n\n```r\nx = 1\n```"


def test_images_inside_prose_leave_their_words(make) -> None:
    source = 'see ![a plot](attachment:x.png) and <img width="3" src="data:image/png;base64,AAA"> here'
    result = read(make, json.dumps({**NOTEBOOK, "cells": [{"cell_type": "markdown", "source": source}]}))
    assert result.text == "see a plot and  here" and result.notes == ("2 images dropped",)


def test_version_2_is_read(make) -> None:
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "language": "python", "input": "1+1", "prompt_number": 1, "collapsed": False,
         "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": "2"}]},
    ]  # fmt: skip
    result = read(
        make, json.dumps({"nbformat": 2, "metadata": {"name": "x"}, "worksheets": [{"cells": cells}]})
    )
    assert result.text == "text\n\n```python\n1+1\n```\n\n```output\n2\n```"


def test_lines_of_old_versions_never_run_together(make) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["## Part", "When you start"]},
        {"cell_type": "code", "language": "python", "input": ["for x in y:", "    f(x)"],
         "outputs": [{"output_type": "stream", "text": ["1", "2"]}]},
    ]  # fmt: skip
    result = read(make, json.dumps({"nbformat": 2, "worksheets": [{"cells": cells}]}))
    assert result.text == (
        "## Part\nWhen you start\n\n```python\nfor x in y:\n    f(x)\n```\n\n```output\n1\n2\n```"
    )


def test_a_wide_data_frame_has_whole_rows_and_a_page_its_words(make) -> None:
    table = "<table><tr><th></th><th>a</th><th>b</th></tr><tr><th>0</th><td>1</td><td>2</td></tr></table>"
    outputs = [
        {"output_type": "execute_result", "data": {"text/plain": "   a  \\\n0  1\n\n   b\n0  2", "text/html": table}},
        {"output_type": "display_data", "data": {"text/html": "<h3>Done</h3><p>3 of <b>4</b> pass</p>"}},
    ]  # fmt: skip
    result = read(make, one_cell("x", outputs))
    assert result.text == (
        "```python\nx\n```\n\n```output\n | a | b\n0 | 1 | 2\n```\n\n```output\nDone\n3 of 4 pass\n```"
    )


def test_halves_of_surrogate_pairs_anywhere_leave_text_that_a_file_can_hold(make) -> None:
    half = "\ud800"
    code = {
        "cell_type": "code",
        "source": f"print('{half}')",
        "outputs": [{"output_type": "stream", "text": half}],
    }
    markdown = {"cell_type": "markdown", "source": f"Some words {half} and more of them."}
    names = {"language_info": {"name": half}, "kernelspec": {"language": half}}
    document = read(make, json.dumps({"nbformat": 4, "metadata": names, "cells": [code, markdown]}))
    assert (
        "�" in document.text
        and document.text.encode()
        and (document.programming_language or "").encode() is not None
    )
