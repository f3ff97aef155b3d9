"""Stack Exchange `Posts.xml`: a question with all its answers becomes one document.

Posts come in the order of their ids, so answers stand far from their question: rows are
spilled to a temporary SQLite file, sorted there on disk, and read back thread by thread in
the order of the question ids. Memory does not grow with the dump.

`Document.raw` is canonical JSON in UTF-8 (keys sorted, no blanks): `{"title", "tags",
"question": {"id", "score", "html"}, "answers": [{"id", "score", "accepted", "html"}]}`, the
best-scored answer first. Locator: `<file>#post=<question id>&offset=<byte of its row>`.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.files import open_input
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.compression.window import Window, utf8_blocks
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.entities import unescape
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.records import damage_drops, make_document, make_drop

_KIND = SourceKind.STACKEXCHANGE
_ROW = re.compile(rb"<row(?=\s)")
_ROW_END = re.compile(rb"/>|<(?=row\s)|</row>|</posts>")
_ATTRIBUTE = re.compile(rb"""\s([A-Za-z]\w*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_OTHER_TABLE = re.compile(rb"<(badges|comments|postlinks|posthistory|tags|users|votes)\s*>", re.IGNORECASE)
_SITE = re.compile(
    r"((?:[a-z0-9-]+\.)*(?:stackexchange\.com|stackoverflow\.com|superuser\.com|serverfault\.com|"
    r"askubuntu\.com|mathoverflow\.net|stackapps\.com))"
)
_CC_BY_SA = re.compile(r"CC[ -]BY[ -]SA[ -](\d\.\d)")
_LICENCE_FROM = (("2018-05-02", "4.0"), ("2011-04-08", "3.0"), ("", "2.5"))
"""Since when posts carry which CC BY-SA (stackoverflow.com/help/licensing)."""
_QUESTION, _ANSWER = "1", "2"
_POST_TYPES = {
    "3": "an orphaned tag wiki",
    "4": "a tag wiki excerpt",
    "5": "a tag wiki",
    "6": "a moderator nomination",
    "7": "a wiki placeholder",
    "8": "a privilege wiki",
}
_TABLE = (
    "CREATE TABLE post (thread INTEGER, is_answer INTEGER, score INTEGER, id INTEGER, offset INTEGER,"
    " n_bytes INTEGER, title TEXT, tags TEXT, accepted INTEGER, date TEXT, licence TEXT, body BLOB)"
)
_INSERT = f"INSERT INTO post VALUES ({','.join('?' * 12)})"
_SELECT = "SELECT * FROM post ORDER BY thread, is_answer, score DESC, id, offset"


@dataclass(frozen=True, slots=True)
class _Post:
    """One row of the spill, in the order of its columns."""

    thread: int
    is_answer: int
    score: int
    id: int
    offset: int
    n_bytes: int
    title: str
    tags: str
    accepted: int
    date: str
    licence: str
    body: bytes


def read_stackexchange(
    input: InputFile, config: IngestConfig, start: int = 0, stop: int | None = None
) -> Iterator[Document | Drop]:
    """Yield drops in the order of the file, then one document per question, by question id.

    Answers whose question the file does not hold are dropped, since alone they tell no
    one what they answer. `start` and `stop` are not used.
    """
    if other := _other_table(input):
        detail = f"the table {other}: only the posts table holds text"
        yield make_drop(input, _KIND, input.name, DropReason.NOT_CONTENT, detail)
        return
    with open_input(input.path) as stream, _spill() as spill:
        inflated = Inflated(stream, max_ratio=config.max_ratio)
        window = Window(utf8_blocks(inflated.blocks()))
        n_rows = 0
        for row in _rows(input, window, config.max_record_bytes):
            n_rows += 1
            if isinstance(row, Drop):
                yield row
            else:
                spill.execute(_INSERT, [getattr(row, name) for name in _Post.__slots__])
        if n_rows == 0 and not inflated.damage:
            yield make_drop(input, _KIND, input.name, DropReason.EMPTY, "no row of the posts table in it")
        yield from damage_drops(input, _KIND, inflated)
        yield from _threads(input, spill, config)


@contextmanager
def _spill() -> Generator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        with closing(sqlite3.connect(os.path.join(folder, "posts.sqlite"), isolation_level=None)) as spill:
            for setting in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-16384"):
                spill.execute(f"PRAGMA {setting}")
            spill.execute(_TABLE)
            spill.execute("BEGIN")
            yield spill


def _other_table(input: InputFile) -> str | None:
    with open_input(input.path) as stream:
        head = next(Inflated(stream, max_ratio=1000).blocks(), b"")[:4096]
    found = _OTHER_TABLE.search(head)
    return found[1].decode() if found and b"<row" not in head[: found.start()] else None


def _rows(input: InputFile, window: Window, limit_bytes: int) -> Iterator[_Post | Drop]:
    """Yield every row as a post, or as the drop that it ends in."""
    while mark := window.find(_ROW):
        offset = window.start_of(mark)
        body, end, n_bytes = window.until(_ROW_END, limit_bytes + 1, consume=False)
        values = {name.decode(): a or b for name, a, b in _ATTRIBUTE.findall(body)}
        refusal: tuple[DropReason, str] | None = None
        if end is None or end[0] != b"/>":
            refusal = DropReason.UNREADABLE, f"the row at byte {offset} is never closed"
        elif n_bytes > limit_bytes:
            refusal = DropReason.TOO_LARGE, f"the row has {n_bytes} bytes, the limit is {limit_bytes}"
        elif _ATTRIBUTE.sub(b"", body).strip():
            refusal = DropReason.UNREADABLE, f"the row at byte {offset} is not well formed"
        made = refusal or _post(values, offset, n_bytes)
        if isinstance(made, _Post):
            yield made
        else:
            number = values.get("Id", b"")
            place = f"post={number.decode()}&" if number.isdigit() else ""
            yield make_drop(input, _KIND, f"{input.name}#{place}offset={offset}", *made, n_bytes=n_bytes)


def _post(values: dict[str, bytes], offset: int, n_bytes: int) -> _Post | tuple[DropReason, str]:
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
    return _Post(
        thread=thread,
        is_answer=int(kind == _ANSWER),
        score=_integer(fields.get("Score")) or 0,
        id=number,
        offset=offset,
        n_bytes=n_bytes,
        title=fields.get("Title", ""),
        tags=fields.get("Tags", ""),
        accepted=_integer(fields.get("AcceptedAnswerId")) or 0,
        date=fields.get("CreationDate", ""),
        licence=fields.get("ContentLicense", ""),
        body=fields["Body"].encode(),
    )


def _threads(input: InputFile, spill: sqlite3.Connection, config: IngestConfig) -> Iterator[Document | Drop]:
    """Yield one document for each question, and drops for what belongs to none."""
    question: _Post | None = None
    answers: list[_Post] = []
    seen: set[int] = set()
    thread_bytes = 0
    for row in spill.execute(_SELECT):
        post = _Post(*row)
        if question is None or post.thread != question.thread:
            if question is not None:
                yield _document(input, question, answers)
            question, answers, seen, thread_bytes = (None if post.is_answer else post), [], {post.id}, 0
            if question is None:
                yield _refuse(input, post, f"answers question {post.thread}, which is not in the file")
        elif post.id in seen:
            yield _refuse(input, post, "its id stands in the file twice")
        elif thread_bytes + len(post.body) > config.max_record_bytes:
            detail = f"the thread of question {post.thread} is full: {thread_bytes} bytes of answers"
            yield _refuse(input, post, detail, DropReason.TOO_LARGE)
        else:
            seen.add(post.id)
            answers.append(post)
            thread_bytes += len(post.body)
    if question is not None:
        yield _document(input, question, answers)


def _refuse(input: InputFile, post: _Post, why: str, reason: DropReason = DropReason.NOT_CONTENT) -> Drop:
    locator = f"{input.name}#post={post.id}&offset={post.offset}"
    return make_drop(input, _KIND, locator, reason, f"post {post.id}: {why}", n_bytes=post.n_bytes)


def _document(input: InputFile, question: _Post, answers: list[_Post]) -> Document:
    content: dict[str, Any] = {
        "title": question.title,
        "tags": [tag for tag in re.split(r"[<>|]+", question.tags) if tag],
        "question": {"id": question.id, "score": question.score, "html": question.body.decode()},
        "answers": [
            {"id": a.id, "score": a.score, "accepted": a.id == question.accepted, "html": a.body.decode()}
            for a in answers
        ],
    }
    raw = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    site = site_of(input.name, os.path.basename(os.path.dirname(input.path)))
    return make_document(
        input,
        _KIND,
        f"{input.name}#post={question.id}&offset={question.offset}",
        markup=Markup.QA,
        raw=raw.encode("utf-8", "replace"),
        title=question.title or None,
        date=question.date or None,
        url=f"https://{site}/questions/{question.id}" if site else None,
        host=site,
        licence=" AND ".join(sorted({post_licence(p.licence, p.date) for p in (question, *answers)})),
        licence_source="dump",
    )


def site_of(*names: str) -> str | None:
    """Return the site that a dump's file or folder name tells (`math.stackexchange.com/Posts.xml`)."""
    return next((found[1] for name in names if (found := _SITE.search(name.lower()))), None)


def post_licence(stated: str, date: str) -> str:
    """Return the SPDX id of a post's licence: as stated, else by its creation date (ISO 8601)."""
    if found := _CC_BY_SA.search(stated):
        return f"CC-BY-SA-{found[1]}"
    version = next(version for since, version in _LICENCE_FROM if date >= since)
    return f"CC-BY-SA-{version}"


def _integer(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]{1,18}", value) else None
