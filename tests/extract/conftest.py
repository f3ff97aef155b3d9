"""A maker of documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpusforge.document import Document, Markup, SourceKind

Make = Callable[..., Document]


@pytest.fixture(scope="session")
def make() -> Make:
    def document(raw: bytes | str, markup: Markup, **fields: str) -> Document:
        data = raw.encode() if isinstance(raw, str) else raw
        return Document(
            doc_id="0" * 32,
            source="test",
            source_kind=SourceKind.WARC,
            locator="t#0",
            markup=markup,
            raw=data,
            **fields,  # pyright: ignore[reportArgumentType]
        )

    return document
