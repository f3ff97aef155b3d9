"""A changed byte in any file that a build leaves or goes on from: named, never used, mended as it says."""

import random
import re
import shutil
from pathlib import Path

import pytest

from corpusforge import files
from corpusforge.config import load_config
from corpusforge.files.faults import StorageFault
from corpusforge.parts.totals import BuildError
from corpusforge.parts.verify import verify_corpus
from corpusforge.report import write_report
from corpusforge.shards.tasks import DoesNotAddUp
from corpusforge_pipelines.build import build
from corpusforge_pipelines.failures import blamed
from tests.pipelines.conftest import corpus_bytes, write_config, write_dumps


def flip(path, seed=0):
    data = bytearray(path.read_bytes())
    data[random.Random(seed).randrange(len(data))] ^= 1
    path.write_bytes(data)


def named(corpus):
    return {problem.path for problem in verify_corpus(str(corpus)).problems}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A configuration and the corpus that it makes, with leakage, repeats and a report."""
    folder = tmp_path_factory.mktemp("damage")
    write_dumps(folder / "dumps")
    path = write_config(folder, folder / "corpus")
    repeats = (
        '[dedup]\nleakage = true\n[dedup.repeats]\nweb = "paragraphs"\nmax_documents = 2\nmin_words = 5\n'
    )
    path.write_text(path.read_text() + repeats)
    config = load_config(str(path))
    build(config)
    write_report(config.output)
    return config


def test_verify_names_every_damaged_file_and_no_other(finished):
    corpus = Path(finished.output)
    assert named(corpus) == set()
    rooms = set()
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and path.stat().st_size:
            good = path.read_bytes()
            flip(path, len(good))
            found, name = named(corpus), str(path.relative_to(corpus))
            path.write_bytes(good)
            assert name in found, name
            assert found <= {name, "CURRENT"} or path.suffix == ".json", (name, found)
            rooms.add(name.split("/")[0])
    assert rooms >= {"parts", "rejects", "plan", "clusters", "repeats", "builds", "snapshots", "shards"}


def test_verify_names_what_is_missing(finished, tmp_path):
    shutil.copytree(finished.output, tmp_path / "copy")
    corpus = tmp_path / "copy"
    for pattern in ("parts/*.signatures.bin", "rejects/*.parquet", "clusters/*/*/gone.u64"):
        path = next(corpus.glob(pattern))
        good = path.read_bytes()
        path.unlink()
        assert named(corpus) == {str(path.relative_to(corpus))}
        path.write_bytes(good)


REMOVED = {
    "parts/*.documents.parquet": "is read for its counts",
    "clusters/*/summary.json": "is read for its counts",
    "repeats/*/summary.json": "is read for its counts",
    "builds/*.json": "says which snapshot it became",
    "snapshots/*/index.json": "holds the totals",
}


@pytest.mark.parametrize("pattern", REMOVED)
def test_a_build_that_meets_damage_names_it_and_what_is_removed_comes_back(finished, tmp_path, pattern):
    corpus = tmp_path / "corpus"
    shutil.copytree(finished.output, corpus)
    config = finished.model_copy(update={"output": str(corpus)})
    path = next(corpus.glob(pattern))
    data = bytearray(path.read_bytes())
    data[-40] ^= 1  # of the footer, or of the seal
    path.write_bytes(data)
    with pytest.raises((BuildError, StorageFault), match=re.escape(path.name)) as raised:
        build(config)
    removed = Path(re.search(r"remove (\S+) and run the build again", str(raised.value))[1])
    shutil.rmtree(removed) if removed.is_dir() else removed.unlink()
    build(config)
    assert corpus_bytes(corpus) == {
        name: digest
        for name, digest in corpus_bytes(Path(finished.output)).items()
        if not name.endswith("report.html") or (corpus / name).exists()
    }
    assert named(corpus) == set()


@pytest.mark.parametrize("pattern", ["parts/*.signatures.bin", "parts/*.documents.parquet"])
def test_an_unfinished_build_uses_no_damaged_part(finished, tmp_path, pattern):
    config = finished.model_copy(update={"output": str(tmp_path / "corpus")})
    build(config, until="prepare")
    path = sorted((tmp_path / "corpus").glob(pattern), key=lambda path: path.stat().st_size)[-1]
    data = bytearray(path.read_bytes())
    data[300] ^= 1
    path.write_bytes(data)
    assert named(tmp_path / "corpus") == {str(path.relative_to(tmp_path / "corpus"))}
    with pytest.raises((BuildError, StorageFault), match=rf"{path.name}.*remove \S+documents\.parquet"):
        build(config)
    (tmp_path / "corpus" / "parts" / f"{path.name.partition('.')[0]}.documents.parquet").unlink()
    build(config)
    assert (
        corpus_bytes(tmp_path / "corpus").items()
        >= {
            name: digest
            for name, digest in corpus_bytes(Path(finished.output)).items()
            if not name.endswith("report.html")
        }.items()
    )


def test_shards_come_back_once_the_record_of_their_build_is_removed(finished, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(finished.output, corpus)
    before = corpus_bytes(corpus)
    flip(next(corpus.glob("shards/*/*/*.bin")))
    verdict = verify_corpus(str(corpus))
    record = re.search(r"builds/\S+\.json", verdict.way_out)[0]
    (corpus / record).unlink()
    build(finished.model_copy(update={"output": str(corpus)}))
    assert corpus_bytes(corpus) == before and named(corpus) == set()


def test_current_comes_back(finished, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(finished.output, corpus)
    before = corpus_bytes(corpus)
    (corpus / "CURRENT").unlink()
    build(finished.model_copy(update={"output": str(corpus)}))
    assert corpus_bytes(corpus) == before


def test_corpusforge_is_blamed_only_where_every_file_is_sound(finished, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(finished.output, corpus)
    with pytest.raises(BuildError, match=r"3 and 2 are, though every file .* fault of corpusforge"):
        with blamed(str(corpus)):
            raise DoesNotAddUp("3 and 2 are")
    flip(next(corpus.glob("clusters/*/*/gone.u64")))
    with pytest.raises(BuildError, match=r"gone\.u64") as raised:
        with blamed(str(corpus)):
            raise DoesNotAddUp("3 and 2 are")
    assert "fault of corpusforge" not in str(raised.value)


def test_a_corpus_in_a_bucket_is_verified(finished, bucket):
    for path in sorted(Path(finished.output).rglob("*")):
        if path.is_file() and not path.name.endswith(".lock"):
            files.write_bytes(f"{bucket}/c/{path.relative_to(finished.output)}", path.read_bytes())
    assert verify_corpus(f"{bucket}/c").problems == ()
    for pattern in ("parts/*.documents.parquet", "clusters/*/*/gone.u64"):
        path = next(Path(finished.output).glob(pattern))
        name, data = str(path.relative_to(finished.output)), bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        files.write_bytes(f"{bucket}/c/{name}", bytes(data))
        assert {problem.path for problem in verify_corpus(f"{bucket}/c").problems} == {name}
        files.write_bytes(f"{bucket}/c/{name}", path.read_bytes())
