"""The large files inside an archive, one by one, each unpacked to a temporary file: zip, tar, 7z.

For dumps that were packed once more (WACZ, a tar of WARCs, `wiki.xml.7z`): a reader needs a file that it can
seek in. Disk: one entry at a time, bounded as any compressed input; XML is packed again as it is written.
"""

from __future__ import annotations

import lzma
import os
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any, cast

import zstandard

from corpusforge.document import DropReason, name_text
from corpusforge.extras import load
from corpusforge.ingest.archives.archive import ZIP_MAGICS
from corpusforge.ingest.archives.entry import Refused, unsafe_name
from corpusforge.ingest.archives.zip_names import member_name, open_zip
from corpusforge.ingest.compression.inflate import FLOOR_BYTES, Inflated, compression_of, grows_too_much
from corpusforge.ingest.opening import check, opened

_COPY_BYTES = 1 << 20
_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,  # py7zr, on a header that is cut
)
WAY_OUT_OF_7Z = "unpack it first: 7z x FILE"

Wanted = Callable[[str], bool]


class _TooMuch(ValueError):
    """An entry that unpacks beyond what its archive may ask for."""


@dataclass(slots=True)
class Spilled:
    """One entry, unpacked to a file that is gone when the next one is asked for."""

    name: str
    path: str


@dataclass(slots=True)
class _Budget:
    """How many bytes an archive may still unpack to."""

    left_bytes: int
    max_ratio: float

    def take(self, n_bytes: int) -> None:
        self.left_bytes -= n_bytes
        if self.left_bytes < 0:
            raise _TooMuch("it unpacks beyond the limit")


@dataclass(slots=True)
class _Sink:
    """A temporary file, packed by zstd where that is asked for."""

    folder: str
    pack: bool
    budget: _Budget
    n_written: int = 0
    n_bytes: int = 0
    path: str = ""
    fault: OSError | None = None
    """What the disk raised."""
    _out: IO[bytes] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def open(self) -> None:
        """Begin the file of the next entry; the one before is removed."""
        self.close()
        if self.path:
            os.remove(self.path)
        self.n_written += 1
        self.path = os.path.join(self.folder, str(self.n_written))
        out = self._stack.enter_context(open(self.path, "wb"))
        if self.pack:
            packer: Any = zstandard.ZstdCompressor(level=1)
            out = self._stack.enter_context(packer.stream_writer(out, closefd=False))
        self._out = cast("IO[bytes]", out)

    def write(self, data: bytes) -> int:
        """Add bytes. Raises _TooMuch beyond the archive's budget."""
        assert self._out is not None
        self.budget.take(len(data))
        self.n_bytes += len(data)
        try:
            self._out.write(data)
        except OSError as error:
            self.fault = error
            raise
        return len(data)

    def check(self, stream: IO[bytes], error: Exception) -> None:
        """Raise the fault of the disk that is written to, or of the storage that is read, if one was met."""
        if self.fault is not None:
            raise self.fault
        check(stream, error)

    def close(self) -> None:
        """End the file, so that it can be read."""
        self._stack.close()
        self._out = None


def spilled(
    path: str, wanted: Wanted, max_ratio: float, *, pack: bool = False
) -> Iterator[Spilled | Refused]:
    """Yield the wanted files of an archive, unpacked one by one, and a refusal for each other or broken one.

    `pack`: write them packed by zstd, for readers that read forward.
    """
    with opened(path) as stream, tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        n_in_bytes = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(8)
        stream.seek(0)
        budget = _Budget(max(FLOOR_BYTES, int(max_ratio * n_in_bytes)), max_ratio)
        sink = _Sink(folder, pack, budget)
        try:
            if compression_of(head) == "7z":
                yield from _of_7z(stream, wanted, sink)
            elif head.startswith(ZIP_MAGICS):
                yield from _of_zip(stream, wanted, sink)
            else:
                yield from _of_tar(stream, wanted, sink, max_ratio)
        except _ERRORS as error:
            sink.check(stream, error)
            yield _broken("#offset=0", error)
        finally:
            sink.close()


def entry_names(stream: IO[bytes]) -> list[str] | None:
    """Return the names in an archive's directory, without unpacking anything; None where that fails.

    Of a tar, which has no directory, the name of the first file.
    """
    head = stream.read(8)
    stream.seek(0)
    try:
        if compression_of(head) == "7z":
            return [name_text(name) for name in _seven_zip(stream).getnames()]
        if head.startswith(ZIP_MAGICS):
            with open_zip(stream) as archive:
                return [member_name(member) for member in archive.infolist()]
        with tarfile.open(fileobj=cast("Any", _Blocks(stream)), mode="r|") as tar:
            return [next(_tar_name(member) for member in tar if member.isfile())]
    except (*_ERRORS, StopIteration, OSError) as error:
        check(stream, error)
        return None


def tar_members(stream: IO[bytes], max_ratio: float) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (name, bytes to read forward) of the files of a tar, compressed or not."""
    with tarfile.open(fileobj=cast("Any", _Blocks(stream, max_ratio)), mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                yield _tar_name(member), content


def _tar_name(member: tarfile.TarInfo) -> str:
    return name_text(member.name.encode("utf-8", "surrogateescape"))


class _Blocks:
    """A decompressed file for `tarfile`, which only reads forward."""

    def __init__(self, stream: IO[bytes], max_ratio: float = 1000.0) -> None:
        self._inflated = Inflated(stream, max_ratio=max_ratio)
        self._blocks = self._inflated.blocks()
        self._data = b""

    def read(self, n_bytes: int) -> bytes:
        parts: list[bytes] = []
        while n_bytes > 0:
            self._data = self._data or next(self._blocks, b"")
            if not self._data:
                break
            parts.append(self._data[:n_bytes])
            self._data = self._data[n_bytes:]
            n_bytes -= len(parts[-1])
        if not parts and self._inflated.damage:
            raise tarfile.ReadError(self._inflated.damage[0].detail)
        return b"".join(parts)


def _of_zip(stream: IO[bytes], wanted: Wanted, sink: _Sink) -> Iterator[Spilled | Refused]:
    with open_zip(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = member_name(member)
            refused = _refused(name, wanted)
            if refused is not None:
                yield refused
                continue
            try:
                with archive.open(member) as content:
                    _copy(content, sink, member.compress_size)
            except (*_ERRORS, OSError) as error:
                sink.check(stream, error)
                yield _broken(name, error)
                continue
            yield Spilled(name, sink.path)


def _of_tar(stream: IO[bytes], wanted: Wanted, sink: _Sink, max_ratio: float) -> Iterator[Spilled | Refused]:
    for name, content in tar_members(stream, max_ratio):
        refused = _refused(name, wanted)
        if refused is not None:
            yield refused
            continue
        _copy(content, sink)
        yield Spilled(name, sink.path)


def _of_7z(stream: IO[bytes], wanted: Wanted, sink: _Sink) -> Iterator[Spilled | Refused]:
    names = [name for name in _seven_zip(stream).getnames() if not name.endswith("/")]
    for stored in names:
        name = name_text(stored)
        refused = _refused(name, wanted)
        if refused is not None:
            yield refused
            continue
        stream.seek(0)
        sink.open()
        try:
            _extract(stream, stored, sink)
            sink.close()
        except (*_ERRORS, OSError) as error:
            sink.check(stream, error)
            yield _broken(name, error)
            continue
        yield Spilled(name, sink.path)


def _py7zr() -> Any:
    """Return py7zr, which gives up an archive for one name with half of a surrogate pair, taught to go on."""
    py7zr = load("py7zr")  # of use to few dumps: loaded when it is needed
    load("py7zr.archiveinfo").read_utf16 = _read_utf16
    return py7zr


def _read_utf16(file: IO[bytes]) -> str:
    """Return the name that begins at a place of a 7z header, read to behind the NUL that ends it."""
    units: list[bytes] = []
    while (unit := file.read(2)) != b"\0\0":
        if len(unit) < 2:
            raise ValueError("7z: a name without an end")
        units.append(unit)
    return b"".join(units).decode("utf-16-le", "surrogatepass")


def _seven_zip(stream: IO[bytes]) -> Any:
    """Return an open 7z archive. Raises ValueError for one that py7zr cannot read."""
    module = _py7zr()
    try:
        return module.SevenZipFile(stream, "r")
    except module.exceptions.PasswordRequired:
        raise ValueError(f"enciphered with a password, its names too; {WAY_OUT_OF_7Z}") from None
    except module.exceptions.ArchiveError as error:
        raise ValueError(f"7z: {error}") from None


def _extract(stream: IO[bytes], name: str, sink: _Sink) -> None:
    """Write one entry of a 7z archive. Raises ValueError for what py7zr cannot read."""
    archive, errors = _seven_zip(stream), _py7zr().exceptions
    try:
        archive.extract(targets=[name], factory=_Factory(sink))
    except errors.PasswordRequired:
        raise ValueError(f"enciphered with a password; {WAY_OUT_OF_7Z}") from None
    except errors.ArchiveError as error:
        raise ValueError(f"{error}; {WAY_OUT_OF_7Z}") from None


class _Factory:
    """What py7zr asks for a place to write to: there is one entry at a time."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def create(self, filename: str, mode: str = "wb") -> _Writer:
        return _Writer(self._sink)


class _Writer:
    """A sink as py7zr's `Py7zIO`: written forward, never read."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        return self._sink.write(bytes(data))

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._sink.n_bytes

    def close(self) -> None:
        pass


def _copy(content: IO[bytes], sink: _Sink, n_packed_bytes: int | None = None) -> None:
    """Unpack one entry; where its packed size is known, within what these bytes may come to."""
    sink.open()
    start_bytes = sink.n_bytes
    while block := content.read(_COPY_BYTES):
        sink.write(block)
        n_bytes = sink.n_bytes - start_bytes
        if n_packed_bytes is not None and grows_too_much(n_packed_bytes, n_bytes, sink.budget.max_ratio):
            raise _TooMuch(f"{n_packed_bytes} bytes unpack to over {n_bytes}")
    sink.close()


def _refused(name: str, wanted: Wanted) -> Refused | None:
    if unsafe := unsafe_name(name):
        return Refused(name, DropReason.UNSAFE_NAME, f"{name!r}: {unsafe}")
    return (
        None if wanted(name) else Refused(name, DropReason.NOT_CONTENT, "no dump: an index or another table")
    )


def _broken(name: str, error: Exception) -> Refused:
    if isinstance(error, _TooMuch):
        return Refused(name, DropReason.BOMB, str(error))
    return Refused(name, DropReason.UNREADABLE, f"{error or type(error).__name__}"[:200])
