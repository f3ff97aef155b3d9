"""The whole build on Dataflow, against an emulated bucket and service: to its end, resumed, and failing."""

import json
import os
import time
from types import SimpleNamespace

import pytest

from corpusforge import files
from corpusforge.commands.errors import explain
from corpusforge.config import load_config
from corpusforge.parts.totals import BuildError
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from corpusforge_pipelines.observer import SilentObserver
from tests.pipelines.conftest import article
from tests.pipelines.dataflow_service import dataflow_service

IMAGE = "europe-docker.pkg.dev/our-project/images/corpusforge:0.1.0"


@pytest.fixture
def dataflow(bucket, monkeypatch):
    """Yield (Beam flags, the service), its driver impatient: Beam itself asks every five seconds."""
    pytest.importorskip("apitools", reason="the extra `gcp` is not installed")
    from apache_beam.runners.dataflow import dataflow_runner

    impatient = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds, 0.05)))
    monkeypatch.setattr(dataflow_runner, "time", impatient)
    with dataflow_service({**os.environ}) as (endpoint, service):
        flags = [
            "--project=our-project",
            "--region=europe-west1",
            f"--temp_location={bucket}/temp",
            f"--staging_location={bucket}/staging",
            f"--sdk_container_image={IMAGE}",
            "--sdk_location=container",
            "--no_auth",
            f"--dataflow_endpoint={endpoint}",
        ]
        yield flags, service


@pytest.fixture
def remote(bucket, tiny, tmp_path):
    """A configuration whose dumps and corpus are in the bucket."""
    for path in (tmp_path / "dumps").iterdir():
        files.write_bytes(f"{bucket}/dumps/{path.name}", path.read_bytes())
    text = tiny.read_text().replace(str(tmp_path / "corpus"), f"{bucket}/corpus")
    text = text.replace('"dumps/', f'"{bucket}/dumps/')
    (tmp_path / "remote.toml").write_text(text)
    return load_config(str(tmp_path / "remote.toml"))


class Watcher(SilentObserver):
    """Remembers the notes, and how far `prepare` was when it ended."""

    def __init__(self):
        self.notes = []
        self.polls = {}
        self.done = {}

    def start(self, stage, total, poll):
        self.polls[stage] = poll

    def finish(self, stage, detail):
        self.done[stage] = self.polls[stage]()[0]

    def note(self, line):
        self.notes.append(line)


def shard_ids(corpus):
    return sorted(row.id for row in read_index(corpus).rows)


def user_metrics(job):
    """Return {name: value} of a job's committed metrics, as the service's page shows them."""
    return {
        metric["name"]["name"]: metric.get("scalar", metric.get("distribution"))
        for metric in job.metrics
        if "tentative" not in metric["name"]["context"]
    }


def test_a_build_on_dataflow_is_the_local_build_and_goes_on_where_it_stopped(
    dataflow, remote, tiny, bucket, tmp_path
):
    flags, service = dataflow
    watcher = Watcher()
    result = build(remote, runner="DataflowRunner", beam_flags=flags, observer=watcher)
    build(load_config(str(tiny)))
    assert shard_ids(f"{bucket}/corpus") == shard_ids(str(tmp_path / "corpus"))
    assert [job.state for job in service.jobs] == ["JOB_STATE_DONE"] * len(service.jobs)
    check_jobs(service.jobs, watcher, result)
    check_counters(next(job for job in service.jobs if job.wanted["name"].endswith("-prepare")))
    # A new dump beside the old: its part is made, and no other.
    row = json.dumps({"id": "late", "text": article("late")})
    files.write_bytes(f"{bucket}/dumps/ready-9.jsonl", f"{row}\n".encode())
    before = len(service.jobs)
    again = build(remote, runner="DataflowRunner", beam_flags=flags)
    assert (result.redone, again.redone) == (6, 1)
    made = user_metrics(next(job for job in service.jobs[before:] if job.wanted["name"].endswith("-prepare")))
    assert (made["parts"], made["parts_made"]) == (7, 1)


def check_jobs(jobs, watcher, result):
    """Each job has a name that tells corpus and stage, the image that was asked for, and a page."""
    for job in jobs:
        (pool,) = job.wanted["environment"]["workerPools"]
        assert [image["containerImage"] for image in pool["sdkHarnessContainerImages"]] == [IMAGE]
    stages = [job.wanted["name"].removeprefix("corpusforge-tiny-") for job in jobs]
    assert stages[:2] == ["plan", "prepare"]
    assert set(stages) >= {"dedup", "tokenise", "shard"}
    assert [note.partition(":")[0] for note in watcher.notes] == stages
    assert all(job.id in note for job, note in zip(jobs, watcher.notes, strict=True))
    assert watcher.done["prepare"] == result.redone == 6


def check_counters(job):
    """Records in are kept, dropped for a reason or quarantined, by source, as counters say by their names."""
    metrics = user_metrics(job)
    assert metrics["parts"] == metrics["parts_made"] == metrics["done"] == 6
    assert metrics["crawl/records_in"] == 21
    assert metrics["crawl/kept/web"] == 20
    assert metrics["crawl/dropped/truncated"] == 1
    assert metrics["github/dropped/lock_file"] == 1
    assert metrics["github/kept/code"] == 10
    assert metrics["ready/quarantined"] == 0
    for name, n_parts in (("crawl", 2), ("github", 1), ("ready", 3)):
        bytes_each = metrics[f"{name}/text_bytes_per_document"]
        assert bytes_each["count"] == n_parts
        assert 0 < bytes_each["min"] <= bytes_each["max"] < 100_000
        assert metrics[f"{name}/cpu_microseconds_per_record"]["count"] == n_parts


def test_a_failed_job_is_one_line_with_the_file_and_the_fault(dataflow, remote, bucket, capfd):
    flags, service = dataflow
    lost = f"{bucket}/dumps/ready-1.jsonl"
    # Gone between the plan and the work: a fault, and never an empty dump.
    service.before_job = lambda job: job.wanted["name"].endswith("-prepare") and files.remove(lost)
    with pytest.raises(BuildError) as failed:
        build(remote, runner="DataflowRunner", beam_flags=flags)
    service.before_job = lambda job: None
    told = str(explain(failed.value))
    assert "\n" not in told
    assert told.startswith("prepare failed: Make parts: ")
    assert lost in told
    assert "404" in told or "Missing" in told
    assert "Traceback" not in capfd.readouterr().err
    assert service.jobs[-1].state == "JOB_STATE_FAILED"
    made = len(files.list_files(f"{bucket}/corpus/parts/*.documents.parquet"))
    files.write_bytes(lost, json.dumps({"id": "1", "text": article("1")}).encode())
    again = build(remote, runner="DataflowRunner", beam_flags=flags, until="prepare")
    assert again.redone == 6 - made > 0


def test_a_template_is_staged_with_its_image_and_nothing_is_run(dataflow, remote, bucket):
    flags, service = dataflow
    template = f"{bucket}/templates/corpusforge.json"
    result = build(remote, runner="DataflowRunner", beam_flags=[*flags, f"--template_location={template}"])
    assert result.snapshot_id is None
    assert service.jobs == []
    staged = json.loads(files.read_bytes(template))
    (pool,) = staged["environment"]["workerPools"]
    assert pool["sdkHarnessContainerImages"][0]["containerImage"] == IMAGE
    assert files.size_bytes(staged["environment"]["sdkPipelineOptions"]["options"]["pipelineUrl"]) > 0
    assert not files.exists(f"{bucket}/corpus/CURRENT")
