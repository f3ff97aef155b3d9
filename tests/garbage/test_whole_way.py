"""The whole way of a document out of a corpus: retract, where it still is, gc, proof, training on the child."""

import json

import pytest

from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from corpusforge.retract.ledger import BEGUN
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import NOWHERE, absent, documents_of, found_in, plan_over, run


@pytest.mark.parametrize("kind", ["url", "id"])
def test_a_document_goes_its_whole_way(twice, listed, tmp_path, kind):
    page = next(one for one in documents_of(twice.corpus, twice.new) if one["url"])
    entry = listed(f"url:{page['url']}" if kind == "url" else f"id:{page['doc_id']}")
    status, told, _ = absent(twice.corpus, entry)
    assert status == 1 and told["documents_found"] >= 1
    status, _, err = run("retract", twice.corpus, entry, "--why", "asked for", "--yes-remove-share", "1")
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


def test_addresses_find_what_is_left_of_a_document_by_the_ledger(clean, listed):
    """No table holds the address any more; a report that names the document by its id does."""
    page = next(one for one in documents_of(clean.corpus, clean.new) if one["url"])
    entry = listed(f"url:{page['url']}")
    assert run("retract", clean.corpus, entry, "--yes-remove-share", "1", "--ledger-hashes")[0] == 0
    assert run("gc", clean.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert absent(clean.corpus, entry)[0] == 0
    child = read_index(str(clean.corpus)).snapshot
    kept = clean.corpus / "snapshots" / child / "contamination_hits.jsonl"
    kept.write_text(json.dumps({"doc_id": page["doc_id"]}) + "\n")
    status, told, _ = absent(clean.corpus, entry)
    assert status == 1 and found_in(told) == {"pages"}
    assert absent(clean.corpus, listed(NOWHERE))[0] == 0


def test_a_retraction_that_did_not_end_bars_gc_and_proof(clean, listed):
    work = clean.corpus / "retractions" / "work-0123"
    work.mkdir(parents=True)
    (work / "named.parquet").write_bytes(b"what was found")
    (work / BEGUN).write_bytes(b"{}")
    status, _, err = run("gc", clean.corpus, "--keep", "CURRENT", "--drop-unfinished")
    assert status == 1 and "retraction 0123 was begun and did not end" in err
    status, told, _ = absent(clean.corpus, listed(NOWHERE))
    assert status == 1 and "did not end" in told["not_proved"][0]
    (work / BEGUN).unlink()
    assert run("gc", clean.corpus)[0] == 0 and not work.exists()
