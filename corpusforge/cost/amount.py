"""What something took: CPU and wall time, bytes read and written, requests of stores. Sums are exact.

CPU is that of all processes that worked for it. Times are whole microseconds, so that the order of adding
does not matter and parts add up to their total.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from corpusforge.files.meter import Traffic, metered, traffic_here

T = TypeVar("T")

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_US = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What was spent; `+` and `-` go field by field."""

    cpu_us: int = 0
    wall_us: int = 0
    """Of what ran at the same time, each: the sum may be longer than it took."""
    read_bytes: int = 0
    """Of files and objects, through `corpusforge.files`."""
    written_bytes: int = 0
    requests: Mapping[str, int] = field(default_factory=dict[str, int])
    """Of stores, each try counted, by operation."""

    def __add__(self, other: Cost) -> Cost:
        return self._with(other, 1)

    def __sub__(self, other: Cost) -> Cost:
        return self._with(other, -1)

    def _with(self, other: Cost, sign: int) -> Cost:
        requests: Counter[str] = Counter(self.requests)
        for name, number in other.requests.items():
            requests[name] += sign * number
        return Cost(
            cpu_us=self.cpu_us + sign * other.cpu_us,
            wall_us=self.wall_us + sign * other.wall_us,
            read_bytes=self.read_bytes + sign * other.read_bytes,
            written_bytes=self.written_bytes + sign * other.written_bytes,
            requests={name: number for name, number in sorted(requests.items()) if number},
        )

    @property
    def cpu_s(self) -> float:
        """CPU seconds."""
        return self.cpu_us / _US

    @property
    def wall_s(self) -> float:
        """Seconds."""
        return self.wall_us / _US

    @property
    def n_requests(self) -> int:
        """Requests of every operation."""
        return sum(self.requests.values())

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {**{name: getattr(self, name) for name in _NUMBERS}, "requests": dict(self.requests)}


_NUMBERS = ("cpu_us", "wall_us", "read_bytes", "written_bytes")


def cost_from(row: Mapping[str, Any]) -> Cost:
    """Return the cost that a row of JSON holds, among other things perhaps."""
    return Cost(**{name: int(row[name]) for name in _NUMBERS}, requests=dict(row["requests"]))


def summed(costs: Iterable[Cost]) -> Cost:
    """Return the sum of costs."""
    return sum(costs, Cost())


def spent(cpu_s: float, wall_s: float, traffic: Traffic) -> Cost:
    """Return what took so many seconds and passed so much through the doors."""
    return Cost(
        cpu_us=max(0, round(cpu_s * _US)),
        wall_us=max(0, round(wall_s * _US)),
        read_bytes=traffic.read_bytes,
        written_bytes=traffic.written_bytes,
        requests={name: number for name, number in sorted(traffic.requests.items()) if number},
    )


class _Thread(threading.local):
    told_cpu_s: float = 0.0
    """CPU of this thread that was spent within a `spending` that is over: it is told there."""


_thread = _Thread()


class Spending:
    """A cost that grows until it is asked for."""

    def __init__(self, cpu_s: Callable[[], float], traffic: Traffic) -> None:
        self._cpu_s, self._traffic = cpu_s, traffic
        self._from = cpu_s(), time.monotonic()

    def cost(self) -> Cost:
        """Return what was spent so far."""
        cpu_s, wall_s = self._cpu_s() - self._from[0], time.monotonic() - self._from[1]
        return spent(cpu_s, wall_s, self._traffic)


@contextmanager
def spending(others_cpu_s: Callable[[], float] = lambda: 0.0) -> Generator[Spending]:
    """Yield what this thread spends meanwhile; `others_cpu_s` tells the CPU of processes that work for it.

    It is taken out of what surrounds it, unless it ends by an exception: then there is nobody else to tell.
    """
    with metered() as traffic:
        told_cpu_s, from_cpu_s = _thread.told_cpu_s, time.thread_time()
        yield Spending(lambda: time.thread_time() - _thread.told_cpu_s + others_cpu_s(), traffic)
        _thread.told_cpu_s = told_cpu_s + time.thread_time() - from_cpu_s


def call(function: Callable[..., T], *arguments: Any) -> tuple[T, Cost]:
    """Return (what a function returns, what the call took of this thread)."""
    with spending() as mine:
        return function(*arguments), mine.cost()


def cost_here() -> Cost:
    """Return what this process and all below it have spent since they began, wall time of this one.

    Bytes and requests are this process's own, but for what was metered and is told elsewhere.
    """
    return spent(family_cpu_s(), time.monotonic(), traffic_here())


def family_cpu_s() -> float:
    """Return the CPU seconds of this process and of all that descend from it, those that ended among them.

    Told by /proc; of this process alone where there is none. A fork server waits for the children that it
    forked, so that theirs is in its own once they end.
    """
    used: dict[int, tuple[int, float]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return time.process_time()
    for name in names:
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stream:
                fields = stream.read().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        # proc_pid_stat(5): ppid is the 4th; utime, stime, cutime, cstime are the 14th to 17th
        used[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / _TICKS_PER_S)
    mine = {os.getpid()}
    while more := {pid for pid, (parent, _) in used.items() if parent in mine and pid not in mine}:
        mine |= more
    return sum(used[pid][1] for pid in mine if pid in used)


def process_wall_s() -> float:
    """Return how long ago this process began; 0 where /proc does not tell."""
    try:
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as stream:
            began_ticks = int(stream.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="utf-8") as stream:
            return max(0.0, float(stream.read().split()[0]) - began_ticks / _TICKS_PER_S)
    except (OSError, ValueError, IndexError):
        return 0.0
