"""Cells of tables as values of a document: one that cannot be converted costs its row, told by column.

Arrow converts whole columns or fails; where it fails each cell is converted by itself.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import pyarrow

from corpusforge.document import name_text, well_formed

_arrow = cast(Any, pyarrow)
_UNCONVERTIBLE: tuple[type[Exception], ...] = (
    *(_arrow.ArrowException, ValueError, OverflowError, LookupError, TypeError),
    AttributeError,  # of a scalar without the accessor that its type should have
)
_STRUCTS: tuple[type, ...] = (_arrow.StructScalar,)
_MAPS: tuple[type, ...] = (_arrow.MapScalar,)
_LISTS: tuple[type, ...] = (
    *(_arrow.ListScalar, _arrow.LargeListScalar, _arrow.FixedSizeListScalar),
    *(_arrow.ListViewScalar, _arrow.LargeListViewScalar),
)
_TEXTS: tuple[type, ...] = (_arrow.StringScalar, _arrow.LargeStringScalar, _arrow.StringViewScalar)
_SHOWN_CHARS = 80
_LICENCE_KEYS = ("spdx_id", "spdx", "identifier", "key", "license", "name", "id")
_QUOTED = re.compile(r"""(["'])(.*?)\1""")
_MAX_TEXT_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_EPOCH_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))
"""Below which magnitude a number of time since 1970 counts in seconds, milli-, micro-, nanoseconds: each
unit from 1973 to the year 5138."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that Arrow holds and Python has no value for."""

    shown: str
    why: str

    def __repr__(self) -> str:
        return f"{self.shown} ({self.why})"


class BadValue(ValueError):
    """A cell that is not what its column is for; the message names column and value."""

    def __init__(self, column: str, value: object, expected: str) -> None:
        super().__init__(f"column {column}: expected {expected}, got {shown(value)}")
        self.column, self.value, self.expected = column, value, expected


def column_values(column: Any) -> list[Any]:
    """Return an Arrow array as Python values: text that is no UTF-8 as bytes, what has none as `BadCell`."""
    try:
        column = _in_microseconds(column)
        return cast("list[Any]", column.to_pylist())
    except _UNCONVERTIBLE:
        return [_cell(scalar) for scalar in column]


def _in_microseconds(column: Any) -> Any:
    """Return times as Python can hold them: cut to microseconds, in UTC where they have a zone."""
    kind = column.type
    if _arrow.types.is_timestamp(kind):
        zone = "UTC" if kind.tz else None
        if kind.tz:
            column = column.cast(_arrow.timestamp(kind.unit, zone))
        if kind.unit == "ns":
            column = column.cast(_arrow.timestamp("us", zone), safe=False)
    return column


def _cell(scalar: Any) -> Any:
    if not scalar.is_valid:
        return None
    if isinstance(scalar, _arrow.DictionaryScalar):
        return _cell(scalar.value)
    if isinstance(scalar, _STRUCTS):
        return {name: _cell(scalar[name]) for name in scalar}
    if isinstance(scalar, _LISTS) and not isinstance(scalar, _MAPS):
        return [_cell(item) for item in scalar]
    try:
        if isinstance(scalar, _TEXTS):
            return _text_or_bytes(scalar.as_buffer().to_pybytes())
        return scalar.as_py()
    except _UNCONVERTIBLE as error:
        return BadCell(_raw(scalar), _first_line(error))


def _text_or_bytes(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _raw(scalar: Any) -> str:
    """Return what a cell holds that has no value in Python: its number and type."""
    try:
        return f"{scalar.value} of type {scalar.type}"
    except _UNCONVERTIBLE:
        return f"a value of type {scalar.type}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:_SHOWN_CHARS]


class _Shown(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlist, self.maxdict = 3, 4, 4
        self.maxstring = self.maxother = self.maxlong = _SHOWN_CHARS


def shown(value: object) -> str:
    """Return a value as a person reads it in one line: printable, cut."""
    text = _Shown().repr(value)
    return well_formed(text if len(text) <= 2 * _SHOWN_CHARS else f"{text[: 2 * _SHOWN_CHARS]}…")


def is_blank(value: object) -> bool:
    """Return whether a cell says nothing: null, NaN, no characters but white space, an empty list."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, str | bytes):
        return not value.strip()
    return isinstance(value, list | dict) and not value


def text_of(column: str, value: object) -> str | None:
    """Return a cell as text without white space around it, None where it is blank; raises `BadValue`.

    Numbers and dates are written out; lists, objects and truth values are no text.
    """
    if is_blank(value):
        return None
    if isinstance(value, str):
        return well_formed(value).strip()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, datetime.date):
        return _iso(value)
    raise BadValue(column, value, "text")


def name_of(column: str, value: object) -> str | None:
    """Return a cell that names a file or repository, in the form of `name_text`; raises `BadValue`."""
    if isinstance(value, str | bytes):
        return name_text(value) if value.strip() else None
    return text_of(column, value)


def date_of(column: str, value: object) -> str | None:
    """Return a cell as an ISO 8601 date, text as it stands; raises `BadValue`.

    A number is a year, YYYYMMDD, or time since 1970 in the unit that its size tells.
    """
    if is_blank(value) or isinstance(value, str | bytes | datetime.date):
        return text_of(column, value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return _date_of_number(float(value))
        except (ValueError, OverflowError, OSError):
            pass
    raise BadValue(column, value, "a date of the years 1 to 9999")


def _date_of_number(number: float) -> str:
    if 1000 <= number <= 9999 and number.is_integer():
        return f"{int(number):04}"
    if 10_000_101 <= number <= 99_991_231 and number.is_integer():
        try:
            return datetime.datetime.strptime(str(int(number)), "%Y%m%d").date().isoformat()
        except ValueError:
            pass  # seconds of 1970 to 1973
    per_s = next(unit for limit, unit in _EPOCH_UNITS if abs(number) <= limit)
    return datetime.datetime.fromtimestamp(number / per_s, datetime.UTC).isoformat()


def _iso(value: datetime.date) -> str:
    """Return a date's own ISO form, whatever class of a library it is of."""
    if isinstance(value, datetime.datetime):
        return datetime.datetime.isoformat(value)
    return value.isoformat()


def integer_of(column: str, value: object) -> int | None:
    """Return a cell as a whole number, None where it is null or blank; raises `BadValue`."""
    if value is None or (isinstance(value, str | bytes) and not value.strip()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return int(value)
    if isinstance(value, str) and _MAX_TEXT_INTEGER.fullmatch(value.strip()):
        return int(value)
    raise BadValue(column, value, "a whole number")


def licences_of(column: str, value: object) -> list[str]:
    """Return the licences that a cell names: text, a list (also as JSON in text), objects of an index.

    Raises `BadValue` for what is none of these: what it means nobody knows.
    """
    if is_blank(value):
        return []
    if isinstance(value, str | bytes):
        text = text_of(column, value) or ""
        return _listed(text) if text[:1] == "[" and text[-1:] == "]" else [text]
    if isinstance(value, list):
        return [name for item in cast("list[object]", value) for name in licences_of(column, item)]
    if isinstance(value, dict):
        named = cast("Mapping[str, object]", value)
        key = next((key for key in _LICENCE_KEYS if not is_blank(named.get(key))), None)
        if key is not None:
            return licences_of(column, named[key])
    raise BadValue(column, cast("object", value), "a licence's name")


def _listed(text: str) -> list[str]:
    """Return the names of a list that lies in text, as JSON or as Python writes it."""
    try:
        names: object = json.loads(text)
    except (ValueError, RecursionError):
        names = [found[2] for found in _QUOTED.finditer(text)]
    found = [item.strip() for item in cast("list[object]", names) if isinstance(item, str) and item.strip()]
    return found or [text]
