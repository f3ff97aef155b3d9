"""Wikimedia Enterprise's HTML dumps: a JSON object a line and article, in a tar.gz of ndjson files or plain.

The page's HTML is Parsoid's, every template expanded; where a row has none, its wikitext is read. Locator:
`<file>!<entry>#page=<id>&line=<number>` (enterprise.wikimedia.com/docs/data-dictionary).
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from typing import IO, Any, cast

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, well_formed
from corpusforge.ingest.archives.spill import tar_members
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import check, opened
from corpusforge.ingest.records import damage_drops, host_of, make_document, make_drop

_KIND = SourceKind.MEDIAWIKI
_ROW = re.compile(rb'\A\s*\{\s*"')
_KEYS = re.compile(rb'"(?:article_body|is_part_of|in_language|date_modified|main_entity|has_parts)"\s*:')
_NDJSON = re.compile(r"\.(?:ndjson|jsonl|json)$", re.I)
_TAR_HEADER_BYTES = 512
_LICENCE = re.compile(r"CC[- ]BY[- ]SA[- ](\d\.\d)", re.I)
_DAMAGE = (tarfile.TarError, EOFError, ValueError)


def is_enterprise(head: bytes) -> bool:
    """Return whether bytes begin as such a dump: a row, or a tar whose first file begins with one."""
    for start in (0, _TAR_HEADER_BYTES, 3 * _TAR_HEADER_BYTES):
        rows = head[start:]
        if _ROW.match(rows) and len(set(_KEYS.findall(rows))) >= 2 and b'"identifier"' in rows:
            return True
    return False


def read_enterprise(
    input: InputFile, config: IngestConfig, start: int = 0, stop: int | None = None, **more: Any
) -> Iterator[Document | Drop]:
    """Yield one record per article, in the order of the file; a row that is no JSON costs one drop."""
    with opened(input.path) as stream:
        head = next(Inflated(stream, max_ratio=config.max_ratio).blocks(), b"")
        stream.seek(0)
        if _ROW.match(head):
            inflated = Inflated(stream, max_ratio=config.max_ratio)
            yield from _rows(input, input.name, _lines(inflated.blocks(), config.max_record_bytes), config)
            yield from damage_drops(input, _KIND, inflated)
            return
        try:
            for name, content in tar_members(stream, config.max_ratio):
                locator = f"{input.name}!{name}"
                if _NDJSON.search(name):
                    yield from _rows(
                        input, locator, _lines(_blocks(content), config.max_record_bytes), config
                    )
                else:
                    yield make_drop(input, _KIND, locator, DropReason.NOT_CONTENT, "no ndjson by its name")
        except _DAMAGE as error:
            check(stream, error)
            detail = f"the archive is damaged: {error}"[:200]
            yield make_drop(input, _KIND, f"{input.name}#damage", DropReason.UNREADABLE, detail)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(1 << 20):
        yield block


def _lines(blocks: Iterator[bytes], limit_bytes: int) -> Iterator[tuple[int, bytes | None, int]]:
    """Yield (number, line or None where it is over the limit, its bytes) of each line that is not blank."""
    number, held, n_bytes = 1, list[bytes](), 0
    limit = 4 * limit_bytes  # a row holds the page twice, and escaped
    for block in blocks:
        pieces = block.split(b"\n")
        for place, piece in enumerate(pieces):
            n_bytes += len(piece)
            if n_bytes <= limit:
                held.append(piece)
            if place == len(pieces) - 1:
                break
            line = b"".join(held)
            if n_bytes and line.strip():
                yield number, line if n_bytes <= limit else None, n_bytes
            number, held, n_bytes = number + 1, [], 0
    if n_bytes:
        yield number, b"".join(held) if n_bytes <= limit else None, n_bytes


def _rows(
    input: InputFile, name: str, lines: Iterator[tuple[int, bytes | None, int]], config: IngestConfig
) -> Iterator[Document | Drop]:
    for number, line, n_bytes in lines:
        locator = f"{name}#line={number}"
        if line is None:
            detail = f"a row of {n_bytes} bytes, the limit is {4 * config.max_record_bytes}"
            yield make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=n_bytes)
            continue
        try:
            row: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            detail = f"no JSON: {str(error)[:100]}"
            yield make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=n_bytes)
            continue
        yield _record(input, name, number, _mapping(row), n_bytes, config)


def _record(
    input: InputFile, name: str, number: int, row: dict[str, Any], n_bytes: int, config: IngestConfig
) -> Document | Drop:
    identifier = row.get("identifier")
    place = f"page={identifier}&" if isinstance(identifier, int) else ""
    locator = f"{name}#{place}line={number}"
    title = _text(row.get("name")) or ""
    body = _mapping(row.get("article_body"))
    namespace = _mapping(row.get("namespace")).get("identifier")
    html, wikitext = body.get("html"), body.get("wikitext")
    if isinstance(namespace, int) and namespace:
        detail = f"{title!r} is in namespace {namespace}"
        return make_drop(input, _KIND, locator, DropReason.NAMESPACE, detail, n_bytes=n_bytes)
    text, markup = (
        (html, Markup.HTML) if isinstance(html, str) and html.strip() else (wikitext, Markup.WIKITEXT)
    )
    if not isinstance(text, str) or not text.strip():
        return make_drop(input, _KIND, locator, DropReason.EMPTY, f"{title!r} has no body", n_bytes=n_bytes)
    raw = text.encode("utf-8", "replace")
    if len(raw) > config.max_record_bytes:
        detail = f"{title!r}: {len(raw)} bytes, the limit is {config.max_record_bytes}"
        return make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=len(raw))
    url = _text(row.get("url"))
    return make_document(
        input,
        _KIND,
        locator,
        markup=markup,
        raw=raw,
        charset="utf-8",
        title=title or None,
        url=url,
        host=host_of(url),
        date=_text(row.get("date_modified")),
        language=_language(_mapping(row.get("in_language")).get("identifier")),
        licence=_licence(row.get("license")),
        licence_source="dump" if _licence(row.get("license")) else None,
    )


def _language(code: object) -> str | None:
    return {"simple": "en"}.get(code, code) if isinstance(code, str) and code else None


def _licence(values: object) -> str | None:
    """Return the SPDX id of the licences that a row states."""
    rows = cast("list[object]", values) if isinstance(values, list) else []
    named = (_mapping(value).get("identifier") or _mapping(value).get("name") for value in rows)
    stated = (_text(value) or "" for value in named)
    found = sorted({f"CC-BY-SA-{match[1]}" for text in stated if (match := _LICENCE.search(text))})
    return " AND ".join(found) or None


def _text(value: object) -> str | None:
    return well_formed(value) if isinstance(value, str) else None


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
