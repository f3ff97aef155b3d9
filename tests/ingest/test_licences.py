"""Licences come from the nearest licence file, whatever holds the repository; unknown stays unknown."""

from __future__ import annotations

import shutil

import pyarrow.parquet as pq
import pytest

from corpusforge.ingest.notebooks import read_notebooks
from corpusforge.ingest.repositories.github import read_github
from corpusforge.ingest.repositories.licences import LicenceFiles, is_licence_file, licences_of_text
from tests.ingest.reading import documents, read_all
from tests.ingest.test_archives import tar_of, zip_of
from tests.ingest.test_github import git

MIT = """MIT License

Copyright (c) 2020 Jo

Permission is hereby granted, free of charge, to any person obtaining a copy of this software,
to deal in the Software without restriction, including without limitation the rights to use it,
subject to the following conditions: The above copyright notice and this permission notice
shall be included in all copies or substantial portions of the Software.
"""
BSD_2 = """Redistribution and use in source and binary forms, with or without modification, are permitted:
1. Redistributions of source code must retain the above copyright notice.
2. Redistributions in binary form must reproduce the above copyright notice."""
BSD_3 = (
    BSD_2
    + "\n3. Neither the name of X may be used to endorse or promote products derived from this software."
)
APACHE = "Apache License\nVersion 2.0, January 2004\n\nTERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"
GPL_3 = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n... use the GNU Lesser General Public License instead"
LGPL_3 = "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n... version 3 of the GNU GPL"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (MIT, ["MIT"]), (BSD_2, ["BSD-2-Clause"]), (BSD_3, ["BSD-3-Clause"]), (APACHE, ["Apache-2.0"]),
        (GPL_3, ["GPL-3.0"]), (LGPL_3, ["LGPL-3.0"]), (MIT + APACHE, ["Apache-2.0", "MIT"]),
        ("Attribution-ShareAlike 4.0 International", ["CC-BY-SA-4.0"]),
        ("Creative Commons Attribution 4.0 International", ["CC-BY-4.0"]),
        ("Attribution-NonCommercial-ShareAlike 3.0 Unported", ["CC-BY-NC-SA-3.0"]),
        ("# SPDX-License-Identifier: 0BSD", ["0BSD"]), ("All rights reserved.", []), ("", []),
        ("YEAR: 2026\nCOPYRIGHT HOLDER: dplyr authors", []),
    ],
)  # fmt: skip
def test_texts_are_recognised_or_unknown(text: str, ids: list[str]) -> None:
    assert licences_of_text(text) == ids


def test_names_of_licence_files() -> None:
    yes = "LICENSE license.txt Licence.md COPYING COPYING.LESSER UNLICENSE LICENSE-MIT LICENSE.APACHE MIT-LICENSE.txt"
    no = "license.py LICENSE.json licenses.go relicense.txt src/main.c README.md copyright.png"
    assert all(is_licence_file(f"a/{name}") for name in yes.split())
    assert not any(is_licence_file(name) for name in no.split())


@pytest.mark.parametrize(
    ("files", "expression"),
    [
        ({"LICENSE": MIT}, "MIT"),
        ({"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "Apache-2.0 OR MIT"),
        ({"LICENSE": MIT, "LICENSE.md": MIT}, "MIT"),
        ({"LICENSE": MIT, "COPYING": GPL_3}, "GPL-3.0 AND MIT"),
        ({"COPYING": GPL_3, "COPYING.LESSER": LGPL_3}, "LGPL-3.0"),
        ({"COPYING": "This project is dual-licensed under the Unlicense and MIT licenses.", "LICENSE-MIT": MIT,
          "UNLICENSE": "This is free and unencumbered software released into the public domain."}, "MIT OR Unlicense"),
        ({"LICENSE": "Ask us."}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_licence_files_of_a_folder_together(files: dict[str, str], expression: str | None) -> None:
    licences = LicenceFiles()
    for name, text in files.items():
        licences.add(f"top/{name}", text.encode())
    found = licences.of("top/src/a.py")
    assert (found.expression if found else None) == expression
    assert licences.of("other/a.py") is None


TREE = {
    "src/a.py": "print(1)\n",
    "third_party/zlib/b.c": "int x;\n",
    "third_party/odd/c.c": "int y;\n",
    "LICENSE": MIT,
    "third_party/zlib/LICENSE": BSD_2,
    "third_party/odd/LICENSE": "Ask us.",
}
EXPECTED = {
    "src/a.py": ("MIT", "repository"),
    "third_party/zlib/b.c": ("BSD-2-Clause", "repository"),
    "third_party/odd/c.c": (None, None),
}


def check(records) -> None:
    found = {document.path: (document.licence, document.licence_source) for document in documents(records)}
    assert {path: found[path] for path in EXPECTED} == EXPECTED


@pytest.mark.parametrize(("pack", "suffix"), [(tar_of, "tar"), (zip_of, "zip")])
def test_an_archive_with_its_licence_at_the_end(tmp_path, pack, suffix) -> None:
    path = tmp_path / f"tool-0a1b2c3.{suffix}"
    path.write_bytes(pack({f"tool-0a1b2c3/{name}": text.encode() for name, text in TREE.items()}))
    check(read_all(read_github, path))


@pytest.mark.parametrize("kind", ["folder", "git"])
def test_a_folder_and_a_repository(tmp_path, kind: str) -> None:
    if kind == "git" and shutil.which("git") is None:
        pytest.skip("needs the git command")
    for name, text in TREE.items():
        (tmp_path / "tool" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tool" / name).write_text(text)
    if kind == "git":
        git(tmp_path / "tool", "init", "-q")
        git(tmp_path / "tool", "add", "-A")
        git(tmp_path / "tool", "commit", "-q", "-m", "one")
    check(read_all(read_github, tmp_path / "tool"))


def test_notebooks_of_a_collection_stand_under_their_own_repository(tmp_path) -> None:
    path = tmp_path / "n.tar"
    files = {"o/a/x.ipynb": "{}", "o/a/LICENSE": MIT, "o/b/x.ipynb": "{}"}
    path.write_bytes(tar_of({name: text.encode() for name, text in files.items()}))
    found = {document.repo: document.licence for document in documents(read_all(read_notebooks, path))}
    assert found == {"o/a": "MIT", "o/b": None}


def test_the_recogniser_agrees_with_the_dump_on_real_licence_files(shared_data) -> None:
    agreed = known = 0
    for path in sorted((shared_data / "github" / "stackv2_style").glob("*.parquet")):
        for row in pq.read_table(path, columns=["path", "content", "detected_licenses"]).to_pylist():
            stated = set(row["detected_licenses"] or ()) - {"other"}
            if is_licence_file(row["path"].lstrip("/")) and "/" not in row["path"].lstrip("/") and stated:
                ids = licences_of_text((row["content"] or b"").decode("utf-8", "replace"))
                known += 1
                agreed += bool(stated & set(ids))
    assert known > 0
    print(f"{agreed} of {known} root licence files")
    assert agreed / known > 0.94
