"""Reading from a bucket costs few requests and no more bytes than it must; its faults are no data."""

import gzip
import io
import json
import os
import random
import subprocess
import sys
import threading
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge import files
from corpusforge.document import SourceKind
from corpusforge.files import bucket as bucket_module
from corpusforge.files import faults
from corpusforge.files.client import client, forget_client
from corpusforge.files.sources import ObjectSource
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import read, splits
from corpusforge.parquet import open_parquet
from tests.emulator import metered
from tests.emulator_proxy import proxied
from tests.faults import Faults, environment, injecting
from tests.pipelines.conftest import article, warc_record

MIB = 1 << 20
DATA = random.Random(2).randbytes(20 * MIB)


@pytest.fixture
def big(bucket):
    files.write_bytes(f"{bucket}/big", DATA)
    return f"{bucket}/big"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(faults, "PATIENCE", replace(faults.PATIENCE, max_tries=4, first_wait_s=0.001))


def test_a_file_read_in_order_costs_its_bytes_once(big):
    with metered() as meter, files.open_input(big) as stream:
        assert b"".join(iter(lambda: stream.read(100_000), b"")) == DATA
    assert meter.read_bytes == len(DATA)
    assert meter.requests["read"] <= 6
    assert meter.requests["stat"] <= 1
    (entry,) = files.list_entries(big)
    with metered() as meter:
        with files.open_input(big, size_bytes=entry.size_bytes, version=entry.object_version) as stream:
            assert stream.read() == DATA
    assert set(meter.requests) == {"read"}


def test_opening_and_seeking_cost_nothing_and_a_range_what_it_holds(big):
    with metered() as meter:
        with files.open_input(big) as stream:
            stream.seek(15 * MIB)
        assert meter.total == 0
        assert files.read_range(big, 5 * MIB, 5 * MIB + 1000) == DATA[5 * MIB : 5 * MIB + 1000]
        assert (meter.total, meter.read_bytes) == (1, 1000)
        with files.open_input(big, until_bytes=6 * MIB) as stream:
            stream.seek(5 * MIB)
            assert stream.read(MIB) == DATA[5 * MIB : 6 * MIB]
        assert meter.read_bytes <= 1000 + MIB
    with metered() as meter:
        ranges = [(at, at + 30_000) for at in range(0, 10 * MIB, MIB)] + [(30_000, 60_000)]
        assert files.read_ranges(big, ranges) == [DATA[a:b] for a, b in ranges]
    assert meter.requests == {"read": 10}
    assert meter.read_bytes == 11 * 30_000


def test_small_and_empty_objects_are_one_request(bucket):
    files.write_bytes(f"{bucket}/small", b"abc")
    files.write_bytes(f"{bucket}/empty", b"")
    for name, data in (("small", b"abc"), ("empty", b"")):
        with metered() as meter, files.open_input(f"{bucket}/{name}") as stream:
            assert [stream.read(10), stream.read(10)] == [data, b""]
        assert meter.total <= (1 if data else 2)
        with metered() as meter:
            assert files.read_bytes(f"{bucket}/{name}") == data
        assert meter.total == 1


def test_a_crawl_is_read_by_its_reader_for_its_bytes(bucket):
    rng = random.Random(3)
    page = "<html><body><p>{}</p></body></html>"
    records = [
        warc_record(f"https://example.org/{n}", page.format(rng.randbytes(9000).hex())) for n in range(900)
    ]
    path = f"{bucket}/crawl.warc.gz"
    files.write_bytes(path, b"".join(records))
    input = InputFile(path=path, name="crawl", source="s", kind=SourceKind.WARC)
    with metered() as meter:
        assert sum(1 for _ in read(input, IngestConfig())) == 900
    assert meter.read_bytes <= 1.05 * files.size_bytes(path)
    assert meter.requests["read"] <= 8


def test_planning_an_input_reads_little_of_it(bucket):
    lines = "".join(json.dumps({"id": n, "text": article(str(n), 60)}) + "\n" for n in range(800)).encode()
    texts = {"id": [str(n) for n in range(900)], "text": [os.urandom(2000).hex() for _ in range(900)]}
    table = io.BytesIO()
    pq.write_table(pa.table(texts), table, row_group_size=100)
    for name, data in (
        ("a.jsonl", lines),
        ("b.jsonl.gz", gzip.compress(lines)),
        ("c.parquet", table.getvalue()),
    ):
        path = f"{bucket}/{name}"
        files.write_bytes(path, data)
        with metered() as meter:
            kind = detect_kind(path)
            splits(InputFile(path=path, name=name, source="s", kind=kind), IngestConfig())
        assert kind is SourceKind.JSONL
        assert meter.read_bytes <= 256 << 10


def test_parquet_costs_its_footer_and_the_columns_asked_for(bucket):
    rng = random.Random(4)
    rows = {
        "id": [str(n) for n in range(4000)],
        "text": [rng.randbytes(500).hex() for _ in range(4000)],
        "other": [rng.randbytes(500).hex() for _ in range(4000)],
        "score": [rng.random() for _ in range(4000)],
    }
    table, data = pa.table(rows), io.BytesIO()
    pq.write_table(table, data, row_group_size=1000)
    path = f"{bucket}/rows.parquet"
    files.write_bytes(path, data.getvalue())
    size = len(data.getvalue())
    with metered() as meter, files.open_input(path) as stream:
        assert open_parquet(stream).read().equals(table)
    assert meter.read_bytes <= 1.05 * size
    assert meter.requests["read"] <= 3
    for columns in (["text"], ["score"], ["id", "score"]):
        with metered() as meter, files.open_input(path) as stream:
            file = open_parquet(stream)
            metadata = file.metadata
            batches = list(file.iter_batches(300, row_groups=[1, 3], columns=columns))
        assert pa.Table.from_batches(batches).equals(
            pa.concat_tables([table.slice(1000, 1000), table.slice(3000, 1000)]).select(columns)
        )
        needed = sum(
            metadata.row_group(group).column(number).total_compressed_size
            for group in (1, 3)
            for number in range(4)
            if metadata.schema.names[number] in columns
        )
        assert meter.read_bytes <= 1.05 * needed + (64 << 10)
        assert meter.requests["read"] <= 1 + 2 * len(columns)
    with files.open_input(path) as stream:  # two readers of one file, by turns
        file = open_parquet(stream)
        first, second = file.iter_batches(100, columns=["text"]), file.iter_batches(100, columns=["id"])
        pairs = [(a["text"].to_pylist(), b["id"].to_pylist()) for a, b in zip(first, second, strict=True)]
    assert [text for texts, _ in pairs for text in texts] == rows["text"]
    assert [id for _, ids in pairs for id in ids] == rows["id"]


def test_a_listing_tells_size_and_digest_a_page_at_a_time(bucket, monkeypatch):
    names = sorted([f"a/{n:02}.txt" for n in range(25)] + ["a/b/deep.txt", "a0", "a/é.txt"])
    for name in names:
        files.write_bytes(f"{bucket}/{name}", name.encode())
    monkeypatch.setattr(bucket_module, "PAGE_OBJECTS", 10)
    with metered() as meter:
        found = list(files.list_entries(f"{bucket}/a/**/*.txt"))
    assert [entry.path for entry in found] == [f"{bucket}/{name}" for name in names if name != "a0"]
    assert meter.requests == {"list": 3}
    assert len(files.list_files(f"{bucket}/a/*.txt")) == 26
    for entry in found:
        assert entry.size_bytes == files.size_bytes(entry.path)
        assert entry.digest == files.content_digest(entry.path)
    listing = files.list_entries(f"{bucket}/a")
    with metered() as meter:
        next(listing)
    assert meter.requests == {"stat": 1, "list": 1}  # the rest is asked for when it is wanted


def test_removal_is_by_pages_and_batches(bucket, monkeypatch):
    for number in range(23):
        files.write_bytes(f"{bucket}/t/{number:02} é", b"x")
    files.write_bytes(f"{bucket}/t2", b"x")
    monkeypatch.setattr(bucket_module, "PAGE_OBJECTS", 10)
    monkeypatch.setattr(bucket_module, "BATCH_CALLS", 5)
    with metered() as meter:
        assert files.remove_tree(f"{bucket}/t") == 23
    assert meter.requests == {"list": 3, "batch": 5}
    assert files.list_files(bucket) == [f"{bucket}/t2"]
    files.remove_files([f"{bucket}/t2", f"{bucket}/none"])
    assert files.list_files(bucket) == []


def test_an_answer_that_is_cut_is_asked_for_again_and_never_an_end(big, impatient):
    address = os.environ["STORAGE_EMULATOR_HOST"]
    with proxied(address) as cutter:
        cutter.after_bytes, cutter.cuts_left = 3 * MIB, 2
        with files.open_input(big) as stream:
            assert stream.read() == DATA
        assert cutter.cuts_left == 0
        cutter.cuts_left = 1
        assert files.read_bytes(big) == DATA
        cutter.cuts_left = 1000
        guard = files.InputGuard(big, files.Entry(big, len(DATA), None, (1,)))
        with files.open_input(big) as stream:
            with pytest.raises(files.StorageFault, match=r"our-bucket/big: read: .*\(4 tries\)"):
                stream.read()
        with pytest.raises(files.StorageFault, match="our-bucket/big: read"):
            guard.check()


def test_an_answer_that_is_too_short_is_a_fault(big, monkeypatch):
    fetch = bucket_module.fetch

    def short(path, start, stop, generation):
        return replace(fetch(path, start, stop, generation), data=DATA[start : stop - 1])

    monkeypatch.setattr(bucket_module, "fetch", short)
    with pytest.raises(files.StorageFault, match="big: read: 99 bytes came from byte 0, 1 fewer"):
        ObjectSource(big).read(0, 100)


def test_an_object_that_is_replaced_while_it_is_read_is_told(big):
    planned = files.entry(big)
    guard = files.InputGuard(big)
    with files.open_input(big) as stream:
        stream.read(100)
        files.write_bytes(big, DATA[::-1])
        with pytest.raises(files.InputChanged, match=r"big: read: the file changed .* version"):
            stream.read()
    for each in (guard, files.InputGuard(big, planned)):
        with pytest.raises(files.InputChanged, match="big"):
            each.check()
    files.InputGuard(big).check(files.content_digest(big))
    guard = files.InputGuard(big)
    files.remove(big)
    with pytest.raises(files.InputChanged, match="it is gone"):
        guard.check()


@pytest.mark.parametrize("error", ["busy", "reset"])
def test_what_the_service_refuses_for_a_moment_is_tried_again(bucket, error):
    def work():
        files.write_bytes(f"{bucket}/f/one", b"one")
        files.write_bytes(f"{bucket}/f/two", b"two")
        assert files.read_bytes(f"{bucket}/f/one") == b"one"
        assert files.list_files(f"{bucket}/f/*") == [f"{bucket}/f/one", f"{bucket}/f/two"]
        assert files.exists(f"{bucket}/f/two")
        assert files.swap(f"{bucket}/f/two", b"2", files.version_of(f"{bucket}/f/two"))
        assert files.remove_tree(f"{bucket}/f") == 2

    with injecting(Faults(at=[])) as counted:
        work()
    assert counted.calls >= 8
    for at in range(1, counted.calls + 1):
        with injecting(Faults(at=[at], error=error, times=2)) as injected:
            work()
        assert len(injected.met) == 2


def test_a_swap_whose_answer_was_lost_has_won(bucket, monkeypatch):
    """The service wrote, the connection broke: the second try meets what the first one wrote."""
    path = f"{bucket}/CURRENT"
    session, sent = client()._http, []
    request = session.request

    def losing(method, url, **options):
        answer = request(method, url, **options)
        if method == "POST" and not sent:
            sent.append(url)
            raise ConnectionResetError("lost")
        return answer

    monkeypatch.setattr(session, "request", losing)
    assert files.swap(path, b"one", None)
    assert sent
    assert not files.swap(path, b"two", None)
    assert files.read_bytes(path) == b"one"


def test_a_large_file_is_published_in_pieces_and_whole(bucket, tmp_path):
    data = DATA * 4
    with metered() as meter, files.publishing(f"{bucket}/large") as path:
        with open(path, "wb") as stream:
            stream.write(data)
        assert meter.total == 0
    assert meter.requests == {"write": 1 + 3}
    assert files.read_bytes(f"{bucket}/large") == data


def test_what_is_missing_or_refused_is_said_at_once(bucket, big):
    for work in (files.read_bytes, files.size_bytes, lambda path: files.open_input(path).read(1)):
        with pytest.raises(files.StorageMissing, match="our-bucket/none: no such object or bucket"):
            work(f"{bucket}/none")
    with pytest.raises(files.StorageMissing, match="gs://no-bucket-here"):
        files.list_files("gs://no-bucket-here/a/*")
    with injecting(Faults(at=[1], error="denied", times=100)) as injected:
        with pytest.raises(files.StorageDenied, match="big: read: "):
            files.read_bytes(big)
    assert len(injected.met) == 1


def test_nothing_is_asked_for_that_we_did_not_ask_for(bucket):
    before = set(threading.enumerate())
    forget_client()
    with metered() as meter:
        for number in range(5):
            assert not files.exists(f"{bucket}/{number}")
            with pytest.raises(files.StorageMissing):
                files.read_bytes(f"{bucket}/{number}")
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
    assert meter.requests == {"stat": 5, "read": 5}


def test_the_proxy_counts_what_the_session_sees(big, bucket):
    with proxied(os.environ["STORAGE_EMULATOR_HOST"]) as proxy, metered() as meter:
        files.write_bytes(f"{bucket}/a/1", b"POST /x HTTP/1.1\r\n\r\n" * 100)
        assert files.read_bytes(big) == DATA
        assert files.read_range(big, 5, 100) == DATA[5:100]
        assert len(files.list_files(bucket)) == 2
        assert not files.exists(f"{bucket}/none")
        assert files.remove_tree(f"{bucket}/a") == 1
    assert proxy.meter.requests == meter.requests
    assert proxy.meter.read_bytes == meter.read_bytes == len(DATA) + 95


def test_faults_reach_the_processes_that_a_build_starts(bucket, tmp_path):
    files.write_bytes(f"{bucket}/x", b"x")
    plan = Faults(at=[2], counter=str(tmp_path / "n"), log=str(tmp_path / "log"), error="denied")
    code = "import sys; from corpusforge.files import read_bytes; print(read_bytes(sys.argv[1]))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, f"{bucket}/x"], env=environment(plan), capture_output=True, text=True
        )
        for _ in range(3)
    ]
    assert [run.returncode for run in runs] == [0, 1, 0]
    assert "StorageDenied: gs://our-bucket/x: read: " in runs[1].stderr
    assert (tmp_path / "log").read_text() == f"read {bucket}/x\n"
