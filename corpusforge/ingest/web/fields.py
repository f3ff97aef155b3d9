"""The fields of a header, of WARC and of HTTP: a header as most are is searched when a field is asked for.

Any other, with folded lines, blanks around a name or bytes beyond ASCII, is parsed as a whole; both tell
the same. Names are asked for in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar, final, overload

_Default = TypeVar("_Default")
_USUAL = re.compile(rb"(?:\n[!-9;-~]++:[^\n]*+)*+(\n\r{0,2}\n)")
"""Lines that each begin with a name, and the end of the header: none folded, no blank beside a name."""
_USUAL_BYTES = 10 << 10
"""What such a header takes at most; a longer one is read all the same."""


@final
class Fields(Mapping[str, str]):
    """The fields of a usual header by name; of a repeated one the first, or all joined by `, `."""

    __slots__ = ("_joins", "_lower", "_text")

    def __init__(self, text: str, joins: bool) -> None:
        """Keep lines of fields: each begins with a line end."""
        self._text = text
        self._lower = text.lower()
        self._joins = joins

    @overload
    def get(self, key: str, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str, /) -> str: ...
    @overload
    def get(self, key: str, default: _Default, /) -> str | _Default: ...
    def get(self, key: str, default: object = None, /) -> object:
        """Return the value of a field, or a default."""
        sought = f"\n{key}:"
        at = self._lower.find(sought)
        if at < 0:
            return default
        start = at + len(sought)
        end = self._text.find("\n", start)
        if self._joins and end >= 0 and self._lower.find(sought, end) >= 0:
            return self._all()[key]
        return (self._text[start:end] if end >= 0 else self._text[start:]).strip()

    def __contains__(self, name: object) -> bool:
        """Return whether there is a field."""
        return f"\n{name}:" in self._lower

    def __getitem__(self, name: str) -> str:
        """Return the value of a field; raises KeyError."""
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._all())

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._all())

    def _all(self) -> dict[str, str]:
        return all_joined(self._text) if self._joins else all_first(self._text)


def usual_fields(data: bytes, start: int, stop: int, *, joins: bool) -> tuple[Fields, int] | None:
    """Return (fields, where the header ends), None where they are to be parsed as a whole.

    The line end before the first field stands at `start`.
    """
    found = _USUAL.match(data, start, min(stop, start + _USUAL_BYTES))
    if found is None:
        return None
    lines = data[start : found.start(1)]
    return (Fields(lines.decode("ascii"), joins), found.end()) if lines.isascii() else None


def unfolded(text: str) -> str:
    """Return a header with each line that is indented joined to the one before."""
    if "\n " not in text and "\n\t" not in text:
        return text
    joined: list[str] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and joined:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
    return "\n".join(joined)


def all_first(lines: str) -> dict[str, str]:
    """Return the fields of a WARC header's lines, none of them folded; of a repeated field the first."""
    fields = [line.partition(":") for line in reversed(lines.split("\n"))]
    return {name.strip().lower(): value.strip() for name, colon, value in fields if colon}


def all_joined(lines: str) -> dict[str, str]:
    """Return the fields of an HTTP header's lines; of a repeated or folded field all values, joined."""
    headers: dict[str, str] = {}
    last = ""
    for line in lines.split("\n"):
        if line[:1] in (" ", "\t") and last:  # goes on with the field before (RFC 9112, 5.2)
            headers[last] = f"{headers[last]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon and name:
            value, last = value.strip(), name
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
