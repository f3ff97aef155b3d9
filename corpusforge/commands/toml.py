"""A configuration as TOML that can be read back, each key under its description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel


def to_toml(config: BaseModel) -> str:
    """Return a configuration as TOML: every setting, its description as a comment above it.

    A setting without a value is shown as a comment, for TOML has no null.
    """
    return "\n".join(_table(config, "")).strip("\n") + "\n"


def _table(config: BaseModel, prefix: str) -> Iterator[str]:
    """Yield the lines of one table: its own keys, then its subtables."""
    fields = type(config).model_fields
    values = {name: getattr(config, name) for name in fields}
    told = {name: fields[name].alias or name for name in fields}
    for name, value in values.items():
        if isinstance(value, BaseModel) or _is_tables(value):
            continue
        if fields[name].description:
            yield f"# {fields[name].description}"
        yield f"# {told[name]} is not set" if value is None else f"{told[name]} = {_value(value)}"
    for name, value in values.items():
        place = f"{prefix}{told[name]}"
        if isinstance(value, BaseModel):
            yield from ("", f"[{place}]", *_table(value, f"{place}."))
        elif _is_tables(value):
            for item in value:
                yield from ("", f"[[{place}]]", *_table(item, f"{place}."))


def _is_tables(value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    items = cast("list[object]", value)
    return bool(items) and all(isinstance(item, BaseModel) for item in items)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, Any]", value).items()
        return "{" + ", ".join(f"{_string(str(key))} = {_value(item)}" for key, item in pairs) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        items = cast("list[Any]", sorted(value) if isinstance(value, set | frozenset) else list(value))  # pyright: ignore[reportUnknownArgumentType]
        return "[" + ", ".join(_value(item) for item in items) + "]"
    if isinstance(value, BaseModel):
        return _value(value.model_dump(mode="json", exclude_none=True))
    return _string(str(value))


def _string(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are a subset of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
