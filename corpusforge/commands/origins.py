"""What a row's columns say of its origin, for `corpusforge dedup`: a build's figures, by the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from corpusforge.dedup.bands import Rows
from corpusforge.dedup.config import OriginConfig
from corpusforge.dedup.origin import (
    SURROUNDING_GRADES,
    has_surroundings,
    is_other_address,
    known_since,
    origin_of,
    surroundings,
)
from corpusforge.document import SourceKind
from corpusforge.domains import Domain
from corpusforge.ingest.tables import cells, origins
from corpusforge.ingest.tables.columns import FIELDS, METADATA, arranged, first_of
from corpusforge.ingest.tables.rows import kind_of

_FIELDS = ("url", "repo", "path", "date", "source")
COLUMNS = frozenset({*METADATA, *origins.ALL, *(name for field in _FIELDS for name in FIELDS[field])})
"""Columns that tell of a row's origin."""


def told_columns(names: Iterable[str]) -> list[str]:
    """Return the columns of a table that tell of its rows' origins."""
    return [name for name in names if name in COLUMNS]


def add_origins(
    rows: Rows, told: Sequence[Mapping[str, Any]], texts: Sequence[str], config: OriginConfig
) -> None:
    """Write the figures of origin, date and surroundings of signature rows; `told` holds their `COLUMNS`.

    A row that tells nothing keeps what it has; only what has an address is looked at for surroundings.
    """
    pages: list[int] = []
    for place, values in enumerate(told):
        if not values:
            continue
        values = arranged(values)
        url, repo, path, date = (_text(values, field) for field in ("url", "repo", "path", "date"))
        kind = kind_of(SourceKind.GITHUB if repo else SourceKind.JSONL, values)
        signals = origins.origin_signals(values, repo, url)
        rows["origin"][place] = origin_of(kind, signals, config, url=url, repo=repo, path=path)
        rows["date"][place] = known_since(kind, date, signals, url=url, repo=repo)
        if url and has_surroundings(kind, Domain.WEB, repo):
            pages.append(place)
            rows["surroundings"][place] = SURROUNDING_GRADES * is_other_address(url, config)
    if pages:
        rows["surroundings"][np.array(pages)] += surroundings([texts[place] for place in pages])


def _text(values: Mapping[str, Any], field: str) -> str | None:
    column, value = first_of(values, field)
    try:
        return cells.date_of(column, value) if field == "date" else cells.text_of(column, value)
    except cells.BadValue:
        return None
