"""Writes sample tables beside the plans that read them: in bounded memory, named by content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import exists, join, publishing
from corpusforge.mixture.packing import Packed
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, SampleTable, table_path
from corpusforge.shards.format import shard_id


def write_table(corpus: str, samples: Iterator[Packed]) -> tuple[SampleTable, NDArray[np.uint32]]:
    """Return (table, tokens of each sample) of packed samples, published in the corpus.

    A table that is there already is left as it is: its name is its content.
    """
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        files = {kind: _HashedFile(Path(folder, kind)) for kind in ("stretches", "firsts")}
        files["firsts"].write(np.zeros(1, FIRSTS_DTYPE))
        lengths = [np.zeros(0, np.uint32)]
        n_stretches = 0
        for stretches, counts in samples:
            if not len(counts):
                continue
            ends = np.cumsum(counts, dtype=np.int64)
            files["stretches"].write(stretches)
            files["firsts"].write((n_stretches + ends).astype(FIRSTS_DTYPE))
            lengths.append(np.add.reduceat(stretches["length"], ends - counts))
            n_stretches += len(stretches)
        tokens = np.concatenate(lengths)
        sha256 = {kind: file.close() for kind, file in files.items()}
        table = SampleTable(
            id=shard_id([sha256["stretches"], sha256["firsts"]]),
            n_samples=len(tokens),
            n_stretches=n_stretches,
            n_tokens=int(tokens.sum(dtype=np.int64)),
            stretches_sha256=sha256["stretches"],
            firsts_sha256=sha256["firsts"],
        )
        for kind, file in files.items():
            _publish(file.path, join(corpus, table_path(table.id, kind)))
    return table, tokens


class _HashedFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("wb")
        self._digest = hashlib.sha256()

    def write(self, values: NDArray[Any]) -> None:
        data = values.tobytes()
        self._stream.write(data)
        self._digest.update(data)

    def close(self) -> str:
        self._stream.close()
        return self._digest.hexdigest()


def _publish(path: Path, target: str) -> None:
    if not exists(target):
        with publishing(target) as place:
            shutil.copyfile(path, place)
