"""The configuration of the readers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from corpusforge.frozen import FrozenConfig


class IngestConfig(FrozenConfig):
    """Limits on what one input may ask for, and what is kept of damaged records.

    Bounds on hostile input, set by hand; a record that meets one is dropped and counted by its reason.
    """

    max_record_bytes: int = Field(
        default=16 << 20, ge=1 << 10, description="a record, or its decoded body, above this is dropped"
    )
    max_header_bytes: int = Field(
        default=256 << 10, ge=1 << 10, description="a record header above this is taken for damage"
    )
    max_file_bytes: int = Field(
        default=4 << 20, ge=1 << 10, description="a file of a repository or archive above this is dropped"
    )
    max_ratio: float = Field(
        default=1000.0, gt=1, description="compressed data that grows by more than this is called a bomb"
    )
    keep_truncated: bool = Field(
        default=True, description="keep the text of a payload that the crawler cut, with a note"
    )
    accepted_statuses: tuple[int, ...] = Field(
        default=(200,), description="HTTP status codes whose pages are read"
    )
    min_body_bytes: int = Field(
        default=50,
        ge=1,
        description="a shorter body is dropped unread: it cannot hold `filter.min_chars` characters",
    )
    drop_duplicate_payloads: bool = Field(
        default=True, description="drop a page whose bytes are those of an earlier one of the dump"
    )
    site_files: tuple[Literal["/robots.txt", "/.well-known/tdmrep.json"], ...] = Field(
        default=(),
        description="files of a site that are read from the dump first, for `filter.honour`; one more pass"
        " over the file",
    )
    robots_agents: tuple[str, ...] = Field(
        default=("ccbot", "gptbot", "google-extended", "claudebot", "anthropic-ai", "applebot-extended"),
        description="crawlers for models, and for the dumps they read: a page that a robots.txt forbids one"
        " of them is told so",
    )
    batch_rows: int = Field(default=256, ge=1, description="rows of a Parquet file held at a time")
    split_bytes: int = Field(
        default=256 << 20,
        ge=1 << 10,
        description="about what a split of a file holds: of compressed lines and XML a quarter; leaves no"
        " trace in the records",
    )
    reader_deadline_s: float = Field(
        default=600.0,
        gt=0,
        description="CPU seconds without a record or a new byte of the file after which its rest is given up",
    )
    follow_links: bool = Field(
        default=False, description="follow symbolic links that lead out of the folder or glob of a source"
    )

    @field_validator("robots_agents")
    @classmethod
    def _lower_case(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.strip().lower() for name in names)
