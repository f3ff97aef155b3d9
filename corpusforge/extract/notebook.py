"""A Jupyter notebook to Markdown: prose as it is, code and text outputs fenced, in order.

Reads nbformat 2 to 4.x by what is there, not by its schema: real files break it freely.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.notebook_json import NotebookError, read_notebook
from corpusforge.extract.slots import fenced
from corpusforge.text import clean_text, words

_LANGUAGES = {
    "python3": "python", "python2": "python", "ipython": "python", "ipython3": "python",
    "ir": "r", "c#": "csharp",
    ".net-csharp": "csharp", ".net-fsharp": "fsharp", "f#": "fsharp", "c++": "cpp",
    "c++11": "cpp", "c++14": "cpp",
    "c++17": "cpp", "q#": "qsharp", "polyglot-notebook": "csharp", "ijavascript": "javascript",
    "node": "javascript",
    "sos": "python", "gophernotes": "go", "evcxr": "rust", "pyspark": "python", "conda-env": "python",
}  # fmt: skip
_KERNEL_VERSION = re.compile(r"[-_ ]?\d[\d.]*$")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PROGRESS = re.compile(r"[^\n]*\r(?!\n)")
_ATTACHED = re.compile(r"!\[([^\]\n]*)\]\((?:attachment:[^)\n]*|data:image/[^)]*)\)")
_REPR = re.compile(
    r"<[\w.]+(?: object)?(?: at 0x[0-9a-fA-F]+|\([^)\n]*\))?[^\n]{0,80}>"
    r"|<Figure [^\n]*>|\[?<matplotlib[^\n]*\]?"
)


def extract_notebook(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a notebook as Markdown, with `notebook_*` counts and its kernel's language."""
    try:
        notebook, notes = read_notebook(document.raw or b"")
    except NotebookError as error:
        return drop(document, DropReason.UNREADABLE, str(error))
    language = notebook_language(notebook)
    parts, counts, left_out = list[str](), Counter[str](), Counter[str]()
    for cell in _cells(notebook):
        parts += _cell_parts(cell, language, config, counts, left_out)
    text = clean_text("\n\n".join(parts))
    if len("".join(text.split())) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no text in {sum(counts.values())} cells")
    notes += [f"{count} {what} dropped" for what, count in sorted(left_out.items())]
    names = (
        "code_cells",
        "markdown_cells",
        "raw_cells",
        "markdown_words",
        "code_chars",
        "code_lines",
        "output_chars",
    )
    result = replace(
        document,
        raw=None,
        text=text,
        programming_language=language or document.programming_language,
        notes=(*document.notes, *notes),
    )
    return with_signals(result, {f"notebook_{name}": float(counts[name]) for name in names})


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: object) -> str:
    """Return a multi-line string, which may be a list of lines."""
    if isinstance(value, str):
        return value
    return "".join(item for item in _list(value) if isinstance(item, str))


def notebook_language(notebook: dict[str, Any]) -> str | None:
    """Return the kernel's language in lower case (`python`, `r`, `cpp`), None if unstated."""
    metadata = _dict(notebook.get("metadata"))
    kernel, info = _dict(metadata.get("kernelspec")), _dict(metadata.get("language_info"))
    for value in (info.get("name"), kernel.get("language"), kernel.get("name"), metadata.get("language")):
        if isinstance(value, str) and value.strip():
            return _language_name(value)
    for cell in _cells(notebook):
        if cell.get("cell_type") == "code" and isinstance(cell.get("language"), str) and cell["language"]:
            return _language_name(cell["language"])
    return None


def _language_name(name: str) -> str:
    name = name.strip().lower()
    bare = _KERNEL_VERSION.sub("", name)
    return _LANGUAGES.get(name) or _LANGUAGES.get(bare) or (bare if bare else name)


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the cells of any version: v4 has them on top, v2 and v3 in worksheets."""
    sheets = [notebook, *(_dict(sheet) for sheet in _list(notebook.get("worksheets")))]
    for sheet in sheets:
        yield from filter(None, map(_dict, _list(sheet.get("cells"))))


def _cell_parts(
    cell: dict[str, Any],
    language: str | None,
    config: ExtractConfig,
    counts: Counter[str],
    left_out: Counter[str],
) -> list[str]:
    kind = cell.get("cell_type")
    source = _text(cell.get("source", cell.get("input"))).replace("\r\n", "\n")
    if kind == "code":
        counts["code_cells"] += 1
        code = source.strip("\n").rstrip()
        counts["code_chars"] += len(code)
        counts["code_lines"] += sum(bool(line.strip()) for line in code.split("\n"))
        outputs = _outputs(cell, config, left_out)
        counts["output_chars"] += sum(map(len, outputs))
        blocks = [fenced(code, _cell_language(code, language))] if code.strip() else []
        return blocks + [fenced(output, "output") for output in outputs]
    if kind == "heading":
        counts["markdown_cells"] += 1
        level = cell.get("level")
        source = (
            "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
            + " "
            + " ".join(source.split())
        )
    elif kind == "raw":
        counts["raw_cells"] += 1
    else:
        counts["markdown_cells"] += 1
    source, images = _ATTACHED.subn(r"\1", source)
    if images:
        left_out["images"] += images
    counts["markdown_words"] += len(words(source)) if kind != "raw" else 0
    return [source.strip("\n")] if source.strip() else []


def _cell_language(code: str, language: str | None) -> str:
    """Return the fence's language: a cell magic such as `%%bash` names its own."""
    match = re.match(r"%%(bash|sh|javascript|js|html|latex|R|ruby|perl|sql|cython|writefile)\b", code)
    return (
        {"sh": "bash", "js": "javascript", "R": "r", "writefile": ""}.get(match[1], match[1])
        if match
        else (language or "")
    )


def _outputs(cell: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> list[str]:
    """Return a cell's outputs as text, adjoining streams as one."""
    found: list[str] = []
    stream = False
    for output in map(_dict, _list(cell.get("outputs"))):
        kind = output.get("output_type")
        text = _output_text(output, config, left_out)
        if not text.strip():
            continue
        if kind == "stream" and stream:
            found[-1] += text
        else:
            found.append(text)
        stream = kind == "stream"
    return [_shown(text, config) for text in found if text.strip()]


def _output_text(output: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _text(output.get("text"))
    if kind in ("error", "pyerr"):
        lines = _ANSI.sub("", "\n".join(map(str, _list(output.get("traceback"))))).split("\n")
        last = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}".strip()
        kept = [line for line in lines if line.strip()][-config.max_error_lines :]
        if len(lines) > len(kept):
            left_out["lines of tracebacks"] += len(lines) - len(kept)
        return "\n".join(kept) or last
    data = _dict(output.get("data")) or output
    for name in data:
        short = name.rpartition("/")[2].partition("+")[0]
        if name.startswith("image/") or short in ("png", "jpeg", "svg"):
            left_out["images"] += 1
        elif (
            "widget" in name or "plotly" in name or "bokeh" in name or "vega" in name or "javascript" in name
        ):
            left_out["widgets"] += 1
    for name in ("text/plain", "text", "text/markdown", "text/latex"):
        text = _text(data.get(name))
        if text.strip() and not _REPR.fullmatch(text.strip()):
            return text
    return ""


def _shown(text: str, config: ExtractConfig) -> str:
    """Return output as a terminal would show it: no colours, no overwritten progress bars."""
    text = _PROGRESS.sub("", _ANSI.sub("", text).replace("\r\n", "\n")).strip("\n")
    lines = [line.rstrip() for line in text.split("\n")]
    text = "\n".join(lines).strip("\n")
    if len(text) > config.max_output_chars:
        text = text[: config.max_output_chars].rsplit("\n", 1)[0] + "\n…"
    return text
