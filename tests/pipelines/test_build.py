"""A build is whole, repeatable byte for byte, and loses nothing on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.config import load_config
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.format import STATS_KEY
from corpusforge.parts.planning import plan_parts
from corpusforge.parts.reader import read_stats
from corpusforge_pipelines.build import BuildError, build
from tests.pipelines.conftest import corpus_bytes, write_config, write_dumps


def read_index(corpus):
    snapshot = (Path(corpus) / "CURRENT").read_text().strip()
    return json.loads((Path(corpus) / "snapshots" / snapshot / "index.json").read_text())


def test_every_record_ends_in_exactly_one_place(tiny):
    config = load_config(str(tiny))
    result = build(config)
    for name, source in result.totals["sources"].items():
        ends = source["kept"] + sum(source["dropped"].values()) + source["quarantined"]
        assert source["records_in"] == ends, name
        sharded = sum(row["documents"] for row in result.totals["rows"] if row["source"] == name)
        assert sharded == source["kept"] - source["exact_duplicates"] - source["near_duplicates"]
    totals = result.totals["sources"]
    assert totals["ready"]["exact_duplicates"] >= 3
    assert totals["ready"]["near_duplicates"] >= 2
    assert (
        totals["crawl"]["dropped"].get("unreadable", 0) + totals["crawl"]["dropped"].get("truncated", 0) >= 1
    )
    assert totals["github"]["dropped"]["lock_file"] == 1
    index = read_index(config.output)
    assert sum(row["n_docs"] for row in index["shards"]) == sum(r["documents"] for r in result.totals["rows"])


def test_shards_hold_the_texts_and_lead_back_to_the_dump(tiny):
    config = load_config(str(tiny))
    build(config)
    corpus = Path(config.output)
    texts = {}
    for path in (corpus / "shards").rglob("*.docs.parquet"):
        docs = pq.read_table(path).to_pylist()
        text = pq.read_table(str(path).replace(".docs.", ".text.")).column("text").to_pylist()
        texts.update({row["doc_id"]: (row["locator"], body) for row, body in zip(docs, text, strict=True)})
    kept = {
        row["doc_id"]: (row["locator"], row["text"])
        for path in (corpus / "parts").glob("*.documents.parquet")
        for row in pq.read_table(path).to_pylist()
    }
    assert texts
    assert all(kept[doc_id] == value for doc_id, value in texts.items())
    assert any(locator.startswith("crawl/crawl.warc.gz#offset=") for locator, _ in texts.values())


def test_a_second_build_makes_nothing_anew(tiny):
    config = load_config(str(tiny))
    first = build(config)
    before = {path: path.stat().st_mtime_ns for path in Path(config.output).rglob("*") if path.is_file()}
    second = build(config)
    after = {path: path.stat().st_mtime_ns for path in Path(config.output).rglob("*") if path.is_file()}
    assert second.redone == 0
    assert second.snapshot_id == first.snapshot_id
    assert second.totals == first.totals
    written = {str(path.relative_to(config.output)) for path in after if after[path] != before.get(path)}
    assert {name for name in written if not name.startswith("plan/")} <= {".lock"}


def test_a_new_dump_costs_only_its_own_parts(tiny, tmp_path):
    build(load_config(str(tiny)))
    write_dumps(tmp_path / "more", scale=1)
    os.rename(tmp_path / "more" / "ready-2.jsonl", tmp_path / "dumps" / "ready-9.jsonl")
    result = build(load_config(str(tiny)))
    assert result.redone == 1


def test_a_changed_file_is_read_again_under_the_same_name(tiny, tmp_path):
    first = build(load_config(str(tiny)))
    path = tmp_path / "dumps" / "ready-0.jsonl"
    path.write_text(path.read_text().replace("harbour", "lighthouse"))
    second = build(load_config(str(tiny)))
    assert second.redone == 1
    assert second.snapshot_id != first.snapshot_id


def test_moving_the_dumps_and_the_corpus_changes_no_byte(tiny, tmp_path):
    build(load_config(str(tiny)))
    other = tmp_path / "elsewhere"
    write_dumps(other / "dumps")
    build(load_config(str(write_config(other, other / "built"))))
    assert corpus_bytes(tmp_path / "corpus") == corpus_bytes(other / "built")


def test_two_workers_give_the_same_bytes_as_one(tiny, tmp_path):
    build(load_config(str(tiny)))
    config = load_config(str(write_config(tmp_path, tmp_path / "two")))
    build(config, workers=2)
    assert corpus_bytes(tmp_path / "corpus") == corpus_bytes(tmp_path / "two")


def test_bundles_replayed_give_the_same_bytes(tiny, tmp_path):
    build(load_config(str(tiny)))
    config = load_config(str(write_config(tmp_path, tmp_path / "again")))
    build(config, beam_flags=["--direct_runner_bundle_repeat=2"])
    assert corpus_bytes(tmp_path / "corpus") == corpus_bytes(tmp_path / "again")


MOMENTS = {
    "while a part is written": "parts/.tmp-*",
    "after the first part": "parts/*.documents.parquet",
    "during dedup": "clusters/*",
    "while spills are written": "spills/*",
    "after the first shard": "shards/*/*/*.bin",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_run_again_it_gives_the_same_bytes(tiny, tmp_path, moment):
    command = [sys.executable, "-m", "corpusforge.cli", "build", str(tiny)]
    corpus = tmp_path / "corpus"
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline_s = time.monotonic() + 120
    while process.poll() is None and not any(corpus.glob(MOMENTS[moment])):
        assert time.monotonic() < deadline_s
        time.sleep(0.001)
    assert process.poll() is None, "the build ended before the moment came"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (corpus / "CURRENT").exists()
    build(load_config(str(tiny)))
    build(load_config(str(write_config(tmp_path, tmp_path / "uninterrupted"))))
    assert corpus_bytes(corpus) == corpus_bytes(tmp_path / "uninterrupted")
    assert not [path for path in corpus.rglob(".tmp-*")]


def rewrite_stats(config, part_id, change):
    """Write the documents of a part again, its counts changed."""
    path = Path(config.output) / "parts" / f"{part_id}.documents.parquet"
    stats = read_stats(config.output, part_id)
    change(stats)
    table = pq.read_table(path)
    with SealedParquetWriter(str(path), table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({STATS_KEY: json.dumps(stats)})


def test_too_many_failures_stop_the_build_before_it_commits(tiny, monkeypatch):
    config = load_config(str(tiny)).model_copy(update={"max_quarantine_fraction": 0.0})
    specs = plan_parts(config)
    build(config)
    rewrite_stats(config, specs[0].part_id, lambda stats: stats.update(quarantined=1, kept=stats["kept"] - 1))
    (Path(config.output) / "CURRENT").unlink()
    with pytest.raises(BuildError, match=r"quarantine\.jsonl"):
        build(config)
    assert not (Path(config.output) / "CURRENT").exists()


def test_a_part_that_does_not_add_up_stops_the_build(tiny):
    config = load_config(str(tiny))
    build(config)
    rewrite_stats(config, plan_parts(config)[0].part_id, lambda stats: stats.update(kept=stats["kept"] + 1))
    with pytest.raises(BuildError, match="accounted for"):
        build(config)


def test_dedup_that_would_wipe_out_a_source_stops_the_build(tmp_path):
    write_dumps(tmp_path / "dumps")
    row = (tmp_path / "dumps" / "ready-0.jsonl").read_text().splitlines()[0]
    (tmp_path / "dumps" / "ready-3.jsonl").write_text((row + "\n") * 1500)
    config = load_config(str(write_config(tmp_path, tmp_path / "corpus")))
    with pytest.raises(BuildError, match=r"max_removed_share.*Largest clusters"):
        build(config)
    assert not (tmp_path / "corpus" / "CURRENT").exists()


def test_two_builds_cannot_write_to_one_corpus(tiny):
    import fcntl

    config = load_config(str(tiny))
    Path(config.output).mkdir()
    with open(Path(config.output) / ".lock", "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="another build"):
            build(config)


def test_each_pipeline_runs_alone_and_the_next_takes_it_up(tiny, tmp_path):
    config = load_config(str(tiny))
    corpus = Path(config.output)
    assert build(config, until="prepare").snapshot_id is None
    assert list(corpus.glob("parts/*.documents.parquet"))
    assert not (corpus / "clusters").exists()
    assert build(config, until="dedup").redone == 0
    assert list(corpus.glob("clusters/*/summary.json"))
    assert not (corpus / "CURRENT").exists()
    build(config)
    build(load_config(str(write_config(tmp_path, tmp_path / "at-once"))))
    assert corpus_bytes(corpus) == corpus_bytes(tmp_path / "at-once")
