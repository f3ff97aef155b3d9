"""Whole inputs against whole outputs; `pytest --update-goldens tests/extract` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpusforge.document import Document, Markup
from corpusforge.extract import ExtractConfig, extract_document

GOLDEN = Path(__file__).parents[1] / "golden" / "extract"
MARKUP = {
    ".html": Markup.HTML, ".ipynb": Markup.NOTEBOOK, ".wiki": Markup.WIKITEXT, ".txt": Markup.BOOK_TEXT,
    ".json": Markup.QA,
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_golden(case: str, make, update_goldens: bool) -> None:
    source = next((GOLDEN / case).glob("input.*"))
    result = extract_document(
        make(source.read_bytes(), MARKUP[source.suffix]), ExtractConfig(extractor="fast")
    )
    assert isinstance(result, Document)
    expected = GOLDEN / case / "expected.md"
    if update_goldens:
        expected.write_text(result.text + "\n", encoding="utf-8")
    assert result.text + "\n" == expected.read_text(encoding="utf-8")
    assert result.raw is None
