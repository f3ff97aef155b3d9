"""Any `tokenizer.json`, by the library that defines the format. Offline: the file is all there is."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any, cast

import numpy as np

from corpusforge.extras import load
from corpusforge.shards.tokenizer import Batch, Tokenizer, make_tokenizer, sha256_of_vocabulary

PACKAGE = "tokenizers"
NAME = "tokenizer.json"
EOS_TOKENS = (
    "<|endoftext|>", "<|end_of_text|>", "<|endofdoc|>", "</s>", "<eos>", "<EOS>", "<|eos|>", "[EOS]",
    "<｜end▁of▁sentence｜>",
)  # fmt: skip
"""What published tokenizers call the end of a document."""


class JsonEngine:
    """A `tokenizer.json` that leaves special tokens in text as text, and adds none."""

    def __init__(self, native: Any) -> None:
        native.no_truncation()
        native.no_padding()
        native.encode_special_tokens = True  # as ordinary text, that is
        self.native = native

    def encode(self, texts: Sequence[bytes]) -> Batch:
        """Return the ids of ordinary text, on one thread."""
        # Threads of its own would be shared with every other worker of the machine.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        batch = [text.decode() for text in texts]
        found = [each.ids for each in self.native.encode_batch_fast(batch, add_special_tokens=False)]
        offsets = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(ids) for ids in found], out=offsets[1:])
        ids = np.fromiter((token for each in found for token in each), np.uint32, int(offsets[-1]))
        return ids, offsets

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ids, special tokens spelled out."""
        return self.native.decode(tokens, skip_special_tokens=False)


@lru_cache(maxsize=4)
def load_tokenizer_json(data: bytes, where: str, eos_token: str | None, sha256: str) -> Tokenizer:
    """Return the tokenizer in `data`, whose documents end with `eos_token`.

    Without one, the special token that has one of the names that are usual for it. Raises
    ValueError, in one line that starts with `where`, for a file that is no tokenizer or has not
    this sha256, an end-of-document token that it does not have, or one that text can spell.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ValueError(f"{where}: changed: its sha256 is {found}, expected {sha256}")
    native, value = _parse(data, where)
    added = cast("list[dict[str, Any]]", value.get("added_tokens") or [])
    special = {str(token["content"]): int(token["id"]) for token in added if token["special"]}
    eos = _eos_token(special, eos_token, where)
    ordinary = cast("Mapping[str, int]", native.get_vocab(with_added_tokens=True))
    vocabulary = {number: token.encode() for token, number in ordinary.items() if token not in special}
    engine = JsonEngine(native)
    for text in (eos, f"a {eos} b", f"a{eos}b"):
        if special[eos] in engine.encode([text.encode()])[0].tolist():
            raise ValueError(f"{where}: text that spells {eos!r} becomes that token, the end of a document")
    facts = {"package": PACKAGE, "version": version(PACKAGE), "file_sha256": sha256}
    max_id, sha256 = max([*vocabulary, *special.values()]), sha256_of_vocabulary(vocabulary)
    return make_tokenizer(NAME, engine, max_id, sha256, special, eos, **facts)


def _parse(data: bytes, where: str) -> tuple[Any, dict[str, Any]]:
    """Return (the library's tokenizer, the JSON)."""
    library = load("tokenizers")  # only where one is asked for: a named encoding does without
    try:
        value: Any = json.loads(data)
        native = library.Tokenizer.from_buffer(data)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{where}: no tokenizer.json: {reason}") from None
    return native, value


def _eos_token(special: Mapping[str, int], wanted: str | None, where: str) -> str:
    known = ", ".join(sorted(special)[:20]) or "none"
    if wanted is not None:
        if wanted not in special:
            raise ValueError(f"{where}: shards.eos_token {wanted!r} is no special token of it: {known}")
        return wanted
    usual = [token for token in EOS_TOKENS if token in special]
    if len(usual) != 1:
        what = f"{' and '.join(usual)} may each end" if usual else "no special token is known to end"
        raise ValueError(f"{where}: {what} a document: name one with shards.eos_token; it has {known}")
    return usual[0]
