"""`label`: one row out for one row in, in order, whatever the rows hold."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.commands.rows import RowFault, read_rows
from tests.cli.conftest import PROGRAM, PROSE

MATH = (
    "Let $x$ be a prime number. We prove that $x^2 + 1$ is not divisible by $3$. Suppose $x \\equiv 1 \\pmod 3$; "
    "then $x^2 \\equiv 1$, hence $x^2 + 1 \\equiv 2$. Therefore the theorem holds for every integer $x$."
)
PAGE = f"<html><body><article><h1>Harbour</h1><p>{PROSE.format(n=1)}</p></article></body></html>"
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
    "cells": [{"cell_type": "code", "source": PROGRAM, "metadata": {}, "outputs": [], "execution_count": 1}],
}


def rows_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_one_decision_a_row_in_order(corpusforge, jsonl):
    path = jsonl(
        {"id": "page", "html": PAGE, "url": "https://harbour.example/"},
        {"id": "program", "text": PROGRAM, "path": "walk.py"},
        "{broken",
        {"id": 7},
        {"text": MATH},
        {"id": "notebook", "notebook": NOTEBOOK},
        {"id": "wiki", "text": PROSE.format(n=2), "source": "wikipedia"},
        {"id": "lock", "text": '{"lockfileVersion": 2, "packages": {}}', "path": "package-lock.json"},
    )
    result = corpusforge("label", path)
    assert result.status == 0
    rows = rows_of(result.out)
    assert [row["id"] for row in rows] == [
        "page", "program", "rows.jsonl#line=3", 7, "rows.jsonl#line=5", "notebook", "wiki", "lock",
    ]  # fmt: skip
    assert [row["domain"] for row in rows] == ["web", "code", None, None, "math", "code", "wikipedia", None]
    assert "line 3" in rows[2]["error"] and "text, html, notebook" in rows[3]["error"]
    assert rows[4]["is_math"] is True and rows[4]["math_score"] > 0.5
    assert rows[1]["programming_language"] == "python" and rows[1]["domain_reason"]
    assert rows[0]["language"] == "en" and rows[7]["drop_reason"]
    assert len({tuple(row) for row in rows}) == 1, "every row has the same keys"
    assert "2 rows" in result.err


def test_one_step_alone(corpusforge, jsonl):
    path = jsonl(
        {"id": "p", "text": PROGRAM, "path": "walk.py"}, {"id": "m", "text": MATH}, {"id": "h", "html": PAGE}
    )
    code, math, scaffold, language = (
        rows_of(corpusforge("label", path, "--task", task).out)
        for task in ("code", "math", "scaffold", "language")
    )
    assert [row["domain"] for row in code] == ["code", None, None]
    assert [row["is_math"] for row in math] == [False, True, False]
    assert all(isinstance(row["is_scaffold"], bool) for row in scaffold)
    assert [row["language"] for row in language][1:] == ["en", "en"]
    assert math[0]["domain"] is None and code[1]["math_score"] is None


def test_stdin_and_a_file_give_the_same(corpusforge, jsonl, tmp_path, monkeypatch):
    path = jsonl({"id": "a", "text": MATH}, {"id": "b", "text": PROSE.format(n=3)})
    output = tmp_path / "labels.jsonl"
    monkeypatch.chdir(tmp_path)
    from_stdin = corpusforge("label", "-", "--output", output.name, stdin=path.read_bytes())
    assert from_stdin.status == 0 and from_stdin.out == ""
    assert output.read_text() == corpusforge("label", path).out


def test_parquet_and_compressed_rows(corpusforge, tmp_path):
    texts = [MATH, PROSE.format(n=4)]
    pq.write_table(pa.table({"id": [1, 2], "text": texts, "path": [None, None]}), tmp_path / "rows.parquet")
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts, 1))
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    parquet = rows_of(corpusforge("label", tmp_path / "rows.parquet").out)
    assert [row["domain"] for row in parquet] == ["math", "web"]
    assert rows_of(corpusforge("label", tmp_path / "rows.jsonl.gz").out) == parquet


def test_damaged_compression_says_where(corpusforge, tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"id": 1, "text": MATH}).encode() + b"\n")[:60])
    result = corpusforge("label", path)
    assert result.status == 1 and "rows.jsonl.gz" in result.err and "Traceback" not in result.err


@given(st.lists(st.text().filter(lambda text: text.strip() and "\n" not in text), max_size=20))
def test_every_line_is_one_row(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("rows") / "any.jsonl"
    path.write_bytes("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))
    rows = list(read_rows(str(path)))
    assert len(rows) == sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
    assert all(isinstance(row.content, RowFault) for row in rows if str(row.id).startswith("any.jsonl#"))


def test_nothing_is_shown_that_a_build_redacts(corpusforge, jsonl, tmp_path):
    address = "jane.doe@northwind-lab.org"
    path = jsonl(
        {"id": "c", "text": PROSE.format(n=1), "license": f"Ask {address}", "title": f"By {address}"},
        {"id": "d", "text": {"by": address}},
        {
            "id": "e",
            "text": f"{address}. {PROSE.format(n=1)}",
            "url": f"https://example.org/?email={address}",
        },
    )
    config = tmp_path / "c.toml"
    config.write_text(
        f'name = "c"\noutput = "{tmp_path}/corpus"\n[[sources]]\nname = "rows"\npaths = ["{path}"]\n'
        '[filter]\nlicence_policy = "permissive"\n'
    )
    labelled = corpusforge("label", path, "--config", config)
    rows = rows_of(labelled.out)
    assert rows[0]["redactions"] == {"licence:email": 1, "title:email": 1}
    assert "<EMAIL>" in rows[1]["error"]
    extracted = corpusforge("extract", path)
    assert "<EMAIL>" in rows_of(extracted.out)[1]["error"]
    traced = corpusforge("trace", path, "--config", config)
    as_json = corpusforge("trace", path, "--config", config, "--json")
    assert traced.out.count("<EMAIL>") >= 4
    for shown in (labelled.out, traced.out, as_json.out):
        assert "jane.doe" not in shown
