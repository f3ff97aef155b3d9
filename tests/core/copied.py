"""Run by test_forked_server: a command that loads, forks its server, and asks its children what they hold."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import forkserver
from typing import Any

from corpusforge.forked_server import fork_server, may_fork_server, own_process
from corpusforge.sandbox import Sandbox, SandboxConfig

loaded = "nothing"


def make_told(_: object) -> Callable[[str], str]:
    """Return what says whether a child holds what its command loaded: the sandbox's factory."""
    return lambda word: f"{word} {loaded}"


def main() -> None:
    import tests.core.copied as module

    private: Any = forkserver
    if sys.argv[1] == "ours":
        own_process()
    module.loaded = "models"
    sys.stdout.write("begun")  # no line end: it stays in the buffer
    is_copy = may_fork_server()
    if is_copy:
        fork_server()
    sandbox: Sandbox[str, str] = Sandbox("tests.core.copied:make_told", None, SandboxConfig())
    print("", is_copy, *sandbox.map(["a", "b"]))
    print("again", may_fork_server())
    sandbox.close()
    print("restarted", *sandbox.map(["c"]))
    if sys.argv[2:] == ["killed"]:
        os.kill(private._forkserver._forkserver_pid, signal.SIGKILL)
        sandbox.close()
        time.sleep(0.2)
        print("killed", *sandbox.map(["d"]))
    print("server", private._forkserver._forkserver_pid)


if __name__ == "__main__":
    main()
