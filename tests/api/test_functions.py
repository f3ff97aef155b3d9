"""What a page is as text, what a text is, which texts stay: as the command says, whatever form they come in."""

import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpusforge
from corpusforge.cli import main
from corpusforge.commands.label import decisions
from corpusforge.commands.rows import read_rows
from corpusforge.config import StepsConfig
from tests.api.conftest import PAGE, ROWS


def _forms(rows, column):
    """The same rows in every form a batch function takes."""
    table = pa.Table.from_pylist(rows)
    yield rows
    yield (row for row in rows)
    yield table
    yield table.combine_chunks().to_batches()[0]
    yield pa.RecordBatchReader.from_batches(table.schema, table.to_batches(2))
    yield iter(table.to_batches(3))
    yield [row[column] for row in rows]


def test_a_page_in_every_form_is_the_same_text():
    rows = [{"html": PAGE.format(n=n)} for n in range(5)]
    expected = [corpusforge.extract_text(row["html"]) for row in rows]
    assert expected[2].startswith("# Tides 2\n\nThe sea rises twice")
    assert len(set(expected)) == 5
    for form in _forms(rows, "html"):
        assert list(corpusforge.extract_texts(form)) == expected


def test_bytes_are_read_in_the_encoding_that_they_declare():
    page = "<html><head><meta charset='iso-8859-1'></head><body><p>Ein kleines Stück Käse.</p></body></html>"
    assert corpusforge.extract_text(page.encode("iso-8859-1")) == "Ein kleines Stück Käse."
    assert corpusforge.extract_text(page) == "Ein kleines Stück Käse."
    assert corpusforge.extract_text("") == ""


@pytest.fixture(scope="module")
def as_the_command_says(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return list(decisions(read_rows(str(path)), StepsConfig(), None))


def _as_row(label):
    """A label under the names of the command's row."""
    fields = {name: getattr(label, name) for name in label.__dataclass_fields__}
    fields["domain_reason"] = fields.pop("reason")
    return fields


def _filled(decision):
    """A row of the command, mappings that are null empty, as in a label."""
    return {**decision, **{name: decision[name] or {} for name in ("signals", "redactions")}}


def test_a_label_is_the_decision_of_the_command(as_the_command_says):
    assert {one["domain"] for one in as_the_command_says} >= {"web", "code", "math"}
    for row, decision in zip(ROWS, as_the_command_says, strict=True):
        if "text" in row:
            given = {name: row[name] for name in ("path", "url", "source") if name in row}
            label = corpusforge.label_text(row["text"], **given)
            assert _as_row(label) == {**_filled(decision), "id": None}
            assert label.kept == (decision["drop_reason"] is None)


def test_labels_of_rows_are_those_of_the_command_in_order(as_the_command_says):
    rows = [row for row in ROWS if "text" in row]
    expected = [one for row, one in zip(ROWS, as_the_command_says, strict=True) if "text" in row]
    assert [_as_row(label) for label in corpusforge.label_texts(rows)] == list(map(_filled, expected))


def test_batches_are_lazy():
    asked = []

    def pages():
        for n in range(1000):
            asked.append(n)
            yield PAGE.format(n=n)

    texts = corpusforge.extract_texts(pages())
    assert not asked
    next(texts)
    assert len(asked) == 1


def test_what_stays_is_what_the_command_keeps(tmp_path):
    rows = [{"text": row["text"]} for row in ROWS if "text" in row]
    expected = [*[True] * (len(rows) - 1), False]  # the copy of the first
    for form in _forms(rows, "text"):
        assert corpusforge.deduplicate(form) == expected
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(SystemExit):
        main(["dedup", str(path), "--output", str(tmp_path / "out")])
    assert pq.read_table(tmp_path / "out" / "clusters.parquet")["keep"].to_pylist() == expected
    assert corpusforge.deduplicate([]) == []


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: corpusforge.extract_text(3), "html: expected str or bytes of a page, got int"),
        (lambda: corpusforge.label_text(b"x"), "text: expected str, got bytes"),
        (lambda: corpusforge.label_text("x", path=3), "path: expected str or None, got int"),
        (lambda: corpusforge.deduplicate("abc"), "text: expected a list, table or iterator of texts"),
        (lambda: corpusforge.deduplicate([3]), "item 0: expected a text, a dict or an Arrow record batch, got int"),
        (lambda: corpusforge.deduplicate([{"body": "x"}]), "item 0: no 'text' in it; it has: body"),
        (lambda: corpusforge.deduplicate(pa.table({"a": [1]})), "the table has no column 'text'; it has: a"),
        (lambda: corpusforge.deduplicate(["a"], threshold=7), "threshold: 7 is not from 0.01 to 1"),
        (lambda: list(corpusforge.label_texts([{"id": 1}])), "item 0: no 'text' in it; it has: id"),
        (lambda: corpusforge.open_corpus("/no/such/place"), "/no/such/place: no corpus here"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_one_clear_line(call, line):
    with pytest.raises(corpusforge.UsageError) as error:
        call()
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, ValueError)


LOADED = """
import sys, corpusforge
before = {name.partition(".")[0] for name in sys.modules}
assert not before & {"numpy", "pyarrow", "pydantic", "numba"}, before
PAGE = "<h1>Tides</h1><p>The sea rises twice a day.</p>"
assert corpusforge.extract_text(PAGE)
assert corpusforge.label_text("The sea rises twice a day.").domain
assert corpusforge.deduplicate(["a b c", "a b c"]) == [True, False]
corpus = corpusforge.open_corpus(sys.argv[1])
ids = [one["id"] for one in corpus.documents(where="domain = 'web'", columns=["id"])]
assert corpus.trace(ids[0])["end"] == "in a shard"
assert corpusforge.open_plan and corpusforge.load_recipe and corpusforge.make_plan
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
assert "google.cloud" not in sys.modules
"""


def test_nothing_here_loads_beam_or_a_cloud(library_corpus, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(library_corpus.path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & {
        "apache_beam", "corpusforge_pipelines", "torch", "trafilatura", "pandas", "sklearn", "nltk",
    }  # fmt: skip
