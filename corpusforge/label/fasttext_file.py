"""The file of any fastText classifier: held against its sha256, asked for its labels, loaded by the library.

i32 magic, version | 12 x i32, f64 of settings | i32 entries, words, labels; i64 tokens, pruned
| a word, 0, i64 count, i8 kind for each entry, the labels last | matrices
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from corpusforge.files import is_remote, read_bytes
from corpusforge.pinned import ModelError, check_file

_MAGIC, _VERSIONS = 793712314, (11, 12)
_SUPERVISED = 3
_SETTINGS = struct.Struct("<2i12id")
_COUNTS = struct.Struct("<3i2q")
_AFTER_WORD_BYTES = 9
_MARK = "__label__"
_LABELS_SHOWN = 20
_SHOWN_CHARS = 60


@contextmanager
def _local(path: str) -> Generator[str]:
    """Lend a model as a local file: the library reads nothing else."""
    if not is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        copy = os.path.join(folder, "model")
        try:
            data = read_bytes(path)
        except FileNotFoundError:
            raise ModelError(f"{path}: model file missing") from None
        with open(copy, "wb") as out:
            out.write(data)
        yield copy


def check_label(path: str, sha256: str, label: str) -> None:
    """Raise `ModelError`, one line, unless a file is the pinned classifier and has the label."""
    with _local(path) as local:
        check_file(local, sha256, path)
        labels = _labels(local, path)
    if _full(label) not in labels:
        names = [name.removeprefix(_MARK)[:_SHOWN_CHARS] for name in labels]
        more = f" and {len(names) - _LABELS_SHOWN:,} more" if len(names) > _LABELS_SHOWN else ""
        raise ModelError(
            f"{path}: the model has no label {label!r}; it has: {', '.join(names[:_LABELS_SHOWN])}{more}"
        )


def _full(label: str) -> str:
    return label if label.startswith(_MARK) else f"{_MARK}{label}"


def _labels(local: str, path: str) -> list[str]:
    """Return the labels of a model. Raises `ModelError` for what is no fastText classifier."""
    with open(local, "rb") as stream:
        if os.path.getsize(local) < _SETTINGS.size + _COUNTS.size:
            raise ModelError(f"{path}: no fastText model")
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        with data:
            magic, version, *settings = _SETTINGS.unpack_from(data, 0)
            if magic != _MAGIC or version not in _VERSIONS:
                raise ModelError(f"{path}: no fastText model, or of another version")
            if settings[7] != _SUPERVISED:
                raise ModelError(f"{path}: a fastText model of word vectors, not a classifier")
            n_entries, n_words, n_labels, _, _ = _COUNTS.unpack_from(data, _SETTINGS.size)
            at, names = _SETTINGS.size + _COUNTS.size, list[str]()
            for number in range(n_entries):
                end = data.find(b"\0", at)
                if end < 0 or end + _AFTER_WORD_BYTES > len(data):
                    raise ModelError(f"{path}: a fastText model that was cut short")
                if number >= n_words:
                    names.append(data[at:end].decode("utf-8", "replace"))
                at = end + 1 + _AFTER_WORD_BYTES
            if len(names) != n_labels:
                raise ModelError(f"{path}: a fastText model that was cut short")
            return names


@lru_cache(maxsize=16)
def load_classifier(path: str, sha256: str) -> tuple[Any, int]:
    """Return (the library's model, how many labels it has), once in a process and all that it forks.

    Raises `ModelError`, one line, where the file is missing, not the pinned one, or not readable.
    """
    import fasttext

    library: Any = fasttext
    with _local(path) as local:
        check_file(local, sha256, path)
        try:
            model: Any = library.load_model(local)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: {error}") from error
    return model.f, len(model.labels)


def probability(model: tuple[Any, int], line: str, label: str) -> float:
    """Return the probability, 0-1, of a label for a text without line feeds; 0 where no word is known."""
    predictor, n_labels = model
    wanted = _full(label)
    for found, name in predictor.predict(f"{line}\n", n_labels, 0.0, "replace"):
        if name == wanted:
            return min(1.0, max(0.0, float(found)))
    return 0.0
