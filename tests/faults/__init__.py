"""Storage faults put where a test wants them: at the n-th call, in this process or in all of a build's.

    with injecting(Faults(at=[7, 30], error="reset", operations=["read"])) as injected:
        ...
    assert injected.met

In this process the seam of `corpusforge.files.faults` is set. `environment` gives what worker
processes need to do the same: they count their calls together with all others in one file.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from corpusforge.files import faults

VARIABLE = "CORPUSFORGE_TEST_FAULTS"


def _busy() -> Exception:
    from google.api_core.exceptions import ServiceUnavailable

    return ServiceUnavailable("injected")


def _errno(number: int) -> Callable[[], Exception]:
    return lambda: OSError(number, f"{os.strerror(number)} (injected)")


ERRORS: dict[str, Callable[[], Exception]] = {
    "io": _errno(errno.EIO),
    "full": _errno(errno.ENOSPC),
    "denied": _errno(errno.EACCES),
    "stale": _errno(errno.ESTALE),
    "reset": _errno(errno.ECONNRESET),
    "busy": _busy,
}
"""`stale`, `reset` and `busy` (gs:// only) may pass when tried again; the others do not."""


@dataclass(frozen=True)
class Faults:
    """Which calls to storage fail, and how."""

    at: list[int]
    """Numbers of the calls that fail, from 1, counted over `operations` on paths with `part` in them."""
    error: str = "io"
    operations: list[str] = field(default_factory=lambda: ["read", "write", "list", "delete", "stat", "open"])
    part: str = ""
    times: int = 1
    """How many calls in a row fail from each number on: more than the tries, for a fault that stays."""
    counter: str = ""
    """A file in which all processes count together; empty to count in this process."""
    log: str = ""
    """A file to which `operation path` of each call that failed is added."""
    max_tries: int = 8
    first_wait_s: float = 0.001


class Injector:
    """What the seam calls before each call to storage."""

    def __init__(self, plan: Faults) -> None:
        self._plan = plan
        self._fail_at = {number + more for number in plan.at for more in range(plan.times)}
        self.calls = 0
        self.met: list[tuple[str, str]] = []
        """(operation, path) of the calls of this process that were made to fail."""

    def __call__(self, operation: str, path: str) -> None:
        if operation not in self._plan.operations or self._plan.part not in path:
            return
        self.calls = self._counted() if self._plan.counter else self.calls + 1
        if self.calls not in self._fail_at:
            return
        self.met.append((operation, path))
        if self._plan.log:
            with open(self._plan.log, "a") as log:
                log.write(f"{operation} {path}\n")
        raise ERRORS[self._plan.error]()

    def _counted(self) -> int:
        with open(self._plan.counter, "a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            number = int(handle.read() or 0) + 1
            handle.truncate(0)
            handle.write(str(number))
        return number


def install(plan: Faults) -> Injector:
    """Make this process's calls to storage fail as planned, for good."""
    injector = Injector(plan)
    faults.set_probe(injector)
    faults.PATIENCE = replace(
        faults.PATIENCE,
        max_tries=plan.max_tries,
        first_wait_s=plan.first_wait_s,
        max_wait_s=plan.first_wait_s,
    )
    return injector


@contextmanager
def injecting(plan: Faults) -> Iterator[Injector]:
    """Make this process's calls to storage fail as planned, meanwhile."""
    before = faults.PATIENCE
    try:
        yield install(plan)
    finally:
        faults.set_probe(None)
        faults.PATIENCE = before


def environment(plan: Faults) -> dict[str, str]:
    """Return the environment that makes every Python process under it fail as planned."""
    here = Path(__file__).resolve().parent
    paths = [str(here / "into_children"), str(here.parents[1]), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        VARIABLE: json.dumps(asdict(plan)),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }


def install_from_environment() -> None:
    """Install what `environment` was given, in a child process."""
    install(Faults(**json.loads(os.environ[VARIABLE])))
