"""What a shard holds depends on its documents alone."""

import hashlib
import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document
from corpusforge.shards import spill, writer
from corpusforge.shards.documents import DOCS_SCHEMA, read_rows
from corpusforge.shards.format import KINDS, ShardRow, shard_path
from corpusforge.shards.spill import read_spill, shard_key, spill_files
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.shards.writer import ShardSpec, plan_shards, write_shard
from tests.shards.corpus import make_documents, shard_rows, spill_all

DOCUMENTS = make_documents(120, seed=3)


def digests(corpus: Path) -> dict[str, str]:
    files = [path for path in corpus.rglob("*") if path.is_file()]
    return {str(path.relative_to(corpus)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build(parts: list[list[Document]], folder: Path) -> tuple[list[ShardRow], dict[str, str]]:
    rows = shard_rows(spill_all(parts, folder / "spills"), folder / "corpus", 2000)
    return rows, digests(folder / "corpus")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[ShardRow], dict[str, str]]:
    return build([DOCUMENTS], tmp_path_factory.mktemp("whole"))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=len(DOCUMENTS), max_size=len(DOCUMENTS)), st.randoms())
def test_any_partition_into_spills_gives_the_same_bytes(expected, places, chance) -> None:  # type: ignore[no-untyped-def]
    parts: list[list[Document]] = [[] for _ in range(5)]
    shuffled = list(zip(DOCUMENTS, places, strict=True))
    chance.shuffle(shuffled)
    for document, place in shuffled:
        parts[place].append(document)
    with tempfile.TemporaryDirectory() as folder:
        assert build(parts, Path(folder)) == expected


def test_runs_and_row_groups_leave_no_trace_in_the_tokens(expected, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(spill, "RUN_DOCUMENTS", 7)
    monkeypatch.setattr(spill, "TOKENIZE_BYTES", 100)
    assert build([DOCUMENTS], tmp_path / "runs") == expected
    monkeypatch.setattr(writer, "ROW_GROUP_BYTES", 1500)
    rows, _ = build([DOCUMENTS], tmp_path / "groups")
    assert [row.sha256 for row in rows] == [row.sha256 for row in expected[0]]
    path = tmp_path / "groups" / "corpus" / shard_path(rows[0].domain, rows[0].subset, rows[0].id, "docs")
    assert pq.ParquetFile(path).num_row_groups > 1
    assert len(read_rows(str(path), range(rows[0].n_docs))) == rows[0].n_docs


def test_every_document_is_in_one_shard_with_its_tokens_text_and_provenance(tmp_path: Path) -> None:
    rows, _ = build([DOCUMENTS], tmp_path)
    tokenizer = load_tokenizer("cl100k_base")
    by_id = {document.doc_id: document for document in DOCUMENTS}
    for row in rows:
        paths = {k: str(tmp_path / "corpus" / shard_path(row.domain, row.subset, row.id, k)) for k in KINDS}
        tokens = np.fromfile(paths["tokens"], "<u4")
        docs, text = pq.read_table(paths["docs"]), pq.read_table(paths["text"])
        assert docs.schema.equals(DOCS_SCHEMA)
        keys = [(shard_key(doc_id, 7), doc_id) for doc_id in docs["doc_id"].to_pylist()]
        assert keys == sorted(keys)
        for line, spelled in zip(docs.to_pylist(), text.to_pylist(), strict=True):
            document = by_id.pop(line["doc_id"])
            ids = tokens[line["start"] : line["start"] + line["length"]]
            assert ids[-1] == tokenizer.eos_id
            assert tokenizer.decode(ids[:-1].tolist()) == document.text == spelled["text"]
            assert (spelled["doc_id"], line["locator"]) == (document.doc_id, document.locator)
            assert (row.domain, row.subset) == (document.domain, document.subset)
            assert dict(line["signals"]) == document.signals
            assert line["n_bytes"] == document.n_bytes
        assert row.n_tokens == len(tokens) == np.fromfile(paths["ends"], "<u8")[-1]
    assert not by_id
    assert sum(row.n_docs for row in rows) == len(DOCUMENTS)


def test_read_rows_finds_rows_in_any_order(tmp_path: Path) -> None:
    rows, _ = build([DOCUMENTS], tmp_path)
    path = str(tmp_path / "corpus" / shard_path(rows[0].domain, rows[0].subset, rows[0].id, "docs"))
    whole = pq.read_table(path)["doc_id"].to_pylist()
    assert [row["doc_id"] for row in read_rows(path, [2, 0, 2])] == [whole[2], whole[0], whole[2]]
    with pytest.raises(IndexError, match="no row 999999"):
        read_rows(path, [999999])


def test_spill_is_read_back_and_is_the_same_when_written_again(tmp_path: Path) -> None:
    [one] = spill_all([DOCUMENTS], tmp_path / "one")
    [other] = spill_all([DOCUMENTS], tmp_path / "other")
    assert read_spill(one.prefix + ".spill.json") == one
    assert (one.n_docs, one.groups) == (len(DOCUMENTS), other.groups)
    for path, again in zip(spill_files(one.prefix), spill_files(other.prefix), strict=True):
        assert Path(path).read_bytes() == Path(again).read_bytes()


def test_a_failing_part_leaves_no_spill(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="offset=0: no shard for domain 'no/path'"):
        spill_all([[replace(DOCUMENTS[0], domain="no/path")]], tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_spill_given_twice_is_refused(tmp_path: Path) -> None:
    [info] = spill_all([DOCUMENTS], tmp_path)
    [spec] = [spec for spec in plan_shards([info], 10**9) if spec.domain == "web"]
    with pytest.raises(ValueError, match="comes twice in web/all"):
        write_shard(spec, [info, info], str(tmp_path / "corpus"))


def test_a_spill_cut_short_is_named(tmp_path: Path) -> None:
    [info] = spill_all([DOCUMENTS], tmp_path)
    path = Path(info.prefix + ".tokens.bin")
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match=r"part0\.tokens\.bin: ends before byte"):
        for spec in plan_shards([info], 10**9):
            write_shard(spec, [info], str(tmp_path / "corpus"))


def test_shards_are_planned_by_tokens_and_own_all_keys(tmp_path: Path) -> None:
    infos = spill_all([DOCUMENTS[:50], DOCUMENTS[50:]], tmp_path)
    specs = plan_shards(infos, 1000)
    total = sum(g.n_tokens for i in infos for g in i.groups if g.domain == "web")
    web = [spec.key_range() for spec in specs if spec.domain == "web"]
    assert len(web) == -(-total // 1000)
    assert (web[0][0], web[-1][1]) == (0, 2**64)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(web))


def test_empty_key_range_is_no_shard(tmp_path: Path) -> None:
    infos = spill_all([DOCUMENTS[:1]], tmp_path)
    group = infos[0].groups[0]
    specs = [ShardSpec(domain=group.domain, subset=group.subset, index=k, count=2) for k in range(2)]
    rows = [write_shard(spec, infos, str(tmp_path / "corpus")) for spec in specs]
    assert sorted(row is None for row in rows) == [False, True]


def test_spills_of_another_seed_are_refused(tmp_path: Path) -> None:
    infos = [
        *spill_all([DOCUMENTS[:5]], tmp_path / "a"),
        *spill_all([DOCUMENTS[5:9]], tmp_path / "b", seed=8),
    ]
    with pytest.raises(ValueError, match="another tokenizer or seed"):
        plan_shards(infos, 1000)
