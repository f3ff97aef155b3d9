"""What the shard step can be told."""

from __future__ import annotations

import hashlib

from pydantic import Field, ValidationInfo, field_validator

from corpusforge.files import exists, read_bytes
from corpusforge.frozen import FrozenConfig
from corpusforge.shards.named import PROBE_SHA256


class ShardsConfig(FrozenConfig):
    """How documents become token shards."""

    tokenizer: str = Field(
        default="cl100k_base",
        description="Encoding by name: cl100k_base, o200k_base, o200k_harmony, llama3 or qwen3.",
    )
    tokenizer_json: str | None = Field(
        default=None, description="A tokenizer.json to use instead; the corpus keeps a copy."
    )
    tokenizer_json_sha256: str = Field(
        default="",
        description="Of that file's bytes; filled in, or held against them.",
        validate_default=True,
    )
    eos_token: str | None = Field(
        default=None,
        description="The special token of tokenizer_json that ends a document; a usual name is found.",
    )
    oracle_share: float = Field(
        default=0.002,
        ge=0,
        le=1,
        description="Share of the documents, by the hash of their ids, that tiktoken tokenises again; a"
        " difference stops the build.",
    )
    shard_tokens: int = Field(
        default=2**28, ge=1, description="Tokens that a shard should hold: 2^28 are 1 GiB of payload."
    )

    @field_validator("tokenizer")
    @classmethod
    def _tokenizer_is_known(cls, name: str) -> str:
        if name not in PROBE_SHA256:
            raise ValueError(f"no encoding is called {name!r}; known: {', '.join(PROBE_SHA256)}")
        return name

    @field_validator("tokenizer_json_sha256")
    @classmethod
    def _pin_tokenizer(cls, given: str, info: ValidationInfo) -> str:
        """Make the file part of the fingerprint; refuse a path that leads nowhere, or another pin."""
        path = info.data.get("tokenizer_json")
        if not path:
            return ""
        if not exists(path):
            raise ValueError(f"{path}: no such file")
        sha256 = hashlib.sha256(read_bytes(path)).hexdigest()
        if given and given != sha256:
            raise ValueError(f"{path} has the sha256 {sha256}, not the one that is pinned")
        return sha256
