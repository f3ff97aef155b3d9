"""Files that no reader reads, told by their content: what each is, and what to make of it first."""

from __future__ import annotations

from collections.abc import Sequence

from corpusforge.ingest.web.mhtml import is_mail

HEAD_BYTES = 34 << 10
"""Of a file's beginning that is looked at; an ISO image names itself behind 32 KiB."""
_AS_TEXT = "save it as text, HTML or EPUB first"
_UNPACK = "unpack it first"
_EXPORT = "write its texts to JSONL or Parquet first"
_BEGINNINGS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF-", "PDF", "make text of it first, with pdftotext say"),
    (60, b"BOOKMOBI", "a Kindle book (MOBI)", "convert it to EPUB first"),
    (60, b"TEXtREAd", "a Palm book", "convert it to EPUB first"),
    (0, b"ITOLITLS", "a book of Microsoft Reader", "convert it to EPUB first"),
    (0, b"ITSF", "compiled HTML help (CHM)", _UNPACK + ": 7z x FILE"),
    (0, b"AT&TFORM", "DjVu", "make text of it first, with djvutxt say"),
    (0, b"{\\rtf", "RTF", _AS_TEXT),
    (0, b"%!PS-", "PostScript", "make text of it first, with ps2ascii say"),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an office document of the old form (.doc, .xls, .ppt)",
        _AS_TEXT,
    ),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK + ": unrar x FILE"),
    (0, b"MSCF\0\0\0\0", "a cabinet archive", _UNPACK + ": cabextract FILE"),
    (32769, b"CD001", "an ISO image", _UNPACK + ": 7z x FILE"),
    (0, b"!<arch>\ndebian-binary", "a Debian package", _UNPACK + ": dpkg-deb -x FILE FOLDER"),
    (0, b"\xed\xab\xee\xdb", "an RPM package", _UNPACK + ": rpm2cpio FILE | cpio -id"),
    (0, b"\x1f\x9d", "packed by compress (.Z)", _UNPACK + ": uncompress FILE"),
    (0, b"LZIP\x01", "packed by lzip", _UNPACK + ": lzip -d FILE"),
    (0, b"\x5d\0\0", "packed by LZMA alone", _UNPACK + ": xz -d --format=lzma FILE"),
    (0, b"SQLite format 3\0", "an SQLite database", _EXPORT),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5", _EXPORT),
    (0, b"Obj\x01", "Avro", _EXPORT),
    (0, b"ORC\x0a", "ORC", _EXPORT),
    (0, b"\x93NUMPY", "an array of NumPy", _EXPORT),
    (0, b"bplist00", "a web archive or list of Apple's", "save the page as HTML first"),
)
"""(offset, bytes, what it is, what to do). A file that begins so may be text by chance only where a reader
would have taken it for text before, and none of these does."""
_OFFICE = (
    ("word/", "Word (.docx)"),
    ("xl/", "Excel (.xlsx)"),
    ("ppt/", "PowerPoint (.pptx)"),
    ("visio/", "Visio"),
)


def strange(head: bytes) -> str | None:
    """Return what bytes begin that no reader reads, and the way out, in one line; None for others."""
    for at, sign, what, way_out in _BEGINNINGS:
        if head[at : at + len(sign)] == sign:
            return f"{what}: not read; {way_out}"
    if is_mail(head):
        return "a mail message (MIME): not read; save its text first"
    return None


def strange_archive(names: Sequence[str]) -> str | None:
    """Return what an archive of these names is, if it is a document of an office suite; else None."""
    if "[Content_Types].xml" in names:
        found = (what for folder, what in _OFFICE if any(name.startswith(folder) for name in names))
        what = next(found, "an office suite")
    elif "content.xml" in names and ("META-INF/manifest.xml" in names or "mimetype" in names):
        what = "OpenDocument (.odt, .ods, .odp)"
    elif any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        what = "iWork (.pages, .numbers, .key)"
    else:
        return None
    return f"a document of {what}: not read; {_AS_TEXT}"
