"""`corpusforge verify --absent`: a document that is anywhere is found, and what cannot be told is said."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.dedup.result import CLUSTER_SCHEMA
from corpusforge.document import Drop, DropReason, drops_to_batch
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.reader import read_documents
from corpusforge.sealed import read_sealed, write_sealed
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import NOWHERE, absent, documents_of, found_in, run


def test_a_document_of_an_older_snapshot_is_found_until_gc_removed_it(twice, gone, listed):
    path = listed(f"id:{gone['doc_id']}")
    status, told, err = absent(twice.corpus, path)
    assert status == 1 and "corpusforge gc" in err and len(err.splitlines()) == 1
    assert {"docs", "text", "payload", "parts"} <= found_in(told)
    assert {one["doc_id"] for one in told["found"]} == {gone["doc_id"]}
    assert absent(twice.corpus, path, "--snapshot", twice.new)[0] == 0
    assert absent(twice.corpus, path, "--snapshot", twice.old)[0] == 1
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    status, told, err = absent(twice.corpus, path)
    assert (status, err) == (0, "") and told["is_absent"] and not told["not_proved"]


def test_all_documents_are_looked_at_and_no_other_is_missing(built_clean, listed):
    clean = built_clean
    documents = documents_of(clean.corpus, clean.new)
    status, told, err = absent(clean.corpus, listed(NOWHERE))
    assert (status, err) == (0, "") and told["is_absent"]
    seen = {place["place"]: place for place in told["places"]}
    assert (
        seen["docs"]["documents"]
        == seen["text"]["documents"]
        == seen["payload"]["documents"]
        == len(documents)
    )
    assert seen["docs"]["files"] == len(read_index(str(clean.corpus)).rows)
    assert seen["parts"]["files"] == 2 * len(list(clean.corpus.glob("parts/*.documents.parquet")))
    assert seen["rejects"]["files"] == len(list(clean.corpus.glob("rejects/*")))
    assert seen["clusters"]["files"] == len(list(clean.corpus.glob("clusters/*/*/clusters.parquet")))
    every = listed(*(f"id:{one['doc_id']}" for one in documents), name="all.txt")
    status, told, _ = absent(clean.corpus, every, "--workers", "2", "--no-copies")
    assert status == 1 and told["documents_found"] == len(documents)


def test_documents_are_found_by_every_kind_of_entry(built_clean, listed):
    documents = documents_of(built_clean.corpus, built_clean.new)
    pages = [one for one in documents if one["host"] == "example.org"]
    program = next(one for one in documents if one["repo"])
    entries = {
        f"id:{pages[0]['doc_id']}": pages[0],
        f"hash:{pages[1]['content_hash']}": pages[1],
        f"url:{pages[2]['url'].removeprefix('https://')}": pages[2],
        f"host:{next(one['host'] for one in documents if one['host'] == 'example.net')}": None,
        f"repo:{program['repo']}": program,
        f"where:locator = '{pages[3]['locator']}'": pages[3],
    }
    status, told, _ = absent(built_clean.corpus, listed(*entries), "--no-copies")
    assert status == 1
    for entry, document in entries.items():
        mine = [one for one in told["found"] if one["entry"] == entry]
        assert mine, (entry, {one["entry"] for one in told["found"]})
        places = {"docs"} if entry.startswith("where:") else {"docs", "text", "payload", "parts"}
        assert places <= {one["place"] for one in mine}, entry
        assert document is None or document["doc_id"] in {one["doc_id"] for one in mine}
    # What a condition names is known by the documents that it holds of: with its copies it is found by id.
    where = next(entry for entry in entries if entry.startswith("where:"))
    status, told, _ = absent(built_clean.corpus, listed(where, name="where.txt"))
    assert status == 1 and {"docs", "text", "payload", "parts"} <= found_in(told)
    assert pages[3]["doc_id"] in {one["doc_id"] for one in told["found"]}


def test_copies_by_clusters_are_looked_for_unless_that_is_not_asked(built_clean, listed):
    clean = built_clean
    (path,) = clean.corpus.glob("clusters/*/*/clusters.parquet")
    rows = pq.read_table(path).to_pylist()
    first = next(row for row in rows if row["doc_id"] != row["cluster_id"])
    members = {row["doc_id"] for row in rows if row["cluster_id"] == first["cluster_id"]}
    entry = listed(f"id:{first['doc_id']}")
    status, told, _ = absent(clean.corpus, entry)
    assert status == 1 and told["copies_looked_for"] == len(members) - 1
    assert members == {one["doc_id"] for one in told["found"] if one["place"] == "parts"}
    assert {one["doc_id"] for one in told["found"] if one["place"] == "docs"} == {first["cluster_id"]}
    status, told, _ = absent(clean.corpus, entry, "--no-copies")
    assert status == 1 and told["copies_looked_for"] == 0
    assert {one["doc_id"] for one in told["found"] if one["place"] == "parts"} == {first["doc_id"]}


# What a removal may leave behind, one place each. `clean` has no such document: `gone` is of none of its files.


def replaced(path, table):
    """Write a sealed table where another lies."""
    path.unlink()
    write_sealed_table(table, str(path), compression="zstd")


def planted_part(clean, gone):
    """Its row in the documents of a part that lies beside those of the snapshot."""
    path = next(clean.corpus.glob("parts/*.documents.parquet"))
    table = pa.Table.from_batches(list(read_documents(str(clean.corpus), path.name.split(".")[0])))
    ids = table["doc_id"].to_pylist()
    ids[2] = gone["doc_id"]
    other = path.with_name("0" * 24 + ".documents.parquet")
    changed = table.set_column(0, "doc_id", pa.array(ids))
    write_sealed_table(changed, str(other), compression="zstd")
    width = 16
    signatures = np.frombuffer(
        read_sealed(str(path).replace("documents.parquet", "signatures.bin")), np.uint8
    )
    signatures = signatures.reshape(len(ids), -1).copy()
    halves = [int(gone["doc_id"][:16], 16), int(gone["doc_id"][16:], 16)]
    signatures[2, :width] = np.frombuffer(np.array(halves, "<u8").tobytes(), np.uint8)
    write_sealed(str(other).replace("documents.parquet", "signatures.bin"), signatures)
    return "parts", other.name, 2


def planted_signatures(clean, gone):
    path = next(clean.corpus.glob("parts/*.signatures.bin"))
    rows = pq.read_metadata(str(path).replace("signatures.bin", "documents.parquet")).num_rows
    signatures = np.frombuffer(read_sealed(str(path)), np.uint8).reshape(rows, -1).copy()
    halves = [int(gone["doc_id"][:16], 16), int(gone["doc_id"][16:], 16)]
    signatures[3, :16] = np.frombuffer(np.array(halves, "<u8").tobytes(), np.uint8)
    write_sealed(str(path), signatures)
    return "parts", path.name, 3


def planted_reject(clean, gone):
    drop = Drop(
        doc_id=gone["doc_id"],
        source="s",
        source_kind="jsonl",
        locator="l",
        reason=DropReason.QUALITY,
        detail="",
        excerpt="Some of its text",
    )
    path = clean.corpus / "rejects" / ("0" * 24 + ".rejects.parquet")
    write_sealed_table(pa.Table.from_batches([drops_to_batch([drop])]), str(path))
    return "rejects", path.name, 0


def planted_quarantine(clean, gone):
    path = clean.corpus / "quarantine" / ("0" * 24 + ".quarantine.jsonl")
    path.parent.mkdir(exist_ok=True)
    line = {
        "doc_id": "1" * 32,
        "source": "s",
        "source_kind": "jsonl",
        "locator": "l",
        "error": "E: some of its text",
        "traceback": "",
    }
    path.write_text(json.dumps(line) + "\n" + json.dumps({**line, "doc_id": gone["doc_id"]}) + "\n")
    return "quarantine", path.name, 1


def planted_cluster(clean, gone):
    rows = [
        {"doc_id": one, "cluster_id": "2" * 32, "keep": True, "exact": True, "source": "s", "domain": "web"}
        for one in ("2" * 32, gone["doc_id"])
    ]
    path = clean.corpus / "clusters" / ("0" * 24) / "00000" / "clusters.parquet"
    path.parent.mkdir(parents=True)
    write_sealed_table(pa.Table.from_pylist(rows, schema=CLUSTER_SCHEMA), str(path))
    return "clusters", path.name, 1


def planted_page(clean, gone):
    path = clean.corpus / "snapshots" / clean.new / "report.html"
    path.write_bytes(path.read_bytes() + f"\n<p>{gone['doc_id']}</p>".encode())
    return "pages", path.name, None


PLANTS = (
    planted_part,
    planted_signatures,
    planted_reject,
    planted_quarantine,
    planted_cluster,
    planted_page,
)


def test_what_is_planted_beside_the_shards_is_found(clean, listed):
    ids = {plant: f"abcdef0{number}" * 4 for number, plant in enumerate(PLANTS)}
    places = {plant: plant(clean, {"doc_id": doc_id}) for plant, doc_id in ids.items()}
    status, told, err = absent(clean.corpus, listed(*(f"id:{doc_id}" for doc_id in ids.values())))
    assert status == 1 and found_in(told) == {place for place, _, _ in places.values()}, (told, err)
    for plant, (place, name, row) in places.items():
        mine = [one for one in told["found"] if one["doc_id"] == ids[plant]]
        assert {one["place"] for one in mine} == {place} and mine[0]["file"].endswith(name), plant
        assert row is None or mine[0]["row"] == row
    assert absent(clean.corpus, listed(NOWHERE))[1]["found"] == []


def test_pages_are_searched_for_addresses_too(clean, listed):
    path = clean.corpus / "snapshots" / clean.new / "report.html"
    path.write_bytes(path.read_bytes() + b"\nsee <https://Left.Example/a?b=1&amp;c=2> there")
    for entry in ("url:https://left.example/a?b=1&c=2", "host:left.example"):
        status, told, _ = absent(clean.corpus, listed(entry))
        assert status == 1 and found_in(told) == {"pages"} and told["documents_found"] == 0
    assert absent(clean.corpus, listed("host:other.example"))[0] == 0


def test_a_condition_holds_for_nothing_where_its_column_is_not_kept(built_clean, listed):
    """Rejects have no title; that is not the title of none."""
    clean = built_clean
    status, told, err = absent(clean.corpus, listed("where:title is null and n_bytes < 0"))
    assert (status, err) == (0, "")
    status, told, _ = absent(clean.corpus, listed("where:title is null and length > 0"), "--no-copies")
    assert status == 1 and not {"rejects", "quarantine", "parts"} & found_in(told)


@pytest.fixture
def gone_id():
    return "abcdef01" * 4


def a_shard(clean):
    row = max(read_index(str(clean.corpus)).rows, key=lambda row: row.n_docs)
    return row, clean.corpus / "shards" / row.domain / row.subset / row.id


def test_tokens_that_belong_to_no_document_are_told(clean, listed):
    row, stem = a_shard(clean)
    path = stem.with_suffix(".bin")
    path.write_bytes(path.read_bytes() + b"\1\0\0\0" * 50)
    status, told, err = absent(clean.corpus, listed(NOWHERE))
    assert status == 1 and not told["found"] and "absence not proved in 1 file" in err
    assert f"{path}: {row.bytes + 200:,} bytes, its documents have {row.bytes:,}" in told["not_proved"][0]


def test_a_gap_between_documents_is_told(clean, listed):
    _, stem = a_shard(clean)
    path = stem.with_name(stem.name + ".docs.parquet")
    table = pq.read_table(path)
    kept = table.take([0, 1, *range(3, table.num_rows)])  # its tokens stay, its row goes
    pq.write_table(kept, path)
    status, told, _ = absent(clean.corpus, listed(NOWHERE))
    start, length = table["start"][2].as_py(), table["length"][2].as_py()
    assert status == 1
    assert any(
        f"tokens [{start}, {start + length}) belong to no document" in line for line in told["not_proved"]
    )
    assert any("documents that the docs table does not tell of" in line for line in told["not_proved"])


def test_a_document_hidden_in_the_tokens_of_its_neighbour_is_told(clean, listed):
    """The docs table tiles the payload, and every checksum holds: end-of-text gives it away."""
    _, stem = a_shard(clean)
    docs, text, ends = (
        stem.with_name(stem.name + end) for end in (".docs.parquet", ".text.parquet", ".ends.u64")
    )
    table, texts = pq.read_table(docs), pq.read_table(text)
    lengths = table["length"].to_pylist()
    lengths[1] += lengths[2]
    rows = [0, 1, *range(3, table.num_rows)]
    widened = table.set_column(
        table.schema.get_field_index("length"), "length", pa.array(lengths, pa.uint32())
    )
    pq.write_table(widened.take(rows), docs)
    pq.write_table(texts.take(rows), text)
    ends.write_bytes(np.delete(np.fromfile(ends, "<u8"), 1).tobytes())
    told = absent(clean.corpus, listed(NOWHERE))[1]
    at = table["start"][2].as_py() - 1
    assert any(
        f"token {at}: end-of-text stands where no document ends" in line for line in told["not_proved"]
    )


def test_texts_without_a_document_are_told_and_found(clean, listed, gone_id):
    _, stem = a_shard(clean)
    path = stem.with_name(stem.name + ".text.parquet")
    table = pq.read_table(path)
    extra = pa.table(
        {"doc_id": [gone_id], "text": pa.array(["left behind"], table["text"].type)}, table.schema
    )
    pq.write_table(pa.concat_tables([table, extra]), path)
    status, told, _ = absent(clean.corpus, listed(f"id:{gone_id}"))
    assert status == 1 and found_in(told) == {"text"} and told["found"][0]["row"] == table.num_rows
    assert told["not_proved"]


def test_files_that_are_not_the_index_s_prove_nothing(clean, listed):
    _, stem = a_shard(clean)
    path = stem.with_suffix(".bin")
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    status, told, _ = absent(clean.corpus, listed(NOWHERE))
    assert status == 1 and any(f"{path}: sha256" in line for line in told["not_proved"])


def test_shards_that_no_index_names_are_found_and_gc_is_the_way_out(twice, gone, listed):
    shutil.rmtree(twice.corpus / "snapshots" / twice.old)
    (next(twice.corpus.glob("plans/old-*.json"))).unlink()
    path = listed(f"id:{gone['doc_id']}")
    status, told, err = absent(twice.corpus, path)
    assert status == 1 and "shards that no snapshot has go by `corpusforge gc`" in err
    assert {"docs of no index", "text of no index", "payload of no index"} <= found_in(told)
    assert not {"docs", "text", "payload"} & found_in(told)
    assert run("gc", twice.corpus, "--drop-unfinished")[0] == 0
    assert absent(twice.corpus, path)[0] == 0


def test_what_is_left_of_a_shard_or_a_build_proves_nothing(clean, listed):
    lone = clean.corpus / "shards" / "web" / "all" / ("a" * 32 + ".bin")
    lone.parent.mkdir(parents=True, exist_ok=True)
    lone.write_bytes(b"\1\0\0\0")
    (clean.corpus / "spills" / "x").mkdir(parents=True)
    (clean.corpus / "spills" / "x" / "1.spill").write_bytes(b"x")
    (clean.corpus / "parts" / ".tmp-1").write_bytes(b"x")
    told = absent(clean.corpus, listed(NOWHERE))[1]
    assert len(told["not_proved"]) == 3 and all("corpusforge gc" in line for line in told["not_proved"])
    assert run("gc", clean.corpus, "--drop-unfinished")[0] == 0
    assert absent(clean.corpus, listed(NOWHERE))[0] == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--absent", "none.txt"], "none.txt"),
        (["--absent", "LIST", "--sample", "2"], "--absent looks at everything"),
        (["--absent", "LIST", "--snapshot", "abc"], "is no id of a snapshot"),
        (["--absent", "LIST", "--exports", "nowhere"], "no such folder of an export"),
        (["--exports", "x"], "go with --absent LIST"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(built_clean, listed, words, line):
    clean = built_clean
    words = [listed(NOWHERE) if word == "LIST" else word for word in words]
    status, _, err = run("verify", clean.corpus, *words)
    assert status == 2 and line in err and len(err.splitlines()) == 1


def test_the_table_says_what_was_looked_at(built_clean, listed):
    status, out, err = run("verify", built_clean.corpus, "--absent", listed(NOWHERE))
    assert (status, err) == (0, "") and "absent everywhere" in out
    for place in ("docs", "text", "payload", "parts", "rejects", "clusters", "pages"):
        assert place in out
