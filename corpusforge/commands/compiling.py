"""What must be compiled before a build, compiled once by one process, and told: not by each worker anew."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from corpusforge.commands.console import duration
from corpusforge.compiled import mark_path


def compile_first(note: Callable[[str], None]) -> None:
    """Compile what the steps call, unless this installation did; the process that compiles says so first.

    `note` is told how long it took. Where compiled functions cannot be kept, nothing is done.
    """
    mark = mark_path()
    if mark is None or os.path.exists(mark):
        return
    start_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "corpusforge.parts.warm"], stdout=subprocess.PIPE, check=False
    )
    n_compiled = int(done.stdout.strip() or 0) if done.returncode == 0 else 0
    if n_compiled:
        note(f"compiled {n_compiled:,} functions in {duration(time.monotonic() - start_s)}")
    if done.returncode == 0:
        with suppress(OSError):  # told again then, where there is anything to compile
            os.makedirs(os.path.dirname(mark), exist_ok=True)
            with open(mark, "wb"):
                pass
