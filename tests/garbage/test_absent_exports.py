"""`corpusforge verify --absent --exports`: each format by what it holds of documents."""

import gzip

from corpusforge.export import export_plan, export_snapshot
from corpusforge.mixture.planfile import plan_from_bytes
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import NOWHERE, absent, documents_of, found_in, run

FORMATS = ("megatron", "olmo", "datatrove", "mds", "parquet", "jsonl", "hf")


def test_every_export_tells_what_it_holds(twice, gone, listed, tmp_path):
    corpus = str(twice.corpus)
    folders = {which: [tmp_path / which / name for name in FORMATS] for which in ("old", "new")}
    for which, snapshot in (("old", twice.old), ("new", twice.new)):
        for name, folder in zip(FORMATS, folders[which], strict=True):
            export_snapshot(corpus, name, str(folder), snapshot)
    given = {which: [word for one in some for word in ("--exports", one)] for which, some in folders.items()}
    path = listed(f"id:{gone['doc_id']}", f"where:locator = '{gone['locator']}'")
    status, told, err = absent(corpus, path, "--snapshot", twice.new, "--no-copies", *given["new"])
    assert status == 0, (told, err)
    seen = {place["place"]: place for place in told["places"]}
    n_documents = len(documents_of(twice.corpus, twice.new))
    for name in FORMATS:
        documents = seen[f"export {name}"]["documents"]
        assert documents % n_documents == 0 and documents, name
    status, _, err = absent(
        corpus, path, "--snapshot", twice.new, "--exports", folders["old"][FORMATS.index("jsonl")]
    )
    assert status == 1 and "exports alone hold them: export again" in err and "retract" not in err
    status, told, _ = absent(corpus, path, "--snapshot", twice.old, *given["old"])
    assert status == 1
    for name in FORMATS:
        assert f"export {name}" in found_in(told)
        found = {one["doc_id"] for one in told["found"] if one["place"] == f"export {name}"}
        assert gone["doc_id"] in found, name
    # an export of a snapshot that is gone: what names documents still tells, a payload alone does not
    run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    status, told, _ = absent(corpus, path, *given["old"])
    assert status == 1
    for name, folder in zip(FORMATS, folders["old"], strict=True):
        lines = [line for line in told["not_proved"] if str(folder) in line]
        assert f"export {name}" in found_in(told) or any("payload of no shard" in line for line in lines), (
            name
        )


def test_plans_in_other_formats_are_held_against_payloads_or_told_of(twice, listed, tmp_path):
    (path,) = twice.corpus.glob("plans/new-*.json")
    plan = plan_from_bytes(path.read_bytes(), "plan")
    for name in ("megatron", "mds"):
        export_plan(str(twice.corpus), name, str(tmp_path / name), plan, "full")
    status, told, err = absent(twice.corpus, listed(NOWHERE), "--exports", tmp_path / "megatron")
    assert status == 0, (told, err)
    status, told, _ = absent(twice.corpus, listed(NOWHERE), "--exports", tmp_path / "mds")
    assert status == 1 and "samples of a plan, which name no documents" in told["not_proved"][0]


def test_several_payloads_in_one_file_are_told_apart(twice, gone, listed, tmp_path):
    rows = read_index(str(twice.corpus), twice.old).rows
    data = b"".join(
        (twice.corpus / "shards" / row.domain / row.subset / f"{row.id}.bin").read_bytes() for row in rows
    )
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "plan.bin").write_bytes(data)
    status, told, _ = absent(twice.corpus, listed(f"id:{gone['doc_id']}"), "--exports", tmp_path / "export")
    seen = {place["place"]: place for place in told["places"]}["export megatron"]
    assert (status, seen["found"], seen["documents"]) == (1, 1, sum(row.n_docs for row in rows))


def test_a_file_of_no_export_is_told(clean, listed, tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "notes.bak").write_bytes(b"?")
    (tmp_path / "export" / "bad.csv.gz").write_bytes(gzip.compress(b"1,2\n"))
    status, told, _ = absent(clean.corpus, listed(NOWHERE), "--exports", tmp_path / "export")
    assert status == 1 and len(told["not_proved"]) == 2
