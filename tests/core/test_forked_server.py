"""A command's children hold what it loaded; others are started as ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


def told_by(*arguments: str) -> list[str]:
    command = [sys.executable, "-m", "tests.core.copied", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return done.stdout.splitlines()


def ends(process: int) -> bool:
    with suppress(ProcessLookupError):
        for _ in range(100):
            os.kill(process, 0)
            time.sleep(0.05)
        return False
    return True


def test_children_of_a_command_hold_what_it_loaded_and_its_server_ends_with_it() -> None:
    first, again, restarted, server = told_by("ours")
    assert first == "begun True a models b models"  # once: no child writes what was in the buffer
    assert again == "again False"
    assert restarted == "restarted c models"
    assert ends(int(server.split()[1]))


def test_a_process_of_others_is_not_copied() -> None:
    first, _, restarted, _ = told_by("theirs")
    assert first == "begun False a nothing b nothing"
    assert restarted == "restarted c nothing"


def test_a_copy_that_is_killed_is_replaced_by_an_ordinary_server() -> None:
    assert told_by("ours", "killed")[3] == "killed d nothing"
