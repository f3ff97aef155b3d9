"""Which tokens make up each sample of a subset, where that is not simply the next S of them.

Concatenate-and-chunk needs no table: sample k is the tokens [kS, (k+1)S). Best-fit packing
and selections of documents do: a table lists the stretches of every sample, 16 bytes each,
beside the plan that reads it and named by its content. numpy only: the reader maps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

STRETCH = np.dtype([("start", "<u8"), ("shard", "<u4"), ("length", "<u4")])
"""A stretch of one document: first token within its shard, the shard's place among those of its
(domain, subset) in the order of the index, tokens."""
FIRSTS_DTYPE = "<u8"
"""First stretch of each sample, and at the end the number of stretches: samples + 1 values."""
TABLE_KINDS = ("stretches", "firsts")
"""Its two files."""
FOLDER = "plans/samples"
"""Where they lie, relative to the corpus: `<id>.stretches`, `<id>.firsts`; and patches, `<id>.patch`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    """What a plan says of a table: enough to find it, to check it and to count with it."""

    id: str
    """32 hex digits over the sha256 of its two files."""
    n_samples: int
    n_stretches: int
    n_tokens: int
    """Tokens of all samples, padding not counted: what one epoch gives."""
    stretches_sha256: str
    firsts_sha256: str


def table_path(table_id: str, kind: str) -> str:
    """Return where a file of a table lies, relative to the corpus; kind `stretches` or `firsts`."""
    return f"{FOLDER}/{table_id}.{kind}"


def table_from_json(value: dict[str, Any]) -> SampleTable:
    """Return the table of its JSON object; TypeError where it is none."""
    return SampleTable(**value)
