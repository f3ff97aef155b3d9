"""`build --log-json FILE`: a line of JSON for each part and stage, whole at any moment (docs/messages.md)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any

from corpusforge.cost.amount import family_cpu_s
from corpusforge.printable import visible
from corpusforge_pipelines.observer import Observer, Poll


class JsonLog:
    """An observer that writes lines and tells another; a context manager.

    A line is written at once and whole, when its part or stage ends: what was written before a failure
    is valid. Times are ISO 8601, in UTC.
    """

    def __init__(self, path: str | None, other: Observer) -> None:
        self._other = other
        self._path = path
        self._file: IO[str] | None = None
        self._start_s = self._start_cpu_s = 0.0
        self._parts = 0

    def __enter__(self) -> JsonLog:
        if self._path is not None:
            self._file = open(self._path, "w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def start(self, stage: str, total: int, poll: Poll) -> None:
        """Remember when a stage began."""
        if self._file is not None:
            self._start_s, self._start_cpu_s, self._parts = time.time(), family_cpu_s(), 0
        self._other.start(stage, total, poll)

    def finish(self, stage: str, detail: str) -> None:
        """Write the line of a stage that is over."""
        self._stage(stage, {"detail": detail, "error": None})
        self._other.finish(stage, detail)

    def fail(self, stage: str, error: BaseException) -> None:
        """Write the line of a stage that failed."""
        line = (str(error).splitlines() or [""])[0]
        self._stage(stage, {"detail": None, "error": f"{type(error).__name__}: {visible(line)}".rstrip(": ")})
        self._other.fail(stage, error)

    def part(self, stage: str, told: Mapping[str, Any]) -> None:
        """Write the line of a part."""
        self._parts += 1
        wall_s = told.get("wall_s", 0.0)
        row = {"cpu_s": 0.0, "wall_s": wall_s, **told}
        self._write({"what": "part", "stage": stage, **_times(time.time() - wall_s), **row})
        self._other.part(stage, told)

    def note(self, line: str) -> None:
        """Tell the other."""
        self._other.note(line)

    def _stage(self, stage: str, words: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        figures = {"wall_s": round(time.time() - self._start_s, 3)}
        figures["cpu_s"] = round(max(0.0, family_cpu_s() - self._start_cpu_s), 3)
        told = {"what": "stage", "stage": stage, **_times(self._start_s), **figures, "parts": self._parts}
        self._write({**told, **words})

    def _write(self, row: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(row, ensure_ascii=True) + "\n")
            self._file.flush()


def _times(start_s: float) -> dict[str, str]:
    found = {"start": start_s, "end": time.time()}
    return {
        name: datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") for name, at in found.items()
    }
