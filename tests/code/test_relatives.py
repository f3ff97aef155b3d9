"""A text without a name is not called by the name of a relative of its language."""

from __future__ import annotations

import time

import pytest

from corpusforge.code import CodeConfig, judge_text
from corpusforge.code.grammars import foreign_syntax, known_languages, languages
from corpusforge.code.ranking import has_foreign_syntax
from corpusforge.domains import Domain
from tests.code.samples import SAMPLES

CONFIG = CodeConfig()

VYPER = """# @version ^0.3.7
owner: public(address)
balances: HashMap[address, uint256]

@external
def __init__():
    self.owner = msg.sender

@external
def pay(to: address, amount: uint256):
    assert self.balances[msg.sender] >= amount
    self.balances[msg.sender] -= amount
    self.balances[to] += amount
"""
MERCURY = """:- module hello.
:- interface.
:- import_module io.
:- pred main(io::di, io::uo) is det.
:- implementation.
main(!IO) :-
    io.write_string("Hello", !IO),
    io.nl(!IO).
"""
MAKE = """CFLAGS = -O2
if_ok = yes

all: tool
\techo "building" && if [ -f tool.o ]; then rm tool.o; fi
\t$(CC) $(CFLAGS) -o tool tool.c

.PHONY: all
"""
SWIFT = """let names = ["Anna", "Alex"]
for name in names {
    print("Hello, \\(name)!")
}
"""


@pytest.mark.parametrize(("text", "relative"), [(VYPER, "python"), (MERCURY, "prolog"), (MAKE, "shell")])
def test_a_program_in_a_relative_is_not_named(text: str, relative: str) -> None:
    assert has_foreign_syntax(text, relative, CONFIG)
    assert judge_text(text, None, CONFIG).language != relative


def test_syntax_of_relatives_is_told_for_languages_of_the_tables_alone() -> None:
    assert set(foreign_syntax()) <= set(languages()) | set(known_languages())


@pytest.mark.parametrize("name", sorted(set(SAMPLES) & set(foreign_syntax())))
def test_a_language_shows_no_syntax_that_it_does_not_have(name: str) -> None:
    assert not has_foreign_syntax(SAMPLES[name][1], name, CONFIG)


def test_a_few_lines_need_few_marks() -> None:
    found = judge_text(SWIFT, None, CONFIG)
    assert (found.domain, found.language) == (Domain.CODE, "swift")


@pytest.mark.parametrize(
    "piece", ["class ", "a(", "- a ", "fn ", "  ", "{%", "new a[", '"', "(a,", "- not a("]
)
def test_a_hostile_text_is_searched_in_bounded_time(piece: str) -> None:
    text = (piece * 16_384)[:16_384]
    start = time.process_time()
    for name in foreign_syntax():
        has_foreign_syntax(text, name, CONFIG)
        has_foreign_syntax(text.replace(" ", "\n"), name, CONFIG)
    assert time.process_time() - start < 3.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('#!/bin/sh\nexec scala "$0" "$@"\n!#\nobject Hello extends App { println("hi") }\n', "scala"),
        (
            '#!/bin/sh\n# the next line starts tclsh \\\nexec tclsh "$0" "$@"\nputs [expr {1 + 2}]\nset x 3\n',
            "tcl",
        ),
        ('export PATH="/opt/bin:$PATH"\nsource ~/.aliases\nsetopt autocd\n', "shell"),
        ("picom &\nnm-applet &\nxset r rate 200 40\nexec i3\n", "shell"),
        ("\tORG 0000h\n\tSJMP MAIN\nMAIN:\n\tMOV A,#10h\n\tLCALL SEND\n\tSJMP MAIN\n\tEND\n", "assembly"),
        (
            "module adder #(parameter W = 8) (\n  input [W-1:0] a,\n  input [W-1:0] b,\n  output [W:0] s\n);\n"
            "assign s = a + b;\nendmodule\n",
            "verilog",
        ),
        (
            "#!/usr/bin/env node\ninterface Options { name: string; depth: number }\n"
            "function run(options: Options): void {\n  console.log(options.name);\n}\n"
            'run({ name: "a", depth: 2 } as Options);\n',
            "typescript",
        ),
    ],
)
def test_language_of_a_text_without_a_name(text: str, language: str) -> None:
    assert judge_text(text, None, CONFIG).language == language


def test_one_call_is_code_in_no_language() -> None:
    verdict = judge_text("numbers.filter({ n in n % 2 == 0 })\n", None, CONFIG)
    assert (verdict.domain, verdict.language) == (Domain.CODE, None)
