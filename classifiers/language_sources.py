"""Text in many languages out of distribution packages: interface translations and word frequencies.

Nothing is fetched here: the packages, named and pinned in `recipes/language/sources.toml`, lie in a folder.
"""

from __future__ import annotations

import gettext
import gzip
import hashlib
import io
import json
import re
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

Message = tuple[str, str]
"""A language tag as the source spells it, and a text."""
_TAG_OF_MO = re.compile(r"/resource/([^/]+)/LC_MESSAGES/[^/]+\.mo$")
_TAG_OF_XPI = re.compile(r"langpack-([A-Za-z-]+)@")
_TAG_OF_JSON = re.compile(r"/i18n/(?:[^/]+/)*([a-z-]+)\.json$")
_TAG_OF_WORDS = re.compile(r"topwords-([a-z]+)\.txt\.gz$")
_FLUENT_TEXT = re.compile(r"^(?:[\w-]+|\s+\.[\w-]+) *=\s*(.*)|^\s+(?![.}*\[])(\S.*)")
_PROPERTY = re.compile(r"^[\w.-]+\s*=\s*(.+)")


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned file of text."""

    file: str
    sha256: str
    kind: str
    licence: str


def read_packages(path: Path) -> list[Package]:
    """Return the packages of a TOML: `[[group]]` tables with `kind`, `licence` and `files` {name: sha256}."""
    groups = tomllib.loads(path.read_text("utf-8"))["group"]
    return [
        Package(file, sha256, group["kind"], group["licence"])
        for group in groups
        for file, sha256 in group["files"].items()
    ]


def messages(package: Package, folder: Path) -> Iterator[Message]:
    """Yield the texts of a package. Raises ValueError when its bytes are not the pinned ones."""
    yield from _READERS[package.kind](pinned_bytes(package, folder))


def pinned_bytes(package: Package, folder: Path) -> bytes:
    """Return the bytes of a package. Raises ValueError when they are not the pinned ones."""
    data = (folder / package.file).read_bytes()
    if hashlib.sha256(data).hexdigest() != package.sha256:
        raise ValueError(f"{folder / package.file}: not the pinned bytes")
    return data


def debian_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (path, bytes) of the files in a .deb: an `ar` archive around a tar archive."""
    position = 8
    while position < len(data):
        header = data[position : position + 60]
        name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
        body = data[position + 60 : position + 60 + size]
        position += 60 + size + size % 2
        if not name.startswith("data.tar"):
            continue
        if name.endswith(".zst"):
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for member in archive:
                if member.isfile() and (handle := archive.extractfile(member)):
                    yield member.name, handle.read()


def _mediawiki(data: bytes) -> Iterator[Message]:
    for path, body in debian_members(data):
        if (tag := _TAG_OF_JSON.search(path)) is None:
            continue
        texts = json.loads(body)
        if isinstance(texts, dict):
            yield from ((tag[1], text) for text in texts.values() if isinstance(text, str))


def _gettext(data: bytes) -> Iterator[Message]:
    for path, body in debian_members(data):
        if (tag := _TAG_OF_MO.search(path)) is None:
            continue
        catalog: dict[str | tuple[str, int], str] = vars(gettext.GNUTranslations(io.BytesIO(body)))[
            "_catalog"
        ]
        for key, text in catalog.items():
            source = key if isinstance(key, str) else key[0]
            if source and text != source.split("\x04")[-1]:
                yield tag[1], text
            if source and tag[1] == "af":  # one language carries the English originals as well
                yield "en", source.split("\x04")[-1]


def _firefox(data: bytes) -> Iterator[Message]:
    for path, body in debian_members(data):
        if not path.endswith(".xpi"):
            continue
        tag = _TAG_OF_XPI.search(path)
        assert tag is not None, path
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in sorted(archive.namelist()):
                pattern = {"ftl": _FLUENT_TEXT, "properties": _PROPERTY}.get(name.rsplit(".", 1)[-1])
                if pattern is None:
                    continue
                for line in archive.read(name).decode("utf-8", "replace").splitlines():
                    if found := pattern.match(line):
                        yield tag[1], next(filter(None, found.groups()), "")


def _word_frequencies(data: bytes) -> Iterator[Message]:
    """Yield each language's list as one text: lines of a word and its log probability."""
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        for name in sorted(wheel.namelist()):
            if tag := _TAG_OF_WORDS.search(name):
                yield tag[1], gzip.decompress(wheel.read(name)).decode("utf-8")


_READERS: dict[str, Callable[[bytes], Iterator[Message]]] = {
    "mediawiki": _mediawiki,
    "gettext": _gettext,
    "firefox": _firefox,
    "word-frequencies": _word_frequencies,
}
