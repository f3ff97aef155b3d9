"""Licence situations written by hand: never too permissive, and nearly always right.

Rows of the `second`, `third` and `fourth` set were written before the rules that now read them were known:
docs/measurements.md tells how they were read at first sight.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpusforge.filter.rights.licence import is_allowed, licence_in_header, permissive_licences

SITUATIONS = json.loads((Path(__file__).parent / "data/licence_situations.json").read_text("utf-8"))
_HEADER_CHARS = 2_000


@pytest.mark.parametrize("row", SITUATIONS["headers"], ids=lambda row: row["text"][:50])
def test_a_header_is_never_taken_for_more_permissive_than_it_is(row: dict[str, Any]) -> None:
    found = licence_in_header(row["text"], _HEADER_CHARS)
    if not row["permissive"]:
        assert found is None or not is_allowed(found, permissive_licences())


@pytest.mark.parametrize("name", [None, "second", "third", "fourth"])
def test_at_least_95_of_100_headers_are_read_right(name: str | None) -> None:
    rows = [row for row in SITUATIONS["headers"] if row.get("set") == name]
    wrong = [
        (row["text"], row["licence"], licence_in_header(row["text"], _HEADER_CHARS))
        for row in rows
        if not _same(licence_in_header(row["text"], _HEADER_CHARS), row)
    ]
    assert len(wrong) <= 0.05 * len(rows), wrong


def _same(found: str | None, row: dict[str, Any]) -> bool:
    if found is None or row["licence"] is None:
        return found == row["licence"]
    return sorted(found.split()) == sorted(row["licence"].split())


@pytest.mark.parametrize("row", SITUATIONS["names"], ids=lambda row: row["name"])
def test_names_and_expressions_of_metadata(row: dict[str, Any]) -> None:
    assert is_allowed(row["name"], permissive_licences()) == row["permissive"]
