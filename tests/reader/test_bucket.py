"""A plan read from a bucket gives the samples it gives on disk, through a cache of bounded size."""

import multiprocessing
from pathlib import Path

import pytest

from corpusforge import files
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import ShardDamaged, ShardMissing, open_plan
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index
from tests.shards.corpus import build_corpus

TOML = 'name="r"\nbudget_tokens=16000\nsequence_length=64\nmax_epochs=9\n[weights]\nweb=0.5\nbooks=0.2\nmath=0.3\n'


@pytest.fixture(params=["gs", "s3"])
def place(request: pytest.FixtureRequest) -> str:
    if request.param == "s3":
        request.getfixturevalue("s3")
        return "s3://our-bucket"
    return request.getfixturevalue("bucket")


@pytest.fixture
def uploaded(place: str, tmp_path: Path) -> tuple[str, str, str]:
    """Return (corpus on disk, the same in a bucket, name of its plan)."""
    corpus = build_corpus(tmp_path, 200)
    toml = TOML.replace("[weights]", 'packing="best_fit"\n[weights]')
    name = Path(write_plan(str(corpus), make_plan(str(corpus), parse_recipe(toml, "r")))).name
    for path in corpus.rglob("*"):
        if path.is_file():
            files.write_bytes(f"{place}/c/{path.relative_to(corpus)}", path.read_bytes())
    return str(corpus), f"{place}/c", name


def test_a_bucket_gives_the_samples_of_the_disk(uploaded: tuple[str, str, str], tmp_path: Path) -> None:
    corpus, remote, name = uploaded
    local = open_plan(corpus, f"{corpus}/plans/{name}")
    reader = open_plan(remote, f"{remote}/plans/{name}", cache_dir=str(tmp_path / "cache"))
    assert len(reader) == len(local)
    for n in range(0, len(local), 3):
        one, other = local.sample(n), reader.sample(n)
        assert one.tokens.tolist() == other.tokens.tolist()
        assert one.cu_seqlens.tolist() == other.cu_seqlens.tolist()
    assert any((tmp_path / "cache").iterdir())
    # A second process of the machine finds the blocks there, even with the objects gone.
    for path in files.list_files(f"{remote}/shards"):
        files.remove(path)
    again = open_plan(remote, f"{remote}/plans/{name}", cache_dir=str(tmp_path / "cache"))
    assert again.sample(0).tokens.tolist() == local.sample(0).tokens.tolist()


def test_the_cache_stays_within_its_size(uploaded: tuple[str, str, str], tmp_path: Path) -> None:
    corpus, remote, name = uploaded
    index = read_index(corpus)
    largest = max(row.bytes for row in index.rows)
    reader = open_plan(
        remote, f"{corpus}/plans/{name}", cache_dir=str(tmp_path / "cache"), cache_bytes=3 * largest
    )
    local = open_plan(corpus, f"{corpus}/plans/{name}")
    for n in range(0, len(reader), 5):
        assert reader.sample(n).tokens.tolist() == local.sample(n).tokens.tolist()
        held = sum(path.stat().st_size for path in (tmp_path / "cache").iterdir())
        assert held <= 5 * largest  # the thread that reads ahead may be writing one more


def test_damage_and_absence_in_a_bucket_are_told_apart(
    uploaded: tuple[str, str, str], tmp_path: Path
) -> None:
    corpus, remote, name = uploaded
    row = next(row for row in read_index(corpus).rows if row.domain == "web")
    path = f"{remote}/{shard_path(row.domain, row.subset, row.id, 'tokens')}"
    good = files.read_bytes(path)
    bad = bytearray(good)
    bad[len(bad) // 2] ^= 4
    plan = f"{corpus}/plans/{name}"

    def read_all(cache: str) -> None:
        reader = open_plan(remote, plan, cache_dir=str(tmp_path / cache))
        for n in range(len(reader)):
            reader.sample(n)

    files.write_bytes(path, bytes(bad))
    with pytest.raises(ShardDamaged, match="damaged in bytes 0 to"):
        read_all("a")
    files.write_bytes(path, good)
    read_all("a")  # what was damaged is not kept in the cache
    files.write_bytes(path, good[: len(good) // 2])
    with pytest.raises(ShardMissing, match="ends at byte"):
        read_all("b")
    files.remove(path)
    with pytest.raises(ShardMissing, match="shards/web"):
        read_all("c")


def test_a_process_that_was_forked_reads_on(uploaded: tuple[str, str, str], tmp_path: Path) -> None:
    """As the workers of a torch `DataLoader` do: the parent has read the plan and a sample before."""
    corpus, remote, name = uploaded
    reader = open_plan(remote, f"{remote}/plans/{name}", cache_dir=str(tmp_path / "cache"), cache_bytes=1)
    local = open_plan(corpus, f"{corpus}/plans/{name}")
    assert reader.sample(0).tokens.tolist() == local.sample(0).tokens.tolist()
    fresh = open_plan(remote, f"{remote}/plans/{name}", cache_dir=str(tmp_path / "other"))
    ours, theirs = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        theirs.send([fresh.sample(n).tokens.tolist() for n in range(0, len(local), 7)])

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    theirs.close()
    assert ours.poll(30)
    assert ours.recv() == [local.sample(n).tokens.tolist() for n in range(0, len(local), 7)]
    child.join(30)
    assert child.exitcode == 0
