"""A source whose bytes are kept on local disk once they were read: for what is read twice."""

from __future__ import annotations

import os
import tempfile

from corpusforge.files.faults import attempt
from corpusforge.files.sources import Source


class SpooledSource:
    """An object that is asked for each byte once, whatever its reader reads again.

    Takes as much room among temporary files as was read; a file without a name, gone on closing.
    """

    is_seekable = True

    def __init__(self, source: Source) -> None:
        self._source = source
        self.path = source.path
        self._held: list[tuple[int, int]] = []
        """The ranges on disk, in order, none touching another."""
        self._place = f"{tempfile.gettempdir()} (copy of {self.path})"
        self._file = attempt(self._place, "write", lambda: tempfile.TemporaryFile("w+b", 0))

    @property
    def size_bytes(self) -> int:
        """Return the size of the object."""
        return self._source.size_bytes

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end of the object."""
        parts: list[bytes] = []
        while start < stop:
            held_to = next((last for first, last in self._held if first <= start < last), None)
            if held_to is not None:
                data = self._from_disk(start, min(stop, held_to))
            else:
                ends = [first for first, _ in self._held if first > start]
                data = self._source.read(start, min([stop, *ends]))
                self._keep(start, data)
            if not data:
                break
            parts.append(data)
            start += len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Remove what is held."""
        self._file.close()
        self._source.close()

    def _from_disk(self, start: int, stop: int) -> bytes:
        handle = self._file.fileno()
        return attempt(self._place, "read", lambda: os.pread(handle, stop - start, start))

    def _keep(self, start: int, data: bytes) -> None:
        handle, stop = self._file.fileno(), start + len(data)
        if not data:
            return
        n_kept = attempt(self._place, "write", lambda: os.pwrite(handle, data, start))
        stop = start + n_kept  # a disk that fills up may take a part
        before = [held for held in self._held if held[1] < start]
        after = [held for held in self._held if held[0] > stop]
        touching = [held for held in self._held if held not in before and held not in after]
        first = min([start, *(held[0] for held in touching)])
        last = max([stop, *(held[1] for held in touching)])
        self._held = [*before, (first, last), *after]
