"""Where an export reads and writes, when that is a bucket: its files are local ones meanwhile.

Most formats link or map the corpus's own files. Those of a corpus in a bucket are downloaded beside
the output first, so that a link to one stays when the download goes; those of an output in a
bucket are written to a temporary folder and published one by one. Both take room on disk.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager

from corpusforge.files import (
    check_usable,
    check_writable,
    is_remote,
    join,
    list_entries,
    open_input,
    overlapping,
    publishing,
    store_of,
)
from corpusforge.shards.format import KINDS, ShardRow, shard_path

_BLOCK_BYTES = 4 << 20


def check_places(corpus: str, output: str) -> None:
    """Raise ValueError or OSError, in one line, where an output holds something or lies in the corpus."""
    check_usable(check_writable(output))
    if line := overlapping([corpus], output):
        raise ValueError(line)
    if not is_remote(output) and os.path.exists(output) and not os.path.isdir(output):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), output)
    if _holds_something(output):
        raise ValueError(f"{output}: not empty: give a new folder")


@contextmanager
def placed(
    corpus: str, output: str, rows: Iterable[ShardRow], beside: Sequence[str] = ()
) -> Generator[tuple[str, str]]:
    """Yield (corpus, output) as folders of this machine; what was written is published at the end.

    `rows` are the shards that are read, `beside` the files beside a plan, relative to the corpus.
    """
    with ExitStack() as stack:
        if is_remote(output):
            folder = join(stack.enter_context(tempfile.TemporaryDirectory(prefix="corpusforge-")), "out")
            os.mkdir(folder)
        else:
            folder = stack.enter_context(_whole(output))
        here = corpus
        if is_remote(corpus):
            here = tempfile.mkdtemp(prefix=".tmp-corpus-", dir=folder)
            stack.callback(shutil.rmtree, here, ignore_errors=True)
            for path in [*_read_of(rows), *beside]:
                _download(join(corpus, path), join(here, path))
        yield here, folder
        if here != corpus:
            shutil.rmtree(here)
        if is_remote(output):
            _publish(folder, output)


@contextmanager
def _whole(output: str) -> Generator[str]:
    """Yield a folder beside the output: at a clean exit it takes its name, at another it is removed."""
    output = os.path.realpath(output)
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=os.path.dirname(output)) as beside:
        folder = os.path.join(beside, "out")
        os.mkdir(folder)
        yield folder
        try:
            os.replace(folder, output)  # an empty folder gives way
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise ValueError(f"{output}: was filled by another meanwhile: give a new folder") from None


def _holds_something(output: str) -> bool:
    if is_remote(output):
        return next(list_entries(output), None) is not None
    return os.path.isdir(output) and bool(os.listdir(output))


def _read_of(rows: Iterable[ShardRow]) -> Iterable[str]:
    for row in rows:
        yield from (shard_path(row.domain, row.subset, row.id, kind) for kind in KINDS)


def _download(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open_input(path) as stream, publishing(target) as temporary, open(temporary, "wb") as out:
        shutil.copyfileobj(stream, out, _BLOCK_BYTES)


def _publish(folder: str, output: str) -> None:
    """Publish all files below a folder: the links among them as what they lead to."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            whole = os.path.join(place, name)
            store_of(output).upload(join(output, os.path.relpath(whole, folder)), None, whole)
