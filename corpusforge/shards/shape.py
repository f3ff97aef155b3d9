"""A JSON value against a JSON schema, standard library only: the reader checks with it on training nodes.

The keywords that the schemas of this project use, read as JSON Schema 2020-12 does, but for one:
an integer is a whole number written as one, never `1.0` and never a boolean. A keyword that is not
known here is a fault of the schema, not passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

Schema = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_WORDS = frozenset({"description", "title", "$schema", "$comment", "$defs", "default"})
"""Keywords that are for a person, or hold what others refer to."""
_SHOWN_CHARS = 80


def shape_fault(value: object, schema: Schema) -> str | None:
    """Return the first place where a value is not as its schema says, with what is there; None if it is.

    >>> shape_fault({"rows": [{"n": True}]}, {"properties": {"rows": {"items": {"properties":
    ...     {"n": {"type": "integer"}}}}}})
    'rows.0.n: expected integer, found true'
    """
    return _fault(value, schema, schema.get("$defs", {}), "")


def _fault(value: object, schema: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    for keyword, wanted in schema.items():
        if keyword in _WORDS or keyword == "required":
            continue
        if found := _CHECKS[keyword](value, wanted, schema, defs, place):
            return found
    return None


Check = Callable[[object, Any, Schema, Mapping[str, Schema], str], str | None]


def _ref(value: object, wanted: str, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    return _fault(value, defs[wanted.removeprefix("#/$defs/")], defs, place)


def _type(value: object, wanted: Any, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    names = cast("list[str]", wanted if isinstance(wanted, list) else [wanted])
    if any(_TYPES[name](value) for name in names):
        return None
    return _said(place, f"expected {' or '.join(names)}", value)


def _const(value: object, wanted: Any, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    is_equal = type(value) is type(wanted) and value == wanted
    return None if is_equal else _said(place, f"expected {_shown(wanted)}", value)


def _enum(value: object, wanted: Any, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    if any(type(value) is type(one) and value == one for one in wanted):
        return None
    return _said(place, f"expected one of {', '.join(map(_shown, wanted))}", value)


def _pattern(value: object, wanted: str, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    if not isinstance(value, str) or _expression(wanted).search(value):
        return None
    return _said(place, f"expected text like {wanted}", value)


@lru_cache
def _expression(pattern: str) -> re.Pattern[str]:
    # `$` of JSON Schema is the end of the text; Python's stands before a last line feed too.
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


def _minimum(value: object, wanted: int, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    is_less = isinstance(value, int) and value < wanted
    return _said(place, f"expected at least {wanted}", value) if is_less else None


def _maximum(value: object, wanted: int, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    is_more = isinstance(value, int) and value > wanted
    return _said(place, f"expected at most {wanted}", value) if is_more else None


def _properties(
    value: object, wanted: Any, schema: Schema, defs: Mapping[str, Schema], place: str
) -> str | None:
    if not isinstance(value, dict):
        return None
    known = cast("dict[str, object]", value)
    missing = [name for name in schema.get("required", ()) if name not in known]
    if missing:
        return _placed(place, f"the key {_shown(missing[0])} is missing")
    for name, entry in wanted.items():
        if name in known and (found := _fault(known[name], entry, defs, _within(place, name))):
            return found
    return None


def _others(value: object, wanted: Any, schema: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    """`additionalProperties`: a schema for the keys that are not named, or False for none."""
    if not isinstance(value, dict):
        return None
    for name, entry in cast("dict[str, object]", value).items():
        if name in schema.get("properties", {}):
            continue
        if wanted is False:
            return _placed(place, f"the key {_shown(name)} is not known")
        if found := _fault(entry, wanted, defs, _within(place, name)):
            return found
    return None


def _items(value: object, wanted: Schema, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    if not isinstance(value, list):
        return None
    for number, entry in enumerate(cast("list[object]", value)):
        if found := _fault(entry, wanted, defs, _within(place, str(number))):
            return found
    return None


def _min_items(value: object, wanted: int, _: Schema, defs: Mapping[str, Schema], place: str) -> str | None:
    if not isinstance(value, list) or len(entries := cast("list[object]", value)) >= wanted:
        return None
    return _placed(place, f"expected at least {wanted} entries, found {len(entries)}")


_CHECKS: Mapping[str, Check] = {
    "$ref": _ref,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
    "minItems": _min_items,
}


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _said(place: str, wanted: str, value: object) -> str:
    return _placed(place, f"{wanted}, found {_shown(value)}")


def _placed(place: str, words: str) -> str:
    return f"{place}: {words}" if place else words


def _shown(value: object) -> str:
    """Return a value as JSON writes it, in ASCII, its end cut off where it is long."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = ascii(value) if isinstance(value, str) else repr(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
