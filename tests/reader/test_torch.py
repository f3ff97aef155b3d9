"""A DataLoader hands out the plan's samples in its order, at any number of ranks and workers."""

import random

import pytest

torch = pytest.importorskip("torch", reason="the torch extra is not installed")

from torch.utils.data import DataLoader  # noqa: E402

from corpusforge.mixture.plan import make_plan, write_plan  # noqa: E402
from corpusforge.mixture.recipe import parse_recipe  # noqa: E402
from corpusforge.reader import PlanChanged, open_plan  # noqa: E402
from corpusforge.reader.torch import PlanDataset, PlanStream, cu_seqlens  # noqa: E402
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


def test_state_of_another_arm_is_refused(paths: tuple[str, str]) -> None:
    with pytest.raises(PlanChanged):
        PlanStream(*paths, arm="less").load_state_dict(PlanStream(*paths).state_dict(10))


def test_map_style_dataset_takes_a_sampler(paths: tuple[str, str]) -> None:
    loader = DataLoader(PlanDataset(*paths), sampler=[5, 3, 499], batch_size=3)
    assert numbers(loader) == [[5, 3, 499]]
