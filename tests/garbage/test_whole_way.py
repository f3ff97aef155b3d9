"""The whole way of a document out of a corpus: retract, where it still is, gc, proof, training on the child."""

import json

import numpy as np
import pyarrow as pa

from corpusforge.document import Drop, DropReason, drops_to_batch
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.finding import Task, find_named, write_places
from corpusforge.parts.looking import index_file
from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from corpusforge.retract.ledger import BEGUN, Request
from corpusforge.retract.lists import listed as listed_entries
from corpusforge.retract.lookup import ENTRY_DTYPE, begin, list_keys
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import NOWHERE, absent, documents_of, found_in, plan_over, run


def test_a_document_goes_its_whole_way(twice, listed, tmp_path):
    page = next(one for one in documents_of(twice.corpus, twice.new) if one["url"])
    entry = listed(f"url:{page['url']}")
    status, told, _ = absent(twice.corpus, entry)
    assert status == 1 and told["documents_found"] >= 1
    status, _, err = run("retract", twice.corpus, entry, "--ledger-hashes", "--yes-remove-share", "1")
    assert status == 0, err
    child = read_index(str(twice.corpus)).snapshot
    assert child not in (twice.old, twice.new)

    # it is gone from what the child stands on, and still in the shards and reports of those before it
    status, told, err = absent(twice.corpus, entry, "--snapshot", child)
    assert status == 0, (told, err)
    status, told, err = absent(twice.corpus, entry)
    assert status == 1 and {"docs", "text", "payload"} <= found_in(told)
    assert not {"parts", "rejects", "quarantine", "clusters"} & found_in(told)
    assert {one["doc_id"] for one in told["found"] if one["doc_id"]} == {page["doc_id"]}

    before = {one["doc_id"] for one in documents_of(twice.corpus, child)}
    status, _, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    status, told, err = absent(twice.corpus, entry)
    assert (status, err) == (0, "") and told["is_absent"]
    for path in twice.corpus.rglob("*"):
        if path.is_file() and "retractions" not in path.parts and "rejects" not in path.parts:
            assert page["doc_id"].encode() not in path.read_bytes(), path
    assert {one["doc_id"] for one in documents_of(twice.corpus, child)} == before
    assert before == {one["doc_id"] for one in documents_of(twice.corpus, child)} - {page["doc_id"]}
    assert not verify_corpus(str(twice.corpus)).problems
    assert list((twice.corpus / "retractions").glob("*.json"))

    plan = plan_over(twice.corpus, tmp_path, "child")
    reader = open_plan(str(twice.corpus), plan)
    assert sum(1 for _ in reader) == len(reader)

    # what was looked up is known of the child's shards too: the next request goes the same way
    (kept,) = twice.corpus.glob("lookups/*/places.parquet")
    half = twice.corpus / "lookups" / ("0" * 24)
    half.mkdir()
    (half / "000000.u64").write_bytes(b"of a call that was killed")
    other = next(one for one in documents_of(twice.corpus, child) if one["url"])
    entry_of_other = listed(f"url:{other['url']}", name="other.txt")
    assert run("retract", twice.corpus, entry_of_other, "--yes-remove-share", "1")[0] == 0
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert absent(twice.corpus, entry_of_other)[0] == 0 and kept.exists() and not half.exists()
    assert not verify_corpus(str(twice.corpus)).problems

    # no table holds the address any more; by the ledger a file that names the document by its id is found
    last = read_index(str(twice.corpus)).snapshot
    hits = twice.corpus / "snapshots" / last / "contamination_hits.jsonl"
    hits.write_text(json.dumps({"doc_id": page["doc_id"]}) + "\n")
    status, told, _ = absent(twice.corpus, entry)
    assert status == 1 and found_in(told) == {"pages"}


def test_a_retraction_that_did_not_end_bars_gc_and_proof(clean, listed):
    work = clean.corpus / "retractions" / "work-0123"
    work.mkdir(parents=True)
    (work / "named.parquet").write_bytes(b"what was found")
    (work / BEGUN).write_bytes(b"{}")
    status, _, err = run("gc", clean.corpus, "--keep", "CURRENT", "--drop-unfinished")
    assert status == 1 and "retraction 0123 was begun and did not end" in err
    status, told, _ = absent(clean.corpus, listed(NOWHERE))
    assert status == 1 and "did not end" in told["not_proved"][0]
    status, _, err = run("reshard", clean.corpus, "--shard-tokens", 9999)
    assert status == 1 and "run the same `corpusforge retract` again" in err and err.count("goes on") == 1
    (work / BEGUN).unlink()
    assert run("gc", clean.corpus)[0] == 0 and not work.exists()


def test_what_was_dropped_or_quarantined_of_a_repository_is_taken_out_too(clean, tmp_path):
    """Its text lies in excerpts and tracebacks; its repository is told by the locator alone."""
    drops = [
        Drop(
            doc_id=digit * 32,
            source="s",
            source_kind="github",
            locator=locator,
            reason=DropReason.DATA,
            detail="",
            excerpt=excerpt,
        )
        for digit, locator, excerpt in (
            ("1", "Owner/Name@0123:a/b.json", "some text"),
            ("2", "owner/other@0123:a.json", "some text"),
            ("3", "owner/name@0123:c.json", ""),
            ("4", "crawl/a.warc.gz#offset=owner/name@1:", "some text"),
        )
    ]
    part = next(clean.corpus.glob("parts/*.documents.parquet")).name.partition(".")[0]
    rejects = clean.corpus / "rejects" / f"{part}.rejects.parquet"
    rejects.unlink(missing_ok=True)
    write_sealed_table(pa.Table.from_batches([drops_to_batch(drops)]), str(rejects))
    quarantined = {
        "doc_id": "5" * 32,
        "source": "s",
        "locator": "owner/name@1:x",
        "error": "E",
        "traceback": "T",
    }
    quarantine = clean.corpus / "quarantine" / f"{part}.quarantine.jsonl"
    quarantine.parent.mkdir(exist_ok=True)
    quarantine.write_text(json.dumps(quarantined) + "\n")
    asked = listed_entries([("repo", "owner/name"), ("id", "2" * 32)])
    task = Task(corpus=str(clean.corpus), request=Request(parent=clean.new, listed=asked))
    places = str(tmp_path / "places.json")
    write_places(places, [("part", part, None)])
    ((_, rows),) = find_named(task, asked, asked, places, 0)
    table = pa.ipc.open_stream(rows).read_all()
    assert table["doc_id"].to_pylist() == ["1" * 32, "2" * 32, "5" * 32]
    assert [str(asked.entries[place]) for place in table["entry"].to_pylist()] == [
        "repo:owner/name",
        f"id:{'2' * 32}",
        "repo:owner/name",
    ]

    making = begin(str(clean.corpus), [("part", part)], 9)
    packed = b"".join(entries for _, entries in index_file(making, 0))
    assert set(list_keys(asked).tolist()) <= set(np.frombuffer(packed, ENTRY_DTYPE)["hash"].tolist())
