"""A plan as torch datasets. The only file of the package's reader that imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from corpusforge.mixture.planfile import FULL, Plan
from corpusforge.reader.samples import PlanReader, Sample, open_plan
from corpusforge.reader.state import Sharing, Standing, check_state, from_state, resume_at, to_state

__all__ = ["PlanDataset", "PlanStream", "cu_seqlens", "resume_at", "to_tensors"]

Item = dict[str, Any]


def to_tensors(sample: Sample) -> Item:
    """Return a sample as tensors of one shape, so that default collation works.

    tokens i64[S], positions i64[S] (0 where a document's stretch begins, see `cu_seqlens`),
    and the integers domain, subset and sample (its number).
    """
    return {
        "tokens": _tensor(sample.tokens.astype(np.int64)),
        "positions": _tensor(sample.positions.astype(np.int64)),
        "domain": sample.domain,
        "subset": sample.subset,
        "sample": sample.n,
    }


def _tensor(values: NDArray[np.int64]) -> torch.Tensor:
    return cast(Any, torch).from_numpy(values)  # torch does not say what an array is


def cu_seqlens(positions: torch.Tensor) -> torch.Tensor:
    """Return i32[stretches + 1] of flattened positions: where stretches begin, and the end."""
    flat = positions.reshape(-1)
    starts = torch.nonzero(flat == 0).reshape(-1).to(torch.int32)
    return torch.cat([starts, torch.tensor([flat.numel()], dtype=torch.int32, device=flat.device)])


class PlanDataset(Dataset[Item]):
    """The samples of a plan by number, for samplers that bring an order of their own."""

    def __init__(self, corpus: str, plan: str | Plan, arm: str = FULL, checksums: bool = True) -> None:
        self.reader: PlanReader = open_plan(corpus, plan, arm, checksums)

    def __len__(self) -> int:
        return len(self.reader)

    def __getitem__(self, index: int) -> Item:
        return to_tensors(self.reader.sample(index))


class PlanStream(IterableDataset[Item]):
    """The samples of a plan in its order, shared out over ranks and DataLoader workers.

    Sample n goes to rank n % world_size. With DataLoader workers, give `batch_size` the size
    of the loader's batches: each worker then makes whole batches in turn, and the loader
    hands them out in the order of the plan, as it would without workers.

    To resume, also on another number of ranks or workers, construct it with `start` = the
    number of samples that all ranks together have consumed, or load that state:
    `stream.load_state_dict(stream.state_dict(consumed))`. In torchdata's `StatefulDataLoader`
    each worker's place is kept and restored by the loader itself, for as many ranks and workers
    and batches of the same size; for others, `start=resume_at(loader_state)`.

    A pass begins at `start`; the pass after one that was resumed from a state begins there too.
    """

    def __init__(
        self,
        corpus: str,
        plan: str | Plan,
        arm: str = FULL,
        *,
        rank: int = 0,
        world_size: int = 1,
        batch_size: int = 1,
        start: int = 0,
        checksums: bool = True,
    ) -> None:
        if not 0 <= rank < world_size:
            raise ValueError(f"rank {rank} of {world_size}")
        if batch_size < 1:
            raise ValueError(f"batches of {batch_size} samples")
        self.reader: PlanReader = open_plan(corpus, plan, arm, checksums)
        if not 0 <= start <= len(self.reader):
            raise ValueError(f"start {start}: arm {arm} has {len(self.reader)} samples")
        self.rank, self.world_size, self.batch_size = rank, world_size, batch_size
        self.start = start
        self._standing = Standing(start=start)
        self._resume: Standing | None = None

    def __iter__(self) -> Iterator[Item]:
        # Not in the generator: a loader may make an iterator, drop it unread and make another.
        self._standing = self._resume or Standing(start=self.start)
        self._resume = None
        return self._pass(self._standing.start, self._standing.place)

    def _pass(self, start: int, first: int) -> Iterator[Item]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        sample = self._first(start)
        for place in range(first, self._count(start)):
            if place // self.batch_size % workers == worker:
                self._standing = Standing(start=start, place=place + 1)
                yield to_tensors(self.reader.sample(sample + place * self.world_size))
        self._standing = replace(self._standing, is_finished=True)

    def _first(self, start: int) -> int:
        """Return this rank's first sample from `start` on."""
        return start + (self.rank - start) % self.world_size

    def _count(self, start: int) -> int:
        return len(range(self._first(start), len(self.reader), self.world_size))

    def __len__(self) -> int:
        return self._count(self._standing.start)

    def _sharing(self) -> Sharing:
        info = get_worker_info()
        return Sharing(
            world_size=self.world_size, batch_size=self.batch_size, workers=info.num_workers if info else 0
        )

    def state_dict(self, consumed: int | None = None) -> Item:
        """Return the state after so many samples of all ranks together.

        Without `consumed`, where the iteration in this very process stands: what torchdata's
        `StatefulDataLoader` asks of each worker. A plain `DataLoader` with workers iterates in those
        alone: there give `consumed`.
        """
        saved = {"sample": consumed} if consumed is not None else self._saved()
        return {**saved, "plan": self.reader.plan.id, "arm": self.reader.arm.name}

    def _saved(self) -> Item:
        return to_state(self._standing, self._sharing(), len(self.reader))

    def load_state_dict(self, state: Item) -> None:
        """Go on from a state: the samples that all ranks together had not consumed, in their order.

        A state of any rank, taken without workers, holds for any number of ranks and workers, given
        that the ranks had gone in step; one that was taken at the end of a pass begins the next.
        Raises `PlanChanged` where it is of another plan or arm, and `ReaderError`, with the way to
        resume, where it is a worker's of another number of ranks or workers, or another batch size.
        """
        check_state(state, self.reader.plan, self.reader.arm.name)
        self._resume = from_state(state, self._sharing(), len(self.reader))
        self._standing = self._resume or Standing(start=self.start)
