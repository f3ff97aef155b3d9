"""A Jupyter notebook to Markdown: prose as it is, code and text outputs fenced, in order.

Reads nbformat 2 to 4.x by what is there, not by its schema: real files break it freely.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.notebooks.cells import Cell, notebook_cells, notebook_language
from corpusforge.extract.notebooks.outputs import cell_outputs
from corpusforge.extract.notebooks.reading import NotebookError, read_notebook
from corpusforge.extract.web.slots import fenced
from corpusforge.text import clean_text, words

_ATTACHED = re.compile(r"\]\((?P<what>attachment:|data:image/)|<img\b")
"""What begins the address of an image in Markdown, behind its text, or an image in HTML."""
_OWN_SOURCE = re.compile(r"\bsrc=[\"']?(?:data:|attachment:)")
_FENCE_LINE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
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
    text = clean_text("\n\n".join(parts))
    if len("".join(text.split())) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no text in {sum(counts.values())} cells")
    notes += [f"{count} {what} dropped" for what, count in sorted(left_out.items())]
    result = replace(
        document,
        raw=None,
        text=text,
        programming_language=notebook_language(notebook) or document.programming_language,
        notes=(*document.notes, *notes),
    )
    return with_signals(result, {f"notebook_{name}": float(counts[name]) for name in _COUNTS})


def _cell_parts(cell: Cell, config: ExtractConfig, counts: Counter[str], left_out: Counter[str]) -> list[str]:
    counts[f"{cell.kind}_cells"] += 1
    if cell.kind == "code":
        code = cell.source.strip("\n").rstrip()
        counts["code_chars"] += len(code)
        counts["code_lines"] += sum(bool(line.strip()) for line in code.split("\n"))
        outputs = cell_outputs(cell.json, config, left_out)
        counts["output_chars"] += sum(map(len, outputs))
        blocks = [fenced(code, cell.language)] if code.strip() else []
        return blocks + [fenced(output, "output") for output in outputs]
    source, images = without_images(cell.source)
    if images:
        left_out["images"] += images
    counts["markdown_words"] += len(words(source)) if cell.kind != "raw" else 0
    return [close_fence(source.strip("\n"))] if source.strip() else []


def without_images(markdown: str) -> tuple[str, int]:
    """Return (Markdown with the text of images that the notebook itself holds in their place, how many)."""
    if "attachment:" not in markdown and "data:" not in markdown:
        return markdown, 0
    out, done, passed = list[str](), 0, 0
    last_bracket, last_angle = markdown.rfind(")"), markdown.rfind(">")  # behind these nothing is closed
    for found in _ATTACHED.finditer(markdown):
        if found.start() < done or (not found["what"] and found.start() < passed):
            continue
        if found["what"]:
            text, start, end = _markdown_image(markdown, done, found, last_bracket)
        else:
            text, start, end = _html_image(markdown, found, last_angle)
            passed = end
        if start >= 0:
            out += [markdown[done:start], text]
            done = end
    return "".join(out) + markdown[done:], len(out) // 2


def _markdown_image(markdown: str, done: int, found: re.Match[str], last: int) -> tuple[str, int, int]:
    """Return (text, start, end) of the image whose address a match begins; start -1 where it is none."""
    at = found.start()
    line = max(markdown.rfind("]", done, at), markdown.rfind("\n", done, at)) + 1
    start = markdown.find("![", max(done, line), at) if at > done else -1
    end = markdown.find(")", found.end()) if found.end() <= last else -1
    is_cut = found["what"] == "attachment:" and "\n" in markdown[at : end + 1]
    return (
        (markdown[start + 2 : at], start, end + 1) if start >= 0 and end >= 0 and not is_cut else ("", -1, 0)
    )


def _html_image(markdown: str, found: re.Match[str], last: int) -> tuple[str, int, int]:
    """Return ("", start, end) of the `<img>` that a match begins; start -1 where it shows a file."""
    end = markdown.find(">", found.end()) if found.end() <= last else len(markdown)
    own = _OWN_SOURCE.search(markdown, found.end(), end)
    is_closed = end < len(markdown)
    return ("", found.start() if own and is_closed else -1, end + 1 if is_closed else end)


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
