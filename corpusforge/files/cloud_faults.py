"""What the errors of obstore are."""

from __future__ import annotations

import errno
import re
from typing import Any

from corpusforge.files.faults import (
    TRANSIENT_STATUSES,
    StorageDenied,
    StorageFault,
    StorageMissing,
    StorageRefused,
    judge_local,
)
from corpusforge.files.paths import scheme_of
from corpusforge.files.store import library

_MOVED = 301
_CONFLICT = 409
"""Another conditional write of the object is under way: S3 asks to try again."""
_STATUS = re.compile(r"status code: (\d{3}) ?([^:\n]*)")
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_WORDS = re.compile(r"<Message>([^<]*)</Message>")
ABSENT_CODES = {"NoSuchBucket": "no such bucket", "ContainerNotFound": "no such container"}
_PASSING = re.compile(r"HTTP error|HttpError|SlowDown|InternalError|ServiceUnavailable|RequestTimeout")
METADATA_HOST = "169.254.169.254"
HINTS = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_SKIP_SIGNATURE=true",
}
answered: set[str] = set()
"""The schemes that were answered once."""


def errors() -> Any:
    """Return the module of obstore's errors."""
    return library("obstore.exceptions", "s3://")


def judge(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    """Return the fault that an error of obstore is, and whether the call may be tried again."""
    known, text = errors(), str(error)
    if isinstance(error, ValueError) and "parse path" in text:  # `a//b`, `..`
        what = text.splitlines()[0].removeprefix("Could not parse path: ")
        return StorageRefused(path, operation, f"no name for obstore: {what}", errno.EINVAL), False
    if isinstance(error, StorageFault) or not isinstance(error, known.BaseError | FileNotFoundError):
        return judge_local(error, path, operation)
    status, what = status_of(error), first_line(error)
    if METADATA_HOST in text:  # no credentials in the environment: it asked the machine's own service
        scheme = str(scheme_of(path))
        # Where it had some before, it asks for the next: that may pass.
        fault = StorageDenied(path, operation, f"no credentials: {HINTS[scheme]}", errno.EACCES)
        return fault, scheme in answered
    if isinstance(error, FileNotFoundError) or status == 404:
        return StorageMissing(path, operation, absence(text), errno.ENOENT), False
    denied = (known.PermissionDeniedError, known.UnauthenticatedError)
    if isinstance(error, denied) or status in (401, 403):
        return StorageDenied(path, operation, what, errno.EACCES), False
    if status == _MOVED or "without LOCATION" in text:
        return StorageFault(path, operation, "the bucket is in another region: set AWS_REGION"), False
    if status is not None:
        may_pass = status in TRANSIENT_STATUSES or (status == _CONFLICT and operation == "write")
        return StorageFault(path, operation, what), may_pass
    return StorageFault(path, operation, what), _PASSING.search(text) is not None


def status_of(error: Exception) -> int | None:
    """Return the HTTP status that an error tells of."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def absence(text: str) -> str:
    """Return what is not there, by the text of an error."""
    found = _CODE.search(text)
    return ABSENT_CODES.get(found[1] if found else "", "no such object or bucket")


def first_line(error: Exception) -> str:
    """Return what an error says for a person: the service's own code and words, where it gave some."""
    text = str(error).partition("\n\nDebug source")[0]
    status, code, words = _STATUS.search(text), _CODE.search(text), _WORDS.search(text)
    if status:
        said = ": ".join(found[1].partition("\n")[0] for found in (code, words) if found)
        return f"{status[1]} {status[2].strip()}{': ' + said if said else ''}"[:300]
    line = (text.splitlines() or [""])[0]
    return (line.rpartition(" - ")[2] or type(error).__name__)[:300]
