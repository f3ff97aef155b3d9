"""Rows through a child process that can be killed: one result a row, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from corpusforge.commands.rows import Row, RowFault
from corpusforge.document import Document, Drop
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig

Content = Document | Drop | RowFault


def map_rows(
    rows: Iterable[Row], factory: str, argument: object, config: SandboxConfig, warm: str | None = None
) -> Iterator[tuple[object, Any]]:
    """Yield (row id, result) for each row, in order.

    The result is what the function made by `factory` returns for the row's document, or a
    `RowFault` for a row that is none, or on which the function failed or had to be killed; the `Drop`
    of a row that is dropped as it is read. `warm`: as of a `Sandbox`.
    """
    ids: deque[object] = deque()

    def contents() -> Iterator[Content]:
        for row in rows:
            ids.append(row.id)
            yield row.content

    sandbox: Sandbox[Content, Any] = Sandbox(factory, argument, config, _content_bytes, warm)
    try:
        for result in sandbox.map(contents(), lambda content: not isinstance(content, Document)):
            yield ids.popleft(), RowFault(result.error) if isinstance(result, Failed) else result
    finally:
        sandbox.close()


def _content_bytes(content: Content) -> int:
    return len(content.raw or b"") + len(content.text) if isinstance(content, Document) else 0
