"""Comments of a kernel's language, and the magics that are commented in its scripts, as jupytext has them.

What jupytext would take the comment mark from on the way back is what gets one here: a magic, a
commented magic, the lines that continue one; never what stands inside a string literal. Where
jupytext would not find a mark again (an assigned magic that is indented), it stands in column 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_LINE_MARKS = {
    "//": "c cpp cuda java javascript typescript csharp go rust scala kotlin groovy swift qsharp fsharp php "
    "dart stata processing solidity verilog",
    "--": "haskell sql lua ada vhdl elm",
    "%": "matlab octave erlang prolog logtalk tex latex",
    ";;": "clojure scheme common-lisp lisp racket emacs-lisp hy",
    ";": "idl autolisp",
    "/": "q",
    "!": "fortran",
}
_BLOCK_MARKS = {"ocaml": ("(*", "*)"), "wolfram": ("(*", "*)"), "maxima": ("/*", "*/"), "sas": ("/*", "*/")}
_MARK_OF = {language: mark for mark, languages in _LINE_MARKS.items() for language in languages.split()}
_WITHOUT_MAGICS = frozenset(("octave", "matlab", "sas", "logtalk"))
_WITH_MAGICS = frozenset(
    "python r julia cpp scheme clojure bash powershell q idl javascript typescript scala csharp fsharp sos "
    "java groovy haskell tcl gnuplot stata xonsh lua go rust coconut".split()
)
_SHELL_COMMANDS = "cat|cd|cp|mv|rm|rmdir|mkdir|copy|ddir|echo|ls|ldir|mkdir|ren|rmdir"


@dataclass(frozen=True, slots=True)
class Comment:
    """How a language writes a comment of one line."""

    start: str
    end: str = ""

    def around(self, line: str) -> str:
        """Return a line as a comment; an empty one is the mark alone."""
        return " ".join(filter(None, (self.start, line, self.end)))

    def without(self, line: str) -> str:
        """Return the text of a comment that `around` made."""
        if self.end:
            line = line.removesuffix(self.end).removesuffix(" ")
        return line.removeprefix(self.start).removeprefix(" ")


def comment_of(language: str) -> Comment:
    """Return how a kernel's language (`python`, `cpp`, "" where unknown) writes a comment."""
    return (
        Comment(*_BLOCK_MARKS[language]) if language in _BLOCK_MARKS else Comment(_MARK_OF.get(language, "#"))
    )


@cache
def _magic(language: str) -> tuple[re.Pattern[str], ...]:
    """Return what a line of magic looks like in a language, commented any number of times."""
    if language in _WITHOUT_MAGICS or language not in _WITH_MAGICS | {""}:
        return ()
    mark = re.escape(comment_of(language).start)
    marks = rf"(?:{mark} |{mark})*"
    if language == "rust":
        return (re.compile(rf"{marks}:[a-zA-Z]"),)
    if language == "csharp":
        return (re.compile(rf"{marks}#![a-zA-Z]"),)
    if language == "go":
        return (re.compile(rf"{marks}(?:!|!\*|%{{1,3}})[a-zA-Z]"),)
    shapes = [re.compile(rf"\s*{marks}%{{1,3}}[a-zA-Z]")]
    if language in ("", "python"):
        shapes += [
            re.compile(r"\s*(?:# |#)*\s*[?!]\s*[A-Za-z.~$\\/{}]"),
            re.compile(rf"(?:# |#)*(?:{_SHELL_COMMANDS})(?:$|\s$|\s[^=,])"),
            re.compile(r"\s*(?:# )*[^\s]*\?\s*$"),
            re.compile(r"(?:# |#)*\s*[a-zA-Z_][a-zA-Z_$0-9]*\s*=\s*(?:%{1,3}|!)[a-zA-Z]"),
        ]
    return tuple(shapes)


class Magics:
    """The lines of one code cell, in order: which of them are magics, and which stand in a string."""

    def __init__(self, language: str) -> None:
        self._shapes = _magic(language)
        self._mark = comment_of(language).start
        self._is_python = language in ("", "python")
        self._has_quotes = language != "r"
        self._kept = re.compile(rf".*%[a-zA-Z].*{re.escape(self._mark)}\s*noescape")
        self._continues = False
        self._triple = ""

    def commented(self, line: str) -> str:
        """Return a line of a cell as it stands in the script."""
        if self._triple or not self._shapes:
            return self.passed(line)
        if self._continues:
            return self._taken(f"{self._mark} {line}")
        if not self._is_magic(line):
            return self.passed(line)
        indent = line[: len(line) - len(line.lstrip())]
        for written in (f"{indent}{self._mark} {line[len(indent) :]}", f"{self._mark} {line}"):
            if self._is_magic(written) and self._bare(written) == line:
                return self._taken(written)
        return self._taken(line)

    def uncommented(self, line: str) -> str:
        """Return a line of the script as it stands in the cell."""
        if self._triple or not self._shapes or not (self._continues or self._is_magic(line)):
            return self.passed(line)
        self._taken(line)
        return self._bare(line)

    def passed(self, line: str) -> str:
        """Return a line that is no magic, after a look at the strings that it opens."""
        self._continues = False
        self._read_quotes(line)
        return line

    def _taken(self, line: str) -> str:
        self._continues = self._is_python and line.rstrip().endswith("\\")
        self._read_quotes(line)
        return line

    def _is_magic(self, line: str) -> bool:
        return not self._kept.match(line) and any(shape.match(line) for shape in self._shapes)

    def _bare(self, line: str) -> str:
        text = line.lstrip()
        indent = line[: len(line) - len(text)]
        if not text.startswith(self._mark):
            return line
        return indent + text.removeprefix(self._mark).removeprefix(" ")

    def _read_quotes(self, line: str) -> None:
        """Follow strings of three quotes from line to line; a comment opens none."""
        if not self._has_quotes or ('"""' not in line and "'''" not in line):
            return  # a string in single quotes ends with its line
        if not self._triple and line.lstrip().startswith(self._mark):
            return
        single, last_triple = "", -1
        for i, char in enumerate(line):
            if not single and not self._triple and line.startswith(self._mark, i):
                break
            if char not in "\"'" or line[i - 1 : i] == "\\":
                continue
            if single:
                single = "" if single == char else single
            elif line[i - 2 : i + 1] == 3 * char and i >= last_triple + 3:
                if not self._triple or self._triple == char:
                    self._triple = "" if self._triple else char
                    last_triple = i
            elif not self._triple:
                single = char
