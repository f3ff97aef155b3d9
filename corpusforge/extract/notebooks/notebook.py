"""A Jupyter notebook to Markdown: prose clean, code to the character, text outputs fenced, in order.

Reads nbformat 2 to 4.x by what is there, not by its schema: real files break it freely.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop, well_formed, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.embedded import without_files
from corpusforge.extract.notebooks.cells import Cell, notebook_cells, notebook_language
from corpusforge.extract.notebooks.outputs import cell_outputs
from corpusforge.extract.notebooks.reading import NotebookError, read_notebook
from corpusforge.extract.repositories.markdown import scripts_in_markdown
from corpusforge.extract.web.slots import fenced
from corpusforge.text import clean_text
from corpusforge.word_count import n_words

_FENCE_LINE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_HEAD_FACTOR = 8
_COUNTS = (
    *("code_cells", "markdown_cells", "raw_cells"),
    *("markdown_words", "code_chars", "code_lines", "output_chars"),
)


def extract_notebook(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a notebook as Markdown, with `notebook_*` counts and its kernel's language."""
    try:
        notebook, notes = read_notebook(document.raw or b"")
    except NotebookError as error:
        return drop(document, DropReason.UNREADABLE, str(error))
    parts, counts, left_out = list[str](), Counter[str](), Counter[str]()
    for cell in notebook_cells(notebook):
        parts += _cell_parts(cell, config, counts, left_out)
    text = well_formed("\n\n".join(parts).strip("\n"))
    if _is_shorter(text, config.min_text_chars):
        return drop(document, DropReason.NO_TEXT, f"no text in {sum(counts.values())} cells")
    notes += [f"{count} {what} dropped" for what, count in sorted(left_out.items())]
    result = replace(
        document,
        raw=None,
        text=text,
        programming_language=well_formed(notebook_language(notebook) or "") or document.programming_language,
        notes=(*document.notes, *notes),
    )
    return with_signals(result, {f"notebook_{name}": float(counts[name]) for name in _COUNTS})


def _is_shorter(text: str, n_chars: int) -> bool:
    """Return whether a text has fewer characters than that which are no white space."""
    head = text[: _HEAD_FACTOR * n_chars]  # nearly always tells
    return len("".join(head.split())) < n_chars and len("".join(text.split())) < n_chars


def _cell_parts(cell: Cell, config: ExtractConfig, counts: Counter[str], left_out: Counter[str]) -> list[str]:
    counts[f"{cell.kind}_cells"] += 1
    if cell.kind == "code":
        code = cell.source.strip("\n").rstrip()
        counts["code_chars"] += len(code)
        counts["code_lines"] += sum(map(bool, map(str.strip, code.split("\n"))))
        outputs = [clean_text(output) for output in cell_outputs(cell.json, config, left_out)]
        counts["output_chars"] += sum(map(len, outputs))
        blocks = [fenced(code, cell.language)] if code.strip() else []
        return blocks + [fenced(output, "output") for output in outputs if output]
    source, images = without_images(cell.source)
    if images:
        left_out["images"] += images
    counts["markdown_words"] += n_words(source) if cell.kind != "raw" else 0
    source = scripts_in_markdown(clean_text(source)) if cell.kind != "raw" else clean_text(source)
    return [close_fence(source.strip("\n"))] if source.strip() else []


def without_images(markdown: str) -> tuple[str, int]:
    """Return (Markdown with the text of images that the notebook itself holds in their place, how many)."""
    return without_files(markdown)


def close_fence(markdown: str) -> str:
    r"""Return Markdown whose last fenced block is closed, so that the next cell does not run into it.

    >>> close_fence("see\n```sh\nls")
    'see\n```sh\nls\n```'
    """
    marks = ""
    for line in _FENCE_LINE.finditer(markdown):
        if not marks:
            marks = line[1] if line[1][0] == "~" or "`" not in line[2] else ""
        elif line[1].startswith(marks) and not line[2].strip():
            marks = ""
    return f"{markdown.rstrip()}\n{marks}" if marks else markdown
