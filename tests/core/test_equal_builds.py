"""Two builds are told apart by any field of any row, and nothing is not taken for equal."""

import dataclasses
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benches import equal_builds
from corpusforge.document import (
    Document,
    Drop,
    DropReason,
    SourceKind,
    documents_to_batch,
    drops_to_batch,
)

_WHERE = {"source": "wiki", "source_kind": SourceKind.MEDIAWIKI}
_DOCUMENTS = [
    Document(doc_id=str(n), locator=f"a#{n}", text=f"text {n}", signals={"n_words": 2.0}, **_WHERE)
    for n in range(3)
]
_DROP = Drop(doc_id="9", locator="a#9", reason=DropReason.EMPTY, detail="", **_WHERE)
_QUARANTINED = {"doc_id": "8", "source": "wiki", "locator": "a#8", "error": "killed", "traceback": "line 1"}


def _corpus(folder, documents=_DOCUMENTS, drops=(_DROP,), quarantined=(_QUARANTINED,)):
    for name in ("parts", "rejects", "quarantine"):
        (folder / name).mkdir(parents=True)
    for number, document in enumerate(documents):  # a part each: how rows are split is no difference
        batch = documents_to_batch([document])
        pq.write_table(pa.Table.from_batches([batch]), folder / f"parts/{number}.documents.parquet")
    pq.write_table(pa.Table.from_batches([drops_to_batch(drops)]), folder / "rejects/0.rejects.parquet")
    lines = "".join(json.dumps(row) + "\n" for row in quarantined)
    (folder / "quarantine/0.quarantine.jsonl").write_text(lines)
    return folder


def _compared(monkeypatch, capsys, one, two, *options):
    monkeypatch.setattr(sys, "argv", ["equal_builds", str(one), str(two), *options])
    code = equal_builds.main()
    return code, json.loads(capsys.readouterr().out)


def test_rows_in_another_order_and_other_tracebacks_are_equal(tmp_path, monkeypatch, capsys):
    one = _corpus(tmp_path / "one")
    two = _corpus(tmp_path / "two", _DOCUMENTS[::-1], quarantined=({**_QUARANTINED, "traceback": "line 2"},))
    code, found = _compared(monkeypatch, capsys, one, two)
    assert (code, found["same"]) == (0, True)
    assert found["documents"]["rows"] == [3, 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "text 1."}, "text"),
        ({"signals": {"n_words": 2.0000000000000004}}, "signals.n_words"),
        ({"signals": {"n_words": 2.0, "n_lines": 0.0}}, "signals.n_lines"),
        ({"notes": ("one",)}, "notes"),
    ],
)
def test_a_field_that_differs_is_named(tmp_path, monkeypatch, capsys, changes, field):
    other = [_DOCUMENTS[0], dataclasses.replace(_DOCUMENTS[1], **changes), _DOCUMENTS[2]]
    one, two = _corpus(tmp_path / "one"), _corpus(tmp_path / "two", other)
    code, found = _compared(monkeypatch, capsys, one, two)
    assert code == 1
    assert field in found["documents"]["fields_that_differ"]
    assert found["documents"]["first"][0]["key"] == ["wiki", "1", "a#1"]


def test_a_row_that_one_lacks_is_told_of_each_kind(tmp_path, monkeypatch, capsys):
    one = _corpus(tmp_path / "one")
    two = _corpus(tmp_path / "two", _DOCUMENTS[:2], drops=(_DROP, _DROP), quarantined=())
    code, found = _compared(monkeypatch, capsys, one, two)
    assert code == 1
    only = [found[kind]["only_in"] for kind in ("documents", "rejects", "quarantine")]
    assert only == [[1, 0], [0, 1], [1, 0]]


def test_two_empty_folders_are_not_equal_builds(tmp_path, monkeypatch, capsys):
    one = _corpus(tmp_path / "one")
    assert _compared(monkeypatch, capsys, one, one, "--sources", "books")[0] == 2
