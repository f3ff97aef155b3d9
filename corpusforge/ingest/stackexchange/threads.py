"""Stack Exchange `Posts.xml`: a question with all its answers becomes one document.

Posts come in the order of their ids, so answers stand far from their question: rows are sorted
on disk, and read back thread by thread in the order of the question ids. Memory does not grow
with the dump. A dump of several ranges is shuffled by the question's id instead (`scatter.py`),
and each bucket is read so.

`Document.raw` is canonical JSON in UTF-8 (keys sorted, no blanks): `{"title", "tags",
"question": {"id", "score", "html"}, "answers": [{"id", "score", "accepted", "html"}]}`, the
best-scored answer first. Locator: `<file>#post=<question id>&offset=<byte of its row>`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest.beside import Beside, beside
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.records import make_document, make_drop
from corpusforge.ingest.stackexchange.rows import Post, thread_rows, unpacked
from corpusforge.ingest.stackexchange.sort import in_order

_KIND = SourceKind.STACKEXCHANGE
_SITE = re.compile(
    r"((?:[a-z0-9-]+\.)*(?:stackexchange\.com|stackoverflow\.com|superuser\.com|serverfault\.com|"
    r"askubuntu\.com|mathoverflow\.net|stackapps\.com))"
)
_CC_BY_SA = re.compile(r"CC[ -]BY[ -]SA[ -](\d\.\d)")
_LICENCE_FROM = (("2018-05-02", "4.0"), ("2011-04-08", "3.0"), ("", "2.5"))
"""Since when posts carry which CC BY-SA (stackoverflow.com/help/licensing)."""


def read_stackexchange(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield drops in the order of the file, then one document per question, by question id.

    Answers whose question the file does not hold are dropped, since alone they tell no
    one what they answer. A range of a file holds no whole threads: raises ValueError.
    """
    if (start, stop) != (0, None):
        raise ValueError("threads lie across the ranges of a file: shuffle its rows (`scatter`, `threads`)")
    yield from threads(input, config, (row for _, row in thread_rows(input, config, coverage=coverage)))


def threads(input: InputFile, config: IngestConfig, rows: Iterable[bytes]) -> Iterator[Document | Drop]:
    """Yield what the packed rows of some questions make, in whatever order they come.

    Drops of single rows first, by their place, then one document for each question, by its id,
    with drops for what belongs to none. `rows` must hold all posts of its questions.
    """
    question: Post | None = None
    answers: list[Post] = []
    seen: set[int] = set()
    thread_bytes = 0
    for row in in_order(rows):
        post = unpacked(input, row)
        if isinstance(post, Drop):
            yield post
            continue
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


def _refuse(input: InputFile, post: Post, why: str, reason: DropReason = DropReason.NOT_CONTENT) -> Drop:
    locator = f"{input.name}#post={post.id}&{post.place()}"
    return make_drop(input, _KIND, locator, reason, f"post {post.id}: {why}", n_bytes=post.n_bytes)


def _document(input: InputFile, question: Post, answers: list[Post]) -> Document:
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
    site = beside(input, _KIND).facts.get("site")
    return make_document(
        input,
        _KIND,
        f"{input.name}#post={question.id}&{question.place()}",
        markup=Markup.QA,
        raw=raw.encode("utf-8", "replace"),
        title=question.title or None,
        date=question.date or None,
        url=f"https://{site}/questions/{question.id}" if site else None,
        host=site,
        licence=" AND ".join(sorted({post_licence(p.licence, p.date) for p in (question, *answers)})),
        licence_source="dump",
    )


def site_beside(input: InputFile) -> Beside:
    """Return the site that the names of a dump and of its folder tell, as a fact."""
    site = site_of(input.name, os.path.basename(os.path.dirname(input.path)))
    return Beside(facts={"site": site} if site else {})


def site_of(*names: str) -> str | None:
    """Return the site that a dump's file or folder name tells (`math.stackexchange.com/Posts.xml`)."""
    return next((found[1] for name in names if (found := _SITE.search(name.lower()))), None)


def post_licence(stated: str, date: str) -> str:
    """Return the SPDX id of a post's licence: as stated, else by its creation date (ISO 8601)."""
    if found := _CC_BY_SA.search(stated):
        return f"CC-BY-SA-{found[1]}"
    version = next(version for since, version in _LICENCE_FROM if date >= since)
    return f"CC-BY-SA-{version}"
