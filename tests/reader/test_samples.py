"""A trainer gets the same samples whatever the world looks like, from bytes that are checked."""

import itertools
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import PlanChanged, PlanReader, ReaderError, ShardDamaged, ShardMissing, open_plan
from corpusforge.reader import snapshot as reader_snapshot
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index
from tests.shards.corpus import build_corpus

S = 64
RECIPE = """
name = "r"
budget_tokens = 32000
sequence_length = 64
max_epochs = 8
[weights]
web = 0.4
code = 0.2
math = 0.3
books = 0.1
[arms.less]
without = ["code"]
[arms.swap]
swap = { from = "math/generic", to = "math/scaffold", tokens = 1280 }
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_corpus(tmp_path_factory.mktemp("reader"), 300)


@pytest.fixture(scope="module")
def plan_path(corpus: Path) -> str:
    return write_plan(str(corpus), make_plan(str(corpus), parse_recipe(RECIPE, "r")))


@pytest.fixture(scope="module")
def reader(corpus: Path, plan_path: str) -> PlanReader:
    return open_plan(str(corpus), plan_path)


def payload(corpus: Path, pair: tuple[str, str]) -> np.ndarray:
    rows = [row for row in read_index(str(corpus)).rows if (row.domain, row.subset) == pair]
    return np.concatenate([np.fromfile(corpus / shard_path(*pair, row.id, "tokens"), "<u4") for row in rows])


def test_each_epoch_holds_every_sample_of_a_subset_once(corpus: Path, reader: PlanReader) -> None:
    by_subset: dict[int, list[tuple[int, ...]]] = {}
    for n in range(len(reader)):
        sample = reader.sample(n)
        by_subset.setdefault(sample.subset, []).append(tuple(sample.tokens.tolist()))
    assert len(reader) == 500
    for subset, found in by_subset.items():
        row = reader.arm.rows[subset]
        assert len(found) == row.samples
        tokens = payload(corpus, reader.subsets[subset])
        chunks = sorted(tuple(tokens[i * S : (i + 1) * S].tolist()) for i in range(row.supply_samples))
        whole = row.whole_epochs
        for epoch in range(whole):
            assert sorted(found[epoch * len(chunks) : (epoch + 1) * len(chunks)]) == chunks
        assert len(set(found[whole * len(chunks) :])) == len(found) - whole * len(chunks)


def test_boundaries_positions_and_documents_agree(corpus: Path, reader: PlanReader) -> None:
    for n in range(0, len(reader), 7):
        sample = reader.sample(n, documents=True)
        cuts = sample.cu_seqlens.tolist()
        assert sample.document_lengths.sum() == S and (cuts[0], cuts[-1]) == (0, S)
        assert [sample.positions[a:b].tolist() for a, b in itertools.pairwise(cuts)] == [
            list(range(b - a)) for a, b in itertools.pairwise(cuts)
        ]
        # EOS closes every stretch but perhaps the last, and stands nowhere else.
        assert set(np.flatnonzero(sample.tokens == 100257) + 1) | {S} == set(cuts[1:])
        assert sample.documents is not None
        assert [span.length for span in sample.documents] == sample.document_lengths.tolist()
        for span, start in zip(sample.documents, cuts, strict=False):
            docs = pq.read_table(corpus / span.docs_path).to_pylist()[span.row]
            assert docs["domain"] == reader.domains[sample.domain] == reader.subsets[sample.subset][0]
            assert docs["subset"] == reader.subsets[sample.subset][1]
            shard = np.fromfile(str(corpus / span.docs_path).replace(".docs.parquet", ".bin"), "<u4")
            first = docs["start"] + span.start
            assert (
                shard[first : first + span.length].tolist()
                == sample.tokens[start : start + span.length].tolist()
            )
            assert span.start + span.length <= docs["length"]


def test_arms_are_nested(corpus: Path, plan_path: str, reader: PlanReader) -> None:
    def by_subset(arm: str) -> dict[tuple[str, str], list[bytes]]:
        one = open_plan(str(corpus), plan_path, arm)
        found: dict[tuple[str, str], list[bytes]] = {}
        for n in range(len(one)):
            sample = one.sample(n)
            found.setdefault(one.subsets[sample.subset], []).append(sample.tokens.tobytes())
        assert (one.subsets, one.domains) == (reader.subsets, reader.domains)
        return found

    full, less, swap = by_subset("full"), by_subset("less"), by_subset("swap")
    assert ("code", "all") not in less
    for pair, order in less.items():
        assert order[: len(full[pair])] == full[pair]
    for pair, order in swap.items():
        shared = min(len(order), len(full[pair]))
        assert order[:shared] == full[pair][:shared]
    assert swap["web", "all"] == full["web", "all"]
    assert len(swap["math", "scaffold"]) == len(full["math", "scaffold"]) + 20


def test_sample_is_a_pure_function_of_its_number(corpus: Path, plan_path: str, reader: PlanReader) -> None:
    numbers = list(range(len(reader)))
    random.Random(0).shuffle(numbers)
    other = open_plan(str(corpus), plan_path, checksums=False)
    for n in numbers[:200]:
        one, two = reader.sample(n), other[n]
        assert one.tokens.tolist() == two.tokens.tolist()
        assert (one.subset, one.cu_seqlens.tolist()) == (two.subset, two.cu_seqlens.tolist())
    with pytest.raises(IndexError, match="no sample 500"):
        reader.sample(500)


def test_resume_needs_one_integer_and_refuses_another_plan(corpus: Path, plan_path: str) -> None:
    whole = [sample.tokens.tolist() for sample in open_plan(str(corpus), plan_path)]
    one = open_plan(str(corpus), plan_path)
    stream = iter(one)
    for _ in range(123):
        next(stream)
    state = json.loads(json.dumps(one.state_dict()))
    assert state["sample"] == 123
    two = open_plan(str(corpus), plan_path)
    two.load_state_dict(state)
    assert [sample.tokens.tolist() for sample in two] == whole[123:]
    with pytest.raises(PlanChanged, match="the state is of plan"):
        open_plan(str(corpus), plan_path, "less").load_state_dict(state)


def test_changed_plan_snapshot_and_unknown_arm_are_refused(
    corpus: Path, plan_path: str, tmp_path: Path
) -> None:
    bad = tmp_path / "plan.json"
    bad.write_bytes(Path(plan_path).read_bytes().replace(b'"sequence_length":64', b'"sequence_length":65'))
    with pytest.raises(PlanChanged, match="changed since it was written"):
        open_plan(str(corpus), str(bad))
    with pytest.raises(ReaderError, match="has no arm 'nope': it has full, less, swap"):
        open_plan(str(corpus), plan_path, "nope")
    with pytest.raises(ReaderError, match="no such plan"):
        open_plan(str(corpus), str(tmp_path / "none.json"))
    other = build_corpus(tmp_path, 50)
    with pytest.raises(PlanChanged, match="which is not here"):
        open_plan(str(other), plan_path)
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    [index] = copy.glob("snapshots/*/index.json")
    index.write_bytes(index.read_bytes().replace(b'"max_len":', b'"max_len": '))
    with pytest.raises(PlanChanged, match="changed since it was written"):
        open_plan(str(copy), plan_path)


@pytest.mark.parametrize("field", ["xxh3", "crc32"])
@pytest.mark.parametrize("end", [".bin", ".ends.u64"])
def test_flipped_byte_missing_and_truncated_shard(
    corpus: Path, plan_path: str, tmp_path: Path, field: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if field == "crc32":  # as on a node without xxhash
        monkeypatch.setattr("corpusforge.shards.format.xxhash", None)
    name, function = reader_snapshot.block_checksum()
    assert name == field
    monkeypatch.setattr(reader_snapshot, "_FIELD", name)
    monkeypatch.setattr(reader_snapshot, "_CHECKSUM", function)
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    chance = random.Random(1)
    for _ in range(10):
        path = chance.choice(sorted(copy.glob(f"shards/web/all/*{end}")))
        good = path.read_bytes()
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        for content, error in ((bytes(bad), ShardDamaged), (good[:-8], ShardMissing), (None, ShardMissing)):
            path.unlink()
            if content is not None:
                path.write_bytes(content)
            with pytest.raises(error, match=path.name):
                list(open_plan(str(copy), plan_path))
        path.write_bytes(good)
    assert len(list(open_plan(str(copy), plan_path))) == 500


def test_reader_imports_numpy_and_nothing_heavier() -> None:
    code = (
        "import sys, corpusforge.reader as r\n"
        "heavy = {'pyarrow', 'pydantic', 'torch', 'quicktok', 'apache_beam', 'google', 'scipy', 'pandas'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_reader_works_without_xxhash(corpus: Path, plan_path: str) -> None:
    code = (
        "import sys; sys.modules['xxhash'] = None\n"
        "from corpusforge.reader import open_plan\n"
        "print(sum(1 for _ in open_plan(sys.argv[1], sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(corpus), plan_path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "500\n"
