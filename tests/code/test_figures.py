"""The figures stored with a program: imports, entry point, tests, top-level calls, CIRS."""

from __future__ import annotations

import sys

import pytest

from corpusforge.code import CodeConfig, judge_text
from corpusforge.code.cirs import cirs_signals
from corpusforge.code.features import has_entry_point, is_test
from corpusforge.code.grammars import grammar_of, languages
from corpusforge.code.imports import read_imports
from tests.code.samples import SAMPLES

CONFIG = CodeConfig()
STORED = """executable_share comment_share docstring_share nl_words definitions toplevel toplevel_calls imports
literal_share error_share error_weighted lines line_mean_chars line_max_chars alphanumeric_share test entry_point
self_contained generated minified vendored build_file imports_standard imports_known imports_local imports_other""".split()


def test_every_feature_of_the_step_is_a_stored_signal() -> None:
    signals = judge_text(SAMPLES["python"][1], "a.py", CONFIG).signals
    assert {f"code_{name}" for name in STORED} <= set(signals)
    assert all(
        f"code_{name}" in signals for name in ("cirs_structural", "cirs_logical", "cirs_score", "cirs_band")
    )


@pytest.mark.parametrize(
    ("language", "statements", "expected"),
    [
        ("python", ["import os, numpy as np", "from . import a", "from mypkg.x import y"], (1, 1, 1, 1)),
        (
            "javascript",
            ["import a from 'fs'", "import b from './b'", "import 'left-pad'", "import {x} from 'react'"],
            (1, 1, 1, 1),
        ),
        (
            "go",
            ['import (\n\t"fmt"\n\t"net/http"\n\t"github.com/a/b"\n\t"golang.org/x/net/html"\n)'],
            (2, 1, 0, 1),
        ),
        (
            "java",
            ["import java.util.List;", "import static org.junit.Assert.*;", "import com.acme.X;"],
            (1, 1, 0, 1),
        ),
        ("c", ["#include <stdio.h>", '#include "a.h"', "#include <zlib.h>"], (1, 0, 1, 1)),
        ("cpp", ["#include <vector>", "#include <boost/any.hpp>"], (1, 1, 0, 0)),
        ("c#", ["using System.Linq;", "using Acme.Tools;"], (1, 0, 0, 1)),
        (
            "rust",
            ["use std::fs;", "use crate::a;", "use serde::Serialize;", "extern crate foo;"],
            (1, 1, 1, 1),
        ),
        ("ruby", ["require 'set'", "require_relative 'a'", "require 'acme'"], (1, 0, 1, 1)),
        ("erlang", ['-include("a.hrl").', '-include_lib("eunit/include/eunit.hrl").'], (1, 0, 1, 0)),
        ("prolog", ["use_module(x)"], (0, 0, 0, 1)),
    ],
)
def test_an_import_is_standard_known_local_or_other(
    language: str, statements: list[str], expected: tuple[int, ...]
) -> None:
    found = read_imports(statements, "", language)
    assert (found.standard, found.known, found.local, found.other) == expected


def test_require_calls_count_as_imports_of_javascript() -> None:
    found = read_imports([], "const fs = require('fs');\nconst a = require('./a');\n", "javascript")
    assert (found.standard, found.local) == (1, 1)


def test_the_standard_library_of_python_is_known_whole() -> None:
    modules = [name for name in sys.stdlib_module_names if not name.startswith("_")]
    found = read_imports([f"import {name}" for name in modules], "", "python")
    # A newer interpreter may have a few more.
    assert found.standard >= len(modules) - 5


@pytest.mark.parametrize(
    ("source", "alone"),
    [
        ("import os\nimport numpy as np\nx = os.getcwd()\n", 1.0),
        ("x = 3\nprint(x + 1)\n", 1.0),
        ("from .core import x\nprint(x + 1)\n", 0.0),
        ("import acme_internal\nprint(acme_internal.x)\n", 0.0),
    ],
)
def test_self_contained_means_nothing_but_common_packages(source: str, alone: float) -> None:
    assert judge_text(source, "a.py", CONFIG).signals["code_self_contained"] == alone


@pytest.mark.parametrize(
    "text",
    [
        "import x\nif __name__ == '__main__':\n    x()\n",
        "int main(void) {\n",
        "func main() {\n",
        "fn main() {",
        "  public static void main(String[] a) {",
        "#!/bin/sh\necho\n",
        "int WinMain(int a)",
        "x\nmain = putStrLn x\n",
    ],
)
def test_entry_points_are_seen(text: str) -> None:
    assert has_entry_point(text)


@pytest.mark.parametrize(
    "text", ["domain(x)\n", "def remain(x):\n    return x\n", "obj.main(3)\n", "x = 1\n"]
)
def test_what_only_sounds_like_main_is_no_entry_point(text: str) -> None:
    assert not has_entry_point(text)


@pytest.mark.parametrize(
    "text",
    [
        "def test_a():\n",
        "x\n  @Test\n",
        "func TestA(t *T) {",
        "#[test]\nfn a() {}",
        "x\n  it('works', () => {",
        "TEST_F(A, b) {",
        '@testset "a" begin',
    ],
)
def test_unit_tests_are_seen(text: str) -> None:
    assert is_test(text)
    assert not is_test("def attest(x):\n    return latest\n")


def test_top_level_calls_are_counted_apart_from_definitions() -> None:
    signals = judge_text(
        "import os\n\ndef f(x):\n    return g(x)\n\nf(1)\nprint(os.name)\ny = f(3)\n", "a.py", CONFIG
    ).signals
    assert (signals["code_toplevel"], signals["code_toplevel_calls"]) == (3.0, 2.0)


def test_most_languages_have_queries_for_top_level_statements_imports_and_definitions() -> None:
    for capture, least in (
        ("toplevel|item", 40),
        ("import", 40),
        ("definition", 40),
        ("comment", 60),
        ("string", 60),
    ):
        having = 0
        for name in languages():
            grammar = grammar_of(name)
            names = (
                {grammar.query.capture_name(i) for i in range(grammar.query.capture_count)}
                if grammar
                else set[str]()
            )
            having += bool(names & set(capture.split("|")))
        assert having >= least, capture


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_parsed_language_has_cirs_figures(name: str) -> None:
    path, source = SAMPLES[name][:2]
    signals = judge_text(source * 3, path, CONFIG).signals
    assert 0.0 < signals["code_cirs_score"] < 1.0
    assert signals["code_halstead_volume"] > 0


def raw(nodes: float, logic: float) -> dict[str, float]:
    return {
        "code_ast_nodes": nodes,
        "code_ast_depth": CONFIG.cirs_depth[0],
        "code_ast_types": CONFIG.cirs_types[0],
        "code_halstead_difficulty": logic,
        "code_cyclomatic": 1.0,
    }


def test_cirs_of_an_average_program_is_a_quarter_and_its_bands_follow_the_score() -> None:
    average = cirs_signals(raw(CONFIG.cirs_nodes[0], CONFIG.cirs_logic[0]), CONFIG)
    assert average["code_cirs_score"] == pytest.approx(0.25)
    assert average["code_cirs_band"] == 1.0
    assert cirs_signals(raw(1e9, 1e9), CONFIG)["code_cirs_band"] == 2.0
    assert cirs_signals(raw(-1e9, 0), CONFIG)["code_cirs_band"] == 0.0


def test_a_large_file_is_figured_from_its_head_without_losing_depth() -> None:
    parts = (f"def f(x):\n    return [x + {i}, {{'a': (x, 2)}}]\n\n\n" for i in range(1_500))
    source = "".join(parts)
    whole = judge_text(source, "a.py", CodeConfig(max_tree_bytes=1 << 20)).signals
    head = judge_text(source, "a.py", CONFIG).signals
    for name in ("code_ast_nodes", "code_ast_depth", "code_ast_types"):
        assert head[name] == pytest.approx(whole[name], abs=1)
