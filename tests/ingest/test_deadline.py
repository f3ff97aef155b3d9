"""A reader that makes no progress costs the rest of its file, with file and offset; a stall of storage nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest import Coverage, IngestConfig, InputFile, read, registry
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_document

CONFIG = IngestConfig(reader_deadline_s=0.2)


def _spins(stream: Any) -> None:
    while True:
        pass


def _matches(stream: Any) -> None:
    re.fullmatch(r"(a|b|ab)*c", "ab" * 40)


def _rereads(stream: Any) -> None:
    while True:
        stream.seek(0)
        stream.read(10)


def _stalls(stream: Any) -> None:
    time.sleep(0.6)
    stream.read()


def records_of(path: Path, monkeypatch: pytest.MonkeyPatch, then: Any) -> tuple[list[Any], Coverage]:
    """Return what comes of a file whose reader tells of two records and then does something else."""

    def reader(
        input: InputFile, config: IngestConfig, start: int, stop: int, **more: Any
    ) -> Iterator[Document]:
        with opened(input.path, more["coverage"]) as stream:
            for number in range(2):
                stream.read(10)
                yield make_document(
                    input, SourceKind.JSONL, f"{input.name}#{number}", markup="text", raw=b"x"
                )
            then(stream)

    path.write_bytes(b"x" * 100)
    monkeypatch.setattr(registry, "reader_of", lambda kind: reader)
    coverage = Coverage()
    return list(
        read(InputFile(str(path), path.name, "s", SourceKind.JSONL), CONFIG, coverage=coverage)
    ), coverage


@pytest.mark.parametrize("then", [_spins, _matches, _rereads])
def test_a_reader_without_progress_costs_the_rest_of_its_file(tmp_path, monkeypatch, then: Any) -> None:
    (first, second, last), coverage = records_of(tmp_path / "d.jsonl", monkeypatch, then)
    assert isinstance(first, Document) and isinstance(second, Document)
    assert isinstance(last, Drop) and last.reason is DropReason.UNREADABLE
    at = int(re.search(r"offset=(\d+)", last.locator)[1])
    assert last.locator.startswith("d.jsonl#") and at in (0, 10, 20) and f"at byte {at}" in last.detail
    assert coverage.unread_bytes == last.n_bytes == 100 - at


def test_in_a_thread_a_reader_is_looked_at_where_it_reads(tmp_path, monkeypatch) -> None:
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.extend(records_of(tmp_path / "d.jsonl", monkeypatch, _rereads)[0])
    )
    thread.start()
    thread.join()
    assert [type(record) for record in found] == [Document, Document, Drop]


def test_a_stall_of_storage_and_what_is_done_with_records_are_no_time_of_the_reader(
    tmp_path, monkeypatch
) -> None:
    found, coverage = records_of(tmp_path / "d.jsonl", monkeypatch, _stalls)
    assert [type(record) for record in found] == [Document, Document] and coverage.unread_bytes == 0


def test_no_tick_comes_when_the_process_ends() -> None:
    code = (
        "import atexit, signal; atexit.register(lambda: print(signal.getitimer(signal.ITIMER_VIRTUAL)))\n"
        "from corpusforge.ingest.deadline import watched; list(watched(iter([1]), 5.0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(0.0, 0.0)\n"
