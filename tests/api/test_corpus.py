"""A corpus as rows and tables: what is asked for, and nothing else."""

import sys

import pyarrow as pa
import pytest

import corpusforge
from corpusforge.api import corpus as module


@pytest.fixture(scope="module")
def corpus(library_corpus):
    return corpusforge.open_corpus(library_corpus.path)


def test_every_document_comes_once_with_its_text(corpus, library_corpus):
    documents = list(corpus.documents())
    assert {one["text"].strip() for one in documents} == library_corpus.texts
    assert len(documents) == len(corpus) == len({one["id"] for one in documents})
    assert list(documents[0]) == corpus.columns
    assert sum(one["length"] for one in documents) == sum(corpus.n_tokens.values())
    assert all(isinstance(one["signals"], dict) and one["signals"] for one in documents)


def test_batches_and_selections_are_those_of_the_rows(corpus, monkeypatch):
    everything = list(corpus.documents())
    monkeypatch.setattr(module, "BATCH_ROWS", 2)
    assert list(corpus.documents()) == everything
    code = [one for one in everything if one["domain"] == "code"]
    assert len(code) == 1
    assert list(corpus.documents(domain="code")) == list(corpus.documents(where="domain = 'code'")) == code
    assert list(corpus.documents(domain=["code", "web"], subset="all")) == everything
    few = list(corpus.documents(where="n_bytes > 400 and signals.n_words > 60", columns=["text", "id"]))
    assert few == [
        {"text": one["text"], "id": one["id"]}
        for one in everything
        if one["n_bytes"] > 400 and one["signals"]["n_words"] > 60
    ]
    assert list(corpus.documents(where="n_bytes < 0")) == []


def test_tables_hold_what_the_rows_hold(corpus):
    table = corpus.to_arrow(columns=["id", "text", "signals"])
    assert table.column_names == ["id", "text", "signals"]
    assert table.to_pylist(maps_as_pydicts="lossy") == list(
        corpus.documents(columns=["id", "text", "signals"])
    )
    reader = corpus.to_batches(columns=["id"])
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.read_all().column_names == ["id"]
    assert corpus.to_arrow(where="n_bytes < 0").num_rows == 0


def test_text_of_a_group_that_nothing_is_taken_of_is_not_read(corpus, monkeypatch):
    read = []
    real = module._Texts._next
    monkeypatch.setattr(module._Texts, "take", lambda self, rows: pytest.fail("text was read"))
    monkeypatch.setattr(module._Texts, "_next", lambda self: read.append(1) or real(self))
    assert list(corpus.documents(where="n_bytes < 0")) == []
    assert len(list(corpus.documents(columns=["id", "url"]))) == len(corpus)
    assert not read


@pytest.mark.parametrize(("library", "extra", "method"), [
    ("pandas", "pandas", "to_pandas"), ("polars", "polars", "to_polars"), ("datasets", "hf", "to_dataset"),
])  # fmt: skip
def test_other_libraries_get_the_table_or_are_named(corpus, monkeypatch, library, extra, method):
    monkeypatch.setitem(sys.modules, library, None)  # as if it were not installed
    with pytest.raises(corpusforge.MissingLibrary) as error:
        getattr(corpus, method)()
    assert str(error.value) == f"{library} is not installed: pip install 'corpusforge[{extra}]'"
    monkeypatch.undo()
    pytest.importorskip(library)
    made = getattr(corpus, method)(columns=["id", "text", "signals", "n_bytes"])
    assert len(made) == len(corpus)
    assert sorted(made["text"]) == sorted(one["text"] for one in corpus.documents())


def test_a_document_is_traced_back_to_its_dump(corpus):
    one = next(corpus.documents(domain="code"))
    found = corpus.trace(one["id"])
    assert (found["end"], found["token_start"], found["token_length"]) == (
        "in a shard",
        one["start"],
        one["length"],
    )
    assert found["locator"] == one["locator"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            {"where": "colour = 'red'"},
            "where: at character 0 (colour): no column 'colour'; there are: doc_id, source",
        ),
        (
            {"where": "n_bytes > 'a'"},
            "where: at character 13 (the end): n_bytes is int64, and is compared with",
        ),
        ({"where": 3}, "where: expected a condition as text, got int"),
        ({"domain": "maths"}, "domain: no domain 'maths'; there are: books, code"),
        ({"subset": "x"}, "subset: no subset 'x'; there are: "),
        ({"columns": ["id", "body"]}, "columns: no column 'body'; there are: id, text, source"),
        ({"columns": "id"}, "columns: expected a list of names, got str"),
        ({"columns": []}, "columns: none: name each once, and at least one"),
    ],
)
def test_a_wrong_selection_is_one_clear_line(corpus, arguments, line):
    with pytest.raises(corpusforge.UsageError) as error:
        corpus.documents(**arguments)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
    with pytest.raises(corpusforge.UsageError, match="no document of snapshot"):
        corpus.trace("0" * 32)
