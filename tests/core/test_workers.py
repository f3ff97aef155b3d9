"""Worker processes of one machine: faults are tried again, and nothing outlives the process that needs it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from corpusforge.workers import TRIES, current_pool, pool_of, tried

HANG = """
import ctypes, os
from pathlib import Path
from corpusforge.sandbox import Sandbox, SandboxConfig
from corpusforge.workers import current_pool, pool_of

def tell():
    Path(__file__).with_name(f"{os.getpid()}.pid").touch()

def hang(seconds):
    tell()
    ctypes.PyDLL(None).sleep(seconds)  # holds the interpreter's lock, as a parser that hangs does

def factory(argument):
    return hang

def sandboxed(seconds):
    tell()
    return list(Sandbox("hanging:factory", None, SandboxConfig(deadline_s=100)).map([seconds]))

if __name__ == "__main__":
    import hanging
    with pool_of(2):
        waiting = [current_pool().submit(hanging.hang, 60), current_pool().submit(hanging.sandboxed, 60)]
        [future.result() for future in waiting]
"""


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as handle:
            return handle.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened; gone before it was read
        return False


def test_no_process_outlives_a_killed_parent(tmp_path):
    (tmp_path / "hanging.py").write_text(HANG)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.getcwd()}"}
    parent = subprocess.Popen([sys.executable, tmp_path / "hanging.py"], env=environment)
    deadline_s = time.monotonic() + 60
    while len(list(tmp_path.glob("*.pid"))) < 3:  # a worker, another, and its sandbox
        assert parent.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.05)
    pids = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert all(map(alive, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline_s = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def failing(times, error):
    calls = []

    def function(element):
        calls.append(element)
        yield "half of it"
        if len(calls) <= times:
            raise error
        yield element

    return function, calls


def test_a_fault_is_tried_again_and_leaves_no_half_result(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    function, calls = failing(TRIES - 1, OSError("the disk is away"))
    assert tried(function, "x") == ["half of it", "x"]
    assert len(calls) == TRIES


def test_the_last_fault_is_raised(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    function, calls = failing(TRIES, OSError("the disk is away"))
    with pytest.raises(OSError, match="disk is away"):
        tried(function, "x")
    assert len(calls) == TRIES


def test_a_fault_of_the_code_is_not_tried_again():
    function, calls = failing(1, KeyError("x"))
    with pytest.raises(KeyError):
        tried(function, "x")
    assert len(calls) == 1


def test_one_worker_needs_no_pool():
    with pool_of(1):
        assert current_pool() is None
    with pool_of(2):
        assert current_pool().submit(os.getpid).result() != os.getpid()
    assert current_pool() is None
