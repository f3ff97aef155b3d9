"""How a build tells what it is doing. The command draws bars and writes logs from it; tests keep silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol


class Done(NamedTuple):
    """How far a stage is."""

    units: int = 0
    """Of those that it was begun with: parts, spills, shards."""
    words: str = ""
    """What more there is to say."""
    n_bytes: int = 0
    """Read of inputs by this run; 0 where a stage reads none, or nobody can tell."""
    there_bytes: int = 0
    """Of inputs whose parts were there before."""
    of_bytes: int = 0
    """Of all inputs; 0 where a stage reads none."""
    unit: str = "part"
    """What units are called."""


Poll = Callable[[], Done]
"""Called from another thread while a stage runs."""


class Observer(Protocol):
    """Told of a build's stages: plan, prepare, dedup, tokenise, shard, commit."""

    def start(self, stage: str, total: int, poll: Poll) -> None:
        """A stage begins; `poll` tells how many of `total` units are done."""
        ...

    def finish(self, stage: str, detail: str) -> None:
        """A stage is over."""
        ...

    def fail(self, stage: str, error: BaseException) -> None:
        """A stage ended with an error, or was interrupted."""
        ...

    def part(self, stage: str, told: Mapping[str, Any]) -> None:
        """A part is made, or was there; told of on one machine alone."""
        ...

    def note(self, line: str) -> None:
        """Something a person should read."""
        ...


class SilentObserver:
    """Tells nobody."""

    def start(self, stage: str, total: int, poll: Poll) -> None: ...

    def finish(self, stage: str, detail: str) -> None: ...

    def fail(self, stage: str, error: BaseException) -> None: ...

    def part(self, stage: str, told: Mapping[str, Any]) -> None: ...

    def note(self, line: str) -> None: ...
