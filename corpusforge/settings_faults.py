"""What is wrong with a setting, in a line that says what to write: of a configuration or a recipe."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

_EXAMPLES = {
    "name": 'name = "first-try"',
    "budget_tokens": "budget_tokens = 1_000_000",
    "sequence_length": "sequence_length = 4096",
    "output": 'output = "corpus"',
    "sources.name": 'name = "web"',
    "sources.paths": 'paths = ["dumps"]',
    "steps.function": 'function = "own_module:shorten"',
    "sources": '[[sources]] with name = "web" and paths = ["dumps"] under it',
}
"""What a key that a configuration must have may look like."""
_NAME = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_NUMBERS = {"int": "a whole number", "float": "a number"}


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    """Yield one line for each fault of the settings that a model checked: `key: what is wrong`."""
    faults = error.errors()
    places = [fault["loc"] for fault in faults]
    for fault in faults:
        place = fault["loc"]
        # a list with a faulty entry is reported twice: the entry's own line says it
        if not any(other != place and other[: len(place)] == place for other in places):
            yield _line(fault, model)


def _line(fault: Any, model: type[BaseModel]) -> str:
    """Return one line for a pydantic fault: `label.math_treshold: unknown key; did you mean …`."""
    place = [str(item) for item in fault["loc"] if item != "[key]"]
    key, last = ".".join(place), place[-1] if place else ""
    given: Any = fault.get("input")
    kind = str(fault["type"])
    head = f"{key}: " if key else ""
    if kind == "extra_forbidden":
        return head + _unknown(place, model)
    if kind == "missing":
        return f"{head}missing; write {_EXAMPLES.get(_general(place), f'{last} = …')}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if last.endswith("_sha256") and not given:
        # Nobody gave the pin: what is wrong is the file that it is of.
        return f"{key.removesuffix('_sha256')}: {message}"
    if kind == "string_pattern_mismatch" and _context(fault, "pattern") == _NAME:
        return f"{head}may hold letters, digits and . _ - and begins with a letter or digit{_given(given)}"
    if kind == "string_pattern_mismatch" and _general(place) in _EXAMPLES:
        return f"{head}write it as in {_EXAMPLES[_general(place)]}{_given(given)}"
    if (told := _type_fault(kind, last, given, place)) is not None:
        return head + told
    message = message.removeprefix("Input should be ")
    if kind == "value_error":
        message = message[:1].lower() + message[1:] if not message[:2].isupper() else message
    else:
        message = f"must be {message}" if not message.startswith("String") else message
    return head + message + _near(kind, fault, given) + _given(given)


def _general(place: Sequence[str]) -> str:
    """Return a key without the numbers of entries: `sources.0.name` -> `sources.name`."""
    return ".".join(item for item in place if not item.isdigit())


def _given(given: Any) -> str:
    if isinstance(given, Decimal):
        return f" (given: {given})"
    return "" if isinstance(given, Mapping | list | tuple | BaseModel) else f" (given: {given!r:.80})"


def _type_fault(kind: str, last: str, given: Any, place: Sequence[str]) -> str | None:
    """Return what to write where a value is of another type than it must be."""
    if kind in ("tuple_type", "list_type", "set_type", "frozen_set_type"):
        if _general(place) == "sources":
            return f"must be [[sources]], in two brackets: a table for each source{_given(given)}"
        shown = f"[{json.dumps(given)}]" if isinstance(given, str | int | float) else "[…]"
        return f"must be a list: {last} = {shown}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        if last.isdigit():
            return f"must be a table: [[{place[-2]}]] and its keys under it{_given(given)}"
        written = f'{last} = {{ text = "…" }}' if kind == "dict_type" else f"[{last}] and its keys under it"
        return f"must be a table: {written}{_given(given)}"
    if kind == "string_type":
        shown = json.dumps(str(given)) if isinstance(given, str | int | float) else '"…"'
        return f"must be text in quotes: {shown}" + ("" if last.isdigit() else f"{_given(given)}")
    if kind == "too_short":
        return f"must name one at least: {_EXAMPLES.get(_general(place), f'{last} = […]')}"
    if kind == "decimal_parsing":
        return f"must be a number{_given(given)}"
    for name, what in _NUMBERS.items():
        if kind in (f"{name}_parsing", f"{name}_type", f"{name}_from_float"):
            return f"must be {what}, without quotes{_given(given)}"
    if kind in ("bool_parsing", "bool_type"):
        return f"must be true or false, without quotes{_given(given)}"
    return None


def _context(fault: Any, name: str) -> str:
    context: dict[str, Any] = fault.get("ctx") or {}
    return str(context.get(name, ""))


def _near(kind: str, fault: Any, given: Any) -> str:
    """Return the nearest of the words that may stand there."""
    expected = _context(fault, "expected")
    words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    if kind not in ("enum", "literal_error") or not isinstance(given, str):
        return ""
    near = difflib.get_close_matches(given, words, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _unknown(place: Sequence[str], model: type[BaseModel]) -> str:
    known = sorted(_fields_at(place[:-1], model))
    last = place[-1]
    if len(place) > 1 and last in model.model_fields:
        table = f"[[{place[0]}]]" if place[1].isdigit() else f"[{place[0]}]"
        return f"unknown key; it belongs to no table: write it above the first one, not under {table}"
    near = difflib.get_close_matches(last, known, n=1, cutoff=0.5)
    return (
        f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known keys: {', '.join(known)}"
    )


def _fields_at(place: Sequence[str], model: type[BaseModel]) -> set[str]:
    is_name = False
    for item in place:
        if item.isdigit() or is_name:  # of an entry of a list, or of a table of tables
            is_name = False
            continue
        if item not in model.model_fields:
            return set()
        annotation = model.model_fields[item].annotation
        candidates: list[Any] = [annotation, *get_args(annotation)]
        models = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not models:
            return set()
        is_name = get_origin(annotation) is dict
        model = models[0]
    return set(model.model_fields)
