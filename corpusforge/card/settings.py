"""The section on thresholds: every setting, its value, and the reason that its configuration class states."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from corpusforge.card.pieces import origin, section
from corpusforge.config import BuildConfig
from corpusforge.filter.quality.signals import RULESET_NAMES, read_ruleset
from corpusforge.markdown import cell, code, table
from corpusforge.shards.snapshot import Index

_CHARS = 120
"""Of a value that is shown."""


def settings(index: Index) -> str:
    """Return a table for each table of the configuration: a setting that is no default is marked."""
    config = cast("dict[str, Any]", index.header["config"])
    parts = [
        "Values as this corpus was built, `*` where they are not the default; the reason is what the class "
        "of the configuration states. Paths are pinned by the sha256 of what lies there.\n"
    ]
    parts += _tables(BuildConfig, config, "")
    parts += [_rules(str(config.get("filter", {}).get("quality", "off")))]
    return section(
        "Thresholds",
        "\n".join(parts),
        f"{origin(index, 'config')}; reasons: `corpusforge inspect CONFIG.toml`",
    )


def _tables(model: type[BaseModel], values: Mapping[str, Any], name: str) -> Iterator[str]:
    rows: list[list[str]] = []
    inner: list[tuple[str, type[BaseModel], Mapping[str, Any]]] = []
    for field_name, field in model.model_fields.items():
        told = field.alias or field_name
        if told not in values and field_name not in values:
            continue
        value = values.get(field_name, values.get(told))
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner.append((f"{name}{told}", kind, cast("Mapping[str, Any]", value)))
        else:
            rows.append([code(f"{name}{told}"), _shown(value, field), _reason(field)])
    if rows:
        yield f"### {f'`[{name[:-1]}]`' if name else 'The build'}\n\n{_stated(model)}\n"
        yield table(["setting", "value", "reason"], rows, words=3)
    for prefix, kind, found in inner:
        yield from _tables(kind, found, f"{prefix}.")


def _stated(model: type[BaseModel]) -> str:
    """Return what a class of the configuration says of its values."""
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _shown(value: Any, field: FieldInfo) -> str:
    text = json.dumps(value, ensure_ascii=False)
    given = None if field.is_required() else field.get_default(call_default_factory=True)
    mark = "" if field.is_required() or text == json.dumps(_plain(given), ensure_ascii=False) else " *"
    return code(text if len(text) <= _CHARS else f"{text[:_CHARS]}…") + mark


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [_plain(one) for one in cast("tuple[Any, ...]", value)] if isinstance(value, tuple) else value


def _reason(field: FieldInfo) -> str:
    """Return a description for a cell: its code spans stay, nothing else of it is markup."""
    pieces = " ".join((field.description or "").split()).replace("|", "\\|").split("`")
    return "`".join(piece if place % 2 else piece.replace("<", "&lt;") for place, piece in enumerate(pieces))


def _rules(name: str) -> str:
    """Return the rules of a set as a table: a document of the domains that breaks one is dropped."""
    if name not in RULESET_NAMES or not (rules := read_ruleset(name).rule):
        return f"### Quality rules\n\nThe set {code(name)} has none.\n"
    rows = [
        [
            code(rule.name),
            code(rule.signal),
            "" if rule.min is None else f"{rule.min:g}",
            "" if rule.max is None else f"{rule.max:g}",
            ", ".join(rule.domains),
            cell(rule.why),
        ]
        for rule in rules
    ]
    columns = ["rule", "signal", "at least", "at most", "domains", "reason"]
    return f"### Quality rules: the set `{name}`\n\n" + table(columns, rows, words=6)
