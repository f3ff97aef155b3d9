"""A Deepnote file as a notebook: the blocks of its YAML, in the form that Deepnote writes.

    project:
      notebooks:
        - blocks:
            - content: |-
                # Title
              type: markdown

Only what blocks need is read: their keys, scalars in quotes, and literal blocks.
"""

from __future__ import annotations

import json
import re
from typing import Any

_MARK = re.compile(r"^project:[ \t]*$", re.M)
_BLOCKS = re.compile(r"^[ ]*(?:- )?blocks:[ \t]*$", re.M)
_PROSE = {"text-cell-h1": "# ", "text-cell-h2": "## ", "text-cell-h3": "### ", "text-cell-bullet": "- ",
          "text-cell-p": "", "text-cell-callout": "> ", "text-cell-todo": "- ", "markdown": ""}  # fmt: skip
_ITEM = re.compile(r"([ ]*)- (?=[\w-]+:)")
_KEY = re.compile(r"([ ]*)([\w-]+):(?:[ ](.*))?$")


def is_deepnote(text: str) -> bool:
    """Return whether a text is the YAML of a Deepnote project."""
    return text[:1] not in "{[<" and bool(_MARK.search(text)) and _BLOCKS.search(text) is not None


def deepnote_notebook(text: str) -> dict[str, Any]:
    """Return the blocks of a Deepnote project as cells, in the order of their file."""
    cells = [cell for block in _blocks(text.split("\n")) if (cell := _cell(block)) is not None]
    return {"nbformat": 4, "metadata": {"language_info": {"name": "python"}}, "cells": cells}


def _cell(block: dict[str, str]) -> dict[str, Any] | None:
    kind, content = block.get("type", ""), block.get("content", "")
    if not content.strip():
        return None
    if kind in _PROSE:
        return {"cell_type": "markdown", "metadata": {}, "source": _PROSE[kind] + content}
    if kind not in ("code", "sql"):
        return None  # inputs, charts and buttons say nothing
    metadata = {"vscode": {"languageId": "sql"}} if kind == "sql" else {}
    return {"cell_type": "code", "metadata": metadata, "source": content, "outputs": []}


def _blocks(lines: list[str]) -> list[dict[str, str]]:
    """Return the keys of each item of a list `blocks:`, nested ones left out."""
    found: list[dict[str, str]] = []
    depth = -1
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if _BLOCKS.match(line):
            depth = -2  # the first item tells how deep the list is
            continue
        if depth == -1 or not line.strip():
            continue
        item = _ITEM.match(line)
        if item is not None and (depth == -2 or len(item[1]) == depth):
            depth = len(item[1])
            found.append({})
            line = f"{item[1]}  {line[item.end() :]}"
        key = _KEY.match(line)
        if key is None or not found or len(key[1]) != depth + 2:
            if key is not None and depth >= 0 and len(key[1]) < depth:
                depth = -1
            continue
        value, number = _scalar(key[3] or "", lines, number, depth + 2)
        found[-1][key[2]] = value
    return found


def _scalar(value: str, lines: list[str], number: int, depth: int) -> tuple[str, int]:
    """Return (a scalar, the line after it): plain, in quotes, or a literal block below its key."""
    if value[:1] not in ("|", ">"):
        more = list[str]()
        while number < len(lines) and lines[number].startswith(" " * (depth + 1)) and value:
            more.append(lines[number].strip())  # a long scalar goes on, indented
            number += 1
        return _unquoted(" ".join([value, *more])), number
    start = number
    while number < len(lines) and (not lines[number].strip() or lines[number].startswith(" " * (depth + 1))):
        number += 1
    body = lines[start:number]
    explicit = re.match(r"[|>][+-]?(\d)", value)
    indents = [len(line) - len(line.lstrip(" ")) for line in body if line.strip()]
    indent = depth + int(explicit[1]) if explicit else min(indents[:1], default=0)
    between = "\n" if value[0] == "|" else " "
    return between.join(line[indent:] for line in body).rstrip("\n "), number


def _unquoted(value: str) -> str:
    if value[:1] == '"' and value[-1:] == '"' and len(value) > 1:
        try:
            return str(json.loads(value.replace("\\ ", " "), strict=False))
        except ValueError:
            return value[1:-1]
    if value[:1] == "'" and value[-1:] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    return value
