"""Lists of what is to go: what their entries name, and what is said of lines that are none."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.retract.lists import Entry, listed, read_list
from corpusforge.retract.matching import Matcher
from corpusforge.shards.documents import DOCS_SCHEMA

ID = "0123456789abcdef0123456789abcdef"
ROWS = [
    {"doc_id": ID, "url": "https://me@Example.org:443/blog/?a=1#top", "host": "example.org"},
    {"url": "http://example.org/blog/post/", "licence": "MIT OR GPL-3.0-only"},
    {"url": "http://sub.example.org/", "licence": "MIT AND GPL-3.0"},
    {"url": "https://b\u00fccher.example/Neu", "content_hash": ID[::-1]},
    {"url": "http://example.org:8080/x?u=a/"},
    {"repo": "Owner/Name", "path": "a.py", "licence": "GPL-3.0-or-later"},
    {"host": "WWW.Example.net.", "language": "de", "title": "it's # 1"},
    {"url": "http://notexample.org/blogs", "repo": "https://github.com/owner/other/tree/main"},
]
WHERE = "title like '% # 1' or \"title\" = ''''"


def _batch(rows=ROWS):
    rows = [{name: row.get(name) for name in DOCS_SCHEMA.names} for row in rows]
    return pa.Table.from_pylist(rows, DOCS_SCHEMA).combine_chunks().to_batches()[0]


def _named(*entries, hashed=False):
    found = listed(entries)
    matcher = Matcher(found.hashed() if hashed else found)
    places = matcher.match(_batch().select(matcher.columns))
    return [row for row, place in enumerate(places) if place >= 0]


@pytest.mark.parametrize(
    ("kind", "value", "rows"),
    [
        ("id", ID.upper(), [0]),
        ("hash", ID[::-1], [3]),
        ("url", "http://example.org/blog?a=1", []),
        ("url", "example.org/blog/?a=1", [0]),
        ("url", "HTTPS://EXAMPLE.ORG/blog/post", [1]),
        ("url", "https://example.org/blog/*", [0, 1]),
        ("url", "https://example.org/*", [0, 1]),
        ("url", "https://example.org/blog/po/*", []),
        ("url", "sub.example.org", [2]),
        ("url", "example.org:8080/x?u=a/", [4]),
        ("url", "example.org/x?u=a/", []),
        ("url", "https://xn--bcher-kva.example/Neu", [3]),
        ("url", "b\u00fccher.example/Neu/", [3]),
        ("host", "example.org", [0, 1, 2, 4]),
        ("host", "Sub.Example.org.", [2]),
        ("host", "*.example.net", [6]),
        ("repo", "owner/NAME", [5]),
        ("repo", "git@github.com:owner/name.git", [5]),
        ("repo", "https://github.com/Owner/Name/issues/3", [5]),
        ("repo", "owner/*", [5, 7]),
        ("licence", "GPL-3.0", [2]),
        ("licence", "GPL-3.0+", [5]),
        ("where", "language = 'de' and title like '%#%'", [6]),
    ],
)
def test_an_entry_names_its_documents_as_text_and_as_hash(kind, value, rows):
    assert _named((kind, value)) == rows
    assert _named((kind, value), hashed=True) == rows


def test_a_choice_of_licences_goes_where_all_of_them_do():
    assert _named(("licence", "MIT"), ("licence", "GPL-3.0-only")) == [1, 2]


def test_the_first_entry_is_told_and_what_named_nothing():
    found = listed([("host", "nowhere.org"), ("host", "example.org"), ("url", "example.org/blog/post")])
    matcher = Matcher(found)
    places = matcher.match(_batch())
    assert [str(found.entries[place]) for place in places[places >= 0]] == [
        "host:example.org", "url:example.org/blog/post", "host:example.org", "host:example.org",
    ]  # fmt: skip
    assert matcher.hits.tolist() == [1, 4, 0]
    assert matcher.unmatched() == [Entry("host", "nowhere.org")]


def test_text_json_and_parquet_say_the_same(tmp_path):
    plain = tmp_path / "list.txt"
    plain.write_text(
        "# asked on Monday\n\n host: Example.org # mail 7\nHOST:example.org\n"
        f"where:{WHERE} # a quote\nurl:http://a.org/b#c\n"
    )
    packed = tmp_path / "list.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    rows = [
        {"kind": "url", "value": "a.org/b"},
        {"kind": "host", "value": "example.org"},
        {"kind": "where", "value": WHERE},
    ]
    lines = tmp_path / "list.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = tmp_path / "list.parquet"
    pq.write_table(pa.Table.from_pylist(rows), table)
    found = [read_list(str(path)) for path in (plain, packed, lines, table)]
    assert [str(entry) for entry in found[0].entries] == [
        "url:a.org/b", "host:example.org", f"where:{WHERE}",
    ]  # fmt: skip
    assert found[0].entries[1].line == 3
    assert len({one.sha256 for one in found}) == 1


def test_one_column_named_as_a_kind_is_a_list(tmp_path):
    pq.write_table(pa.table({"id": [ID], "text": ["x"]}), tmp_path / "ids.parquet")
    assert [str(entry) for entry in read_list(str(tmp_path / "ids.parquet")).entries] == [f"id:{ID}"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("https://example.org/a", "line 1: 'https://example.org/a' begins with no kind"),
        ("https://example.org/a", "write url:https://example.org/a"),
        ("example.org", "write host:example.org"),
        ("domain:web", "begins with no kind (id:, hash:, url:"),
        ("id:abc", "line 1: id:abc: not 32 hex digits"),
        ("host:example.org/a", "no host"),
        ("host:com", "no host"),
        ("url:nothing", "no URL with a host"),
        ("url:example.org/*/b", "no URL with a host"),
        ("repo:", "no repository"),
        ("licence:MIT OR (X", "no SPDX id"),
        ("where:langauge = 'de'", "no column 'langauge'"),
        ("# nothing", "holds no entry"),
    ],
)
def test_a_line_that_is_no_entry_is_told_in_one_line(tmp_path, line, said):
    (tmp_path / "list").write_text(line)
    with pytest.raises(ValueError) as error:
        read_list(str(tmp_path / "list"))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", '{"id": 3}', "are texts"),
        ("a.jsonl", '{"id": "x", "url": "y"}', "has the columns id, url"),
        ("a.jsonl", '{"text": "x"}', "has none of them"),
        ("a.jsonl", '{"kind": "x", "value": "y"}', "unknown kind 'x'"),
        ("a.jsonl", "[1]", "no JSON object"),
        ("a.jsonl", "{", "line 1: not JSON"),
        ("a.parquet", "x", "list "),
        ("a.gz", "x", "list "),
    ],
)
def test_a_file_that_is_no_list_is_told_in_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError) as error:
        read_list(str(tmp_path / name))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
