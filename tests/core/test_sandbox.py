"""A record that hangs, crashes or eats memory costs itself and nothing else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpusforge.lifeline import UNCACHED
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig, SandboxError, preloaded


def make_nothing(argument):
    raise ValueError("model.bin: no such file")


def make_worker(argument):
    def work(item):
        if item == "raise":
            raise ValueError("no such thing")
        if item == "hang":
            while True:
                pass
        if item == "sleep":
            time.sleep(3600)
        if item == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if item == "memory":
            return len(b"x" * (4 << 30))
        return f"{argument}{item}"

    return work


@pytest.fixture
def sandbox():
    config = SandboxConfig(deadline_s=0.2, memory_mib=256, batch_items=4)
    sandbox = Sandbox("tests.core.test_sandbox:make_worker", ">", config)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("bad", ["raise", "hang", "crash", "memory", "sleep"])
def test_one_bad_item_costs_one_result(sandbox, bad):
    items = ["a", "b", bad, "c", "d", "e", bad, "f"]
    results = list(sandbox.map(items))
    assert [r for r in results if isinstance(r, str)] == [">a", ">b", ">c", ">d", ">e", ">f"]
    assert isinstance(results[2], Failed)
    assert isinstance(results[6], Failed)


def test_every_item_bad(sandbox):
    results = list(sandbox.map(["crash"] * 5))
    assert [type(r) for r in results] == [Failed] * 5
    assert all("crashed" in r.error for r in results)


def test_large_items_do_not_deadlock(sandbox):
    items = ["x" * 3_000_000 for _ in range(20)]
    assert [len(r) for r in sandbox.map(items)] == [3_000_001] * 20


def test_what_cannot_be_loaded_is_an_error_of_the_set_up():
    broken = Sandbox("tests.core.test_sandbox:make_nothing", None, SandboxConfig())
    with pytest.raises(SandboxError, match=r"model\.bin: no such file"):
        list(broken.map(["a"]))


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from corpusforge.sandbox import Sandbox, SandboxConfig\n"
        "print('ran')\n"
        "print(list(Sandbox('tests.core.test_sandbox:make_worker', '>', SandboxConfig()).map(['a'])))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.stdout.splitlines() == ["ran", "['>a']"]


SERVER = """
import corpusforge.sandbox
from corpusforge.sandbox import Sandbox, SandboxConfig, SandboxError

corpusforge.sandbox._START_WAIT_S = 0.05
sandbox = Sandbox("tests.core.killed_server:make_echo", ">", SandboxConfig())
try:
    print(list(sandbox.map(["a", "b"])))
except SandboxError as error:
    print(error)
"""


@pytest.mark.parametrize("kills, told", [(1, "['>a', '>b']"), (99, "ended 3 times")])
def test_a_killed_server_of_processes_is_started_again(tmp_path, kills, told):
    (tmp_path / "kills").write_text("x" * kills)
    variables = {**os.environ, "CORPUSFORGE_TEST_KILLS": str(tmp_path / "kills")}
    command = [sys.executable, "-c", SERVER]
    done = subprocess.run(
        command, capture_output=True, text=True, env=variables, cwd=Path(__file__).parents[2]
    )
    assert told in done.stdout and done.stderr == ""


def test_what_cannot_be_kept_is_compiled_before_children_fork(monkeypatch):
    monkeypatch.delenv(UNCACHED, raising=False)
    assert preloaded(["json"], "corpusforge.parts.warm") == ["json"]
    monkeypatch.setenv(UNCACHED, "1")
    assert preloaded(["json"], "corpusforge.parts.warm") == ["json", "corpusforge.parts.warm"]
