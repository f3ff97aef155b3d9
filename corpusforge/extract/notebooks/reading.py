"""The JSON of a notebook, read with patience: damage costs only what it hit."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from corpusforge.extract.encoding.charset import charset_of, utf16_without_mark
from corpusforge.extract.notebooks.deepnote import deepnote_notebook, is_deepnote
from corpusforge.extract.notebooks.foreign import notebook_of

_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{200,}")
_TRAILING_COMMA = re.compile(r",(\s*[\]}])")
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*)$", re.MULTILINE)
_CELLS = re.compile(r'"cells"\s*:\s*\[')
_CELL = re.compile(r'\{\s*"(?:attachments|cell_type|execution_count|id|metadata)"\s*:')
"""How a cell begins; `nbformat` sorts its keys."""
_MAX_FAILURES = 64
_NESTED_MAX = 3


class NotebookError(ValueError):
    """The bytes are no notebook; the message is for a person and names the offset."""


def read_notebook(raw: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return (notebook object, notes on repairs). Raises NotebookError."""
    if raw.startswith(_LFS_POINTER):
        raise NotebookError("a Git LFS pointer, the notebook itself is not in the repository")
    if not raw.strip():
        raise NotebookError("empty file")
    text, notes = _decoded(raw)
    text = text.lstrip("\ufeff \t\r\n")
    if is_deepnote(text):
        return deepnote_notebook(text), notes
    if text[:1] == "<" and not text.startswith("<<<<<<<"):
        raise NotebookError(f"markup in place of a notebook: {text[:40].split(chr(10))[0]!r}")
    value, more = _parsed(text)
    for _ in range(_NESTED_MAX):
        if not isinstance(value, str):
            break
        value, again = _parsed(value)  # a notebook inside a JSON string
        more = [*more, "JSON inside a JSON string", *again]
    if not isinstance(value, dict):
        raise NotebookError(f"not an object at offset 0 but {type(value).__name__}")
    return notebook_of(cast("dict[str, Any]", value)), notes + more


def _decoded(raw: bytes) -> tuple[str, list[str]]:
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(name, "replace"), [f"decoded as {name}"]
    if b"\0" in raw[:1024] and (wide := utf16_without_mark(raw)):
        return raw.decode(wide, "replace"), [f"decoded as {wide}"]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        failure = error
    # Images are ASCII and many: what letters say stands in the lines that hold some.
    lines = b"\n".join(line for line in raw.split(b"\n") if not line.isascii())
    name = charset_of(_BASE64.sub(b"", lines))
    if name == "utf-8":
        return raw.decode("utf-8-sig", "replace"), [f"invalid UTF-8 at offset {failure.start} replaced"]
    return raw.decode(name, "replace"), [f"decoded as {name}"]


def _parsed(text: str) -> tuple[Any, list[str]]:
    try:
        # strict=False: control characters inside strings are common and harmless.
        return json.loads(text, strict=False), []
    except json.JSONDecodeError as error:
        failure = error
    except RecursionError:
        raise NotebookError("JSON nested too deep") from None
    if "<<<<<<<" in text and _CONFLICT.search(text):
        return _parsed_side(text, failure.pos)
    if failure.msg.startswith("Extra data"):
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
        return value, [f"text after the end at offset {failure.pos} ignored"]
    mended = _TRAILING_COMMA.sub(r"\1", text)
    try:
        return json.loads(mended, strict=False), [f"trailing comma near offset {failure.pos} removed"]
    except (json.JSONDecodeError, RecursionError):
        pass
    cells = _whole_cells(text)
    if not cells:
        raise NotebookError(f"invalid JSON at offset {failure.pos}: {failure.msg.lower()}")
    return {"cells": cells, "nbformat": 4}, [
        f"invalid JSON at offset {failure.pos}: {len(cells)} whole cells kept"
    ]


def _parsed_side(text: str, offset: int) -> tuple[Any, list[str]]:
    """Return what the first side of a committed merge conflict says."""
    side, conflicts = _first_side(text)
    try:
        return json.loads(side, strict=False), [f"merge conflict: the first side of {conflicts} kept"]
    except (json.JSONDecodeError, RecursionError):
        raise NotebookError(f"merge conflict marks, invalid JSON at offset {offset}") from None


def _first_side(text: str) -> tuple[str, int]:
    """Return a text without the second sides of its merge conflicts, and how many there are."""
    kept, conflicts, is_second = list[str](), 0, False
    for line in text.split("\n"):
        if line.startswith("<<<<<<< "):
            conflicts += 1
        elif line.startswith(("=======", "||||||| ")) and conflicts:
            is_second = True
        elif line.startswith(">>>>>>> "):
            is_second = False
        elif not is_second:
            kept.append(line)
    return "\n".join(kept), conflicts


def _whole_cells(text: str) -> list[Any]:
    """Return the cells that can be read: those before the damage, and whole ones behind it."""
    match = _CELLS.search(text)
    if match is None:
        return []
    decoder, cells, position, failures = json.JSONDecoder(strict=False), list[Any](), match.end(), 0
    while failures < _MAX_FAILURES:
        gap = re.compile(r"[\s,]*").match(text, position)
        position = gap.end() if gap else position
        try:
            cell, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            failures += 1
            if (following := _CELL.search(text, position + 1)) is None:
                break
            position = following.start()
            continue
        if not failures or (isinstance(cell, dict) and "cell_type" in cell):
            cells.append(cell)
    return cells
