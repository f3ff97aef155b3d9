"""`corpusforge gc`: what stays is whole at any moment, what goes is gone from the disk."""

import fcntl
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from corpusforge.config import load_config
from corpusforge.export import export_snapshot
from corpusforge.files import faults
from corpusforge.garbage.owners import NOBODY, SHARED, Owners
from corpusforge.parts.plan import read_plan
from corpusforge.parts.reader import has_part
from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from corpusforge.reader.errors import ReaderError
from corpusforge.retract.lookup import begin, finish
from corpusforge.sealed import write_json
from corpusforge.shards.format import KINDS, shard_path
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.garbage.conftest import plan_over, run
from tests.pipelines.conftest import write_config


def files_of(corpus):
    return {
        str(path.relative_to(corpus)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(corpus).rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def shard_ids(corpus, snapshot):
    return {row.id for row in read_index(str(corpus), snapshot).rows}


def needed(corpus, snapshot):
    """The names of the files beside a snapshot's own that it stands on, but for dedup's: by what its index says."""
    index = read_index(str(corpus), snapshot)
    found = {path for row in row_files(index) for path in row}
    for row in index.header["inputs"]:
        part = row["part_id"]
        found |= {f"parts/{part}.documents.parquet", f"parts/{part}.signatures.bin"}
        found |= {
            str(path.relative_to(corpus))
            for folder in ("rejects", "quarantine")
            for path in (corpus / folder).glob(f"{part}.*")
        }
    return found


def row_files(index):
    for row in index.rows:
        yield {shard_path(row.domain, row.subset, row.id, kind) for kind in KINDS}


def test_what_the_current_snapshot_does_not_need_goes_and_the_rest_is_as_it_was(twice):
    before = files_of(twice.corpus)
    status, out, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    after = files_of(twice.corpus)
    assert {name: after[name] for name in after if name != "gc.json"}.items() <= before.items()
    assert not any(twice.old in name for name in after)
    held = {path.name.split(".")[0] for path in twice.corpus.glob("shards/*/*/*")}
    assert held == shard_ids(twice.corpus, twice.new)
    places = ("shards/", "parts/", "rejects/", "quarantine/")
    assert {name for name in after if name.startswith(places)} == needed(twice.corpus, twice.new)
    for folder in ("clusters", "plan", "builds"):
        assert len(list((twice.corpus / folder).iterdir())) == 1
    assert {name.split("/")[1] for name in after if name.startswith("snapshots/")} == {twice.new}
    assert "snapshots" in out and "shards" in out
    verdict = verify_corpus(str(twice.corpus))
    assert not verdict.problems and not verdict.not_known
    (plan,) = [path for path in twice.corpus.glob("plans/*.json")]
    assert open_plan(str(twice.corpus), str(plan)).sample(3).tokens.size


def test_the_same_command_again_frees_nothing(twice):
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    before = files_of(twice.corpus)
    status, out, err = run("gc", twice.corpus)
    assert (status, err) == (0, "") and "0 snapshots went, 1 snapshot kept" in out
    assert files_of(twice.corpus) == before


def test_what_is_to_be_kept_is_kept_byte_for_byte(twice):
    before = files_of(twice.corpus)
    status, _, err = run("gc", twice.corpus, "--keep", twice.old)
    assert status == 0, err
    assert files_of(twice.corpus) == before


def test_a_dry_run_tells_what_a_run_frees_and_removes_nothing(twice):
    before = files_of(twice.corpus)
    status, told, _ = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans", "--dry-run", "--json")
    assert status == 0 and files_of(twice.corpus) == before
    status, done, _ = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans", "--json")
    told, done = json.loads(told), json.loads(done)
    assert told["freed"] == done["freed"] and told["removed"] == done["removed"] == [twice.old]
    gone = before.keys() - files_of(twice.corpus).keys()
    assert sum(one["files"] for one in done["freed"].values()) == len(gone)
    assert sum(one["bytes"] for one in done["freed"].values()) > 0


def test_without_keep_it_lists_the_snapshots_and_asks(twice):
    before = files_of(twice.corpus)
    status, out, err = run("gc", twice.corpus)
    assert status == 2 and "--keep ID" in err and len(err.splitlines()) == 1
    assert twice.old in out and twice.new in out and "alone would free" in out
    status, out, _ = run("gc", twice.corpus, "--json")
    told = {one["snapshot"]: one for one in json.loads(out)["snapshots"]}
    assert files_of(twice.corpus) == before
    freed = json.loads(run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans", "--json")[1])["freed"]
    of_snapshot = {
        kind: one for kind, one in freed.items() if kind not in ("plans", "plans/samples", "builds")
    }
    assert told[twice.old]["bytes_alone"] == sum(one["bytes"] for one in of_snapshot.values())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--keep", "0" * 32], f"has no snapshot {'0' * 32}: there are "),
        (["--keep", "abc"], "--keep: 'abc' is no id of a snapshot: expected 32 hex digits"),
        (["--keep", "CURRENT"], "plans over snapshots that would go: --keep-plans keeps these"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_nothing_goes(twice, words, line):
    before = files_of(twice.corpus)
    status, _, err = run("gc", twice.corpus, *words)
    assert status == 2 and line in err and len(err.splitlines()) == 1
    assert files_of(twice.corpus) == before


def test_plans_keep_their_snapshots_where_that_is_asked_for(twice):
    before = files_of(twice.corpus)
    status, out, err = run("gc", twice.corpus, "--keep-plans")
    assert status == 0 and "0 snapshots went" in out, err
    assert files_of(twice.corpus) == before
    for path in twice.corpus.glob("plans/old-*.json"):
        path.unlink()
    assert run("gc", twice.corpus, "--keep-plans")[0] == 0
    assert [path.name for path in twice.corpus.glob("snapshots/*")] == [twice.new]


def test_nothing_goes_while_a_writer_holds_the_lock(twice):
    before = files_of(twice.corpus)
    with open(twice.corpus / ".lock", "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        status, _, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 1 and "another build is writing" in err
    assert files_of(twice.corpus) == before


class Killed(BaseException):
    """Ends the process's work where a signal would."""


def killed_at(corpus, number):
    """Remove with a kill at the n-th call that deletes; return whether it was met."""
    count = 0

    def probe(operation, path):
        nonlocal count
        count += operation == "delete"
        if count == number and operation == "delete":
            raise Killed

    faults.set_probe(probe)
    try:
        status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
        assert status == 0, err
    except Killed:
        return True
    finally:
        faults.set_probe(None)
    return False


def test_killed_at_any_moment_what_stays_is_whole_and_the_same_command_ends_it(twice, tmp_path):
    whole = shutil.copytree(twice.corpus, tmp_path / "whole")
    assert run("gc", whole, "--keep", "CURRENT", "--drop-plans")[0] == 0
    expected = files_of(whole)
    n_deleted = len(files_of(twice.corpus)) + 1 - len(expected)
    for number in sorted({1, 4, *range(6, n_deleted, n_deleted // 3), n_deleted}):
        corpus = shutil.copytree(twice.corpus, tmp_path / f"killed-{number}")
        assert killed_at(corpus, number)
        there = {path.parent.name for path in corpus.glob("snapshots/*/index.json")}
        assert twice.new in there
        if twice.old in there:  # offered: then it is whole
            assert all(shard_files(corpus, twice.old))
        assert not verify_corpus(str(corpus)).problems
        assert run("gc", corpus, "--drop-plans", "--keep", "CURRENT")[0] == 0
        assert files_of(corpus) == expected
        shutil.rmtree(corpus)


def shard_files(corpus, snapshot):
    for row in read_index(str(corpus), snapshot).rows:
        for ending in (".bin", ".ends.u64", ".docs.parquet", ".text.parquet"):
            yield (corpus / "shards" / row.domain / row.subset / f"{row.id}{ending}").exists()


def test_a_build_that_did_not_end_goes_on_from_what_it_had(twice, tmp_path):
    more = tmp_path / "more"
    shutil.copytree(twice.folder / "dumps", more / "dumps")
    (more / "dumps" / "ready-9.jsonl").write_text(
        "".join(
            json.dumps({"id": str(i), "text": f"A text of its own, number {i}. " * 40}) + "\n"
            for i in range(5)
        )
    )
    config = load_config(str(write_config(more, twice.corpus)))
    build(config, until="prepare")
    parts = len(list(twice.corpus.glob("parts/*.documents.parquet")))
    status, _, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0 and "kept, for a build that did not end: plan/" in err
    assert len(list(twice.corpus.glob("parts/*.documents.parquet"))) == parts - 1
    (kept,) = (name for name in err.split() if name.startswith("plan/"))
    plan = read_plan(str(twice.corpus / kept.rstrip("/,")))
    assert plan.n_parts and all(has_part(str(twice.corpus), spec.part_id) for spec in plan.parts())
    assert not verify_corpus(str(twice.corpus)).problems


def test_what_a_build_that_was_killed_before_its_commit_has_made(twice, tmp_path, monkeypatch):
    """Its shards stay, named by the rows of its spills; all of it goes where that is asked for."""
    config = load_config(str(write_config(twice.folder, twice.corpus, shards={"shard_tokens": 2500})))
    monkeypatch.setattr("corpusforge_pipelines.build.commit_rows", _killed)
    with pytest.raises(Killed):
        build(config)
    monkeypatch.undo()
    assert list(twice.corpus.glob("spills/*/*/rows/*"))
    dropped = shutil.copytree(twice.corpus, tmp_path / "dropped")
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    result = build(config)
    assert not verify_corpus(str(twice.corpus), snapshot=result.snapshot_id).problems
    status, _, err = run("gc", dropped, "--keep", "CURRENT", "--drop-plans", "--drop-unfinished")
    assert (status, err) == (0, "")
    assert not list(dropped.glob("spills/*"))
    held = {path.name.split(".")[0] for path in dropped.glob("shards/*/*/*")}
    assert held == shard_ids(dropped, twice.new)


def _killed(*_):
    raise Killed


def test_leftovers_of_killed_writers_go(twice):
    (twice.corpus / "parts" / ".tmp-abc").write_bytes(b"half a part")
    (twice.corpus / ".tmp-def").mkdir()
    (twice.corpus / ".tmp-def" / "x").write_bytes(b"more")
    new = twice.corpus / "plan" / "new-0123456789abcdef"
    new.mkdir()
    (new / "slice.json").write_bytes(b"{}")
    work = next(twice.corpus.glob("clusters/*")) / "work-dedup"
    work.mkdir()
    (work / "0.bin").write_bytes(b"x")
    status, out, err = run("gc", twice.corpus, "--keep", twice.old, "--json")
    assert status == 0, err
    freed = json.loads(out)["freed"]
    assert freed["temporaries"] == {"files": 2, "bytes": 15}
    assert not new.exists() and not work.exists() and not (twice.corpus / ".tmp-def").exists()


def test_what_no_build_makes_stays(twice):
    (twice.corpus / "NOTES.md").write_text("mine")
    (twice.corpus / "shards" / "mine.txt").write_text("mine")
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert (twice.corpus / "NOTES.md").exists() and (twice.corpus / "shards" / "mine.txt").exists()


def test_readers_of_a_removed_snapshot_get_one_clear_line(twice, tmp_path):
    plan = shutil.copy(next(twice.corpus.glob("plans/old-*.json")), tmp_path)
    opened = open_plan(str(twice.corpus), plan)
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    why = f"snapshot {twice.old} was removed from this corpus by `corpusforge gc`"
    with pytest.raises(ReaderError, match=why):
        open_plan(str(twice.corpus), plan)
    with pytest.raises(ReaderError, match=why):
        for number in range(len(opened)):
            opened.sample(number)
    for words in (["inspect", twice.corpus], ["report", twice.corpus], ["verify", twice.corpus]):
        status, _, err = run(*words, "--snapshot", twice.old)
        assert status and why in err and len(err.splitlines()) == 1, (words, err)
    status, _, err = run("diff", twice.corpus, twice.old, twice.new)
    assert status and why in err and len(err.splitlines()) == 1
    status, _, err = run("gc", twice.corpus, "--keep", twice.old)
    assert status == 2 and "it was removed by `corpusforge gc`" in err


def test_a_build_makes_a_removed_snapshot_again(twice, tmp_path):
    """Removing the record of a build is what lets the same configuration be built again."""
    dumps = shutil.copytree(twice.folder / "dumps", tmp_path / "dumps")
    (dumps / "ready-2.jsonl").unlink()
    shutil.copy(twice.folder / "ready-1.jsonl", dumps)
    ids = shard_ids(twice.corpus, twice.old)
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    result = build(load_config(str(write_config(tmp_path, twice.corpus))))
    assert shard_ids(twice.corpus, result.snapshot_id) == ids
    assert not verify_corpus(str(twice.corpus)).problems


def test_the_index_of_a_snapshot_whose_parent_was_removed_is_written_again(twice):
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    (twice.corpus / "snapshots" / twice.new / "index.json").unlink()
    result = build(load_config(str(write_config(twice.folder, twice.corpus))))
    assert result.snapshot_id == twice.new
    assert read_index(str(twice.corpus)).snapshot == twice.new


def test_payloads_that_an_export_links_are_told(twice, tmp_path):
    export_snapshot(str(twice.corpus), "datatrove", str(tmp_path / "export"), twice.old)
    status, out, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans", "--json")
    gone = shard_ids(twice.corpus, twice.new)
    linked = [path for path in (tmp_path / "export").iterdir() if path.suffix in (".ds", ".index")]
    assert status == 0 and "have another name" in err
    assert 0 < json.loads(out)["linked"]["files"] <= len(linked) and gone


def test_a_corpus_in_which_nothing_can_be_told_loses_nothing(twice):
    (plan,) = twice.corpus.glob("plans/new-*.json")
    plan.write_bytes(plan.read_bytes().replace(b'"seed"', b'"sead"'))
    before = files_of(twice.corpus)
    status, _, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 2 and plan.name in err and "cannot be told" in err
    assert files_of(twice.corpus) == before
    status, _, err = run("gc", twice.folder / "dumps", "--keep", "CURRENT")
    assert status == 2 and "no corpus here" in err


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_where_the_current_index_cannot_be_read_nothing_goes(twice, damage):
    path = twice.corpus / "snapshots" / twice.new / "index.json"
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b'"n_docs":', b'"n_docs": '))
    before = files_of(twice.corpus)
    for words in (["--keep", "CURRENT", "--drop-plans"], ["--keep", twice.old], ["--keep-plans"], []):
        status, _, err = run("gc", twice.corpus, *words, "--drop-unfinished")
        assert status == 2 and twice.new in err and len(err.splitlines()) == 1, (words, err)
    assert files_of(twice.corpus) == before


def test_lookups_stay_while_they_cover_what_stays(twice):
    old, new = (read_index(str(twice.corpus), name) for name in (twice.old, twice.new))
    shared = {row.id for row in new.rows}
    gone = next(row for row in old.rows if row.id not in shared)
    parts = {row["part_id"] for row in new.header["inputs"]}
    dropped = next(row["part_id"] for row in old.header["inputs"] if row["part_id"] not in parts)
    cases = {
        "gone": [
            ("shard", f"{gone.domain}/{gone.subset}/{gone.id}"),
            ("part", dropped),
            ("clusters", "0/1@2"),
        ],
        "part": [("part", dropped), ("part", min(parts))],
        "shard": [("shard", f"web/all/{min(shared)}")],
        "older": [("shard", f"web/all/{'e' * 32}")],
    }
    for name, files in cases.items():
        making = begin(str(twice.corpus), files, 9)
        finish(making)
        Path(making.folder).rename(twice.corpus / "lookups" / name)
    ledger = {"shards": [{"after": "f" * 32, "before": "e" * 32}, {"after": min(shared), "before": "f" * 32}]}
    write_json(str(twice.corpus / "retractions" / "0123.json"), ledger)
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert {path.name for path in (twice.corpus / "lookups").iterdir()} == {"part", "shard", "older"}


def test_owners_tell_whose_a_name_is():
    owners = Owners(4)
    owners.add(["bbbb", "aaaa", "aaaa"], 0)
    owners.add(["bbbb", "cccc"], 1)
    owners.add([], 2)
    assert owners.of(["aaaa", "bbbb", "cccc", "dddd", "0000"]) == [0, SHARED, 1, NOBODY, NOBODY]
    assert owners.of([]) == [] and len(owners) == 3 and Owners(4).of(["aaaa"]) == [NOBODY]


def test_plans_over_a_snapshot_that_is_not_there_are_left_unless_they_are_to_go(twice, tmp_path):
    plan = next(twice.corpus.glob("plans/old-*.json"))
    copy = shutil.copy(plan, tmp_path)
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    shutil.copy(copy, plan)
    assert run("gc", twice.corpus)[0] == 0 and plan.exists()
    assert run("gc", twice.corpus, "--drop-plans")[0] == 0 and not plan.exists()


def test_tables_of_a_plan_that_is_kept_elsewhere_stay(twice, tmp_path):
    path = plan_over(twice.corpus, tmp_path, "elsewhere")
    elsewhere = shutil.move(path, tmp_path / "elsewhere.json")
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert open_plan(str(twice.corpus), str(elsewhere)).sample(0).tokens.size
