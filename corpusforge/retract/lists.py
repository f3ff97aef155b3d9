"""The list of what is to go from a corpus: its format, and which documents it names.

    # one entry a line; `#` begins a comment at the start of a line or behind a blank
    url:https://example.org/a?b          that page: scheme, user, usual port, fragment, last slash aside
    url:https://example.org/blog/*       all pages below, whole path segments
    host:example.org                     the host and all hosts below it
    repo:owner/name                      a repository, or its URL (https, ssh); `owner/*` all of an owner's
    licence:GPL-3.0-only                 what cannot be had without it: `A AND B`, not `A OR B`
    id:0123456789abcdef0123456789abcdef  a document by its id
    hash:0123456789abcdef0123456789abcdef   a text by its content hash
    where:language = 'xx' and n_bytes < 80  a condition over the docs table, as `open_corpus` takes it

Files may be packed (.gz, .xz); `-` is standard input. A `.jsonl` or `.parquet` holds the columns `kind` and
`value`, or one column that is named as a kind is. What it gives (`Matcher` is in `retract.matching`):

    read_list(path) -> RetractionList      entries in one order, without doubles; ValueError, one line
    Matcher(listed).columns                of the docs table, that its batches must hold
    Matcher(listed).match(batch)           for each row the place of the first entry that names it, else -1
    Matcher.hits, Matcher.unmatched()      how many rows each entry named; the entries that named none
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow
import xxhash

from corpusforge.files import open_input
from corpusforge.filter.rights.licence import licence_key
from corpusforge.filter.rights.list_lines import ListLines
from corpusforge.filter.rights.url_list import entry_key
from corpusforge.parquet import open_parquet
from corpusforge.retract.keys import repo_key, url_keys
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.where import WhereError, parse_where

pa: Any = pyarrow  # ship no types for what is used here

KINDS = ("id", "hash", "url", "host", "repo", "licence", "where")
"""What an entry names, in the order in which entries are told of."""
_HASHED = frozenset({"url", "host", "repo"})
"""Kinds whose values a hashed list does not hold."""
_DIGITS = re.compile(r"[0-9a-f]{32}")
_LINE = re.compile(r"\s*(?P<kind>[\w-]+)\s*:\s*(?P<value>.*?)\s*", re.S)
_COMMENT = re.compile(r"(?:^|\s)#.*", re.S)
_QUOTED_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<comment>(?:^|\s)#.*)", re.S)
BELOW = "/*"
"""What ends an entry of all that lies below: a URL prefix, an owner."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry: what it names, in canonical form."""

    kind: str
    value: str
    """Canonical, or, of a hashed list, 32 hex digits of xxh3-128 over it (`/*` stays behind them)."""
    line: int = field(default=0, compare=False)
    """Where the list has it first; 0 of a list that was kept."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class RetractionList:
    """Entries, each once, in the order of `KINDS` and values: whatever order a file has them in."""

    entries: tuple[Entry, ...]
    is_hashed: bool = False
    """Whether values of URLs, hosts and repositories are hashes of the canonical ones."""

    @property
    def sha256(self) -> str:
        """Over all entries, in order: of the request, not of the bytes of a file."""
        return hashlib.sha256("".join(f"{entry}\n" for entry in self.entries).encode()).hexdigest()

    def hashed(self) -> RetractionList:
        """Return the list with hashes for URLs, hosts and repositories: it names the same documents."""
        if self.is_hashed:
            return self
        return RetractionList(_ordered(map(_hashed, self.entries)), is_hashed=True)


def listed(entries: Iterable[tuple[str, str]], name: str = "list") -> RetractionList:
    """Return the list of (kind, value) pairs. Raises ValueError, one line, for one that is no entry."""
    rows = ((number, kind, value) for number, (kind, value) in enumerate(entries, 1))
    return RetractionList(_ordered(_canonical(rows, f"{name}, entry")))


def listed_again(entries: Iterable[Entry], *, is_hashed: bool) -> RetractionList:
    """Return the list of entries that are canonical already: those that a ledger keeps."""
    return RetractionList(_ordered(entries), is_hashed)


def read_list(path: str) -> RetractionList:
    """Return the list in a file, `-` for standard input.

    Raises ValueError, one clear line of file, line and what to do: no such file, an unknown kind, a value
    that is none of its kind, no entry at all.
    """
    bare = path.lower()
    if bare.endswith(".parquet"):
        rows, where = _parquet_rows(path), f"list {path}, row"
    elif bare.removesuffix(".gz").removesuffix(".xz").endswith((".jsonl", ".ndjson")):
        rows, where = _jsonl_rows(path), f"list {path}, line"
    else:
        rows, where = _text_rows(path), f"list {path}, line"
    entries = _ordered(_canonical(rows, where))
    if not entries:
        raise ValueError(f"list {path}: holds no entry; write one a line, as host:example.org")
    return RetractionList(entries)


def _ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    first: dict[tuple[int, str], Entry] = {}
    for entry in entries:
        first.setdefault((KINDS.index(entry.kind), entry.value), entry)
    return tuple(first[key] for key in sorted(first))


def _lines(path: str) -> ListLines:
    return ListLines(path, sys.stdin.buffer) if path == "-" else ListLines(path)


def _text_rows(path: str) -> Iterator[tuple[int, str, str]]:
    for number, line in _lines(path):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None or found["kind"].lower() not in KINDS:
            raise ValueError(f"list {path}, line {number}: {line.strip()[:100]!r} {_no_kind(line.strip())}")
        kind, value = found["kind"].lower(), found["value"]
        yield number, kind, _without_comment(kind, value)


def _without_comment(kind: str, value: str) -> str:
    if kind != "where":
        return _COMMENT.sub("", value).strip()
    for piece in _QUOTED_OR_COMMENT.finditer(value):
        if piece["comment"] is not None:
            return value[: piece.start()].strip()
    return value


def _no_kind(text: str) -> str:
    kinds = ", ".join(f"{kind}:" for kind in KINDS)
    guess = "url" if "://" in text else "host" if re.fullmatch(r"[\w-]+(\.[\w-]+)+", text) else ""
    hint = f": write {guess}:{text[:60]}" if guess else ""
    return f"begins with no kind ({kinds}){hint}"


def _jsonl_rows(path: str) -> Iterator[tuple[int, str, str]]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"list {path}, line {number}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f"list {path}, line {number}: no JSON object of kind and value")
        yield _of_row(cast("dict[str, Any]", row), f"list {path}, line {number}", number)


def _parquet_rows(path: str) -> Iterator[tuple[int, str, str]]:
    number = 0
    try:
        with open_input(path) as stream:
            file = open_parquet(stream)
            names: list[str] = [name for name in file.schema_arrow.names if name in (*KINDS, "kind", "value")]
            _columns_of(names, f"list {path}")
            for batch in file.iter_batches(columns=names):
                for row in batch.to_pylist():
                    number += 1
                    yield _of_row(row, f"list {path}, row {number}", number)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"list {path}: {getattr(error, 'strerror', None) or error}") from None


def _columns_of(names: Iterable[str], where: str) -> str | None:
    """Return the one column whose name is the kind; None where `kind` and `value` tell."""
    known = set(names)
    if {"kind", "value"} <= known:
        return None
    kinds = [name for name in KINDS if name in known]
    if len(kinds) != 1:
        found = f"has the columns {', '.join(kinds)}" if kinds else "has none of them"
        raise ValueError(
            f"{where}: {found}: an entry is `kind` and `value`, "
            f"or one column named as its kind ({', '.join(KINDS)})"
        )
    return kinds[0]


def _of_row(row: dict[str, Any], where: str, number: int) -> tuple[int, str, str]:
    column = _columns_of(row, where)
    kind, value = (row["kind"], row["value"]) if column is None else (column, row[column])
    if not isinstance(kind, str) or not isinstance(value, str):
        raise ValueError(
            f"{where}: kind and value are texts, not {json.dumps([kind, value], default=str)[:80]}"
        )
    if kind.lower() not in KINDS:
        raise ValueError(f"{where}: unknown kind {kind[:40]!r}; there are: {', '.join(KINDS)}")
    return number, kind.lower(), value.strip()


def _canonical(rows: Iterable[tuple[int, str, str]], where: str) -> Iterator[Entry]:
    """Yield entries of (number, kind, value). Raises ValueError for a value that is none of its kind."""
    urls: list[tuple[int, str]] = []
    for number, kind, value in rows:
        if kind == "url":
            urls.append((number, value))
            continue
        try:
            yield Entry(kind, _CANONICAL[kind](value), number)
        except ValueError as error:
            raise ValueError(f"{where} {number}: {kind}:{value[:100]}: {error}") from None
    below = [value.endswith(BELOW) for _, value in urls]
    plain = [value.removesuffix(BELOW) for _, value in urls]
    hosts, keys = url_keys(pa.array(plain, pa.string()))
    for (number, value), host, key, all_below in zip(
        urls, hosts.to_pylist(), keys.to_pylist(), below, strict=True
    ):
        if entry_key(host) is None or "*" in key:
            raise ValueError(
                f"{where} {number}: url:{value[:100]}: no URL with a host; `/*` at its end takes all below it"
            )
        yield Entry("url", key + BELOW * all_below, number)


def _digits(value: str) -> str:
    if not _DIGITS.fullmatch(value.lower()):
        raise ValueError("not 32 hex digits")
    return value.lower()


def _host(value: str) -> str:
    key = entry_key(value.removeprefix("*.").rstrip("/"))
    if key is None or "/" in key or ":" in key:
        raise ValueError("no host (a name with a dot, no path, no port); a page or path is url:")
    return key


def _repo(value: str) -> str:
    key = repo_key(value)
    if not re.fullmatch(r"[^\s/*]+(?:/[^\s/*]+)*(?:/\*)?", key):
        raise ValueError("no repository: owner/name, owner/* or its URL")
    return key


def _licence(value: str) -> str:
    if not re.fullmatch(r"[\w.+-]+(?: [\w.+-]+)*", value):
        raise ValueError("no SPDX id of one licence")
    return licence_key(value)


def _where(value: str) -> str:
    try:
        parse_where(value, DOCS_SCHEMA)
    except WhereError as error:
        raise ValueError(str(error).removeprefix("where: ")) from None
    return value


_CANONICAL: dict[str, Callable[[str], str]] = {
    "id": _digits, "hash": _digits, "host": _host, "repo": _repo, "licence": _licence, "where": _where,
}  # fmt: skip


def key_hash(key: str) -> str:
    """Return the hash under which a hashed list knows a canonical URL, host or repository: 32 hex digits."""
    return xxhash.xxh3_128_hexdigest(key.encode("utf-8", "surrogatepass"))


def _hashed(entry: Entry) -> Entry:
    if entry.kind not in _HASHED:
        return entry
    key = entry.value.removesuffix(BELOW)
    n_segments = f"{key.count('/')}" if entry.kind == "url" and key != entry.value else ""
    below = BELOW + n_segments if key != entry.value else ""
    return Entry(entry.kind, key_hash(key) + below, entry.line)


def describe(entries: Sequence[Entry], most: int = 3) -> str:
    """Return some entries for a line: the first ones, and how many more."""
    shown = ", ".join(
        f"{entry} (line {entry.line})" if entry.line else str(entry) for entry in entries[:most]
    )
    return shown + (f" and {len(entries) - most:,} more" if len(entries) > most else "")
