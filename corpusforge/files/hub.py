"""Files of a hub's repositories, hf://, for reading: huggingface_hub says what there is, `web` reads it.

    hf://datasets/OWNER/NAME[@REVISION]/FILE    hf://OWNER/NAME/FILE (a model)    hf://spaces/…

A file's version is the hash of its content, which the hub keeps. Token and endpoint are those that
huggingface_hub finds: `HF_TOKEN`, its login, `HF_ENDPOINT`.
"""

from __future__ import annotations

import errno
import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import unquote

from corpusforge.files import web
from corpusforge.files.faults import (
    TRANSIENT_STATUSES,
    StorageDenied,
    StorageFault,
    StorageMissing,
    attempt,
    judge_local,
)
from corpusforge.files.paths import root_and_name
from corpusforge.files.store import Fetched, ObjectState, Version, digest_of, library

T = TypeVar("T")

PAGE_OBJECTS = 1000
_NOTHING = "no such repository, revision or file"
_KINDS = {"datasets": "dataset", "spaces": "space"}
delete, delete_many, upload = web.delete, web.delete_many, web.upload


@dataclass(frozen=True, slots=True)
class _Repository:
    """A repository at a revision, as huggingface_hub's calls name it."""

    kind: str
    id: str
    revision: str | None

    def named(self) -> dict[str, Any]:
        return {"repo_id": self.id, "repo_type": self.kind, "revision": self.revision}


def state(path: str) -> ObjectState:
    """Return size and hash of a file: one request. Raises `StorageMissing`."""
    root, name = root_and_name(path)

    def call() -> ObjectState:
        found = _api(path).get_paths_info(paths=[name], **_repository(root).named())
        files = [item for item in found if _is_file(item)]
        if not files:
            raise StorageMissing(path, "stat", "no such file in the repository", errno.ENOENT)
        return _state_of(files[0])

    return attempt(path, "stat", call, judge)


def exists(path: str) -> bool:
    """Return whether a file is there: one request."""
    try:
        state(path)
    except StorageMissing:
        return False
    return True


def fetch(path: str, start: int, stop: int, version: Version | None) -> Fetched:
    """Return bytes [start, stop) of a file, fewer where it ends before."""
    return web.fetched(path, _url(path), _headers(path), start, stop, version, _version)


def fetch_whole(path: str) -> bytes:
    """Return all bytes of a file."""
    return web.whole(path, _url(path), _headers(path))


def pages(root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
    """Yield the files of a repository whose names begin with a prefix, in the order of their names.

    The hub lists folders, in an order of its own: what lies below the prefix's folder is held.
    """
    folder = prefix.rpartition("/")[0]

    def call() -> list[ObjectState]:
        tree = _api(root).list_repo_tree(
            path_in_repo=folder or None, recursive=not one_level, **_repository(root).named()
        )
        found = (_state_of(item) for item in tree if _is_file(item))
        return sorted((item for item in found if item.name.startswith(prefix)), key=lambda item: item.name)

    found = iter(attempt(f"{root}/{folder}", "list", call, judge))
    while page := list(islice(found, PAGE_OBJECTS)):
        yield page


def _repository(root: str) -> _Repository:
    parts = root.removeprefix("hf://").split("/", 1)
    kind = _KINDS.get(parts[0], "model")
    named = parts[1] if parts[0] in _KINDS else "/".join(parts)
    owner_name, _, revision = named.partition("@")
    return _Repository(kind, owner_name, unquote(revision) or None)


def _hub(path: str) -> Any:
    return library("huggingface_hub", path)


def _api(path: str) -> Any:
    return _api_of(os.getpid(), _hub(path))


@lru_cache(maxsize=1)
def _api_of(process: int, hub: Any) -> Any:
    return hub.HfApi(library_name="corpusforge")


def _url(path: str) -> str:
    root, name = root_and_name(path)
    return str(_hub(path).hf_hub_url(filename=name, **_repository(root).named()))


def _headers(path: str) -> dict[str, str]:
    return dict(_hub(path).utils.build_hf_headers(library_name="corpusforge"))


def _is_file(item: Any) -> bool:
    return hasattr(item, "blob_id")


def _state_of(item: Any) -> ObjectState:
    version = str(item.lfs.sha256 if item.lfs else item.blob_id)
    return ObjectState(item.path, int(item.size), version, digest_of(item.size, version))


def _version(answer: Any) -> str:
    """Return the hash of the file that an answer is of: what leads to a large one tells its own."""
    for each in (*answer.history, answer):
        told = each.headers.get("X-Linked-Etag") or (each.headers.get("ETag") if each is answer else None)
        if told:
            return str(told).removeprefix("W/").strip('"')
    return ""


def judge(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    """Return the fault that an error of huggingface_hub is, and whether the call may be tried again."""
    if isinstance(error, StorageFault):
        return error, False
    _hub(path)
    errors: Any = importlib.import_module("huggingface_hub.errors")
    what = (str(error).strip().splitlines() or [""])[0][:300] or type(error).__name__
    if isinstance(error, errors.HfHubHTTPError):
        answer: Any = getattr(error, "response", None)
        code = int(answer.status_code) if answer is not None else 0
        if isinstance(error, errors.GatedRepoError) or code in (401, 403):
            return StorageDenied(path, operation, f"{what}: not there, or HF_TOKEN may not read it"), False
        if code == 404:
            return StorageMissing(path, operation, _NOTHING, errno.ENOENT), False
        return StorageFault(path, operation, what), code in TRANSIENT_STATUSES
    if isinstance(error, errors.HFValidationError):
        return StorageFault(path, operation, what), False
    if type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2", "requests"):
        return StorageFault(path, operation, f"{type(error).__name__}: {what}"), True
    return judge_local(error, path, operation)
