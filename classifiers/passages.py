"""Rows cut or joined to like lengths, so that a class cannot be told by how long its texts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import xxhash

from corpusforge_classifiers.rows import Row

_LENGTHS_CHARS = (250, 500, 900, 1500, 2500, 4000, 8000)
_PIECES = 120
"""Pieces of one document at most: a book gives no more."""


def target_chars(name: str, seed: int) -> int:
    """Return a length, drawn by hash: as likely short as long, from 250 to 8,000 characters."""
    return _LENGTHS_CHARS[
        xxhash.xxh3_64_intdigest(name.encode("utf-8", "replace"), seed) % len(_LENGTHS_CHARS)
    ]


def cut(rows: Iterable[Row], seed: int) -> Iterator[Row]:
    """Yield each row whole or in pieces at line ends: as long as a hash of each piece's first text says."""
    for row in rows:
        start, n_pieces = 0, 0
        while start < len(row.text) and n_pieces < _PIECES:
            target = target_chars(row.text[start : start + 200], seed)
            stop = _break_after(row.text, start + target)
            yield replace(row, text=row.text[start:stop].strip("\n"))
            # What lies between two pieces of a long document is skipped: its pieces spread over it.
            start = stop + max(0, (len(row.text) - 240_000) // _PIECES)
            n_pieces += 1


def _break_after(text: str, place: int) -> int:
    """Return the end of the paragraph or line at `place`, if one is near; else `place`."""
    if place >= len(text) - 100:
        return len(text)
    for mark, near in (("\n\n", 400), ("\n", 400), (" ", 80)):
        found = text.find(mark, place, place + near)
        if found >= 0:
            return found
    return place


def joined(rows: Iterable[Row], seed: int) -> Iterator[Row]:
    """Yield passages of one document that follow each other as one row, each up to a drawn length."""
    parts: list[Row] = []
    for row in rows:
        is_same = bool(parts) and row.doc_id != "" and row.doc_id == parts[0].doc_id
        n_chars = sum(len(part.text) for part in parts)
        if parts and not (is_same and n_chars < target_chars(parts[0].text[:200], seed)):
            yield _as_one(parts)
            parts = []
        parts.append(row)
    if parts:
        yield _as_one(parts)


def _as_one(parts: list[Row]) -> Row:
    return replace(parts[0], text="\n\n".join(part.text for part in parts))
