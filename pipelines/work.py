"""Functions on a runner: each element of a collection becomes one call.

A distributed runner makes the calls where its workers are. On one machine the pool of the
build makes them: a bundle hands its elements out as processes become free, so that no worker
waits for another's share, and nothing is loaded twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import GlobalWindows

from corpusforge.cost.amount import Cost, call
from corpusforge.workers import current_pool, tried
from corpusforge_pipelines.counters import NAMESPACE, count_cost

_AHEAD = 2
"""Calls handed to the pool for each of its processes: none waits for the next."""


DONE = "done"
"""Elements of a watched `Work` that are done: what a progress bar shows, on any runner."""
_done_here = 0
_listener: Callable[[Any], None] | None = None


class Work(beam.DoFn):
    """element -> what `function(*arguments, element)` yields, in no order."""

    def __init__(
        self, function: Callable[..., Iterable[Any]], *arguments: Any, watched: bool = False
    ) -> None:
        self._function = functools.partial(function, *arguments)
        self._watched = watched
        self._under_way: set[Future[tuple[list[Any], Cost]]] = set()

    def process(self, element: Any) -> Iterator[Any]:
        pool = current_pool()
        if pool is None:
            yield from self._told(*call(tried, self._function, element))
            return
        yield from self._finished(pool.n_workers * _AHEAD - 1)
        self._under_way.add(pool.submit(call, tried, self._function, element))

    def finish_bundle(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        for value in self._finished(0):
            yield GlobalWindows.windowed_value(value)

    def _finished(self, most: int) -> Iterator[Any]:
        """Yield results until at most so many calls are under way."""
        while len(self._under_way) > most:
            done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield from self._told(*future.result())

    def _told(self, results: list[Any], cost: Cost) -> list[Any]:
        global _done_here
        count_cost(cost)
        if self._watched:
            Metrics.counter(NAMESPACE, DONE).inc()
            _done_here += 1
            if _listener is not None:
                for result in results:
                    _listener(result)
        return results


def watch_anew(listener: Callable[[Any], None] | None = None) -> None:
    """Begin to count what is done: a stage begins; `listener` is given each result that this process sees."""
    global _done_here, _listener
    _done_here, _listener = 0, listener


def done_here() -> int:
    """Return how many elements of watched work this process has seen done since `watch_anew`."""
    return _done_here
