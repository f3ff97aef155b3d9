"""What becomes a part: files, folders, archives and repositories, each once, each named by content."""

import os
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.config import ConfigError, load_config
from corpusforge.document import SourceKind
from corpusforge.parts import plan
from corpusforge.parts.planning import plan_parts
from corpusforge.report import write_report
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import program, run_command

ENVIRONMENT = {
    **os.environ,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def config_of(folder, *sources):
    lines = ['name = "plan"', 'output = "corpus"']
    for number, (kind, path) in enumerate(sources):
        lines += ["[[sources]]", f'name = "s{number}"', f'paths = ["{path}"]']
        lines += [f'kind = "{kind}"'] if kind else []
    path = folder / "plan.toml"
    path.write_text("\n".join(lines) + "\n")
    return load_config(str(path))


def write_programs(folder, count=3):
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"tool_{number}.py").write_text(program(f"{folder.name}{number}"))


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, env=ENVIRONMENT)


@pytest.fixture
def repository(tmp_path):
    write_programs(tmp_path / "work")
    git(tmp_path / "work", "init", "-q", "-b", "main")
    git(tmp_path / "work", "add", ".")
    git(tmp_path / "work", "commit", "-qm", "first")
    subprocess.run(
        ["git", "clone", "-q", "--bare", tmp_path / "work", tmp_path / "bare.git"],
        check=True,
        capture_output=True,
    )
    return tmp_path


def test_a_work_tree_a_bare_repository_and_a_plain_folder_are_one_input_each(repository):
    write_programs(repository / "plain")
    config = config_of(repository, (None, "work"), (None, "bare.git"), ("github", "plain"))
    specs = plan_parts(config)
    assert [(spec.source, spec.kind) for spec in specs] == [(f"s{i}", SourceKind.GITHUB) for i in range(3)]
    sources = build(config).totals["sources"]
    assert [sources[f"s{i}"]["kept"] for i in range(3)] == [3, 3, 3]
    assert sources["s1"]["exact_duplicates"] + sources["s0"]["exact_duplicates"] == 3


def test_a_commit_makes_a_new_part_and_an_untracked_file_does_not(repository):
    config = config_of(repository, (None, "work"))
    before = plan_parts(config)[0].part_id
    (repository / "work" / "untracked.py").write_text(program("untracked"))
    assert plan_parts(config)[0].part_id == before
    git(repository / "work", "add", ".")
    git(repository / "work", "commit", "-qm", "second")
    assert plan_parts(config)[0].part_id != before


def test_kinds_are_told_from_content_not_from_names(tmp_path):
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "a.bin").write_bytes(
        b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    (tmp_path / "dumps" / "b.bin").write_bytes(b'<mediawiki xmlns="x"><page></page></mediawiki>')
    (tmp_path / "dumps" / "c.bin").write_bytes(b'{"id": "1", "text": "x"}\n{"id": "2", "text": "y"}\n')
    (tmp_path / "dumps" / "d.bin").write_bytes(
        b'{"cells": [], "nbformat": 4, "metadata": {}, "nbformat_minor": 5}'
    )
    kinds = [spec.kind for spec in plan_parts(config_of(tmp_path, (None, "dumps/*")))]
    assert kinds == [SourceKind.WARC, SourceKind.MEDIAWIKI, SourceKind.JSONL, SourceKind.NOTEBOOKS]


def test_an_unknown_kind_is_one_line_that_says_what_to_do(tmp_path):
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 8)
    with pytest.raises(ConfigError, match=r"sources\.s0: .*noise\.bin.*set kind"):
        plan_parts(config_of(tmp_path, (None, "noise.bin")))
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\0" + bytes(99))
    with pytest.raises(ConfigError, match=r"a\.db: an SQLite database: .*or leave it out, or set kind"):
        plan_parts(config_of(tmp_path, (None, "a.db")))


def test_two_inputs_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.jsonl").write_text('{"id": "1", "text": "x"}\n')
    path = tmp_path / "twice.toml"
    path.write_text(
        'name = "t"\noutput = "o"\n[[sources]]\nname = "s"\nkind = "jsonl"\npaths = ["a/*.jsonl", "b/*.jsonl"]\n'
    )
    with pytest.raises(ConfigError, match="same name"):
        plan_parts(load_config(str(path)))


def test_a_file_that_several_patterns_match_is_read_once(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.jsonl").write_text('{"id": "1", "text": "x"}\n')
    path = tmp_path / "overlap.toml"
    path.write_text(
        'name = "t"\noutput = "o"\n[[sources]]\nname = "s"\nkind = "jsonl"\n'
        'paths = ["a/**/*.jsonl", "a/b/*.jsonl", "a/b/x.jsonl"]\n'
    )
    assert [spec.name for spec in plan_parts(load_config(str(path)))] == ["s/b/x.jsonl"]


def test_the_dry_run_prints_the_parts_and_writes_nothing(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "x"}\n')
    config_of(tmp_path, ("jsonl", "x.jsonl"))
    done = run_command("build", tmp_path / "plan.toml", "--dry-run", "--sample-seconds", "0")
    assert "s0/x.jsonl" in done.stdout
    assert "to do" in done.stdout
    assert not (tmp_path / "corpus").exists()


def test_an_index_of_many_parts_names_the_plan_that_has_them(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "MANIFEST_PARTS", 2)
    corpus = tmp_path / "corpus"
    build(load_config(str(tiny)))
    header = read_index(str(corpus)).header
    specs = plan_parts(load_config(str(tiny)))
    assert (header["inputs"], header["n_inputs"]) == ([], len(specs))
    assert list(plan.manifest_rows(str(corpus), header)) == [spec.manifest_row() for spec in specs]
    assert "6 splits of dumps" in run_command("inspect", corpus).stdout
    assert run_command("verify", corpus).returncode == 0
    report = Path(write_report(str(corpus), header["snapshot"])).read_text()
    assert f"plan/{header['plan']}/parts.parquet" in report
    documents = next(corpus.glob("parts/*.documents.parquet"))
    doc_id = pq.read_table(documents, columns=["doc_id"])["doc_id"][0].as_py()
    assert "input" in run_command("trace", doc_id, "--corpus", corpus).stdout
