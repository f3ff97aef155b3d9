"""Libraries that not everybody needs, each with the extra of this package that installs it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

EXTRA_OF: Mapping[str, str] = MappingProxyType(
    {
        "apache_beam": "beam",
        "babel": "wiki",
        "datasets": "hf",
        "google": "gcp",
        "huggingface_hub": "hf",
        "markdown_it": "view",
        "mdit_py_plugins": "view",
        "obstore": "s3",
        "pandas": "pandas",
        "polars": "polars",
        "py7zr": "beam",
        "pygments": "view",
        "pykatex": "view",
        "quicktok": "beam",
        "starlette": "view",
        "tiktoken": "beam",
        "tokenizers": "beam",
        "torch": "torch",
        "trafilatura": "trafilatura",
        "tree_sitter_language_pack": "code",
        "uvicorn": "view",
    }
)
"""Module: the extra that installs it."""


class MissingLibrary(ImportError):
    """A library that is not installed is needed; the message holds the command that installs it."""


def load(module: str) -> Any:
    """Return a module of an extra; MissingLibrary, in one line, where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        line = missing(error)
        if line is None:
            raise
        raise MissingLibrary(line) from None


def missing(error: ModuleNotFoundError) -> str | None:
    """Return what to say where a module of an extra was not found; None of any other module."""
    name = (error.name or "").partition(".")[0]
    extra = EXTRA_OF.get(name)
    return None if extra is None else f"{name} is not installed: pip install 'corpusforge[{extra}]'"
