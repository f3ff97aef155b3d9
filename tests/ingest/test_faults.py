"""A fault of storage is never data: it passes through every reader, whatever was being read."""

from __future__ import annotations

import io
import itertools
import tarfile
from pathlib import Path
from typing import IO

import pytest

from corpusforge.document import SourceKind
from corpusforge.ingest import (
    Coverage,
    IngestConfig,
    InputFile,
    detect_kind,
    opening,
    read,
    splits,
    survey,
    thread_rows,
    unsplittable,
)
from tests.ingest.splitting import CONFIG, dumps, input_of, notebook_lines, wiki

Fault = type[BaseException]


class StorageFault(OSError):
    """What a client of a bucket raises."""


def tarred(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for number in range(3):
            entry = tarfile.TarInfo(f"r-0123456/f{number}.py")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


DUMPS = dumps() | {
    "r.tar.gz": (SourceKind.GITHUB, tarred(b"print(1)\n")),
    "n.tar.gz": (SourceKind.NOTEBOOKS, tarred(b"{}")),
    "loose.py": (SourceKind.GITHUB, b"print(1)\n"),
    "a.ipynb": (SourceKind.NOTEBOOKS, notebook_lines()[:60]),
    "book.txt": (SourceKind.BOOKS, b"A book.\n" * 99),
    "single.xml.gz": (SourceKind.MEDIAWIKI, __import__("gzip").compress(wiki())),
    "single.xml.xz": (SourceKind.MEDIAWIKI, __import__("lzma").compress(wiki())),
}


class Failing(io.BytesIO):
    """A file whose n-th call fails, as disks and buckets do."""

    def __init__(self, data: bytes, calls: itertools.count[int], fails_at: int, fault: Fault) -> None:
        super().__init__(data)
        self._calls, self._fails_at, self._fault = calls, fails_at, fault

    def _call(self) -> None:
        if next(self._calls) == self._fails_at:
            raise self._fault(5, "Input/output error")

    def read(self, size: int | None = -1, /) -> bytes:
        self._call()
        return super().read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._call()
        return super().seek(offset, whence)


def failing(
    monkeypatch: pytest.MonkeyPatch, path: Path, fails_at: int, fault: Fault = OSError
) -> itertools.count[int]:
    """Let the n-th read or seek of a dump fail, counted over all the times that it is opened."""
    calls = itertools.count()

    def open_input(opened: str, **_: object) -> IO[bytes]:
        return Failing(Path(opened).read_bytes(), calls, fails_at, fault)

    monkeypatch.setattr(opening, "open_input", open_input)
    return calls


@pytest.mark.parametrize("fault", [OSError, StorageFault, MemoryError, EOFError, ValueError])
@pytest.mark.parametrize("name", DUMPS)
def test_a_read_that_fails_fails_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: Fault
) -> None:
    kind, data = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(data)
    input = input_of(path, kind)

    def run() -> None:
        if kind is SourceKind.STACKEXCHANGE:
            list(thread_rows(input, CONFIG))
        list(read(input, CONFIG))

    calls = failing(monkeypatch, path, -1)
    run()
    n_calls = next(calls)
    assert n_calls > 1
    step = max(1, n_calls // 25)
    for fails_at in sorted({*range(0, n_calls, step), n_calls - 1, 1, 2, 3}):
        if fails_at >= n_calls:
            continue
        failing(monkeypatch, path, fails_at, fault)
        with pytest.raises(fault):
            run()


@pytest.mark.parametrize("name", ["a.warc.gz", "a.jsonl", "repos.zip", "a.parquet", "wiki.xml.bz2"])
def test_a_read_that_fails_fails_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(DUMPS[name][1])
    input = input_of(path, DUMPS[name][0])

    def run() -> None:
        splits(input, CONFIG, len(DUMPS[name][1]))
        survey(input, CONFIG, len(DUMPS[name][1]))
        unsplittable(input, CONFIG, len(DUMPS[name][1]))

    calls = failing(monkeypatch, path, -1)
    run()
    for fails_at in range(next(calls)):
        failing(monkeypatch, path, fails_at)
        with pytest.raises(OSError):
            run()


@pytest.mark.parametrize("name", [name for name in DUMPS if "Posts" not in name])
def test_a_kind_is_not_told_from_a_read_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(DUMPS[name][1])
    calls = failing(monkeypatch, path, -1)
    try:
        detect_kind(str(path))
    except ValueError:
        return  # a name is needed here
    for fails_at in range(next(calls)):
        failing(monkeypatch, path, fails_at)
        with pytest.raises(OSError):
            detect_kind(str(path))


def test_a_folder_that_cannot_be_listed_fails_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r" / "sub").mkdir(parents=True)
    (tmp_path / "r" / "a.py").write_text("print(1)")
    import os

    whole = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("sub"):
            raise OSError(5, "Input/output error")
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(OSError):
        list(read(InputFile(str(tmp_path / "r"), "r", "test", SourceKind.GITHUB), IngestConfig()))


@pytest.mark.parametrize("name", ["single.xml.gz", "a.jsonl", "a.warc.gz", "repos.zip", "a.parquet"])
def test_a_reader_that_raises_tells_what_it_leaves_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind, data = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(data)

    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("a mistake of ours")

    for place in (
        "corpusforge.ingest.wiki.mediawiki._record",
        "corpusforge.ingest.tables.rows.row_record",
        "corpusforge.ingest.web.warc.page_of",
        "corpusforge.ingest.repositories.github.entry_records",
    ):
        monkeypatch.setattr(place, broken)
    coverage = Coverage()
    with pytest.raises(RuntimeError):
        list(read(input_of(path, kind), IngestConfig(), coverage=coverage))
    assert coverage.first_byte_unread
    assert coverage.unread_bytes == len(data) or name in ("repos.zip", "a.parquet")
    assert coverage.unread_bytes > len(data) // 10


def test_bytes_behind_damage_that_cannot_be_passed_are_counted(tmp_path: Path) -> None:
    import gzip
    import random

    rng = random.Random(3)
    text = b"".join(b'{"text": "%s"}\n' % rng.randbytes(400).hex().encode() for _ in range(4000))
    packed = bytearray(gzip.compress(text, mtime=0))
    packed[500_000:600_000] = rng.randbytes(100_000)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed)
    coverage = Coverage()
    found = list(read(input_of(path, SourceKind.JSONL), IngestConfig(), coverage=coverage))
    assert len(found) > 500
    assert len(packed) - 700_000 < coverage.unread_bytes < len(packed) - 400_000
    assert not coverage.first_byte_unread


@pytest.mark.parametrize(
    "name, kind, data",
    [
        ("a.xml.7z", SourceKind.MEDIAWIKI, b"7z\xbc\xaf\x27\x1c\x00\x04rest"),
        ("a.parquet", SourceKind.JSONL, b"PAR1" + bytes(500)),
        ("a.zip", SourceKind.GITHUB, b"PK\x03\x04" + bytes(10)),
    ],
)
def test_a_file_of_which_nothing_can_be_read_says_so(
    tmp_path: Path, name: str, kind: SourceKind, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    coverage = Coverage()
    assert list(read(input_of(path, kind), IngestConfig(), coverage=coverage))
    assert coverage.first_byte_unread and coverage.unread_bytes == len(data)


@pytest.mark.parametrize("name", DUMPS)
def test_of_a_sound_file_nothing_is_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(DUMPS[name][1])
    coverage = Coverage()
    list(read(input_of(path, DUMPS[name][0]), IngestConfig(), coverage=coverage))
    assert (coverage.unread_bytes, coverage.first_byte_unread) == (0, False)
