"""A corpus in a bucket: the same bytes as on disk, against an emulator of the service."""

import json
from pathlib import Path

import pytest

from corpusforge import files
from corpusforge.config import load_config
from corpusforge_pipelines.build import build
from tests.emulator import metered
from tests.pipelines.conftest import article, corpus_bytes, write_config


def test_objects_are_listed_read_and_published_whole(bucket, tmp_path):
    files.write_bytes(f"{bucket}/a/one.txt", b"one")
    files.write_bytes(f"{bucket}/a/two.txt", b"two")
    files.write_bytes(f"{bucket}/ab/three.txt", b"three")
    assert files.list_files(f"{bucket}/a") == [f"{bucket}/a/one.txt", f"{bucket}/a/two.txt"]
    assert files.list_files(f"{bucket}/a/*.txt") == [f"{bucket}/a/one.txt", f"{bucket}/a/two.txt"]
    assert files.list_files(f"{bucket}/a/one.txt") == [f"{bucket}/a/one.txt"]
    assert files.read_bytes(f"{bucket}/ab/three.txt") == b"three"
    assert files.size_bytes(f"{bucket}/ab/three.txt") == 5
    assert files.exists(f"{bucket}/a/one.txt")
    assert not files.exists(f"{bucket}/a")
    assert files.content_digest(f"{bucket}/a/one.txt") != files.content_digest(f"{bucket}/a/two.txt")
    with pytest.raises(RuntimeError), files.publishing(f"{bucket}/half.txt") as path:
        Path(path).write_bytes(b"half")
        raise RuntimeError
    assert not files.exists(f"{bucket}/half.txt")
    files.remove(f"{bucket}/a/one.txt")
    assert not files.exists(f"{bucket}/a/one.txt")


def test_a_stale_swap_is_refused(bucket):
    current = f"{bucket}/CURRENT"
    assert files.version_of(current) is None
    assert files.swap(current, b"one", None)
    assert not files.swap(current, b"two", None)
    before = files.version_of(current)
    assert files.swap(current, b"two", before)
    assert not files.swap(current, b"three", before)
    assert files.read_bytes(current) == b"two"


def test_a_corpus_built_in_a_bucket_is_the_corpus_built_on_disk(bucket, tiny, tmp_path):
    for path in (tmp_path / "dumps").iterdir():
        files.write_bytes(f"{bucket}/dumps/{path.name}", path.read_bytes())
    build(load_config(str(tiny)))
    remote = tmp_path / "remote.toml"
    text = Path(write_config(tmp_path, tmp_path / "unused")).read_text()
    remote.write_text(
        text.replace(str(tmp_path / "unused"), f"{bucket}/corpus").replace('"dumps/', f'"{bucket}/dumps/')
    )
    with metered() as asked:
        result = build(load_config(str(remote)))
    # The receipt counts what the service was asked and sent, but for its own writing and what led to it.
    spent = result.receipt.spent()
    assert 0.97 * asked.total - 6 <= spent.n_requests <= asked.total
    assert 0.97 * asked.read_bytes <= spent.read_bytes <= asked.read_bytes
    assert sum(row["requests"]["write"] for row in result.receipt.made) >= 2 * 6  # documents, signatures
    copy = tmp_path / "copy"
    for name in files.list_files(f"{bucket}/corpus"):
        target = copy / name.removeprefix(f"{bucket}/corpus/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read_bytes(name))
    ours, theirs = corpus_bytes(tmp_path / "corpus"), corpus_bytes(copy)
    # Digests of inputs come from the bucket's own checksums there, so part ids differ.
    assert {k: v for k, v in ours.items() if k.startswith("shards/")} == {
        k: v for k, v in theirs.items() if k.startswith("shards/")
    }
    assert build(load_config(str(remote))).redone == 0
    assert result.snapshot_id == (copy / "CURRENT").read_text().strip()


DEDUP = "[dedup]\nclustering = 'stars'\ncheck = 'jaccard'\npartitions = 3\n"
REPEATS = "[dedup.repeats]\nweb = 'lines'\nmax_documents = 2\n"


def test_duplicates_and_repeats_are_the_same_in_a_bucket(bucket, tmp_path):
    footer = "Subscribe to our weekly newsletter and never miss another story."
    texts = [article(str(n)) for n in range(4)]
    texts += [texts[0], f"{texts[1]}\n\nA tail of its own."]
    rows = [json.dumps({"id": str(n), "text": f"{text}\n{footer}"}) + "\n" for n, text in enumerate(texts)]
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "ready-0.jsonl").write_text("".join(rows))
    path = write_config(tmp_path, tmp_path / "corpus")
    sources = '[[sources]]\nname = "ready"\npaths = ["dumps/ready-*.jsonl"]\n'
    path.write_text(path.read_text().split("[[sources]]")[0] + DEDUP + REPEATS + sources)
    config = load_config(str(path))
    here = build(config)
    there = build(config.model_copy(update={"output": f"{bucket}/corpus"}))
    assert here.snapshot_id == there.snapshot_id
    assert here.totals["sources"]["ready"]["repeats_by_domain"]["web"]["spans"] == 3
    for top in ("clusters", "repeats"):
        ours = {str(p.relative_to(tmp_path / "corpus")): p for p in (tmp_path / "corpus" / top).rglob("*")}
        ours = {name: p.read_bytes() for name, p in ours.items() if p.is_file()}
        root = f"{bucket}/corpus/"
        assert ours == {n.removeprefix(root): files.read_bytes(n) for n in files.list_files(root + top)}
