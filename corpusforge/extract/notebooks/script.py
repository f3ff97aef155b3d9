"""A notebook as a script in the percent format, and back: no character of a cell is lost.

    # %% [markdown]          a marker line opens each cell; prose is commented, line by line
    # # Title

    # %%
    # %matplotlib inline     a magic of IPython is commented, for it is no Python
    x = 1

Written so that jupytext reads the same cells (but for blank lines at the end of one, which it
does not keep): the comment marks and the magics of a language are its own (`magics.py`). A source
line that reads like a marker gets one comment mark more, and loses it on the way back here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpusforge.document import Document, Drop, DropReason, Markup, drop
from corpusforge.extract.notebooks.cells import notebook_cells, notebook_language
from corpusforge.extract.notebooks.magics import Comment, Magics, comment_of
from corpusforge.extract.notebooks.reading import NotebookError, read_notebook

_MARKER = r"(?:%%+(?:\s|$)|(?:<codecell>|In\[[\d ]*\]:?)\s*$)"
"""What opens a cell behind a comment mark: in the percent format, or as nbconvert and IPython wrote it."""
_KINDS = {"code": "", "markdown": " [markdown]", "raw": " [raw]"}


@dataclass(frozen=True, slots=True)
class ScriptCell:
    """One cell as it stands in a script."""

    kind: str
    """`code`, `markdown` or `raw`."""
    source: str


class _Script:
    """The lines of a script in one language."""

    def __init__(self, language: str) -> None:
        self.comment: Comment = comment_of(language)
        self.language = language
        self.markers = {self.comment.around(f"%%{suffix}"): kind for kind, suffix in _KINDS.items()}
        mark = re.escape(self.comment.start)
        self._like_marker = re.compile(rf"[ \t]*(?:{mark} ?)+{_MARKER}")
        self._marker_text = re.compile(_MARKER)

    def write(self, cell: ScriptCell) -> list[str]:
        lines = [self.comment.around(f"%%{_KINDS[cell.kind]}")]
        magics = Magics(self.language)
        for line in cell.source.split("\n"):
            if cell.kind != "code":
                lines.append(
                    self.comment.around(self.comment.around(line) if self._is_marker(line) else line)
                )
            elif self._like_marker.match(line):
                lines.append(magics.passed(f"{self.comment.start} {line}"))
            else:
                lines.append(magics.commented(line))
        return [*lines, ""]

    def _is_marker(self, text: str) -> bool:
        """Return whether text of a comment would be taken for a marker, or for one made harmless."""
        return bool(self._marker_text.match(text) or self._like_marker.match(text))

    def read(self, kind: str, lines: list[str]) -> ScriptCell:
        if kind != "code":
            bare = map(self.comment.without, lines)
            found = [self.comment.without(line) if self._like_marker.match(line) else line for line in bare]
            return ScriptCell(kind, "\n".join(found))
        magics, found = Magics(self.language), list[str]()
        for line in lines:
            shielded = line.removeprefix(f"{self.comment.start} ")
            is_shielded = shielded != line and self._like_marker.match(shielded)
            found.append(shielded if is_shielded else magics.uncommented(line))
            if is_shielded:
                magics.passed(line)
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
    script = _Script(language)
    lines: list[str] = []
    for cell in notebook_cells(notebook):
        lines += script.write(ScriptCell(cell.kind, cell.source))
    return "\n".join(lines)


def read_script(text: str, language: str = "python") -> list[ScriptCell]:
    r"""Return the cells of a script that `notebook_script` wrote for a kernel's language, in order.

    >>> read_script("# %% [markdown]\n# Hello\n\n# %%\nx = 1\n")
    [ScriptCell(kind='markdown', source='Hello'), ScriptCell(kind='code', source='x = 1')]
    """
    script = _Script(language)
    cells: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line in script.markers:
            cells.append((script.markers[line], []))
        elif cells:
            cells[-1][1].append(line)
    return [script.read(kind, lines[:-1]) for kind, lines in cells]
