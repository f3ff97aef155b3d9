"""shard: parts - what goes -> spills -> token shards. References travel, never tokens.

Two maps with a count between them: how many shards a domain has is known once every
part's survivors are tokenised.
"""
