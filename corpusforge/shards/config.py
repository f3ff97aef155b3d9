"""What the shard step can be told."""

from __future__ import annotations

from pydantic import Field

from corpusforge.frozen import FrozenConfig


class ShardsConfig(FrozenConfig):
    """How documents become token shards."""

    tokenizer: str = Field(
        default="cl100k_base",
        description="Encoding by name: cl100k_base, o200k_base, o200k_harmony, llama3 or qwen3.",
    )
    shard_tokens: int = Field(
        default=2**28, ge=1, description="Tokens that a shard should hold: 2^28 are 1 GiB of payload."
    )
