"""Storage that fails and workers that die: the same bytes, or a failed build that names the file.

    python benches/faults.py --faults 200 --kills 50 [--bucket]

Each fault is one error of storage (of the disk, of the connection, no room, no permission) at a
call drawn at random from all calls of a whole build, once or for good. Each kill is SIGKILL for
a worker process, under the portable runner with two of them, at a random moment. After a build
that failed, it is run again, and must end with the bytes of a build that met nothing.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.build import descendants
from corpusforge import files
from corpusforge.config import BuildConfig, load_config
from corpusforge.files import faults as storage
from corpusforge.files.client import client
from corpusforge_pipelines.build import build
from tests.emulator import emulator_binary, running_emulator
from tests.pipelines.conftest import corpus_bytes, free_port, wait_for, write_config, write_dumps

ERRORS: dict[str, Callable[[str], Exception]] = {
    "EIO": lambda path: OSError(errno.EIO, os.strerror(errno.EIO), path),
    "ENOSPC": lambda path: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path),
    "EACCES": lambda path: PermissionError(errno.EACCES, os.strerror(errno.EACCES), path),
    "reset": lambda path: ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET), path),
}


class Injector:
    """Raises one error at the n-th call to storage; if for good, at every call of that kind on that path."""

    def __init__(self, at: int, error: str, for_good: bool) -> None:
        self.at, self.error, self.for_good = at, error, for_good
        self.calls = 0
        self.hit: tuple[str, str] | None = None

    def __call__(self, operation: str, path: str) -> None:
        self.calls += 1
        if self.calls == self.at:
            self.hit = (operation, path)
        elif not (self.for_good and self.hit == (operation, path)):
            return
        raise ERRORS[self.error](path)


def outcome(config: BuildConfig, injector: Injector) -> tuple[str, str]:
    """Return ("whole" or "failed", the message) of a build under an injector."""
    storage.set_probe(injector)
    try:
        build(config)
    except Exception as error:  # whatever it is, it must name the file
        return "failed", str(error)
    finally:
        storage.set_probe(None)
    return "whole", ""


def fault_run(config: BuildConfig, expected: dict[str, str], injector: Injector, copy: Path) -> str:
    """Return what came of one build with one fault, having run it again where it failed."""
    ended, message = outcome(config, injector)
    if injector.hit is None:
        return "not met"
    if ended == "failed":
        name = injector.hit[1].rpartition("/")[2]
        if name not in message:
            return f"WRONG: fails without naming {injector.hit}: {message[-300:]}"
        build(config)
    if bytes_of(config.output, copy) != expected:
        return f"WRONG: other bytes after {injector.error} at {injector.hit}"
    return "failed, named the file, and was whole when run again" if ended == "failed" else "whole"


def bytes_of(output: str, copy: Path) -> dict[str, str]:
    """Return the digests of a corpus; one in a bucket is copied first."""
    if not files.is_remote(output):
        return corpus_bytes(Path(output))
    shutil.rmtree(copy, ignore_errors=True)
    for name in files.list_files(output):
        target = copy / name.removeprefix(output + "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read_bytes(name))
    return corpus_bytes(copy)


def faults(folder: Path, n_faults: int, seed: int, base: str | None) -> Counter[str]:
    """Return how builds ended that met one fault each."""
    rng = random.Random(seed)
    place = (lambda name: f"{base}/{name}") if base else (lambda name: str(folder / name))
    plain = load_config(str(write_config(folder, folder / "unused")))
    if base:
        for path in (folder / "dumps").iterdir():
            files.write_bytes(f"{base}/dumps/{path.name}", path.read_bytes())
        sources = tuple(
            s.model_copy(update={"paths": tuple(p.replace(str(folder), base) for p in s.paths)})
            for s in plain.sources
        )
        plain = plain.model_copy(update={"sources": sources})
    whole = plain.model_copy(update={"output": place("whole")})
    counter = Injector(0, "EIO", False)
    assert outcome(whole, counter) == ("whole", "")
    expected = bytes_of(whole.output, folder / "copy")
    found: Counter[str] = Counter()
    for number in range(n_faults):
        at, error = rng.randrange(1, counter.calls + 1), rng.choice(sorted(ERRORS))
        injector = Injector(at, error, rng.random() < 0.5)
        config = plain.model_copy(update={"output": place(f"run-{number}")})
        ended = fault_run(config, expected, injector, folder / "copy")
        found[ended] += 1
        if ended.startswith("WRONG"):
            print(number, ended, flush=True)
        files.remove(config.output) if base is None else files.remove_tree(config.output)
    return found


def kills(folder: Path, n_kills: int, seed: int) -> Counter[str]:
    """Return how builds ended under the portable runner whose worker processes were killed."""
    rng = random.Random(seed)
    plain = load_config(str(write_config(folder, folder / "unused")))
    build(plain.model_copy(update={"output": str(folder / "whole")}))
    expected = corpus_bytes(folder / "whole")
    found: Counter[str] = Counter()
    usual_s = 20.0
    for number in range(n_kills):
        job, pool = free_port(), free_port()
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        services = [
            subprocess.Popen([sys.executable, "-m", *command], **quiet)
            for command in (
                ["apache_beam.runners.portability.local_job_service_main", "--port", str(job)],
                ["apache_beam.runners.worker.worker_pool_main", f"--service_port={pool}"],
            )
        ]
        for service, port in zip(services, (job, pool), strict=True):
            wait_for(port, service)
        config = plain.model_copy(update={"output": str(folder / f"killed-{number}")})
        flags = [
            f"--job_endpoint=127.0.0.1:{job}", "--environment_type=EXTERNAL",
            f"--environment_config=127.0.0.1:{pool}", "--direct_num_workers=2",
        ]  # fmt: skip
        killed: list[int] = []
        when_s = rng.uniform(0.5, usual_s)
        timer = threading.Timer(when_s, kill_one, (services[1].pid, rng, killed))
        start_s = time.monotonic()
        timer.start()
        try:
            build(config, runner="PortableRunner", beam_flags=flags)
            ended = "whole"
            usual_s = time.monotonic() - start_s
        except Exception:
            ended = "failed"
        timer.cancel()
        for service in services:
            service.kill()
            service.wait()
        if ended == "failed":
            build(config)
        right = "same bytes" if corpus_bytes(Path(config.output)) == expected else "WRONG bytes"
        found[f"{'killed one' if killed else 'ended before'}, {ended}, {right}"] += 1
        shutil.rmtree(config.output)
    return found


def pool_kills(folder: Path, n_kills: int, seed: int) -> Counter[str]:
    """Return how local builds ended of whose two workers, sandboxes and server one was killed."""
    rng = random.Random(seed)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    whole = [sys.executable, "-m", "corpusforge.cli", "build", write_config(folder, folder / "whole")]
    subprocess.run(whole, check=True, **quiet)  # the command writes a report too
    expected = corpus_bytes(folder / "whole")
    found: Counter[str] = Counter()
    usual_s = 6.0
    for number in range(n_kills):
        output = folder / f"killed-{number}"
        config = write_config(folder, output)
        command = [sys.executable, "-m", "corpusforge.cli", "build", config, "--workers", "2"]
        start_s, when_s = time.monotonic(), rng.uniform(1.0, usual_s)
        process = subprocess.Popen(command, **quiet)
        victim = None
        while process.poll() is None:
            below = [pid for pid in descendants(process.pid) if b"forkserver" in command_of(pid)]
            if victim is None and below and time.monotonic() - start_s > when_s:
                victim = rng.choice(below)
                os.kill(victim, signal.SIGKILL)
            time.sleep(0.01)
        usual_s = time.monotonic() - start_s if victim is None else usual_s
        ended = "whole" if process.returncode == 0 else "failed"
        subprocess.run(command, check=True, **quiet)
        right = "same bytes" if corpus_bytes(output) == expected else "WRONG bytes"
        found[f"{'killed one' if victim else 'ended before'}, {ended}, {right}"] += 1
        shutil.rmtree(output)
    return found


def command_of(pid: int) -> bytes:
    """Return the command line of a process; nothing once it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill_one(parent: int, rng: random.Random, killed: list[int]) -> None:
    """Kill one worker process below the pool, if there is one; its id goes to `killed`."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    if children:
        killed.append(int(rng.choice(children)))
        os.kill(killed[0], signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--pool-kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bucket", action="store_true", help="faults in a bucket, against the emulator")
    given = parser.parse_args()
    storage.PATIENCE = storage.Patience(max_tries=3, first_wait_s=0.01)  # the same, in less time
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dumps(folder / "dumps")
        if given.faults:
            if given.bucket:
                binary = emulator_binary()
                assert binary is not None, "the development environment holds the emulator"
                with running_emulator(binary, folder / "emulator.log"):
                    client().create_bucket("faults")
                    found = faults(folder, given.faults, given.seed, "gs://faults")
            else:
                found = faults(folder, given.faults, given.seed, None)
            print("faults", "in a bucket" if given.bucket else "on disk", dict(found))
        if given.pool_kills:
            print("kills in a local pool", dict(pool_kills(folder, given.pool_kills, given.seed)))
        if given.kills:
            print("kills", dict(kills(folder, given.kills, given.seed)))


if __name__ == "__main__":
    main()
