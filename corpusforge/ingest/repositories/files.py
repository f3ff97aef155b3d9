"""What one file of a repository becomes: a document, or the drop that its bytes call for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, well_formed
from corpusforge.ingest.archives.entry import Entry, Refused
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.records import entry_locator, lfs_pointer, make_document, make_drop
from corpusforge.ingest.repositories.licences import REPOSITORY, Licence, LicenceFiles

_NUL_SEARCH_BYTES = 8 << 10
"""Where git itself looks for a NUL to call a file binary (buffer_is_binary: 8000 bytes)."""
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh9", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x7fELF", "ELF"),
    (b"\xca\xfe\xba\xbe", "Java class or Mach-O"),
    (b"\x00asm", "WebAssembly"),
    (b"OggS", "Ogg"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"SQLite format 3\x00", "SQLite"),
)
_SNAPSHOT = re.compile(r"(.+)-([0-9a-f]{7,64})")
_ARCHIVE_SUFFIX = re.compile(r"(?:\.(?:tar|tgz|tbz2?|txz|zip|gz|bz2|xz|zst))+$", re.IGNORECASE)
_NO_LICENCE = {"", "unknown", "other", "none", "no_license", "noassertion", "null"}
_SPDX = {
    name.lower(): name
    for name in (
        "0BSD AFL-3.0 AGPL-3.0 Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-3-Clause-Clear "
        "BSD-4-Clause "
        "BSL-1.0 CC0-1.0 CC-BY-4.0 CC-BY-SA-4.0 CECILL-2.1 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0 "
        "GPL-3.0 ISC LGPL-2.1 LGPL-3.0 LPPL-1.3c MIT MIT-0 MPL-2.0 MS-PL MS-RL MulanPSL-2.0 NCSA ODbL-1.0 "
        "OFL-1.1 OSL-3.0 PostgreSQL Unlicense UPL-1.0 Vim WTFPL Zlib"
    ).split()
}
"""SPDX ids of the licences that GitHub recognises, by the lower-case keys of its API and of BigQuery."""


def file_record(
    input: InputFile,
    config: IngestConfig,
    data: bytes,
    *,
    locator: str,
    path: str | None,
    licences: Iterable[str] = (),
    licence: Licence | None = None,
    **fields: Any,
) -> Document | Drop:
    """Return the document of one file, or its drop where it is empty, binary or too large.

    `licences` are what the dump states, `licence` what a licence file of the repository does.
    """
    if refused := refusal(data, config.max_file_bytes):
        return make_drop(input, SourceKind.GITHUB, locator, *refused, n_bytes=len(data))
    is_notebook = path is not None and is_notebook_file(path, data)
    return make_document(
        input,
        SourceKind.GITHUB,
        locator,
        markup=Markup.NOTEBOOK if is_notebook else Markup.SOURCE,
        raw=data,
        path=path,
        **licence_fields(licences, licence),
        **fields,
    )


def is_notebook_file(path: str, data: bytes) -> bool:
    """Return whether a file is a notebook: Jupyter's, Deepnote's, or a note of Zeppelin (`note.json`)."""
    lowered = path.lower()
    if lowered.endswith("note.json"):
        return b'"paragraphs"' in data
    return lowered.endswith((".ipynb", ".zpln", ".deepnote"))


def licence_fields(stated: Iterable[str], licence: Licence | None) -> dict[str, str]:
    """Return `licence` and `licence_source` of a document: what the dump states, else the repository's."""
    if expression := licence_expression(stated):
        return {"licence": expression, "licence_source": "dump"}
    return {"licence": licence.expression, "licence_source": REPOSITORY} if licence else {}


def refusal(data: bytes, limit_bytes: int) -> tuple[DropReason, str] | None:
    """Return why bytes are no text of a repository, or None: empty, too large or binary."""
    if not data:
        return DropReason.EMPTY, "no bytes"
    if len(data) > limit_bytes:
        return DropReason.TOO_LARGE, f"{len(data)} bytes, the limit is {limit_bytes}"
    if (pointer := lfs_pointer(data)) is not None:
        return DropReason.NOT_CONTENT, pointer
    for magic, name in _BINARY_MAGICS:
        if data.startswith(magic):
            return DropReason.BINARY, f"it begins like {name}"
    # Text in UTF-16 is full of NULs and announces itself.
    at = -1 if data.startswith(_BOMS) else data.find(b"\0", 0, _NUL_SEARCH_BYTES)
    return (DropReason.BINARY, f"a NUL at byte {at}") if at >= 0 else None


def entry_records(
    input: InputFile, config: IngestConfig, found: Iterator[Entry | Refused], licences: LicenceFiles
) -> Iterator[Document | Drop]:
    """Yield the record of every entry of a repository snapshot: `<archive>!<entry path>`."""
    for item in found:
        locator = entry_locator(input, item)
        if isinstance(item, Refused):
            yield make_drop(input, SourceKind.GITHUB, locator, item.reason, item.detail, n_bytes=item.n_bytes)
            continue
        repo, path = snapshot_path(item.name, input.name)
        yield file_record(
            input,
            config,
            item.data,
            locator=locator,
            path=path,
            repo=repo,
            date=item.modified,
            licence=licences.of(item.name),
        )


def snapshot_path(entry: str, archive: str) -> tuple[str, str]:
    """Return (repository, path in it) of an archive's entry.

    >>> snapshot_path("warcio-2a797aa/README.md", "warcio-2a797aa.tar.gz")
    ('warcio', 'README.md')
    """
    stem = _ARCHIVE_SUFFIX.sub("", archive.rpartition("/")[2])
    top, slash, rest = entry.removeprefix("./").partition("/")
    if slash and rest and (_SNAPSHOT.fullmatch(top) or top == stem):
        entry, stem = rest, top
    found = _SNAPSHOT.fullmatch(stem)
    return (found[1] if found else stem), entry.removeprefix("./")


def licence_expression(names: Iterable[str]) -> str | None:
    """Return one SPDX expression for the licences that a dump found, or None.

    All are joined by AND: a dump lists what it detected, it does not say that one may choose. A name
    that is no SPDX id stays as it is: what nobody can read, no list of allowed licences holds.
    """
    kept: set[str] = set()
    for name in names:
        name = " ".join(well_formed(name).split())
        if name.lower() not in _NO_LICENCE:
            kept.add(_SPDX.get(name.lower(), name))
    parts = [f"({name})" if len(kept) > 1 and " or " in name.lower() else name for name in sorted(kept)]
    return " AND ".join(parts) or None
