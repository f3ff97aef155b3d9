"""Where a run stands, as one value to save: how many samples, of which plan, and who shared them out.

A place counts the samples of one rank. What one rank without workers has read says what all have
(they go in step); a worker's place does not: others may be a batch ahead of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from corpusforge.mixture.planfile import Plan
from corpusforge.reader.errors import PlanChanged, ReaderError

State = dict[str, Any]

HOW = (
    "resume with PlanStream(..., start=n), n being the number of samples that all ranks together have "
    "consumed; `resume_at(state)` gives it for the whole state of a StatefulDataLoader"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How the samples of a plan are shared out."""

    world_size: int
    batch_size: int
    """Samples that a worker reads at a time."""
    workers: int
    """Processes of each rank that read; 0 where the rank itself does."""

    def __str__(self) -> str:
        return f"{self.world_size} ranks, {self.workers} workers, batches of {self.batch_size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a pass over the plan has come."""

    start: int
    """Samples of all ranks before the pass began to count."""
    place: int = 0
    """Samples of its rank that whoever saved this is past, from `start` on."""
    is_finished: bool = False
    """The pass came to its end: what follows is the next."""


def whole_number(state: Mapping[str, Any], key: str, most: int) -> int:
    """Return a count in a state; `ReaderError` where it is none, or more than there can be."""
    value = state.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ReaderError(f"the state's {key!r} is {ascii(value)[:80]}: expected a whole number up to {most}")
    return value


def check_state(state: object, plan: Plan, arm: str) -> None:
    """Raise `PlanChanged` where a state belongs to another plan or arm, `ReaderError` where it is none."""
    found = cast(State, state) if isinstance(state, dict) else {}
    missing = [key for key in ("sample", "plan", "arm") if key not in found]
    if missing:
        raise ReaderError(f"not a state of this reader: it has no {missing[0]!r}")
    if (found["plan"], found["arm"]) != (plan.id, arm):
        told = f"plan {ascii(found['plan'])[:80]}, arm {ascii(found['arm'])[:80]}"
        raise PlanChanged(f"the state is of {told}: this is plan {plan.id!r}, arm {arm!r}")


def to_state(standing: Standing, sharing: Sharing, n_samples: int) -> State:
    """Return what is saved of a standing in a plan of so many samples, without the plan's name."""
    return {
        "samples": n_samples,
        "sample": standing.start,
        "place": standing.place,
        "finished": standing.is_finished,
        "world_size": sharing.world_size,
        "batch_size": sharing.batch_size,
        "workers": sharing.workers,
    }


def from_state(state: State, sharing: Sharing, n_samples: int) -> Standing | None:
    """Return where to go on from a saved state; None where a whole pass begins.

    A state of a rank without workers holds for any sharing; one of a worker for its own only.
    Raises `ReaderError`, with the way to resume, for another.
    """
    start = whole_number(state, "sample", n_samples)
    if "place" not in state:  # of samples that all ranks have consumed
        return Standing(start=start)
    place = whole_number(state, "place", n_samples)
    if "world_size" not in state:
        if place:
            raise ReaderError(f"the state does not say of how many ranks and workers it is: {HOW}")
        return Standing(start=start)
    of = _sharing(state)
    if not of.workers:
        if state.get("finished") is True:
            return None
        return Standing(start=min(start + place * of.world_size, n_samples))
    if of != sharing:
        raise ReaderError(f"the state is of a worker of {of}, this is {sharing}: {HOW}")
    return Standing(start=start, place=place)


def _sharing(state: Mapping[str, Any]) -> Sharing:
    sizes = {name: whole_number(state, name, 2**31) for name in ("world_size", "batch_size", "workers")}
    if not sizes["world_size"] or not sizes["batch_size"]:
        raise ReaderError("the state is of no ranks, or of batches of no samples")
    return Sharing(**sizes)


def resume_at(state: Mapping[str, Any]) -> int:
    """Return the sample to go on from, on any number of ranks and workers, of a StatefulDataLoader's state.

    What all ranks together have consumed, given that they are in step; 0 where the state was saved at
    the end of a pass. Raises `ReaderError` where it is no such state, or where batches of the loader and
    of the stream differ in size, so that workers have read samples out of order.
    """
    try:
        if state["_iterator_finished"]:
            return 0
        if "_snapshot" not in state:
            return _of_rank(state["dataset_state"])
        snapshot = state["_snapshot"]
        steps = snapshot["_snapshot_step"]
        workers = [worker["dataset_state"] for worker in _in_order(snapshot["_worker_snapshots"])]
        return _of_workers(workers, steps, steps + state["_steps_since_snapshot"])
    except (KeyError, TypeError, IndexError):
        raise ReaderError("not the state of a StatefulDataLoader over a PlanStream") from None


def _in_order(workers: Mapping[str, Any]) -> list[Any]:
    return [workers[f"worker_{number}"] for number in range(len(workers))]


def _of_rank(state: Mapping[str, Any]) -> int:
    return min(state["sample"] + state["place"] * _sharing(state).world_size, state["samples"])


def _of_workers(states: list[Mapping[str, Any]], steps: int, steps_now: int) -> int:
    """Return the samples consumed after `steps_now` batches; the states are of `steps` batches."""
    sharing, count = _sharing(states[0]), len(states)
    for number, state in enumerate(states):
        n_batches = (steps - number + count - 1) // count
        expected = ((n_batches - 1) * count + number + 1) * sharing.batch_size if n_batches else 0
        # the last batch of a pass may be short
        if not max(0, expected - sharing.batch_size) <= state["place"] <= expected or (
            not n_batches and state["place"]
        ):
            raise ReaderError(
                f"worker {number} stands at {state['place']} after {n_batches} batches of "
                f"{sharing.batch_size}: give PlanStream the `batch_size` of its loader"
            )
    consumed = states[0]["sample"] + steps_now * sharing.batch_size * sharing.world_size
    return min(consumed, states[0]["samples"])
