"""A DataLoader hands out the plan's samples in its order, at any number of ranks and workers."""

import copy
import itertools
import random
from unittest import mock

import pytest

torch = pytest.importorskip("torch", reason="the torch extra is not installed")

from torch.utils.data import DataLoader  # noqa: E402
from torch.utils.data._utils import worker  # noqa: E402
from torch.utils.data._utils.worker import WorkerInfo  # noqa: E402

from corpusforge.mixture.plan import make_plan, write_plan  # noqa: E402
from corpusforge.mixture.recipe import parse_recipe  # noqa: E402
from corpusforge.reader import PlanChanged, ReaderError, open_plan  # noqa: E402
from corpusforge.reader import torch as reader_torch  # noqa: E402
from corpusforge.reader.torch import PlanDataset, PlanStream, cu_seqlens, resume_at  # noqa: E402
from tests.reader.test_samples import RECIPE  # noqa: E402
from tests.shards.corpus import build_corpus  # noqa: E402


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    corpus = build_corpus(tmp_path_factory.mktemp("torch"), 300)
    return str(corpus), write_plan(str(corpus), make_plan(str(corpus), parse_recipe(RECIPE, "r")))


def numbers(loader: DataLoader) -> list[list[int]]:
    return [batch["sample"].tolist() for batch in loader]


def test_loader_batches_hold_the_reader_s_samples(paths: tuple[str, str]) -> None:
    reader = open_plan(*paths)
    for batch in DataLoader(PlanStream(*paths, batch_size=8), batch_size=8):
        for n, tokens, positions in zip(
            batch["sample"].tolist(), batch["tokens"], batch["positions"], strict=True
        ):
            sample = reader.sample(n)
            assert tokens.tolist() == sample.tokens.tolist()
            assert cu_seqlens(positions).tolist() == sample.cu_seqlens.tolist()
            assert positions.dtype == tokens.dtype == torch.int64


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_do_not_change_the_order(paths: tuple[str, str], workers: int) -> None:
    alone = numbers(DataLoader(PlanStream(*paths, batch_size=16), batch_size=16))
    stream = PlanStream(*paths, batch_size=16)
    assert numbers(DataLoader(stream, batch_size=16, num_workers=workers)) == alone
    assert [n for batch in alone for n in batch] == list(range(500))


def test_world_size_may_change_at_every_resume(paths: tuple[str, str]) -> None:
    """1,000 times: no sample lost or repeated."""
    chance = random.Random(0)
    worlds = {
        world: [PlanStream(*paths, rank=rank, world_size=world) for rank in range(world)]
        for world in (1, 2, 3, 8)
    }
    resumes = 0
    while resumes < 1000:
        seen: list[int] = []
        state = worlds[1][0].state_dict(0)
        while len(seen) < 500:
            streams = worlds[chance.choice([1, 2, 3, 8])]
            for stream in streams:
                stream.load_state_dict(state)
            ranks = [(item["sample"] for item in stream) for stream in streams]
            for _ in range(chance.randrange(1, 12)):
                step = [n for n in (next(rank, None) for rank in ranks) if n is not None]
                seen.extend(sorted(step))
            state = streams[0].state_dict(len(seen))
            resumes += 1
        assert seen == list(range(500))


def test_ranks_share_out_every_sample_once(paths: tuple[str, str]) -> None:
    for world in (1, 2, 3, 8):
        streams = [PlanStream(*paths, rank=rank, world_size=world, start=7) for rank in range(world)]
        found = [[item["sample"] for item in stream] for stream in streams]
        assert sorted(n for rank in found for n in rank) == list(range(7, 500))
        assert [len(stream) for stream in streams] == [len(rank) for rank in found]


class Loader:
    """What torchdata's StatefulDataLoader does with a stream, its workers in this process."""

    def __init__(self, stream: PlanStream, batch_size: int, workers: int) -> None:
        self.stream, self.batch_size, self.workers = stream, batch_size, workers
        self.streams = [copy.copy(stream) for _ in range(workers)] or [stream]
        self.steps, self.finished, self.last = 0, False, workers - 1
        self.iterators: list | None = None

    def of(self, number: int):  # type: ignore[no-untyped-def]
        info = WorkerInfo(id=number, num_workers=self.workers, seed=0, dataset=None) if self.workers else None
        return mock.patch.object(worker, "_worker_info", info)

    def load(self, state: dict) -> None:
        self.steps = state["steps"]
        self.last = state["last"]
        self.finished = state["_iterator_finished"]
        states = (
            [one["dataset_state"] for one in state["_snapshot"]["_worker_snapshots"].values()]
            if "_snapshot" in state
            else [state["dataset_state"]]
        )
        for number, one in enumerate(states):
            with self.of(number):
                self.streams[number].load_state_dict(one)
        self.open()

    def open(self) -> None:
        self.iterators = []
        for number, stream in enumerate(self.streams):
            with self.of(number):
                self.iterators.append(iter(stream))
        if self.finished:  # a new iterator, of new workers
            self.steps, self.finished, self.last = 0, False, self.workers - 1
            self.streams = [copy.copy(self.stream) for _ in range(self.workers)] or [self.stream]
            self.open()

    def __iter__(self):  # type: ignore[no-untyped-def]
        if self.iterators is None:
            self.open()
        for number in itertools.islice(itertools.cycle(range(len(self.streams))), self.last + 1, None):
            with self.of(number):
                batch = [item["sample"] for item in itertools.islice(self.iterators[number], self.batch_size)]
            if batch:
                self.steps, self.last = self.steps + 1, number if self.workers else -1
                yield batch
            else:
                assert not any(list(iterator) for iterator in self.iterators)
                break
        self.finished, self.iterators = True, None

    def state(self) -> dict:
        states = {}
        for number, stream in enumerate(self.streams):
            with self.of(number):
                states[f"worker_{number}"] = {"dataset_state": stream.state_dict()}
        told = {"steps": self.steps, "last": self.last, "_iterator_finished": self.finished}
        if not self.workers:
            return {**told, **states["worker_0"]}
        return {**told, "_steps_since_snapshot": 0,
                "_snapshot": {"_snapshot_step": self.steps, "_worker_snapshots": states}}  # fmt: skip


def loaders(paths: tuple[str, str], world: int, batch: int, workers: int, start: int = 0) -> list[Loader]:
    streams = [
        PlanStream(*paths, rank=rank, world_size=world, batch_size=batch, start=start, checksums=False)
        for rank in range(world)
    ]
    return [Loader(stream, batch, workers) for stream in streams]


def rest_of(batches) -> list[int]:  # type: ignore[no-untyped-def]
    return [n for batch in batches for n in batch]


def test_what_follows_a_state_is_exactly_the_rest(
    paths: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any number of ranks and workers and any batch size, at the same and at others: nothing twice, nothing
    left out, each rank in order; or one line that says how to resume."""
    reader = open_plan(*paths)
    monkeypatch.setattr(
        reader, "sample", lambda n: n
    )  # which samples come is the question, not what is in them
    monkeypatch.setattr(reader_torch, "open_plan", lambda *_: reader)
    monkeypatch.setattr(reader_torch, "to_tensors", lambda n: {"sample": n})
    chance = random.Random(3)
    refused = resumed = 0
    for _ in range(60):
        (world, batch, workers), other = (
            (chance.choice([1, 2, 4]), chance.choice([1, 4, 7]), chance.choice([0, 1, 2, 3]))
            for _ in range(2)
        )
        before = loaders(paths, world, batch, workers)
        seen: list[int] = []
        running = [iter(loader) for loader in before]
        for _ in range(chance.randrange(1, 500 // world // batch)):
            seen += [n for rank in running for n in next(rank)]
        consumed = len(seen)
        assert sorted(seen) == list(range(consumed))
        states = [loader.state() for loader in before]

        same = loaders(paths, world, batch, workers)
        for loader, state in zip(same, states, strict=True):
            loader.load(state)
        for rank, loader in enumerate(same):
            first = consumed + (rank - consumed) % world
            assert rest_of(loader) == list(range(first, 500, world))

        state = chance.choice(states)
        assert resume_at(state) == consumed
        again = loaders(paths, *other, start=consumed)
        if workers:
            told = state["_snapshot"]["_worker_snapshots"]["worker_0"]["dataset_state"]
            if other != (world, batch, workers):
                with (
                    again[0].of(0),
                    pytest.raises(ReaderError, match=r"resume with PlanStream\(..., start=n\)"),
                ):
                    again[0].streams[0].load_state_dict(told)
                refused += 1
        else:
            again = loaders(paths, *other)
            for loader in again:
                for stream in loader.streams:
                    stream.load_state_dict(state["dataset_state"])
        for rank, loader in enumerate(again):
            first = consumed + (rank - consumed) % other[0]
            assert rest_of(loader) == list(range(first, 500, other[0])), (world, batch, workers, other)
        resumed += 1
    assert refused > 20 and resumed == 60


@pytest.mark.parametrize("workers", [0, 1, 2, 3])
@pytest.mark.parametrize("batch", [4, 7])
def test_the_state_of_a_pass_s_end_begins_the_next(paths: tuple[str, str], workers: int, batch: int) -> None:
    [first], [second] = loaders(paths, 1, batch, workers), loaders(paths, 1, batch, workers)
    assert rest_of(first) == list(range(500))
    state = first.state()
    assert resume_at(state) == 0
    second.load(state)
    assert rest_of(second) == list(range(500))
    assert rest_of(second) == list(range(500))  # and the next


def test_the_pass_after_a_resumed_one_is_whole(paths: tuple[str, str]) -> None:
    stream = PlanStream(*paths)
    stream.load_state_dict(stream.state_dict(490))
    assert [item["sample"] for item in stream] == list(range(490, 500))
    assert [item["sample"] for item in stream] == list(range(500))
    again = PlanStream(*paths)
    again.load_state_dict(stream.state_dict())
    assert [item["sample"] for item in again] == list(range(500))


@pytest.mark.parametrize(
    "wrong",
    [{"sample": -1}, {"sample": True}, {"sample": 501}, {"sample": "7"}, {"place": 1.5}, {"world_size": 0}, {"workers": None}, {"plan": 3}, {"arm": None}],
)  # fmt: skip
def test_a_state_that_is_none_is_one_line(paths: tuple[str, str], wrong: dict[str, object]) -> None:
    stream = PlanStream(*paths)
    with pytest.raises(ReaderError) as caught:
        stream.load_state_dict({**stream.state_dict(), **wrong})
    assert "\n" not in str(caught.value)
    for value in (None, [], {}, {"sample": 0}):
        with pytest.raises(ReaderError, match="not a state"):
            stream.load_state_dict(value)  # type: ignore[arg-type]
    with pytest.raises(ReaderError, match="not the state of a StatefulDataLoader"):
        resume_at({"_iterator_finished": False, "_snapshot": {}})


def test_batches_of_another_size_than_the_stream_s_have_no_one_place_to_go_on_from(
    paths: tuple[str, str],
) -> None:
    loader = Loader(PlanStream(*paths, batch_size=1), 8, 2)
    running = iter(loader)
    for _ in range(3):
        next(running)
    with pytest.raises(ReaderError, match="give PlanStream the `batch_size` of its loader"):
        resume_at(loader.state())


def test_torchdata_resumes_what_its_state_is_of(paths: tuple[str, str]) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader", reason="torchdata is not installed")

    def loader(workers: int, batch: int = 8, start: int = 0):  # type: ignore[no-untyped-def]
        stream = PlanStream(*paths, batch_size=batch, start=start)
        return stateful.StatefulDataLoader(stream, batch_size=batch, num_workers=workers)

    for workers in (0, 1, 3):
        first = loader(workers)
        running = iter(first)
        for _ in range(5):
            next(running)
        state = first.state_dict()
        assert resume_at(state) == 40
        again = loader(workers)
        again.load_state_dict(state)
        assert rest_of(numbers(again)) == list(range(40, 500))
        ended = again.state_dict()
        assert resume_at(ended) == 0 and rest_of(numbers(again)) == list(range(500))
        after = loader(workers)
        after.load_state_dict(ended)
        assert rest_of(numbers(after)) == list(range(500))
        assert rest_of(numbers(loader(2, 5, resume_at(state)))) == list(range(40, 500))
        if workers:
            other = loader(workers, batch=4)
            other.load_state_dict(state)
            with pytest.raises(ReaderError, match="resume with PlanStream"):
                list(other)


def test_state_of_another_arm_is_refused(paths: tuple[str, str]) -> None:
    with pytest.raises(PlanChanged):
        PlanStream(*paths, arm="less").load_state_dict(PlanStream(*paths).state_dict(10))


def test_map_style_dataset_takes_a_sampler(paths: tuple[str, str]) -> None:
    loader = DataLoader(PlanDataset(*paths), sampler=[5, 3, 499], batch_size=3)
    assert numbers(loader) == [[5, 3, 499]]
