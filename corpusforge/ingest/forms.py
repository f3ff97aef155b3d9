"""The forms that a dump of one kind comes in: the reader's own, or packed or written another way.

    web archives    WARC, ARC               WACZ, a zip or tar of WARCs, MHTML (one saved page)
    MediaWiki       XML                     XML in 7z or zip, Wikimedia Enterprise's ndjson in tar.gz
    Stack Exchange  Posts.xml               the site's .7z, a zip of its tables

A record of a packed dump has the locator `<file>!<entry>#…`.
"""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from corpusforge.document import Document, Drop, Quarantined, SourceKind
from corpusforge.files import is_remote
from corpusforge.ingest.archives.archive import ZIP_MAGICS
from corpusforge.ingest.archives.spill import Spilled, entry_names, spilled
from corpusforge.ingest.beside import declared
from corpusforge.ingest.compression.inflate import Inflated, compression_of
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.epub import is_epub
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.web.mhtml import is_mhtml, read_mhtml
from corpusforge.ingest.web.warc import Whole
from corpusforge.ingest.wiki.enterprise import is_enterprise, read_enterprise

Record = Document | Drop | Quarantined
Reader = Callable[..., Iterator[Record]]

WARC_NAME = re.compile(r"\.(?:(?:warc|arc|mhtml|mht)(?:\.(?:gz|zst|lz4|bz2|xz))?|wacz)$", re.I)
"""Web archives in an archive: a collection of WACZ files and saved pages in a zip are ones, too."""
WARC_ALONE = re.compile(r"\.(?:warc|arc)(?:\.\w+)?$", re.I)
_SIDE_FILE = re.compile(
    r"(?:^|/)(?:datapackage[\w-]*\.json|pages/[^/]*|indexes/[^/]*|logs?/[^/]*|[^/]*\.(?:cdxj?|idx|md|txt|log|json|sha\d*|md5)(?:\.gz)?)$",
    re.I,
)
_TABLES = re.compile(r"(?:^|/)(?:posts|badges|comments|postlinks|posthistory|tags|users|votes)\.xml$", re.I)
_POSTS = re.compile(r"(?:^|/)posts\.xml$", re.I)
_WIKI_XML = re.compile(r"\.xml(?:\.(?:bz2|gz))?$|\.xml-p\d+p\d+$", re.I)
_GUTENBERG_NAME = re.compile(
    r"(?:\d{1,6}(?:-[a-z0-9]{1,3})?/)?(?:pg)?\d{2,6}(?:-[a-z0-9]{1,3})?\.(?:txt|html?|tex|epub)"
)
"""`12345-0.txt`, `12345-h/12345-h.htm`: a file of Project Gutenberg's own zips."""
_BESIDE_BOOK = re.compile(r"\.(?:jpe?g|png|gif|svg|css|midi?|mp3|ogg|ly|pdf|xml|mxl|musicxml)$", re.I)
_NDJSON = re.compile(r"\.(?:ndjson|jsonl)$", re.I)
_WANTED: dict[SourceKind, re.Pattern[str]] = {
    SourceKind.WARC: WARC_NAME,
    SourceKind.MEDIAWIKI: _WIKI_XML,
    SourceKind.STACKEXCHANGE: _POSTS,
}


def kind_of_names(names: list[str]) -> SourceKind | None:
    """Return what an archive is by the names in it, where they alone tell: an EPUB, packed dumps."""
    if is_epub(names):
        return SourceKind.BOOKS
    files = [name for name in names if not name.endswith("/")]
    texts = [name for name in files if not _BESIDE_BOOK.search(name)]
    if texts and all(_GUTENBERG_NAME.fullmatch(name) for name in texts):
        return SourceKind.BOOKS
    n_warcs = sum(WARC_NAME.search(name) is not None for name in files)
    others = sum(not WARC_NAME.search(name) and not _SIDE_FILE.search(name) for name in files)
    if n_warcs > others:
        return SourceKind.WARC
    if any(_POSTS.search(name) for name in files) or (files and all(_TABLES.search(name) for name in files)):
        return SourceKind.STACKEXCHANGE
    if files and all(_WIKI_XML.search(name) and "wiki" in name.lower() for name in files):
        return SourceKind.MEDIAWIKI
    return None


def form_of(kind: SourceKind, path: str) -> Reader | None:
    """Return the reader of a dump that does not come in its kind's own form, else None."""
    if kind not in _WANTED or (not is_remote(path) and not os.path.isfile(path)):
        return None
    with opened(path) as stream:
        head = stream.read(8)
        stream.seek(0)
        is_packed = head.startswith(ZIP_MAGICS) or compression_of(head) == "7z"
        if is_packed:
            return _read_packed(kind)
        if kind is SourceKind.STACKEXCHANGE:
            return None
        plain = next(Inflated(stream, max_ratio=1e6).blocks(), b"")[: 64 << 10]
        stream.seek(0)
        if kind is SourceKind.WARC:
            if is_mhtml(plain):
                return read_mhtml
            return _read_packed(kind) if _is_tar(plain) else None
        if is_enterprise(plain):
            return read_enterprise
        if _is_tar(plain):
            names = entry_names(stream)
            return read_enterprise if names and _NDJSON.search(names[0]) else _read_packed(kind)
    return None


def _is_tar(plain: bytes) -> bool:
    """Return whether decompressed bytes begin with a tar's header."""
    try:
        tarfile.TarInfo.frombuf(plain[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _read_packed(kind: SourceKind) -> Reader:
    """Return a reader that unpacks each dump within an archive and reads it with the reader of its kind."""
    from corpusforge.ingest.registry import reader_of  # it asks this module first

    def read(
        input: InputFile,
        config: IngestConfig,
        start: int = 0,
        stop: int | None = None,
        *,
        coverage: Coverage | None = None,
        **more: Any,
    ) -> Iterator[Record]:
        wanted, own = _WANTED[kind], reader_of(kind)
        pack = kind is not SourceKind.WARC
        whole: dict[str, Any] = {} if pack else {"whole": _whole_of(input, config)}

        def own_or_packed(inner: InputFile, start: int, stop: int | None) -> Iterator[Record]:
            """Yield the records of one entry; what the sites of a WACZ in it say holds in that alone."""
            form = None if pack else form_of(kind, inner.path)
            if form is not None:
                yield from form(inner, config, start, stop)
            else:
                yield from own(inner, config, start, stop, **whole)

        for found in spilled(
            input.path, lambda name: wanted.search(name) is not None, config.max_ratio, pack=pack
        ):
            if isinstance(found, Spilled):
                inner = replace(input, path=found.path, name=f"{input.name}!{found.name}", kind=kind)
                yield from declared(inner, own_or_packed(inner, start, stop))
            else:
                mark = "" if found.name.startswith("#") else "!"
                locator = f"{input.name}{mark}{found.name}"
                if mark == "" and coverage is not None:
                    with opened(input.path) as stream:
                        coverage.stopped(0, size_of(stream))
                yield make_drop(input, kind, locator, found.reason, found.detail, n_bytes=found.n_bytes)

    return read


def _whole_of(input: InputFile, config: IngestConfig) -> Whole:
    """Return the web archives of a packed dump together: what sites and pages say holds in all of them."""

    def files() -> Iterator[InputFile]:
        wanted = _WANTED[SourceKind.WARC]
        for found in spilled(input.path, lambda name: wanted.search(name) is not None, config.max_ratio):
            if isinstance(found, Spilled) and WARC_ALONE.search(found.name):
                yield replace(input, path=found.path, name=f"{input.name}!{found.name}")

    return Whole(lambda: declared(input, files()), config)
