"""Packs of git as a hostile hand writes them: each thing stated is checked, and what it costs is bounded."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise

import pytest

from corpusforge.ingest.repositories.git import GitError
from corpusforge.ingest.repositories.git.packs import Held, Pack, apply_delta, inflate


def varint(value):
    found = bytearray()
    while True:
        value, low = value >> 7, value & 127
        found.append(low | 128 * bool(value))
        if not value:
            return bytes(found)


def entry_of(kind, data, base=b""):
    size = len(data)
    head = kind << 4 | size & 15 | 128 * (size > 15)
    return bytes([head]) + (varint(size >> 4) if size > 15 else b"") + base + zlib.compress(data)


def write_pack(folder, entries):
    """Write {id: entry} as a pack with its index, sums left out."""
    folder.mkdir(parents=True, exist_ok=True)
    pack, places = bytearray(b"PACK\0\0\0\2" + struct.pack(">I", len(entries))), {}
    for name, entry in entries.items():
        places[name] = len(pack)
        pack += entry
    names = sorted(entries)
    fanout = [sum(name[0] <= first for name in names) for first in range(256)]
    index = b"\xfftOc\0\0\0\2" + struct.pack(">256I", *fanout) + b"".join(names) + bytes(4 * len(names))
    index += b"".join(struct.pack(">I", places[name]) for name in names) + bytes(40)
    (folder / "pack-00.pack").write_bytes(pack + bytes(20))
    (folder / "pack-00.idx").write_bytes(index)
    return str(folder / "pack-00")


ONE, TWO, THREE = (bytes([number]) * 20 for number in (1, 2, 3))


def test_deltas_that_rest_on_each_other_end(tmp_path):
    delta = b"\x05\x05\x91\x00\x05"
    path = write_pack(tmp_path, {ONE: entry_of(7, delta, TWO), TWO: entry_of(7, delta, ONE)})
    pack = Pack(path, 20, Held())
    with pytest.raises(GitError, match="rests on"):
        pack.read(pack.find(ONE), 1 << 20)


def test_deltas_that_double_their_base_are_told_by_what_they_state(tmp_path):
    names = [bytes([number]) * 20 for number in range(1, 40)]
    entries = {names[0]: entry_of(3, b"a" * 1024)}
    for number, (below, name) in enumerate(pairwise(names)):
        size = 1024 << number
        copies = b"\xf0" + struct.pack("<I", size)[:3] if size < 1 << 24 else b"\x80"
        entries[name] = entry_of(7, varint(size) + varint(2 * size) + 2 * copies, below)
    pack = Pack(write_pack(tmp_path, entries), 20, Held())
    kind, size, data = pack.read(pack.find(names[-1]), 1 << 20)
    assert (kind, size, data) == (b"blob", 1024 << 38, None)
    assert len(pack.read(pack.find(names[5]), 1 << 20)[2]) == 1024 << 5
    # A small object upon a large one: the large one is not made.
    entries[b"\x99" * 20] = entry_of(7, varint(1024 << 38) + b"\x01\x91\x00\x01", names[-1])
    pack = Pack(write_pack(tmp_path, entries), 20, Held())
    with pytest.raises(GitError, match="rests on"):
        pack.read(pack.find(b"\x99" * 20), 1 << 20)


def test_all_deltas_of_a_repository_have_a_bound(tmp_path, monkeypatch):
    from corpusforge.ingest.repositories.git import packs

    path = write_pack(tmp_path, {ONE: entry_of(3, b"hello"), TWO: entry_of(7, b"\x05\x05\x91\x00\x05", ONE)})
    monkeypatch.setattr(packs, "MAX_WORK_BYTES", 12)
    pack = Pack(path, 20, Held())
    for _ in range(2):
        assert pack.read(pack.find(TWO), 1 << 20) == (b"blob", 5, b"hello")
    with pytest.raises(GitError, match="over 12 bytes"):
        pack.read(pack.find(TWO), 1 << 20)


@pytest.mark.parametrize("stated", [1, 1 << 20, 1 << 34])
def test_an_entry_that_states_another_size_than_it_has_is_refused(tmp_path, stated):
    head = bytes([3 << 4 | stated & 15 | 128]) + varint(stated >> 4)
    pack = Pack(write_pack(tmp_path, {ONE: head + zlib.compress(b"a" * 500)}), 20, Held())
    if stated > 1 << 20:
        assert pack.read(pack.find(ONE), 1 << 20) == (b"blob", stated, None)
    else:
        with pytest.raises(GitError, match="does not inflate"):
            pack.read(pack.find(ONE), 1 << 20)


@pytest.mark.parametrize(
    "delta",
    [
        b"",
        b"\x80",
        b"\x03\x05\x05hello",  # of another base
        b"\x04\x05\x05hell",
        b"\x04\x05\x00",
        b"\x04\x05\x91\x02\x05",  # copies beyond the base
        b"\x04\x03\x05hello",
        b"\x04\x06\x05hello",
        b"\x04\x05\x91",
    ],
)
def test_a_delta_that_does_not_fit_is_refused(delta):
    with pytest.raises(GitError):
        apply_delta(b"base", delta)


def test_deltas_and_streams():
    assert apply_delta(b"base", b"\x04\x07\x05hello\x91\x02\x02") == b"hellose"
    assert inflate(zlib.compress(b"abc"), 3) == b"abc"
    for size in (0, 2, 4):
        with pytest.raises(GitError):
            inflate(zlib.compress(b"abc"), size)
