"""Test items of benchmarks: JSONL rows {"benchmark", "text", "id"?, "split"?}, plain, .gz or .xz."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpusforge.files import exists, list_files, read_bytes

TABLE_ENDING = ".npz"
_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".json", ".json.gz", ".json.xz")


@dataclass(frozen=True, slots=True)
class Item:
    """One test item of a benchmark: the question. Answers are not looked for."""

    benchmark: str
    name: str
    text: str


def item_files(path: str) -> list[str]:
    """Return the files of items at a path or below a folder, sorted."""
    return [name for name in list_files(path) if name.endswith(_ENDINGS)]


def files_sha256(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the sha256 of one file's bytes; of several, that of their sha256s in order, 64 hex digits."""
    digests = [hashlib.sha256(data).hexdigest() for _, data in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def pinned_bytes(path: str, sha256: str) -> list[tuple[str, bytes]]:
    """Return (name, bytes) of a table or of the files of items at a path.

    Raises ValueError where there are none, or they are not those of `sha256`.
    """
    files = read_files(path)
    if (digest := files_sha256(files)) != sha256:
        raise ValueError(f"{path}: changed: its sha256 is {digest}, and the configuration pins {sha256}")
    return files


def read_files(path: str) -> list[tuple[str, bytes]]:
    """Return (name, bytes) of a table or of the files of items at a path, by name."""
    names = [path] if path.endswith(TABLE_ENDING) else item_files(path)
    if not names or not exists(names[0]):
        raise ValueError(f"nothing at {path}: expected a table (.npz), or JSONL (.gz, .xz) or a folder of it")
    return [(name, read_bytes(name)) for name in names]


def read_items(path: str) -> Iterator[Item]:
    """Return the items of a file or folder, files by name, rows in order.

    Raises ValueError, one line with file and row, for what is no item.
    """
    for name, data in read_files(path):
        yield from parse_items(data, name)


def parse_items(data: bytes, name: str) -> Iterator[Item]:
    """Return the items in the bytes of a file called `name`."""
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    elif name.endswith(".xz"):
        data = lzma.decompress(data)
    # split at line feeds alone: JSON strings may hold U+2028
    for number, line in enumerate(data.decode("utf-8").split("\n"), start=1):
        if line.strip():
            yield _item(line, name, number)


def _item(line: str, path: str, number: int) -> Item:
    try:
        row = json.loads(line)
        return Item(str(row.get("benchmark", "benchmark")), str(row.get("id", number)), str(row["text"]))
    except (ValueError, KeyError, AttributeError) as error:
        raise ValueError(f"{path}:{number}: no benchmark item: expected a JSON object with `text`") from error
