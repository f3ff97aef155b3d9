"""What the columns of a row say of the origin of its text: signals, none where they say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpusforge.ingest.tables import cells
from corpusforge.ingest.tables.cells import BadValue
from corpusforge.origin_signals import PUBLISHED, REPO_STARS, SAYS_COPY

STARS = ("star_events_count", "max_stars_count", "stargazers_count", "stars_count", "repo_stars", "stars")
IS_COPY = ("is_fork", "fork", "isFork", "repo_is_fork", "is_mirror")
"""Of a repository: whether it is a fork or a mirror."""
COPY_OF = ("forked_from", "mirror_url", "mirror_of")
"""Of what repository or address it is one."""
CREATED = ("repo_created_at", "gha_created_at", "created_at")
"""When a repository was made: a fork is made after what it is a fork of."""
PUBLISHED_ON = ("date_published", "published_at", "publish_date", "published_date", "published_time")
"""When a page was published, which is not when it was fetched."""
ALL = frozenset({*STARS, *IS_COPY, *COPY_OF, *CREATED, *PUBLISHED_ON})
_YES = ("true", "1", "yes")


def origin_signals(values: Mapping[str, Any], repo: str | None, url: str | None) -> dict[str, float]:
    """Return the signals of a row, of the first column of each kind that is not blank.

    A cell that is not what its column is for says nothing: it costs no record.
    """
    signals: dict[str, float] = {}
    if repo:
        if str(_first(values, IS_COPY)).strip().lower() in _YES or _first(values, COPY_OF):
            signals[SAYS_COPY] = 1.0
        if (stars := _number(_first(values, STARS))) is not None:
            signals[REPO_STARS] = float(stars)
    dated = CREATED if repo else PUBLISHED_ON if url else ()
    if (day := _day(_first(values, dated))) is not None:
        signals[PUBLISHED] = float(day)
    return signals


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> object:
    found = (values.get(name) for name in names)
    return next((value for value in found if value is not None and not cells.is_blank(value)), None)


def _number(value: object) -> int | None:
    try:
        return max(0, number) if (number := cells.integer_of("", value)) is not None else None
    except BadValue:
        return None


def _day(value: object) -> int | None:
    """Return a date as YYYYMMDD where it is as exact as a day."""
    try:
        text = (cells.date_of("", value) or "")[:10]
    except BadValue:
        return None
    digits = text.replace("-", "").replace("/", "")
    return (
        int(digits)
        if len(text) == 10 and len(digits) == 8 and digits.isascii() and digits.isdigit()
        else None
    )
