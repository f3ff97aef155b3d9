"""A notebook as a script in the percent format, and back: no character of a cell is lost.

    # %% [markdown]          a marker line opens each cell; prose is commented, line by line
    # # Title

    # %%
    # %matplotlib inline     a magic of IPython is commented, for it is no Python
    x = 1

The comment mark is that of the kernel's language. A source line that reads like a marker or
a commented magic gets one comment mark more, and loses it on the way back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpusforge.document import Document, Drop, DropReason, Markup, drop
from corpusforge.extract.notebooks.cells import notebook_cells, notebook_language
from corpusforge.extract.notebooks.reading import NotebookError, read_notebook

_MARKS = {
    "//": "c cpp cuda java javascript typescript csharp go rust scala kotlin groovy swift qsharp fsharp php "
    "dart stata processing solidity verilog",
    "--": "haskell sql lua ada vhdl elm",
    "%": "matlab octave erlang prolog logtalk tex latex",
    ";": "clojure scheme common-lisp lisp racket idl autolisp emacs-lisp hy",
    "!": "fortran",
}
_MARK_OF = {language: mark for mark, languages in _MARKS.items() for language in languages.split()}
_IPYTHON = frozenset({"", "python", "xonsh", "coconut"})
_KINDS = {"code": "", "markdown": " [markdown]", "raw": " [raw]"}


@dataclass(frozen=True, slots=True)
class ScriptCell:
    """One cell as it stands in a script."""

    kind: str
    """`code`, `markdown` or `raw`."""
    source: str


class _Script:
    """The lines of a script in one comment mark."""

    def __init__(self, mark: str, has_magics: bool) -> None:
        quoted = re.escape(mark)
        self.mark = mark
        self.markers = {f"{mark} %%{suffix}": kind for kind, suffix in _KINDS.items()}
        signs = "[%!?]" if has_magics else "%%"
        self._escaped = re.compile(rf"(?:{quoted} )*{signs}")
        self._commented = re.compile(rf"(?:{quoted} )+{signs}")
        self._like_marker = re.compile(rf"{quoted} %%(?: \[(?:markdown|raw)\])? *")

    def write(self, cell: ScriptCell) -> list[str]:
        lines = [f"{self.mark} %%{_KINDS[cell.kind]}"]
        for line in cell.source.split("\n"):
            if cell.kind != "code":
                line = f"{self.mark} {line}" if line else self.mark
            elif self._escaped.match(line):
                line = f"{self.mark} {line}"
            # A line that came to read like a marker is told from one by a blank at its end.
            lines.append(f"{line} " if self._like_marker.fullmatch(line) else line)
        return [*lines, ""]

    def read(self, kind: str, lines: list[str]) -> ScriptCell:
        found: list[str] = []
        for line in lines:
            if self._like_marker.fullmatch(line):
                line = line[:-1]
            if kind != "code" or self._commented.match(line):
                line = line.removeprefix(self.mark).removeprefix(" ")
            found.append(line)
        return ScriptCell(kind, "\n".join(found))


def extract_script(document: Document) -> Document | Drop:
    """Return a notebook's document with its script as text; anything else is dropped."""
    if document.markup is not Markup.NOTEBOOK:
        return drop(document, DropReason.NOT_CONTENT, f"{document.markup}, no notebook to make a script of")
    try:
        return replace(document, raw=None, text=notebook_script(document.raw or b""))
    except NotebookError as error:
        return drop(document, DropReason.UNREADABLE, str(error))


def notebook_script(raw: bytes) -> str:
    """Return a notebook's cells as a script in the percent format, outputs left out.

    Raises NotebookError (a ValueError) where the bytes are no notebook.
    """
    notebook, _ = read_notebook(raw)
    language = notebook_language(notebook) or ""
    script = _Script(_MARK_OF.get(language, "#"), language in _IPYTHON)
    lines: list[str] = []
    for cell in notebook_cells(notebook):
        lines += script.write(ScriptCell(cell.kind, cell.source))
    return "\n".join(lines)


def read_script(text: str, language: str = "python") -> list[ScriptCell]:
    r"""Return the cells of a script that `notebook_script` wrote for a kernel's language, in order.

    >>> read_script("# %% [markdown]\n# Hello\n\n# %%\nx = 1\n")
    [ScriptCell(kind='markdown', source='Hello'), ScriptCell(kind='code', source='x = 1')]
    """
    script = _Script(_MARK_OF.get(language, "#"), language in _IPYTHON)
    cells: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line in script.markers:
            cells.append((script.markers[line], []))
        elif cells:
            cells[-1][1].append(line)
    return [script.read(kind, lines[:-1]) for kind, lines in cells]
