"""The fields of a header, of WARC and of HTTP: one compiled pass finds where the values of a usual one stand.

Any other, with folded lines, blanks around a name or bytes beyond ASCII, is parsed as a whole; both tell
the same. Names are asked for in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar, final, overload

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place

_Default = TypeVar("_Default")
_USUAL_BYTES = 10 << 10
"""What a usual header takes at most; a longer one is read all the same."""
_SOUGHT = (
    *("warc-type", "warc-target-uri", "warc-date", "warc-record-id", "warc-payload-digest"),
    *("warc-refers-to", "warc-refers-to-target-uri", "warc-concurrent-to"),
    *("warc-truncated", "warc-segment-number", "content-length", "content-type"),
    *("content-encoding", "transfer-encoding", "location"),
    *("x-robots-tag", "tdm-reservation", "content-signal", "content-usage"),
)
"""What readers ask for; any other name is told as well, by the slow way."""
_PLACE = {name: 2 * number for number, name in enumerate(_SOUGHT)}
_N_PLACES = 2 * len(_SOUGHT)
_NAMES = np.frombuffer("".join(_SOUGHT).encode(), np.uint8)
_NAME_STARTS = np.cumsum([0, *map(len, _SOUGHT)])
_ABSENT, _REPEATED = -1, -2
"""Where a value that is not there begins, and one that is to be joined."""
_LINE_END, _RETURN, _COLON, _BLANK = b"\n\r: "
_CASE = 0x20


def _hash_of(name: bytes) -> int:
    return (len(name) + name[0] + name[-1] + 2 * name[-2]) % _HASHES


_HASHES = 64
_NUMBERS = np.full(_HASHES, -1, np.int8)
"""The number of the name sought that has a hash, -1 for none: no two have one, a test says."""
for _number, _name in enumerate(_SOUGHT):
    _NUMBERS[_hash_of(_name.encode())] = _number


@final
class Fields(Mapping[str, str]):
    """The fields of a usual header by name; of a repeated one the first, or all joined by `, `."""

    __slots__ = ("_joins", "_places", "_text")

    def __init__(self, text: str, places: list[int], joins: bool) -> None:
        """Keep lines of fields, each begins with a line end; and where the values sought begin and end."""
        self._text = text
        self._places = places
        self._joins = joins

    @overload
    def get(self, key: str, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str, /) -> str: ...
    @overload
    def get(self, key: str, default: _Default, /) -> str | _Default: ...
    def get(self, key: str, default: object = None, /) -> object:
        """Return the value of a field, or a default."""
        place = _PLACE.get(key)
        if place is None:
            return self._all().get(key, default)
        start = self._places[place]
        if start >= 0:
            return self._text[start : self._places[place + 1]]
        return default if start == _ABSENT else self._all()[key]

    def __contains__(self, name: object) -> bool:
        """Return whether there is a field."""
        return isinstance(name, str) and self.get(name) is not None

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
    places = np.empty(_N_PLACES, np.int32)
    end = _find_values(data, start, min(stop, len(data), start + _USUAL_BYTES), joins, places)
    if end < 0:
        return None
    lines = data[start:end]
    return (Fields(lines.decode("ascii"), places.tolist(), joins), end) if lines.isascii() else None


@jit_in_place
def _find_values(data: bytes, start: int, stop: int, joins: bool, places: NDArray[np.int32]) -> int:
    """Write where the values sought begin and end behind `start`; return where a usual header ends, else -1.

    Its lines each begin with a name and a colon: none is folded, and no blank stands beside a name.
    """
    for place in range(_N_PLACES):
        places[place] = _ABSENT
    at = start
    while at < stop and data[at] == _LINE_END:
        at += 1
        name = at
        while at < stop and _in_name(data[at]):
            at += 1
        if at == name:
            break
        if at == stop or data[at] != _COLON:
            return -1
        number = _number_of(data, name, at)
        at += 1
        value = at
        while at < stop and data[at] != _LINE_END:
            at += 1
        if number < 0:
            continue
        place = 2 * number
        if places[place] == _ABSENT:
            places[place], places[place + 1] = _stripped(data, value, at)
            places[place] -= start
            places[place + 1] -= start
        elif joins:
            places[place] = _REPEATED
    for _ in range(2):
        if at < stop and data[at] == _RETURN:
            at += 1
    return at + 1 if at < stop and data[at] == _LINE_END else -1


@jit_in_place
def _in_name(byte: int) -> bool:
    """Return whether a byte may stand in a name: all that is seen of ASCII but the colon."""
    return 33 <= byte <= 126 and byte != _COLON


@jit_in_place
def _number_of(data: bytes, start: int, stop: int) -> int:
    """Return the number of the name in [start, stop), in whatever case; -1 where it is not sought."""
    size = stop - start
    last = (data[stop - 1] | _CASE) + 2 * (data[stop - 2] | _CASE)
    number = _NUMBERS[(size + (data[start] | _CASE) + last) % _HASHES]
    if number < 0:
        return -1
    first = _NAME_STARTS[number]
    if size != _NAME_STARTS[number + 1] - first:
        return -1
    for place in range(size):
        if data[start + place] | _CASE != _NAMES[first + place]:
            return -1
    return number


@jit_in_place
def _stripped(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """Return where ASCII begins and ends without what `str.strip` strips."""
    while start < stop and _is_space(data[start]):
        start += 1
    while start < stop and _is_space(data[stop - 1]):
        stop -= 1
    return start, stop


@jit_in_place
def _is_space(byte: int) -> bool:
    return byte == _BLANK or 9 <= byte <= 13 or 28 <= byte <= 31


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
