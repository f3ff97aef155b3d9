"""Every language of the allow-list is found by its name, parsed, and its parts are counted."""

from __future__ import annotations

import pytest

from corpusforge.code import CodeConfig
from corpusforge.code.detect import detect
from corpusforge.code.features import read_features
from corpusforge.code.first_line import by_shebang
from corpusforge.code.grammars import grammar_of, languages
from tests.code.samples import SAMPLES

CONFIG = CodeConfig()
HANGS_OR_CRASHES = ("swift", "cobol", "agda", "typst", "perl", "starlark")


def test_at_least_forty_languages_have_a_grammar_and_queries_that_compile() -> None:
    parsed = [name for name in languages() if grammar_of(name) is not None]
    assert len(parsed) >= 40
    assert len(SAMPLES) >= 40


def test_grammars_known_to_hang_or_crash_are_never_loaded() -> None:
    loaded = {row.grammar for row in languages().values()}
    assert loaded.isdisjoint(HANGS_OR_CRASHES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_program_is_found_by_its_name_and_its_parts_are_counted(name: str) -> None:
    path, source, definitions, comments, imports = SAMPLES[name]
    found = detect(source, path, CONFIG)
    assert (found.family, found.name) == ("program", name)
    features = read_features(source, languages()[name], CONFIG)
    assert features.parsed
    assert features.definitions >= definitions
    assert len(features.comments) >= comments
    assert features.imports >= imports
    assert features.error_share * languages()[name].error_weight < 0.1


@pytest.mark.parametrize(
    ("text", "path", "language"),
    [
        ("class A {\n public:\n  int f();\n};\n", "a.h", "cpp"),
        ("int f(void);\n#define X 1\n", "a.h", "c"),
        ("@interface A : NSObject\n- (int)f;\n@end\n", "a.h", "objective-c"),
        ("x = zeros(3);\n% a\ndisp(x)\n", "a.m", "matlab"),
        ("@implementation A\n- (void)f { [self g]; }\n@end\n", "a.m", "objective-c"),
        ("use strict;\nmy $x = 1;\nsub f { return $x; }\n", "a.pl", "perl"),
        (":- module(a, [f/1]).\nf(X) :- g(X).\nf(1).\n", "a.pl", "prolog"),
        ("<?php\nfunction f($x) { return $x; }\n", "a.inc", "php"),
    ],
)
def test_content_settles_a_shared_extension(text: str, path: str, language: str) -> None:
    assert detect(text, path, CONFIG).name == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/usr/bin/env python3", "python"),
        ("#!/bin/bash -e", "shell"),
        ("#! /usr/bin/perl -w", "perl"),
        ("#!/usr/bin/env -S node --foo", "javascript"),
        ("#!/usr/bin/python2.7", "python"),
        ("# -*- mode: ruby -*-", "ruby"),
        ("#!/usr/bin/nothing", None),
    ],
)
def test_the_first_line_names_the_language(line: str, language: str | None) -> None:
    assert by_shebang(line + "\nrest") == language


def test_python_docstrings_and_licence_header_are_told_from_comments() -> None:
    source = "# Copyright 2020 A. Licensed under MIT.\n# All rights reserved.\n\n" + SAMPLES["python"][1]
    features = read_features(source, languages()["python"], CONFIG)
    plain = read_features(SAMPLES["python"][1], languages()["python"], CONFIG)
    assert features.docstring_share == pytest.approx(plain.docstring_share)
    assert features.comment_share == pytest.approx(plain.comment_share)
    assert features.docstring_share > features.comment_share > 0
