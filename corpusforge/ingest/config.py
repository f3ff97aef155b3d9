"""The configuration of the readers."""

from __future__ import annotations

from pydantic import Field

from corpusforge.frozen import FrozenConfig


class IngestConfig(FrozenConfig):
    """Limits on what one input may ask for, and what is kept of damaged records."""

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
    batch_rows: int = Field(default=256, ge=1, description="rows of a Parquet file held at a time")
    split_bytes: int = Field(
        default=256 << 20,
        ge=1 << 10,
        description="row groups of a Parquet file are read in splits of this size",
    )
    git_deadline_s: float = Field(
        default=600.0, gt=0, description="wall time after which reading a git repository is given up"
    )
