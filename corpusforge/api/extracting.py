"""Markup to text, as `corpusforge extract` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from corpusforge.api.errors import wrong_type
from corpusforge.api.rows import values_of
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document


def extract_text(html: str | bytes, url: str | None = None) -> str:
    r"""Return the main content of a web page as Markdown, formulas as LaTeX, code as fenced blocks.

    Args:
        html: The page: characters, or bytes in whatever encoding it declares or is in.
        url: Its address, where it is known.

    Returns:
        The text; "" where the page holds none.

    Raises:
        WrongType: `html` is neither str nor bytes.

    Example:
        >>> import corpusforge
        >>> corpusforge.extract_text("<h1>Tides</h1><p>The sea rises <b>twice</b> a day.</p>")
        '# Tides\n\nThe sea rises twice a day.'
    """
    if isinstance(html, str):
        raw, charset = html.encode("utf-8", "replace"), "utf-8"
    elif isinstance(html, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
        raw, charset = bytes(html), None
    else:
        raise wrong_type("html", "str or bytes of a page", html)
    page = Document(
        doc_id="",
        source="rows",
        source_kind=SourceKind.JSONL,
        locator="page",
        markup=Markup.HTML,
        raw=raw,
        charset=charset,
        url=url,
    )
    result = extract_document(page, _config())
    return "" if isinstance(result, Drop) else result.text


def extract_texts(pages: Iterable[object], column: str = "html") -> Iterator[str]:
    """Yield the text of each page, in order, as `extract_text` returns it; lazily.

    Args:
        pages: Pages (str or bytes); or rows (dicts) or an Arrow table, record batch or reader of
            record batches, whose `column` holds the page and whose `url`, if there, its address.
            Any iterable of these: a list, a generator.
        column: Where a row holds the page.

    Raises:
        WrongType: an item is no page. UsageError: a row lacks the column.

    Example:
        >>> import corpusforge
        >>> list(corpusforge.extract_texts(["<p>One.</p>", b"<p>Two.</p>"]))
        ['One.', 'Two.']
    """
    for values in values_of(pages, column):
        url = values.get("url")
        yield extract_text(values[column], url if isinstance(url, str) else None)


@lru_cache(maxsize=1)
def _config() -> ExtractConfig:
    return ExtractConfig()
