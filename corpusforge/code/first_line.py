"""The language that a first line names: `#!`, or an editor's mode line."""

from __future__ import annotations

import re
from functools import cache

from corpusforge.code.grammars import languages

_SHEBANG = re.compile(r"#!\s*\S*?/?(?:env\s+(?:-\S+\s+)*(?:\w+=\S*\s+)*)?([\w.+-]+)\s")
_EMACS_MODE = re.compile(
    r"-\*-.*?\bmode:\s*([\w+#-]+)|-\*-\s*([\w+#-]+)\s*-\*-|\bvim?:.*?\b(?:ft|filetype)=(\w+)", re.I
)
_MODES = {
    "bash": "shell",
    "c++": "cpp",
    "cperl": "perl",
    "emacs-lisp": "emacs lisp",
    "elisp": "emacs lisp",
    "f90": "fortran",
    "js": "javascript",
    "js2": "javascript",
    "lisp": "common lisp",
    "objc": "objective-c",
    "perl6": "raku",
    "sh": "shell",
    "shell-script": "shell",
    "zsh": "shell",
    "vim": "vim script",
}
_EDITION = re.compile(r"use v(5(?:\.\d+)*|6(?:\.\w+)?);")
"""A first statement that asks for an edition of Perl, or of Raku, which was its sixth."""
_SHELLS = ("sh", "bash", "ksh", "zsh", "dash")
_HANDED_ON = re.compile(r"^[ \t]*exec[ \t]+(?:env[ \t]+)?[\w./-]*?(\w+)[ \t][^\n]*[\"']?\$0\b", re.M)
"""A shell script's line that hands the whole file to another interpreter."""
_HANDED_ON_CHARS = 400
_VERSION = re.compile(r"[\d.]+$")


@cache
def _languages_by_shebang() -> dict[str, str]:
    return {shebang: row.name for row in languages().values() for shebang in row.shebangs}


def by_shebang(text: str) -> str | None:
    """Return the language that a first line `#!…`, `use v5…;` or an editor's mode line names."""
    first = text[:200].partition("\n")[0]
    if match := _SHEBANG.match(first + " "):
        program = match[1]
        if program in _SHELLS and (handed := _HANDED_ON.search(text[:_HANDED_ON_CHARS])):
            program = handed[1] if handed[1] in _languages_by_shebang() else program
        return _languages_by_shebang().get(program) or _languages_by_shebang().get(_VERSION.sub("", program))
    if edition := _EDITION.match(first):
        return "perl" if edition[1].startswith("5") else "raku"
    if match := _EMACS_MODE.search(first):
        mode = (match[1] or match[2] or match[3]).lower()
        mode = _MODES.get(mode, mode)
        return mode if mode in languages() else None
    return None
