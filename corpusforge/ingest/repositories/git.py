"""The files of a git repository's HEAD commit, bare or with a work tree, by the `git` command.

Nothing of the repository is run and nothing is fetched: no hooks, no user or system
configuration, no network protocol. Blobs come out of one `git cat-file --batch`; where git
dies of a corrupt object, that one is refused and a new process goes on with the next.
"""

from __future__ import annotations

import errno
import os
import re
import select
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, cast

from corpusforge.document import DropReason, name_text
from corpusforge.ingest.archives.entry import Entry, Limits, Refused, too_much, unsafe_name

_TREE_LINE = re.compile(rb"(\d+) (\w+) ([0-9a-f]{40,64})\t(.*)", re.DOTALL)
_GITHUB_URL = re.compile(r"github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
_READ_BYTES = 1 << 16
MAX_FILES = 2_000_000
"""The most files of one commit that are read; the largest public repositories hold half a million."""
_MODES = {"120000": "a symbolic link", "160000": "a submodule"}
_OPTIONS = (
    "safe.directory=*",  # dumps belong to someone else by nature
    "protocol.allow=never",  # a partial clone would fetch what it lacks
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.bigFileThreshold=64m",  # larger blobs are streamed by git, not held
)


_FAULTS = (
    *(errno.EIO, errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE),
    *(errno.EACCES, errno.EDQUOT, errno.ESTALE),
)
"""What git passes on from the machine, in the words of `strerror`: nothing of the repository's content."""


class GitError(Exception):
    """What git had to say, in one line."""


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that is read."""

    commit: str
    date: str
    """Committer date, ISO 8601."""
    repo: str | None
    """`owner/name` where the remote is on GitHub."""


def git_folder(path: str) -> str | None:
    """Return the git directory of a repository at `path`, bare or `.git`; None if it is none."""
    for folder in (os.path.join(path, ".git"), path):
        if os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects")):
            return folder
    return None


def read_head(folder: str, deadline_s: float) -> Head:
    """Return the HEAD commit of a git directory; raises `GitError`."""
    commit, _, date = _output(folder, deadline_s, "log", "-1", "--format=%H %cI", "HEAD").partition(" ")
    try:
        url = _output(folder, deadline_s, "config", "--local", "--get", "remote.origin.url")
    except GitError:
        url = ""
    found = _GITHUB_URL.search(url)
    return Head(commit, date, f"{found[1]}/{found[2]}" if found else None)


def git_entries(
    folder: str,
    head: Head,
    limits: Limits,
    deadline_s: float,
    *,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Entry | Refused]:
    """Yield every file of a commit, or those whose path is wanted, in git's own order, by path.

    `deadline_s` bounds the wait for any one answer of git, not the whole.
    """
    with _Objects(folder, deadline_s) as objects:
        try:
            for number, (mode, kind, blob, name) in enumerate(_tree(folder, head.commit, deadline_s)):
                if number == MAX_FILES:  # trees may hold each other many times over: ten names, 10^10 paths
                    detail = f"more than {MAX_FILES} files in one commit: those after are not read"
                    yield Refused(name, DropReason.BOMB, detail)
                    return
                if wanted is not None and not wanted(name):
                    continue
                if unsafe := unsafe_name(name):
                    yield Refused(name, DropReason.UNSAFE_NAME, f"{name!r}: {unsafe}")
                elif mode in _MODES or kind != "blob":
                    what = _MODES.get(mode, f"a {kind}")
                    yield Refused(name, DropReason.NOT_CONTENT, f"{what}, no regular file")
                else:
                    yield objects.entry(name, blob, limits)
        except GitError as error:
            detail = f"the tree of {head.commit} cannot be listed further: {error}"
            yield Refused("", DropReason.UNREADABLE, detail)


def _command(folder: str, *arguments: str) -> list[str]:
    options = [part for option in _OPTIONS for part in ("-c", option)]
    return ["git", f"--git-dir={folder}", "--no-pager", "--no-replace-objects", *options, *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }


def _output(folder: str, deadline_s: float, *arguments: str) -> str:
    try:
        done = subprocess.run(
            _command(folder, *arguments),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} gave no answer in {deadline_s:g} s") from None
    if done.returncode:
        raise GitError(_last_line(done.stderr) or f"git {arguments[0]} failed")
    return done.stdout.decode("utf-8", "replace").strip()


def _last_line(text: bytes) -> str:
    """Return the last line of a complaint; raises OSError where it tells of a fault of the machine."""
    lines = text.decode("utf-8", "replace").strip().splitlines()
    for number in _FAULTS:
        if os.strerror(number) in "\n".join(lines):
            raise OSError(number, f"git: {lines[-1].strip()}")
    return lines[-1].strip() if lines else ""


def _tree(folder: str, commit: str, deadline_s: float) -> Iterator[tuple[str, str, str, str]]:
    """Yield (mode, type, id, path) of each entry; raise `GitError` if that was not all."""
    # Not with -l: to tell the sizes git opens every blob, and ends at the first that is missing.
    with _Process(folder, deadline_s, "ls-tree", "-r", "-z", "--full-tree", commit) as process:
        while line := process.until(b"\0"):
            found = _TREE_LINE.fullmatch(line)
            if found is None:
                raise GitError(f"git ls-tree wrote {line[:80]!r}")
            path = name_text(found[4])
            yield found[1].decode(), found[2].decode(), found[3].decode(), path
        process.finish()


class _Process:
    """A git process whose every answer has a deadline."""

    def __init__(self, folder: str, deadline_s: float, *arguments: str) -> None:
        self._deadline_s = deadline_s
        self._process = subprocess.Popen(
            _command(folder, *arguments),
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._data = bytearray()

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, line: bytes) -> None:
        """Write one line to git; raises `GitError` where it is gone."""
        try:
            stdin = cast("IO[bytes]", self._process.stdin)
            stdin.write(line)
            stdin.flush()
        except BrokenPipeError:
            raise GitError(self._complaint()) from None

    def until(self, mark: bytes) -> bytes:
        """Return the bytes before the next mark, and pass it; b"" at the end of the output."""
        while (at := self._data.find(mark)) < 0:
            if not self._fill():
                return b""
        found = bytes(self._data[:at])
        del self._data[: at + len(mark)]
        return found

    def exactly(self, n_bytes: int) -> bytes:
        """Return that many bytes; raises `GitError` where the output ends first."""
        while len(self._data) < n_bytes:
            if not self._fill():
                raise GitError(self._complaint())
        found = bytes(self._data[:n_bytes])
        del self._data[:n_bytes]
        return found

    def finish(self) -> None:
        """Wait for the end; raises `GitError` where git failed."""
        complaint = self._complaint()
        if self._process.returncode:
            raise GitError(complaint)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._process.wait()

    def _complaint(self) -> str:
        try:
            _, errors = self._process.communicate(timeout=self._deadline_s)
        except subprocess.TimeoutExpired:
            return f"git gave no answer in {self._deadline_s:g} s"
        return _last_line(errors) or f"git ended with status {self._process.returncode}"

    def _fill(self) -> bool:
        output = cast("IO[bytes]", self._process.stdout).fileno()
        if not select.select([output], [], [], self._deadline_s)[0]:
            self._process.kill()
            raise GitError(f"git gave no answer in {self._deadline_s:g} s")
        data = os.read(output, _READ_BYTES)
        self._data += data
        return bool(data)


class _Objects:
    """Sizes and contents of blobs, by processes that are begun anew where one dies."""

    def __init__(self, folder: str, deadline_s: float) -> None:
        self._folder = folder
        self._deadline_s = deadline_s
        self._processes: dict[str, _Process] = {}

    def __enter__(self) -> _Objects:
        return self

    def __exit__(self, *_: object) -> None:
        for mode in list(self._processes):
            self._end(mode)

    def entry(self, name: str, blob: str, limits: Limits) -> Entry | Refused:
        """Return the file of one blob, its size asked for before any of it is held."""
        try:
            size = self._ask("--batch-check", blob)
            if size > limits.max_entry_bytes:
                return too_much(name, size, None, limits)
            if self._ask("--batch", blob) != size:
                raise GitError("its size changed")
            try:
                return Entry(name, self._processes["--batch"].exactly(size + 1)[:-1])
            except GitError:
                self._end("--batch")
                raise
        except GitError as error:
            return Refused(name, DropReason.UNREADABLE, f"blob {blob}: {error}")

    def _ask(self, mode: str, blob: str) -> int:
        """Return the size in the answer's first line; raises `GitError`."""
        process = self._processes.get(mode)
        if process is None:
            process = _Process(self._folder, self._deadline_s, "cat-file", mode)
            self._processes[mode] = process
        try:
            process.send(blob.encode() + b"\n")
            answer = process.until(b"\n").split()
            if not answer:
                process.finish()
                raise GitError("git ended without an answer")
        except GitError:
            self._end(mode)
            raise
        if len(answer) == 3 and answer[1] == b"blob":
            return int(answer[2])
        raise GitError("the repository does not hold it" if answer[-1] == b"missing" else "it is no blob")

    def _end(self, mode: str) -> None:
        self._processes.pop(mode).close()
