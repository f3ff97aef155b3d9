"""The configuration that a verb without sources works by: of a TOML file, or the defaults."""

from __future__ import annotations

from corpusforge.config import StepsConfig, load_config


def steps_config(path: str | None) -> StepsConfig:
    """Return the step configuration of a TOML file, the defaults where none is given.

    Raises `ConfigError` for a file that cannot be used.
    """
    return StepsConfig() if path is None else load_config(path).steps()
