"""What reading HEAD of a git repository costs, against git itself: `repositories.py REPOSITORY [--rounds N]`.

Both read every file of the commit, in turn; the figures are CPU seconds, those of child processes
included, the lowest of all rounds. Ours checks each object against its hash, `cat-file` does not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

from corpusforge.ingest.archives.entry import Entry, Limits
from corpusforge.ingest.repositories.git import Objects, git_entries, git_folder, read_head

_LIMITS = Limits(4 << 20, 1000.0)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ours, gits = [], []
    files = n_bytes = 0
    for _ in range(options.rounds):
        cpu_s, (files, n_bytes) = _timed(_ours, options.repository)
        ours.append(cpu_s)
        gits.append(_timed(_git, options.repository)[0])
    print(
        json.dumps(
            {
                "files": files,
                "bytes": n_bytes,
                "ours_cpu_s": round(min(ours), 3),
                "git_cpu_s": round(min(gits), 3),
                "ratio": round(min(ours) / min(gits), 2),
            }
        )
    )


def _timed(read: Callable[[Path], tuple[int, int]], repository: Path) -> tuple[float, tuple[int, int]]:
    before = _cpu_s()
    found = read(repository)
    return _cpu_s() - before, found


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _ours(repository: Path) -> tuple[int, int]:
    folder = git_folder(str(repository))
    if folder is None:
        raise SystemExit(f"{repository}: no git repository")
    with Objects(folder) as objects:
        entries = git_entries(objects, read_head(objects), _LIMITS)
        sizes = [len(entry.data) for entry in entries if isinstance(entry, Entry)]
    return len(sizes), sum(sizes)


def _git(repository: Path) -> tuple[int, int]:
    """Return (files, bytes) as `git ls-tree` and one `git cat-file --batch` tell them."""
    git = ["git", "-C", str(repository)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", "HEAD"], check=True, capture_output=True).stdout
    names = [line.split()[2] for line in listed.split(b"\0") if line.split()[1:2] == [b"blob"]]
    count = n_bytes = 0
    with subprocess.Popen([*git, "cat-file", "--batch"], stdin=-1, stdout=-1) as process:
        assert process.stdin is not None and process.stdout is not None
        for name in names:
            process.stdin.write(name + b"\n")
            process.stdin.flush()
            size = int(process.stdout.readline().split()[2])
            n_bytes += len(process.stdout.read(size + 1)) - 1
            count += 1
    return count, n_bytes


if __name__ == "__main__":
    main()
