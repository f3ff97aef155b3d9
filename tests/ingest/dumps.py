"""Small dumps, made as the tests need them."""

import gzip
from pathlib import Path

from corpusforge.document import Document, Drop, SourceKind
from corpusforge.ingest import IngestConfig, InputFile, read

PAGE = b"<!DOCTYPE html><html><body><p>A page.</p></body></html>"
CONFIG = IngestConfig(min_body_bytes=1, drop_duplicate_payloads=False)
"""The cheap tests have tests of their own (`test_cheap.py`); here every record is read."""


def http(body: bytes, *headers: str, status: str = "200 OK", content_type: str | None = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes,
    kind: str = "response",
    url: str = "https://example.org/a",
    content_type: str = "application/http; msgtype=response",
    version: str = "WARC/1.0",
    length: int | None = None,
    extra: tuple[str, ...] = (),
) -> bytes:
    lines = [
        version,
        f"WARC-Type: {kind}",
        "WARC-Date: 2026-11-21T00:00:00Z",
        f"WARC-Target-URI: {url}",
        f"Content-Type: {content_type}",
        *extra,
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def page_record(number: int, **options) -> bytes:
    body = f"<!DOCTYPE html><html><body><p>Page {number}.</p></body></html>".encode()
    return record(http(body), url=f"https://example.org/{number}", **options)


def members(*records: bytes) -> bytes:
    return b"".join(gzip.compress(item, mtime=0) for item in records)


def read_file(path: Path, kind: SourceKind | None = None, config: IngestConfig = CONFIG, start=0, stop=None):
    return list(read(InputFile(str(path), path.name, "test", kind), config, start, stop))


def read_bytes(
    folder: Path, data: bytes, name="a.warc.gz", kind=SourceKind.WARC, config=CONFIG, start=0, stop=None
):
    path = folder / name
    path.write_bytes(data)
    return read_file(path, kind, config, start, stop)


def ends(records) -> list[str]:
    """Return how each record ended: its markup, or the reason of its drop."""
    return [r.markup.value if isinstance(r, Document) else r.reason.value for r in records]


def documents(records) -> list[Document]:
    return [r for r in records if isinstance(r, Document)]


def drops(records) -> list[Drop]:
    return [r for r in records if isinstance(r, Drop)]
