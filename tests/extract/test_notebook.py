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
        (lambda s: s[: s.index('"y = 2"')], "2 whole cells before it kept"),
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
        ("<<<<<<< HEAD\n{}\n=======\n[]\n>>>>>>> x\n", "merge conflict"),
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
