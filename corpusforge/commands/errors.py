"""How the command fails: one clear line and an exit status, never a bare traceback."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

from corpusforge.printable import visible

USAGE = 2
"""Exit status of a usage or configuration error."""
FAILED = 1
"""Exit status of a failed build, a corpus with faults, a document without text."""
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells expect it."""


_WAYS_OUT = {
    errno.EACCES: "; give this user the right to, or name another place",
    errno.EPERM: "; give this user the right to, or name another place",
    errno.EROFS: "; name a place that can be written",
    errno.ENOSPC: "; free some room there, and run the same command again",
    errno.EDQUOT: "; free some room there, and run the same command again",
    errno.EISDIR: "; name a file",
    errno.EEXIST: "; a file stands where a folder is needed; name another place",
    errno.ENOTDIR: "; a file stands where a folder is needed; name another place",
}
"""What to do about a fault of a disk."""


class CommandError(Exception):
    """A failure that the user can act on; the message says what is wrong and what to do."""

    def __init__(self, message: str, status: int = FAILED, lines: Sequence[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.lines = [message] if lines is None else list(lines)
        """What is shown: a message is one line, whatever it quotes; a configuration has several faults."""


def usage_error(message: str) -> CommandError:
    """Return the error of a command that was given what it cannot use."""
    return CommandError(message, USAGE)


def goes_on(line: str) -> CommandError:
    """Return the error of a command that goes on if run again, unless the line says what does."""
    line = line.rstrip(". ")
    return CommandError(line if line.endswith("goes on") else f"{line}; the same command goes on")


def tell(error: Exception) -> int:
    """Print why the command failed on stderr; return its exit status."""
    failure = explain(error)
    for line in failure.lines:
        print(f"corpusforge: {visible(line)}", file=sys.stderr)
    return failure.status


def explain(error: Exception) -> CommandError:
    """Return any exception as a `CommandError`.

    An expected one (a wrong configuration, a build that must not commit, a missing file)
    keeps its own words; another one is named with its type and the way to its traceback.
    """
    if isinstance(error, CommandError):
        return error
    # Imported here, after something failed: `corpusforge --help` must not pay for it.
    from corpusforge.config import ConfigError
    from corpusforge.extras import MissingLibrary, missing
    from corpusforge.files import StorageRefused
    from corpusforge.parts.totals import BuildError
    from corpusforge.pinned import ModelError
    from corpusforge.shards.snapshot import CommitConflict

    if isinstance(error, ConfigError):
        return CommandError(str(error), USAGE, str(error).split("\n"))
    if isinstance(error, ModelError):
        return usage_error(str(error))
    if isinstance(error, BuildError | CommitConflict):
        return CommandError(str(error))
    if isinstance(error, MissingLibrary):
        return usage_error(str(error))
    if isinstance(error, ModuleNotFoundError) and (line := missing(error)) is not None:
        return usage_error(line)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        is_usage = error.errno in (errno.ENOENT, errno.EISDIR) or isinstance(error, StorageRefused)
        status = USAGE if is_usage else FAILED
        return CommandError(f"{place}{error.strerror}{_WAYS_OUT.get(error.errno or 0, '')}", status)
    return CommandError(f"{_deciding_line(error)} (`corpusforge --debug …` shows the traceback)")


def _deciding_line(error: Exception) -> str:
    """Return the line that says what failed; a runner's error holds a worker's whole traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["no further word"]
    is_traceback = any("Traceback (most recent call last)" in line for line in lines)
    return lines[-1] if is_traceback else f"{type(error).__name__}: {lines[0]}"
