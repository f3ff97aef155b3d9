"""The rows of `Posts.xml`, of a whole file or of a range of its bytes, packed for a sort.

Packed rows compare as bytes in the order in which threads are read: what is dropped by its place,
then posts by thread, the question first, the best-scored answer next.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from corpusforge.document import Drop, DropReason, SourceKind
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.compression.window import Window, utf8_blocks
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.entities import unescape
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import damage_drops, make_drop, note_stop

_KIND = SourceKind.STACKEXCHANGE
_ROW = re.compile(rb"<row(?=\s)")
_ROW_END = re.compile(rb"/>|<(?=row\s)|</row>|</posts>")
_ATTRIBUTE = re.compile(rb"""\s([A-Za-z]\w*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_OTHER_TABLE = re.compile(rb"<(badges|comments|postlinks|posthistory|tags|users|votes)\s*>", re.IGNORECASE)
_QUESTION, _ANSWER = "1", "2"
_POST_TYPES = {
    "3": "an orphaned tag wiki",
    "4": "a tag wiki excerpt",
    "5": "a tag wiki",
    "6": "a moderator nomination",
    "7": "a wiki placeholder",
    "8": "a privilege wiki",
}
_DROPPED, _DAMAGE, _POST = 0, 1, 2
_DROP_KEY = struct.Struct(">BQQ")
_POST_KEY = struct.Struct(">BQBQQQQ")
_LENGTHS = struct.Struct("<QqIIII")
_DROP_LENGTHS = struct.Struct("<QII")
_SIGN = 1 << 63
"""Added to signed integers, so that they compare as unsigned ones."""

Packed = tuple[int, bytes]
"""(question id, packed row): what a shuffle groups, and what it carries."""


@dataclass(frozen=True, slots=True)
class Post:
    """One question or answer."""

    thread: int
    is_answer: int
    score: int
    id: int
    stream: int
    """Where its member begins in the file: 0 but in a compressed file of several."""
    offset: int
    """Where its row begins in the member, decompressed."""
    n_bytes: int
    title: str
    tags: str
    accepted: int
    date: str
    licence: str
    body: bytes

    def place(self) -> str:
        """Return its place as a locator tells it."""
        return _place(self.stream, self.offset)


def thread_rows(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    coverage: Coverage | None = None,
) -> Iterator[Packed]:
    """Yield the packed rows that begin in [start, stop) of the file, each with its question's id.

    Rows that are dropped are packed too, so that each part of a shuffle tells of its own.
    """
    coverage = coverage or Coverage()
    with opened(input.path, coverage, until_bytes=stop) as stream:
        if other := other_table(stream, config):
            if start == 0:
                detail = f"the table {other}: only the posts table holds text"
                yield _packed_drop(make_drop(input, _KIND, input.name, DropReason.NOT_CONTENT, detail), 0, 0)
            return
        inflated = Inflated(stream, config.max_ratio, start, stop)
        window = Window(inflated.blocks() if start else utf8_blocks(inflated.blocks()))
        is_empty = True
        for row in _rows(input, inflated, window, config.max_record_bytes):
            is_empty = False
            yield row
        if is_empty and start == 0 and window.find(_ROW) is None and not inflated.damage:
            detail = "no row of the posts table in it"
            yield _packed_drop(make_drop(input, _KIND, input.name, DropReason.EMPTY, detail), 0, 0)
        for drop in damage_drops(input, _KIND, inflated):
            yield _packed_drop(drop, 0, int(drop.locator.rpartition("=")[2]), _DAMAGE)
        note_stop(coverage, inflated)


def other_table(stream: IO[bytes], config: IngestConfig) -> str | None:
    """Return the name of the table that a file holds, None for posts or where it does not tell."""
    return other_table_of(next(Inflated(stream, config.max_ratio).blocks(), b""))


def other_table_of(head: bytes) -> str | None:
    """Return the name of the table that some XML begins, None for posts or where it does not tell."""
    head = head[:4096]
    found = _OTHER_TABLE.search(head)
    return found[1].decode() if found and b"<row" not in head[: found.start()] else None


def _rows(input: InputFile, inflated: Inflated, window: Window, limit_bytes: int) -> Iterator[Packed]:
    """Yield every row of the range as a post, or as the drop that it ends in."""
    while window.skip_to(_ROW, inflated.is_past) is not None:
        stream, offset = inflated.place(window.offset_bytes)
        window.find(_ROW)
        body, end, n_bytes = window.until(_ROW_END, limit_bytes + 1, consume=False)
        values = {name.decode(): a or b for name, a, b in _ATTRIBUTE.findall(body)}
        refusal: tuple[DropReason, str] | None = None
        if end is None or end[0] != b"/>":
            refusal = DropReason.UNREADABLE, f"the row at byte {offset} is never closed"
        elif n_bytes > limit_bytes:
            refusal = DropReason.TOO_LARGE, f"the row has {n_bytes} bytes, the limit is {limit_bytes}"
        elif _ATTRIBUTE.sub(b"", body).strip():
            refusal = DropReason.UNREADABLE, f"the row at byte {offset} is not well formed"
        made = refusal or _post(values, stream, offset, n_bytes)
        if isinstance(made, Post):
            yield made.thread, packed(made)
        else:
            number = values.get("Id", b"")
            place = f"post={number.decode()}&" if number.isdigit() else ""
            locator = f"{input.name}#{place}{_place(stream, offset)}"
            yield _packed_drop(make_drop(input, _KIND, locator, *made, n_bytes=n_bytes), stream, offset)


def _place(stream: int, offset: int) -> str:
    return f"offset={offset}" + (f"&stream={stream}" if stream else "")


def _post(values: dict[str, bytes], stream: int, offset: int, n_bytes: int) -> Post | tuple[DropReason, str]:
    try:
        fields = {name: unescape(value).decode() for name, value in values.items()}
    except UnicodeDecodeError:
        return DropReason.UNREADABLE, f"the row at byte {offset} is not UTF-8"
    kind, number = fields.get("PostTypeId", ""), _integer(fields.get("Id"))
    thread = number if kind == _QUESTION else _integer(fields.get("ParentId"))
    if kind not in (_QUESTION, _ANSWER) and kind:
        what = _POST_TYPES.get(kind, f"of post type {kind}")
        return DropReason.NOT_CONTENT, f"post {number} is {what}, no question or answer"
    if number is None or thread is None or "Body" not in fields:
        missing = "Id" if number is None else "ParentId" if thread is None else "Body"
        return DropReason.UNREADABLE, f"the row at byte {offset} has no {missing}"
    if not fields["Body"].strip():
        return DropReason.EMPTY, f"post {number} has a blank body"
    return Post(
        thread=thread,
        is_answer=int(kind == _ANSWER),
        score=_integer(fields.get("Score")) or 0,
        id=number,
        stream=stream,
        offset=offset,
        n_bytes=n_bytes,
        title=fields.get("Title", ""),
        tags=fields.get("Tags", ""),
        accepted=_integer(fields.get("AcceptedAnswerId")) or 0,
        date=fields.get("CreationDate", ""),
        licence=fields.get("ContentLicense", ""),
        body=fields["Body"].encode(),
    )


def packed(post: Post) -> bytes:
    """Return a post as bytes that sort in the order of threads."""
    texts = [text.encode() for text in (post.title, post.tags, post.date, post.licence)]
    key = (post.thread + _SIGN, post.is_answer, _SIGN - post.score, post.id + _SIGN, post.stream, post.offset)
    lengths = _LENGTHS.pack(post.n_bytes, post.accepted, *map(len, texts))
    return b"".join((_POST_KEY.pack(_POST, *key), lengths, *texts, post.body))


def unpacked(input: InputFile, row: bytes) -> Post | Drop:
    """Return the post or the drop that a row was packed from."""
    if row[0] != _POST:
        return _unpacked_drop(input, row)
    _, thread, is_answer, score, number, stream, offset = _POST_KEY.unpack_from(row)
    n_bytes, accepted, *lengths = _LENGTHS.unpack_from(row, _POST_KEY.size)
    at = _POST_KEY.size + _LENGTHS.size
    texts: list[str] = []
    for length in lengths:
        texts.append(row[at : at + length].decode())
        at += length
    title, tags, date, licence = texts
    return Post(
        thread=thread - _SIGN,
        is_answer=is_answer,
        score=_SIGN - score,
        id=number - _SIGN,
        stream=stream,
        offset=offset,
        n_bytes=n_bytes,
        title=title,
        tags=tags,
        accepted=accepted,
        date=date,
        licence=licence,
        body=row[at:],
    )


def _packed_drop(drop: Drop, stream: int, offset: int, rank: int = _DROPPED) -> Packed:
    locator, detail = drop.locator.encode(), drop.detail.encode()
    reason = drop.reason.value.encode()
    lengths = _DROP_LENGTHS.pack(drop.n_bytes, len(locator), len(reason))
    return offset, b"".join((_DROP_KEY.pack(rank, stream, offset), lengths, locator, reason, detail))


def _unpacked_drop(input: InputFile, row: bytes) -> Drop:
    n_bytes, n_locator, n_reason = _DROP_LENGTHS.unpack_from(row, _DROP_KEY.size)
    at = _DROP_KEY.size + _DROP_LENGTHS.size
    locator = row[at : at + n_locator].decode()
    reason = DropReason(row[at + n_locator : at + n_locator + n_reason].decode())
    detail = row[at + n_locator + n_reason :].decode()
    return make_drop(input, _KIND, locator, reason, detail, n_bytes=n_bytes)


def _integer(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]{1,18}", value) else None
