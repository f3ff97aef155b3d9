"""A dump never runs a program, and a build opens no connection: not to plan, not to read, of no kind."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from corpusforge.shards.snapshot import read_index
from tests.ingest.test_github import git
from tests.pipelines.conftest import article, program
from tests.pipelines.test_hostile import NOTEBOOK
from tests.pipelines.test_splits import write_all

WATCH = Path(__file__).resolve().parents[1] / "closed"
KINDS = {
    "web": ("warc", "dumps/a.warc.gz"),
    "ready": ("jsonl", "dumps/b.jsonl"),
    "wiki": ("mediawiki", "dumps/c.xml.bz2"),
    "asked": ("stackexchange", "dumps/Posts.xml"),
    "archive": ("github", "dumps/d.zip"),
    "notes": ("notebooks", "dumps/*.ipynb"),
    "books": ("books", "dumps/*.txt"),
    "folder": ("github", "plain"),
    "trap": ("github", "trap"),
    "bare": ("github", "bare.git"),
}


@pytest.fixture
def listener():
    with socket.socket() as handle:
        handle.bind(("127.0.0.1", 0))
        handle.listen()
        yield handle


def has_been_asked(listener):
    listener.settimeout(0.2)
    try:
        listener.accept()
    except TimeoutError:
        return False
    return True


def set_traps(folder, port, marker):
    """Give a repository every setting that would run a program or fetch, each to leave a mark."""
    run = f"touch {marker}"
    url = f"http://127.0.0.1:{port}/owner/tool.git"
    settings = {
        "core.fsmonitor": run, "core.pager": run, "core.editor": run, "core.sshCommand": run,
        "core.gitProxy": run, "core.alternateRefsCommand": run, "core.askPass": run,
        "core.hooksPath": str(folder / "hooks"), "gpg.program": run, "gpg.ssh.program": run,
        "log.showSignature": "true", "commit.gpgSign": "true", "diff.external": run, "diff.mark.textconv": run,
        "filter.mark.clean": run, "filter.mark.smudge": run, "filter.mark.process": run,
        "filter.mark.required": "true", "credential.helper": f"!{run}", "pager.log": run,
        "alias.log": f"!{run}", "alias.cat-file": f"!{run}", "uploadpack.packObjectsHook": run,
        "remote.origin.url": url, "remote.origin.uploadpack": run, "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none", "extensions.partialClone": "origin",
        "remote.origin.vcs": "mark", "protocol.ext.allow": "always", "submodule.recurse": "true",
        "trace2.normalTarget": str(marker), "include.path": str(folder / "more.config"),
    }  # fmt: skip
    config = Path(git(folder, "rev-parse", "--absolute-git-dir")) / "config"
    (folder / "more.config").write_text(f"[core]\n\tfsmonitor = {run}\n")
    for number, (name, value) in enumerate(settings.items()):
        section, _, key = name.rpartition(".")
        first, _, second = section.partition(".")
        head = f'{first} "{second}"' if second else first
        config.write_text(f"{config.read_text()}\n[{head}]\n\t{key} = {json.dumps(value)} ; {number}\n")
    (config.parent / "info").mkdir(exist_ok=True)
    (config.parent / "info" / "attributes").write_text("* filter=mark diff=mark\n")
    hooks = [config.parent / "hooks", folder / "hooks"]
    for place in hooks:
        place.mkdir(exist_ok=True)
        for name in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
            (place / name).write_text(f"#!/bin/sh\n{run}\n")
            (place / name).chmod(0o755)


def write_sources(folder, port, marker):
    write_all(folder / "dumps")
    (folder / "dumps" / "n.ipynb").write_text(NOTEBOOK)
    (folder / "dumps" / "e.txt").write_text(article("e", 60))
    for name in ("plain", "trap"):
        (folder / name).mkdir()
        for number in range(3):
            (folder / name / f"tool_{number}.py").write_text(program(f"{name}{number}"))
    trap = folder / "trap"
    git(trap, "init", "-q")
    (trap / ".gitattributes").write_text("* filter=mark diff=mark\n")
    git(trap, "add", "-A")
    git(trap, "commit", "-q", "-m", "one")
    git(folder, "clone", "-q", "--bare", "trap", "bare.git")
    # A blob that a partial clone would fetch, and a signature that would be checked.
    name = git(trap, "rev-parse", "HEAD:tool_1.py")
    (trap / ".git" / "objects" / name[:2] / name[2:]).unlink()
    raw = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=trap, check=True, capture_output=True
    ).stdout
    head, _, message = raw.partition(b"\n\n")
    signed = (
        head + b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n" + message
    )
    (folder / "commit").write_bytes(signed)
    commit = git(trap, "hash-object", "-t", "commit", "-w", str(folder / "commit"))
    (trap / ".git" / "refs" / "heads" / "main").write_text(commit + "\n")
    for repository in (trap, folder / "bare.git"):
        set_traps(repository, port, marker)


def write_closed_config(folder):
    lines = ['name = "closed"', 'output = "corpus"', "dedup.max_removed_share = 1.0"]
    for name, (kind, path) in KINDS.items():
        lines += ["[[sources]]", f'name = "{name}"', f'kind = "{kind}"', f'paths = ["{path}"]']
    (folder / "closed.toml").write_text("\n".join(lines) + "\n")
    return folder / "closed.toml"


def has_own_network():
    """Return whether this user may run a command without any network."""
    unshare = shutil.which("unshare")
    return (
        unshare is not None and subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode == 0
    )


def watched(folder, *arguments, alone=False):
    """Run the command where each process writes down what it runs and connects to; `git` leaves a mark."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("git", "gpg", "ssh", "git-remote-mark"):
        (programs / name).write_text(f"#!/bin/sh\ntouch {folder / 'marker'}\n")
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{WATCH}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "CORPUSFORGE_TEST_WATCH": str(folder / "watch"),
        "COLUMNS": "200",
    }
    prefix = [str(shutil.which("unshare")), "-rn"] if alone else []
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "corpusforge.cli", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.skipif(shutil.which("git") is None, reason="makes its repositories by git")
def test_no_kind_of_dump_runs_a_program_or_opens_a_connection(tmp_path, listener):
    marker = tmp_path / "marker"
    write_sources(tmp_path, listener.getsockname()[1], marker)
    path = write_closed_config(tmp_path)
    marker.unlink(missing_ok=True)  # making the repositories may have sprung a trap
    dry = watched(tmp_path, "build", path, "--dry-run")
    assert "10 parts" in dry.stdout
    watched(tmp_path, "build", path, "--workers", "2", alone=has_own_network())
    assert not marker.exists()
    assert not has_been_asked(listener)
    assert not (tmp_path / "watch").exists(), (tmp_path / "watch").read_text()
    assert len((tmp_path / "watch.seen").read_text().split()) >= 3  # also the processes that fork workers
    totals = read_index(str(tmp_path / "corpus")).header["conservation"]["sources"]
    assert set(totals) == set(KINDS) and all(source["kept"] for source in totals.values())
    assert totals["trap"]["kept"] == 2 and totals["bare"]["kept"] == 3
    assert totals["trap"]["dropped"]["unreadable"] == 1  # told of, not fetched


def test_the_watch_sees_programs_and_connections(tmp_path):
    code = (
        "import socket, subprocess\n"
        "for call in (lambda: subprocess.run(['true']), lambda: socket.create_connection(('127.0.0.1', 9))):\n"
        "    try: call()\n"
        "    except PermissionError: pass\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(WATCH), "CORPUSFORGE_TEST_WATCH": str(tmp_path / "watch")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    told = (tmp_path / "watch").read_text()
    assert "subprocess.Popen true" in told and "socket.getaddrinfo" in told
