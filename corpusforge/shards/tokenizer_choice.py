"""Which tokenizer a configuration or an index names: an encoding by its name, or a `tokenizer.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpusforge.files import exists, join, read_bytes, write_bytes
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.format import tokenizer_path
from corpusforge.shards.named import load_named
from corpusforge.shards.tokenizer import Tokenizer, check_identity
from corpusforge.shards.tokenizer_json import load_tokenizer_json


def load_tokenizer(name: str) -> Tokenizer:
    """Return the tokenizer of a name; ValueError where none is called so, or it is not what was tested."""
    return load_named(name)


def open_tokenizer(corpus: str, identity: Mapping[str, Any]) -> Tokenizer:
    """Return the tokenizer that an index names: a `tokenizer.json` is read from the corpus.

    Raises ValueError, in one line, where it is missing or not the one that made the tokens.
    """
    file_sha256 = str(identity.get("file_sha256") or "")
    if not file_sha256:
        tokenizer = load_tokenizer(str(identity["name"]))
    else:
        eos = [token for token, number in identity["special_ids"].items() if number == identity["eos_id"]]
        path = join(corpus, tokenizer_path(file_sha256))
        if not exists(path):
            raise ValueError(f"{path}: missing: copy the tokenizer.json with this sha256 there")
        tokenizer = load_tokenizer_json(read_bytes(path), path, eos[0], file_sha256)
    check_identity(tokenizer, identity)
    return tokenizer


def configured_tokenizer(config: ShardsConfig, corpus: str) -> Tokenizer:
    """Return the tokenizer of a configuration; a `tokenizer.json` is copied into the corpus first.

    Raises ValueError, in one line, where the file is missing, or is not the one that the
    configuration was read with.
    """
    if config.tokenizer_json is None:
        return load_tokenizer(config.tokenizer)
    kept = join(corpus, tokenizer_path(config.tokenizer_json_sha256))
    # Workers on other machines, and whoever decodes later, find it there.
    path = kept if exists(kept) else config.tokenizer_json
    if not exists(path):
        raise ValueError(f"shards.tokenizer_json: {path}: no such file")
    data = read_bytes(path)
    tokenizer = load_tokenizer_json(data, path, config.eos_token, config.tokenizer_json_sha256)
    if path != kept:
        write_bytes(kept, data)
    return tokenizer
