"""A module whose first imports end their process: a server of processes that is killed as it loads."""

import multiprocessing
import os
import signal
from pathlib import Path

_left = Path(os.environ.get("CORPUSFORGE_TEST_KILLS", "/nonexistent"))
if _left.exists() and multiprocessing.current_process().name == "MainProcess" and _left.read_text():
    _left.write_text(_left.read_text()[1:])
    os.kill(os.getpid(), signal.SIGKILL)


def make_echo(argument):
    return lambda item: f"{argument}{item}"
