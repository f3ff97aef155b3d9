"""The scripts that we write are read by jupytext as the same cells, where jupytext is installed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.extract.notebooks.script import notebook_script

jupytext = pytest.importorskip("jupytext")
_ENDINGS = {
    "python": ".py", "r": ".R", "julia": ".jl", "cpp": ".cpp", "haskell": ".hs", "octave": ".m", "clojure": ".clj",
    "scala": ".scala", "javascript": ".js", "rust": ".rs", "csharp": ".cs", "go": ".go", "ocaml": ".ml", "lua": ".lua",
}  # fmt: skip


def cells_read(cells: list[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Return what jupytext reads in our script, without the blank lines at the end of a cell."""
    book = {
        "nbformat": 4,
        "metadata": {"language_info": {"name": language}},
        "cells": [{"cell_type": kind, "source": source} for kind, source in cells],
    }
    script = notebook_script(json.dumps(book).encode())
    read = jupytext.reads(script, {"extension": _ENDINGS[language], "format_name": "percent"})
    return [(cell.cell_type, cell.source.rstrip("\n")) for cell in read.cells]


PYTHON = st.lists(
    st.sampled_from(
        ["x = 1", "%matplotlib inline", "    %time f()", "!ls -l \\", "    --all", "    files = !ls", "n = %sql x",
         "f?", "ls", "ls = 3", "# %time", "#%%time", 's = """', '"""', "%not a magic", "# a comment", "print('%x')",
         "for i in x:", "    pass", "cd = 1  # cd", "?len", "!pip install x  # noescape"]
    ),
    min_size=1, max_size=6,
).map("\n".join).filter(lambda text: text.count('"""') % 2 == 0)  # fmt: skip
PROSE = st.lists(
    st.sampled_from(["# Title", "text", "- item", "", "  two blanks", "$x$", "| a | b |", "```", "<b>b</b>"]),
    min_size=1,
    max_size=5,
).map(lambda lines: "\n".join(["words", *lines, "end"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.just("code"), PYTHON) | st.tuples(st.just("markdown"), PROSE), min_size=1, max_size=4
    )
)
def test_magics_strings_and_prose_come_back(cells: list[tuple[str, str]]) -> None:
    assert cells_read(cells, "python") == cells


@pytest.mark.parametrize("language", sorted(_ENDINGS))
def test_each_language_with_its_own_comment_mark(language: str) -> None:
    cells = [
        ("markdown", "# Title\n\nwords and *more*"),
        ("code", "x = 1\n\ny = 2"),
        ("code", "print(x)"),
        ("raw", "as it is"),
    ]
    assert cells_read(cells, language) == cells
