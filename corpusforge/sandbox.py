"""Native parsing where it can be killed: a child process with a deadline and a memory limit.

The parent hands over items in batches and reads one result an item, in order. An item
that hangs, crashes the child or exhausts its memory costs that item alone: the child is
replaced and the batch goes on behind it.

    parent  --batch--->  child       (forked from a server that has the modules loaded)
            <--results--             one an item, in order, a few at a time
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

from pydantic import Field

from corpusforge.forked_server import GC_OBJECTS
from corpusforge.frozen import FrozenConfig
from corpusforge.lifeline import UNCACHED, end_with

Item = TypeVar("Item")
Result = TypeVar("Result")

_POLL_S = 0.2
_WALL_PER_CPU = 20
"""A child that neither works nor answers is given this many times its CPU deadline."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_START_CPU_S = 300.0
"""A child that has not loaded its models in so much CPU time never will."""
_START_TRIES = 3
"""The server that children are forked from may be ended too, where memory is short; a new one is started."""
_START_WAIT_S = 0.2
"""Before the second try, five times as long before the next: a server that ends seems alive at first."""
_SEND_S = 0.02
"""Results are sent together for so long: each message wakes the parent."""
_start_lock = threading.Lock()


class SandboxError(RuntimeError):
    """The function of a sandbox cannot be loaded: a fault of the set-up, not of a record."""


class SandboxConfig(FrozenConfig):
    """Bounds on hostile input, set by hand; a record that meets one goes to quarantine and is counted."""

    deadline_s: float = Field(default=20.0, gt=0, description="CPU seconds for one record")
    memory_mib: int = Field(default=1536, ge=64, description="memory for one record, above what is loaded")
    batch_items: int = Field(default=64, ge=1, description="records handed over at a time")
    batch_bytes: int = Field(default=8 << 20, ge=1, description="bytes handed over at a time")
    recycle_items: int = Field(default=20_000, ge=1, description="records after which a child is replaced")


@dataclass(frozen=True, slots=True)
class Failed:
    """An item on which the function raised, or which had to be killed."""

    error: str
    traceback: str


class Sandbox(Generic[Item, Result]):
    """A child process that applies one function to items.

    `factory` is `"module:function"`; it is called once in each child with `argument` and
    returns the function to apply. Items, results and the argument are pickled. `warm` is a module
    that compiles what the function calls: where that cannot be kept on disk, it is done once for all
    children, before they fork, and not in the time of their first record.
    """

    def __init__(
        self,
        factory: str,
        argument: object,
        config: SandboxConfig,
        item_bytes: Callable[[Item], int] = lambda item: 1,
        warm: str | None = None,
    ) -> None:
        self._factory = factory
        self._warm = warm
        self._argument = argument
        self._config = config
        self._item_bytes = item_bytes
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._lifeline: Connection | None = None
        """Held open, and nothing more: the child is killed when this process ends."""
        self._items_done = 0
        self._started: Any = None
        """Items that the child has begun, in memory shared with it."""
        self._answered = 0
        """Items of this child whose result is here."""
        self._ended_cpu_s = 0.0

    def map(
        self, items: Iterable[Item], passes: Callable[[Item], bool] = lambda item: False
    ) -> Iterator[Item | Result | Failed]:
        """Return one result an item, in order; a `Failed` where there is none.

        Items for which `passes` holds stay with the parent and come back as they are. The
        next batch is read from `items` while the child works on the last one.
        """
        pending: list[Item] = []
        for batch in self._batches(items):
            if pending:
                yield from self._merge(pending, passes)
            self._send([item for item in batch if not passes(item)])
            pending = batch
        if pending:
            yield from self._merge(pending, passes)

    def _merge(
        self, batch: Sequence[Item], passes: Callable[[Item], bool]
    ) -> Iterator[Item | Result | Failed]:
        results = self._collect([item for item in batch if not passes(item)])
        for item in batch:
            yield item if passes(item) else next(results)

    def cpu_s(self) -> float:
        """Return the CPU seconds that this sandbox's children have used."""
        living = _cpu_seconds(self._process.pid) if self._process is not None else 0.0
        return self._ended_cpu_s + living

    def close(self) -> None:
        """End the child. The sandbox can be used again; it starts a new one."""
        self._ended_cpu_s = self.cpu_s()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        for end in (self._connection, self._lifeline):
            if end is not None:
                end.close()
        self._process = self._connection = self._lifeline = None
        self._items_done = 0

    def _batches(self, items: Iterable[Item]) -> Iterator[list[Item]]:
        batch: list[Item] = []
        n_bytes = 0
        for item in items:
            batch.append(item)
            n_bytes += self._item_bytes(item)
            if len(batch) >= self._config.batch_items or n_bytes >= self._config.batch_bytes:
                yield batch
                batch, n_bytes = [], 0
        if batch:
            yield batch

    def _send(self, batch: Sequence[Item], *, one_by_one: bool = False) -> None:
        if not batch:
            return
        if self._items_done >= self._config.recycle_items:
            self.close()
        if self._process is None or not self._process.is_alive():
            self._start()
        self._items_done += len(batch)
        try:
            cast(Connection, self._connection).send((batch, one_by_one))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the child died while it read; _collect sees it and starts another

    def _collect(self, batch: Sequence[Item]) -> Iterator[Result | Failed]:
        """Return the results of a batch that was sent, replacing the child as often as needed."""
        done, one_by_one = 0, False
        while done < len(batch):
            received = self._receive()
            if not isinstance(received, Failed):
                done += len(received)
                yield from received
                continue
            if not received.error.startswith("killed") and not one_by_one:
                one_by_one = True  # a fresh child decides which item is to blame
                self._send(batch[done:], one_by_one=True)
                continue
            blamed = min(done + max(0, self._unanswered() - 1), len(batch) - 1)
            self._send(batch[done:blamed])  # their results were lost with the child
            yield from self._collect(batch[done:blamed])
            yield received
            done, one_by_one = blamed + 1, False
            self._send(batch[done:])

    def _unanswered(self) -> int:
        """Return how many items the last child began and sent no result of."""
        return self._started.value - self._answered

    def _receive(self) -> list[Result | Failed] | Failed:
        """Return the child's next results; on a kill or crash, after which it is gone, why."""
        connection = cast(Connection, self._connection)
        process = cast(BaseProcess, self._process)
        cpu_start_s: float | None = None
        wall_start_s = time.monotonic()
        try:
            while not connection.poll(_POLL_S if cpu_start_s is not None else 0.01):
                cpu_s = _cpu_seconds(process.pid)
                cpu_start_s = cpu_s if cpu_start_s is None else cpu_start_s
                wall_s = time.monotonic() - wall_start_s
                if cpu_s - cpu_start_s > self._config.deadline_s:
                    return self._kill(f"killed: over {self._config.deadline_s:g} s of CPU time")
                if wall_s > self._config.deadline_s * _WALL_PER_CPU:
                    return self._kill(f"killed: no answer in {wall_s:.0f} s")
            results: list[Result | Failed] = pickle.loads(connection.recv_bytes())
            self._answered += len(results)
            return results
        except (EOFError, ConnectionResetError):
            process.join(5)
            code = process.exitcode
            self.close()
            return Failed(error=f"crashed: exit code {code}", traceback="")

    def _kill(self, error: str) -> Failed:
        self.close()
        return Failed(error=error, traceback="")

    def _start(self) -> None:
        """Start a child. Raises `SandboxError` where it cannot load, or its server ends again and again."""
        for attempt in range(_START_TRIES):
            try:
                self._start_child()
                break
            except (ConnectionError, EOFError) as error:
                self.close()
                time.sleep(_START_WAIT_S * 5**attempt)
                if attempt == _START_TRIES - 1:
                    what = f"the server that forks it ended {_START_TRIES} times: a signal, or no memory"
                    raise SandboxError(f"cannot start {self._factory}: {what}") from error
        self._await_ready()

    def _start_child(self) -> None:
        self.close()
        context = _context(self._factory.partition(":")[0], self._warm)
        self._connection, child_end = context.Pipe()
        lifeline, self._lifeline = context.Pipe(duplex=False)
        ours = (self._connection, self._lifeline) if context.get_start_method() == "fork" else ()
        self._started, self._answered = context.RawValue(ctypes.c_int64, 0), 0
        process: BaseProcess = context.Process(
            target=_serve,
            args=(
                child_end,
                lifeline,
                ours,
                self._factory,
                self._argument,
                self._config.memory_mib,
                self._started,
            ),
            name="corpusforge-sandbox",
            daemon=True,
        )
        with _no_main_module():
            process.start()
        self._process = process
        child_end.close()
        lifeline.close()

    def _await_ready(self) -> None:
        """Wait until the child has loaded; raise `SandboxError` where it cannot.

        Its time is that of the processor, as a record's is: on a machine full of work, loading and
        compiling take many times as long.
        """
        connection, process = cast(Connection, self._connection), cast(BaseProcess, self._process)
        start_s = time.monotonic()
        try:
            while not connection.poll(_POLL_S):
                cpu_s, wall_s = _cpu_seconds(process.pid), time.monotonic() - start_s
                if cpu_s > _START_CPU_S or wall_s > _START_CPU_S * _WALL_PER_CPU:
                    reason = f"not ready after {cpu_s:.0f} s of CPU time, {wall_s:.0f} s in all"
                    ready = Failed(error=reason, traceback="")
                    break
            else:
                ready = connection.recv()
        except (EOFError, ConnectionResetError):
            ready = Failed(error="the child ended while it loaded", traceback="")
        if isinstance(ready, Failed):
            self.close()
            raise SandboxError(f"cannot start {self._factory}: {ready.error}")


def preloaded(modules: Sequence[str], warm: str | None) -> list[str]:
    """Return what is loaded before processes fork: also `warm`, where each would compile it anew."""
    return [*modules, warm] if warm is not None and os.environ.get(UNCACHED) else list(modules)


def forks_here() -> bool:
    """Return whether this process, itself forked, forks its children: they have what it holds."""
    return multiprocessing.parent_process() is not None and threading.active_count() == 1


def _context(module: str, warm: str | None) -> Any:
    """Return how a child starts: forked, or from a server of its own kind, which has a module loaded."""
    if forks_here():
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(preloaded([module], warm))
    return context


def _serve(
    connection: Connection,
    lifeline: Connection,
    ends_of_parent: Sequence[Connection],
    factory: str,
    argument: object,
    memory_mib: int,
    started: Any,
) -> None:
    for end in ends_of_parent:  # a forked child holds them too: it would not see them close
        end.close()
    end_with(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    module, _, name = factory.partition(":")
    try:
        function: Callable[[Any], Any] = getattr(importlib.import_module(module), name)(argument)
    except Exception as error:  # the parent raises it: no record is to blame
        connection.send(Failed(error=str(error), traceback=traceback.format_exc()))
        return
    gc.freeze()  # models and grammars live as long as the child: not to be walked again
    gc.set_threshold(GC_OBJECTS)
    _limit_memory(memory_mib)
    connection.send(True)
    while True:
        try:
            batch, one_by_one = connection.recv()
        except (EOFError, OSError):
            return  # the parent is gone or done
        _answer(connection, function, batch, 0.0 if one_by_one else _SEND_S, started)


def _answer(
    connection: Connection,
    function: Callable[[Any], Any],
    batch: Sequence[Any],
    send_s: float,
    started: Any,
) -> None:
    """Send the results of a batch, in order, those of `send_s` at a time."""
    results, sent_s = list[object](), time.monotonic()
    for item in batch:
        started.value += 1
        results.append(_apply(function, item))
        if time.monotonic() - sent_s >= send_s:
            connection.send_bytes(pickle.dumps(results, pickle.HIGHEST_PROTOCOL))
            results, sent_s = [], time.monotonic()
    if results:
        connection.send_bytes(pickle.dumps(results, pickle.HIGHEST_PROTOCOL))


def _apply(function: Callable[[Any], Any], item: object) -> object:
    try:
        return function(item)
    except Exception as error:  # whatever native code raises costs this item alone
        return Failed(error=f"{type(error).__name__}: {error}"[:500], traceback=traceback.format_exc())


def _limit_memory(memory_mib: int) -> None:
    """Bound the address space at what is mapped now plus `memory_mib`."""
    with open("/proc/self/statm", "rb") as handle:
        mapped_bytes = int(handle.read().split()[0]) * resource.getpagesize()
    limit = mapped_bytes + (memory_mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def _no_main_module() -> Generator[None]:
    """Hide `__main__`, which a child would run again, unguarded scripts and all."""
    with _start_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _cpu_seconds(pid: int | None) -> float:
    """Return user + system seconds of a process; 0 once it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as handle:
            fields = handle.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
