"""The service's client, and what its errors are."""

from __future__ import annotations

import errno
import os
from functools import lru_cache
from typing import Any

from corpusforge.files.faults import (
    TRANSIENT_STATUSES,
    StorageDenied,
    StorageFault,
    StorageMissing,
    judge_local,
)
from corpusforge.files.store import library


def client() -> Any:
    """Return this process's client of the service: none survives a fork."""
    return _client_of(os.getpid())


def forget_client() -> None:
    """Make a client anew at the next call: another service stands behind the environment."""
    _client_of.cache_clear()


@lru_cache(maxsize=1)
def _client_of(process: int) -> Any:
    storage = library("google.cloud.storage", "gs://")
    # Else the client asks for the bucket itself, from threads of its own, at first and after 404s.
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    if os.environ.get("STORAGE_EMULATOR_HOST"):
        return storage.Client.create_anonymous_client()
    return storage.Client()


def status_error(status: int) -> Exception:
    """Return the error that the client raises for a status of the service."""
    from google.api_core import exceptions

    known: Any = exceptions
    return known.from_http_status(status, "the service refused")


def judge(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    """Return the fault that an error of the client is, and whether the call may be tried again."""
    import requests
    import urllib3
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth
    from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

    what = (str(error).splitlines() or [""])[0][:300] or type(error).__name__
    if isinstance(error, api.GoogleAPICallError | InvalidResponse):
        known: Any = error
        code = known.response.status_code if isinstance(error, InvalidResponse) else known.code
        if code == 404:
            return StorageMissing(path, operation, "no such object or bucket", errno.ENOENT), False
        if code in (401, 403):
            return StorageDenied(path, operation, what, errno.EACCES), False
        return StorageFault(path, operation, what), code in TRANSIENT_STATUSES
    if isinstance(error, api.RetryError):
        return StorageFault(path, operation, what), False
    if isinstance(error, auth.TransportError | requests.RequestException | urllib3.exceptions.HTTPError):
        return StorageFault(path, operation, f"{type(error).__name__}: {what}"), True
    if isinstance(error, auth.GoogleAuthError):
        return StorageDenied(path, operation, what, errno.EACCES), False
    if isinstance(error, DataCorruption):
        return StorageFault(path, operation, what), True
    return judge_local(error, path, operation)
