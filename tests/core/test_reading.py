"""Streams give the bytes of the file whatever the order they are asked in, and ask for few more."""

import glob
import io
import itertools
import os
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.files import (
    InputChanged,
    InputGuard,
    StorageDenied,
    StorageFault,
    StorageFull,
    StorageMissing,
    content_digest,
    entry,
    exists,
    list_entries,
    list_files,
    open_input,
    publishing,
    read_bytes,
    read_range,
    read_ranges,
    remove_files,
    remove_tree,
    write_bytes,
)
from corpusforge.files import streams as streams_module
from corpusforge.files.ranges import joined
from corpusforge.files.spool import SpooledSource
from corpusforge.files.streams import (
    ALL_STREAMS_BYTES,
    BEHIND_BYTES,
    FIRST_BYTES,
    MAX_AHEAD_BYTES,
    AheadReader,
)
from corpusforge.parquet import open_parquet
from tests.faults import Faults, injecting

DATA = random.Random(1).randbytes(3_000_000)


class Memory:
    """A source that counts what it is asked for."""

    is_seekable = True

    def __init__(self, data=DATA):
        self.path, self.data, self.reads = "memory", data, []
        self.size_bytes = len(data)

    def read(self, start, stop):
        self.reads.append((start, min(stop, len(self.data))))
        return self.data[start:stop]

    def close(self):
        pass

    @property
    def n_bytes(self):
        return sum(stop - start for start, stop in self.reads)


places = st.one_of(st.integers(0, len(DATA) + 10), st.integers(0, 200_000))
steps = st.lists(st.tuples(places, st.one_of(st.integers(0, 300_000), st.integers(0, 50))), max_size=25)


@settings(deadline=None)
@given(steps, st.one_of(st.none(), places), st.booleans())
def test_any_order_of_seeks_and_reads_gives_the_bytes_of_the_file(moves, until, is_spooled):
    source = SpooledSource(Memory()) if is_spooled else Memory()
    stream, oracle = io.BufferedReader(AheadReader(source, until), 1 << 16), io.BytesIO(DATA)
    for place, size in moves:
        if size % 3:
            stream.seek(place)
            oracle.seek(place)
        assert stream.read(size) == oracle.read(size)
        assert stream.tell() == oracle.tell()
    assert stream.read() == oracle.read()
    stream.close()


@settings(deadline=None)
@given(steps)
def test_a_spooled_source_is_asked_for_no_byte_twice(moves):
    below = Memory()
    source = SpooledSource(below)
    for place, size in moves:
        assert source.read(place, place + size) == DATA[place : place + size]
    taken = sorted(below.reads)
    assert all(stop <= start for (_, stop), (start, _) in itertools.pairwise(taken))


def test_a_place_before_the_file_is_refused_as_any_file_refuses_it(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"0123")
    with open(path, "rb") as oracle, open_input(str(path)) as stream:
        for offset, whence in ((-1, 0), (-5, 2), (-1, 1)):
            for each in (oracle, stream, AheadReader(Memory(b"0123"))):
                with pytest.raises(OSError, match="Invalid argument") as found:
                    each.seek(offset, whence)
                assert not isinstance(found.value, StorageFault)
        assert stream.read() == b"0123"


def test_a_whole_file_is_asked_for_once_in_few_requests_and_a_header_in_a_small_one():
    source = Memory(bytes(40_000_000))
    with io.BufferedReader(AheadReader(source), 1 << 16) as stream:
        stream.read(100)
        assert source.n_bytes == FIRST_BYTES
        while stream.read(50_000):
            pass
    assert source.n_bytes == 40_000_000
    assert len(source.reads) <= 4 + 40_000_000 // MAX_AHEAD_BYTES + 1


def test_small_steps_back_ask_for_nothing_again():
    source = Memory(bytes(30_000_000))
    with io.BufferedReader(AheadReader(source), 1 << 16) as stream:
        at = 0
        while at < 30_000_000:  # as a reader of members does: a mebibyte, and back to its last member
            stream.seek(at)
            at += max(1, len(stream.read(1 << 20)) - 40_000)
    assert source.n_bytes == 30_000_000


def test_nothing_is_read_ahead_beyond_where_the_reader_means_to_stop():
    source = Memory(bytes(40_000_000))
    with io.BufferedReader(AheadReader(source, 20_000_000), 1 << 16) as stream:
        stream.seek(10_000_000)
        while stream.tell() < 20_000_000:
            stream.read(min(70_000, 20_000_000 - stream.tell()))
    assert source.n_bytes <= 10_000_000 + FIRST_BYTES
    with io.BufferedReader(AheadReader(source, 20_000_000), 1 << 16) as stream:
        stream.seek(19_999_000)
        assert len(stream.read(5_000_000)) == 5_000_000  # a record that reaches over


def test_windows_are_bounded_and_many_streams_share_what_there_is():
    def held(stream):
        return len(stream._window) + len(stream._behind)

    before = set(streams_module._open_streams)  # other tests' that nobody closed
    one = AheadReader(Memory(bytes(40_000_000)))
    while one.read(1 << 20):
        assert held(one) <= MAX_AHEAD_BYTES + BEHIND_BYTES
    one.close()
    assert held(one) == 0
    zeros = bytes(40_000_000)
    many = [AheadReader(Memory(zeros)) for _ in range(500)]
    for stream in many:
        for _ in range(12):
            stream.read(1 << 18)
    assert sum(held(stream) for stream in many) <= ALL_STREAMS_BYTES
    for stream in many:
        stream.close()
    assert not set(streams_module._open_streams) - before


spans = st.tuples(st.integers(0, 5_000_000), st.integers(0, 200_000)).map(lambda s: (s[0], s[0] + s[1]))


@settings(deadline=None)
@given(st.lists(spans, max_size=30))
def test_joined_ranges_cover_what_was_asked_and_waste_no_more_than_a_twentieth(ranges):
    reads = list(joined(ranges))
    assert {each for _, _, members in reads for each in members} == set(ranges)
    for start, stop, members in reads:
        assert all(start <= first and last <= stop for first, last in members)
    asked = set()
    for first, last in ranges:
        asked.update(range(first // 100, last // 100))  # in steps, for speed
    assert sum(stop - start for start, stop, _ in reads) <= 1.05 * (len(asked) + 2 * len(ranges) + 1) * 100


def test_ranges_that_lie_close_are_one_read(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(DATA)
    assert next(iter(joined([(0, 1000), (1010, 3000), (2_000_000, 2_000_100)])))[:2] == (0, 3000)
    ranges = [(2_000_000, 2_000_100), (0, 1000), (1010, 3000), (5, 5), (2_999_990, 3_100_000)]
    assert read_ranges(str(path), ranges) == [DATA[a:b] for a, b in ranges]
    assert read_range(str(path), 10, 5) == b""


def test_the_whole_of_a_pipe_can_be_read(tmp_path):
    import threading

    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(DATA[:200_000]))
    writer.start()
    with open_input(str(tmp_path / "pipe")) as stream:
        assert not stream.seekable()
        assert stream.read() == DATA[:200_000]
    writer.join()


def test_a_listing_streams_in_the_order_of_whole_paths(tmp_path):
    names = ["a/b", "a.txt", "a-b", "a/c/d", "é", "z", "a0/x"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(list_entries(str(tmp_path)))
    assert [item.path for item in found] == sorted(str(tmp_path / name) for name in names)
    assert [item.size_bytes for item in found] == [len((tmp_path / i.path).read_bytes()) for i in found]
    assert list_files(str(tmp_path / "*")) == [str(tmp_path / name) for name in ("a-b", "a.txt", "z", "é")]


def test_a_glob_finds_what_the_standard_library_finds(tmp_path, monkeypatch):
    names = ["a/1.txt", "a/b/2.txt", "a/b/c/3.txt", "a/.h/4.txt", "a/.5.txt", "x[1].txt", "a/b/t", "top.txt"]
    for name in names:
        write_bytes(str(tmp_path / name), b"x")
    (tmp_path / "d.txt").mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "a" / "b")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)
    patterns = [
        "*.txt",
        "a/*.txt",
        "a/*/*.txt",
        "**/*.txt",
        "a/**",
        "a/**/c/*",
        "a/.*",
        "a/.h/*",
        "x[[]1].txt",
    ]
    patterns += ["*/b/2.*", "a/b", "top.txt", "none", "none/*", "a/[!.]*", "a/?.txt", "**/t", "top.txt/*"]
    for pattern in patterns:
        for full in (pattern, str(tmp_path / pattern)):
            if os.path.isdir(full):
                continue
            expected = sorted(p for p in glob.glob(full, recursive=True) if os.path.isfile(p))
            assert list_files(full) == expected, full


def test_a_link_that_leads_back_up_ends_nothing(tmp_path):
    write_bytes(str(tmp_path / "a" / "1.txt"), b"x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert list_files(str(tmp_path / "**" / "*.txt")) == [str(tmp_path / "a" / "1.txt")]


def test_a_folder_that_cannot_be_listed_is_no_empty_one(tmp_path):
    write_bytes(str(tmp_path / "a" / "b" / "1.txt"), b"x")
    for pattern in ("a", "a/*/*", "**/*.txt"):
        for at in (1, 2):
            with injecting(Faults(at=[at], error="io", operations=["list"])):
                with pytest.raises(StorageFault, match=": list: "):
                    list_files(str(tmp_path / pattern))
    with injecting(Faults(at=[1], error="io", operations=["stat"])):
        with pytest.raises(StorageFault, match=": stat: "):
            exists(str(tmp_path / "a"))
    assert not exists(str(tmp_path / "a" / "b" / "1.txt" / "c"))
    assert not exists("x" * 5000)


@pytest.mark.parametrize("error", ["stale", "reset"])
def test_what_may_pass_is_tried_again(tmp_path, error):
    path = str(tmp_path / "a")
    write_bytes(path, DATA)
    for at in range(1, 4):
        with injecting(Faults(at=[at], error=error, times=3)) as injected:
            assert read_bytes(path) == DATA
            assert len(list_files(str(tmp_path))) == 1
        assert len(injected.met) == 3


def test_what_does_not_pass_is_a_fault_that_names_file_and_operation(tmp_path):
    path = str(tmp_path / "a")
    write_bytes(path, DATA)
    with injecting(Faults(at=[1], error="reset", times=100, operations=["read"], max_tries=4)) as injected:
        with pytest.raises(StorageFault, match=r"/a: read: .*\(4 tries\)"):
            read_bytes(path)
        assert len(injected.met) == 4
    for error, kind in (("io", StorageFault), ("denied", StorageDenied), ("full", StorageFull)):
        with injecting(Faults(at=[1], error=error, times=100)) as injected:
            with pytest.raises(kind, match="/b: write: "):
                write_bytes(str(tmp_path / "b"), b"x")
            assert len(injected.met) == 1
    with pytest.raises(StorageMissing, match="/none: No such file"):
        read_bytes(str(tmp_path / "none"))
    assert [item.name for item in tmp_path.iterdir()] == ["a"]


def test_a_disk_that_is_full_under_a_writer_is_a_fault_of_the_target(tmp_path):
    import errno

    with pytest.raises(StorageFull, match="/out: write: no room"):
        with publishing(str(tmp_path / "out")):
            raise OSError(errno.ENOSPC, "no room")
    assert not list(tmp_path.iterdir())


def test_a_fault_stays_and_one_that_a_reader_swallowed_is_found_out(tmp_path):
    path = str(tmp_path / "a")
    write_bytes(path, DATA)
    guard = InputGuard(path)
    with open_input(path) as stream, injecting(Faults(at=[3], error="io", operations=["read"])):
        n_read = 0
        with pytest.raises(StorageFault):
            while data := stream.read(100_000):
                n_read += len(data)
        for _ in range(2):
            with pytest.raises(StorageFault):
                stream.read(10_000)
            with pytest.raises(StorageFault):
                stream.seek(n_read + 1_000_000)
                stream.read(1)
    with pytest.raises(StorageFault, match="/a: read"):
        guard.check()
    InputGuard(path).check()


def test_a_fault_comes_through_arrow_as_itself(tmp_path):
    path = str(tmp_path / "a.parquet")
    pq.write_table(pa.table({"a": list(range(100_000))}), path)
    with open_input(path) as stream:
        file = open_parquet(stream)
        with injecting(Faults(at=[1], error="io", operations=["read"])):
            with pytest.raises(StorageFault, match=r"/a\.parquet: read: "):
                file.read_row_group(0)


def test_a_file_that_changes_while_it_is_read_is_no_end_of_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(DATA)
    with open_input(str(path)) as stream:
        stream.read(10)
        with open(path, "r+b") as other:
            other.truncate(1_000_000)
        with pytest.raises(InputChanged, match="it ends at byte 1000000, it had 3000000"):
            stream.read()


def test_a_guard_sees_a_file_that_was_replaced_grew_or_went(tmp_path):
    path = tmp_path / "a"

    def guarded(change):
        path.write_bytes(DATA)
        digest = content_digest(str(path))
        guard, planned = InputGuard(str(path)), InputGuard(str(path), entry(str(path)))
        guard.check(digest)
        change()
        for each in (guard, planned):
            with pytest.raises(InputChanged, match="/a: read: the file changed"):
                each.check()

    guarded(lambda: write_bytes(str(path), DATA[::-1]))
    guarded(lambda: path.open("ab").write(b"more"))
    guarded(path.unlink)
    path.write_bytes(DATA)
    with pytest.raises(InputChanged, match="its digest is no longer 00"):
        InputGuard(str(path)).check("00")


def test_trees_and_lists_of_files_are_removed(tmp_path):
    for name in ("a/1", "a/b/2", "c"):
        write_bytes(str(tmp_path / name), b"x")
    assert remove_tree(str(tmp_path / "a")) == 2
    assert remove_tree(str(tmp_path / "a")) == 0
    remove_files([str(tmp_path / "c"), str(tmp_path / "none")])
    assert not list(tmp_path.iterdir())


def test_faults_cross_process_borders_whole():
    import pickle

    fault = StorageDenied("gs://b/x", "read", "no", 13)
    fault.tries = 5
    again = pickle.loads(pickle.dumps(fault))
    assert (type(again), str(again), again.errno, again.tries, again.filename) == (
        StorageDenied,
        "gs://b/x: read: no",
        13,
        5,
        "gs://b/x",
    )
