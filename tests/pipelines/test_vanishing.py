"""What goes away under a build: its output, its dumps, its parent; and what a kill leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from corpusforge.config import ConfigError, load_config
from corpusforge_pipelines.build import BuildError, build
from corpusforge_pipelines.observer import SilentObserver
from tests.core.test_workers import alive
from tests.pipelines.conftest import corpus_bytes


class At(SilentObserver):
    """Does something when a stage begins."""

    def __init__(self, stage, action):
        self._stage, self._action = stage, action

    def start(self, name, total, poll):
        if name == self._stage:
            self._action()


def test_an_output_that_is_removed_under_a_build_is_one_line(tiny, tmp_path):
    observer = At("tokenise", lambda: shutil.rmtree(tmp_path / "corpus"))
    with pytest.raises(BuildError, match="corpus was removed or replaced while the build ran") as raised:
        build(load_config(str(tiny)), observer=observer)
    assert "\n" not in str(raised.value)


def test_dumps_that_vanish_are_named_and_no_smaller_corpus_is_built(tiny, tmp_path):
    observer = At("plan", lambda: (tmp_path / "dumps" / "repo-1.zip").unlink())
    with pytest.raises(ConfigError, match=r"^sources\.github: nothing at .*repo-1\.zip$"):
        build(load_config(str(tiny)), observer=observer)
    observer = At("prepare", lambda: (tmp_path / "dumps" / "ready-1.jsonl").unlink())
    config = tiny.read_text().replace('paths = ["dumps/repo-1.zip"]', 'paths = ["dumps/ready-0.jsonl"]')
    tiny.write_text(config.replace('kind = "github"', 'kind = "jsonl"'))
    with pytest.raises(BuildError, match=r"ready-1\.jsonl: No such file") as raised:
        build(load_config(str(tiny)), observer=observer)
    assert "\n" not in str(raised.value)


def test_what_a_kill_left_behind_goes_with_the_next_build(tiny, tmp_path):
    config, corpus = load_config(str(tiny)), tmp_path / "corpus"
    build(config)
    expected = corpus_bytes(corpus)
    cluster = next((corpus / "clusters").iterdir()).name
    left = [
        f"clusters/{cluster}/work-dedup",
        "clusters/other/work-dedup-leakage",
        "plan/new-0",
        "spills/other",
    ]
    for name in (*left, "surveys/other"):
        (corpus / name).mkdir(parents=True)
        (corpus / name / "file").write_text("left")
    (corpus / "parts" / ".tmp-x").write_text("left")
    build(config)
    assert not [name for name in (*left, "surveys", "spills", "parts/.tmp-x") if (corpus / name).exists()]
    assert corpus_bytes(corpus) == expected


def descendants(pid):
    """Return the processes that a process has started, and those that they have."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as handle:
                parent = int(handle.read().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found += [int(name), *descendants(int(name))]
    return found


def test_no_process_of_a_build_outlives_its_parent(tiny, tmp_path):
    command = [sys.executable, "-m", "corpusforge.cli", "build", tiny, "--workers", "2"]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + 120
        while not list((tmp_path / "corpus" / "parts").glob("*")):
            assert parent.poll() is None and time.monotonic() < deadline_s
            time.sleep(0.02)
        pids = descendants(parent.pid)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert len(pids) >= 4  # what forks, two workers, what counts shared memory; and sandboxes
    deadline_s = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not [pid for pid in pids if alive(pid)]
