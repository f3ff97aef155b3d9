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
        raise _unreadable(str(path), error) from error
    _check(str(path), hashlib.sha256(data).hexdigest(), sha256)
    return data


def check_file(path: str, sha256: str, name: str) -> None:
    """Raise `ModelError` unless a local file has the sha256; the line calls it by `name`. Held: a block."""
    try:
        with open(path, "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(name, error) from error
    _check(name, found, sha256)


def _unreadable(name: str, error: OSError) -> ModelError:
    return ModelError(f"{name}: model file missing or unreadable ({error.strerror})")


def _check(name: str, found: str, sha256: str) -> None:
    if found != sha256:
        raise ModelError(
            f"{name}: sha256 is {found}, the configuration pins {sha256}: reinstall or re-pin it"
        )
