"""Whole builds with sources and corpus on s3://, or of a server: the bytes of a disk's; all verbs over them."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from corpusforge import files
from corpusforge.cli import main
from corpusforge.config import load_config
from corpusforge.mixture.planfile import plan_from_bytes
from corpusforge.reader import open_plan
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.core.test_web_and_hub import Files
from tests.faults import Faults, injecting
from tests.object_server import Server, serving
from tests.pipelines.conftest import corpus_bytes, write_config

BUCKET = "s3://our-bucket"
RECIPE = (
    'name="r"\nbudget_tokens=2048\nsequence_length=64\nmax_epochs=9\npacking="best_fit"\n[weights]\nweb=1.0\n'
)


def run(*arguments):
    """Run the command in this process; return (status, stdout, stderr)."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
            status = 0
        except SystemExit as end:
            status = end.code or 0
    return status, out.getvalue(), err.getvalue()


def upload(folder, prefix):
    for path in Path(folder).rglob("*"):
        if path.is_file():
            files.write_bytes(f"{prefix}/{path.relative_to(folder)}", path.read_bytes())


def download(prefix, folder):
    for name in files.list_files(prefix):
        target = Path(folder, name.removeprefix(f"{prefix}/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read_bytes(name))
    return Path(folder)


def remote_config(tmp_path, output, sources=f"{BUCKET}/dumps/", *, is_small=False):
    """Write a configuration of `write_dumps`' files, of the ready texts alone where a small one will do."""
    text = write_config(tmp_path, Path("OUT")).read_text()
    if is_small:
        text = "[[sources]]".join(text.split("[[sources]]")[:2])
    path = tmp_path / "remote.toml"
    path.write_text(text.replace('"OUT"', f'"{output}"').replace('"dumps/', f'"{sources}'))
    return path


def shards_of(found):
    return {name: digest for name, digest in found.items() if name.startswith("shards/")}


def test_a_corpus_on_s3_is_that_on_disk_and_all_verbs_work_over_it(s3, tiny, tmp_path):
    upload(tmp_path / "dumps", f"{BUCKET}/dumps")
    corpus, recipe = f"{BUCKET}/corpus", f"{BUCKET}/recipe.toml"
    files.write_bytes(recipe, RECIPE.encode())
    toml = f"{BUCKET}/config/tiny.toml"
    text = write_config(tmp_path, Path("../corpus")).read_text()
    files.write_bytes(
        toml, text.replace('"../corpus"', f'"{corpus}"').replace('"dumps/', f'"{BUCKET}/dumps/').encode()
    )
    status, out, err = run("build", toml, "--workers", "2")
    assert status == 0, err
    snapshot = read_index(corpus).snapshot
    assert snapshot in out + err
    build(load_config(str(write_config(tmp_path, tmp_path / "corpus"))))
    copy = download(corpus, tmp_path / "copy")
    # Digests of inputs are the bucket's own, so that parts have other ids; documents are the same.
    assert shards_of(corpus_bytes(copy)) == shards_of(corpus_bytes(tmp_path / "corpus"))
    again = build(load_config(toml))
    assert (again.redone, again.snapshot_id) == (0, snapshot)
    assert run("verify", corpus)[0] == 0
    status, out, _ = run("inspect", corpus)
    assert status == 0 and snapshot in out
    status, out, _ = run("report", corpus)
    assert status == 0 and out.strip() == f"{corpus}/snapshots/{snapshot}/report.html"
    assert files.exists(out.strip())

    plan = f"{BUCKET}/plans/mine.json"
    status, out, err = run("mix", corpus, "--recipe", recipe, "--output", plan)
    assert status == 0, err
    assert run("mix", corpus, "--recipe", recipe)[0] == 0
    (in_corpus,) = [path for path in files.list_files(f"{corpus}/plans") if path.endswith(".json")]
    assert files.read_bytes(in_corpus) == files.read_bytes(plan)
    status, out, err = run("trace", f"{plan}:full:0:3", "--corpus", corpus, "--json")
    assert status == 0, err
    doc_id = json.loads(out)["doc_id"]
    status, out, _ = run("trace", doc_id, "--corpus", corpus, "--json")
    assert status == 0 and json.loads(out)["end"] == "in a shard"
    assert run("diff", corpus, plan, in_corpus)[0] == 0

    copy = download(corpus, tmp_path / "with-plans")
    s3.forget()
    reader = open_plan(corpus, plan, cache_dir=str(tmp_path / "cache"))
    local = open_plan(str(copy), str(copy / in_corpus.removeprefix(f"{corpus}/")))
    for number in range(len(local)):
        assert reader.sample(number).tokens.tolist() == local.sample(number).tokens.tolist()
    # By exact ranges: each file of a shard once, and no byte of it twice.
    ranges = [(path, each) for kind, path, each in s3.log if kind == "read" and "/shards/" in path]
    assert ranges and all(each.startswith("bytes=") for _, each in ranges)
    assert len(ranges) == len(set(ranges))
    sizes = {f"/our-bucket/corpus/{p.relative_to(copy)}": p.stat().st_size for p in copy.rglob("*.*")}
    asked = sum(int(each[6:].split("-")[1]) + 1 - int(each[6:].split("-")[0]) for _, each in ranges)
    assert asked <= sum(sizes[path] for path in {path for path, _ in ranges})

    for number, (source, target) in enumerate(
        [(corpus, f"{BUCKET}/export"), (corpus, tmp_path / "export"), (copy, f"{BUCKET}/export-2")]
    ):
        for form in ("megatron", "parquet", "mds", "datatrove", "olmo"):
            done = run("export", source, "--format", form, "--output", f"{target}/{form}")
            assert done[0] == 0, done
        plan_of = plan if number < 2 else copy / in_corpus.removeprefix(f"{corpus}/")
        done = run("export", source, "--format", "mds", "--plan", plan_of, "--output", f"{target}/plan")
        assert done[0] == 0, done
    here = {p.relative_to(tmp_path / "export"): p.read_bytes() for p in (tmp_path / "export").rglob("*.*")}
    for prefix in ("export", "export-2"):
        folder = download(f"{BUCKET}/{prefix}", tmp_path / f"got-{prefix}")
        assert here == {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.*")}
    assert plan_from_bytes(files.read_bytes(plan), plan).snapshot == snapshot
    status, _, err = run("export", corpus, "--format", "mds", "--output", f"{BUCKET}/export/mds")
    assert status == 2 and "not empty" in err


def test_dedup_label_and_extract_read_and_write_s3(s3, tiny, tmp_path):
    upload(tmp_path / "dumps", f"{BUCKET}/dumps")
    dumps = [tmp_path / "dumps" / f"ready-{number}.jsonl" for number in range(3)]
    assert run("dedup", *dumps, "--output", tmp_path / "deduped")[0] == 0
    for given in ([f"{BUCKET}/dumps/ready-*.jsonl"], [f"{BUCKET}/dumps/{path.name}" for path in dumps]):
        status, _, err = run("dedup", *given, "--output", f"{BUCKET}/deduped")
        assert status == 0, err
        there = download(f"{BUCKET}/deduped", tmp_path / "there")
        ours = {p.relative_to(tmp_path / "deduped"): p for p in (tmp_path / "deduped").rglob("*.*")}
        assert {p.relative_to(there) for p in there.rglob("*.*")} == ours.keys()
        assert all((there / name).read_bytes() == path.read_bytes() for name, path in ours.items())
    for verb in ("label", "extract"):
        status, out, err = run(verb, dumps[0])
        assert status == 0, err
        done = run(verb, f"{BUCKET}/dumps/{dumps[0].name}", "--output", f"{BUCKET}/{verb}.jsonl")
        assert done[0] == 0, done
        assert files.read_bytes(f"{BUCKET}/{verb}.jsonl").decode() == out
    status, out, _ = run("trace", f"{BUCKET}/dumps/{dumps[0].name}", "--limit", "1")
    assert status == 0 and "ready-0.jsonl" in out


def test_a_build_that_was_killed_goes_on_where_it_stopped(s3, tiny, tmp_path):
    """And is, byte for byte, what one on disk is: the same inputs give one id, wherever the corpus lies."""
    whole = build(load_config(str(remote_config(tmp_path, tmp_path / "whole", "dumps/", is_small=True))))
    toml = remote_config(tmp_path, f"{BUCKET}/corpus", "dumps/", is_small=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "corpusforge.cli", "build", str(toml)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len(files.list_files(f"{BUCKET}/corpus/parts/*.documents.parquet")) < 2:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not files.exists(f"{BUCKET}/corpus/CURRENT")
    result = build(load_config(str(toml)))
    assert result.snapshot_id == whole.snapshot_id
    assert result.redone < whole.redone
    copy = download(f"{BUCKET}/corpus", tmp_path / "copy")
    assert corpus_bytes(copy) == corpus_bytes(tmp_path / "whole")


def test_of_two_builds_that_commit_at_once_the_second_is_told(s3, tiny, tmp_path):
    """Another writer's CURRENT appears between this build's look at it and its own write."""
    toml = remote_config(tmp_path, f"{BUCKET}/corpus", "dumps/", is_small=True)
    other, met = b"0" * 32 + b"\n", []

    def first(kind, path):
        if kind == "write" and path.endswith("/CURRENT") and not met:
            met.append(path)
            files.write_bytes(f"{BUCKET}/corpus/CURRENT", other)

    s3.before = first
    status, _, err = run("build", toml)
    assert met and status == 1
    line = f"corpusforge: {BUCKET}/corpus: another build committed a snapshot meanwhile: run again"
    assert err.strip().splitlines()[-1] == line
    assert files.read_bytes(f"{BUCKET}/corpus/CURRENT") == other


def test_slow_down_that_passes_is_waited_for_and_one_that_lasts_ends_the_build(s3, tiny, tmp_path):
    upload(tmp_path / "dumps", f"{BUCKET}/dumps")
    config = load_config(str(remote_config(tmp_path, f"{BUCKET}/corpus", is_small=True)))
    with injecting(Faults(at=[], max_tries=3)):  # no fault of its own: few tries, short waits
        for part in ("/dumps/ready-1", "/corpus/parts"):
            s3.only, s3.refusals = part, 10_000
            with pytest.raises(Exception, match=rf"s3://our-bucket{part}.*503 .*\(3 tries\)"):
                build(config)
            assert not files.exists(f"{BUCKET}/corpus/CURRENT")
        s3.refusals = 2
        assert build(config).snapshot_id
        assert s3.refusals == 0


def test_a_missing_bucket_or_object_is_one_line(s3, tiny, tmp_path):
    for output, sources, line in (
        ("s3://no-bucket/corpus", f"{BUCKET}/dumps/", "s3://no-bucket/corpus/"),
        (f"{BUCKET}/corpus", "s3://no-bucket/dumps/", "s3://no-bucket/dumps/"),
    ):
        upload(tmp_path / "dumps", f"{BUCKET}/dumps")
        status, _, err = run("build", remote_config(tmp_path, output, sources, is_small=True))
        assert status != 0
        last = err.strip().splitlines()[-1]
        assert line in last and "no such bucket" in last, err
    status, _, err = run(
        "build", remote_config(tmp_path, f"{BUCKET}/corpus", f"{BUCKET}/none/", is_small=True)
    )
    assert status == 2 and f"nothing at {BUCKET}/none/ready-*.jsonl" in err
    status, _, err = run("inspect", f"{BUCKET}/nothing")
    assert status == 2 and err.strip() == f"corpusforge: {BUCKET}/nothing: nothing there"


def test_a_build_reads_files_of_a_server(tiny, tmp_path):
    """One has ranges, the other sends whole files; both cut an answer now and then."""
    contents = {f"/d/{path.name}": path.read_bytes() for path in (tmp_path / "dumps").glob("ready-*")}
    service = Server(Files(contents)), Server(Files(contents, has_ranges=False, has_head=False))
    service[0].cuts = service[1].cuts = 1
    with serving(service[0]) as one, serving(service[1]) as other:
        urls = [f"{one}/d/ready-0.jsonl?key=1", f"{other}/d/ready-1.jsonl", f"{other}/d/ready-2.jsonl"]
        path = remote_config(tmp_path, tmp_path / "there", is_small=True)
        text = path.read_text().replace(f'"{BUCKET}/dumps/ready-*.jsonl"', ", ".join(map(json.dumps, urls)))
        path.write_text(text)
        there = build(load_config(str(path)))
    assert service[0].cuts == service[1].cuts == 0
    here = build(load_config(str(remote_config(tmp_path, tmp_path / "here", "dumps/", is_small=True))))
    assert shards_of(corpus_bytes(tmp_path / "there")) == shards_of(corpus_bytes(tmp_path / "here"))
    assert there.totals["sources"] == here.totals["sources"]
