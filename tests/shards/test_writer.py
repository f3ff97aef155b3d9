"""What a shard holds depends on its documents alone."""

import hashlib
import itertools
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document
from corpusforge.sealed import Damaged
from corpusforge.shards import merge, spill, tokenise, writer
from corpusforge.shards.documents import DOCS_SCHEMA, read_rows
from corpusforge.shards.format import KINDS, ShardRow, shard_path
from corpusforge.shards.local import combine
from corpusforge.shards.places import shard_key
from corpusforge.shards.spill import read_spill, spill_path
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.shards.writer import plan_shards, shard_spec
from tests.shards.corpus import make_documents, shard_rows, spill_all, work_in

DOCUMENTS = make_documents(120, seed=3)


def digests(corpus: Path) -> dict[str, str]:
    files = [path for path in corpus.rglob("*") if path.is_file()]
    return {str(path.relative_to(corpus)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build(
    parts: list[list[Document]], folder: Path, n_levels: int | None = None
) -> tuple[list[ShardRow], dict[str, str]]:
    rows = shard_rows(spill_all(parts, folder), folder, 2000, n_levels)
    return rows, digests(folder / "corpus")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[ShardRow], dict[str, str]]:
    return build([DOCUMENTS], tmp_path_factory.mktemp("whole"))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=len(DOCUMENTS), max_size=len(DOCUMENTS)),
    st.randoms(),
    st.integers(0, 2),
)
def test_any_partition_into_spills_gives_the_same_bytes_at_any_level(expected, places, chance, n_levels):  # type: ignore[no-untyped-def]
    parts: list[list[Document]] = [[] for _ in range(5)]
    shuffled = list(zip(DOCUMENTS, places, strict=True))
    chance.shuffle(shuffled)
    for document, place in shuffled:
        parts[place].append(document)
    with tempfile.TemporaryDirectory() as folder:
        assert build(parts, Path(folder), n_levels) == expected


GOLDEN = json.loads((Path(__file__).parent / "golden_shards.json").read_text())


@pytest.mark.parametrize("n_levels", [None, 0, 1, 2])
def test_shards_are_what_they_were_before_there_were_levels(n_levels: int | None, tmp_path: Path) -> None:
    documents = make_documents(400, seed=11)
    rows = shard_rows(spill_all([documents[k::7] for k in range(7)], tmp_path), tmp_path, 3000, n_levels)
    assert {f"{row.domain}/{row.subset}/{row.index}": row.id for row in rows} == GOLDEN["whole"]


def test_row_groups_end_by_rows_and_text(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(writer, "ROW_GROUP_ROWS", 5)
    monkeypatch.setattr(writer, "ROW_GROUP_TEXT_BYTES", 3000)
    rows = shard_rows(spill_all([make_documents(400, seed=11)], tmp_path), tmp_path, 3000, 1)
    assert {f"{row.domain}/{row.subset}/{row.index}": row.id for row in rows} == GOLDEN["row groups"]


def test_blocks_and_codecs_leave_no_trace(expected, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for module in (spill, merge):
        monkeypatch.setattr(module, "BLOCK_BYTES", 2000)
    for n_levels in range(3):
        folder = tmp_path / str(n_levels)
        infos = spill_all([DOCUMENTS[::2], DOCUMENTS[1::2]], folder, codec="lz4")
        assert len(infos[0].index) > 20
        assert shard_rows(infos, folder, 2000, n_levels) == expected[0]
        assert digests(folder / "corpus") == expected[1]


def test_runs_and_row_groups_leave_no_trace_in_the_tokens(expected, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(spill, "RUN_DOCUMENTS", 7)
    monkeypatch.setattr(tokenise, "TOKENIZE_BYTES", 100)
    assert build([DOCUMENTS], tmp_path / "runs") == expected
    monkeypatch.setattr(writer, "ROW_GROUP_TEXT_BYTES", 1500)
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
    spills = [work_in(tmp_path / name).spills for name in ("one", "other")]
    again = read_spill(spills[0], 0)
    assert again == one == other
    assert again.index.tobytes() == one.index.tobytes()
    assert one.n_docs == len(DOCUMENTS)
    first, second = (Path(spill_path(folder, 0)).read_bytes() for folder in spills)
    assert first == second


def test_a_failing_part_leaves_no_spill(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="offset=0: no shard for domain 'no/path'"):
        spill_all([[replace(DOCUMENTS[0], domain="no/path")]], tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("n_levels", [0, 1, 2])
def test_a_document_in_two_spills_is_refused(tmp_path: Path, n_levels: int) -> None:
    infos = spill_all([DOCUMENTS, DOCUMENTS[7:8]], tmp_path)
    with pytest.raises(ValueError, match=f"{DOCUMENTS[7].doc_id} comes twice in {DOCUMENTS[7].domain}/"):
        shard_rows(infos, tmp_path, 2000, n_levels)


def test_a_document_that_comes_twice_in_one_spill_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="comes twice in"):
        spill_all([[*DOCUMENTS, DOCUMENTS[5]]], tmp_path)


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("n_levels", [0, 1])
@pytest.mark.parametrize("harm", [damaged, lambda path: path.write_bytes(path.read_bytes()[:2000])])
def test_a_spill_that_was_changed_or_cut_short_is_named(tmp_path: Path, n_levels: int, harm) -> None:  # type: ignore[no-untyped-def]
    infos = spill_all([DOCUMENTS], tmp_path)
    harm(Path(spill_path(work_in(tmp_path).spills, 0)))
    with pytest.raises(Damaged, match=r"00000000\.spill: .*remove .*run the build again"):
        shard_rows(infos, tmp_path, 2000, n_levels)


def test_shards_are_planned_by_tokens_and_own_all_keys(tmp_path: Path) -> None:
    sums = combine(work_in(tmp_path), spill_all([DOCUMENTS[:50], DOCUMENTS[50:]], tmp_path))
    shards = plan_shards(sums.by_group(), 1000)
    specs = [shard_spec(shards, number) for number in range(shards.count)]
    total = sums.by_group()["web", "all"][1]
    web = [number for number, spec in enumerate(specs) if spec.domain == "web"]
    assert len(web) == specs[web[0]].count == -(-total // 1000)
    bounds = [shards.bounds(number) for number in web]
    keys = [(low[1], high[1]) for low, high in bounds]
    count = len(web)
    assert [low for low, _ in keys] == [place * 2**64 // count for place in range(count)]
    assert all(a[1] == b[0] for a, b in itertools.pairwise(bounds))


def test_an_empty_key_range_is_no_shard(tmp_path: Path) -> None:
    infos = spill_all([DOCUMENTS[:1]], tmp_path)
    assert infos[0].n_tokens > 3
    assert len(shard_rows(infos, tmp_path, infos[0].n_tokens // 3)) == 1


def test_spills_of_another_seed_are_refused(tmp_path: Path) -> None:
    infos = [
        *spill_all([DOCUMENTS[:5]], tmp_path / "a"),
        *spill_all([DOCUMENTS[5:9]], tmp_path / "b", seed=8),
    ]
    with pytest.raises(ValueError, match="another tokenizer or seed"):
        combine(work_in(tmp_path), infos)
