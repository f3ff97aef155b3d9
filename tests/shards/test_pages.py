"""Texts read page by page are those that Arrow reads, whatever pages the writer made of them."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.parquet import open_parquet
from corpusforge.shards import retoken
from corpusforge.shards.documents import TEXT_SCHEMA
from corpusforge.shards.pages import page_texts, pieces, readable
from corpusforge.shards.retoken import retokenise_shard
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.shards.writer import PARQUET
from tests.shards.corpus import build_corpus


def written(groups, **options):
    out = io.BytesIO()
    with pq.ParquetWriter(out, TEXT_SCHEMA, **{**PARQUET, **options}) as writer:
        for texts in groups:
            ids = pa.array([str(place) for place in range(len(texts))])
            table = pa.Table.from_arrays([ids, pa.array(texts, pa.large_string())], schema=TEXT_SCHEMA)
            writer.write_table(table, row_group_size=len(texts))
    return out


def both_ways(stream):
    """Return the texts by row group: ours, Arrow's."""
    table = open_parquet(stream)
    groups = range(table.num_row_groups)
    assert all(readable(table, group, "text") for group in groups)
    ours = [[t for page in page_texts(stream, table, group, "text") for t in page] for group in groups]
    theirs = [table.read_row_group(group, ["text"])["text"].to_pylist() for group in groups]
    return ours, [[text.encode() for text in texts] for texts in theirs]


TEXTS = st.lists(st.one_of(st.text(max_size=40), st.sampled_from(["", "a", "héé", "a\0b"])), min_size=1)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_texts_are_those_of_arrow(groups):
    ours, theirs = both_ways(written(groups))
    assert ours == theirs


@pytest.mark.parametrize("n_texts", [1, 3, 2500])
@pytest.mark.parametrize("n_different", [1, 2, 300, 2500])
@pytest.mark.parametrize("options", [{}, {"dictionary_pagesize_limit": 2000, "data_page_size": 5000}])
def test_texts_that_come_again_and_pages_of_any_size(n_texts, n_different, options):
    rng = np.random.default_rng(n_texts)
    known = ["word " * int(rng.integers(0, 40)) + str(place) for place in range(n_different)]
    codes = np.concatenate([rng.integers(0, n_different, n_texts), np.zeros(n_texts // 2, np.int64)])
    ours, theirs = both_ways(written([[known[code] for code in codes]], **options))
    assert ours == theirs


def test_texts_beyond_a_dictionary_are_read_too():
    texts = [f"{place} " * 40_000 for place in range(12)]  # 3 MB: more than the dictionary takes
    ours, theirs = both_ways(written([texts, ["short"]]))
    assert ours == theirs


@pytest.mark.parametrize(
    "options", [{"compression": "snappy", "compression_level": None}, {"write_statistics": False}]
)
def test_what_another_writer_made_is_left_to_arrow(options):
    assert not readable(open_parquet(written([["a", "b"]], **options)), 0, "text")


def test_nulls_are_left_to_arrow():
    assert not readable(open_parquet(written([["a", None]])), 0, "text")


@given(st.lists(st.binary(max_size=9), max_size=30), st.integers(1, 20))
def test_pieces_are_all_texts_in_order_and_none_is_larger_but_by_its_last(texts, n_bytes):
    cut = list(pieces(texts, n_bytes))
    assert [text for piece in cut for text in piece] == texts
    assert all(sum(map(len, piece[:-1])) <= n_bytes for piece in cut)
    assert all(cut)


def test_a_shard_whose_texts_arrow_reads_is_the_same_shard(tmp_path, monkeypatch):
    corpus = build_corpus(tmp_path, 60)
    tokenizer = load_tokenizer("cl100k_base")
    rows = read_index(str(corpus)).rows
    made = [retokenise_shard(str(corpus), row, tokenizer, 0.0) for row in rows]
    monkeypatch.setattr(retoken, "readable", lambda *_: False)
    assert [retokenise_shard(str(corpus), row, tokenizer, 0.0) for row in rows] == made
    assert sum(count.bytes for each in made for count in each.counts) > 0
