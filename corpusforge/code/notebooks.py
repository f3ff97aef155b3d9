"""Cell counts of a notebook given as JSON, for `judge_text`, which sees files as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from corpusforge.code.scan import count_words

_OPENS = re.compile(r"\s*\{")
_NOTEBOOK = re.compile(r'"(nbformat|cell_type|worksheets)"\s*:')

_PROSE = re.compile(r"\s*%md(?:-sandbox)?\b")
"""How Databricks opens a cell of Markdown."""


@dataclass(frozen=True, slots=True)
class NotebookCounts:
    """What a notebook holds."""

    code_cells: int
    markdown_cells: int
    markdown_words: int
    code_chars: int
    language: str | None


def looks_like_notebook(text: str) -> bool:
    """Return whether a text is the JSON of a notebook, whole or damaged."""
    return _OPENS.match(text) is not None and bool(
        _NOTEBOOK.search(text[:20_000]) or _NOTEBOOK.search(text[-2_000:])
    )


def count_cells(text: str) -> NotebookCounts | None:
    """Return the counts of a notebook of any version; None where its JSON does not load."""
    try:
        book = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(book, dict):
        return None
    cells = list(_cells(cast(dict[str, Any], book)))
    code = [source for kind, source in cells if kind == "code" and source.strip()]
    markdown = [
        source for kind, source in cells if kind in ("markdown", "heading", "html") and source.strip()
    ]
    return NotebookCounts(
        code_cells=len(code),
        markdown_cells=len(markdown),
        markdown_words=sum(map(count_words, markdown)),
        code_chars=sum(map(len, code)),
        language=_language(cast(dict[str, Any], book)),
    )


def _cells(book: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for sheet in (book, *_dicts(book.get("worksheets"))):
        for cell in _dicts(sheet.get("cells")):
            source = cell.get("source", cell.get("input", ""))
            lines = list(map(str, _list(cast(object, source))))
            # Versions 2 and 3 may keep the lines of a cell without their line feeds.
            between = "\n" if sheet is not book and lines and not lines[0].endswith("\n") else ""
            text = between.join(lines) if isinstance(source, list) else str(source)
            kind = str(cell.get("cell_type"))
            yield "markdown" if kind == "code" and _PROSE.match(text) else kind, text


def _list(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [cast(dict[str, Any], item) for item in _list(value) if isinstance(item, dict)]


def _language(book: dict[str, Any]) -> str | None:
    metadata = book.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        info = cast(dict[str, Any], metadata).get(key) if isinstance(metadata, dict) else None
        if (
            isinstance(info, dict)
            and isinstance(found := cast(dict[str, Any], info).get(name), str)
            and found
        ):
            return found.lower()
    return None
