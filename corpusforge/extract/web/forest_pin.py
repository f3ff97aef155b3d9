"""Which model of main content ships with the package: what a configuration pins, without what reads it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from corpusforge.pinned import ModelError, checked_bytes

_PIN = "main_content.toml"


@lru_cache(maxsize=1)
def forest_pin() -> tuple[Path, str]:
    """Return (file, sha256) of the forest that ships with the package. Raises `ModelError` without a pin."""
    path = Path(str(files("corpusforge.extract.web"))) / _PIN
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        return path.parent / str(values["file"]), str(values["sha256"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: no usable pin of the main-content model ({error})") from error


def forest_bytes(sha256: str | None = None) -> bytes:
    """Return the file of the model that ships with the package.

    Raises `ModelError`, one clear line, where it is missing or its sha256 is not the given one
    (None: that of its pin).
    """
    path, pinned = forest_pin()
    return checked_bytes(path, sha256 or pinned)
