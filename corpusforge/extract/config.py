"""The configuration of extraction: every threshold between raw bytes and text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusforge.extract.web.forest_pin import forest_pin
from corpusforge.frozen import FrozenConfig


class ExtractConfig(FrozenConfig):
    """How raw bytes become text.

    The main-content model was chosen by F1 on pages with gold text, of other hosts than it learned from
    (docs/extraction.md); limits are set by hand.
    """

    extractor: Literal["fast", "trafilatura", "auto"] = Field(
        default="auto",
        description="Main content of web pages: `fast` (lexbor's tree and a model over its blocks), "
        "`trafilatura`, or `auto`, whichever measures better: fast, also where it is least sure.",
    )
    max_raw_bytes: int = Field(
        default=64 << 20, ge=1, description="A record whose raw bytes are more is dropped, unread."
    )
    max_html_bytes: int = Field(
        default=8 << 20, ge=1, description="A web page that is larger is dropped: no page of prose is."
    )
    max_wikitext_bytes: int = Field(
        default=4 << 20,
        ge=1,
        description="A wiki page that is larger is dropped (Wikipedia's limit is 2 MiB).",
    )
    min_text_chars: int = Field(
        default=1, ge=1, description="Text with fewer characters that are no space is no text."
    )
    caution: float = Field(
        default=1.0,
        ge=0.5,
        le=2,
        description="A block is kept where its probability to be content is above this times half of the "
        "F1 to be expected; more means less text, and surer.",
    )
    main_content_sha256: str = Field(
        default_factory=lambda: forest_pin()[1],
        description="Of the main-content model that ships with the package.",
    )
    formulas_from_mathml: bool = Field(
        default=True, description="Write MathML that carries no TeX as TeX; otherwise its plain text stays."
    )
    max_code_block_chars: int = Field(
        default=1 << 20, ge=1, description="A longer <pre> is cut here, with a note."
    )
    drop_boilerplate_lines: bool = Field(
        default=True,
        description="Web pages that come as text, line by line (WET): leave out lines that are no content.",
    )
    read_markup: bool = Field(
        default=True,
        description="Markdown and reStructuredText of repositories: read as pages, without front matter, "
        "badges, tags and directives; otherwise as they stand in the file.",
    )
    max_output_chars: int = Field(
        default=20_000,
        ge=0,
        description="Notebook: one cell's text output is cut after this many characters.",
    )
    max_error_lines: int = Field(
        default=6, ge=1, description="Notebook: a traceback keeps only its last lines."
    )
    join_book_lines: bool = Field(
        default=True,
        description="Books: join hard-wrapped lines of a paragraph; verse and tables keep theirs.",
    )
    max_epub_bytes: int = Field(
        default=64 << 20, ge=1, description="EPUB: the sum of unpacked chapters; above it is a bomb."
    )
    max_epub_ratio: float = Field(
        default=200.0, gt=1, description="EPUB: unpacked over packed size of one member; above it is a bomb."
    )
