"""How a build tells what it is doing. The command draws bars from it; tests keep silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Poll = Callable[[], tuple[int, str]]
"""Returns (units done, a word on them); called from another thread while a stage runs."""


class Observer(Protocol):
    """Told of a build's stages: plan, prepare, dedup, tokenise, shard, commit."""

    def start(self, stage: str, total: int, poll: Poll) -> None:
        """A stage begins; `poll` tells how many of `total` units are done."""
        ...

    def finish(self, stage: str, detail: str) -> None:
        """A stage is over."""
        ...

    def note(self, line: str) -> None:
        """Something a person should read."""
        ...


class SilentObserver:
    """Tells nobody."""

    def start(self, stage: str, total: int, poll: Poll) -> None: ...

    def finish(self, stage: str, detail: str) -> None: ...

    def note(self, line: str) -> None: ...
