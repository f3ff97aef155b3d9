"""The quick decoder of gzip changes nothing: zlib alone gives the same members, bodies and damage."""

import gzip
import io
import random
import zlib
from collections.abc import Callable

import pytest

from corpusforge.ingest.compression import limits
from corpusforge.ingest.compression.limits import TooMuch, gunzip, inflate_zlib
from corpusforge.ingest.web import decoders
from corpusforge.ingest.web.archive_records import ArchiveLimits, archive_records

LIMITS = ArchiveLimits(256 << 10, 16 << 20, 50.0)


def _text(rnd: random.Random, most: int) -> bytes:
    words = [rnd.randbytes(rnd.randrange(2, 9)) for _ in range(100)]
    return b"".join(rnd.choices(words, k=rnd.randrange(most)))


def _damaged(rnd: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rnd.choice((0, 1, 3))):
        at = rnd.randrange(len(changed)) if changed else 0
        kind = rnd.randrange(4)
        if kind < 2 and changed:
            changed[at] ^= 1 << rnd.randrange(8)
        elif kind == 2:
            del changed[at : at + rnd.randrange(1, 400)]
        else:
            changed[at:at] = rnd.randbytes(rnd.randrange(1, 400))
    return bytes(changed[: rnd.choice((len(changed), rnd.randrange(len(changed) + 1)))])


def _archive(rnd: random.Random, n_records: int) -> bytes:
    blocks = [_text(rnd, 4000) for _ in range(n_records)] + [bytes(5 << 20), rnd.randbytes(2 << 20)]
    rnd.shuffle(blocks)
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: %d\r\n\r\n"
    records = [head % len(block) + block + b"\r\n\r\n" for block in blocks]
    return b"".join(gzip.compress(record, 1, mtime=0) for record in records)


def test_a_damaged_archive_reads_as_by_zlib_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rnd = random.Random(19)
    archive = _archive(rnd, 12)
    archives = [archive, archive + b"garbage", *(_damaged(rnd, archive) for _ in range(25))]
    ours = [list(archive_records(io.BytesIO(data), LIMITS)) for data in archives]
    monkeypatch.setattr(decoders, "_QuickGzip", decoders._Gzip)  # pyright: ignore[reportPrivateUsage]
    assert ours == [list(archive_records(io.BytesIO(data), LIMITS)) for data in archives]
    assert len(ours[0]) == 14


def test_a_member_with_reserved_flags_is_damage_as_zlib_says() -> None:
    body = bytearray(gzip.compress(b"a page" * 50, mtime=0))
    body[3] = 0x20
    assert not gunzip(bytes(body), 1 << 20).is_whole


@pytest.mark.parametrize("inflate", [gunzip, inflate_zlib])
def test_a_damaged_body_is_as_by_zlib_alone(
    inflate: Callable[[bytes, int], limits.Plain], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends() -> list[limits.Plain | int]:
        rnd = random.Random(7)
        found: list[limits.Plain | int] = []
        for _ in range(500):
            text = _text(rnd, 400)
            one = gzip.compress(text, mtime=0) if inflate is gunzip else zlib.compress(text)
            data = _damaged(rnd, one + rnd.choice((b"", one, b"garbage")))
            try:
                found.append(inflate(data, rnd.choice((10, len(text), 1 << 20))))
            except TooMuch as error:
                found.append(error.n_bytes)
        return found

    ours = ends()

    def refuse(*_: object) -> None:
        """Leave it to zlib."""

    monkeypatch.setattr(limits, "_inflate_whole", refuse)
    assert ours == ends()
    assert any(isinstance(end, limits.Plain) and end.is_whole for end in ours)
