"""Names of files on local disk and of objects elsewhere: schemes, globs, parts of a path."""

from __future__ import annotations

import errno
import os
import re
from urllib.parse import unquote, urlsplit

from corpusforge.files.faults import StorageRefused

WRITABLE = ("gs", "s3", "az")
"""Schemes of buckets: listed, read, written, with conditional writes."""
READABLE = (*WRITABLE, "hf", "http", "https")
"""All schemes that name an object; a path without one is on local disk."""
_MEANT = {
    "gcs": "gs", "s3a": "s3", "s3n": "s3", "azure": "az", "abfs": "az", "abfss": "az", "adl": "az",
    "wasb": "az", "wasbs": "az", "huggingface": "hf",
}  # fmt: skip
"""What other tools call these schemes."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_WEB = ("http://", "https://")
_REPOSITORY = re.compile(
    r"hf://(?:(?:datasets|spaces)/)?[^/@]+/[^/@]+(?:@(?:refs/(?:convert|pr)/[^/]+|[^/]+))?(?=/|$)"
)
"""A repository of a hub with its revision, as huggingface_hub's own file system writes it."""
_WILD = re.compile(r"[*?[]")
_PIECES = re.compile(r"(\*\*/|\*|\?|\[[^]]*\])")
_MARKS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


def scheme_of(path: str) -> str | None:
    """Return the scheme of a path, None on local disk. Raises `StorageRefused` for one not known."""
    found = _SCHEME.match(path)
    if found is None:
        return None
    scheme = found[1]
    if scheme in READABLE:
        return scheme
    meant = _MEANT.get(scheme.lower(), scheme.lower())
    if scheme == "file":
        hint = "write the path itself"
    elif meant in READABLE:
        hint = f"write {meant}://"
    else:
        hint = f"known are {', '.join(f'{name}://' for name in READABLE)} and paths on local disk"
    raise refused(path, f"no such scheme, {scheme}://; {hint}")


def refused(path: str, what: str) -> StorageRefused:
    """Return the fault of a path that cannot be used, whatever is there."""
    return StorageRefused(path, "use", what, errno.EINVAL)


def is_remote(path: str) -> bool:
    """Return whether a path names an object rather than a local file; as `scheme_of` otherwise."""
    return scheme_of(path) is not None


def located(path: str) -> str:
    """Return a path as a person gives it, made one of ours: `~` expanded, `file://` taken off.

    Raises `StorageRefused` for a scheme that is not known, or a bucket's path without a bucket.
    """
    if path.startswith("file://"):
        parts = urlsplit(path)
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise refused(path, "a file on another machine; write file:///PATH or the path itself")
        return unquote(parts.path)
    if scheme_of(path) is not None:
        root_and_name(path)
        return path
    return os.path.expanduser(path)


def check_writable(path: str) -> str:
    """Return a path that may be written to; raises `StorageRefused` for others."""
    if scheme_of(path) not in (None, *WRITABLE):
        places = ", ".join(f"{name}://" for name in WRITABLE)
        raise refused(path, f"{scheme_of(path)}:// is for reading; write to a folder or to {places}")
    return path


def join(base: str, *names: str) -> str:
    """Return a path below `base`, which may be a local folder or a prefix of a bucket."""
    return "/".join([base.rstrip("/"), *names])


def root_and_name(path: str) -> tuple[str, str]:
    """Return (scheme and bucket, host or repository; the object's name there) of a remote path."""
    if path.startswith("hf://"):
        found = _REPOSITORY.match(path)
        if found is None:
            raise refused(path, "no repository in it; write hf://datasets/OWNER/NAME/FILE")
        return found[0], path[found.end() + 1 :]
    scheme, _, rest = path.partition("://")
    holder, _, name = rest.partition("/")
    if not holder:
        raise refused(path, f"no {'host' if path.startswith(_WEB) else 'bucket'} in it")
    return f"{scheme}://{holder}", name


def remote_path(root: str, name: str) -> str:
    """Return the path of an object by the two parts of `root_and_name`."""
    return f"{root}/{name}"


def has_wildcard(pattern: str) -> bool:
    """Return whether a glob is more than a name; of a URL only `*` counts, `?` begins its query."""
    return "*" in pattern if pattern.startswith(_WEB) else _WILD.search(pattern) is not None


def is_class_only(part: str) -> bool:
    """Return whether a component's only wildcards are brackets, which a name may hold too."""
    return "[" in part and "*" not in part and "?" not in part


def literal_prefix(pattern: str) -> str | None:
    """Return what a glob's matches all begin with; None for a name without a wildcard."""
    wild = _WILD.search(pattern)
    return pattern[: wild.start()] if wild else None


def prefix_root(pattern: str) -> str:
    """Return what stands before a pattern's first component with a wildcard; of a plain name its folder."""
    parts = pattern.split("/")
    n_plain = next((number for number, part in enumerate(parts) if has_wildcard(part)), len(parts) - 1)
    return "/".join(parts[:n_plain]) or ("/" if pattern.startswith("/") else "")


def is_one_level(pattern: str) -> bool:
    """Return whether a glob's wildcards stand in its last component only."""
    prefix = literal_prefix(pattern)
    return prefix is not None and "/" not in pattern[len(prefix) :]


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression, `**/` being any folders, as in `glob.glob`."""

    def translated(piece: str) -> str:
        return _MARKS.get(piece) or (piece.replace("[!", "[^") if piece.startswith("[") else re.escape(piece))

    return re.compile("".join(translated(piece) for piece in _PIECES.split(pattern)))


def base_name(path: str) -> str:
    """Return the last component of a path; of a URL without its query."""
    if path.startswith(_WEB):
        path = unquote(urlsplit(path).path)
    return os.path.basename(path.rstrip("/"))
