"""Archives: every entry is told of, no size is believed, damage costs what it touches."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import DropReason
from corpusforge.ingest.archives.archive import entries, is_archive
from corpusforge.ingest.archives.entry import Entry, Limits, Refused, unsafe_name
from corpusforge.ingest.compression.inflate import BLOCK_BYTES, Inflated

LIMITS = Limits(max_entry_bytes=1 << 20, max_ratio=100)
NOISE = random.Random(3).randbytes(40_000)
FILES = {"p-1/a.txt": b"alpha\n", "p-1/d/b.py": b"print(1)\n" * 200, "p-1/noise": NOISE, "p-1/z": b"end\n"}


def tar_of(files: dict[str, bytes], **kinds: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            archive.addfile(info, io.BytesIO(data))
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "elsewhere"
            archive.addfile(info)
    return out.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(data: bytes, limits: Limits = LIMITS) -> list[Entry | Refused]:
    return list(entries(io.BytesIO(data), limits))


def files_in(found: list[Entry | Refused]) -> dict[str, bytes]:
    return {item.name: item.data for item in found if isinstance(item, Entry)}


def reasons(found: list[Entry | Refused]) -> list[DropReason]:
    return [item.reason for item in found if isinstance(item, Refused)]


PACKED = {
    "plain": lambda data: data,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


@pytest.mark.parametrize("packing", PACKED)
def test_every_compression_gives_the_same_files(packing):
    data = PACKED[packing](tar_of(FILES))
    assert is_archive(io.BytesIO(data))
    found = read(data)
    assert files_in(found) == FILES and not reasons(found)
    assert found[0].modified == "2023-11-14T22:13:20+00:00"


def test_zip_gives_the_same_files():
    assert is_archive(io.BytesIO(zip_of(FILES)))
    assert files_in(read(zip_of(FILES))) == FILES
    assert read(zip_of(FILES))[0].modified == "2024-05-06T07:08:10"


def test_compressed_text_is_no_archive():
    assert not is_archive(io.BytesIO(gzip.compress(b"just text\n" * 100)))
    assert not is_archive(io.BytesIO(b"just text\n" * 100))


@pytest.mark.parametrize("pack", [tar_of, zip_of])
@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "..\\x", "a\x07b"])
def test_hostile_names_are_refused_and_the_rest_is_read(pack, name):
    found = read(pack({name: b"evil", "good.txt": b"good"}))
    assert files_in(found) == {"good.txt": b"good"}
    assert reasons(found) == [DropReason.UNSAFE_NAME]


def test_links_and_devices_hold_no_content():
    data = tar_of(
        {"a": b"x"}, link=tarfile.SYMTYPE, hard=tarfile.LNKTYPE, tty=tarfile.CHRTYPE, pipe=tarfile.FIFOTYPE
    )
    found = read(data)
    assert files_in(found) == {"a": b"x"}
    assert reasons(found) == [DropReason.NOT_CONTENT] * 4


def test_a_symbolic_link_in_a_zip_holds_no_content():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert reasons(read(out.getvalue())) == [DropReason.NOT_CONTENT]


def test_names_longer_than_a_header_are_whole():
    name = "d/" * 200 + "f.txt"
    assert files_in(read(tar_of({name: b"deep"}))) == {name: b"deep"}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = 4
        archive.addfile(info, io.BytesIO(b"deep"))
    assert files_in(read(out.getvalue())) == {name: b"deep"}


def test_a_zip_bomb_is_judged_while_inflating_whatever_its_header_says():
    data = bytearray(zip_of({"bomb": bytes(8 << 20), "good": b"good"}))
    found = read(bytes(data))
    assert files_in(found) == {"good": b"good"} and reasons(found) == [DropReason.BOMB]
    # Both headers now claim ten bytes.
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[at : at + 4] = (10).to_bytes(4, "little")
    lied = read(bytes(data))
    assert files_in(lied) == {"good": b"good"}
    assert len(reasons(lied)) == 1 and reasons(lied)[0] in (DropReason.BOMB, DropReason.UNREADABLE)


def test_a_large_file_that_is_no_bomb_is_too_large():
    large = random.Random(1).randbytes(LIMITS.max_entry_bytes + 1)
    for pack in (tar_of, zip_of):
        found = read(pack({"large": large, "good": b"good"}))
        assert files_in(found) == {"good": b"good"} and reasons(found) == [DropReason.TOO_LARGE]


def test_a_stream_that_grows_without_end_is_stopped():
    inflated = Inflated(io.BytesIO(gzip.compress(bytes(64 << 20))), max_ratio=50, floor_bytes=8 << 20)
    n_bytes = sum(len(block) for block in inflated.blocks())
    assert n_bytes <= (8 << 20) + BLOCK_BYTES
    assert [damage.is_bomb for damage in inflated.damage] == [True]


def test_a_name_header_that_claims_gigabytes_is_not_believed():
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    found = read(header.tobuf(tarfile.GNU_FORMAT) + tar_of({"good": b"good"}))
    assert files_in(found) == {"good": b"good"} and reasons(found) == [DropReason.BOMB]


@pytest.mark.parametrize("packing", ["plain", "gz", "bz2", "zip"])
def test_a_truncated_archive_keeps_the_entries_before_the_cut(packing):
    data = zip_of(FILES) if packing == "zip" else PACKED[packing](tar_of(FILES))
    found = read(data[: len(data) * 2 // 3])
    kept = files_in(found)
    assert reasons(found) == [DropReason.UNREADABLE]
    assert isinstance(found[-1], Refused)
    assert all(FILES[name] == content for name, content in kept.items())
    if packing != "bz2":  # one block of bzip2 holds all of so small an archive
        assert list(kept) == ["p-1/a.txt", "p-1/d/b.py"]


def test_a_damaged_tar_header_costs_one_stretch():
    data = bytearray(tar_of(FILES))
    at = data.find(b"p-1/d/b.py")
    data[at + 148 : at + 156] = b"!" * 8  # its checksum
    found = read(bytes(data))
    assert set(files_in(found)) == set(FILES) - {"p-1/d/b.py"}
    assert reasons(found) == [DropReason.UNREADABLE]


def test_a_wrong_checksum_in_a_zip_costs_one_entry():
    data = bytearray(zip_of(FILES))
    at = data.find(NOISE[:64])
    data[at] ^= 1
    found = read(bytes(data))
    assert set(files_in(found)) == set(FILES) - {"p-1/noise"}
    assert reasons(found) == [DropReason.UNREADABLE]


def test_of_entries_with_one_name_the_first_is_kept():
    found = read(tar_of({"a": b"one"})[:1024] + tar_of({"a": b"two", "b": b"three"}))
    assert files_in(found) == {"a": b"one", "b": b"three"}
    assert reasons(found) == [DropReason.NOT_CONTENT]


def test_an_archive_without_entries_is_told_of():
    assert reasons(read(tar_of({}))) == [DropReason.EMPTY]
    assert reasons(read(zip_of({}))) == [DropReason.EMPTY]


@given(st.text(max_size=40))
def test_a_safe_name_stays_inside(name):
    if unsafe_name(name) is None:
        parts = name.replace("\\", "/").split("/")
        depth = 0
        for part in parts:
            depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
            assert depth >= 0
        assert not name.startswith(("/", "\\"))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["plain", "gz", "zip"]), st.data())
def test_no_damage_raises_or_changes_an_entry_in_a_plain_way(packing, data):
    whole = zip_of(FILES) if packing == "zip" else PACKED[packing](tar_of(FILES))
    at = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=16))
    broken = whole[:at] + junk + whole[at + data.draw(st.integers(0, 80)) :]
    found = read(broken)
    assert found, "an archive is never passed over in silence"
    if packing != "plain" and broken != whole:  # both have checksums over the content
        kept = files_in(found)
        assert all(kept[name] == FILES[name] for name in set(kept) & set(FILES)) or reasons(found)
