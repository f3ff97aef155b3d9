"""The rejects and quarantine files of a snapshot's parts."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute

from corpusforge.files import exists, join, list_files, open_input
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.plan import manifest_rows
from corpusforge.shards.snapshot import Index

pc: Any = pyarrow.compute

MAX_DROPS = 20_000
"""Drops that are held and sorted."""
MAX_QUARANTINED = 200
_SECONDS = 0.8
_NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
_FIGURES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<rule>\w+): \w+ (?P<value>{_NUMBER}) is (?:below|above) (?P<bound>{_NUMBER})",
        rf"(?P<value>{_NUMBER}) characters, (?:under|over) (?P<bound>{_NUMBER})",
        rf"(?P<value>{_NUMBER}) bytes > (?P<bound>{_NUMBER})",
        rf"(?P<value>{_NUMBER}) (?:<|>|<=|>=) (?P<bound>{_NUMBER})",
        rf"(?P<value>{_NUMBER}), from (?P<bound>{_NUMBER})",
    )
)
"""How details of drops tell a figure and the bound that it is beyond."""


@dataclass(frozen=True, slots=True)
class Drops:
    """Drops of one reason, those nearest to their bound first."""

    rows: list[dict[str, Any]]
    is_whole: bool
    """Whether these are all that were written out."""
    has_margins: bool
    rules: list[tuple[str, int]]
    """(rule, drops), the most frequent first."""

    def rule_of(self, row: Mapping[str, Any]) -> str:
        """Return which rule decided, empty where the detail names none."""
        return rule_of(str(row["detail"]))


def margin(row: Mapping[str, Any]) -> float | None:
    """Return how far a drop's figure is from its bound, as a share of the larger; None where it tells none.

    >>> margin({"detail": "gopher_word_count: n_words 15 is below 20"})
    0.25
    """
    for figures in _FIGURES:
        if found := figures.search(str(row["detail"])):
            value, bound = float(found["value"].rstrip(".")), float(found["bound"].rstrip("."))
            return abs(value - bound) / max(abs(value), abs(bound), 1e-12)
    return None


def rule_of(detail: str) -> str:
    """Return the name before the colon of a quality rule's detail; empty where there is none."""
    found = _FIGURES[0].match(detail)
    return found["rule"] if found else ""


def read_drops(corpus: str, index: Index, reason: str, source: str) -> Drops:
    """Return drops of a reason, of one source where it is named; as many as time and `MAX_DROPS` allow."""
    end = time.monotonic() + _SECONDS
    rows: list[dict[str, Any]] = []
    is_whole = True
    for path in _paths(corpus, index, source, "rejects.parquet"):
        if len(rows) >= MAX_DROPS or (rows and time.monotonic() > end):
            is_whole = False
            break
        rows += _of_reason(path, reason, MAX_DROPS - len(rows))
    for path in _repeat_paths(corpus) if is_whole and reason == "boilerplate" else ():
        rows += _of_reason(path, reason, MAX_DROPS - len(rows))
    margins = [margin(row) for row in rows]
    order = sorted(range(len(rows)), key=lambda n: (margins[n] is None, margins[n] or 0.0, n))
    rules = Counter(name for row in rows if (name := rule_of(str(row["detail"]))))
    return Drops(
        [rows[n] for n in order],
        is_whole and len(rows) < MAX_DROPS,
        any(one is not None for one in margins),
        sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])),
    )


def _paths(corpus: str, index: Index, source: str, what: str) -> Iterator[str]:
    for entry in manifest_rows(corpus, index.header):
        path = part_path(corpus, str(entry.get("part_id", "")), what)
        if source in ("", entry.get("source")) and exists(path):
            yield path


def _repeat_paths(corpus: str) -> list[str]:
    return sorted(path for path in list_files(join(corpus, "repeats")) if path.endswith(".rejects.parquet"))


def _of_reason(path: str, reason: str, most: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with open_sealed_parquet(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            found = table.filter(pc.equal(table["reason"], reason))
            rows += found.slice(0, most - len(rows)).to_pylist()
            if len(rows) >= most:
                break
    return rows


def read_quarantine(corpus: str, index: Index) -> tuple[list[dict[str, Any]], bool]:
    """Return records in quarantine, and whether these are all."""
    rows: list[dict[str, Any]] = []
    for path in _paths(corpus, index, "", "quarantine.jsonl"):
        with open_input(path) as stream:
            for line in stream:
                if len(rows) == MAX_QUARANTINED:
                    return rows, False
                rows.append(json.loads(line))
    return rows, True
