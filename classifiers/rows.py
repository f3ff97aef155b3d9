"""Labelled rows: what a row is, read from tables and corpora, filtered by licence, put in a fixed order."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from corpusforge.parquet import open_parquet
from corpusforge.text import clean_text

NONE_STATED = "none stated"
_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text and where it comes from."""

    text: str
    is_positive: bool
    source: str
    licence: str
    kind: str = ""
    language: str = ""
    doc_id: str = ""


def read_rows(paths: Iterable[Path], positive: str) -> Iterator[Row]:
    """Yield the rows of tables and corpora in order; positive are those labelled `positive`.

    A table is JSONL (plain, gzip, bzip2 or xz) or Parquet with `text`, `label`, `source`,
    `licence` and, where they are known, `kind`, `lang` or `language`, `doc_id`. A corpus is the folder
    of a build: there the label is `scaffold` or `other` for mathematics, `not_math` for the rest.
    """
    for path in paths:
        for values in table_rows(path):
            yield row_of(values, positive)


def row_of(values: dict[str, Any], positive: str) -> Row:
    """Return the row of a table's values; KeyError names the column that is missing."""
    label = str(values["label"])
    return Row(
        text=clean_text(values["text"]),
        is_positive=label == positive or (positive == "math" and label in ("scaffold", "other")),
        source=values.get("source") or "unnamed",
        licence=values.get("licence") or NONE_STATED,
        kind=values.get("kind") or "",
        language=values.get("lang") or values.get("language") or "",
        doc_id=values.get("doc_id") or "",
    )


def table_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the values of each row of a JSONL or Parquet file or of a corpus, a batch in memory at a time."""
    if path.is_dir():
        yield from _corpus_rows(path)
        return
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"PAR1"):
        yield from _parquet_rows(path, None)
        return
    opener: Any = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), open)
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _corpus_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the documents of the current snapshot of a corpus, text and labels, shard by shard."""
    snapshot = (folder / "CURRENT").read_text().strip()
    index = json.loads((folder / "snapshots" / snapshot / "index.json").read_text("utf-8"))
    for shard in index["shards"]:
        docs, texts = (
            folder / _path(shard["paths"], ending) for ending in (".docs.parquet", ".text.parquet")
        )
        columns = ["source", "licence", "language", "repo", "host"]
        pairs = zip(_parquet_rows(docs, columns), _parquet_rows(texts, ["doc_id", "text"]), strict=True)
        for document, text in pairs:
            is_math = shard["domain"] == "math"
            label = ("scaffold" if shard["subset"] == "scaffold" else "other") if is_math else "not_math"
            source = document["repo"] or document["host"] or document["source"]
            yield {**text, **document, "label": label, "source": source, "kind": shard["domain"]}


def _path(paths: Any, ending: str) -> str:
    values: list[str] = list(paths.values()) if isinstance(paths, dict) else list(paths)
    return next(path for path in values if path.endswith(ending))


def _parquet_rows(path: Path, columns: list[str] | None) -> Iterator[dict[str, Any]]:
    with path.open("rb") as stream:
        for batch in open_parquet(stream).iter_batches(batch_size=256, columns=columns):  # pyright: ignore
            yield from batch.to_pylist()


def allowed(rows: Iterable[Row], licences: Sequence[str]) -> list[Row]:
    """Return the rows whose licence one of the regular expressions matches from its first character."""
    return [row for row in rows if is_allowed(row, licences)]


def is_allowed(row: Row, licences: Sequence[str]) -> bool:
    """Return whether one of the regular expressions matches a row's licence from its first character."""
    return any(re.match(pattern, row.licence) for pattern in licences)


def shuffled(rows: Iterable[Row], seed: int) -> list[Row]:
    """Return rows in the order of a keyed hash of their text: the same wherever they came from."""
    return sorted(rows, key=lambda row: (row_key(row, seed), row.text))


def row_key(row: Row, seed: int) -> int:
    """Return the keyed hash, 64 bits, that decides on a row's place and on whether it is drawn."""
    return xxhash.xxh3_64_intdigest(row.text.encode("utf-8", "replace"), seed)


def source_folds(rows: Sequence[Row], n_folds: int) -> list[frozenset[str]]:
    """Return groups of sources of about equal size: the largest first, each into the smallest group.

    The sources of one field, named `field: package`, stay together.
    """
    sizes: Counter[str] = Counter()
    members: dict[str, set[str]] = {}
    for row in rows:
        field = row.source.partition(": ")[0]
        sizes[field] += 1
        members.setdefault(field, set()).add(row.source)
    folds: list[set[str]] = [set() for _ in range(n_folds)]
    totals = [0] * n_folds
    for field, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        smallest = totals.index(min(totals))
        folds[smallest] |= members[field]
        totals[smallest] += size
    return [frozenset(fold) for fold in folds if fold]


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, or of a corpus its snapshot id, which is one."""
    if path.is_dir():
        return (path / "CURRENT").read_text().strip()
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def missing(paths: Iterable[Path]) -> Path | None:
    """Return the first path that is neither a file nor a corpus, or None."""
    return next((p for p in paths if not p.is_file() and not os.path.exists(p / "CURRENT")), None)
