"""What the split makes of the kinds of file that a repository holds."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from corpusforge.code import CodeConfig, judge_code, judge_text
from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind

CONFIG = CodeConfig()
PROGRAM = "import os\n\n\ndef size(path):\n    return os.stat(path).st_size\n\n\nprint(size('.'))\n"
ANNOTATED = """// A _slice_ is a view of an array, and
// this program shows how slices are made.

package main

import "fmt"

func main() {

    // To make a slice of a given length, call `make`
    // with the type of its elements and a number.
    s := make([]string, 3)
    fmt.Println(s)

    // We can set and get just as we do with arrays,
    // by an index that begins at zero.
    s[0] = "a"
    fmt.Println(s[0])

    // The function `len` returns the length of the slice
    // as we expect it, whatever its capacity is.
    fmt.Println(len(s))

    // In addition to these basic operations there is `append`,
    // which returns a slice with one or more new values.
    s = append(s, "d")
}
"""
TUTORIAL = "# Sorting\n\nWe begin with a list of numbers and want it in order.\n\n```python\nxs = [3, 1]\nxs.sort()\n```\n\nThen print it.\n"
PROSE = "# About\n\n" + "This project collects the stories of old mills along the river. " * 12 + "\n"
PERCENT = "# %% [markdown]\n# # Mills\n# We read the table of all mills by the river.\n\n# %%\nimport csv\nrows = list(csv.reader(open('m')))\n"
LIGHT = "# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n# # Mills\n#\n# We read the table of all the mills by the river.\n\nimport csv\n"
GALLERY = '"""\nPlot mills\n==========\n\nHow to draw all the mills by the river.\n"""\nimport csv\n\n####################\n# Now we read the table that holds the mills.\nrows = 1\n'
NBCONVERT = "# coding: utf-8\n\n# ## Mills by the river\n\n# We read the table of mills first of all.\n\n# In[1]:\n\n\nimport csv\n\n\n# In[2]:\n\n\nx = 1\n"
PLUTO = '### A Pluto.jl notebook ###\n# v0.12\n\nusing Markdown\n\n# ╔═╡ 1\nmd"""\n# Mills\nWe count all the mills by the river.\n"""\n\n# ╔═╡ 2\nx = 1\n'
TABLE = "WORDS = (\n" + "".join(f"    'word{i}',\n" for i in range(80)) + ")\n"
SESSION = "# Running the program prints the size.\n$ go run size.go\nsize: 3\n\n# With a flag it prints more.\n$ go run size.go -v\nsize: 3\nname: a\n"
LICENCE = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software and so on.\n"
CONFLICT = "x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> other\nprint(x)\n"
DAMAGED = "".join(f"def fun{{tion{i}(a}}b, c):\n    re^urn su~m(a, c|d) + li§t[{i}\n" for i in range(12))


def notebook(cells: list[tuple[str, str]]) -> str:
    made = [{"cell_type": kind, "source": [text], "metadata": {}, "outputs": []} for kind, text in cells]
    return json.dumps({"cells": made, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4})


EXPLAINED_NOTEBOOK = notebook(
    [("markdown", "# Mills\nWe read the table of all mills by the river and count them."), ("code", "x = 1")]
    * 3
)
CODE_NOTEBOOK = notebook([("code", "x = 1"), ("code", "print(x)")])
PROSE_NOTEBOOK = notebook([("markdown", "Only words here, about mills and rivers.")])

CODE = {"a.py": PROGRAM, "b.ipynb": CODE_NOTEBOOK, "c.sh": '#!/bin/sh\nfor f in *; do\n  echo "$f"\ndone\n'}
CODE_NL = {
    "for.go": ANNOTATED,
    "t.md": TUTORIAL,
    "p.py": PERCENT,
    "l.py": LIGHT,
    "g.py": GALLERY,
    "n.py": NBCONVERT,
    "p.jl": PLUTO,
    "s.sh": SESSION,
    "n.ipynb": EXPLAINED_NOTEBOOK,
    "d.py": '"""\nMills\n=====\n\n'
    + "A long account of how to count mills, with examples.\n\n>>> count()\n3\n" * 6
    + '"""\n',
    "r.Rmd": "# Mills\n\nWe count all the mills by the river first.\n\n```{r}\nx <- 1\ny <- 2\n```\n",
    "q.rst": "Mills\n=====\n\nWe count all the mills like this::\n\n    x = count()\n    print(x)\n\nThat is all.\n",
    "k.lhs": "Mills\n\n"
    + "We count the mills by the river with a function of one line. " * 5
    + "\n\n> count :: Int\n> count = 3\n",
}
DROPS = {
    "package-lock.json": ("{}", DropReason.LOCK_FILE),
    "a.json": ('{"a": 1}', DropReason.DATA),
    "a.csv": ("a,b\n1,2\n", DropReason.DATA),
    "a.yml": ("a: 1\n", DropReason.CONFIG),
    "Makefile": ("all:\n\tcc a.c\n", DropReason.BUILD_FILE),
    "a.html": ("<html><body>x</body></html>", DropReason.MARKUP),
    "LICENSE": (LICENCE, DropReason.LICENCE_TEXT),
    "CHANGELOG.md": ("# 1.0\n* new\n", DropReason.LOG),
    "words.py": (TABLE, DropReason.DATA),
    "conflict.py": (CONFLICT, DropReason.MERGE_CONFLICT),
    "damaged.py": (DAMAGED, DropReason.CORRUPTED),
    "vendor/x/a.go": ("package x\n\nfunc F() int { return 1 }\n", DropReason.VENDORED),
    "jquery-3.1.min.js": ("var a = 1;\n", DropReason.VENDORED),
    "a.pb.go": ("package x\n\nfunc F() int { return 1 }\n", DropReason.GENERATED),
    "gen.py": (
        "# Generated by the tool. Do not edit this file.\nx = 1\ny = 2\nprint(x)\n",
        DropReason.GENERATED,
    ),
    "app.js": ("var a=1;" * 400, DropReason.MINIFIED),
    "dump.sql": ("INSERT INTO t VALUES (1, 'a');\n" * 50, DropReason.SQL_DUMP),
    "broken.ipynb": ('{"cells": [{"cell_type": "code", "source": ["x', DropReason.CORRUPTED),
}


@pytest.mark.parametrize("path", sorted(CODE))
@pytest.mark.parametrize("with_path", [True, False])
def test_programs_are_code(path: str, with_path: bool) -> None:
    verdict = judge_text(CODE[path], path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == ("code", None), verdict.reason


@pytest.mark.parametrize("path", sorted(CODE_NL))
@pytest.mark.parametrize("with_path", [True, False])
def test_explained_code_is_code_nl(path: str, with_path: bool) -> None:
    verdict = judge_text(CODE_NL[path], path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == ("code_nl", None), verdict.reason


@pytest.mark.parametrize("path", sorted(DROPS))
def test_the_rest_is_dropped_by_kind(path: str) -> None:
    text, reason = DROPS[path]
    verdict = judge_text(text, path, CONFIG)
    assert (verdict.domain, verdict.drop) == (None, reason), verdict.reason
    assert "\n" not in verdict.reason


@pytest.mark.parametrize(
    ("path", "text"), [("README.md", PROSE), ("README", PROSE), (None, PROSE), ("n.ipynb", PROSE_NOTEBOOK)]
)
def test_prose_is_left_to_the_label_step(path: str | None, text: str) -> None:
    verdict = judge_text(text, path, CONFIG)
    assert (verdict.domain, verdict.drop) == (None, None), verdict.reason


def test_a_generator_that_only_holds_a_notice_in_a_string_is_a_program() -> None:
    text = 'import sys\n\nHEADER = """\nThis file is automatically generated. Do not edit.\n"""\n\n\ndef main():\n    sys.stdout.write(HEADER)\n'
    assert judge_text(text, "gen.py", CONFIG).domain == "code"


def test_heavily_commented_code_is_still_code() -> None:
    text = "\n".join(
        f"/**\n * Returns the number {i} that the caller asked for, as it always was.\n */\nint f{i}(void) {{\n  return {i};\n}}\n"
        for i in range(6)
    )
    verdict = judge_text(text, "a.c", CONFIG)
    assert verdict.domain == "code"
    assert verdict.signals["code_comment_share"] > 0.5


def test_a_language_without_grammar_says_that_it_was_read_as_text() -> None:
    verdict = judge_text(
        "import Foundation\n\nfunc f(x: Int) -> Int {\n    return x + 1\n}\n", "a.swift", CONFIG
    )
    assert verdict.domain == "code"
    assert "without a syntax tree" in verdict.reason


@pytest.mark.parametrize("text", ["int a;\n" * 400_000, "/* " * 2_000 + "int a = 1;\n" * 5])
def test_a_file_too_large_or_hostile_is_not_parsed(text: str) -> None:
    verdict = judge_text(text, "a.c", CONFIG)
    assert verdict.signals.get("code_parsed", 0.0) == 0.0


def test_a_deep_tree_gets_figures_without_being_printed() -> None:
    verdict = judge_text(
        "x = " + "+".join(["a"] * 40_000) + "\ny = 1\n" * 3,
        "a.py",
        CodeConfig(max_line_chars=10**6, max_mean_line_chars=10**6),
    )
    assert verdict.signals["code_ast_depth"] > 1_000


def test_code_documents_carry_complexity_figures() -> None:
    signals = judge_text(PROGRAM, "a.py", CONFIG).signals
    # Counted by hand: os, size, path, os, stat, path, st_size, size, '.'; `print` is a word of the grammar's.
    assert signals["code_cyclomatic"] == 1.0
    assert signals["code_halstead_operands"] == 9.0
    assert signals["code_ast_depth"] >= 5
    assert signals["code_ast_types"] >= 8
    more = judge_text(PROGRAM + "if size('x') > 3 and size('y'):\n    print(1)\n", "a.py", CONFIG).signals
    assert more["code_cyclomatic"] == 3.0


def document(text: str, path: str | None, markup: Markup = Markup.SOURCE, **signals: float) -> Document:
    return Document(
        doc_id="0" * 32,
        source="s",
        source_kind=SourceKind.GITHUB,
        locator="x",
        markup=markup,
        text=text,
        path=path,
        signals=signals,
    )


def test_judge_code_sets_domain_language_reason_and_signals() -> None:
    judged = judge_code(document(PROGRAM, "a.py"), CONFIG)
    assert isinstance(judged, Document)
    assert (judged.domain, judged.programming_language) == ("code", "python")
    assert judged.domain_reason is not None and judged.domain_reason.startswith(
        "python program: 100% of the characters are code"
    )
    assert judged.signals["code_definitions"] == 1.0


def test_judge_code_drops_with_the_reason() -> None:
    judged = judge_code(document("{}", "a.json"), CONFIG)
    assert isinstance(judged, Drop)
    assert judged.reason is DropReason.DATA


def test_judge_code_reads_a_notebook_from_the_counts_of_extract() -> None:
    counts = {"notebook_code_cells": 4.0, "notebook_markdown_cells": 5.0, "notebook_markdown_words": 200.0}
    explained = judge_code(document("text", "a.ipynb", Markup.NOTEBOOK, **counts), CONFIG)
    script = judge_code(document("text", "a.ipynb", Markup.NOTEBOOK, notebook_code_cells=4.0), CONFIG)
    assert isinstance(explained, Document) and explained.domain == "code_nl"
    assert isinstance(script, Document) and script.domain == "code"


def test_judge_code_passes_other_markup_and_prose_through() -> None:
    page = document("text", None, Markup.HTML)
    assert judge_code(page, CONFIG) is page
    prose = judge_code(document(PROSE, "README.md"), CONFIG)
    assert isinstance(prose, Document) and prose.domain is None and prose.domain_reason is None


def test_the_labelled_dev_set_stays_above_its_bars(shared_data: Path) -> None:
    file = shared_data / "codegold" / "dev.jsonl.xz"
    if not file.exists():
        pytest.skip("the labelled code files (codegold/dev.jsonl.xz) are not on this machine")
    rows = [json.loads(line) for line in lzma.open(file, "rt", encoding="utf-8")][::4]
    got = [judge_text(row["text"], row["path"], CONFIG).domain or "neither" for row in rows]
    right = sum(label == row["label"] for label, row in zip(got, rows, strict=True))
    assert right / len(rows) >= 0.97


@pytest.mark.parametrize("path", ["src/requirements.py", "requirements_parser.py", "license.py"])
def test_a_program_is_not_taken_for_the_file_that_its_name_recalls(path: str) -> None:
    body = "def walk(tree):\n    for node in tree:\n        yield node\n\n\nprint(list(walk([1, 2])))\n" * 3
    assert judge_text(body, path, CodeConfig()).domain == "code"
    assert judge_text("flask==2.0\nnumpy>=1.2\n", "requirements-dev.txt", CodeConfig()).drop == "config"
