"""Objects of gs:// buckets, one function a request; every one bounded, judged and tried again here.

google-cloud-storage's own retries are switched off but for the pieces of a large upload, so that
there is one bound and one place that says what a fault is.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

from corpusforge.files.client import client, judge, status_error
from corpusforge.files.faults import PATIENCE, StorageMissing, attempt, changed
from corpusforge.files.meter import count_requests
from corpusforge.files.paths import root_and_name
from corpusforge.files.store import Fetched, ObjectState, Version, digest_of

T = TypeVar("T")

TIMEOUT_S = (10.0, 30.0)
"""To connect, and between two pieces of an answer."""
UPLOAD_TIMEOUT_S = (10.0, 60.0)
UPLOAD_PIECE_BYTES = 32 << 20
"""What is held of a file over 8 MiB while it is uploaded; smaller ones go in one request."""
_ONE_PUT_BYTES = 8 << 20
"""What the client sends in one request; beyond, one to begin and one for each piece (`Blob._do_upload`)."""
PAGE_OBJECTS = 1000
"""The most that the service lists in one answer (cloud.google.com/storage/docs/json_api/v1/objects/list)."""
BATCH_CALLS = 100
"""The most calls that the service takes in one batch (cloud.google.com/storage/docs/batch)."""
_LISTED = "items(name,size,md5Hash,crc32c,generation),nextPageToken"
_PART_HEAD = re.compile(r"^Content-Type: application/http$", re.MULTILINE)


def state(path: str) -> ObjectState:
    """Return what the bucket keeps about an object: one request. Raises `StorageMissing`."""

    def call() -> ObjectState:
        blob = _blob(path)
        blob.reload(retry=None, timeout=TIMEOUT_S)
        return _state_of(blob)

    return _attempt(path, "stat", call)


def fetch(path: str, start: int, stop: int, version: Version | None) -> Fetched:
    """Return bytes [start, stop) of an object, fewer where it ends before: one request.

    With a version, its generation, anything but that one is `InputChanged`.
    """
    if start >= stop:
        return Fetched(b"", None)

    def call() -> Fetched:
        from google.api_core.exceptions import RequestRangeNotSatisfiable  # a second to import

        blob = _blob(path, version)
        sink = io.BytesIO()
        # Without raw_download a stored Content-Encoding would be undone on the way.
        options: dict[str, Any] = {"raw_download": True, "checksum": None, "retry": None}
        try:
            blob.download_to_file(sink, start=start, end=stop - 1, timeout=TIMEOUT_S, **options)
        except RequestRangeNotSatisfiable:
            return Fetched(b"", None)
        data = sink.getvalue()
        if len(data) > stop - start:
            raise ConnectionError(f"{len(data)} bytes came, {stop - start} were asked for")
        # A matching MD5 proves that this is all there is; a composite object has none.
        is_whole = start == 0 and len(data) < stop and _md5(data) == blob.md5_hash
        return Fetched(data, int(blob.generation or 0) or None, len(data) if is_whole else None)

    try:
        return _attempt(path, "read", call)
    except StorageMissing as error:
        if version is None:
            raise
        now = state(path)  # StorageMissing where the object is gone altogether
        detail = f"generation {version} is gone, {now.version} is there"
        raise changed(path, detail) from error


def fetch_whole(path: str) -> bytes:
    """Return all bytes of an object, checked against the bucket's checksum: one request."""

    def call() -> bytes:
        blob = _blob(path)
        return bytes(
            blob.download_as_bytes(raw_download=True, retry=None, timeout=TIMEOUT_S, checksum="auto")
        )

    return _attempt(path, "read", call)


def pages(root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
    """Yield the objects of a bucket whose names begin with a prefix, in the order of their names.

    One request for each `PAGE_OBJECTS`. With `one_level`, those of "folders" below are left out.
    """
    token: str | None = None
    while True:
        page, token = _attempt(f"{root}/{prefix}", "list", _page_of(root, prefix, one_level, token))
        yield page
        if not token:
            return


def _page_of(
    root: str, prefix: str, one_level: bool, token: str | None
) -> Callable[[], tuple[list[ObjectState], str | None]]:
    options: dict[str, Any] = {"delimiter": "/"} if one_level else {}

    def call() -> tuple[list[ObjectState], str | None]:
        listing: Any = client().list_blobs(
            _bucket(root),
            prefix=prefix or None,
            page_token=token,
            page_size=PAGE_OBJECTS,
            fields=_LISTED + (",prefixes" if one_level else ""),
            retry=None,
            timeout=TIMEOUT_S,
            **options,
        )
        page = next(listing.pages, ())
        return [_state_of(blob) for blob in page], listing.next_page_token

    return call


def upload(path: str, data: bytes | None, local: str | None, expected: Version | None = None) -> bool:
    """Publish bytes, or a local file, as one object; an object that is there is replaced.

    With an expected generation (`ABSENT`: none may be there), only where that is the one that is there: else
    False is returned and nothing is changed.
    """
    tries = 0

    def call() -> bool:
        from google.api_core.exceptions import PreconditionFailed
        from google.cloud.storage.retry import DEFAULT_RETRY

        nonlocal tries
        tries += 1
        options: dict[str, Any] = {
            "if_generation_match": expected,
            "timeout": UPLOAD_TIMEOUT_S,
            "retry": DEFAULT_RETRY.with_timeout(PATIENCE.max_total_s) if local else None,
        }
        try:
            if local is not None:
                blob = _blob(path)
                blob.chunk_size = UPLOAD_PIECE_BYTES
                blob.upload_from_filename(local, **options)
                if (n_bytes := os.path.getsize(local)) > _ONE_PUT_BYTES:
                    count_requests("write", -(-n_bytes // UPLOAD_PIECE_BYTES))
            else:
                _blob(path).upload_from_string(data, **options)
        except PreconditionFailed:
            # The answer to an earlier try may have been lost after it was carried out.
            return tries > 1 and data is not None and fetch_whole(path) == data
        return True

    return _attempt(path, "write", call)


def delete(path: str) -> None:
    """Delete an object, where it is there: one request."""

    def call() -> None:
        from google.api_core.exceptions import NotFound

        with suppress(NotFound):
            _blob(path).delete(retry=None, timeout=TIMEOUT_S)

    _attempt(path, "delete", call)


def delete_many(root: str, names: Sequence[str]) -> int:
    """Delete objects, one request for each `BATCH_CALLS`; return how many were there."""
    n_deleted = 0
    for first in range(0, len(names), BATCH_CALLS):
        left = list(names[first : first + BATCH_CALLS])

        def call(left: list[str] = left) -> int:
            """Delete what is left; what the service was too busy for stays so for the next try."""
            statuses = _delete_batch(_bucket(root), left)
            n_done = sum(200 <= status < 300 for status in statuses)
            failed = [
                (name, status)
                for name, status in zip(left, statuses, strict=True)
                if not (200 <= status < 300 or status == 404)
            ]
            left[:] = [name for name, _ in failed]
            nonlocal n_deleted
            n_deleted += n_done
            if failed:
                raise status_error(failed[0][1])
            return n_done

        _attempt(f"{root}/{left[0]}", "delete", call)
    return n_deleted


def _delete_batch(bucket: str, names: Sequence[str]) -> list[int]:
    """Return the status of each deletion."""
    holder = client().bucket(bucket)
    with _numbered_batch()(client(), raise_exception=False) as batch:
        for name in names:
            holder.delete_blob(name, retry=None, timeout=TIMEOUT_S)
    return [int(answer.status_code) for answer in batch._responses]


@lru_cache(maxsize=1)
def _numbered_batch() -> Any:
    from google.cloud.storage import batch

    base: Any = batch.Batch

    class NumberedBatch(base):
        """A batch whose parts have ids, as the service's own examples have; the client sends none."""

        def _prepare_batch_request(self) -> tuple[Any, str, Any]:
            above: Any = super()
            headers, body, timeout = above._prepare_batch_request()
            number = count()
            numbered = _PART_HEAD.sub(lambda head: f"{head[0]}\nContent-ID: <call+{next(number)}>", body)
            return headers, numbered, timeout

    return NumberedBatch


def exists(path: str) -> bool:
    """Return whether an object is there: one request."""
    return bool(_attempt(path, "stat", lambda: _blob(path).exists(retry=None, timeout=TIMEOUT_S)))


def _blob(path: str, version: Version | None = None) -> Any:
    root, name = root_and_name(path)
    return client().bucket(_bucket(root)).blob(name, generation=version)


def _bucket(root: str) -> str:
    return root.removeprefix("gs://")


def _state_of(blob: Any) -> ObjectState:
    size = int(blob.size or 0)
    digest = digest_of(size, blob.md5_hash, blob.crc32c)
    return ObjectState(blob.name, size, int(blob.generation or 0), digest)


def _md5(data: bytes) -> str:
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _attempt(path: str, operation: str, call: Callable[[], T]) -> T:
    return attempt(path, operation, call, judge)
