"""Repositories of git are read from their objects: as git reads them, and running nothing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import zlib

import pytest

from corpusforge.document import DropReason
from corpusforge.ingest.archives.entry import Entry, Limits, Refused
from corpusforge.ingest.repositories.git import (
    Objects,
    Unlisted,
    git_entries,
    git_folder,
    read_head,
)
from corpusforge.ingest.repositories.github import read_github
from tests.ingest.reading import counts, documents, drops, read_all
from tests.ingest.test_github import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="makes its repositories by git")
LIMITS = Limits(max_entry_bytes=1 << 20, max_ratio=1000)
WORDS = [f"word{number}" for number in range(3000)]


def write_versions(folder, *init: str):
    """Make a repository of three commits, whose files are long and alike: packed, they are deltas."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", *init)
    draw = random.Random(7)
    lines = [" ".join(draw.choices(WORDS, k=12)) for _ in range(400)]
    for version in range(3):
        for number in range(12):
            path = folder / f"pkg{number % 3}" / "deep" / f"file{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            own = [f"version {version} of {number}", *lines[number * version :], *lines[:version]]
            path.write_text("\n".join(own) + "\n")
        (folder / "empty").write_text("")
        (folder / "run.sh").write_text("echo\n")
        (folder / "run.sh").chmod(0o755)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"version {version}")
    return folder


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    forms = ("sha1", "sha256")
    return {form: write_versions(folder / form, f"--object-format={form}") for form in forms}


@pytest.fixture
def versions(originals, tmp_path):
    return shutil.copytree(originals["sha1"], tmp_path / "work", symlinks=True)


def as_git_reads(folder):
    """Return (mode, object, path, content) of HEAD's blobs by git itself, in its order."""
    listed = git(folder, "ls-tree", "-r", "-z", "--full-tree", "HEAD").split("\0")
    rows = [line.partition("\t") for line in listed if line]
    return [(path, git_bytes(folder, head.split()[2])) for head, _, path in rows]


def git_bytes(folder, name):
    return subprocess.run(
        ["git", "cat-file", "blob", name], cwd=folder, check=True, capture_output=True
    ).stdout


def read_all_of(folder, limits=LIMITS):
    with Objects(git_folder(str(folder))) as objects:
        head = read_head(objects)
        return head, list(git_entries(objects, head, limits))


def contents(folder):
    return [(entry.name, entry.data) for entry in read_all_of(folder)[1] if isinstance(entry, Entry)]


PACKINGS = {
    "loose": (),
    "places": ("repack", "-adfq", "--depth=50", "--window=50"),
    "ids": ("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--window=50"),
    "index of version 1": ("-c", "pack.indexVersion=1", "repack", "-adq"),
    "several packs": ("-c", "pack.packSizeLimit=1m", "repack", "-adq"),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_what_git_reads_is_read(originals, tmp_path, packing, form):
    folder = shutil.copytree(originals[form], tmp_path / "work", symlinks=True)
    if PACKINGS[packing]:
        git(folder, *PACKINGS[packing])
        git(folder, "pack-refs", "--all")
        assert list((folder / ".git" / "objects" / "pack").glob("*.pack"))
    head, found = read_all_of(folder)
    assert head.commit == git(folder, "rev-parse", "HEAD")
    assert [(entry.name, entry.data) for entry in found] == as_git_reads(folder)
    assert head.date == git(folder, "log", "-1", "--format=%cd", "--date=format:%Y-%m-%dT%H:%M:%S+00:00")


def test_a_commit_keeps_the_zone_of_its_date(tmp_path, monkeypatch):
    for zone, told in (("-0330", "-03:30"), ("+0000", "+00:00"), ("+1345", "+13:45")):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"1700000000 {zone}")
        folder = tmp_path / zone
        folder.mkdir()
        git(folder, "init", "-q")
        git(folder, "commit", "-q", "--allow-empty", "-m", "x")
        assert read_all_of(folder)[0].date.endswith(told)
        assert read_all_of(folder)[0].date == git(folder, "log", "-1", "--format=%cI").replace("Z", "+00:00")


def test_head_is_found_however_it_is_written(versions):
    commit = git(versions, "rev-parse", "HEAD")
    git(versions, "checkout", "-q", "--detach")
    assert read_all_of(versions)[0].commit == commit
    git(versions, "tag", "-a", "-m", "tag", "v1")
    git(versions, "tag", "-a", "-m", "tag of a tag", "v2", "v1")
    (versions / ".git" / "HEAD").write_text(git(versions, "rev-parse", "v2") + "\n")
    assert read_all_of(versions)[0].commit == commit
    git(versions, "pack-refs", "--all", "--prune")
    (versions / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert not (versions / ".git" / "refs" / "heads" / "main").exists()
    assert read_all_of(versions)[0].commit == commit
    (versions / ".git" / "HEAD").unlink()
    (versions / ".git" / "HEAD").symlink_to("refs/heads/main")
    assert read_all_of(versions)[0].commit == commit


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("ref: refs/heads/none\n", "names no commit"),
        ("ref: refs/../../../secret\n", "a reference holds"),
        ("ref: /etc/passwd\n", "a reference holds"),
        ("ref: HEAD\n", "a reference holds"),
        ("what\n", "a reference holds"),
        ("f" * 40 + "\n", "the repository does not hold it"),
    ],
)
def test_a_head_that_names_no_commit_is_one_drop(versions, head, said):
    (versions / ".git" / "HEAD").write_text(head)
    (drop,) = drops(read_all(read_github, versions))
    assert drop.reason is DropReason.UNREADABLE and said in drop.detail


def test_references_that_go_round_and_reftables_are_one_drop(versions):
    (versions / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/main\n")
    (drop,) = drops(read_all(read_github, versions))
    assert "without an end" in drop.detail
    (versions / ".git" / "reftable").mkdir()
    (drop,) = drops(read_all(read_github, versions))
    assert "reftable" in drop.detail and "git refs migrate" in drop.detail


def test_the_name_of_a_repository_is_read_of_its_configuration_as_git_does(versions):
    config = versions / ".git" / "config"
    for text in (
        '[remote "origin"]\n\turl = https://github.com/owner/tool.git ; ours\n',
        '[Remote "origin"] URL = "git@github.com:owner/tool"\n',
        '[remote "origin"]\nurl=https://github.com/a/b\nurl = https://github.com/owner/tool/ # the last\n',
    ):
        config.write_text(text)
        assert read_all_of(versions)[0].repo == "owner/tool"
        assert "owner/tool" in git(versions, "config", "--local", "--get", "remote.origin.url")
    elsewhere = versions / "more"
    elsewhere.write_text('[remote "origin"]\nurl = https://github.com/other/one\n')
    for text in (
        "[include]\npath = ../more\n",
        '[remote "upstream"]\nurl = https://github.com/o/u\n',
        "[[[\n",
    ):
        config.write_text(text)
        assert read_all_of(versions)[0].repo is None


def test_replacements_grafts_and_filters_change_nothing(versions):
    expected = as_git_reads(versions)
    blob = git(versions, "rev-parse", "HEAD:run.sh")
    git(versions, "replace", blob, git(versions, "rev-parse", "HEAD:empty"))
    (versions / ".git" / "info" / "grafts").write_text(git(versions, "rev-parse", "HEAD") + "\n")
    (versions / ".git" / "info" / "attributes").write_text("* text eol=crlf filter=f diff=d\n")
    assert contents(versions) == expected


def test_a_shallow_clone_is_read_whole(versions, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{versions}", "shallow")
    assert (tmp_path / "shallow" / ".git" / "shallow").exists()
    assert contents(tmp_path / "shallow") == as_git_reads(versions)


def test_a_submodule_and_a_link_are_told_of(versions, tmp_path):
    shutil.copytree(versions, tmp_path / "other")
    git(
        versions,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(tmp_path / "other"),
        "sub",
    )
    (versions / "link").symlink_to("/etc/passwd")
    git(versions, "add", "-A")
    git(versions, "commit", "-q", "-m", "more")
    told = {entry.name: entry.detail for entry in read_all_of(versions)[1] if isinstance(entry, Refused)}
    assert told == {
        "sub": "a submodule, no regular file",
        "link": "a symbolic link, no regular file",
    }
    # Its repository lies in the one above: as a source of its own it is a folder of files.
    assert git_folder(str(versions / "sub")) is None


def test_a_linked_work_tree_whose_repository_lies_elsewhere_is_a_plain_folder(versions, tmp_path):
    git(versions, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    assert git_folder(str(tmp_path / "linked")) is None
    records = read_all(read_github, tmp_path / "linked")
    assert counts(records) == {"source": 13, "empty": 1}
    assert all(record.locator.startswith("linked/") for record in records)
    # Both in one source: the pointers stay inside of it.
    assert git_folder(str(versions / ".git" / "worktrees" / "linked")) is None
    git(versions, "worktree", "add", "-q", "--detach", str(versions / "inner"))
    assert contents(versions) == as_git_reads(versions)


def test_a_git_folder_apart_is_read_where_the_source_holds_it(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "--separate-git-dir", str(folder / "data.git"))
    (folder / "a.py").write_text("print(1)\n")
    git(folder, "add", "a.py")
    git(folder, "commit", "-q", "-m", "one")
    assert (folder / ".git").is_file()
    assert contents(folder) == [("a.py", b"print(1)\n")]


@pytest.mark.parametrize("is_inside", [True, False])
def test_objects_are_borrowed_within_the_source_only(versions, tmp_path, is_inside):
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(versions), "work/borrower.git")
    borrower = tmp_path / "work" / "borrower.git"
    alternates = borrower / "objects" / "info" / "alternates"
    assert os.path.samefile(alternates.read_text().strip(), versions / ".git" / "objects")
    if is_inside:
        (versions / ".git").rename(versions / "lender.git")
        alternates.write_text("../../lender.git/objects\n")
        (versions / ".git").write_text("gitdir: borrower.git\n")
        assert contents(versions) == as_git_reads(versions / "lender.git")
    else:
        (drop,) = drops(read_all(read_github, borrower))
        assert "borrows objects from outside the source" in drop.detail


@pytest.mark.parametrize("place", [".git", ".git/objects", ".git/objects/pack", ".git/refs", ".git/HEAD"])
def test_links_that_leave_the_source_are_not_followed(versions, tmp_path, place):
    git(versions, "repack", "-adq")
    (tmp_path / "elsewhere").mkdir()
    shutil.move(versions / place, tmp_path / "elsewhere" / "it")
    (versions / place).symlink_to(tmp_path / "elsewhere" / "it")
    assert not [record for record in documents(read_all(read_github, versions)) if "@" in record.locator]


def test_special_files_in_place_of_gits_own_are_not_waited_for(versions):
    git(versions, "repack", "-adq")
    index = next((versions / ".git" / "objects" / "pack").glob("*.idx"))
    for path in (index, versions / ".git" / "refs" / "heads" / "main", versions / ".git" / "config"):
        kept = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        found = read_all(read_github, versions)
        assert len(found) == (1 if path.name != "config" else 14)
        path.unlink()
        path.write_bytes(kept)


@pytest.mark.parametrize("what", ["nothing", "outside", "fifo", "folder", "loop"])
def test_odd_things_in_place_of_an_object_cost_its_file(versions, tmp_path, what):
    path = loose_path(versions, git(versions, "rev-parse", "HEAD:run.sh"))
    shutil.move(path, tmp_path / "object")
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to({"nothing": "no such", "outside": tmp_path / "object", "loop": path.name}[what])
    (lost,) = [entry for entry in read_all_of(versions)[1] if isinstance(entry, Refused)]
    assert (lost.name, lost.reason) == ("run.sh", DropReason.UNREADABLE)


@pytest.mark.parametrize("name", ["index", "packed-refs", "HEAD", "config", "refs/heads/main"])
def test_files_of_a_terabyte_of_nothing_are_not_read(versions, name):
    git(versions, "repack", "-adq")
    git(versions, "pack-refs", "--all")
    path = versions / ".git" / name
    if name == "index":
        path = next((versions / ".git" / "objects" / "pack").glob("*.idx"))
        path.chmod(0o644)
    with path.open("ab") as out:
        out.truncate(1 << 40)
    records = read_all(read_github, versions)
    assert len(records) == (14 if name == "config" else 1)


def test_names_that_no_file_can_have_are_no_fault_of_the_disk(versions):
    (versions / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (versions / ".git" / "objects" / "info" / "alternates").write_bytes(
        b"a" * 5000 + b"\n\0\n../" + b"b" * 300
    )
    assert contents(versions) == as_git_reads(versions)
    for text in ("ref: refs/heads/" + "a" * 5000, "ref: refs/heads/main/deeper/" + "b" * 300):
        (versions / ".git" / "HEAD").write_text(text)
        (drop,) = drops(read_all(read_github, versions))
        assert "names no commit" in drop.detail
    (versions / ".git" / "HEAD").unlink()
    (versions / ".git" / "HEAD").symlink_to("HEAD")
    (drop,) = drops(read_all(read_github, versions))
    shutil.rmtree(versions / ".git")
    for text in (b"gitdir: a\0b", b"gitdir: " + b"c" * 5000, b"gitdir:", b"\xff"):
        (versions / ".git").write_bytes(text)
        assert git_folder(str(versions)) is None


def loose_path(folder, name):
    return folder / ".git" / "objects" / name[:2] / name[2:]


def test_a_missing_or_damaged_tree_costs_its_folder(versions):
    lost = git(versions, "rev-parse", "HEAD:pkg1/deep")
    damaged = git(versions, "rev-parse", "HEAD:pkg2")
    expected = [pair for pair in as_git_reads(versions) if not pair[0].startswith(("pkg1", "pkg2"))]
    loose_path(versions, lost).unlink()
    loose_path(versions, damaged).chmod(0o644)
    loose_path(versions, damaged).write_bytes(zlib.compress(b"tree 20\0" + b"x" * 20))
    _, found = read_all_of(versions)
    assert [(entry.name, entry.data) for entry in found if isinstance(entry, Entry)] == expected
    told = [entry for entry in found if isinstance(entry, Unlisted)]
    assert [entry.name for entry in told] == ["pkg1/deep", "pkg2"]
    assert [entry.reason for entry in told] == [DropReason.UNREADABLE] * 2
    assert lost in told[0].detail and "does not hold it" in told[0].detail
    assert "another hash" in told[1].detail


def test_every_flipped_byte_of_a_pack_is_found(versions):
    git(versions, "repack", "-adfq", "--depth=50", "--window=50")
    expected = dict(as_git_reads(versions))
    draw = random.Random(3)
    for ending in ("pack", "idx"):
        path = next((versions / ".git" / "objects" / "pack").glob(f"*.{ending}"))
        path.chmod(0o644)
        data = path.read_bytes()
        for _ in range(60):
            at = draw.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
            records = read_all(read_github, versions)
            for record in documents(records):
                assert record.raw == expected[record.path]
            n_told = sum(drop.reason is DropReason.UNREADABLE for drop in drops(records))
            assert n_told or len(records) == len(expected)
        path.write_bytes(data)


def test_a_truncated_pack_costs_what_it_held(versions):
    git(versions, "repack", "-adq")
    path = next((versions / ".git" / "objects" / "pack").glob("*.pack"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, found = read_all_of(versions)
    lost = [entry for entry in found if isinstance(entry, Refused)]
    assert lost and all(entry.reason is DropReason.UNREADABLE for entry in lost)
    path.unlink()
    (drop,) = drops(read_all(read_github, versions))
    assert "pack is missing" in drop.detail


def test_a_large_file_is_told_by_its_size_unread(versions):
    (versions / "large.txt").write_bytes(b"a" * (3 << 20))
    git(versions, "add", "-A")
    git(versions, "commit", "-q", "-m", "large")
    for packing in ((), ("repack", "-adq")):
        if packing:
            git(versions, *packing)
        (large,) = [entry for entry in read_all_of(versions)[1] if entry.name == "large.txt"]
        assert (large.reason, large.n_bytes) == (DropReason.TOO_LARGE, 3 << 20)


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://github.com/acme/rocket.git", "acme/rocket"),
        ("git@github.com:acme/rocket.git", "acme/rocket"),
        ("https://user:word@example.org/acme/rocket", "acme/rocket"),
        ("ssh://git@example.org:2222/acme/rocket.git/", "acme/rocket"),
        ("https://example.org/group/part/rocket.git", "part/rocket"),
        ("https://git.example.org/~acme/rocket", "acme/rocket"),
        ("/srv/mirror/rocket.git", None),
        ("../rocket", None),
        ("file:///srv/mirror/rocket.git", None),
        ("https://example.org/rocket.git", None),
    ],
)
def test_a_repository_is_called_as_its_origin_on_any_host(versions, url, repo):
    git(versions, "remote", "add", "origin", url)
    with Objects(git_folder(str(versions))) as objects:
        assert read_head(objects).repo == repo
