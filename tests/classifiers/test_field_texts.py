"""Texts of applied fields out of packages, and fields left out whole."""

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from corpusforge_classifiers.collect import Collection, Input, collect
from corpusforge_classifiers.field_texts import field_rows, plain_of_rst
from corpusforge_classifiers.rows import Row, source_folds
from tests.classifiers.test_language_corpus import debian

LONG = "The pump raises the head of the fluid, and its power follows from the flow. " * 8
PAGE = f"<html><head><title>no</title></head><body><p>{LONG}</p><p>Second \\(x=1\\)</p></body></html>"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    archive = io.BytesIO()
    notebook = {
        "cells": [{"cell_type": "markdown", "source": [LONG]}, {"cell_type": "code", "source": ["x"]}]
    }
    with tarfile.open(fileobj=archive, mode="w:gz") as written:
        for name, text in {
            "pumps-1/docs/a.rst": f"{LONG}\n:math:`Q=Av` holds.",
            "pumps-1/docs/b.ipynb": json.dumps(notebook),
            "pumps-1/pumps.egg-info/SOURCES.txt": LONG,
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            written.addfile(member, io.BytesIO(text.encode()))
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as written:
        written.writestr("bonds/price.py", f'"""{LONG}"""\n\ndef f():\n    """Short."""\n')
        written.writestr("bonds/tests/test_price.py", f'"""{LONG}"""\n')
    files = {
        "pumps-1.tar.gz": ("source engineering", archive.getvalue()),
        "bonds-2-py3-none-any.whl": ("docstrings finance", wheel.getvalue()),
        "guide_1_all.deb": (
            "pages finance",
            debian({"./doc/guide-en/a.html": PAGE.encode(), "./doc/guide-de/a.html": PAGE.encode()}),
        ),
    }
    listed = ""
    for name, (kind, data) in files.items():
        (tmp_path / name).write_bytes(data)
        listed += (
            f'[[group]]\nkind = "{kind}"\nlicence = "MIT"\n[group.files]\n'
            f'"{name}" = "{hashlib.sha256(data).hexdigest()}"\n'
        )
    (tmp_path / "fields.toml").write_text(listed)
    return tmp_path


def test_documents_docstrings_and_pages_become_rows_that_are_not_mathematics(packages: Path) -> None:
    rows = list(field_rows(packages / "fields.toml", packages))
    assert [(row.source, row.doc_id) for row in rows] == [
        ("engineering: pumps", "pumps-1/docs/a.rst"),
        ("engineering: pumps", "pumps-1/docs/b.ipynb"),
        ("finance: bonds", "bonds/price.py"),
        ("finance: guide", "./doc/guide-en/a.html"),
    ]
    assert not any(row.is_positive for row in rows)
    assert "$Q=Av$ holds." in rows[0].text and rows[1].text == LONG
    assert rows[3].text.endswith("\n\nSecond \\(x=1\\)\n") and "no" not in rows[3].text.split()


def test_a_changed_package_and_a_missing_folder_are_named(packages: Path) -> None:
    (packages / "pumps-1.tar.gz").write_bytes(b"other")
    with pytest.raises(ValueError, match=r"pumps-1\.tar\.gz: not the pinned bytes"):
        list(field_rows(packages / "fields.toml", packages))
    collection = Collection(
        positive="math", licences=("MIT",), inputs=(Input(path="fields.toml", packages=True),)
    )
    with pytest.raises(FileNotFoundError, match="--packages"):
        collect(collection, packages)


def test_formulas_of_restructured_text_stand_between_dollar_signs() -> None:
    text = (
        "See :func:`~pumps.head`.\n\n.. math::\n\n    P = \\rho g\n    Q H\n\nWhere :math:`Q` is ``flow``.\n"
    )
    assert plain_of_rst(text) == "See pumps.head.\n\n$$P = \\rho g Q H$$\n\nWhere $Q$ is `flow`.\n"


def test_a_field_is_left_out_whole() -> None:
    sources = ["finance: a"] * 3 + ["finance: b"] * 2 + ["one"] * 4 + ["two"] * 4 + ["three"]
    rows = [Row(str(i), False, source, "MIT") for i, source in enumerate(sources)]
    folds = source_folds(rows, 3)
    assert sum(any(source.startswith("finance") for source in fold) for fold in folds) == 1
    assert {source for fold in folds for source in fold} == set(sources)
