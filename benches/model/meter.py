"""What each task of a build costs: CPU, requests and bytes of the bucket, bytes through shuffles, memory.

A build runs in this process with one worker, against an emulated bucket; every step of the pipelines is
a class of theirs, whose calls are timed. What no step did is the driver's and the runner's own.
"""

import functools
import os
import resource
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.execution import GroupingBuffer

import corpusforge_pipelines.build as building
from corpusforge.files.client import client
from corpusforge.parts import tasks
from tests.emulator import Meter

READS, WRITES = ("read", "stat"), ("write", "list", "delete", "batch")
"""Requests by what the service charges for them: as reading (class B), as writing and listing (class A)."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_SAMPLE_S = 0.01


@dataclass
class Cost:
    """Of all calls of one task."""

    calls: int = 0
    cpu_s: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    read_bytes: int = 0
    written_bytes: int = 0
    peak_bytes: int = 0
    """The largest resident set above that of the process before the build."""
    slowest_s: float = 0.0
    """CPU of the longest call."""

    def charged(self, kinds):
        return sum(self.requests[kind] for kind in kinds)


@dataclass
class Build:
    """What one build cost: by stage and task; `driver` is what no task did."""

    tasks: dict[str, dict[str, Cost]] = field(default_factory=dict)
    shuffled_bytes: Counter[str] = field(default_factory=Counter)
    graph_bytes: dict[str, int] = field(default_factory=dict)
    sandbox_bytes: int = 0
    result: object = None
    sums: object = None
    """Of the spills, and `shape` is the way from them to the shards."""
    shape: object = None

    def task(self, stage, name):
        return self.tasks.setdefault(stage, {}).setdefault(name, Cost())

    def stage(self, stage):
        """Return the sum of a stage's tasks."""
        total = Cost()
        for cost in self.tasks.get(stage, {}).values():
            total.cpu_s += cost.cpu_s
            total.requests += cost.requests
            total.read_bytes += cost.read_bytes
            total.written_bytes += cost.written_bytes
        return total


class _Service(Meter):
    """Counts, besides, the bytes that were sent up."""

    written_bytes = 0

    def see(self, response, *_, **__):
        super().see(response)
        if response.request.method in ("POST", "PUT") and "/upload/" in response.request.url:
            self.written_bytes += int(response.request.headers.get("Content-Length") or 0)


class _Metered:
    """The state of a measured build: which stage and task is running, and what it began with."""

    def __init__(self):
        self.build = Build()
        self.service = _Service()
        self.stage, self.running = "plan", "driver"
        self._base_bytes = _resident_bytes()
        self._over = threading.Event()
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self):
        while not self._over.wait(_SAMPLE_S):
            cost = self.build.task(self.stage, self.running)
            cost.peak_bytes = max(cost.peak_bytes, _resident_bytes() - self._base_bytes)

    def end(self):
        self._over.set()

    def state(self):
        service = self.service
        return _cpu_s(), Counter(service.requests), service.read_bytes, service.written_bytes

    def charge(self, name, before, *, is_call=False):
        after, cost = self.state(), self.build.task(self.stage, name)
        cost.cpu_s += after[0] - before[0]
        cost.requests += after[1] - before[1]
        cost.read_bytes += after[2] - before[2]
        cost.written_bytes += after[3] - before[3]
        if is_call:
            cost.calls += 1
        return after[0] - before[0]


def _resident_bytes():
    with open("/proc/self/statm", "rb") as handle:
        return int(handle.read().split()[1]) * _PAGE_BYTES


def _cpu_s():
    sandboxes = sum(sandbox.cpu_s() for mine in tasks._idle.values() for sandbox in mine)
    return time.process_time() + sandboxes


def _name(step):
    function = getattr(step, "_function", None)
    return getattr(getattr(function, "func", function), "__name__", type(step).__name__)


def _steps(cls=beam.DoFn):
    for child in cls.__subclasses__():
        if child.__module__.startswith("corpusforge_pipelines."):
            yield child
        yield from _steps(child)


def _timed(metered, method, *, is_call):
    """Return a method of a step that tells the meter what each of its own spans cost, its consumers' not."""

    @functools.wraps(method)
    def timed(self, *arguments, **named):
        name, spent_s = _name(self), 0.0
        outer, values = metered.running, None
        while True:
            before = metered.state()
            metered.running = name
            try:
                values = iter(method(self, *arguments, **named) or ()) if values is None else values
                value = next(values)
                is_over = False
            except StopIteration:
                is_over = True
            finally:
                metered.running = outer
                spent_s += metered.charge(
                    name, before, is_call=is_call and values is not None and spent_s == 0
                )
            if is_over:
                break
            yield value
        cost = metered.build.task(metered.stage, name)
        cost.slowest_s = max(cost.slowest_s, spent_s)

    return timed


@contextmanager
def _patched(metered):
    """Time every step of the pipelines, and see every stage, graph and shuffle, while a build runs."""
    saved = []

    def put(owner, name, value):
        saved.append((owner, name, owner.__dict__[name]))
        setattr(owner, name, value)

    for step in set(_steps()):
        for name in ("process", "finish_bundle"):
            if name in step.__dict__:
                put(step, name, _timed(metered, step.__dict__[name], is_call=name == "process"))
    append, stage, run = GroupingBuffer.append, building._Run.stage, building._Run.pipeline

    def appended(self, data):
        metered.build.shuffled_bytes[metered.stage] += len(data)
        return append(self, data)

    @contextmanager
    def staged(self, name, *arguments, **named):
        metered.stage = name
        with stage(self, name, *arguments, **named) as words:
            yield words

    def piped(self, wire):
        def seen(pipeline):
            wire(pipeline)
            size = pipeline.to_runner_api().ByteSize()
            graphs = metered.build.graph_bytes
            graphs[metered.stage] = max(graphs.get(metered.stage, 0), size)

        return run(self, seen)

    shape_of = building.shape_of

    def shaped(sums, shard_tokens, work):
        metered.build.sums, metered.build.shape = sums, shape_of(sums, shard_tokens, work)
        return metered.build.shape

    put(building, "shape_of", shaped)
    put(GroupingBuffer, "append", appended)
    put(building.Stages, "stage", staged)
    put(building.Stages, "pipeline", piped)
    try:
        yield
    finally:
        for owner, name, value in reversed(saved):
            setattr(owner, name, value)


def measured_build(config):
    """Return what building a configuration cost."""
    metered = _Metered()
    hooks = client()._http.hooks["response"]
    hooks.append(metered.service.see)
    before, start_children_s = metered.state(), _children_s()
    held, building.close_sandbox = building.close_sandbox, lambda: None
    try:
        with _patched(metered):
            metered.build.result = building.build(config)
        total = metered.state()
        metered.build.sandbox_bytes = max(
            (_peak_bytes(sandbox._process.pid) for mine in tasks._idle.values() for sandbox in mine),
            default=0,
        )
    finally:
        metered.end()
        building.close_sandbox = held
        held()
        hooks.remove(metered.service.see)
    told = Cost()
    for stage in metered.build.tasks:
        cost = metered.build.stage(stage)
        told.cpu_s += cost.cpu_s
        told.requests += cost.requests
        told.read_bytes += cost.read_bytes
        told.written_bytes += cost.written_bytes
    driver = metered.build.task("driver", "driver")
    driver.cpu_s = total[0] - before[0] - told.cpu_s + _children_s() - start_children_s
    driver.requests = total[1] - before[1] - told.requests
    driver.read_bytes = total[2] - before[2] - told.read_bytes
    driver.written_bytes = total[3] - before[3] - told.written_bytes
    return metered.build


def _children_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_bytes(pid):
    with open(f"/proc/{pid}/status") as handle:
        return next((int(line.split()[1]) << 10 for line in handle if line.startswith("VmHWM")), 0)
