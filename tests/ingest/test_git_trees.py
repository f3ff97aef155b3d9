"""Trees of git as a hostile hand writes them."""

from __future__ import annotations

import shutil

import pytest

from corpusforge.document import DropReason
from corpusforge.ingest.repositories.github import read_github
from tests.ingest.reading import drops, read_all
from tests.ingest.test_github import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="makes its repositories by git")


def object_of(folder, kind, data):
    path = folder / "object"
    path.write_bytes(data)
    return git(folder, "hash-object", "-t", kind, "--literally", "-w", "object")


def test_trees_that_hold_each_other_many_times_over_end(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q", "r")
    folder = tmp_path / "r"
    tree = ""
    for _ in range(12):  # no file at all: 10^12 folders
        entry = bytes.fromhex(tree) if tree else None
        tree = object_of(
            folder, "tree", b"".join(b"40000 %d\0%b" % (n, entry) for n in range(10)) if entry else b""
        )
    (folder / "message").write_text("x")
    commit = git(folder, "commit-tree", tree, "-F", "message")
    (folder / ".git" / "refs" / "heads" / "main").write_text(commit + "\n")
    from corpusforge.ingest.repositories.git import trees

    monkeypatch.setattr(trees, "MAX_FILES", 5000)
    (drop,) = drops(read_all(read_github, folder))
    assert drop.reason is DropReason.BOMB


@pytest.mark.parametrize(
    "data",
    [b"100644 a", b"100644 a\0short", b"10064x a\0" + b"i" * 20, b"100644 \0" + b"i" * 20, b"no mode"],
)
def test_a_malformed_tree_is_told_of(tmp_path, data):
    git(tmp_path, "init", "-q", "r")
    folder = tmp_path / "r"
    tree = object_of(folder, "tree", data)
    raw = b"tree %b\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx\n" % tree.encode()
    (folder / ".git" / "refs" / "heads" / "main").write_text(object_of(folder, "commit", raw) + "\n")
    (drop,) = drops(read_all(read_github, folder))
    assert drop.reason is DropReason.UNREADABLE and "malformed" in drop.detail
