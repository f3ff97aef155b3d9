"""`corpusforge gc` and `verify --absent` over a corpus in a bucket: what they do on disk, in few requests."""

import hashlib

from corpusforge import files
from corpusforge.files import faults
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import run


def upload(folder, prefix):
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.endswith(".lock"):
            files.write_bytes(f"{prefix}/{path.relative_to(folder)}", path.read_bytes())


def objects(prefix):
    return {
        path.removeprefix(f"{prefix}/"): hashlib.sha256(files.read_bytes(path)).hexdigest()
        for path in files.list_files(prefix)
    }


def local_result(twice):
    assert run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    return {
        str(path.relative_to(twice.corpus)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in twice.corpus.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


class Killed(BaseException):
    """Ends the process's work where a signal would."""


def test_on_s3_the_same_objects_stay_as_on_disk_whenever_it_is_killed(s3, twice, tmp_path):
    corpus = "s3://our-bucket/corpus"
    upload(twice.corpus, corpus)
    expected = local_result(twice)
    for number in (2, 5, 9, 0):  # in a bucket a call deletes many
        count = 0

        def probe(operation, path, number=number):
            nonlocal count
            count += operation == "delete"
            if operation == "delete" and count == number:
                raise Killed

        faults.set_probe(probe)
        try:
            status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
            assert status == 0, err
        except Killed:
            assert number
            assert read_index(corpus).snapshot == twice.new
        finally:
            faults.set_probe(None)
    assert objects(corpus) == expected
    listed = tmp_path / "list.txt"
    listed.write_text(f"id:{'0' * 32}\n")
    assert run("verify", corpus, "--absent", listed)[0] == 0


def test_the_requests_are_those_of_listings_and_batches(s3, twice):
    corpus = "s3://our-bucket/corpus"
    upload(twice.corpus, corpus)
    s3.forget()
    status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    kinds = [kind for kind, _, _ in s3.log]
    assert kinds.count("list") <= 50 and kinds.count("delete") <= 25, s3.meter.requests


def test_where_a_build_may_be_under_way_nothing_goes(s3, twice):
    corpus = "s3://our-bucket/corpus"
    upload(twice.corpus, corpus)
    files.write_bytes(f"{corpus}/spills/0123/sums.json", b"{}")
    before = objects(corpus)
    status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 1 and "in a bucket no lock tells which" in err and len(err.splitlines()) == 1
    assert objects(corpus) == before
    assert run("gc", corpus, "--keep", "CURRENT", "--drop-plans", "--drop-unfinished")[0] == 0
    assert objects(corpus) == local_result(twice)


def test_a_snapshot_that_is_committed_meanwhile_ends_it(s3, twice, monkeypatch):
    corpus = "s3://our-bucket/corpus"
    upload(twice.corpus, corpus)
    monkeypatch.setattr("corpusforge.garbage.collect.read_current", lambda _: next(answers))
    answers = iter([twice.old])
    status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 1 and "a build committed a snapshot meanwhile" in err
    assert {row.id for row in read_index(corpus, twice.old).rows}


def test_on_gs_too(bucket, twice):
    corpus = f"{bucket}/corpus"
    upload(twice.corpus, corpus)
    status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    assert objects(corpus) == local_result(twice)
