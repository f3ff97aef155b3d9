"""Names of files on local disk and of objects in gs:// buckets."""

from __future__ import annotations

import re

GS_PREFIX = "gs://"
_WILD = re.compile(r"[*?[]")
_PIECES = re.compile(r"(\*\*/|\*|\?|\[[^]]*\])")
_MARKS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


def is_remote(path: str) -> bool:
    """Return whether a path names an object of a bucket."""
    return path.startswith(GS_PREFIX)


def join(base: str, *names: str) -> str:
    """Return a path below `base`, which may be a local folder or a gs:// prefix."""
    return "/".join([base.rstrip("/"), *names])


def bucket_and_name(path: str) -> tuple[str, str]:
    """Return the bucket of a gs:// path, and the object's name in it."""
    bucket, _, name = path.removeprefix(GS_PREFIX).partition("/")
    return bucket, name


def remote_path(bucket: str, name: str) -> str:
    """Return the gs:// path of an object."""
    return f"{GS_PREFIX}{bucket}/{name}"


def has_wildcard(pattern: str) -> bool:
    """Return whether a glob is more than a name."""
    return _WILD.search(pattern) is not None


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
