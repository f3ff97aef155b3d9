"""What comes out of an archive: an entry, or the refusal of one; and which names and sizes are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpusforge.document import DropReason
from corpusforge.ingest.compression.inflate import grows_too_much

_SEPARATOR = r"(?:/|\\(?!x[89a-f][0-9a-f]))"
"""Not the backslash of `name_text`, which writes a byte that is no UTF-8 as `\\xff`."""
_ABSOLUTE = re.compile(rf"{_SEPARATOR}|[A-Za-z]:")
_PART = re.compile(_SEPARATOR)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one archive may ask for."""

    max_entry_bytes: int
    """An entry with more is not kept."""
    max_ratio: float
    """An entry that grew by more than this is called a bomb, unless it is small all the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One regular file of an archive."""

    name: str
    data: bytes
    modified: str | None = None
    """ISO 8601 in UTC, as the archive tells."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One entry, or one damaged stretch, that is no file to read."""

    name: str
    """The entry's name; for a stretch that has none, where it is: `#offset=512`."""
    reason: DropReason
    detail: str
    n_bytes: int = 0


Found = Entry | Refused


def unsafe_name(name: str) -> str | None:
    """Return what makes an entry's name unsafe, or None.

    >>> unsafe_name("a/../../b")
    'it climbs out of the archive'
    """
    if not name or name.strip("./\\") == "":
        return "it names nothing"
    if _ABSOLUTE.match(name):
        return "it is absolute"
    if ".." in _PART.split(name):
        return "it climbs out of the archive"
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        return "it holds control characters"
    return None


def is_too_much(n_bytes: int, n_packed_bytes: int, limits: Limits) -> bool:
    """Return whether an entry's bytes are more than it may have, or than its packed bytes may come to."""
    return n_bytes > limits.max_entry_bytes or grows_too_much(n_packed_bytes, n_bytes, limits.max_ratio)


def too_much(name: str, n_bytes: int, n_packed_bytes: int | None, limits: Limits) -> Refused:
    """Return the refusal of an entry that inflated past the limit, by how much it grew."""
    ratio = n_bytes / max(1, n_packed_bytes) if n_packed_bytes is not None else 0
    if ratio > limits.max_ratio:
        detail = f"{n_packed_bytes} bytes inflate to over {n_bytes}, more than {limits.max_ratio:g} times"
        return Refused(name, DropReason.BOMB, detail, n_bytes)
    detail = f"over {limits.max_entry_bytes} bytes, the most that a file may have"
    return Refused(name, DropReason.TOO_LARGE, detail, n_bytes)
