"""Objects of s3:// and az:// buckets, by obstore.

obstore's own retries are switched off but for the pieces of a large upload, so that there is one
bound and one place that says what a fault is. Its runtime does not survive a fork: a process that
was forked from one that used it asks through another (`relay`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from corpusforge.files import relay
from corpusforge.files.cloud_faults import (
    ABSENT_CODES,
    HINTS,
    absence,
    answered,
    errors,
    first_line,
    judge,
    status_of,
)
from corpusforge.files.faults import PATIENCE, StorageDenied, StorageFault, StorageMissing, attempt, changed
from corpusforge.files.meter import count_requests
from corpusforge.files.paths import refused, root_and_name, scheme_of
from corpusforge.files.store import ABSENT, Fetched, ObjectState, Version, digest_of, library

T = TypeVar("T")
P = ParamSpec("P")

PAGE_OBJECTS = 1000
"""The most that S3 lists in one answer (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html)."""
BATCH_OBJECTS = 1000
"""The most that S3 deletes in one request; obstore makes smaller ones of them for Azure."""
_CLIENT: dict[str, Any] = {"connect_timeout": "10s", "read_timeout": "30s", "timeout": "600s"}
"""To connect, between two pieces of an answer, and for all of one request."""
ONE_PUT_BYTES = 8 << 20
"""What goes in one request; a larger file in pieces."""
PIECE_BYTES = 32 << 20
_MAX_PIECES = 9000
"""S3 takes 10,000 (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""
_LAST = "\U0010fffd"
"""Sorts behind whatever a name goes on with."""
_SURROGATES = 0xD800
_conditional: set[str] = set()
"""The buckets that were seen to honour preconditions."""
_used_in: int | None = None
"""The process that obstore's runtime was made in."""


def _is_forked() -> bool:
    """Return whether this process was forked from one that used obstore."""
    global _used_in
    _used_in = _used_in or os.getpid()
    return _used_in != os.getpid()


def _elsewhere(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function ask through another process where this one was forked after obstore was used."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> T:
        if not _is_forked():
            return function(*arguments, **options)
        return relay.ask(function.__name__, arguments, options)

    return call


@_elsewhere
def state(path: str) -> ObjectState:
    """Return what the bucket keeps about an object: one request. Raises `StorageMissing`."""
    store, name = _store(path)
    return _attempt(path, "stat", lambda: _state_of(_library(path).head(store, name)))


def exists(path: str) -> bool:
    """Return whether an object is there: one request."""
    try:
        state(path)
    except StorageMissing:
        return False
    return True


@_elsewhere
def fetch(path: str, start: int, stop: int, version: Version | None) -> Fetched:
    """Return bytes [start, stop) of an object, fewer where it ends before: one request.

    With a version, its e-tag, anything but that one is `InputChanged`.
    """
    if start >= stop:
        return Fetched(b"", None)
    store, name = _store(path)
    options: dict[str, Any] = {"range": (start, stop)}
    if version:
        options["if_match"] = version

    def call() -> Fetched | None:
        try:
            found = _library(path).get(store, name, options=options)
        except errors().PreconditionError:
            return None
        except errors().GenericError as error:
            if status_of(error) == 416:  # it ends before
                return Fetched(b"", None)
            raise
        data, whole = found.bytes().to_bytes(), _state_of(found.meta)
        if len(data) != min(stop, whole.size_bytes) - start:
            raise ConnectionError(f"{len(data)} bytes came, {stop - start} were asked for")
        return Fetched(data, whole.version or None, whole.size_bytes)

    fetched = _attempt(path, "read", call)
    if fetched is None:
        now = state(path)  # StorageMissing where the object is gone altogether
        raise changed(path, f"version {version} is gone, {now.version} is there")
    return fetched


@_elsewhere
def fetch_whole(path: str) -> bytes:
    """Return all bytes of an object, as many as the bucket says there are: one request."""
    store, name = _store(path)

    def call() -> bytes:
        found = _library(path).get(store, name)
        data = found.bytes().to_bytes()
        if len(data) != found.meta["size"]:
            raise ConnectionError(f"{len(data)} bytes came, the object has {found.meta['size']}")
        return data

    return _attempt(path, "read", call)


def pages(root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
    """Yield the objects of a bucket whose names begin with a prefix, in the order of their names.

    One request for each `PAGE_OBJECTS`. obstore lists folders, so that a prefix that ends within a
    name begins behind what sorts before it and ends behind the last that has it. With `one_level`
    and a folder, what lies in folders below is left out by the service, and the page is one.
    """
    if _is_forked():
        yield from relay.ask("all_pages", (root, prefix, one_level), {})
        return
    folder, _, rest = prefix.rpartition("/")
    if one_level and not rest:
        yield _level(root, folder)
        return
    for page in _listed(root, folder, _before(prefix) if rest else None, prefix):
        found = [item for item in page if item.name.startswith(prefix)]
        if found:
            yield found
        if page[-1].name[: len(prefix)] > prefix:
            return


def all_pages(root: str, prefix: str, one_level: bool) -> list[list[ObjectState]]:
    """Return the pages of `pages`, for a process that cannot wait for one after the other."""
    return list(pages(root, prefix, one_level=one_level))


def _level(root: str, folder: str) -> list[ObjectState]:
    store, _ = _store(root)

    def call() -> list[ObjectState]:
        found = _library(root).list_with_delimiter(store, folder or None)
        return sorted(map(_state_of, found["objects"]), key=lambda item: item.name)

    return _attempt(f"{root}/{folder}/" if folder else root, "list", call)


def _before(prefix: str) -> str | None:
    """Return a name that sorts before all that have a prefix, and behind nearly all others before them."""
    last = ord(prefix[-1]) - 1
    # An empty component is no name to obstore: what begins with a slash is passed on the way.
    last -= chr(last) == "/"
    return prefix[:-1] + chr(last) + _LAST if ord(" ") < last < _SURROGATES else None


def _listed(root: str, folder: str, after: str | None, prefix: str) -> Iterator[list[ObjectState]]:
    """Yield the objects below a folder whose names sort behind one; a listing that breaks goes on."""
    store, _ = _store(root)
    listing: Iterator[Any] | None = None

    def call() -> list[ObjectState]:
        nonlocal listing
        if listing is None:
            listing = iter(_library(root).list(store, folder or None, offset=after, chunk_size=PAGE_OBJECTS))
        try:
            return [_state_of(item) for item in next(listing, ())]
        except Exception:
            listing = None
            raise

    while page := _attempt(f"{root}/{prefix}", "list", call):
        yield page
        if len(page) < PAGE_OBJECTS:
            return  # no request would be made for what comes behind
        after = page[-1].name


@_elsewhere
def upload(path: str, data: bytes | None, local: str | None, expected: Version | None = None) -> bool:
    """Publish bytes, or a local file, as one object; an object that is there is replaced.

    With an expected e-tag (`ABSENT`: none may be there), only where that is the one that is there:
    else False is returned and nothing is changed. Over 8 MiB a file goes in pieces.
    """
    if local is not None and os.path.getsize(local) > ONE_PUT_BYTES:
        return _upload_pieces(path, local)
    body = Path(local).read_bytes() if local is not None else data
    store, name = _store(path)
    mode: Any = "overwrite"
    if expected is not None:
        _check_conditional(path)
        mode = "create" if expected == ABSENT else {"e_tag": expected}
    tries = 0

    def call() -> bool:
        nonlocal tries
        tries += 1
        try:
            _library(path).put(store, name, body, mode=mode, use_multipart=False)
        except (errors().AlreadyExistsError, errors().PreconditionError):
            # The answer to an earlier try may have been lost after it was carried out.
            return tries > 1 and fetch_whole(path) == body
        return True

    return _attempt(path, "write", call)


def _check_conditional(path: str) -> None:
    """Raise `StorageRefused` where a service takes a conditional write whose condition does not hold.

    One request for each bucket and process, with the e-tag of nothing, for an object beside the one
    that is to be written: who honours preconditions writes nothing.
    """
    root, name = root_and_name(f"{path}.lock")
    if root in _conditional:
        return
    store, _ = _store(path)

    def call() -> bool:
        try:
            _library(path).put(store, name, b"", mode={"e_tag": '"0"'}, use_multipart=False)
        except (FileNotFoundError, errors().PreconditionError):
            return True
        return False

    if not _attempt(path, "write", call):
        delete(f"{path}.lock")
        raise refused(path, "the service ignores If-Match: two writers could not be told apart; use another")
    _conditional.add(root)


def _upload_pieces(path: str, local: str) -> bool:
    store, name = _store(path, is_patient=True)
    n_bytes = os.path.getsize(local)
    piece_bytes = max(PIECE_BYTES, -(-n_bytes // _MAX_PIECES))

    def call() -> None:
        _library(path).put(
            store, name, Path(local), use_multipart=True, chunk_size=piece_bytes, max_concurrency=1
        )

    # Each piece was tried as long as any call is: what is left is a fault.
    attempt(path, "write", call, _judge_last)
    count_requests("write", -(-n_bytes // piece_bytes) + 1)  # the pieces, and what joins them
    return True


@_elsewhere
def delete(path: str) -> None:
    """Delete an object, where it is there: one request."""
    store, name = _store(path)

    def call() -> None:
        try:
            _library(path).delete(store, name)
        except FileNotFoundError as error:
            if absence(str(error)) in ABSENT_CODES.values():
                raise

    _attempt(path, "delete", call)


@_elsewhere
def delete_many(root: str, names: Sequence[str]) -> int:
    """Delete objects, one request for each `BATCH_OBJECTS`; return how many were named."""
    store, _ = _store(root)
    for first in range(0, len(names), BATCH_OBJECTS):
        some = list(names[first : first + BATCH_OBJECTS])
        try:
            _attempt(f"{root}/{some[0]}", "delete", lambda some=some: _library(root).delete(store, some))
        except StorageMissing:
            for name in some:
                delete(f"{root}/{name}")
    return len(names)


def _store(path: str, *, is_patient: bool = False) -> tuple[Any, str]:
    """Return (the bucket as obstore has it, the object's name) of a path."""
    _library(path)  # where it is not installed, the fault names the object
    root, name = root_and_name(path)
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if scheme_of(path) == "az":
        endpoint = os.environ.get("AZURE_STORAGE_ENDPOINT") or os.environ.get("AZURE_ENDPOINT") or ""
    return _store_of(root, endpoint, is_patient), name


@lru_cache(maxsize=256)
def _store_of(root: str, endpoint: str, is_patient: bool) -> Any:
    """Return the store of a bucket; credentials, region and endpoint are the environment's."""
    stores = library("obstore.store", root)
    retries: dict[str, Any] = {"max_retries": 0}
    if is_patient:
        retries = {
            "max_retries": PATIENCE.max_tries,
            "retry_timeout": timedelta(seconds=PATIENCE.max_total_s),
            "backoff": {
                "init_backoff": timedelta(seconds=PATIENCE.first_wait_s),
                "max_backoff": timedelta(seconds=PATIENCE.max_wait_s),
                "base": 2,
            },
        }
    # Nobody names an endpoint without TLS by mistake.
    client = {**_CLIENT, "allow_http": endpoint.startswith("http://")}
    kind = stores.S3Store if root.startswith("s3://") else stores.AzureStore
    options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    try:
        return kind(root.partition("://")[2], client_options=client, retry_config=retries, **options)
    except errors().BaseError as error:  # no account named, no credentials that make sense
        what = f"{first_line(error)}; {HINTS[str(scheme_of(root))]}"
        raise StorageDenied(root, "use", what, errno.EACCES) from error


def _library(path: str) -> Any:
    return library("obstore", path)


def _state_of(meta: Any) -> ObjectState:
    size, version = int(meta["size"]), str(meta["e_tag"] or "")
    if version and not version.endswith('"'):  # Azure's listings leave the quotes out
        version = f'"{version}"'
    kept = version or meta["last_modified"].isoformat()
    return ObjectState(meta["path"], size, version, digest_of(size, kept))


def _attempt(path: str, operation: str, call: Callable[[], T]) -> T:
    found = attempt(path, operation, call, judge)
    answered.add(str(scheme_of(path)))
    return found


def _judge_last(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    judged = judge(error, path, operation)
    return None if judged is None else (judged[0], False)
