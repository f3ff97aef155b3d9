"""The file of verdicts: JSON lines, one verdict each, appended whole.

    {"doc_id": "7c…", "snapshot": "91…", "stratum": {"domain": "web"}, "seed": 7,
     "verdict": "wrong_domain", "right_domain": "math/generic",
     "reader": "AB", "time": "2026-01-31T09:30:00Z"}

Several processes may append to one file. A process that is killed while it writes leaves at most a line
that is cut off: the next one begins a line of its own, and `read_verdicts` tells of the cut one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from corpusforge.document import well_formed
from corpusforge.domains import SUBSETS, Domain, Subset, supply_key
from corpusforge.files import open_input
from corpusforge.frozen import FrozenConfig

_ID = "^[0-9a-f]{32}$"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

RIGHT_DOMAINS = tuple(
    dict.fromkeys(
        name
        for domain in SUBSETS
        for name in (domain.value, *(supply_key(domain, s) for s in SUBSETS[domain]))
    )
)
"""What a person can name as the right domain: `web`, …, `math`, `math/scaffold`, `math/generic`."""


class Kind(StrEnum):
    """What a person says of a document."""

    RIGHT = "right"
    WRONG_DOMAIN = "wrong_domain"
    """Good text in a domain, or a subset, that is not its own."""
    BAD_TEXT = "bad_text"
    """Text that should not be in the corpus: furniture, spam, broken extraction."""


class Stratum(FrozenConfig):
    """The documents that a sample was drawn from: those with all the values given; none given: all."""

    domain: Domain | None = None
    subset: Subset | None = None
    language: Annotated[str, Field(max_length=100)] | None = None
    source: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _subset_of_domain(self) -> Stratum:
        if self.domain is not None and self.subset is not None and self.subset not in SUBSETS[self.domain]:
            raise ValueError(f"{self.domain} has no subset {self.subset}")
        return self

    def values(self) -> dict[str, str]:
        """Return the values given, by name."""
        return {name: str(value) for name, value in self.model_dump().items() if value is not None}

    def holds(self, document: Any) -> bool:
        """Return whether a mapping with domain, subset, language and source lies in the stratum."""
        return all(document[name] == value for name, value in self.values().items())

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.values().items()) or "all documents"


class Verdict(FrozenConfig):
    """What one person said of one document of a snapshot."""

    doc_id: Annotated[str, Field(pattern=_ID)]
    snapshot: Annotated[str, Field(pattern=_ID)]
    stratum: Stratum
    """The sample's stratum."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None
    """The sample's seed; None: the person found the document otherwise, so that no rate counts it."""
    verdict: Kind
    right_domain: str | None = None
    """Of `wrong_domain`, where told: one of `RIGHT_DOMAINS`."""
    reader: Annotated[str, Field(max_length=200)] = ""
    """Who read; what one reader says later replaces what the same reader said before."""
    time: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @model_validator(mode="after")
    def _right_domain_of_wrong(self) -> Verdict:
        if self.right_domain is not None:
            if self.verdict is not Kind.WRONG_DOMAIN:
                raise ValueError(f"right_domain goes with wrong_domain, not with {self.verdict.value}")
            if self.right_domain not in RIGHT_DOMAINS:
                raise ValueError(f"right_domain: one of {', '.join(RIGHT_DOMAINS)}")
        return self

    def line(self) -> str:
        """Return the verdict as a line of JSON, without a line feed."""
        row = self.model_dump(mode="json", exclude={"stratum"})
        row = {name: value for name, value in row.items() if value not in (None, "") or name == "seed"}
        return json.dumps({**row, "stratum": self.stratum.values()})


def append_verdict(path: str, verdict: Verdict) -> None:
    """Append a verdict to a file on this machine, made where it is missing; on disk when this returns.

    Safe beside other processes that append. Raises OSError where the line could not be written
    whole; nothing of it is left then.
    """
    data = (verdict.line() + "\n").encode()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _lock(handle)
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":  # somebody was killed while they wrote
            data = b"\n" + data
        try:
            written = os.write(handle, data)
            if written != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            os.fsync(handle)
        except OSError as error:
            os.ftruncate(handle, size)
            raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released when the file is closed
    except OSError as error:
        if error.errno not in _NO_LOCKS:  # some network disks have none: a write that appends is whole
            raise


def read_verdicts(path: str) -> tuple[list[Verdict], list[str]]:
    """Return (verdicts in the order of the file, one line for each row that is none).

    Raises OSError where the file cannot be read.
    """
    verdicts: list[Verdict] = []
    faults: list[str] = []
    with open_input(path) as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                verdicts.append(Verdict.model_validate_json(line, strict=True))
            except ValidationError as error:
                faults.append(f"{path}: line {number}: {_fault(error, line)}")
    return verdicts, faults


def _fault(error: ValidationError, line: bytes) -> str:
    fault: Any = error.errors()[0]
    if fault["type"] == "json_invalid":
        is_whole = line.endswith(b"\n")
        return f"no JSON: {fault['msg']}" if is_whole else "cut off: whoever wrote it was stopped"
    place = ".".join(map(str, fault["loc"]))
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if fault["type"] in ("missing", "extra_forbidden"):
        return f"{place}: {'missing' if fault['type'] == 'missing' else 'unknown field'}"
    if isinstance(fault["input"], dict):  # of the row as a whole
        return f"{place}: {message}" if place else message
    return f"{place}: {well_formed(str(fault['input'])[:80])!r}: expected {message}"


def latest(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the last verdict of each reader on each document of a snapshot.

    The last is the one with the latest time; of two with the same, the one that comes later.
    """
    last: dict[tuple[str, str, str], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.time):  # a stable sort
        last[verdict.doc_id, verdict.snapshot, verdict.reader] = verdict
    return list(last.values())
