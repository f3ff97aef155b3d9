"""What the library raises: one line that says what is wrong and what to do."""

from __future__ import annotations


class UsageError(ValueError):
    """An argument of a right type and a wrong value: no such corpus, column, domain or document."""


class WrongType(UsageError, TypeError):
    """An argument that is not what the function takes."""


def wrong_type(name: str, expected: str, value: object) -> WrongType:
    """Return the error of an argument that is something else than what is expected."""
    return WrongType(f"{name}: expected {expected}, got {type(value).__name__}")
