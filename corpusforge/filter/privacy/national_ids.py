"""National identity numbers and IBANs in a text: a shape, a check digit, and a word nearby if need be.

The text is drawn as its shape, `CPF 529.982.247-25` -> `AAA 999.999.999-99`, in one pass; the shapes
of `filter/privacy/national_ids.toml` are then plain searches, and only what they find is checked.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, cast

from corpusforge import lazy_re as re
from corpusforge.filter.privacy.checksums import CHECKS, passes_iban

_BEFORE_CHARS = 60
_SHAPE_OF = bytes.maketrans(
    (string.digits + string.ascii_uppercase + string.ascii_lowercase).encode(),
    b"9" * 10 + b"A" * 26 + b"a" * 26,
)
_WORD = b"9Aa_"
_COUNTRY_CODE = re.compile(rb"\+9{1,3}[ -]\Z")
_RUN = re.compile(rb"[9Aa_]*")
_IBAN_SHAPE = b"AA99"
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class NationalId:
    """One kind of number."""

    name: str
    shape: bytes
    check: str
    near: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """A number in a text, `[start, end)` in characters; `kind` is `national_id` or `iban`."""

    kind: str
    name: str
    start: int
    end: int


@lru_cache(maxsize=1)
def national_ids() -> tuple[NationalId, ...]:
    """Return the kinds of the packaged table, one a shape, the longest shapes first."""
    text = (resources.files("corpusforge.filter.privacy") / "national_ids.toml").read_text("utf-8")
    rows = [
        NationalId(row["name"], shape.encode(), row["check"], _near(row.get("near", [])))
        for row in cast("list[dict[str, Any]]", tomllib.loads(text)["id"])
        for shape in row["shapes"]
    ]
    return tuple(sorted(rows, key=lambda row: -len(row.shape)))


def _near(words: list[str]) -> re.Pattern[str] | None:
    pattern = "|".join(rf"(?<!\w){re.escape(word)}" for word in words)
    return re.compile(pattern, re.I) if words else None


@lru_cache(maxsize=1)
def shapes() -> tuple[bytes, ...]:
    """Return the shapes of all kinds, each once: what `Scan.shapes` has bits of. The first is an IBAN's."""
    return tuple(dict.fromkeys((_IBAN_SHAPE, *(kind.shape for kind in national_ids()))))


@lru_cache(maxsize=1)
def _kinds_by_bit() -> tuple[tuple[int, NationalId], ...]:
    return tuple((1 << shapes().index(kind.shape), kind) for kind in national_ids())


def find_national_ids(text: str, bits: int = -1) -> list[Found]:
    """Return the numbers of a text in order, none overlaps another; of all shapes, or those of `bits`."""
    if not bits:
        return []
    shape = text.encode("ascii", "replace").translate(_SHAPE_OF)
    found: list[Found] = list(_ibans(text, shape)) if bits & 1 else []
    for bit, kind in _kinds_by_bit():
        if not bits & bit:
            continue
        at = shape.find(kind.shape)
        while at >= 0:
            if at and shape[at - 1] in _WORD:  # within a word or number: nothing begins before its end
                at = shape.find(kind.shape, _end_of_word(shape, at))
                continue
            end = at + len(kind.shape)
            if _stands_alone(shape, at, end) and _is_one(text, at, end, kind):
                found.append(Found("national_id", kind.name, at, end))
            at = shape.find(kind.shape, at + 1)
    return _apart(found)


def _end_of_word(shape: bytes, at: int) -> int:
    found = _RUN.match(shape, at)
    return found.end() if found and found.end() > at else at + 1


def _is_one(text: str, start: int, end: int, kind: NationalId) -> bool:
    if kind.near is not None and not kind.near.search(text, max(0, start - _BEFORE_CHARS), start):
        return False
    return CHECKS[kind.check](text[start:end])


def _ibans(text: str, shape: bytes) -> Iterator[Found]:
    at = shape.find(_IBAN_SHAPE)
    while at >= 0:
        match = _IBAN.match(text, at)
        if match is not None and (end := passes_iban(match[0])):
            if _stands_alone(shape, at, at + end):
                yield Found("iban", "iban", at, at + end)
        at = shape.find(_IBAN_SHAPE, at + 4)


def _stands_alone(shape: bytes, start: int, end: int) -> bool:
    """Return whether no word or number goes on before or behind: `1.2.` before digits is a version."""
    if (start and shape[start - 1] in _WORD) or _COUNTRY_CODE.search(shape, max(0, start - 5), start):
        return False
    if start > 1 and shape[start - 1] in b".-/+," and shape[start - 2] in b"9Aa":
        return False
    if end < len(shape) and shape[end] in _WORD:
        return False
    return not (shape[end : end + 1] in (b".", b"-", b"/", b",") and shape[end + 1 : end + 2] == b"9")


def _apart(found: list[Found]) -> list[Found]:
    """Return what is found in order, of overlapping ones the first and longest."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end, one.name)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
