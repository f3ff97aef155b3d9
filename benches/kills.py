"""Whole builds killed at random moments and run again: the same bytes, and nothing left behind.

    python benches/kills.py --kills 50 --workers 1
    python benches/kills.py --kills 30 --workers 2
    python benches/kills.py --kills 20 --portable

The dumps are the demo's, which hold every kind of source. SIGKILL goes to the build itself, at a
moment drawn evenly from a whole build's time; its workers must be gone within 5 s. Then it is run
again, killed once more with a chance of one in four, and at the end must hold the same files as
a build that met nothing, each with the same bytes, but for the report and the log of the run.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.build import descendants
from tests.pipelines.conftest import free_port, wait_for

DEMO = Path(__file__).parents[1] / "examples" / "demo"
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
OUTLIVES_S = 5.0
"""How long a worker may outlive its build; the promise of `corpusforge.lifeline`."""
TIMED = ("report.html", "card.md", "receipt.json", "costs/", "builds/", "prepared.json")
"""What says when and how long a build ran: these differ between any two builds."""


def digests(corpus: Path) -> dict[str, str]:
    """Return {relative path: sha256} of every file of a corpus; for those that tell the time, "there"."""
    found: dict[str, str] = {}
    for path in sorted(corpus.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(corpus))
            timed = any(part in name for part in TIMED)
            found[name] = "there" if timed else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def build_command(folder: Path, output: Path, flags: list[str]) -> list[str]:
    """Return the command that builds the demo's dumps of `folder` into `output`."""
    text = (DEMO / "demo.toml").read_text()
    text = text.replace("../../build/demo-dumps", str(folder / "dumps"))
    text = text.replace("../../build/demo", str(output))
    config = output.with_suffix(".toml")
    config.write_text(text)
    return [sys.executable, "-m", "corpusforge.cli", "build", str(config), *flags]


def killed_at(command: list[str], when_s: float) -> str:
    """Start a build, kill it after `when_s`; return how it ended and whether a worker outlived it."""
    process = subprocess.Popen(command, **QUIET)
    try:
        process.wait(timeout=when_s)
        return "ended before"
    except subprocess.TimeoutExpired:
        pass
    below = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline_s = time.monotonic() + OUTLIVES_S
    while (left := [pid for pid in below if is_running(pid)]) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    return f"WRONG: {len(left)} outlived it" if left else "killed"


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that ended and that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def compared(expected: dict[str, str], found: dict[str, str]) -> str:
    """Return "same bytes" or what is missing, more or other in a corpus."""
    wrong = [
        f"{word} {names[0]} ({len(names)})"
        for word, names in (
            ("missing", sorted(expected.keys() - found.keys())),
            ("left over", sorted(found.keys() - expected.keys())),
            ("other bytes", sorted(n for n in expected.keys() & found.keys() if expected[n] != found[n])),
        )
        if names
    ]
    return f"WRONG: {', '.join(wrong)}" if wrong else "same bytes"


@contextmanager
def job_service() -> Iterator[list[str]]:
    """Run a local job service and a pool of its workers; yield the flags of a build on it."""
    job, pool = free_port(), free_port()
    commands = (
        ["apache_beam.runners.portability.local_job_service_main", "--port", str(job)],
        ["apache_beam.runners.worker.worker_pool_main", f"--service_port={pool}"],
    )
    # The pool starts its workers as `python`: that must be this one, or the job waits for them for ever.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    services = [
        subprocess.Popen(
            [sys.executable, "-m", *command], start_new_session=True, env=os.environ | {"PATH": path}, **QUIET
        )
        for command in commands
    ]
    try:
        for service, port in zip(services, (job, pool), strict=True):
            wait_for(port, service)
        yield [
            "--runner", "PortableRunner", "--", f"--job_endpoint=127.0.0.1:{job}",
            "--environment_type=EXTERNAL", f"--environment_config=127.0.0.1:{pool}",
        ]  # fmt: skip
    finally:
        for service in services:
            for pid in descendants(service.pid):
                if is_running(pid):
                    os.kill(pid, signal.SIGKILL)
            service.kill()
            service.wait()


@contextmanager
def local(n_workers: int) -> Iterator[list[str]]:
    """Yield the flags of a build in a pool of this machine's processes."""
    yield ["--workers", str(n_workers)]


def kills(folder: Path, n_kills: int, seed: int, portable: bool, n_workers: int) -> Counter[str]:
    """Return how many builds ended in which way, having been killed and run again."""
    rng = random.Random(seed)
    output = folder / "corpus"
    start_s = time.monotonic()
    subprocess.run(build_command(folder, output, ["--workers", str(n_workers)]), check=True, **QUIET)
    usual_s = time.monotonic() - start_s
    expected = digests(output)
    shutil.rmtree(output)
    found: Counter[str] = Counter()
    while found.total() - found["ended before"] < n_kills:
        with job_service() if portable else local(n_workers) as flags:
            start_s = time.monotonic()
            ended = killed_at(build_command(folder, output, flags), rng.uniform(0.2, usual_s))
            if ended == "ended before":  # too late: this machine was quicker than at first
                usual_s = time.monotonic() - start_s
        while ended == "killed" and rng.random() < 0.25:
            again = killed_at(build_command(folder, output, ["--workers", "1"]), rng.uniform(0.2, usual_s))
            ended = again if again.startswith("WRONG") else ended
        if ended != "ended before":
            again = subprocess.run(build_command(folder, output, ["--workers", str(n_workers)]), **QUIET)
            result = compared(expected, digests(output)) if again.returncode == 0 else "WRONG: failed"
            ended = f"{ended}, {result}"
        found[ended] += 1
        if "WRONG" in ended:
            print(found.total(), ended, flush=True)
        shutil.rmtree(output, ignore_errors=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--portable", action="store_true", help="under a local job service")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make = [sys.executable, str(DEMO / "make_dumps.py"), str(folder / "dumps")]
        subprocess.run(make, check=True, **QUIET)
        found = kills(folder, given.kills, given.seed, given.portable, given.workers)
    runner = "portable runner" if given.portable else f"{given.workers} workers"
    print(runner, dict(found))
    sys.exit(any("WRONG" in ended for ended in found))


if __name__ == "__main__":
    main()
