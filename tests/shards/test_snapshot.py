"""Snapshots are immutable, canonical, linked, and every flipped byte in them is found."""

import json
import random
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pyarrow.parquet as pq
import pytest

from corpusforge.files import swap
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import PlanChanged, open_plan
from corpusforge.shards import snapshot as snapshot_module
from corpusforge.shards.format import BlockHasher, index_path
from corpusforge.shards.schema import INDEX_SCHEMA
from corpusforge.shards.shape import shape_fault
from corpusforge.shards.snapshot import CommitConflict, commit, read_current, read_index
from corpusforge.shards.verify import verify_snapshot
from tests.shards.corpus import build_corpus, make_documents, make_header_for_tests, shard_rows, spill_all


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_corpus(tmp_path_factory.mktemp("corpus"), 200)


def index_file(corpus: Path) -> Path:
    return corpus / index_path(read_current(str(corpus)))


def test_two_builds_write_the_same_index(corpus: Path, tmp_path: Path) -> None:
    again = build_corpus(tmp_path, 200)
    assert index_file(again).read_bytes() == index_file(corpus).read_bytes()
    assert str(tmp_path) not in index_file(again).read_text()


def test_index_tells_totals_tokenizer_and_layout(corpus: Path) -> None:
    index = read_index(str(corpus))
    totals = index.header["totals"]
    assert totals["n_docs"] == 200
    assert (
        totals["n_tokens"] == sum(row.n_tokens for row in index.rows) == sum(index.supply_tokens().values())
    )
    assert set(totals["subsets"]) >= {"web/all", "math/scaffold"}
    assert index.header["tokenizer"]["eos_id"] == 100257
    assert (index.header["dtype"], index.header["endianness"]) == ("<u4", "little")
    assert verify_snapshot(str(corpus)) == []


def test_same_content_keeps_its_snapshot_and_more_makes_a_child(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    first = read_index(str(copy))
    assert commit(str(copy), first.rows, make_header_for_tests()) == first.snapshot
    more = shard_rows(
        spill_all([make_documents(20, seed=9)], tmp_path / "more"), tmp_path / "more", corpus=copy
    )
    child = commit(str(copy), [*first.rows, *more, None], make_header_for_tests())
    assert child == read_current(str(copy)) != first.snapshot
    assert read_index(str(copy)).header["parent"] == first.snapshot
    assert read_index(str(copy), first.snapshot) == first
    assert commit(str(copy), [*more, *first.rows], make_header_for_tests()) == child


def test_who_comes_second_does_not_overwrite(corpus: Path, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)

    def raced(path: str, data: bytes, expected: object) -> bool:
        Path(path).write_text("f" * 32 + "\n")
        return swap(path, data, expected)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshot_module, "swap", raced)
    with pytest.raises(CommitConflict):
        commit(str(copy), read_index(str(corpus)).rows[:1], make_header_for_tests())
    assert read_current(str(copy)) == "f" * 32


@pytest.mark.parametrize("place", ["disk", "bucket"])
def test_builds_that_commit_at_once_lose_nothing(
    place: str, corpus: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Of several that commit at the same moment one is first; the others are told, and come after it."""
    target = str(tmp_path / "c") if place == "disk" else request.getfixturevalue("bucket") + "/c"
    rows = read_index(str(corpus)).rows
    start, conflicts = Barrier(4), []

    def build(number: int) -> str:
        start.wait()
        while True:
            try:
                return commit(target, rows[number : number + 1], make_header_for_tests())
            except CommitConflict as error:
                conflicts.append(str(error))

    with ThreadPoolExecutor(4) as pool:
        committed = set(pool.map(build, range(4)))
    chain = [read_current(target)]
    while parent := read_index(target, chain[-1]).header["parent"]:
        chain.append(parent)
    assert len(chain) == 4 and set(chain) == committed
    assert all("another build committed a snapshot meanwhile: run again" in line for line in conflicts)


def test_a_commit_that_dies_before_the_swap_leaves_the_old_snapshot(
    corpus: Path, tmp_path: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    first = read_index(str(copy))

    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshot_module, "swap", dies)
    with pytest.raises(KeyboardInterrupt):
        commit(str(copy), first.rows[:2], make_header_for_tests())
    assert read_current(str(copy)) == first.snapshot and verify_snapshot(str(copy)) == []
    monkeypatch.undo()
    again = commit(str(copy), first.rows[:2], make_header_for_tests())
    assert read_index(str(copy), again).header["parent"] == first.snapshot


def flip(path: Path, chance: random.Random) -> bytes:
    """Change one bit of a file; return what it was."""
    good = path.read_bytes()
    bad = bytearray(good)
    bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
    path.write_bytes(bad)
    return good


def test_every_flipped_byte_is_found_and_named(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """At 1,000 random places of payloads, ends, docs and text tables, index, manifest and plan."""
    monkeypatch.setattr(snapshot_module, "MANIFEST_SHARDS", 3)
    copy = build_corpus(tmp_path, 40, target_tokens=1000)
    recipe = 'name="r"\nbudget_tokens=640\nsequence_length=64\nmax_epochs=9\npacking="best_fit"\n[weights]\nweb=1\n'
    plan = Path(write_plan(str(copy), make_plan(str(copy), parse_recipe(recipe, "r"))))
    files = sorted(
        path for path in copy.rglob("*") if path.is_file() and path.stat().st_size and path.name != "CURRENT"
    )
    assert {"manifest.npy", "blocks.npy", "manifest.parquet", "index.json"} < {path.name for path in files}
    chance = random.Random(0)
    flipped: Counter[str] = Counter()
    for _ in range(1000):
        path = chance.choice(files)
        good = flip(path, chance)
        flipped[path.name.partition(".")[2] if "shards" in path.parts else path.name] += 1
        if plan.parent in path.parents:  # the plan, or a table of its samples
            with pytest.raises(PlanChanged, match=path.name):
                open_plan(str(copy), str(plan)).sample(0)
        else:
            problems = verify_snapshot(str(copy))
            assert problems, path
            if path.parent.name != read_current(str(copy)):
                assert {problem.path for problem in problems} == {str(path.relative_to(copy))}
        path.write_bytes(good)
    assert verify_snapshot(str(copy)) == []
    kinds = {"bin", "docs.parquet", "text.parquet", "ends.u64", "index.json", plan.name}
    assert all(flipped[kind] >= 20 for kind in kinds), flipped


def test_a_large_snapshot_keeps_its_rows_in_a_manifest(corpus: Path, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    small = read_index(str(corpus))
    monkeypatch.setattr(snapshot_module, "MANIFEST_SHARDS", 3)
    large = build_corpus(tmp_path, 200)
    index = read_index(str(large))
    assert index.rows == small.rows and index.snapshot != small.snapshot
    value = json.loads(index_file(large).read_bytes())
    assert "shards" not in value and set(value["manifest"]) == {
        "manifest.npy",
        "blocks.npy",
        "manifest.parquet",
    }
    table = pq.read_table(index_file(large).parent / "manifest.parquet").to_pylist()
    assert table == json.loads(index_file(corpus).read_bytes())["shards"]
    assert verify_snapshot(str(large)) == []
    recipe = parse_recipe(
        'name="r"\nbudget_tokens=6400\nsequence_length=64\nmax_epochs=9\n[weights]\nweb=1\n', "r"
    )
    readers = [open_plan(str(path), make_plan(str(path), recipe)) for path in (corpus, large)]
    for n in range(100):
        assert readers[0].sample(n).tokens.tolist() == readers[1].sample(n).tokens.tolist()


def test_an_index_is_as_the_published_schema_says(corpus: Path) -> None:
    published = Path(__file__).parents[2] / "docs" / "index.schema.json"
    assert json.loads(published.read_text()) == INDEX_SCHEMA
    value = json.loads(index_file(corpus).read_bytes())
    assert shape_fault(value, INDEX_SCHEMA) is None
    assert shape_fault({**value, "seed": "7"}, INDEX_SCHEMA) == "seed: expected integer, found '7'"
    assert shape_fault({**value, "more": 1}, INDEX_SCHEMA) == "the key 'more' is not known"


def test_missing_truncated_and_grown_files_are_named(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    paths = sorted(copy.glob("shards/web/all/*"))
    for path in paths:
        good = path.read_bytes()
        for bad in (good[:-4], good + b"\0\0\0\0", b""):
            path.write_bytes(bad)
            assert {p.path for p in verify_snapshot(str(copy))} == {str(path.relative_to(copy))}
        path.unlink()
        [problem] = verify_snapshot(str(copy))
        assert str(problem) == f"{path.relative_to(copy)}: file is missing"
        path.write_bytes(good)


def test_counts_that_lie_are_found_even_where_hashes_agree(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    rows = list(read_index(str(copy)).rows)
    fields = {name: getattr(rows[0], name) for name in rows[0].__slots__}
    commit(
        str(copy),
        [type(rows[0])(**{**fields, "max_id": 200000}), *rows[1:]],
        make_header_for_tests(),
    )
    [problem] = verify_snapshot(str(copy))
    assert (problem.what, problem.expected) == ("largest id", "200000")


def test_a_sample_of_shards_is_a_quick_look(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    for path in copy.glob("shards/*/*/*.bin"):
        path.write_bytes(b"")
    rows = read_index(str(copy)).rows
    assert len({p.path for p in verify_snapshot(str(copy), sample=2)}) == 2 < len(rows)


def test_no_corpus_is_one_line(tmp_path: Path) -> None:
    [problem] = verify_snapshot(str(tmp_path))
    assert "no corpus here" in str(problem)


def test_index_with_a_changed_number_is_not_read(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    value = json.loads(index_file(copy).read_bytes())
    value["seed"] += 1
    index_file(copy).write_text(json.dumps(value))
    with pytest.raises(ValueError, match="changed since it was written"):
        read_index(str(copy))


def test_blocks_are_hashed_the_same_in_any_pieces(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from corpusforge.shards import format as layout

    monkeypatch.setattr(layout, "BLOCK_BYTES", 64)
    data = bytes(range(256)) + b"tail"
    whole, pieces = BlockHasher(), BlockHasher()
    whole.update(data)
    for start in range(0, len(data), 7):
        pieces.update(data[start : start + 7])
    assert len(whole.blocks()[0]) == 5
    assert whole.blocks() == pieces.blocks()
