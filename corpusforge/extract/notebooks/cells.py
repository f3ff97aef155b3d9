"""The cells of a notebook of any version, and the languages that they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpusforge.extract.notebooks.foreign import cell_head
from corpusforge.extract.notebooks.outputs import as_dict, as_list, as_text, join_lines

_LANGUAGES = {
    "python3": "python", "python2": "python", "ipython": "python", "ipython3": "python",
    "ir": "r", "c#": "csharp",
    ".net-csharp": "csharp", ".net-fsharp": "fsharp", "f#": "fsharp", "c++": "cpp",
    "c++11": "cpp", "c++14": "cpp",
    "c++17": "cpp", "q#": "qsharp", "polyglot-notebook": "csharp", "ijavascript": "javascript",
    "node": "javascript", "pwsh": "powershell", "js": "javascript",
    "wolfram language": "wolfram", "wolframlanguage": "wolfram",
    "sos": "python", "gophernotes": "go", "evcxr": "rust", "pyspark": "python", "conda-env": "python",
}  # fmt: skip
_KERNEL_VERSION = re.compile(r"[-_ ]?\d[\d.]*$")
_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*([^\n]*)|\s*#!([a-z][\w-]*)[ \t]*(?:\n|$)")
_MAGIC_LANGUAGES = {
    "bash": "bash", "sh": "bash", "javascript": "javascript", "js": "javascript", "html": "html",
    "latex": "latex", "r": "r", "ruby": "ruby", "perl": "perl", "sql": "sql", "bigquery": "sql",
    "mysql": "sql", "cython": "cython",
    "python": "python", "python2": "python", "python3": "python", "markdown": "markdown", "svg": "svg",
    "qsharp": "qsharp", "csharp": "csharp", "fsharp": "fsharp", "pwsh": "powershell",
    "powershell": "powershell",
    "julia": "julia", "cmd": "batch", "mermaid": "mermaid", "cu": "cuda", "yaml": "yaml",
}  # fmt: skip
_ENDINGS = {
    "py": "python", "sh": "bash", "js": "javascript", "r": "r", "sql": "sql", "c": "c", "cpp": "cpp",
    "cu": "cuda", "json": "json", "yaml": "yaml", "yml": "yaml", "html": "html", "md": "markdown",
    "toml": "toml", "jl": "julia",
    "java": "java", "rb": "ruby", "css": "css", "ts": "typescript", "stan": "stan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as its author wrote it."""

    kind: str
    """`code`, `markdown` or `raw`."""
    source: str
    language: str
    """Of a code cell: the kernel's, or what a cell magic or the cell's metadata names; "" if unknown."""
    json: dict[str, Any]


def notebook_language(notebook: dict[str, Any]) -> str | None:
    """Return the kernel's language in lower case (`python`, `r`, `cpp`), None if unstated."""
    metadata = as_dict(notebook.get("metadata"))
    kernel, info = as_dict(metadata.get("kernelspec")), as_dict(metadata.get("language_info"))
    for value in (info.get("name"), kernel.get("language"), kernel.get("name"), metadata.get("language")):
        if isinstance(value, str) and value.strip():
            return _language_name(value)
    for cell in _cell_objects(notebook):
        if cell.get("cell_type") == "code" and isinstance(cell.get("language"), str) and cell["language"]:
            return _language_name(cell["language"])
    return None


def _language_name(name: str) -> str:
    name = name.strip().lower()
    bare = _KERNEL_VERSION.sub("", name)
    return _LANGUAGES.get(name) or _LANGUAGES.get(bare) or (bare if bare else name)


def notebook_cells(notebook: dict[str, Any]) -> Iterator[Cell]:
    """Yield the cells in order; a heading of v3 becomes Markdown, an unknown kind too."""
    kernel = notebook_language(notebook) or ""
    for cell in _cell_objects(notebook):
        kind = cell.get("cell_type")
        source = as_text(cell.get("source", cell.get("input"))).replace("\r\n", "\n")
        if kind == "heading":
            level = cell.get("level")
            marks = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
            source = f"{marks} {' '.join(source.split())}"
        head = cell_head(source) if kind == "code" and source.lstrip()[:1] == "%" else None
        if head is not None and head[0] == "markdown":
            kind, source = "markdown", head[1]
        stated = head[0] if head is not None else None
        language = stated or _cell_language(cell, source) or kernel if kind == "code" else ""
        yield Cell(str(kind) if kind in ("code", "raw") else "markdown", source, language, cell)


def _cell_objects(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the cells of any version: v4 has them on top, v2 and v3 in worksheets."""
    yield from _objects(notebook.get("cells"))
    for sheet in _objects(notebook.get("worksheets")):
        yield from (_joined(cell) for cell in _objects(sheet.get("cells")))


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (found for item in as_list(value) if (found := as_dict(item)))


def _joined(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell of v2 or v3 with its lists of lines as strings."""
    joined = {key: join_lines(value) for key, value in cell.items()}
    outputs = [
        {key: value if key == "traceback" else join_lines(value) for key, value in as_dict(output).items()}
        for output in as_list(cell.get("outputs"))
    ]
    return joined | ({"outputs": outputs} if outputs else {})


def _cell_language(cell: dict[str, Any], source: str) -> str | None:
    """Return the language that a cell names: by `%%bash`, `%%writefile a.sh`, `#!fsharp` or metadata."""
    if magic := _MAGIC.match(source):
        name, rest = (magic[1] or magic[3]).lower(), (magic[2] or "").strip()
        if name in ("writefile", "file"):
            return _ENDINGS.get(rest.rpartition(".")[2].lower(), "text")
        if name == "script" and rest:
            name = rest.split()[0].rpartition("/")[2]
        if name in _MAGIC_LANGUAGES:
            return _MAGIC_LANGUAGES[name]
    metadata = as_dict(cell.get("metadata"))
    stated = as_dict(metadata.get("vscode")).get("languageId") or as_dict(
        metadata.get("dotnet_interactive") or metadata.get("polyglot_notebook")
    ).get("language" if "dotnet_interactive" in metadata else "kernelName")
    return _language_name(stated) if isinstance(stated, str) and stated.strip() else None
