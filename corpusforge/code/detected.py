"""What a file turned out to be, and by what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpusforge.code.features import Features


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file is."""

    family: str
    """`program`, `prose`, `text`, `literate`, `notebook`, `unknown`, or a drop reason."""
    name: str
    """Of the language or format."""
    how: str
    """`by its name`, `by its first line`, `by a certain mark` or `by its content`, the least certain."""
    language: str | None = None
    """Of a build script; of a program the name above."""
    is_sure: bool = True
    """Whether a program's language is sure enough to be named to others."""
    features: Features | None = field(default=None, compare=False, repr=False)
    """Of a program that was parsed to tell it: nobody parses it twice."""

    @property
    def named_language(self) -> str | None:
        """The language to tell others, or None."""
        if self.family == "program":
            return self.name if self.is_sure else None
        return self.language
