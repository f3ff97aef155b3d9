"""Stack Exchange posts: one document a question, its answers in order, nothing lost."""

from __future__ import annotations

import bz2
import gzip
import json
import random
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Markup
from corpusforge.ingest.stackexchange.threads import post_licence, read_stackexchange, site_of
from tests.ingest.reading import counts, documents, drops, outcomes, read_all


def row(**values: object) -> str:
    return "  <row " + " ".join(f"{name}={quoteattr(str(value))}" for name, value in values.items()) + " />\n"


def question(number: int, **values: object) -> str:
    values = {
        "Title": f"Q{number}?",
        "Body": f"<p>ask {number} & a < b</p>",
        "Tags": "<algebra><c++>",
        **values,
    }
    return row(Id=number, PostTypeId=1, CreationDate="2020-01-01T00:00:00.000", Score=3, **values)


def answer(number: int, parent: int, score: int = 0, **values: object) -> str:
    values = {"Body": f"<p>answer {number}</p>", **values}
    return row(
        Id=number,
        PostTypeId=2,
        ParentId=parent,
        CreationDate="2020-01-02T00:00:00.000",
        Score=score,
        **values,
    )


def posts(*rows: str) -> bytes:
    return ('\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + "".join(rows) + "</posts>").encode()


def write(tmp_path, data: bytes, name: str = "math.stackexchange.com/Posts.xml"):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes({"gz": gzip.compress, "bz2": bz2.compress}.get(name.rpartition(".")[2], bytes)(data))
    return path


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
def test_a_question_and_its_answers_are_one_document(tmp_path, suffix):
    data = posts(
        question(5, AcceptedAnswerId=9, ContentLicense="CC BY-SA 4.0"),
        answer(7, 5, 1),
        answer(9, 5, 0),
        answer(8, 5, 12),
    )
    name = "math.stackexchange.com/Posts.xml" + suffix
    (document,) = documents(read_all(read_stackexchange, write(tmp_path, data, name), name))
    thread = json.loads(document.raw)
    assert document.markup is Markup.QA
    assert thread["title"] == "Q5?" and thread["tags"] == ["algebra", "c++"]
    assert thread["question"] == {"id": 5, "score": 3, "html": "<p>ask 5 & a < b</p>"}
    assert [(a["id"], a["score"], a["accepted"]) for a in thread["answers"]] == [
        (8, 12, False),
        (7, 1, False),
        (9, 0, True),
    ]
    assert document.url == "https://math.stackexchange.com/questions/5"
    assert document.host == "math.stackexchange.com"
    assert document.licence == "CC-BY-SA-4.0" and document.licence_source == "dump"
    assert document.locator == f"{name}#post=5&offset={data.find(b'<row')}"


def test_what_is_no_thread_is_dropped_with_its_reason(tmp_path):
    data = posts(
        question(1),
        answer(2, 1),
        answer(3, 99),  # its question is not here
        row(Id=4, PostTypeId=5, Body="<p>tag wiki</p>"),
        question(5, Body="  "),
        row(Id=6, PostTypeId=1, Title="no body"),
        answer(2, 1, Body="<p>again</p>"),
    )
    records = read_all(read_stackexchange, write(tmp_path, data))
    assert counts(records) == {"qa": 1, "not_content": 3, "empty": 1, "unreadable": 1}
    assert len(json.loads(documents(records)[0].raw)["answers"]) == 1


def test_a_bad_row_costs_itself(tmp_path):
    cut = question(3).partition("Tags")[0]
    spoilt = question(5).replace('Score="3"', 'Score="3')
    foreign = question(7).encode().replace(b"ask", b"\xff\xfe")
    rows = (question(2), cut, question(4), spoilt, question(6))
    data = posts(*rows).replace(b"</posts>", foreign + question(8).encode() + b"</posts>")
    records = read_all(read_stackexchange, write(tmp_path, data))
    assert [json.loads(d.raw)["question"]["id"] for d in documents(records)] == [2, 4, 6, 8]
    assert [drop.reason for drop in drops(records)] == ["unreadable"] * 3
    assert all("byte" in drop.detail for drop in drops(records))


def test_a_truncated_file_keeps_its_whole_rows(tmp_path):
    rng = random.Random(5)
    rows = [question(n, Body=f"<p>{rng.randbytes(2000).hex()}</p>") for n in range(1, 400)]
    path = write(tmp_path, posts(*rows), "Posts.xml.gz")
    path.write_bytes(path.read_bytes()[:-100_000])
    records = read_all(read_stackexchange, path)
    assert 100 < counts(records)["qa"] < 399
    assert 1 <= counts(records)["unreadable"] <= 2


def test_other_tables_hold_no_text(tmp_path):
    data = b'<?xml version="1.0"?><comments></comments>'
    assert outcomes(read_all(read_stackexchange, write(tmp_path, data, "Comments.xml"))) == ["not_content"]
    assert outcomes(read_all(read_stackexchange, write(tmp_path, posts(), "Posts.xml"))) == ["empty"]
    assert outcomes(read_all(read_stackexchange, write(tmp_path, b"", "Posts.xml"))) == ["empty"]
    rows = b"<comments>" + row(Id=1, PostId=2, Text="thanks").encode() + b"</comments>"
    assert outcomes(read_all(read_stackexchange, write(tmp_path, rows, "Comments.xml"))) == ["not_content"]


def test_a_thread_over_the_limit_loses_its_lowest_answers(tmp_path):
    data = posts(question(1), *(answer(n, 1, score=n, Body="<p>" + "x" * 700 + "</p>") for n in range(2, 6)))
    records = read_all(read_stackexchange, write(tmp_path, data), max_record_bytes=1500)
    kept = json.loads(documents(records)[0].raw)["answers"]
    assert [a["id"] for a in kept] == [5, 4]
    assert counts(records) == {"qa": 1, "too_large": 2}


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_change_a_document(tmp_path_factory, order):
    rows = [question(1), question(2), *(answer(n, 1 + n % 2, score=n % 3) for n in range(3, 9))]
    path = write(tmp_path_factory.mktemp("se"), posts(*(rows[n] for n in order)))
    first = write(tmp_path_factory.mktemp("se"), posts(*rows))
    texts = [[d.raw for d in documents(read_all(read_stackexchange, p))] for p in (path, first)]
    assert texts[0] == texts[1]


def test_licences_follow_the_date_where_a_post_states_none():
    assert post_licence("CC BY-SA 3.0", "2024-01-01") == "CC-BY-SA-3.0"
    assert post_licence("", "2010-05-01T00:00:00") == "CC-BY-SA-2.5"
    assert post_licence("", "2015-05-01T00:00:00") == "CC-BY-SA-3.0"
    assert post_licence("", "2021-05-01T00:00:00") == "CC-BY-SA-4.0"


def test_sites_are_told_by_their_names():
    assert site_of("dumps/math.stackexchange.com/Posts.xml") == "math.stackexchange.com"
    assert site_of("stackoverflow.com-Posts.xml.gz") == "stackoverflow.com"
    assert site_of("Posts.xml", "mathoverflow.net") == "mathoverflow.net"
    assert site_of("Posts.xml") is None
