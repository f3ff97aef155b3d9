"""s3:// through obstore, by the same rules as gs://: few requests, exact bytes, faults that are no data."""

import errno
import multiprocessing
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from corpusforge import files
from corpusforge.files import cloud, cloud_faults, faults

MIB = 1 << 20
DATA = random.Random(2).randbytes(20 * MIB)
BUCKET = "s3://our-bucket"


@pytest.fixture
def big(s3):
    files.write_bytes(f"{BUCKET}/big", DATA)
    s3.forget()
    return f"{BUCKET}/big"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(faults, "PATIENCE", replace(faults.PATIENCE, max_tries=4, first_wait_s=0.001))


def test_objects_are_listed_read_and_published_whole(s3):
    names = ["a/one.txt", "a/two.txt", "a/b/deep.txt", "ab/three.txt", "a/é x+%.txt", "a/two.csv"]
    for name in names:
        files.write_bytes(f"{BUCKET}/{name}", name.encode())
    below_a = sorted(f"{BUCKET}/{name}" for name in names if name.startswith("a/"))
    assert files.list_files(f"{BUCKET}/a") == below_a == files.list_files(f"{BUCKET}/a/")
    assert files.list_files(BUCKET) == sorted(f"{BUCKET}/{name}" for name in names)
    assert files.list_files(f"{BUCKET}/a/t*.txt") == [f"{BUCKET}/a/two.txt"]
    assert files.list_files(f"{BUCKET}/a/*.csv") == [f"{BUCKET}/a/two.csv"]
    assert files.list_files(f"{BUCKET}/a*/*.txt") == sorted(
        f"{BUCKET}/{name}" for name in names if name.endswith(".txt") and name.count("/") == 1
    )
    assert files.list_files(f"{BUCKET}/**/deep.txt") == [f"{BUCKET}/a/b/deep.txt"]
    assert files.list_files(f"{BUCKET}/a/one.txt") == [f"{BUCKET}/a/one.txt"]
    for name in names:
        assert files.read_bytes(f"{BUCKET}/{name}") == name.encode()
        assert files.size_bytes(f"{BUCKET}/{name}") == len(name.encode())
    listed = {entry.path: entry for entry in files.list_entries(f"{BUCKET}/a")}
    assert all(files.entry(path) == entry for path, entry in listed.items())
    assert len({entry.digest for entry in listed.values()}) == len(listed)
    assert not files.exists(f"{BUCKET}/a")
    with pytest.raises(RuntimeError), files.publishing(f"{BUCKET}/half.txt") as path:
        Path(path).write_bytes(b"half")
        raise RuntimeError
    assert not files.exists(f"{BUCKET}/half.txt")
    files.remove(f"{BUCKET}/a/one.txt")
    files.remove(f"{BUCKET}/a/one.txt")
    assert not files.exists(f"{BUCKET}/a/one.txt")


def test_a_stale_swap_is_refused(s3):
    current = f"{BUCKET}/CURRENT"
    assert files.version_of(current) is None
    assert files.swap(current, b"one", None)
    assert not files.swap(current, b"two", None)
    before = files.version_of(current)
    assert files.swap(current, b"two", before)
    assert not files.swap(current, b"three", before)
    files.remove(current)
    assert not files.swap(current, b"three", before)
    assert files.version_of(current) is None


def test_a_service_without_preconditions_is_refused(s3):
    files.write_bytes(f"{BUCKET}/CURRENT", b"one")
    s3.has_conditions = False
    with pytest.raises(files.StorageRefused, match=r"^s3://our-bucket/CURRENT: the service ignores If-Match"):
        files.swap(f"{BUCKET}/CURRENT", b"two", files.version_of(f"{BUCKET}/CURRENT"))
    assert files.read_bytes(f"{BUCKET}/CURRENT") == b"one"
    assert files.list_files(BUCKET) == [f"{BUCKET}/CURRENT"]


def test_a_swap_whose_answer_was_lost_has_won(s3, impatient, monkeypatch):
    """The service wrote, the answer was a 500: the second try meets what the first one wrote."""
    path, put, sent = f"{BUCKET}/CURRENT", cloud._library(BUCKET).put, []
    assert files.swap(f"{BUCKET}/other", b"x", None)

    def losing(*arguments, **options):
        put(*arguments, **options)
        if not sent:
            sent.append(arguments)
            raise ConnectionResetError(errno.ECONNRESET, "lost")

    monkeypatch.setattr(cloud._library(BUCKET), "put", losing)
    assert files.swap(path, b"one", None)
    assert sent
    monkeypatch.undo()
    assert not files.swap(path, b"two", None)
    assert files.read_bytes(path) == b"one"


def test_reading_costs_its_bytes_and_few_requests(s3, big):
    with files.open_input(big) as stream:
        assert b"".join(iter(lambda: stream.read(100_000), b"")) == DATA
    assert s3.meter.read_bytes == len(DATA)
    assert set(s3.meter.requests) == {"read"}  # the first answer tells the size
    assert s3.meter.requests["read"] <= 6
    s3.forget()
    with files.open_input(big) as stream:
        stream.seek(15 * MIB)
    assert not s3.meter.requests
    assert files.read_range(big, 5 * MIB, 5 * MIB + 1000) == DATA[5 * MIB : 5 * MIB + 1000]
    assert (s3.meter.total, s3.meter.read_bytes) == (1, 1000)
    s3.forget()
    ranges = [(at, at + 30_000) for at in range(0, 10 * MIB, MIB)] + [(30_000, 60_000)]
    assert files.read_ranges(big, ranges) == [DATA[a:b] for a, b in ranges]
    assert (s3.meter.requests["read"], s3.meter.read_bytes) == (10, 11 * 30_000)
    files.write_bytes(f"{BUCKET}/empty", b"")
    s3.forget()
    with files.open_input(f"{BUCKET}/empty") as stream:
        assert [stream.read(10), stream.read(10)] == [b"", b""]
    assert s3.meter.total <= 2


def test_listings_are_by_pages_from_the_prefix_on(s3, monkeypatch):
    names = [f"x/{n:03}.txt" for n in range(0, 120)] + ["w/0.txt", "y/0.txt"]
    for name in names:
        files.write_bytes(f"{BUCKET}/{name}", name.encode())
    monkeypatch.setattr(cloud, "PAGE_OBJECTS", 10)
    assert files.list_files(f"{BUCKET}/x/0[12]*.txt") == [f"{BUCKET}/x/{n:03}.txt" for n in range(10, 30)]
    s3.forget()
    found = files.list_files(f"{BUCKET}/x/11*")
    assert found == [f"{BUCKET}/x/{n}.txt" for n in range(110, 120)]
    assert files.remove_tree(f"{BUCKET}/x") == 120
    assert s3.meter.requests["batch"] == 12
    files.remove_files([f"{BUCKET}/y/0.txt", f"{BUCKET}/none"])
    assert files.list_files(BUCKET) == [f"{BUCKET}/w/0.txt"]


def test_a_large_file_is_published_in_pieces_and_whole(s3, monkeypatch):
    monkeypatch.setattr(cloud, "PIECE_BYTES", 8 * MIB)
    data = DATA
    with files.publishing(f"{BUCKET}/large") as path:
        Path(path).write_bytes(data)
        assert not s3.meter.requests
    assert s3.meter.requests == {"write": 1 + 3 + 1}  # begun, three pieces, ended
    assert files.read_bytes(f"{BUCKET}/large") == data


def test_slow_down_is_tried_again_and_ends_with_the_name_where_it_lasts(s3, impatient):
    def work():
        files.write_bytes(f"{BUCKET}/f/one", b"one")
        files.write_bytes(f"{BUCKET}/f/two", b"two")
        assert files.read_bytes(f"{BUCKET}/f/one") == b"one"
        assert files.read_range(f"{BUCKET}/f/one", 1, 2) == b"n"
        assert files.list_files(f"{BUCKET}/f/*") == [f"{BUCKET}/f/one", f"{BUCKET}/f/two"]
        assert files.exists(f"{BUCKET}/f/two")
        assert files.swap(f"{BUCKET}/f/two", b"2", files.version_of(f"{BUCKET}/f/two"))
        assert files.remove_tree(f"{BUCKET}/f") == 2

    work()
    s3.forget()
    work()  # the bucket's preconditions were tried out before
    n_requests = s3.meter.total
    assert n_requests >= 9
    for at in range(n_requests):
        s3.forget()
        s3.refuse_behind, s3.refusals = at, 2
        work()
        assert s3.meter.total == n_requests + 2
    files.write_bytes(f"{BUCKET}/f/one", b"one")
    s3.refuse_behind, s3.refusals = 0, 1000
    line = r"s3://our-bucket/f/one: read: 503 .*SlowDown: Please reduce your request rate. \(4 tries\)"
    with pytest.raises(files.StorageFault, match=line):
        files.read_bytes(f"{BUCKET}/f/one")


def test_an_answer_that_is_cut_is_asked_for_again_and_never_an_end(s3, big, impatient):
    s3.cuts, s3.after_bytes = 2, 3 * MIB
    with files.open_input(big) as stream:
        assert stream.read() == DATA
    assert s3.cuts == 0
    s3.cuts, s3.after_bytes = 1, 100
    assert files.read_bytes(big) == DATA
    s3.cuts = 1000
    guard = files.InputGuard(big, files.Entry(big, len(DATA), None, ("x",)))
    with files.open_input(big) as stream:
        with pytest.raises(files.StorageFault, match=r"our-bucket/big: read: .*\(4 tries\)"):
            stream.read()
    with pytest.raises(files.StorageFault, match="our-bucket/big: read"):
        guard.check()


def test_an_object_that_is_replaced_while_it_is_read_is_told(s3, big):
    planned, guard = files.entry(big), files.InputGuard(big)
    with files.open_input(big) as stream:
        stream.read(100)
        files.write_bytes(big, DATA[::-1])
        with pytest.raises(files.InputChanged, match=r"big: read: the file changed .* version"):
            stream.read()
    for each in (guard, files.InputGuard(big, planned)):
        with pytest.raises(files.InputChanged, match="big"):
            each.check()
    files.remove(big)
    with pytest.raises(files.StorageMissing), files.open_input(big) as stream:
        stream.read()


def test_what_is_missing_or_refused_is_said_at_once(s3, big, impatient):
    for work in (files.read_bytes, files.size_bytes, lambda path: files.open_input(path).read(1)):
        with pytest.raises(files.StorageMissing, match=r"^s3://our-bucket/none: no such object or bucket$"):
            work(f"{BUCKET}/none")
    for work in (files.list_files, files.read_bytes, lambda path: files.write_bytes(path, b"x")):
        with pytest.raises(files.StorageMissing, match=r"^s3://no-bucket/a/x.*: no such bucket$"):
            work("s3://no-bucket/a/x*" if work is files.list_files else "s3://no-bucket/a/x")
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    s3.refused, s3.refusals, before = ("403 Forbidden", body), 1, s3.meter.total
    with pytest.raises(
        files.StorageDenied, match=r"^s3://our-bucket/big: read: 403 Forbidden: AccessDenied: "
    ):
        files.read_bytes(big)
    assert s3.meter.total == before + 1


def test_a_wrong_region_is_one_line(s3, big):
    body = b"<Error><Code>PermanentRedirect</Code><Message>Use another endpoint.</Message></Error>"
    s3.refused, s3.refusals = ("301 Moved Permanently", body), 1
    with pytest.raises(
        files.StorageFault, match=r"^s3://our-bucket/big: read: .*another region: set AWS_REGION$"
    ):
        files.read_bytes(big)


def test_no_credentials_are_one_line_at_once(s3, monkeypatch):
    monkeypatch.setattr(cloud_faults, "METADATA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    cloud._store_of.cache_clear()
    with pytest.raises(files.StorageDenied, match=r"s3://our-bucket/x: read: no credentials: set AWS_ACC"):
        files.read_bytes(f"{BUCKET}/x")


def _in_child(path, pipe):
    try:
        pipe.send([files.read_range(path, 5, 100), files.list_files(BUCKET), _fault(f"{BUCKET}/none")])
    finally:
        pipe.close()


def _fault(path):
    try:
        files.read_bytes(path)
    except files.StorageMissing as fault:
        return str(fault)


def test_a_forked_process_reads_too(s3, big):
    """obstore's runtime does not survive a fork: such a process asks through one that was not forked."""
    assert files.exists(big)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(big, theirs))
    child.start()
    theirs.close()
    assert ours.poll(20)
    told = ours.recv()
    child.join(20)
    assert told == [DATA[5:100], [big], f"{BUCKET}/none: no such object or bucket"]
    assert os.WIFEXITED(child.exitcode or 0)


def test_an_e_tag_is_the_same_in_a_listing_and_in_an_answer():
    """Azure's listings leave the quotes out."""
    meta = {"path": "a", "size": 3, "last_modified": None}
    states = [cloud._state_of({**meta, "e_tag": tag}) for tag in ("0x8D", '"0x8D"')]
    assert states[0] == states[1]
    assert states[0].version == '"0x8D"'


def test_a_name_that_cannot_be_is_one_line(s3):
    with pytest.raises(
        files.StorageRefused, match=r"^s3://our-bucket/a//b: no name for obstore: .*empty path segment"
    ):
        files.read_bytes(f"{BUCKET}/a//b")
