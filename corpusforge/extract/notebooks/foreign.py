"""Notebooks of other makers as Jupyter's: Zeppelin's paragraphs, and cells that Databricks wrote.

Both name a cell's language in its first line, `%md`, `%sql`, `%scala`; Zeppelin writes the interpreter
and its settings too: `%spark.pyspark(name=x)`.
"""

from __future__ import annotations

import re
from typing import Any

from corpusforge.extract.notebooks.outputs import as_dict, as_list, as_text

_HEAD = re.compile(r"\s*%([\w.]+(?:-\w+)?)(?:\([^)\n]*\))?(?:[ \t]+|[ \t]*(?:\n|$))")
_INTERPRETERS = {
    "md": "markdown", "md-sandbox": "markdown", "markdown": "markdown", "html": "html", "angular": "html",
    "sql": "sql", "scala": "scala", "r": "r", "python": "python", "sh": "bash", "shell": "bash",
    "java": "java",
    "pyspark": "python", "ipyspark": "python", "spark": "scala", "sparkr": "r", "jdbc": "sql", "hive": "sql",
    "flink": "scala", "ipython": "python", "groovy": "groovy", "kotlin": "kotlin", "js": "javascript",
}  # fmt: skip
_MAGIC_LINES = ("%sql", "%scala", "%r", "%python", "%sh", "%md", "%md-sandbox")
_OUTPUTS = {"TEXT": "text/plain", "TABLE": "text/plain", "HTML": "text/html"}


def interpreter(source: str) -> tuple[str, str] | None:
    r"""Return (language, rest of the cell) that a first line `%language` names, or None.

    >>> interpreter("%md\n# Title"), interpreter("%spark.sql select 1"), interpreter("%time x")
    (('markdown', '# Title'), ('sql', 'select 1'), None)
    """
    head = _HEAD.match(source)
    if head is None:
        return None
    name = head[1].lower().rpartition(".")[2]
    language = _INTERPRETERS.get(name) or _INTERPRETERS.get(head[1].lower().partition(".")[0])
    return (language, source[head.end() :]) if language else None


def cell_head(source: str) -> tuple[str, str] | None:
    r"""Return (language, prose of a `%md` cell or the whole source) of a cell that Databricks wrote.

    Jupyter's own magics of one line (`%sql select 1`) name no language of the cell, but `%md` is none.

    >>> cell_head("%md # Title"), cell_head("%sql\nselect 1"), cell_head("%sql select 1")
    (('markdown', '# Title'), ('sql', '%sql\nselect 1'), None)
    """
    first = source.lstrip().partition("\n")[0].strip()
    word = first.partition(" ")[0]
    if word not in _MAGIC_LINES or (found := interpreter(source)) is None:
        return None
    language, rest = found
    if language == "markdown":
        return language, rest
    return (language, source) if first == word else None


def notebook_of(value: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook as Jupyter keeps it; what is no note of Zeppelin is returned as it is."""
    paragraphs = as_list(value.get("paragraphs"))
    if not paragraphs or "cells" in value or "worksheets" in value:
        return value
    cells = [cell for paragraph in map(as_dict, paragraphs) if (cell := _zeppelin_cell(paragraph))]
    main = next(
        (as_text(as_dict(cell["metadata"]).get("zeppelin")) for cell in cells if cell["metadata"]), ""
    )
    return {"nbformat": 4, "metadata": {"language_info": {"name": main}}, "cells": cells}


def _zeppelin_cell(paragraph: dict[str, Any]) -> dict[str, Any] | None:
    text = as_text(paragraph.get("text"))
    if not text.strip():
        return None
    language, source = interpreter(text) or ("scala", text)  # Zeppelin's default is Spark's shell
    if language == "markdown":
        return {"cell_type": "markdown", "metadata": {}, "source": source}
    messages = map(as_dict, as_list(as_dict(paragraph.get("results")).get("msg")))
    outputs = [
        {"output_type": "display_data", "data": {kind: as_text(message.get("data"))}}
        for message in messages
        if (kind := _OUTPUTS.get(as_text(message.get("type"))))
    ]
    metadata = {"zeppelin": language, "vscode": {"languageId": language}}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": outputs}
