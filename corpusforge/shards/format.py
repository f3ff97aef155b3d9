"""The layout of a corpus on disk, once: names, dtypes, checksums and the index.

Standard library only, because the reader imports it on training nodes. docs/formats.md
tells the same for a person.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from types import ModuleType
from typing import Any, cast

xxhash: ModuleType | None
try:
    import xxhash
except ImportError:  # a training node with numpy alone: crc32 serves, see `block_checksum`
    xxhash = None

INDEX_VERSION = 1
"""Version of `index.json`, of the shard files and of this module."""
TOKEN_DTYPES = ("<u2", "<u4")
"""Token ids of a payload: little-endian, unsigned, no header; the narrowest that holds the vocabulary."""
ENDS_DTYPE = "<u8"
"""Document ends of a shard: cumulative token counts, EOS included, no header."""
MAX_TOKEN_ID = 2**31 - 1
"""Megatron's .idx knows no unsigned 32-bit tokens, so every id must fit into a signed one."""
BLOCK_BYTES = 64 << 20
"""Bytes of payload under one checksum: what a reader hashes at the first touch."""
CURRENT = "CURRENT"
REMOVED = "gc.json"
"""Names the snapshots that were removed from a corpus."""
KINDS = {"tokens": ".bin", "ends": ".ends.u64", "docs": ".docs.parquet", "text": ".text.parquet"}
"""The files of a shard by kind, and how their names end."""
ID_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRow:
    """One shard in the index. Paths derive from domain, subset and id: see `shard_path`."""

    id: str
    """32 hex digits over the sha256 of its four files."""
    domain: str
    subset: str
    index: int
    """Which of the shards of its (domain, subset): the order of concatenation."""
    bytes: int
    """Bytes of the payload."""
    n_tokens: int
    """EOS included, one per document."""
    n_docs: int
    max_len: int
    """Tokens of the longest document, EOS included."""
    max_id: int
    sha256: str
    """Of the payload."""
    xxh3: tuple[str, ...]
    """xxh3-64 of each block of `BLOCK_BYTES`: 16 hex digits."""
    crc32: tuple[str, ...]
    """crc32 of the same blocks, for readers without xxhash: 8 hex digits."""
    docs_sha256: str
    text_sha256: str
    ends_sha256: str
    state: str = "committed"

    @property
    def token_bytes(self) -> int:
        """Bytes of a token of the payload: 2 or 4."""
        return self.bytes // self.n_tokens

    @property
    def token_dtype(self) -> str:
        """Numpy's name of a token of the payload: one of `TOKEN_DTYPES`."""
        return f"<u{self.token_bytes}"


def row_to_json(row: ShardRow) -> dict[str, Any]:
    """Return the JSON object of a shard row, its paths written out."""
    value: dict[str, Any] = {column.name: getattr(row, column.name) for column in fields(row)}
    value["xxh3"], value["crc32"] = list(row.xxh3), list(row.crc32)
    value["paths"] = {kind: shard_path(row.domain, row.subset, row.id, kind) for kind in KINDS}
    return value


def row_from_json(value: Mapping[str, Any]) -> ShardRow:
    """Return the shard row of its JSON object; KeyError or TypeError where it is none."""
    names = {column.name for column in fields(ShardRow)}
    known = {name: value[name] for name in names}
    known["xxh3"], known["crc32"] = tuple(known["xxh3"]), tuple(known["crc32"])
    return ShardRow(**known)


def shard_path(domain: str, subset: str, shard_id: str, kind: str) -> str:
    """Return where a file of a shard lies, relative to the corpus."""
    return f"shards/{domain}/{subset}/{shard_id}{KINDS[kind]}"


def index_path(snapshot_id: str) -> str:
    """Return where the index of a snapshot lies, relative to the corpus."""
    return f"snapshots/{snapshot_id}/index.json"


def manifest_path(snapshot_id: str, name: str) -> str:
    """Return where a file of a large snapshot's manifest lies, relative to the corpus."""
    return f"snapshots/{snapshot_id}/{name}"


def tokenizer_path(file_sha256: str) -> str:
    """Return where a corpus keeps the `tokenizer.json` that made its tokens."""
    return f"tokenizers/{file_sha256}.json"


def token_dtype(max_id: int) -> str:
    """Return the dtype of payloads whose largest id this may be."""
    return TOKEN_DTYPES[max_id >= 2**16]


def token_bound(token_bytes: int) -> int:
    """Return what every id of tokens of so many bytes is below."""
    return min(2 ** (8 * token_bytes), MAX_TOKEN_ID + 1)


def shard_id(digests: Iterable[str]) -> str:
    """Return the id of a shard from the sha256 of payload, ends, docs and text, in this order."""
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()[:ID_DIGITS]


def canonical_json(value: object) -> bytes:
    """Return JSON as every file of a corpus is written: keys sorted, ASCII, one line feed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode() + b"\n"


def seal(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the JSON object with `key` set to the hash of all the rest: 32 hex digits."""
    rest = {name: entry for name, entry in value.items() if name != key}
    return {**rest, key: hashlib.sha256(canonical_json(rest)).hexdigest()[:ID_DIGITS]}


def unseal(data: bytes, key: str, name: str) -> dict[str, Any]:
    """Return the sealed JSON object in `data`.

    Raises ValueError, in one line that starts with `name`, where it is no JSON object, is
    not written canonically, or was changed since it was sealed.
    """
    try:
        value: object = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: not JSON: {error}") from None
    if not isinstance(value, dict) or key not in value:
        raise ValueError(f"{name}: not a JSON object with the key {key!r}")
    value = cast(dict[str, Any], value)
    try:
        expected = seal(value, key)[key]
        is_canonical = canonical_json(value) == data
    except (ValueError, RecursionError) as error:  # a number beyond all floats, objects without end
        raise ValueError(f"{name}: not JSON: {error}") from None
    if value[key] != expected or not is_canonical:
        found = ascii(value[key])[:80]
        raise ValueError(f"{name}: changed since it was written: hash {expected}, it says {found}")
    return value


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no number")


class BlockHasher:
    """Checksums of a payload that arrives in pieces: whole, and per block of `BLOCK_BYTES`."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.n_bytes = 0
        self._xxh3: list[str] = []
        self._crc32: list[str] = []
        self._block = _Block()

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the payload."""
        view = memoryview(data).cast("B")
        self.sha256.update(view)
        self.n_bytes += len(view)
        while len(view):
            room = BLOCK_BYTES - self._block.n_bytes
            self._block.update(view[:room])
            view = view[room:]
            if self._block.n_bytes == BLOCK_BYTES:
                self._close()

    def _close(self) -> None:
        self._xxh3.append(self._block.xxh3.hexdigest())
        self._crc32.append(f"{self._block.crc32:08x}")
        self._block = _Block()

    def blocks(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (xxh3, crc32) of every block; to be called once, at the end."""
        if self._block.n_bytes:
            self._close()
        return tuple(self._xxh3), tuple(self._crc32)


@lru_cache(maxsize=1)
def _fast_crc32() -> Callable[[memoryview, int], int]:
    """Return crc32 as isal computes it, many times as fast as zlib; whoever reads alone need not have it."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.crc32
    return cast(Any, isal_zlib).crc32


class _Block:
    def __init__(self) -> None:
        if xxhash is None:
            raise RuntimeError("writing and verifying shards needs the package xxhash")
        self.xxh3 = xxhash.xxh3_64()
        self.crc32 = 0
        self.n_bytes = 0
        self._crc32 = _fast_crc32()

    def update(self, view: memoryview) -> None:
        self.xxh3.update(view)
        self.crc32 = self._crc32(view, self.crc32)
        self.n_bytes += len(view)


def block_checksum() -> tuple[str, Callable[[memoryview], str]]:
    """Return (name of the row's field, function) of the checksum this reader can compute.

    xxh3 at memory speed where xxhash is installed, else crc32 of the standard library:
    it finds every flipped bit and every burst of up to 32 bits too.
    """
    if xxhash is not None:
        return "xxh3", cast("Callable[[memoryview], str]", xxhash.xxh3_64_hexdigest)
    return "crc32", lambda view: f"{zlib.crc32(view):08x}"


def totals(rows: Sequence[ShardRow]) -> dict[str, Any]:
    """Return shards, documents, tokens and bytes: in all, and per `domain/subset`."""
    by_key: dict[str, dict[str, int]] = {}
    whole = dict.fromkeys(("n_shards", "n_docs", "n_tokens", "bytes"), 0)
    for row in rows:
        entry = by_key.setdefault(f"{row.domain}/{row.subset}", dict.fromkeys(whole, 0))
        for counts in (entry, whole):
            counts["n_shards"] += 1
            counts["n_docs"] += row.n_docs
            counts["n_tokens"] += row.n_tokens
            counts["bytes"] += row.bytes
    return {**whole, "subsets": dict(sorted(by_key.items()))}
