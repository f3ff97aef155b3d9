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

from corpusforge.files import exists, join, publishing, write_bytes
from corpusforge.mixture.packing import Packed
from corpusforge.mixture.samplepatch import Moves, SamplePatch, patch_path
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, SampleTable, table_path
from corpusforge.shards.format import ID_DIGITS, shard_id


def write_table(
    corpus: str, samples: Iterator[Packed], *, keep_lengths: bool = True
) -> tuple[SampleTable, NDArray[np.uint32]]:
    """Return (table, tokens of each sample) of packed samples, published in the corpus.

    A table that is there already is left as it is: its name is its content. Without `keep_lengths`, tokens
    are summed alone, and what is held does not grow.
    """
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        files = {kind: _HashedFile(Path(folder, kind)) for kind in ("stretches", "firsts")}
        files["firsts"].write(np.zeros(1, FIRSTS_DTYPE))
        lengths = [np.zeros(0, np.uint32)]
        n_stretches = n_samples = n_tokens = 0
        for stretches, counts in samples:
            if not len(counts):
                continue
            ends = np.cumsum(counts, dtype=np.int64)
            files["stretches"].write(stretches)
            files["firsts"].write((n_stretches + ends).astype(FIRSTS_DTYPE))
            if keep_lengths:
                lengths.append(np.add.reduceat(stretches["length"], ends - counts))
            n_stretches, n_samples = n_stretches + len(stretches), n_samples + len(counts)
            n_tokens += int(stretches["length"].sum(dtype=np.int64))
        sha256 = {kind: file.close() for kind, file in files.items()}
        table = SampleTable(
            id=shard_id([sha256["stretches"], sha256["firsts"]]),
            n_samples=n_samples,
            n_stretches=n_stretches,
            n_tokens=n_tokens,
            stretches_sha256=sha256["stretches"],
            firsts_sha256=sha256["firsts"],
        )
        for kind, file in files.items():
            _publish(file.path, join(corpus, table_path(table.id, kind)))
    return table, np.concatenate(lengths)


def write_patch(corpus: str, moves: Moves, *, dry_run: bool = False) -> SamplePatch:
    """Return the patch of some moves, published in the corpus but in a dry run."""
    data = moves.to_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    patch = SamplePatch(
        id=sha256[:ID_DIGITS],
        sha256=sha256,
        n_tokens=moves.n_tokens,
        lost_tokens=moves.lost_tokens,
        epochs=moves.epochs,
        n_moves=len(moves.moves),
        n_fills=len(moves.fills),
        n_shards=len(moves.sizes),
    )
    path = join(corpus, patch_path(patch.id))
    if not dry_run and not exists(path):
        write_bytes(path, data)
    return patch


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
