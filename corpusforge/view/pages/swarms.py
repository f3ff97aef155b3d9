"""Swarms: the small mixtures around a recipe, how often each domain is read, and the buckets they read."""

from __future__ import annotations

import csv
import io
import re

from starlette.requests import Request

from corpusforge.files import join, read_bytes
from corpusforge.mixture.swarmfiles import (
    BUCKETS,
    EPOCHS,
    FOLDER,
    PLAN,
    RATIOS,
    Buckets,
    buckets_from_bytes,
    list_swarms,
)
from corpusforge.report.html import ROWS_SHOWN, count, escape, table
from corpusforge.shards.inside import path_inside
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, code, lead, link, path_of, section

_NAME = re.compile(r"[^/\\]{1,200}")


def listed(explorer: Explorer) -> str:
    """Return the part of the page of plans that lists the corpus's swarms; nothing where there are none."""
    rows: list[list[str]] = []
    for name in list_swarms(explorer.corpus):
        try:
            buckets = _read(explorer, name)
            n_runs = len(_table(explorer, name, RATIOS)) - 1
        except (OSError, ValueError) as error:
            rows.append([escape(name), f'<span class="bad">{escape(str(error))}</span>', "", "", "", "", ""])
            continue
        mine = "this one" if buckets.snapshot == explorer.index.snapshot else buckets.snapshot[:8]
        rows.append([
            link(path_of("swarms", name), buckets.name), code(buckets.swarm[:8]), mine, count(n_runs),
            escape(buckets.fraction), escape(str(buckets.settings.get("design", ""))),
            escape(", ".join(buckets.units)),
        ])  # fmt: skip
    columns = ["recipe", "swarm", "of snapshot", "runs", "of the budget", "design", "domains"]
    return section("Swarms", table(columns, rows, words=3), "swarms") if rows else ""


def show_one(explorer: Explorer, request: Request) -> str:
    """Return the runs of a swarm: the share of each domain in what they read, and its epochs."""
    name = str(request.path_params["name"])
    if not _NAME.fullmatch(name) or name not in list_swarms(explorer.corpus):
        raise NotHere(f"{name[:80]}: no swarm in this corpus")
    buckets = _read(explorer, name)
    of_budget = f"{escape(buckets.fraction)} of {count(buckets.budget_tokens)} tokens"
    told = (
        f"Small mixtures around the recipe {escape(buckets.name)}: each run reads {of_budget}, and every "
        "domain as often as a target of the whole budget would. "
        f"Swarm {code(buckets.swarm)} over snapshot {code(buckets.snapshot[:8])}. Its arms are read "
        f"from {code(f'{FOLDER}/{name}/{PLAN}')}."
    )
    body = f"<h1>{escape(buckets.name)}</h1>{lead(told)}{_buckets(buckets)}"
    for file, title in ((RATIOS, "Shares"), (EPOCHS, "Epochs")):
        head, *rows = _table(explorer, name, file)
        shown = [[escape(row[0]), *(f"{float(value):.4f}" for value in row[1:])] for row in rows[:ROWS_SHOWN]]
        more = f"<p>{len(rows) - ROWS_SHOWN} more are in {file}.</p>" if len(rows) > ROWS_SHOWN else ""
        body += section(title, table(["run", *head[1:]], shown) + more, title.lower())
    return explorer.page(buckets.name, body, "/plans")


def _buckets(buckets: Buckets) -> str:
    rows = [
        [
            chip(key), count(bucket.samples), count(bucket.of_samples), count(bucket.tokens),
            count(bucket.of_tokens), code(bucket.sha256[:12]),
        ]
        for key, bucket in buckets.buckets.items()
    ]  # fmt: skip
    columns = ["domain", "samples", "the first of", "tokens", "of", "sha256"]
    return section("What the runs read over", table(columns, rows), "buckets")


def _read(explorer: Explorer, name: str) -> Buckets:
    path = path_inside(explorer.corpus, join(FOLDER, name, BUCKETS))
    return buckets_from_bytes(read_bytes(path), path)


def _table(explorer: Explorer, name: str, file: str) -> list[list[str]]:
    path = path_inside(explorer.corpus, join(FOLDER, name, file))
    return list(csv.reader(io.StringIO(read_bytes(path).decode())))
