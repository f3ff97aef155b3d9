"""A plan as torch datasets. The only file of the package's reader that imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from corpusforge.mixture.planfile import FULL, Plan
from corpusforge.reader.samples import PlanReader, Sample, check_state, open_plan

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
    each worker's place is kept and restored by the loader itself.
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
        self.reader: PlanReader = open_plan(corpus, plan, arm, checksums)
        self.rank, self.world_size, self.batch_size = rank, world_size, batch_size
        self.start = start
        self._place = self._resume = 0

    def __iter__(self) -> Iterator[Item]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        first, self._resume = self._resume, 0
        for place in range(first, len(self)):
            if place // self.batch_size % workers == worker:
                self._place = place + 1
                yield to_tensors(self.reader.sample(self._first() + place * self.world_size))

    def _first(self) -> int:
        """Return this rank's first sample from `start` on."""
        return self.start + (self.rank - self.start) % self.world_size

    def __len__(self) -> int:
        return len(range(self._first(), len(self.reader), self.world_size))

    def state_dict(self, consumed: int | None = None) -> Item:
        """Return the state after so many samples of all ranks together.

        Without `consumed`, where this rank's iteration stands: what torchdata's
        `StatefulDataLoader` asks of each worker, to be loaded into as many workers again.
        """
        place = {"sample": consumed, "place": 0} if consumed is not None else self._standing()
        return {**place, "plan": self.reader.plan.id, "arm": self.reader.arm.name}

    def _standing(self) -> Item:
        return {"sample": self.start, "place": self._place}

    def load_state_dict(self, state: Item) -> None:
        """Go on from a state; `PlanChanged` where it is of another plan or arm."""
        check_state(state, self.reader.plan, self.reader.arm.name)
        self.start = int(state["sample"])
        self._place = self._resume = int(state.get("place", 0))
