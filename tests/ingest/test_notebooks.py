"""Notebooks: bytes and provenance delivered, every entry accounted for."""

from __future__ import annotations

import gzip
import json
import tarfile

import pytest

from corpusforge.document import Markup
from corpusforge.ingest.notebooks import read_notebooks, repo_and_path
from tests.ingest.reading import counts, documents, outcomes, read_all
from tests.ingest.test_archives import tar_of, zip_of

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n"
ENTRIES = {
    "owner/name/docs/a.ipynb": NOTEBOOK,
    "owner/name/lfs.ipynb": POINTER,
    "owner/name/cut.ipynb": NOTEBOOK[:20],
    "owner/name/page.IPYNB": b"<!doctype html>",
    "owner/name/latin.ipynb": b'{"cells": ["\xe9"]}',
    "owner/name/empty.ipynb": b"",
    "owner/name/image.ipynb": b"\x89PNG\r\n\x1a\n\0",
    "owner/name/README.md": b"read me",
}


@pytest.mark.parametrize(
    ("pack", "name"), [(tar_of, "n.tar"), (zip_of, "n.zip"), (lambda f: gzip.compress(tar_of(f)), "n.tar.gz")]
)
def test_every_entry_of_an_archive_is_accounted_for(tmp_path, pack, name):
    path = tmp_path / name
    path.write_bytes(pack(ENTRIES))
    records = read_all(read_notebooks, path)
    assert outcomes(records) == ["notebook"] * 5 + ["empty", "binary", "not_content"]
    first = documents(records)[0]
    assert first.markup is Markup.NOTEBOOK and first.raw == NOTEBOOK
    assert (first.repo, first.path) == ("owner/name", "docs/a.ipynb")
    assert first.locator == f"{name}!owner/name/docs/a.ipynb"


@pytest.mark.parametrize("name", ["a.ipynb", "a.ipynb.gz", "unnamed"])
def test_a_single_file_is_one_notebook(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(NOTEBOOK) if name.endswith("gz") else NOTEBOOK)
    (document,) = documents(read_all(read_notebooks, path))
    assert document.raw == NOTEBOOK and document.path == name


@pytest.mark.parametrize("name", ["n.jsonl", "n.jsonl.gz", "rows"])
def test_json_lines_hold_a_notebook_each(tmp_path, name):
    rows = [
        {"repo": "o/r", "path": "a.ipynb", "license": "mit", "content": NOTEBOOK.decode()},
        {"repo": "o/r", "path": "b.ipynb", "content": json.loads(NOTEBOOK)},
        {"repo": "o/r", "path": "c.ipynb", "content": "é", "decoded_as": "latin-1"},
        {"repo": "o/r", "path": "d.ipynb", "content": ""},
        {"repo": "o/r", "path": "e.ipynb"},
        {"repo": "o/\ud800", "path": "\udfff", "content": "\ud800"},
    ]
    text = "\n".join(json.dumps(row) for row in rows) + "\n\n{not json\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    records = read_all(read_notebooks, path)
    assert outcomes(records) == [
        "notebook",
        "notebook",
        "notebook",
        "empty",
        "not_content",
        "notebook",
        "unreadable",
    ]
    first, second, third, fourth = documents(records)
    assert first.raw == NOTEBOOK and first.licence == "MIT" and first.licence_source == "dump"
    assert json.loads(second.raw) == json.loads(NOTEBOOK)
    assert third.raw == b"\xe9"
    assert fourth.path.encode() and fourth.repo.encode() and fourth.raw.decode()
    assert second.locator == f"{name}#line=2&offset={len(json.dumps(rows[0])) + 1}"
    assert records[-1].locator.startswith(f"{name}#line=8&")


def test_a_truncated_archive_keeps_the_notebooks_before_the_cut(tmp_path):
    path = tmp_path / "n.tar"
    path.write_bytes(tar_of({f"o/n/{n}.ipynb": NOTEBOOK for n in range(9)})[:4096])
    assert counts(read_all(read_notebooks, path)) == {"notebook": 3, "unreadable": 1} or counts(
        read_all(read_notebooks, path)
    ) == {"notebook": 4}


def test_repositories_are_told_from_entries():
    assert repo_and_path("owner/name/a/b.ipynb", "n.tar") == ("owner/name", "a/b.ipynb")
    assert repo_and_path("name-0a1b2c3d/a/b.ipynb", "n.tar") == ("name", "a/b.ipynb")
    assert repo_and_path("pypi_ipython==2.4.1/x/b.ipynb", "n.tar") == (None, "pypi_ipython==2.4.1/x/b.ipynb")


def test_every_real_notebook_is_accounted_for(shared_data):
    path = shared_data / "notebooks" / "notebooks.tar.gz"
    with tarfile.open(path) as archive:
        names = [member.name for member in archive if member.isfile()]
    records = read_all(read_notebooks, path)
    assert [record.locator.partition("!")[2] for record in records] == names
    assert set(counts(records)) <= {"notebook", "empty", "binary", "not_content"}
    assert counts(records)["notebook"] > 0.99 * len(names)
