"""Model files pinned by sha256: no other bytes are ever loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path


class ModelError(ValueError):
    """A model that is missing or not the pinned one; the message is one clear line."""


def checked_bytes(path: Path, sha256: str) -> bytes:
    """Return the bytes of a model file. Raises `ModelError` unless their sha256 is the given one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: model file missing or unreadable ({error.strerror})") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path}: sha256 is {found}, the configuration pins {sha256}: reinstall or re-pin it"
        )
    return data
