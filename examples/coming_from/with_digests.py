"""A WARC file again, by warcio: every record with its WARC-Payload-Digest, as Common Crawl's have one.

Arguments: a WARC file, another one.
"""

import sys

from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

source, target = sys.argv[1:]
with open(source, "rb") as old, open(target, "wb") as new:
    writer = WARCWriter(new, gzip=True)
    for record in ArchiveIterator(old):
        headers = {
            name: record.rec_headers.get_header(name)
            for name in ("WARC-Date", "WARC-Record-ID")
            if record.rec_headers.get_header(name)
        }
        again = writer.create_warc_record(
            record.rec_headers.get_header("WARC-Target-URI"),
            record.rec_type,
            payload=record.raw_stream,
            http_headers=record.http_headers,
            warc_headers_dict=headers,
        )
        writer.write_record(again)
