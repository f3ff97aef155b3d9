"""What an index must hold, as a JSON schema: readers check by it, `docs/index.schema.json` shows it.

python -m corpusforge.shards.schema > docs/index.schema.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from corpusforge.domains import SUBSETS
from corpusforge.shards.format import ENDS_DTYPE, INDEX_VERSION, MAX_TOKEN_ID, TOKEN_DTYPES

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
COUNT = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
POSITIVE = {**COUNT, "minimum": 1}
NAME = {"type": "string", "pattern": "^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$"}
"""Of a file in the corpus: no separator, no dot."""
TEXT = {"type": "string"}
DOMAIN = {"type": "string", "enum": sorted(domain.value for domain in SUBSETS)}
SUBSET = {"type": "string", "enum": sorted({s.value for subsets in SUBSETS.values() for s in subsets})}


def closed(properties: Mapping[str, Any], optional: tuple[str, ...] = (), **words: str) -> dict[str, Any]:
    """Return the schema of an object of these keys, and no other; all but the optional must be there."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
        **words,
    }


def mapping(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object of any keys, all of whose values are alike."""
    return {"type": "object", "additionalProperties": dict(entry)}


def _described(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


SHARD = closed(
    {
        "id": _described(ID, "Over the sha256 of its four files."),
        "domain": DOMAIN,
        "subset": SUBSET,
        "index": _described(COUNT, "Place in the concatenation of its (domain, subset)."),
        "paths": closed(
            {"tokens": TEXT, "ends": TEXT, "docs": TEXT, "text": TEXT},
            description="Files of the shard, relative to the corpus: they follow from domain, subset and id.",
        ),
        "bytes": POSITIVE,
        "n_tokens": POSITIVE,
        "n_docs": POSITIVE,
        "max_len": POSITIVE,
        "max_id": {**COUNT, "maximum": MAX_TOKEN_ID},
        "sha256": SHA256,
        "xxh3": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "minItems": 1,
            "description": "xxh3-64 of each 64 MiB block of the payload.",
        },
        "crc32": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
            "minItems": 1,
            "description": "crc32 of the same blocks.",
        },
        "docs_sha256": SHA256,
        "text_sha256": SHA256,
        "ends_sha256": SHA256,
        "state": {"const": "committed"},
    },
    description="One shard.",
)
_TOTALS = {"n_shards": COUNT, "n_docs": COUNT, "n_tokens": COUNT, "bytes": COUNT}
_TOKENIZER = closed(
    {
        "name": TEXT,
        "package": TEXT,
        "version": TEXT,
        "vocabulary_sha256": SHA256,
        "special_ids": mapping({**COUNT, "maximum": MAX_TOKEN_ID}),
        "eos_id": {**COUNT, "maximum": MAX_TOKEN_ID},
        "file_sha256": _described(
            SHA256, "Of the tokenizer.json, kept in `tokenizers/`; none for a named encoding."
        ),
        "probe_sha256": _described(SHA256, "Of the ids of a fixed probe text."),
    },
    optional=("file_sha256",),
    description="Which tokenizer made the ids.",
)
_ENDS = {"records_in": COUNT, "kept": COUNT, "quarantined": COUNT}
_CONSERVATION = {
    "type": "object",
    "properties": {
        "sources": mapping(
            {
                "type": "object",
                "properties": {**_ENDS, "dropped": mapping(COUNT)},
                "required": [*_ENDS, "dropped"],
            }
        ),
        "rows": {
            "type": "array",
            "items": closed(
                {
                    "source": TEXT,
                    "domain": DOMAIN,
                    "subset": SUBSET,
                    "documents": COUNT,
                    "tokens": COUNT,
                    "bytes": COUNT,
                }
            ),
        },
    },
    "description": "What became of every record, by source; and what the shards hold, by source and subset.",
}
_RETRACTION = closed(
    {
        "ledger_sha256": SHA256,
        "list_sha256": SHA256,
        "policy": TEXT,
        "documents": COUNT,
        "copies": COUNT,
        "tokens": COUNT,
    },
    description="What was taken out on request: `retractions/<id>.json` tells of it.",
)
_INPUT = {
    "type": "object",
    "properties": {"name": TEXT, "digest": TEXT, "part_id": NAME, "source": TEXT, "size_bytes": COUNT},
    "required": ["name", "digest"],
    "description": "One part: what it was made of.",
}

INDEX_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Index of a snapshot",
    **closed(
        {
            "schema_version": {"const": INDEX_VERSION},
            "corpus_id": TEXT,
            "snapshot": _described(ID, "Hash of all the rest."),
            "parent": {"type": ["string", "null"], "pattern": ID["pattern"]},
            "tokenizer": _TOKENIZER,
            "dtype": {
                "enum": list(TOKEN_DTYPES),
                "description": "Of the tokens: as narrow as the vocabulary allows.",
            },
            "ends_dtype": {"const": ENDS_DTYPE},
            "endianness": {"const": "little"},
            "seed": COUNT,
            "code_version": TEXT,
            "config": {"type": "object"},
            "config_sha256": SHA256,
            "inputs": {"type": "array", "items": _INPUT},
            "n_inputs": _described(POSITIVE, "How many, where `plan` has them."),
            "plan": _described(NAME, "Beyond 4,096 inputs: their table is plan/ID/parts.parquet."),
            "conservation": _CONSERVATION,
            "retracted": _described(
                mapping(_RETRACTION), "By the id of its ledger, each retraction that the corpus had."
            ),
            "totals": closed(
                {**_TOTALS, "subsets": mapping(closed(_TOTALS))},
                description="Sums over all shards, and by `domain/subset`.",
            ),
            "shards": {
                "type": "array",
                "items": SHARD,
                "description": "Up to 1,000 shards; or `manifest`.",
            },
            "manifest": closed(
                {"manifest.npy": SHA256, "blocks.npy": SHA256, "manifest.parquet": SHA256},
                description="sha256 of the files that hold the rows, beyond 1,000 shards.",
            ),
        },
        optional=("n_inputs", "plan", "retracted", "shards", "manifest"),
        description="`snapshots/<id>/index.json`.",
    ),
}

if __name__ == "__main__":
    print(json.dumps(INDEX_SCHEMA, indent=2, sort_keys=True))
