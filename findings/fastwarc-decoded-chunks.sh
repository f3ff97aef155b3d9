#!/bin/sh
# FastWARC 2.0.1: with `auto_decode="all"` the iteration ends, without an error, behind the first response
# whose body is both compressed and chunked, once that body was read to its end.
#
# RFC 9112, 7.1 and RFC 9110, 8.4: a body may have `Transfer-Encoding: chunked` and `Content-Encoding: gzip`
# (or br, deflate); crawlers that keep what the wire gave store it so. The body itself is decoded rightly, and
# either of the two encodings alone does no harm; what follows in the file is never yielded, compressed or
# not. With `auto_decode="transfer"`, or none, all records come. One would expect them all, or an error.
# Our reader undoes both encodings of a body that it has cut out of its record (corpusforge/ingest/web/http.py);
# the bench beside FastWARC reads bodies as they lie (benches/archive_speed.py).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q FastWARC==2.0.1
"$folder/venv/bin/python" - <<'END'
import gzip, io, sys
from importlib.metadata import version

from fastwarc.warc import ArchiveIterator

PAGE = b"<!doctype html><title>a</title><p>" + b"a word and another; " * 100
PACKED = gzip.compress(PAGE, mtime=0)


def chunked(body):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def response(number, body, *fields):
    http = b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Type: text/html", *fields, b"", body])
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/{number}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-00000000000{number}>\r\n"
        "WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def bodies(first, mode):
    archive = io.BytesIO(first + response(2, PAGE) + response(3, PAGE))
    read = [record.reader.read() for record in ArchiveIterator(archive, parse_http=True, auto_decode=mode)]
    return len(read), read[0] == PAGE


CHUNKED, GZIP = b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"
both = response(1, chunked(PACKED), CHUNKED, GZIP)
found = {
    "chunked, decoded": bodies(response(1, chunked(PAGE), CHUNKED), "all"),
    "gzip, decoded": bodies(response(1, PACKED, GZIP), "all"),
    "both, decoded": bodies(both, "all"),
    "both, as they lie": bodies(both, "none"),
}
print("FastWARC", version("FastWARC"), "(records of 3, whether the first body is the page):", found)
sys.exit(0 if found["both, decoded"] == (1, True) and found["gzip, decoded"] == (3, True) else 1)
END
