"""A file is there whole or not at all, and two writers cannot both win."""

import os
import threading

import pytest

from corpusforge.files import (
    content_digest,
    list_files,
    publishing,
    read_bytes,
    swap,
    version_of,
    write_bytes,
)


def test_nothing_appears_when_writing_fails(tmp_path):
    target = tmp_path / "out.bin"
    with pytest.raises(RuntimeError, match="halfway"):
        with publishing(str(target)) as path:
            with open(path, "wb") as handle:
                handle.write(b"half")
            raise RuntimeError("halfway")
    assert os.listdir(tmp_path) == []


def test_publish_replaces_whole(tmp_path):
    target = str(tmp_path / "a" / "out.bin")
    write_bytes(target, b"one")
    write_bytes(target, b"two")
    assert read_bytes(target) == b"two"
    assert os.listdir(tmp_path / "a") == ["out.bin"]


def test_swap_refuses_a_stale_writer(tmp_path):
    current = str(tmp_path / "CURRENT")
    before = version_of(current)
    assert before is None
    assert swap(current, b"one", before)
    assert not swap(current, b"two", before)
    assert swap(current, b"two", version_of(current))
    assert read_bytes(current) == b"two"


def test_only_one_of_many_writers_wins(tmp_path):
    current = str(tmp_path / "CURRENT")
    won = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(n) if swap(current, str(n).encode(), None) else None)
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert read_bytes(current) == str(won[0]).encode()


def test_listing_is_sorted_and_passes_over_hidden_files(tmp_path):
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = [os.path.relpath(path, tmp_path) for path in list_files(str(tmp_path))]
    assert found == ["a.txt", "b.txt", "sub/c.txt"]
    assert list_files(str(tmp_path / "*.txt")) == [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]


def test_digest_follows_content_not_name(tmp_path):
    for name, data in (("a", b"x"), ("b", b"x"), ("c", b"y")):
        (tmp_path / name).write_bytes(data)
    a, b, c = (content_digest(str(tmp_path / name)) for name in "abc")
    assert a == b != c
