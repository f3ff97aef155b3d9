"""Source code dumps: every file is a document or a drop, whatever holds it."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.document import DropReason
from corpusforge.ingest.repositories.files import licence_expression, snapshot_path
from corpusforge.ingest.repositories.github import read_github, repo_name
from tests.ingest.reading import counts, documents, drops, outcome, outcomes, read_all
from tests.ingest.test_archives import tar_of, zip_of

COMMIT = "a" * 40
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs the git command")


def stack_row(path: str, content: bytes | None, **values: object) -> dict[str, object]:
    return {
        "path": path,
        "content": content,
        "repo_name": "o/r",
        "revision_id": COMMIT,
        "detected_licenses": ["MIT"],
        "gha_license_id": "MIT",
        "revision_date": datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
        "mode": "100644",
        **values,
    }


def write_rows(path, rows, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def test_a_row_of_the_stack_becomes_a_document(tmp_path):
    rows = [
        stack_row("/src/a.py", "é\n".encode("latin-1")),
        stack_row("/n.ipynb", b"{}"),
        stack_row("/w.txt", "hï".encode("utf-16")),
    ]
    first, second, third = documents(read_all(read_github, write_rows(tmp_path / "f.parquet", rows)))
    assert first.raw == b"\xe9\n" and first.markup == "source"
    assert first.locator == f"o/r@{COMMIT}:src/a.py"
    assert (first.repo, first.path, first.date) == ("o/r", "src/a.py", "2024-01-02T00:00:00+00:00")
    assert (first.licence, first.licence_source) == ("MIT", "dump")
    assert second.markup == "notebook"
    assert third.raw.startswith(b"\xff\xfe")


def test_what_is_no_text_is_dropped_with_its_reason(tmp_path):
    rows = [
        stack_row("/empty", b""),
        stack_row("/nul", b"text\0text"),
        stack_row("/late-nul", b"x" * 9000 + b"\0"),
        stack_row("/a.png", b"\x89PNG\r\n\x1a\nabc"),
        stack_row("/a.pdf", b"%PDF-1.4 text only"),
        stack_row("/link", b"target", mode="120000"),
        stack_row("/big", b"x" * 20_000),
        stack_row("/none", None),
    ]
    records = read_all(read_github, write_rows(tmp_path / "f.parquet", rows), max_file_bytes=10_000)
    expected = ["empty", "binary", "source", "binary", "binary", "not_content", "too_large", "empty"]
    assert outcomes(records) == expected


def test_splits_of_row_groups_add_up_to_the_whole(tmp_path):
    path = write_rows(tmp_path / "f.parquet", [stack_row(f"/{n}", b"x") for n in range(10)], row_group_size=3)
    from corpusforge.ingest.config import IngestConfig
    from corpusforge.ingest.inputs import InputFile

    input = InputFile(path=str(path), name="f.parquet", source="s")
    whole = list(read_github(input, IngestConfig()))
    parts = [
        r
        for start, stop in ((0, 1), (1, 3), (3, None))
        for r in read_github(input, IngestConfig(), start, stop)
    ]
    assert parts == whole and len(whole) == 10


def test_rows_without_provenance_are_found_by_their_number(tmp_path):
    rows = [{"content": "print(1)\n"}, {"content": "print(2)\n"}]
    records = read_all(read_github, write_rows(tmp_path / "f.parquet", rows))
    assert [record.locator for record in records] == ["f.parquet#row=0", "f.parquet#row=1"]


def test_text_columns_that_are_not_utf_8_cost_nothing(tmp_path):
    broken = pa.array([b"ok", b"na\xefve"], pa.binary()).view(pa.string())
    table = pa.table(
        {"content": broken, "repo_name": ["o/r", "o/r"], "path": broken, "revision_id": ["c", "c"]}
    )
    pq.write_table(table, tmp_path / "f.parquet")
    records = documents(read_all(read_github, tmp_path / "f.parquet"))
    assert [record.raw for record in records] == [b"ok", b"na\xefve"]
    assert [record.path for record in records] == ["ok", "na\\xefve"]


def test_damaged_parquet_is_told_of(tmp_path):
    rows = [stack_row(f"/{n}", os.urandom(5000)) for n in range(30)]
    path = write_rows(tmp_path / "f.parquet", rows, row_group_size=10, compression="zstd")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert outcomes(read_all(read_github, path)) == ["unreadable"]
    bad = bytearray(data)
    for at in range(60_000, 61_000):
        bad[at] ^= 0x55
    path.write_bytes(bytes(bad))
    records = read_all(read_github, path)
    lost = [drop for drop in drops(records) if drop.reason is DropReason.UNREADABLE]
    assert len(lost) <= 1 and len(records) >= 20  # the other row groups are read
    write_rows(path, [{"path": "/a", "blob_id": "b"}])
    (drop,) = drops(read_all(read_github, path))
    assert "no column holds text" in drop.detail


def bigquery(folder, *, files=True):
    contents = [
        {"id": "1" * 40, "size": 3, "content": "abc", "binary": False, "copies": 3},
        {"id": "2" * 40, "size": 9, "content": None, "binary": True, "copies": 1},
        {"id": "3" * 40, "size": 4, "content": "solo", "binary": False, "copies": 1},
        {"id": "4" * 40, "size": 6, "content": "target", "binary": False, "copies": 1},
    ]
    names = [
        ("z/z", "a.py", "1", 33188),
        ("b/b", "z.py", "1", 33188),
        ("b/b", "a.py", "1", 33188),
        ("b/b", "x.bin", "2", 33188),
        ("b/b", "ln", "4", 40960),
    ]
    write_rows(folder / "contents.parquet", contents, row_group_size=2)
    if files:
        rows = [
            {"repo_name": r, "ref": "refs/heads/master", "path": p, "mode": m, "id": i * 40}
            for r, p, i, m in names
        ]
        write_rows(folder / "files.parquet", rows)
        write_rows(
            folder / "licenses.parquet",
            [{"repo_name": "b/b", "license": "apache-2.0"}, {"repo_name": "z/z", "license": "mit"}],
        )
    return folder


def test_bigquery_tables_are_joined(tmp_path):
    folder = bigquery(tmp_path)
    records = read_all(read_github, folder / "contents.parquet")
    assert outcomes(records) == ["source", "binary", "not_content", "not_content"]
    (document,) = documents(records)
    assert (document.repo, document.path, document.licence) == ("b/b", "a.py", "Apache-2.0")
    assert document.locator == "contents.parquet#id=" + "1" * 40
    assert document.notes == ("the same blob stands at 2 other places",)
    for side in ("files.parquet", "licenses.parquet"):
        assert outcomes(read_all(read_github, folder / side)) == ["not_content"]


def test_contents_without_their_files_table_are_dropped_with_the_cause(tmp_path):
    records = read_all(read_github, bigquery(tmp_path, files=False) / "contents.parquet")
    assert len(records) == 4 and all("no files table" in drop.detail for drop in drops(records))


@pytest.mark.parametrize(("pack", "suffix"), [(tar_of, "tar"), (zip_of, "zip")])
def test_a_snapshot_names_its_repository(tmp_path, pack, suffix):
    path = tmp_path / f"tool-{COMMIT}.{suffix}"
    path.write_bytes(
        pack({f"tool-{COMMIT}/src/a.py": b"print(1)\n", f"tool-{COMMIT}/b.bin": b"\0", "../x": b"evil"})
    )
    records = read_all(read_github, path)
    assert outcomes(records) == ["source", "binary", "unsafe_name"]
    assert records[0].locator == f"{path.name}!tool-{COMMIT}/src/a.py"
    assert (records[0].repo, records[0].path) == ("tool", "src/a.py")


def test_a_path_keeps_folders_that_are_no_snapshot_name():
    assert snapshot_path("lib/a.py", "project.tar.gz") == ("project", "lib/a.py")
    assert snapshot_path("project-1.2/a.py", "project-1.2.tgz") == ("project-1.2", "a.py")
    assert snapshot_path("./o-r-0a1b2c3/a.py", "x/download.zip") == ("o-r", "a.py")


def test_a_plain_folder_is_read_without_following_links(tmp_path):
    folder = tmp_path / "proj"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "x.py").write_text("print(1)\n")
    (folder / ".editorconfig").write_text("root = true\n")
    (folder / "loop").symlink_to(folder)
    (folder / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    records = read_all(read_github, folder)
    found = {record.locator: outcome(record) for record in records}
    assert found == {
        "proj/.editorconfig": "source",
        "proj/loop": "not_content",
        "proj/passwd": "not_content",
        "proj/pipe": "not_content",
        "proj/b/x.py": "source",
    }
    assert documents(records)[1].path == "b/x.py" and documents(records)[1].repo == "proj"


def test_a_loose_file_is_one_record(tmp_path):
    path = tmp_path / "a.rs"
    path.write_text("fn main() {}\n")
    (document,) = documents(read_all(read_github, path, "src/a.rs"))
    assert document.path == "src/a.rs"


def git(folder, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    options = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *options, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "src").mkdir()
    (folder / "src" / "é b.py").write_text("print(1)\n")
    (folder / "big.txt").write_text("x" * 50_000)
    (folder / "empty").write_text("")
    (folder / "link").symlink_to("src")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one", "--date=2024-01-01T00:00:00Z")
    git(folder, "remote", "add", "origin", "https://github.com/owner/tool.git")
    (folder / "src" / "é b.py").write_text("not committed\n")
    return folder


@needs_git
def test_a_repository_is_read_at_its_commit_with_or_without_work_tree(repository, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(repository), "mirror.git")
    git(tmp_path / "mirror.git", "remote", "set-url", "origin", "git@github.com:owner/tool.git")
    commit = git(repository, "rev-parse", "HEAD")
    for folder in (repository, tmp_path / "mirror.git"):
        records = read_all(read_github, folder, max_file_bytes=10_000)
        assert counts(records) == {"source": 1, "too_large": 1, "empty": 1, "not_content": 1}
        (document,) = documents(records)
        assert document.raw == b"print(1)\n"
        assert document.locator == f"owner/tool@{commit}:src/é b.py"
        assert (document.repo, document.path) == ("owner/tool", "src/é b.py")
        assert document.date.startswith("20")


@needs_git
def test_hooks_and_configuration_of_a_repository_are_not_run(repository, tmp_path):
    trap = tmp_path / "trap"
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external"):
        git(repository, "config", key, f"touch {trap}")
    assert documents(read_all(read_github, repository))
    assert not trap.exists()


@needs_git
def test_a_corrupt_object_costs_its_own_file(repository):
    victim = git(repository, "rev-parse", "HEAD:empty")
    other = git(repository, "rev-parse", "HEAD:src/é b.py")
    (repository / ".git" / "objects" / victim[:2] / victim[2:]).unlink()
    damaged = repository / ".git" / "objects" / other[:2] / other[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:10] + b"garbage")
    records = read_all(read_github, repository)
    assert counts(records) == {"source": 1, "unreadable": 2, "not_content": 1}


@needs_git
def test_a_repository_without_a_commit_is_told_of(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "none.git")
    (drop,) = drops(read_all(read_github, tmp_path / "none.git"))
    assert drop.reason is DropReason.UNREADABLE and "HEAD" in drop.detail


def test_repositories_are_named_by_their_folders():
    assert repo_name("mirror/owner/name.git") == "owner/name"
    assert repo_name("owner/name/.git") == "owner/name"
    assert repo_name("name") == "name"


def test_licences_become_one_spdx_expression():
    assert licence_expression(["apache-2.0", "MIT", "mit"]) == "Apache-2.0 AND MIT"
    assert licence_expression(["unknown", ""]) is None
    assert licence_expression(["CC-BY-NC"]) == "CC-BY-NC"


def test_real_dumps_are_read_whole(shared_data):
    folder = shared_data / "github"
    for path in sorted((folder / "stackv2_style").glob("*.parquet")):
        records = read_all(read_github, path)
        assert len(records) == pq.read_metadata(path).num_rows
        assert set(counts(records)) <= {"source", "notebook", "empty", "not_content"}
    for path in sorted((folder / "snapshots").iterdir()):
        records = read_all(read_github, path)
        assert counts(records)["source"] > 10
        assert set(counts(records)) <= {"source", "notebook", "empty", "binary", "not_content", "too_large"}
    records = read_all(read_github, folder / "bigquery_style" / "contents.parquet")
    assert len(records) == pq.read_metadata(folder / "bigquery_style" / "contents.parquet").num_rows
    assert len(documents(records)) > 900
