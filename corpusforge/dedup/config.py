"""The configuration of dedup."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusforge.frozen import FrozenConfig


class SignatureConfig(FrozenConfig):
    """What a signature is made of. A change here means new parts."""

    permutations: int = Field(default=128, ge=16, le=512, description="hash values in a signature")
    shingle_words: int = Field(default=5, ge=1, le=32, description="words in a shingle")
    seed: int = Field(default=1, ge=0, lt=2**32, description="seed of the permutations, as in datasketch")


class DedupConfig(FrozenConfig):
    """What counts as a duplicate. A change here re-runs dedup and not the parts."""

    method: Literal["off", "exact", "near"] = Field(
        default="near", description="off, exact (same normalised text), near (exact, then MinHash)"
    )
    signature: SignatureConfig = SignatureConfig()
    bands: int = Field(default=14, ge=1, description="LSH bands; 14 x 8 is FineWeb's choice")
    rows: int = Field(default=8, ge=1, description="hash values in a band")
    threshold: float = Field(
        default=0.75, gt=0, le=1, description="estimated Jaccard similarity to the survivor of a duplicate"
    )
    off_domains: tuple[str, ...] = Field(default=(), description="domains that only lose exact duplicates")
    max_removed_share: float = Field(
        default=0.6, gt=0, le=1, description="the build stops if a source of >= 1,000 documents loses more"
    )
    partitions: int = Field(default=64, ge=1, le=4096, description="ranges of band keys, one task each")
