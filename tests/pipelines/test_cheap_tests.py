"""What a build says of pages that the cheap tests end, and of what it redacted: in counts, table and page."""

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq

from corpusforge.config import load_config
from corpusforge.report import write_report
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, page, warc_record

CONFIG = """
name = "cheap"
output = "corpus"
[ingest]
site_files = ["/.well-known/tdmrep.json"]
[label]
languages = ["en"]
[filter]
block_lists = ["blocked.txt.gz"]
opt_out = "opt-out.txt"
[[sources]]
name = "crawl"
kind = "warc"
paths = ["dumps/*.warc.gz"]
"""
GERMAN = (
    "Der Hafen wurde nach dem Sturm wieder aufgebaut, und die Fischerboote kamen eines nach dem anderen zurück. "
    "Die Leute, die ins Landesinnere gezogen waren, kehrten in ihre Häuser heim und strichen die Türen neu. "
)


def _json_record(url, body):
    record = gzip.decompress(warc_record(url, body)).replace(b"text/html; charset=utf-8", b"application/json")
    head, _, rest = record.partition(b"\r\n\r\n")
    length = str(len(rest) - 4).encode()
    lines = [
        b"Content-Length: " + length if line.startswith(b"Content-Length") else line
        for line in head.split(b"\r\n")
    ]
    return gzip.compress(b"\r\n".join(lines) + b"\r\n\r\n" + rest, mtime=0)


def _write(folder):
    (folder / "dumps").mkdir()
    reserved = page("r").replace("<head>", '<head><meta name="robots" content="noai">')
    private = page("p").replace(
        "<article>", "<article><p>His CPF is 529.982.247-25, his card 4012 8888 8888 1881.</p>"
    )
    one = [
        warc_record("https://a.example/1", page("one")),
        warc_record("https://a.example/copy", page("one")),
        warc_record("https://a.example/reserved", reserved),
        warc_record("https://ads.blocked.example/1", page("blocked")),
        warc_record("https://out.example/1", page("out")),
        warc_record("https://tdm.example/1", page("tdm")),
        warc_record("https://a.example/short", "<p>Hi.</p>"),
        warc_record("https://a.example/de", f"<html><body><p>{GERMAN * 3}</p></body></html>"),
        warc_record("https://a.example/private", private),
        _json_record(
            "https://tdm.example/.well-known/tdmrep.json", '[{"location": "/", "tdm-reservation": 1}]'
        ),
    ]
    two = [
        warc_record("https://b.example/copy", page("one")),
        warc_record("https://b.example/2", page("two")),
    ]
    (folder / "dumps" / "one.warc.gz").write_bytes(b"".join(one))
    (folder / "dumps" / "two.warc.gz").write_bytes(b"".join(two))
    (folder / "blocked.txt.gz").write_bytes(gzip.compress(b"blocked.example\n"))
    (folder / "opt-out.txt").write_text("out.example\n")
    (folder / "cheap.toml").write_text(CONFIG)


def test_every_end_is_counted_by_its_reason_and_told_with_its_cause(tmp_path):
    _write(tmp_path)
    result = build(load_config(str(tmp_path / "cheap.toml")))
    ends = result.totals["sources"]["crawl"]
    assert ends["records_in"] == 12
    assert ends["dropped"] == {
        "blocked": 1, "content_type": 1, "duplicate_payload": 1, "language": 1, "opt_out": 1, "reserved": 2,
        "too_short": 1,
    }  # fmt: skip
    assert ends["redactions"] == {"card": 1, "national_id": 1}
    # within a dump the first copy stays; across dumps dedup decides, by the text
    assert ends["exact_duplicates"] == 1
    told = {}
    for path in (tmp_path / "corpus" / "rejects").iterdir():
        told |= {row["detail"]: row for row in pq.read_table(path).to_pylist()}
    assert "the page reserves its use: <meta name=robots> noai" in told
    assert "the page reserves its use: tdm-reservation 1 in tdmrep.json" in told
    assert "filter.block_lists[0] names it, line 1: blocked.example" in told
    assert all(
        not row["excerpt"] for row in told.values() if row["reason"] in ("blocked", "opt_out", "reserved")
    )
    shown = Path(write_report(str(tmp_path / "corpus"))).read_text()
    for reason in (*ends["dropped"], *ends["redactions"]):
        assert f"<code>{reason}</code>" in shown
    text = json.dumps([pq.read_table(path).to_pydict()["text"] for path in tmp_path.rglob("*.text.parquet")])
    assert "His CPF is <NATIONAL_ID>, his card <CARD>." in text and article("one")[:30] in text
