"""Labelled rows: read, filtered by licence, put in a fixed order; and generated hard negatives."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xxhash

from corpusforge.text import clean_text


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text and where it comes from."""

    text: str
    is_positive: bool
    source: str
    licence: str
    kind: str = ""
    language: str = ""


def read_rows(paths: Iterable[Path], positive: str) -> Iterator[Row]:
    """Return the rows of JSONL files (.gz, .xz): `text`, `label`, `source`, `licence`, `kind`?, `lang`?."""
    for path in paths:
        with _open(path) as lines:
            for line in lines:
                row = json.loads(line)
                yield Row(
                    text=clean_text(row["text"]),
                    is_positive=row["label"] == positive,
                    source=row["source"],
                    licence=row.get("licence") or "none stated",
                    kind=row.get("kind") or "",
                    language=row.get("lang") or "",
                )


def _open(path: Path) -> io.TextIOWrapper:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")  # type: ignore[return-value]
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")  # type: ignore[return-value]
    return path.open(encoding="utf-8")


def allowed(rows: Iterable[Row], licences: Sequence[str]) -> list[Row]:
    """Return the rows whose licence one of the regular expressions matches from its first character."""
    patterns = [re.compile(pattern) for pattern in licences]
    return [row for row in rows if any(pattern.match(row.licence) for pattern in patterns)]


def shuffled(rows: Iterable[Row], seed: int) -> list[Row]:
    """Return rows in the order of a keyed hash of their text: the same wherever they came from."""
    return sorted(rows, key=lambda row: (xxhash.xxh3_64_intdigest(row.text.encode(), seed), row.text))


def source_folds(rows: Sequence[Row], n_folds: int) -> list[frozenset[str]]:
    """Return groups of sources of about equal size: the largest first, each into the smallest group."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row.source] = sizes.get(row.source, 0) + 1
    folds: list[list[str]] = [[] for _ in range(n_folds)]
    totals = [0] * n_folds
    for source, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        smallest = totals.index(min(totals))
        folds[smallest].append(source)
        totals[smallest] += size
    return [frozenset(fold) for fold in folds if fold]


_CLUBS = (
    "Northport",
    "Eastham",
    "Lakeside",
    "Riverton",
    "Old Mill",
    "Granby",
    "Hillcrest",
    "Stonebridge",
    "Westlea",
)
_PEOPLE = (
    "Adams, J.",
    "Brook, T.",
    "Cole, M.",
    "Dunn, R.",
    "Ellis, K.",
    "Frost, A.",
    "Grant, P.",
    "Hayes, L.",
)
_GOODS = ("Garden chair", "Steel kettle", "Desk lamp", "Wool blanket", "Bread knife", "Rain coat", "Door mat")
_REGIONS = ("north", "south", "east", "west", "central", "coast", "upland")


def _csv_statistics(draw: random.Random) -> str:
    columns = draw.sample(
        ["year", "population", "area", "births", "deaths", "rate", "index", "total", "median"], 5
    )
    rows = [
        ",".join(
            [draw.choice(_REGIONS), *(f"{draw.uniform(0, 9999):.{draw.randint(0, 3)}f}" for _ in columns)]
        )
        for _ in range(draw.randint(8, 60))
    ]
    return "\n".join([",".join(["region", *columns]), *rows])


def _score_sheet(draw: random.Random) -> str:
    sign = draw.choice([" - ", "-", ":", "–"])
    lines = [
        f"{draw.choice(_CLUBS)} {draw.randint(0, 6)}{sign}{draw.randint(0, 6)} {draw.choice(_CLUBS)}"
        + (f" ({draw.randint(0, 3)}{sign}{draw.randint(0, 3)})" if draw.random() < 0.5 else "")
        for _ in range(draw.randint(8, 50))
    ]
    return "\n".join([f"Matchday {draw.randint(1, 38)}", *lines])


def _league_table(draw: random.Random) -> str:
    sep = draw.choice([" ", " | ", "\t"])
    head = sep.join(["#", "Team", "P", "W", "D", "L", "F", "A", "Pts"])
    rows = [
        sep.join([str(i), club, *(str(draw.randint(0, 80)) for _ in range(7))])
        for i, club in enumerate(_CLUBS, 1)
    ]
    return "\n".join([head, *rows])


def _price_list(draw: random.Random) -> str:
    currency = draw.choice("$€£")
    lines = []
    for _ in range(draw.randint(8, 40)):
        price = draw.uniform(2, 400)
        saved = (
            f" was {currency}{price * 1.25:.2f}, save {draw.randint(5, 60)}%" if draw.random() < 0.5 else ""
        )
        lines.append(f"{draw.choice(_GOODS)} {currency}{price:.2f}{saved} x {draw.randint(1, 9)}")
    return "\n".join(lines)


def _shell_page(draw: random.Random) -> str:
    names = ["PATH", "HOME", "PREFIX", "TMPDIR", "USER", "LANG", "BUILD"]
    lines = ["#!/bin/sh"]
    for _ in range(draw.randint(8, 40)):
        a, b = draw.sample(names, 2)
        lines.append(
            draw.choice([f'export {a}="${b}/bin:${a}"', f"echo ${a} > ${b}/log.{draw.randint(1, 99)}",
                         f'if [ "${a}" = "${b}" ]; then exit {draw.randint(0, 3)}; fi',
                         f"Set ${a} to the folder of ${b}, then run make -j{draw.randint(2, 16)}."])
        )  # fmt: skip
    return "\n".join(lines)


def _box_score(draw: random.Random) -> str:
    rows = [
        " ".join([name, *(str(draw.randint(0, 40)) for _ in range(6)), f"{draw.randint(100, 999) / 10:.1f}%"])
        for name in draw.sample(_PEOPLE, len(_PEOPLE))
    ]
    return "\n".join(["Player MIN FGM FGA REB AST PTS FG%", *rows])


def _accounts(draw: random.Random) -> str:
    names = ["Revenue", "Cost of sales", "Gross profit", "Operating expenses", "Net income", "Total equity"]
    lines = [f"Consolidated accounts {draw.randint(1998, 2024)} (in thousands)"]
    for name in names * draw.randint(1, 3):
        a, b = draw.randint(100, 90_000), draw.randint(100, 90_000)
        lines.append(f"{name}  {a:,}  ({b:,})  {100 * (a - b) / b:+.1f} %")
    return "\n".join(lines)


def _timetable(draw: random.Random) -> str:
    lines = []
    for _ in range(draw.randint(8, 40)):
        minutes = sorted(draw.sample(range(360, 1380), 5))
        times = " ".join(f"{m // 60:02d}:{m % 60:02d}" for m in minutes)
        lines.append(f"Line {draw.randint(1, 99)} {draw.choice(_CLUBS)} {times}")
    return "\n".join(lines)


HARD_NEGATIVES: dict[str, Callable[[random.Random], str]] = {
    "generated-accounts": _accounts,
    "generated-box-score": _box_score,
    "generated-csv": _csv_statistics,
    "generated-league-table": _league_table,
    "generated-prices": _price_list,
    "generated-scores": _score_sheet,
    "generated-shell": _shell_page,
    "generated-timetable": _timetable,
}
"""Texts full of digits and signs that are not mathematics, by the name of their kind."""


def hard_negatives(n_each: int, seed: int) -> list[Row]:
    """Return `n_each` generated documents of each kind; the same for the same seed."""
    rows = []
    for kind, write in HARD_NEGATIVES.items():
        draw = random.Random(f"{seed}/{kind}")
        rows += [Row(write(draw), False, kind, "CC0-1.0", kind) for _ in range(n_each)]
    return rows
