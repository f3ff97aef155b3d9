"""Each kind of file that lies near the line between code and Code-NL, by hand, with and without its path."""

from __future__ import annotations

import pytest

from corpusforge.code import CodeConfig, judge_text

CONFIG = CodeConfig()
WORDS = "We count the mills along the river and compare them with the list of the year before. "
PY = "import csv\n\n\ndef read(path):\n    with open(path) as rows:\n        return list(csv.reader(rows))\n\n\nprint(len(read('mills.csv')))\n"
JS = "import fs from 'fs';\n\nexport function read(path) {\n  const text = fs.readFileSync(path, 'utf8');\n  return text.split('\\n').filter((line) => line.length > 0);\n}\n\nconsole.log(read('mills.csv').length);\n"
C = '#include <stdio.h>\n\nstatic int count(const char *path) {\n  FILE *f = fopen(path, "r");\n  int n = 0;\n  while (f && fgetc(f) != EOF) n++;\n  return n;\n}\n\nint main(void) {\n  printf("%d\\n", count("mills"));\n  return 0;\n}\n'
HEADER = "#ifndef MILL_H\n#define MILL_H\n\n#include <stddef.h>\n\nstruct mill;\nsize_t mill_count(const struct mill *first);\nvoid mill_free(struct mill *first);\n\n#endif\n"

# name -> (path, text): a program whatever it looks like
PROGRAMS = {
    "crlf": ("a.py", PY.replace("\n", "\r\n")),
    "byte_order_mark": ("a.py", "\ufeff" + PY),
    "tabs": ("a.py", PY.replace("    ", "\t")),
    "chinese_comments": ("a.js", "// 读取文件并计算行数，空行不算在内。\n" + JS + "// 结束：打印行数。\n"),
    "russian_comments": ("a.c", "/* Считает символы в файле и печатает их число. */\n" + C),
    "japanese_comments": (
        "a.py",
        "# 水車の一覧を読み込んで数を表示するプログラムです。\n# 空の行は数えません。\n\n" + PY,
    ),
    "mentions_generated": ("a.py", "# Reads the file that the generated report is made of.\n" + PY),
    "mentions_vendored": ("a.py", "# The vendored copy is not read, for it is older.\n" + PY),
    "writes_a_header": (
        "a.py",
        PY + '\n\ndef header():\n    return """\n#include <stdio.h>\n// generated, do not edit\n"""\n',
    ),
    "declarations": ("a.h", HEADER),
    "type_declarations": (
        "a.d.ts",
        "export interface Mill {\n  name: string;\n  wheels?: number;\n}\n\nexport declare function count(mills: Mill[]): number;\nexport declare const VERSION: string;\n",
    ),
    "stub": (
        "a.pyi",
        "from typing import Iterator\n\nclass Mill:\n    name: str\n    def wheels(self) -> int: ...\n\ndef read(path: str) -> Iterator[Mill]: ...\n",
    ),
    "interface": (
        "Mill.java",
        "package org.mills;\n\nimport java.util.List;\n\npublic interface Mill {\n    String name();\n    List<Wheel> wheels();\n}\n",
    ),
    "sql_schema": (
        "schema.sql",
        "CREATE TABLE mill (\n  id INTEGER PRIMARY KEY,\n  name TEXT NOT NULL,\n  wheels INTEGER DEFAULT 1\n);\n\nCREATE INDEX mill_name ON mill (name);\n",
    ),
    "doctests": (
        "a.py",
        '"""Mills."""\n\n\ndef double(x):\n    """Return twice a number.\n\n    >>> double(2)\n    4\n    >>> double(0)\n    0\n    """\n    return 2 * x\n\n\ndef half(x):\n    """Return half of a number.\n\n    >>> half(4)\n    2.0\n    """\n    return x / 2\n',
    ),
    "long_docstring": ("a.py", '"""' + WORDS * 12 + '\n"""\n\n' + PY + "\n\n" + PY.replace("read", "again")),
    "fences_in_a_docstring": (
        "a.jl",
        '"""\n    count(mills)\n\n# Example\n```julia\njulia> count([1, 2])\n2\n```\n"""\nfunction count(mills)\n    total = 0\n    for mill in mills\n        total += 1\n    end\n    return total\nend\n',
    ),
    "cython": (
        "a.pyx",
        "# cython: language_level=3\n\nfrom libc.stdint cimport uint32_t\ncimport cython\n\ncdef class Mill:\n    cdef uint32_t wheels\n\n    def __cinit__(self, uint32_t wheels):\n        self.wheels = wheels\n\ncpdef uint32_t twice(uint32_t x):\n    return 2 * x\n",
    ),
    "cython_declarations": (
        "a.pxd",
        'cdef extern from "mill.h" nogil:\n    ctypedef struct mill_t:\n        int wheels\n    int mill_count(mill_t *first)\n    void mill_free(mill_t *first)\n',
    ),
    "lisp": (
        "a.lisp",
        ";;; Mills by the river.\n(in-package :mills)\n\n(defun wheels (mill)\n  (if (null mill)\n      0\n      (1+ (wheels (cdr mill)))))\n\n(defparameter *all* (list 1 2 3))\n",
    ),
    "scheme_query": (
        "highlights.scm",
        '(string) @string\n\n[\n  "if"\n  "else"\n] @keyword\n\n(call function: (identifier) @function)\n(comment) @comment\n',
    ),
    "matlab_sections": (
        "a.m",
        "%% Load the table\nmills = readtable('mills.csv');\nn = size(mills, 1);\n\n%% Draw it\nfigure;\nplot(1:n, mills.wheels);\ntitle('Mills');\nxlabel('number');\n",
    ),
    "constants_by_tabs": (
        "A.java",
        "package org.mills;\n\npublic interface Names {\n"
        + "".join(f'\tpublic static final String NAME_{i} = "name-{i}";\n' for i in range(12))
        + "\tint count(String name);\n}\n",
    ),
    "makefile_like_assembly": (
        "a.S",
        ".section .text\n.globl sum\nsum:\n\tpushq\t%rbp\n\tmovq\t%rsp, %rbp\n\txorl\t%eax, %eax\nloop:\n\taddl\t(%rdi), %eax\n\tjmp\tloop\n\tret\n",
    ),
    "css_in_a_program": (
        "a.js",
        "const css = `\n.mill { color: red; }\n`;\n" + JS,
    ),
}
DOCUMENTS = {
    "markdown": (
        "a.md",
        f"# Mills\n\n{WORDS}\n\n```python\nrows = read('mills')\nprint(len(rows))\n```\n\n{WORDS}\n",
    ),
    "markdown_indented_fence": (
        "a.md",
        f"# Mills\n\n1. {WORDS}\n\n   ```bash\n   count mills\n   ls -l river\n   ```\n\n2. {WORDS}\n",
    ),
    "markdown_of_a_program": (
        "a.md",
        '# Counting\n\nThe whole program reads the mills and prints how many there are:\n\n```rust\nuse std::fs;\n\nfn main() {\n    let text = fs::read_to_string("mills").unwrap();\n    println!("{}", text.lines().count());\n}\n```\n',
    ),
    "rest": (
        "a.rst",
        f"Mills\n=====\n\n{WORDS}\n\n.. code-block:: python\n\n   rows = read('mills')\n   print(len(rows))\n\n{WORDS}\n",
    ),
    "myst": (
        "a.md",
        f"---\njupytext:\n  text_representation:\n    format_name: myst\n---\n\n# Mills\n\n{WORDS}\n\n```{{code-cell}} ipython3\nrows = read('mills')\nlen(rows)\n```\n",
    ),
    "rmd": (
        "a.Rmd",
        f"---\ntitle: Mills\noutput: html_document\n---\n\n{WORDS}\n\n```{{r}}\nmills <- read.csv('mills.csv')\nnrow(mills)\n```\n",
    ),
    "rnw": (
        "a.Rnw",
        f"\\documentclass{{article}}\n\\begin{{document}}\n\\section{{Mills}}\n{WORDS}\n\n<<count>>=\nmills <- read.csv('mills.csv')\nnrow(mills)\n@\n\n{WORDS}\n\\end{{document}}\n",
    ),
    "org": (
        "a.org",
        f"#+TITLE: Mills\n\n* Counting\n\n{WORDS}\n\n#+BEGIN_SRC python\nrows = read('mills')\nprint(len(rows))\n#+END_SRC\n\n{WORDS}\n",
    ),
    "asciidoc": (
        "a.adoc",
        f"= Mills\n:toc:\n\n{WORDS}\n\n[source,python]\n----\nrows = read('mills')\nprint(len(rows))\n----\n\n{WORDS}\n",
    ),
    "bird_tracks": (
        "a.lhs",
        f"Mills\n\n{WORDS * 4}\n\n> module Mills where\n>\n> count :: [a] -> Int\n> count = length\n\n{WORDS}\n",
    ),
    "literate_latex": (
        "a.lhs",
        f"\\documentclass{{article}}\n\\begin{{document}}\n{WORDS * 4}\n\\begin{{code}}\nmodule Mills where\n\ncount :: [a] -> Int\ncount = length\n\\end{{code}}\n\\end{{document}}\n",
    ),
    "percent_julia": (
        "a.jl",
        f'# %% [markdown]\n# # Mills\n# {WORDS}\n\n# %%\nusing CSV\nrows = CSV.File("mills.csv")\n',
    ),
    "percent_javascript": (
        "a.js",
        f"// %% [markdown]\n// # Mills\n// {WORDS}\n\n// %%\nconst rows = read('mills');\nrows.length\n",
    ),
}
# name -> (path, text, drop): what carries neither program nor explanation
OTHERS = {
    "cmake": (
        "CMakeLists.txt",
        "# Mills\ncmake_minimum_required(VERSION 3.10)\nproject(mills C)\n\nset(SOURCES mill.c wheel.c)\nadd_executable(mills ${SOURCES})\nif(WITH_TESTS)\n  add_subdirectory(tests)\nendif()\n",
        "build_file",
    ),
    "meson": (
        "meson.build",
        "project('mills', 'c')\n\ndep = dependency('threads')\nexecutable('mills', 'mill.c', dependencies: dep)\nsubdir('tests')\n",
        "build_file",
    ),
    "webpack": (
        "webpack.config.js",
        "const path = require('path');\nconst webpack = require('webpack');\n\nmodule.exports = {\n  entry: './src/index.js',\n  plugins: [new webpack.ProgressPlugin()],\n  output: { path: path.join(__dirname, 'dist') },\n};\n",
        "build_file",
    ),
    "dockerfile": (
        "Dockerfile",
        'FROM python:3.11\nCOPY . /app\nRUN pip install mills\nCMD ["mills"]\n',
        "build_file",
    ),
    "toml": (
        "pyproject.toml",
        '[project]\nname = "mills"\nversion = "1.0"\ndependencies = [\n  "numpy>=1",\n  "click",\n]\n\n[tool.ruff]\nline-length = 100\n',
        "config",
    ),
    "workflow_with_scripts": (
        "ci.yml",
        'name: tests\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          for f in *; do echo "$f"; done\n          if [ -f mills ]; then exit 1; fi\n',
        "config",
    ),
    "protocol": (
        "mill.proto",
        'syntax = "proto3";\n\npackage mills;\n\n// A mill by the river.\nmessage Mill {\n  string name = 1;\n  repeated int32 wheels = 2;\n}\n',
        "config",
    ),
    "css": (
        "a.css",
        "/* Mills */\n.mill, .wheel { color: red; font-size: 12px; }\n#river {\n  display: block;\n  margin: 0 auto;\n}\n",
        "markup",
    ),
    "less": (
        "a.less",
        "@import 'colors.less';\n\n@river: #08c;\n\n.mill {\n  color: @river;\n  &:hover {\n    opacity: 0.5;\n  }\n  .wheel { display: none; }\n}\n",
        "markup",
    ),
    "html_fragment": (
        "head.html",
        '<script src="mills.js"></script>\n<script>\n  window.mills = [];\n  function add(mill) { window.mills.push(mill); }\n</script>\n',
        "markup",
    ),
    "template": (
        "mills.py.jinja",
        "{% for mill in mills %}\ndef {{ mill.name }}():\n    return {{ mill.wheels }}\n{% endfor %}\n{% if tests %}\nprint('ok')\n{% endif %}\n",
        "markup",
    ),
    "man_page": (
        "mills.1",
        '.TH "MILLS" "1" "2020" "mills 1.0"\n.SH "NAME"\nmills - counts mills\n.SH "OPTIONS"\n.IP "-a" 4\ncount all (even the small ones)\n',
        "markup",
    ),
    "postscript": (
        "a.ps",
        "%!PS-Adobe-3.0\n/river { 0 0 moveto 10 10 lineto } def\nriver stroke\nshowpage\n",
        "data",
    ),
    "graph": ("a.dot", "digraph mills {\n  node [shape=box];\n  a -> b;\n  b -> c [color=red];\n}\n", "data"),
    "patch": (
        "a.patch",
        "--- a/mill.c\n+++ b/mill.c\n@@ -1,3 +1,3 @@\n-int wheels = 1;\n+int wheels = 2;\n int main(void);\n",
        "data",
    ),
}
PROSE = {
    "tex": (
        "a.tex",
        f"\\documentclass{{article}}\n% mills\n\\begin{{document}}\n\\section{{Mills}}\n{WORDS * 3}\nLet $x = \\sqrt{{2}}$ and\n\\[ f(x) = x^2 + 1 \\]\n\\end{{document}}\n",
    ),
    "indented_text": ("tutor.eo", "Mills by the river\n==================\n\n" + f"   {WORDS[:70]}\n\n" * 30),
    "listing_in_markdown": (
        "a.md",
        f"# Mills\n\n{WORDS * 4}\n\n```\nmills/\n├── src/\n│   ├── wheel.py\n│   └── river.py\n└── README.md\n```\n\n{WORDS * 4}\n",
    ),
    "prose_named_like_a_language": (
        "tutor.el",
        "".join(
            f"  {i}. Then turn the ({i}) wheel slowly, and wait until the water comes to the mill\n"
            for i in range(40)
        ),
    ),
    "readme_of_a_language": ("README.C++", "".join(f"{WORDS[:60]}\n" for _ in range(20))),
}


@pytest.mark.parametrize("with_path", [True, False])
@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_program_is_code(name: str, with_path: bool) -> None:
    path, text = PROGRAMS[name]
    verdict = judge_text(text, path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == ("code", None), verdict.reason


@pytest.mark.parametrize("with_path", [True, False])
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_explained_code_is_code_nl(name: str, with_path: bool) -> None:
    path, text = DOCUMENTS[name]
    verdict = judge_text(text, path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == ("code_nl", None), verdict.reason


@pytest.mark.parametrize("with_path", [True, False])
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_is_neither_is_dropped_by_its_kind(name: str, with_path: bool) -> None:
    path, text, drop = OTHERS[name]
    verdict = judge_text(text, path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == (None, drop), verdict.reason


@pytest.mark.parametrize("with_path", [True, False])
@pytest.mark.parametrize("name", sorted(PROSE))
def test_prose_is_neither_code_nor_code_nl(name: str, with_path: bool) -> None:
    path, text = PROSE[name]
    verdict = judge_text(text, path if with_path else None, CONFIG)
    assert (verdict.domain, verdict.drop) == (None, None), verdict.reason


TAUGHT = "import csv\n\n" + "\n".join(
    f"# Here we read table {i} of the mills by the river,\n# and keep its rows for the comparison below.\nrows{i} = list(csv.reader(open('{i}')))\nprint(len(rows{i}))\n"
    for i in range(6)
)
DOCUMENTED = "import csv\n\n" + "\n".join(
    f"# Returns the number of rows that table {i} of the mills holds,\n# or zero when there is no such table in the folder.\ndef rows{i}(path):\n    return len(list(csv.reader(open(path))))\n"
    for i in range(6)
)
STEPS = "package mills\n\n" + "\n".join(
    f"// Count{i} gives the number of mills of kind {i} that stand by the river.\n// The list is read anew whenever the file has changed since the last call.\nfunc Count{i}() int {{\n\treturn {i}\n}}\n"
    for i in range(6)
)


def test_a_program_that_speaks_to_its_reader_step_by_step_is_code_nl() -> None:
    verdict = judge_text(TAUGHT, "tables.py", CONFIG)
    assert verdict.domain == "code_nl", verdict.reason
    assert "explained line by line" in verdict.reason


@pytest.mark.parametrize(("path", "text"), [("tables.py", DOCUMENTED), ("mills.go", STEPS)])
def test_comments_that_document_definitions_leave_a_library_code(path: str, text: str) -> None:
    verdict = judge_text(text, path, CONFIG)
    assert verdict.domain == "code", verdict.reason
    assert verdict.signals["code_comment_share"] > 0.3


@pytest.mark.parametrize(
    ("path", "banner", "drop"),
    [
        ("lib.js", "/*!\n * mills.js v3.1.0 | (c) 2020 A. Miller | MIT license\n */\n", "vendored"),
        ("lib.js", "/**\n * Mills 3.1.0 <https://mills.org>\n * Released under the MIT license\n */\n", None),
        ("lib.js", "/*! Counts mills. Licensed under the GPL version 2.0 */\n", None),
    ],
)
def test_a_published_script_is_told_by_a_banner_that_minifiers_keep(
    path: str, banner: str, drop: str | None
) -> None:
    assert judge_text(banner + JS, path, CONFIG).drop == drop


def test_a_wrapper_for_every_loader_tells_a_published_script() -> None:
    wrapper = "(function (root, factory) {\n  if (typeof define === 'function' && define.amd) { define([], factory); }\n  else { root.mills = factory(); }\n}(this, function () {\n  return function (a) { return a + 1; };\n}));\n"
    banner = "/**\n * Mills 3.1.0 <https://mills.org>\n * Released under the MIT license\n */\n"
    assert judge_text(banner + wrapper, "lib.js", CONFIG).drop == "vendored"
    assert judge_text(wrapper, "lib.js", CONFIG).domain == "code"


@pytest.mark.parametrize(
    "head",
    [
        "/* mills.h - v1.2 - public domain counting of mills */\n",
        "/* A single-header library that counts mills. Version 1.2. */\n",
        "/* This file is an amalgamation of many separate C source files. */\n",
    ],
)
def test_a_single_header_release_tells_itself(head: str) -> None:
    assert judge_text(head + C, "mills.c", CONFIG).drop == "vendored"
    assert judge_text(C + head, "mills.c", CONFIG).domain == "code"


def test_settings_that_never_close_do_not_hang_the_reader() -> None:
    hostile = "---\n" + "".join(f"key {i}: [a]: - value\n" for i in range(400)) + "  - nested\n" * 400
    assert judge_text(hostile, None, CONFIG).domain is None


def test_a_polyglot_notebook_of_text_is_code_nl_and_without_words_code() -> None:
    cells = f"#!markdown\n\n# Mills\n\n{WORDS}\n\n#!csharp\n\nusing System;\nConsole.WriteLine(3);\n\n#!fsharp\n\nlet x = 3\n"
    bare = "#!csharp\n\nusing System;\nvar mills = new List<string>();\nConsole.WriteLine(mills.Count);\n"
    assert judge_text(cells, "mills.dib", CONFIG).domain == "code_nl"
    assert judge_text(bare, "mills.dib", CONFIG).domain == "code"


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("a.json", '{"a": 1}', "data, told by its name"),
        ("yarn.lock", "x", "lock file, told by its name"),
        (None, '{"a": 1}', "data (json), told by its content"),
        ("Makefile", "all:\n\tcc a.c\n", "build script, told by its name"),
        (
            "a.py",
            PY,
            "python program: 100% of the characters are code, 0% comments; 1 definition, 1 import, no parse errors",
        ),
    ],
)
def test_the_reason_reads_as_a_sentence_with_its_figures(path: str | None, text: str, reason: str) -> None:
    assert judge_text(text, path, CONFIG).reason == reason
