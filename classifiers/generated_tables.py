"""Generated tables: accounts, scores, statistics, timetables and the like."""

from __future__ import annotations

import random
from collections.abc import Callable

CLUBS = (
    "Northport", "Eastham", "Lakeside", "Riverton", "Old Mill", "Granby", "Hillcrest", "Stonebridge",
    "Westlea",
)  # fmt: skip
PEOPLE = (
    "Adams, J.", "Brook, T.", "Cole, M.", "Dunn, R.", "Ellis, K.", "Frost, A.", "Grant, P.", "Hayes, L.",
)  # fmt: skip
REGIONS = ("north", "south", "east", "west", "central", "coast", "upland")
ZH_CLUBS = ("东港队", "西山队", "南湖队", "北城队", "长河队", "青石队")


def _csv_statistics(draw: random.Random) -> str:
    names = [
        "year",
        "population",
        "area",
        "births",
        "deaths",
        "rate",
        "index",
        "total",
        "median",
        "mean",
        "count",
    ]
    columns = draw.sample(names, draw.randint(3, 6))
    sep = draw.choice([",", ",", ";", "\t"])
    rows = [
        sep.join(
            [draw.choice(REGIONS), *(f"{draw.uniform(0, 9999):.{draw.randint(0, 3)}f}" for _ in columns)]
        )
        for _ in range(draw.randint(4, 60))
    ]
    return "\n".join([sep.join(["region", *columns]), *rows])


def _csv_records(draw: random.Random) -> str:
    rows = ["id,name,city,date,amount"]
    for number in range(draw.randint(4, 50)):
        date = f"20{draw.randint(10, 25)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        name = draw.choice(PEOPLE).split(",")[0]
        rows.append(f"{1000 + number},{name},{draw.choice(CLUBS)},{date},{draw.uniform(1, 900):.2f}")
    return "\n".join(rows)


def _score_sheet(draw: random.Random) -> str:
    sign = draw.choice([" - ", "-", ":", "–", " : "])
    clubs = ZH_CLUBS if draw.random() < 0.2 else CLUBS
    lines: list[str] = []
    for _ in range(draw.randint(5, 50)):
        line = f"{draw.choice(clubs)} {draw.randint(0, 6)}{sign}{draw.randint(0, 6)} {draw.choice(clubs)}"
        lines.append(
            line + (f" ({draw.randint(0, 3)}{sign}{draw.randint(0, 3)})" if draw.random() < 0.5 else "")
        )
    return "\n".join([f"Matchday {draw.randint(1, 38)}", *lines])


def _league_table(draw: random.Random) -> str:
    sep = draw.choice([" ", " | ", "\t"])
    head = sep.join(["#", "Team", "P", "W", "D", "L", "F", "A", "Pts"])
    rows = [
        sep.join([str(i), club, *(str(draw.randint(0, 80)) for _ in range(7))])
        for i, club in enumerate(CLUBS, 1)
    ]
    return "\n".join([head, *rows])


def _box_score(draw: random.Random) -> str:
    rows = [
        " ".join([name, *(str(draw.randint(0, 40)) for _ in range(6)), f"{draw.randint(100, 999) / 10:.1f}%"])
        for name in draw.sample(PEOPLE, len(PEOPLE))
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
    lines: list[str] = []
    for _ in range(draw.randint(5, 40)):
        minutes = sorted(draw.sample(range(360, 1380), 5))
        times = " ".join(f"{m // 60:02d}:{m % 60:02d}" for m in minutes)
        lines.append(f"Line {draw.randint(1, 99)} {draw.choice(CLUBS)} {times}")
    return "\n".join(lines)


def _survey(draw: random.Random) -> str:
    lines = [f"Table {draw.randint(1, 30)}: answers by region, weighted (standard error in brackets)"]
    for region in REGIONS:
        cells = "  ".join(f"{draw.uniform(1, 60):.1f} ({draw.uniform(0.1, 3):.2f})" for _ in range(5))
        lines.append(f"{region.title():10s} {cells}  n={draw.randint(90, 2000)}")
    return "\n".join(
        [*lines, f"p < 0.0{draw.randint(1, 5)}; the mean age of those asked was {draw.randint(30, 60)}."]
    )


def _lottery(draw: random.Random) -> str:
    lines: list[str] = []
    for _ in range(draw.randint(5, 40)):
        numbers = " ".join(f"{n:2d}" for n in sorted(draw.sample(range(1, 50), 6)))
        lines.append(
            f"{draw.randint(1, 28)}.{draw.randint(1, 12)}.{draw.randint(2001, 2025)}  {numbers}"
            f"  + {draw.randint(0, 9)}"
        )
    return "\n".join(["Winning numbers of the lottery", *lines])


def _election(draw: random.Random) -> str:
    lines = [
        f"{name}: {draw.randint(900, 90_000):,} votes"
        f" ({draw.uniform(1, 55):.1f}%, {draw.uniform(-9, 9):+.1f})"
        for name in PEOPLE
    ]
    return "\n".join([f"Result of the election in {draw.choice(CLUBS)}", *lines])


TABLES: dict[str, Callable[[random.Random], str]] = {
    "accounts": _accounts,
    "box-score": _box_score,
    "csv": _csv_statistics,
    "csv-records": _csv_records,
    "election": _election,
    "league-table": _league_table,
    "lottery": _lottery,
    "scores": _score_sheet,
    "survey": _survey,
    "timetable": _timetable,
}
"""Writers of tables by the name of their kind."""
