"""What a template was called with, and the arguments of a parser function within it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpusforge.extract.wiki.preprocessor import GONE, Equals, Node, Template

if TYPE_CHECKING:
    from corpusforge.extract.wiki.expand import Expander


@dataclass(slots=True)
class Frame:
    """The arguments that a template was called with."""

    name: str
    nodes: dict[str, list[Node]]
    parent: Frame | None
    depth: int
    texts: dict[str, str] = field(default_factory=dict[str, str])
    """Of the arguments that were asked for, expanded."""

    def is_open(self, name: str) -> bool:
        """Return whether a template is being expanded around this one, or this is it."""
        frame: Frame | None = self
        while frame is not None:
            if frame.name == name:
                return True
            frame = frame.parent
        return False


class FunctionArguments:
    """The arguments of a parser function, expanded one by one when asked for."""

    def __init__(self, expander: Expander, node: Template, frame: Frame | None, first: str | None) -> None:
        self._expander, self._node, self._frame, self._first = expander, node, frame, first
        self.language = expander.language

    def __len__(self) -> int:
        return self._node.size - (self._first is None)

    def __call__(self, place: int) -> str:
        """Return an argument without blanks around it, "" where there is none."""
        if self._first is not None:
            if place == 0:
                return self._first
        else:
            place += 1
        if place >= self._node.size:
            return ""
        return self._expanded(self._node.parts[place])

    def named(self, name: str) -> str:
        """Return an argument of the template around, "" where it was not given."""
        frame = self._frame
        if frame is None or name not in frame.nodes:
            return ""
        return self._expander.text(frame.nodes[name], frame.parent).replace(GONE, "").strip()

    def pair(self, place: int) -> tuple[str, Callable[[], str]] | None:
        """Return (name, its value when asked for) of `name=value`, or None."""
        part = self._node.parts[place if self._first is not None else place + 1]
        at = next((number for number, each in enumerate(part) if isinstance(each, Equals)), None)
        if at is None:
            return None
        return self._expanded(part[:at]), lambda: self._expanded(part[at + 1 :])

    def _expanded(self, nodes: list[Node]) -> str:
        return self._expander.text(nodes, self._frame).replace(GONE, "").strip()
