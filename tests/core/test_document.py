"""A document survives its way through Arrow, and its id follows where it came from."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import (
    Document,
    DropReason,
    SourceKind,
    document_from_row,
    documents_to_batch,
    drop,
    drops_to_batch,
    new_document,
    stable_id,
    with_signals,
)


def make(**values):
    return Document(
        doc_id="0" * 32, source="s", source_kind=SourceKind.WARC, locator="s/a#offset=1", **values
    )


@given(
    st.text().map(lambda t: t.encode("utf-8", "replace").decode()),
    st.dictionaries(st.text(alphabet="abc_", min_size=1), st.floats(allow_nan=False)),
    st.lists(st.sampled_from(["one", "two"])),
)
def test_arrow_round_trip(text, signals, notes):
    document = make(
        text=text, signals=dict(sorted(signals.items())), notes=tuple(notes), redactions={"email": 2}
    )
    row = documents_to_batch([document]).to_pylist()[0]
    assert row["n_bytes"] == len(text.encode())
    assert document_from_row(row) == document


def test_ids_are_stable_across_versions():
    assert stable_id("warc", "s/a#offset=1") == "9e4b3e7fc3479ec2c136b888c1e9a183"
    assert stable_id("warc", "a") != stable_id("github", "a")


def test_a_drop_keeps_the_place_the_reason_and_an_excerpt():
    gone = drop(make(text="x" * 1000), DropReason.QUALITY, "mean word length 1000 > 10")
    row = drops_to_batch([gone]).to_pylist()[0]
    assert row["reason"] == "quality"
    assert row["locator"] == "s/a#offset=1"
    assert len(row["excerpt"]) == 400
    assert row["n_bytes"] == 1000


def test_signals_are_sorted_by_name():
    assert list(with_signals(make(signals={"z": 1.0}), {"a": 2.0}).signals) == ["a", "z"]


def test_a_document_made_quickly_is_one_like_any_other() -> None:
    values = {"doc_id": "a", "source": "s", "source_kind": SourceKind.WARC, "locator": "l"}
    made, plain = new_document(**values, url="u"), Document(**values, url="u")
    assert (made, type(made), repr(made)) == (plain, Document, repr(plain))
    assert made.signals == {} and made.signals is not new_document(**values).signals
    with pytest.raises(FrozenInstanceError):
        made.url = "v"
    with pytest.raises(TypeError):
        new_document(**values, uri="u")
