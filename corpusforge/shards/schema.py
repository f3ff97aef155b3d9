"""What an index must hold, as a model: `docs/index.schema.json` is written from it, `verify` checks by it.

python -m corpusforge.shards.schema > docs/index.schema.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from corpusforge.shards.format import INDEX_VERSION

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hex16 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Hex8 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
Count = Annotated[int, Field(ge=0)]


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ShardPaths(_Object):
    """Files of a shard, relative to the corpus."""

    tokens: str
    ends: str
    docs: str
    text: str


class ShardObject(_Object):
    """One shard."""

    id: Id
    domain: str
    subset: str
    index: Count = Field(description="Place in the concatenation of its (domain, subset).")
    paths: ShardPaths
    bytes: Count
    n_tokens: Count
    n_docs: Count
    max_len: Count
    max_id: Annotated[int, Field(ge=0, lt=2**31)]
    sha256: Sha256
    xxh3: list[Hex16] = Field(description="xxh3-64 of each 64 MiB block of the payload.")
    crc32: list[Hex8] = Field(description="crc32 of the same blocks.")
    docs_sha256: Sha256
    text_sha256: Sha256
    ends_sha256: Sha256
    state: Literal["committed"]


class Manifest(_Object):
    """sha256 of the files that hold the shard rows of a large snapshot."""

    manifest_npy: Sha256 = Field(alias="manifest.npy")
    blocks_npy: Sha256 = Field(alias="blocks.npy")
    manifest_parquet: Sha256 = Field(alias="manifest.parquet")


class TokenizerObject(_Object):
    """Which tokenizer made the ids."""

    name: str
    package: str
    version: str
    vocabulary_sha256: Sha256
    special_ids: dict[str, Count]
    eos_id: Count
    file_sha256: Sha256 | None = Field(
        default=None, description="Of the tokenizer.json, kept in `tokenizers/`; none for a named encoding."
    )
    probe_sha256: Sha256 = Field(description="Of the ids of a fixed probe text.")


class Totals(_Object):
    """Sums over shards."""

    n_shards: Count
    n_docs: Count
    n_tokens: Count
    bytes: Count


class AllTotals(Totals):
    """Sums over all shards, and by `domain/subset`."""

    subsets: dict[str, Totals]


class IndexObject(_Object):
    """`snapshots/<id>/index.json`."""

    schema_version: Literal[1]
    corpus_id: str
    snapshot: Id = Field(description="Hash of all the rest.")
    parent: Id | None
    tokenizer: TokenizerObject
    dtype: Literal["<u2", "<u4"] = Field(description="Of the tokens: as narrow as the vocabulary allows.")
    ends_dtype: Literal["<u8"]
    endianness: Literal["little"]
    seed: Count
    code_version: str
    config: dict[str, Any]
    config_sha256: Sha256
    inputs: list[dict[str, Any]]
    n_inputs: int | None = Field(default=None, ge=1, description="How many, where `plan` has them.")
    plan: str | None = Field(
        default=None, description="Beyond 4,096 inputs: their table is plan/ID/parts.parquet."
    )
    conservation: dict[str, Any]
    totals: AllTotals
    shards: list[ShardObject] | None = Field(default=None, description="Up to 1,000 shards; or `manifest`.")
    manifest: Manifest | None = Field(default=None, description="Where the rows are, beyond 1,000 shards.")


def index_schema() -> dict[str, Any]:
    """Return the JSON schema of an index."""
    schema = IndexObject.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"version {INDEX_VERSION}",
        **schema,
    }


def index_faults(index: Mapping[str, Any]) -> list[str]:
    """Return what in an index's JSON is not as the schema says, one line each; empty when all is."""
    try:
        IndexObject.model_validate(index)
    except ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    if ("shards" in index) == ("manifest" in index):
        return ["shards: an index holds either `shards` or `manifest`"]
    return []


if __name__ == "__main__":
    print(json.dumps(index_schema(), indent=2, sort_keys=True))
