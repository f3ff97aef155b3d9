"""The receipt: its sums add up, nothing is charged twice or not at all, and no snapshot depends on it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpusforge_pipelines.build as building
from corpusforge.config import load_config
from corpusforge.cost.amount import Cost, call, cost_from, spending, summed
from corpusforge.cost.receipt import (
    Receipt,
    folded,
    note_stage,
    read_receipt,
    receipt_path,
    runs_path,
)
from corpusforge.files import read_bytes, write_bytes
from corpusforge.files.meter import metered, traffic_here
from corpusforge.parts.verify import Rooms
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, write_config, write_dumps

COSTS = st.builds(
    Cost,
    cpu_us=st.integers(0, 1 << 40),
    wall_us=st.integers(0, 1 << 40),
    read_bytes=st.integers(0, 1 << 50),
    written_bytes=st.integers(0, 1 << 50),
    requests=st.dictionaries(st.sampled_from(["read", "write", "list"]), st.integers(1, 1 << 30)),
)


def run_of(name, *stages):
    return {
        "run": name,
        "runner": "DirectRunner",
        "workers": 1,
        "stages": [{"stage": stage, **cost.to_json()} for stage, cost in stages],
    }


def part_row(source, cost, n_parts=1):
    counts = dict.fromkeys(("records", "kept", "text_bytes", "input_bytes"), 1)
    return {"source": source, "kind": "jsonl", "parts": n_parts, "unknown": 0, **counts, **cost.to_json()}


@given(st.lists(COSTS, max_size=6))
def test_costs_add_up_in_any_order_and_come_back_from_json(costs):
    total = summed(costs)
    assert total == summed(reversed(costs))
    assert total.cpu_us == sum(cost.cpu_us for cost in costs)
    assert total - total == Cost()
    assert [cost_from(json.loads(json.dumps(cost.to_json()))) for cost in costs] == costs


@given(
    st.lists(st.lists(COSTS, min_size=2, max_size=2), min_size=1, max_size=70), st.lists(COSTS, max_size=3)
)
@settings(max_examples=20)
def test_stages_add_up_to_what_was_spent_and_folding_old_runs_keeps_every_sum(runs, parts):
    rows = [run_of(str(n), ("plan", plan), ("prepare", prepare)) for n, (plan, prepare) in enumerate(runs)]
    made = [part_row(str(n), cost) for n, cost in enumerate(parts)]
    receipt = Receipt(runs=rows, made=made)
    assert summed(receipt.stages().values()) == receipt.spent()
    assert receipt.spent().cpu_us == sum(cost.cpu_us for run in runs for cost in run) + summed(parts).cpu_us
    few = replace(receipt, runs=folded(rows, 5))
    assert len(few.runs) <= 5
    assert few.stages() == receipt.stages()


def test_what_an_inner_call_spends_is_no_part_of_the_outer(tmp_path):
    path = str(tmp_path / "a")

    def inner():
        with spending() as mine:
            write_bytes(path, b"x" * 1000)
            sum(range(2_000_000))
            return mine.cost()

    def outer():
        write_bytes(path, b"y" * 10)
        return inner()

    within, without = call(outer)
    assert within.written_bytes == 1000 and without.written_bytes == 10
    assert within.cpu_us > 10 * without.cpu_us > 0


def test_what_a_failed_call_moved_stays_with_who_called_it(tmp_path):
    before = traffic_here()
    with metered() as outer:
        with pytest.raises(ZeroDivisionError), metered():
            write_bytes(str(tmp_path / "a"), b"xyz")
            raise ZeroDivisionError
        assert read_bytes(str(tmp_path / "a")) == b"xyz"
    assert (outer.read_bytes, outer.written_bytes) == (3, 3)
    assert traffic_here() == before


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A corpus of small dumps: its folder, its configuration, what its build returned."""
    folder = tmp_path_factory.mktemp("receipt")
    write_dumps(folder / "dumps")
    config = load_config(str(write_config(folder, folder / "corpus")))
    return folder, config, build(config)


@pytest.fixture
def tiny(built, tmp_path):
    """The configuration of the same dumps, nothing built."""
    shutil.copytree(built[0] / "dumps", tmp_path / "dumps")
    return write_config(tmp_path, tmp_path / "corpus")


@pytest.fixture
def copied(built, tiny, tmp_path):
    """The same dumps with the corpus of a build: its configuration."""
    shutil.copytree(built[0] / "corpus", tmp_path / "corpus")
    return load_config(str(tiny))


def test_a_build_tells_what_each_stage_and_source_took(built):
    _, config, result = built
    receipt = read_receipt(config.output, result.snapshot_id)
    assert receipt == result.receipt
    assert list(receipt.stages()) == [
        "plan", "prepare", "dedup", "leakage", "tokenise", "shard", "commit",
    ]  # fmt: skip
    assert {row["source"] for row in receipt.made} == set(result.totals["sources"])
    assert sum(row["records"] for row in receipt.made) == sum(
        source["records_in"] for source in result.totals["sources"].values()
    )
    assert sum(row["input_bytes"] for row in receipt.made) == receipt.input_bytes
    assert summed(receipt.stages().values()) == receipt.spent()
    assert receipt.tokens == sum(row["tokens"] for row in result.totals["rows"])
    parts = summed(map(cost_from, receipt.made))
    on_disk = sum(
        path.stat().st_size
        for folder in ("parts", "rejects", "quarantine")
        for path in Path(config.output, folder).glob("*")
    )
    assert parts.written_bytes == on_disk
    assert parts.read_bytes >= receipt.input_bytes and parts.cpu_us > 0
    shards = sum(path.stat().st_size for path in Path(config.output, "shards").rglob("*") if path.is_file())
    assert receipt.stages()["shard"].written_bytes >= shards
    assert receipt.n_unknown() == 0 and receipt.spent().n_requests == 0
    assert not list(Rooms(config.output).problems())
    assert not Path(runs_path(config.output, "build")).exists()


def test_what_nothing_was_made_for_is_charged_to_nobody(built, copied):
    path = Path(receipt_path(copied.output, built[2].snapshot_id))
    before = path.read_bytes()
    assert build(copied).receipt is None
    assert path.read_bytes() == before
    assert not Path(runs_path(copied.output, "build")).exists()


def test_workers_leave_no_trace_in_the_snapshot_and_are_counted(built, tmp_path):
    _, config, one = built
    other = build(config.model_copy(update={"output": str(tmp_path / "two")}), workers=2)
    assert one.snapshot_id == other.snapshot_id
    mine, theirs = (summed(map(cost_from, result.receipt.made)) for result in (one, other))
    assert mine.written_bytes == theirs.written_bytes and mine.read_bytes == theirs.read_bytes
    for stage in ("tokenise", "shard"):  # what processes of a pool write comes back with their results
        written = [result.receipt.stages()[stage].written_bytes for result in (one, other)]
        assert written[0] == pytest.approx(written[1], rel=0.01), stage
    assert theirs.cpu_us > 0 and other.receipt.runs[0]["workers"] == 2


class Killed(BaseException):
    """As a signal that ends a build."""


def test_an_interrupted_build_is_charged_for_all_of_its_runs(tiny, monkeypatch):
    config = load_config(str(tiny))

    def killed(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(building, "run_dedup", killed)
        with pytest.raises(Killed):
            build(config)
    parts = sorted(Path(config.output, "costs").glob("*.json"))
    result = build(config)
    receipt = result.receipt
    assert len(parts) == 7 and result.redone == 0
    assert [run["run"] == receipt.runs[1]["run"] for run in receipt.runs] == [False, True]
    failed = [row["stage"] for row in receipt.runs[0]["stages"] if row.get("failed")]
    assert failed == ["dedup"]
    assert sum(row["parts"] for row in receipt.made) == 6 and not receipt.reused
    alone = summed(cost_from(row) for run in receipt.runs for row in run["stages"])
    assert receipt.spent().cpu_us == alone.cpu_us + summed(map(cost_from, receipt.made)).cpu_us


def test_parts_of_an_earlier_build_cost_nothing_now_and_both_are_told(built, copied, tmp_path):
    row = {"id": "new", "text": article("new")}
    (tmp_path / "dumps" / "ready-9.jsonl").write_text(json.dumps(row) + "\n")
    second = build(copied)
    receipt = second.receipt
    assert second.redone == 1 and sum(row["parts"] for row in receipt.made) == 1
    assert sum(row["parts"] for row in receipt.reused) == 6
    made_then = summed(map(cost_from, built[2].receipt.made))
    assert receipt.reused_cost() == replace(made_then, wall_us=0)
    assert receipt.whole() == receipt.spent() + receipt.reused_cost()


def test_a_part_without_a_note_of_its_cost_is_told_and_nothing_more(copied):
    for path in Path(copied.output, "builds").glob("*"):
        path.unlink()
    for path in Path(copied.output, "snapshots").glob("*/receipt.json"):
        path.unlink()
    notes = sorted(Path(copied.output, "costs").glob("*.json"))
    notes[0].unlink()
    notes[1].write_bytes(b"no JSON")
    receipt = build(copied).receipt
    assert receipt.n_unknown() == 2
    assert sum(row["parts"] for row in receipt.reused) == 6 and not receipt.made


def test_a_stage_is_added_to_the_last_run_only(built, copied):
    snapshot = built[2].snapshot_id
    before = read_receipt(copied.output, snapshot)
    note_stage(copied.output, snapshot, "finish", Cost(cpu_us=5))
    assert read_receipt(copied.output, snapshot).spent() == before.spent() + Cost(cpu_us=5)
    note_stage(copied.output, "0" * 32, "finish", Cost(cpu_us=5))
    assert not Path(copied.output, "snapshots", "0" * 32).exists()
