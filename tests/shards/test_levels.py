"""How often documents are merged, what that costs, and what a task reads."""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge import files
from corpusforge.document import documents_to_batch
from corpusforge.shards import gather, index, levels, merge, spill, tasks
from corpusforge.shards.index import refs_by_target
from corpusforge.shards.levels import BUCKET, DISK, choose_shape, parts_per_spill, predict, synthetic_sums
from corpusforge.shards.local import combine, follow, write_shards
from corpusforge.shards.places import END, GROUPS, Cuts, sorted_order
from corpusforge.shards.tasks import make_shard, merge_range, read_refs
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.shards.writer import plan_shards
from tests.emulator import metered
from tests.shards.corpus import make_documents, spill_all, work_in

DOCUMENTS = make_documents(600, seed=4)


def spills_in(folder: Path, n_spills: int):  # type: ignore[no-untyped-def]
    return spill_all([DOCUMENTS[number::n_spills] for number in range(n_spills)], folder)


@pytest.fixture
def reads(monkeypatch):  # type: ignore[no-untyped-def]
    """Counts every range that is read: calls and bytes by kind of file."""
    counts: Counter[str] = Counter()

    def counted(path: str, start: int, stop: int) -> bytes:
        kind = path.rpartition(".")[2]
        counts[kind] += 1
        counts[f"{kind} bytes"] += stop - start
        return files.read_range(path, start, stop)

    monkeypatch.setattr(gather, "read_range", counted)
    return counts


@pytest.mark.parametrize(("n_spills", "n_levels"), [(6, 0), (24, 0), (24, 1), (60, 1), (60, 2)])
def test_the_model_counts_what_is_read(tmp_path, monkeypatch, reads, n_spills, n_levels) -> None:  # type: ignore[no-untyped-def]
    """At the size of a test: tasks of 200 KB, and blocks of 2 KB."""
    monkeypatch.setattr(levels, "MERGE_BYTES", 200_000)
    monkeypatch.setattr(levels, "MAX_FAN_IN", 16)
    for module in (spill, merge):
        monkeypatch.setattr(module, "BLOCK_BYTES", 2000)
    work = work_in(tmp_path)
    sums = combine(work, spills_in(tmp_path, n_spills))
    shape = choose_shape(sums, plan_shards(sums.by_group(), 5000), BUCKET, n_levels)
    follow(work, shape, sums)
    cost = predict(sums, shape)
    n_reads = reads["spill"] + reads["run"] + 1
    n_bytes = reads["spill bytes"] + reads["run bytes"]
    assert cost.reads == pytest.approx(n_reads, rel=0.2)
    assert cost.bytes_read == pytest.approx(n_bytes, rel=0.2)
    assert sum(level.n_tasks for level in shape.levels) == len(list(Path(work.folder).rglob("*.run")))


def test_a_shard_reads_no_row_of_another_once_merged(tmp_path, reads) -> None:  # type: ignore[no-untyped-def]
    work = work_in(tmp_path)
    sums = combine(work, spills_in(tmp_path, 20))
    shape = choose_shape(sums, plan_shards(sums.by_group(), 3000), BUCKET, 1)
    follow(work, shape, sums)
    runs = sum(path.stat().st_size for path in Path(work.folder).rglob("*.run"))
    assert reads["run bytes"] <= runs
    assert reads["spill"] == 20
    assert reads["spill bytes"] == sums.n_bytes
    assert reads["run"] == shape.shards.count


def test_a_laptops_corpus_is_not_merged_and_a_large_one_is() -> None:
    def levels_of(n_spills: int, n_tokens: int, target: int, store=DISK) -> int:  # type: ignore[no-untyped-def]
        sums = synthetic_sums(n_spills, n_tokens)
        return len(choose_shape(sums, plan_shards(sums.by_group(), target), store).levels)

    assert levels_of(36, 5_000_000, 200_000) == 0
    assert levels_of(48, 2_000_000_000, 2**26) == 0
    assert levels_of(32, 500_000, 8_000) == 1
    assert levels_of(300_000, 40_000 * 2**28, 2**28, BUCKET) == 1
    assert levels_of(30_000_000, 40_000 * 2**28, 2**28, BUCKET) == 2


@pytest.mark.parametrize("n_parts", [100_000, 300_000])
def test_ten_trillion_tokens_take_few_requests_and_read_few_bytes(n_parts: int) -> None:
    n_tokens = 40_000 * 2**28
    sums = synthetic_sums(n_parts, n_tokens)
    shape = choose_shape(sums, plan_shards(sums.by_group(), 2**28), BUCKET)
    cost = predict(sums, shape)
    assert cost.requests < 2 * 10**8
    assert cost.bytes_read <= 2.2 * sums.n_bytes
    assert len(json.dumps(shape.shape_id())) < 100


def test_parts_share_a_spill_where_they_are_small() -> None:
    assert parts_per_spill(0, 0) == 1
    assert parts_per_spill(50, 10**6) == 1
    assert parts_per_spill(800, 10**7) == 25
    assert parts_per_spill(10**6, 10**10) == levels.MAX_SPILL_PARTS
    assert parts_per_spill(100_000, 10**14) == 1


def test_a_killed_run_goes_on_with_what_is_there(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    infos = spills_in(tmp_path / "a", 12)
    expected = write_shards(work_in(tmp_path / "a"), infos, 3000, 2)
    work = work_in(tmp_path / "b")
    sums = combine(work, spills_in(tmp_path / "b", 12))
    shape = choose_shape(sums, plan_shards(sums.by_group(), 3000), DISK, 2)
    [task, *_] = grouped(read_refs(work, shape, 0))
    list(merge_range(work, shape, 0, task))
    again = replace(work, run="again")
    made = {path: path.stat().st_ino for path in Path(work.folder).rglob("*.run")}
    assert len(made) == 1
    assert follow(again, shape, sums) == expected
    assert all(path.stat().st_ino == inode for path, inode in made.items())
    # All is there: nothing is written, and no spill or run is read but for its footer.
    third = replace(work, run="third")
    monkeypatch.setattr(tasks, "write_shard", None)
    monkeypatch.setattr(tasks, "merge", None)
    assert follow(third, shape, sums) == expected


def grouped(refs):  # type: ignore[no-untyped-def]
    found: dict[int, list[bytes]] = {}
    for task, packed in refs:
        found.setdefault(task, []).append(packed)
    return sorted(found.items())


def test_each_level_is_listed_once(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    listed: list[str] = []

    def counted(folder: str) -> list[str]:
        listed.append(os.path.basename(folder))
        return files.list_files(folder)

    monkeypatch.setattr(tasks, "list_files", counted)
    monkeypatch.setattr(files, "exists", None)
    write_shards(work_in(tmp_path), spills_in(tmp_path, 30), 3000, 2)
    assert sorted(listed) == ["merged-1", "merged-2", "rows"]


def test_rows_that_went_missing_are_noticed(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    work = work_in(tmp_path)
    sums = combine(work, spills_in(tmp_path, 3))
    shape = choose_shape(sums, plan_shards(sums.by_group(), 3000), DISK)
    [first, *rest] = grouped(read_refs(work, shape, 0))
    rows = [row for task in rest for row in make_shard(work, shape, task)]
    list(tasks.write_rows(work, shape, (0, rows)))
    assert first[0] == 0
    with pytest.raises(ValueError, match="shards hold"):
        tasks.check_rows(tasks.read_rows(work, shape), sums)


def test_four_times_the_spills_and_shards_in_a_bucket_take_four_times_the_requests(bucket: str) -> None:
    requests: list[int] = []
    for n_spills, n_shards in ((20, 5), (80, 20)):
        corpus = f"{bucket}/{n_spills}"
        work = tasks.Work(corpus=corpus, folder=f"{corpus}/spills")
        documents = [documents_to_batch(DOCUMENTS[number * 7 : number * 7 + 7]) for number in range(n_spills)]
        tokenizer = load_tokenizer("cl100k_base")
        with metered() as meter:
            infos = [
                spill.write_spill([batch], tokenizer, 7, work.spills, number, 0.0, work.codec)
                for number, batch in enumerate(documents)
            ]
            write_shards(work, infos, -(-sum(info.n_tokens for info in infos) // n_shards))
        shards = sum(entry.size_bytes for entry in files.list_entries(f"{corpus}/shards"))
        assert meter.read_bytes <= 3 * shards
        requests.append(meter.total)
    assert requests[1] <= 4.5 * requests[0]


PIECES = st.lists(st.integers(0, 5), min_size=len(GROUPS), max_size=len(GROUPS)).map(
    lambda counts: tuple((group, max(1, n) if not group else n) for group, n in enumerate(counts))
)
POSITIONS = st.lists(
    st.tuples(st.integers(0, len(GROUPS) - 1), st.integers(0, 2**64 - 1)), min_size=1, max_size=40
)


@given(PIECES, POSITIONS)
def test_every_position_is_within_the_bounds_of_its_target(pieces, positions) -> None:  # type: ignore[no-untyped-def]
    cuts = Cuts(pieces)
    groups, keys = (np.array(column, np.uint64) for column in zip(*positions, strict=True))
    for position, target in zip(positions, cuts.find(groups, keys).tolist(), strict=True):
        low, high = cuts.bounds(target)
        assert low <= position < high
    assert cuts.bounds(cuts.count - 1)[1] == END


@given(PIECES, POSITIONS, st.integers(1, 7))
def test_refs_cover_every_block_of_a_target_and_no_other(pieces, positions, block_rows) -> None:  # type: ignore[no-untyped-def]
    cuts = Cuts(pieces)
    rows = sorted(positions)
    blocks = [rows[at : at + block_rows] for at in range(0, len(rows), block_rows)]
    table = np.zeros(len(blocks), index.BLOCK_DTYPE)
    for number, block in enumerate(blocks):
        table[number]["first_group"], table[number]["first_key"] = block[0]
        table[number]["last_group"], table[number]["last_key"] = block[-1]
        table[number]["start"], table[number]["length"] = 10 * number, 10
    found = dict(refs_by_target(table, cuts))
    for target in range(cuts.count):
        low, high = cuts.bounds(target)
        wanted = {n for n, block in enumerate(blocks) if any(low <= row < high for row in block)}
        touching = {n for n, block in enumerate(blocks) if block[0] < high and block[-1] >= low}
        refs = found.get(target, [])
        read = {
            at // 10 for ref in refs for at in range(int(ref["start"]), int(ref["start"] + ref["length"]), 10)
        }
        assert wanted <= read <= touching


def test_equal_keys_are_told_apart_by_their_ids() -> None:
    groups, keys = np.array([1, 0, 1, 1], np.uint16), np.array([5, 5, 5, 4], np.uint64)
    names = ["b", "x", "a", "c"]
    order = sorted_order(groups, keys, lambda rows: [names[row] for row in rows.tolist()])
    assert order.tolist() == [1, 3, 2, 0]
    with pytest.raises(ValueError, match="document a comes twice in code/all"):
        sorted_order(
            np.zeros(2, np.uint16) + GROUPS.index(("code", "all")),
            np.zeros(2, np.uint64),
            lambda rows: ["a", "a"],
        )
