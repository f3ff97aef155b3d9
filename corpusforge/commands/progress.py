"""Progress of a build on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from corpusforge.commands.console import duration, marked, size, stderr
from corpusforge.printable import counted_as

if TYPE_CHECKING:  # the label of a text loads no pipeline
    from corpusforge_pipelines.observer import Done, Poll

_POLL_EVERY_S = 0.5
_LINE_EVERY_S = 30.0
"""How often a stage under way writes a line where there is no terminal."""

MEANING = {
    "plan": "reading the inputs",
    "prepare": "dumps -> parts",
    "dedup": "comparing signatures",
    "tokenise": "text -> tokens",
    "shard": "tokens -> shards",
    "commit": "checking and publishing",
}
"""What each stage does, in words."""


def told(done: Done, total: int, elapsed_s: float) -> str:
    """Return how far a stage is, in one line: units and bytes done, rate, time left; what is known of it.

    Both are told by bytes where a stage reads inputs: parts differ in size. What was there before is
    done, and counts for no rate.
    """
    unit, n_bytes = done.unit, done.of_bytes
    words = [f"{done.units:,} of {counted_as(total, unit)}"] if total > 1 or unit != "part" else []
    made, wanted = done.n_bytes, n_bytes - done.there_bytes
    if n_bytes:
        words.append(f"{size(made + done.there_bytes)} of {size(n_bytes)}")
    if n_bytes and made and elapsed_s > 0:
        words.append(f"{size(made / elapsed_s)}/s")
        words.append(f"about {duration(max(0, wanted - made) * elapsed_s / made)} left")
    elif not n_bytes and done.units and elapsed_s > 0:
        words.append(f"about {duration(max(0, total - done.units) * elapsed_s / done.units)} left")
    elif n_bytes and wanted > 0:
        words.append("nothing read yet")
    return ", ".join([*words, *([done.words] if done.words else [])])


class BuildProgress:
    """An observer of a build (`corpusforge_pipelines.build.Observer`); a context manager.

    The build holds the calling thread, so a thread of our own asks the running stage how
    far it is. A poll that fails to read a file that has just gone is asked again later.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or stderr()
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("[bold]{task.fields[stage]:<8}[/]"),
            BarColumn(bar_width=16),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.description}[/]"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="corpusforge-progress", daemon=True)
        self._stage: str | None = None
        self._poll: Poll | None = None
        self._task: TaskID | None = None
        self._total, self._whole = 0, 1
        self._start_s = self._next_line_s = 0.0

    def __enter__(self) -> BuildProgress:
        self._bars.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)
        self._bars.stop()

    def start(self, stage: str, total: int, poll: Poll) -> None:
        """Show a stage that begins."""
        with self._lock:
            self._stage, self._total, self._poll = stage, total, poll
            self._start_s = time.monotonic()
            self._next_line_s = self._start_s + _LINE_EVERY_S
            self._whole = max(1, total)
            self._task = self._bars.add_task(MEANING.get(stage, ""), total=self._whole, stage=stage)

    def finish(self, stage: str, detail: str) -> None:
        """Show a stage as done."""
        with self._lock:
            self._poll = None
            if self._task is not None:
                self._bars.update(self._task, completed=self._whole, description=marked(detail))
            if self._bars.disable:
                took = duration(time.monotonic() - self._start_s)
                self._line(f"{stage:<9}{detail or 'done'} ({took})")

    def fail(self, stage: str, error: BaseException) -> None:
        """Show a stage as it was left; the command tells why."""
        with self._lock:
            self._poll = None

    def part(self, stage: str, told: Mapping[str, Any]) -> None:
        """Nothing: the poll tells of all parts."""

    def note(self, line: str) -> None:
        """Print a line above the bars."""
        self._line(line)

    def _line(self, line: str) -> None:
        self._bars.console.print(marked(line), soft_wrap=True)

    def _watch(self) -> None:
        while not self._stopped.wait(_POLL_EVERY_S):
            with self._lock:
                self._refresh()

    def _refresh(self) -> None:
        if self._poll is None or self._task is None:
            return
        try:
            done = self._poll()
        except OSError:
            return
        now_s = time.monotonic()
        line = told(done, self._total, now_s - self._start_s)
        at = done.n_bytes + done.there_bytes if done.of_bytes else done.units
        self._whole = max(1, done.of_bytes or self._total)
        self._bars.update(
            self._task, total=self._whole, completed=min(at, self._whole), description=marked(line)
        )
        if self._bars.disable and now_s >= self._next_line_s:
            self._next_line_s = now_s + _LINE_EVERY_S
            self._line(f"{self._stage:<9}{line}")


class RowProgress:
    """A counter of rows on stderr, on a terminal only; a context manager."""

    def __init__(self, what: str) -> None:
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}[/]"),
            TextColumn("{task.completed:,} rows"),
            TimeElapsedColumn(),
            console=stderr(),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bars.add_task(marked(what), total=None)

    def __enter__(self) -> RowProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def step(self, rows: int = 1) -> None:
        """Count rows."""
        self._bars.advance(self._task, rows)


class SampleProgress:
    """How far the sample of a dry run is, on stderr: a bar on a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("[bold]sample[/]"),
            BarColumn(bar_width=16),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.description}[/]"),
            console=stderr(),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bars.add_task("", total=1.0)
        self._what = ""

    def __enter__(self) -> SampleProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell(self, what: str, share: float) -> None:
        """Show what is being measured, and the share of its time that has gone."""
        self._bars.update(self._task, completed=share, description=marked(what))
        if self._bars.disable and what != self._what:
            self._bars.console.print(f"sample   {marked(what)}", soft_wrap=True)
        self._what = what
