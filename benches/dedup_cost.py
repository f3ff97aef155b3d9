"""What a command costs, whatever it is written in: CPU time and memory of its process and all it starts.

Standard library only, so that `dedup_peers.py` counts other tools, by their own Python, as `dedup.py`
counts `corpusforge dedup`. `largest_rss_mib` is the highest resident set of any one of the processes, as
the kernel keeps it: code of shared libraries and mapped files are in it. `peak_anonymous_mib` is what all
of them together hold that the machine cannot drop, sampled from outside, a page that several share once.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

SAMPLED_EVERY_S = 0.02


def cost(command: Sequence[str], **options: object) -> tuple[dict[str, float], str]:
    """Return (figures, stdout) of a command. Raises `CalledProcessError` where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    peaks = [0]
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(SAMPLED_EVERY_S):
            peaks[0] = max(peaks[0], anonymous_kib(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        is_done.set()
        watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, printed)
    figures = {
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_anonymous_mib": round(peaks[0] / 1024),
        "largest_rss_mib": round(usage.ru_maxrss / 1024),
    }
    return figures, printed


def anonymous_kib(root: int) -> int:
    """Return the anonymous KiB of a process and all that it has started, shared pages once."""
    started: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            started.setdefault(_parent(name), []).append(int(name))
    total = 0
    pending = [root]
    while pending:
        pid = pending.pop()
        pending += started.get(pid, [])
        fields = dict(line.split(":", 1) for line in _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:])
        total += int(fields.get("Pss_Anon", "0").split()[0])
    return total


def _parent(pid: str) -> int:
    stat = _read(f"/proc/{pid}/stat")
    return int(stat.rpartition(")")[2].split()[1]) if stat else 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # the process has ended
        return ""
