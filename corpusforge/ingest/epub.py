"""An EPUB told from other archives: by its `META-INF/container.xml`, wherever `mimetype` lies."""

from __future__ import annotations

from collections.abc import Sequence

_CONTAINER = "meta-inf/container.xml"
_BEGINNING = b"mimetypeapplication/epub+zip"
_NAME_AT = 30
"""Where a zip's first entry has its name; its content follows (APPNOTE 4.3.7)."""


def is_container(name: str) -> bool:
    """Return whether a name of an archive is the container file's, the book's folder around it or not."""
    plain = name.lower().replace("\\", "/")
    return plain == _CONTAINER or (plain.endswith("/" + _CONTAINER) and plain.count("/") == 2)


def is_epub(names: Sequence[str]) -> bool:
    """Return whether these are one EPUB's names; of a packed folder all lie in it, `mimetype` too."""
    plain = [name.lower().replace("\\", "/") for name in names]
    if _CONTAINER in plain:
        return True
    folder = next((name[: -len(_CONTAINER)] for name in plain if is_container(name)), None)
    return (
        folder is not None and folder + "mimetype" in plain and all(name.startswith(folder) for name in plain)
    )


def begins_as_epub(head: bytes) -> bool:
    """Return whether the first bytes of a zip are those of an EPUB, `mimetype` first as it ought to be."""
    return head[_NAME_AT:].startswith(_BEGINNING)
