"""What a page of documents asks for: from an address, to an address, and as a mask over columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyarrow
import pyarrow.compute

from corpusforge.domains import SUBSETS
from corpusforge.view.errors import BadRequest

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

TEXTS = ("language", "source", "host", "repo", "licence", "programming_language")
"""Columns that are compared with a text; `*` in it stands for anything."""
NUMBERS = ("math_score", "scaffold_score", "language_score", "n_bytes", "length")
"""Columns that are bounded: `math_score_min`, `math_score_max`."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number; None is no bound. A document without the number is outside."""

    low: float | None = None
    high: float | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A filter over documents; what is empty asks for nothing."""

    domain: str = ""
    subset: str = ""
    language: str = ""
    source: str = ""
    host: str = ""
    repo: str = ""
    licence: str = ""
    programming_language: str = ""
    year: str = ""
    words: str = ""
    """All of them stand in the title or the text, in any case; what is within "…" stands there as it is."""
    math_score: Range = Range()
    scaffold_score: Range = Range()
    language_score: Range = Range()
    n_bytes: Range = Range()
    length: Range = Range()
    signal: str = ""
    signal_value: Range = Range()

    @property
    def is_of_shards(self) -> bool:
        """Whether the index alone tells what matches."""
        return all(
            not getattr(self, each.name) for each in fields(self) if each.name not in ("domain", "subset")
        )

    @property
    def columns(self) -> list[str]:
        """Columns that a document is judged by, but its text."""
        names = [name for name in (*TEXTS, *NUMBERS) if getattr(self, name)]
        names += ["date"] if self.year else []
        names += ["signals"] if self.signal else []
        return names + (["title"] if self.wanted_words else [])

    @property
    def wanted_words(self) -> list[str]:
        """Words and phrases that are looked for."""
        return [phrase or word for phrase, word in _WORDS.findall(self.words)]

    def pairs(self) -> list[tuple[str, str]]:
        """Return the query as the pairs of an address."""
        found: list[tuple[str, str]] = []
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Range):
                name = "signal" if each.name == "signal_value" else each.name
                bounds = (("min", value.low), ("max", value.high))
                found += [(f"{name}_{end}", f"{bound:g}") for end, bound in bounds if bound is not None]
            elif value:
                found.append((each.name, value))
        return found

    def address(self, **more: object) -> str:
        """Return the query as an address behind `?`, and more pairs."""
        return urlencode([*self.pairs(), *((name, str(value)) for name, value in more.items())])

    def can_match(self, bounds: Any) -> bool:
        """Return whether a row group may hold a match; `bounds(column)`: its least and largest value."""
        for name in self.columns:
            value = getattr(self, name, None)
            if isinstance(value, str) and value and "*" not in value and (found := bounds(name)) is not None:
                if not found[0] <= value <= found[1]:
                    return False
            elif isinstance(value, Range) and (found := bounds(name)) is not None:
                if value.low is not None and _figure(found[1]) < value.low - _SLACK:
                    return False
                if value.high is not None and _figure(found[0]) > value.high + _SLACK:
                    return False
        return True

    def mask(self, columns: Mapping[str, Any]) -> Any:
        """Return which rows match, text left aside, as a numpy array of booleans; None where all do."""
        masks: list[Any] = []
        for name in TEXTS:
            if value := getattr(self, name):
                masks.append(_text_mask(columns[name], value))
        for name in NUMBERS:
            if value := getattr(self, name):
                masks.append(_range_mask(columns[name], value))
        if self.year:
            masks.append(pc.starts_with(columns["date"], pattern=self.year))
        if self.signal:
            found = pc.map_lookup(columns["signals"], query_key=pa.scalar(self.signal), occurrence="first")
            masks.append(_range_mask(found, self.signal_value or Range(-math.inf)))
        if not masks:
            return None
        both = [np.asarray(pc.fill_null(mask, False)) for mask in masks]
        return np.logical_and.reduce(both)

    def word_mask(self, titles: Any, texts: Any) -> Any:
        """Return which rows hold all the words, in title or text."""
        masks = [
            np.asarray(pc.fill_null(_holds(titles, word), False)) | np.asarray(_holds(texts, word))
            for word in self.wanted_words
        ]
        return np.logical_and.reduce(masks)


_WORDS = re.compile(r'"([^"]+)"|([^\s"]+)')
_YEAR = re.compile(r"[0-9]{1,4}(-[0-9]{2}){0,2}")
_SLACK = 1e-6
"""A score is a float32, a bound a float64."""


def _figure(value: Any) -> float:
    return float(value)


def _text_mask(column: Any, value: str) -> Any:
    if "*" not in value:
        return pc.equal(column, value)
    pattern = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return pc.match_like(column, pattern)


def _range_mask(column: Any, bounds: Range) -> Any:
    masks: list[Any] = []
    if bounds.low is not None:
        masks.append(pc.greater_equal(pc.cast(column, pa.float64()), bounds.low - _SLACK))
    if bounds.high is not None:
        masks.append(pc.less_equal(pc.cast(column, pa.float64()), bounds.high + _SLACK))
    return masks[0] if len(masks) == 1 else pc.and_(*masks)


def _holds(column: Any, word: str) -> Any:
    return pc.match_substring(column, word, ignore_case=True)


def query_of(parameters: Mapping[str, str]) -> Query:
    """Return the query of an address.

    Raises BadRequest, in a line that names the parameter, where a bound is no number or none can hold to
    both, where there is no such domain or subset, and where a year is none.
    """
    values: dict[str, Any] = {}
    for each in fields(Query):
        if each.name == "signal_value":
            values[each.name] = _range_of(parameters, "signal")
        elif each.name in NUMBERS:
            values[each.name] = _range_of(parameters, each.name)
        else:
            values[each.name] = parameters.get(each.name, "").strip()
    _among("domain", values["domain"], [domain.value for domain in SUBSETS])
    _among(
        "subset", values["subset"], list(dict.fromkeys(name for names in SUBSETS.values() for name in names))
    )
    if values["year"] and not _YEAR.fullmatch(values["year"]):
        raise BadRequest(f"year: {values['year'][:40]!r} is none, as 2024 or 2024-05 is")
    if values["signal_value"] and not values["signal"]:
        raise BadRequest("signal_min, signal_max: name the signal that they bound")
    return Query(**values)


def _among(name: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        raise BadRequest(f"{name}: {value[:40]!r} is none of {', '.join(known)}")


def _range_of(parameters: Mapping[str, str], name: str) -> Range:
    found = Range(_number(parameters, f"{name}_min"), _number(parameters, f"{name}_max"))
    if found.low is not None and found.high is not None and found.low > found.high:
        raise BadRequest(f"{name}_min: {found.low:g} is above {name}_max, {found.high:g}")
    return found


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    given = parameters.get(name, "").strip()
    if not given:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadRequest(f"{name}: {given!r} is no number")
    return value
