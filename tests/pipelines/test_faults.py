"""Storage that fails is never data: it is tried again, or the build fails and names the file."""

import errno
import os
import random
from pathlib import Path

import pytest

from corpusforge import files, workers
from corpusforge.config import load_config
from corpusforge.files import faults
from corpusforge.ingest.tables import jsonl
from corpusforge_pipelines.build import BuildError, build
from tests.pipelines.conftest import corpus_bytes, write_config, write_dumps


@pytest.fixture(autouse=True)
def in_little_time(monkeypatch):
    monkeypatch.setattr(faults, "PATIENCE", faults.Patience(max_tries=2, first_wait_s=0.001))
    monkeypatch.setattr(workers, "_FIRST_WAIT_S", 0.0001)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Dumps, the bytes of the corpus that they make, and every call to storage on the way."""
    folder = tmp_path_factory.mktemp("faults")
    write_dumps(folder / "dumps")
    calls = []
    faults.set_probe(lambda operation, path: calls.append((operation, path)))
    try:
        build(load_config(str(write_config(folder, folder / "whole"))))
    finally:
        faults.set_probe(None)
    return folder, corpus_bytes(folder / "whole"), calls


def failing(at, for_good, number=errno.EIO):
    """A probe that fails the n-th call, for good each like it; what it hit is in its list."""
    seen, hit = [0], []

    def probe(operation, path):
        seen[0] += 1
        if seen[0] == at:
            hit.append((operation, path))
        elif not (for_good and hit == [(operation, path)]):
            return
        raise OSError(number, os.strerror(number), path)

    return probe, hit


@pytest.mark.parametrize("seed", range(8))
def test_one_fault_anywhere_costs_no_byte_or_names_its_file(sound, tmp_path, seed):
    folder, expected, calls = sound
    rng = random.Random(seed)
    probe, hit = failing(rng.randrange(1, len(calls) + 1), for_good=seed % 2 == 1)
    config = load_config(str(write_config(folder, tmp_path / "corpus")))
    faults.set_probe(probe)
    try:
        build(config)
    except Exception as error:
        assert Path(hit[0][1]).name in str(error)
        faults.set_probe(None)
        build(config)
    finally:
        faults.set_probe(None)
    assert corpus_bytes(tmp_path / "corpus") == expected
    assert not [path for path in (tmp_path / "corpus").rglob(".tmp-*")]


def test_a_dump_that_cannot_be_read_is_no_record(sound, tmp_path):
    folder, expected, _ = sound

    def probe(operation, path):
        if operation == "read" and path.endswith("ready-1.jsonl"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    config = load_config(str(write_config(folder, tmp_path / "corpus")))
    faults.set_probe(probe)
    try:
        with pytest.raises(Exception, match=r"ready-1\.jsonl.*Input/output error"):
            build(config)
    finally:
        faults.set_probe(None)
    assert not (tmp_path / "corpus" / "CURRENT").exists()
    assert not list((tmp_path / "corpus").rglob("*.quarantine.jsonl"))
    build(config)
    assert corpus_bytes(tmp_path / "corpus") == expected


def test_a_full_disk_ends_the_build_at_once(sound, tmp_path):
    folder, expected, _ = sound

    def probe(operation, path):
        if path.endswith("signatures.bin"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    config = load_config(str(write_config(folder, tmp_path / "corpus")))
    faults.set_probe(probe)
    try:
        with pytest.raises(Exception, match=r"signatures\.bin.*No space left"):
            build(config)
    finally:
        faults.set_probe(None)
    assert not list((tmp_path / "corpus" / "parts").glob("*.documents.parquet"))
    build(config)
    assert corpus_bytes(tmp_path / "corpus") == expected


@pytest.mark.parametrize("name", ["leakage.json", "summary.json"])
def test_a_dedup_that_could_not_commit_leaves_nothing_behind(sound, tmp_path, name):
    folder, expected, _ = sound

    def probe(operation, path):
        if operation == "write" and path.endswith(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    config = load_config(str(write_config(folder, tmp_path / "corpus")))
    faults.set_probe(probe)
    try:
        with pytest.raises(Exception, match=name):
            build(config)
    finally:
        faults.set_probe(None)
    build(config)
    assert corpus_bytes(tmp_path / "corpus") == expected


def test_a_file_that_changes_while_it_is_read_makes_no_part(tmp_path, monkeypatch):
    write_dumps(tmp_path / "dumps")
    config = load_config(str(write_config(tmp_path, tmp_path / "corpus")))
    path = tmp_path / "dumps" / "ready-0.jsonl"
    read = jsonl.read_jsonl

    def changed_meanwhile(input, *arguments, **options):
        yield from read(input, *arguments, **options)
        if input.path == str(path):
            path.write_bytes(path.read_bytes() + b"\n")

    monkeypatch.setattr(jsonl, "read_jsonl", changed_meanwhile)
    with pytest.raises(Exception, match=r"ready-0\.jsonl.*changed"):
        build(config)
    monkeypatch.undo()
    assert build(config).totals["sources"]["ready"]["quarantined"] == 0


@pytest.mark.parametrize("rows_before", [0, 3])
def test_a_reader_that_raises_fails_the_build_unless_that_is_allowed(tmp_path, monkeypatch, rows_before):
    write_dumps(tmp_path / "dumps")
    config = load_config(str(write_config(tmp_path, tmp_path / "corpus")))
    read = jsonl.read_jsonl

    def mistaken(input, *arguments, **options):
        for number, record in enumerate(read(input, *arguments, **options)):
            if input.name.endswith("ready-1.jsonl") and number == rows_before:
                raise KeyError("a mistake of the reader")
            yield record

    monkeypatch.setattr(jsonl, "read_jsonl", mistaken)
    with pytest.raises(BuildError, match=r"ready-1\.jsonl.*max_unread_fraction"):
        build(config)
    assert not (tmp_path / "corpus" / "CURRENT").exists()
    allowed = config.model_copy(update={"max_unread_fraction": 1.0})
    assert build(allowed).totals["sources"]["ready"]["quarantined"] == 1


def test_faults_in_a_bucket(bucket, sound, tmp_path):
    folder, expected, _ = sound
    plain = load_config(str(write_config(folder, tmp_path / "unused")))
    config = plain.model_copy(update={"output": f"{bucket}/corpus"})
    for seed in range(2):
        probe, hit = failing(random.Random(seed).randrange(1, 60), for_good=seed == 1)
        faults.set_probe(probe)
        try:
            build(config)
        except Exception as error:
            assert hit[0][1].rpartition("/")[2] in str(error)
        finally:
            faults.set_probe(None)
        build(config)
        copy = tmp_path / f"copy-{seed}"
        for name in files.list_files(f"{bucket}/corpus"):
            target = copy / name.removeprefix(f"{bucket}/corpus/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files.read_bytes(name))
        assert corpus_bytes(copy) == expected
        files.remove_tree(f"{bucket}/corpus")
