"""What ended a pipeline, in one line: a runner hands on a worker's whole traceback, or more."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

from corpusforge.parts.totals import BuildError
from corpusforge.parts.verify import verify_corpus
from corpusforge.shards.tasks import DoesNotAddUp

_TRACEBACK = "Traceback (most recent call last)"
_STEP = re.compile(r"\s*\[while running '(?P<step>.*?)(?:-ptransform-[^']*)?'\]")
_RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*(?P<name>[A-Z]\w*)(?::\s*(?P<message>.*))?$")
"""`module.Type: message`, as a traceback ends."""


@contextmanager
def blamed(corpus: str) -> Generator[None]:
    """Say whose fault it is that sums do not agree: a damaged file's, which is named, or corpusforge's."""
    try:
        yield
    except DoesNotAddUp as error:
        problems = verify_corpus(corpus).problems
        if problems:
            raise BuildError(f"{error}: {problems[0]}") from error
        raise BuildError(
            f"{error}, though every file holds its checksums: this is a fault of corpusforge, "
            "please report it with the snapshot's parts"
        ) from error


def deciding_line(error: BaseException) -> str:
    """Return the step that failed and the first line of what it raised; the last traceback decides."""
    text = str(error).strip()
    return _of_traceback(text) or _told(f"{type(error).__name__}: {text or 'no further word'}")


def quiet_tracebacks() -> None:
    """Have a fault told once, by the error that a build raises, and while a job runs in one line."""
    for name in ("common", "worker"):
        logging.getLogger(f"apache_beam.runners.{name}").setLevel(logging.CRITICAL)
    logger = logging.getLogger("apache_beam.runners.dataflow.dataflow_runner")
    if _shortened not in logger.filters:
        logger.addFilter(_shortened)


def _shortened(record: logging.LogRecord) -> bool:
    if raised := _of_traceback(record.getMessage()):
        record.msg, record.args = raised, ()
    return True


def _of_traceback(text: str) -> str | None:
    """Return what the last traceback of a text ends with; None where there is none."""
    _, found, last = text.rpartition(_TRACEBACK)
    if not found:
        return None
    lines = last.splitlines()[1:]
    start = next((number for number, line in enumerate(lines) if line and not line[0].isspace()), 0)
    return _told("\n".join(lines[start:]))


def _told(raised: str) -> str:
    step = _STEP.search(raised)
    line = _STEP.sub("", raised).splitlines()[0].strip()
    found = _RAISED.match(line)
    # Beam raises what it cannot build anew as a RuntimeError that begins with the true one.
    while found and found["name"] == "RuntimeError" and _RAISED.match(found["message"] or ""):
        found = _RAISED.match(found["message"])
    if found:
        line = f"{found['name']}: {found['message']}" if found["message"] else found["name"]
    return f"{step['step']}: {line}" if step else line
