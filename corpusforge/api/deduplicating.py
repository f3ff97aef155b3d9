"""Exact and near duplicates of texts, as `corpusforge dedup` finds them: by the same functions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from tempfile import TemporaryDirectory

from corpusforge.api.errors import UsageError, wrong_type
from corpusforge.api.rows import BATCH_ROWS, values_of
from corpusforge.commands.decisions import Decisions
from corpusforge.commands.dedup import Settings, add_batch, make_config
from corpusforge.commands.origins import COLUMNS
from corpusforge.commands.tables import Batch
from corpusforge.dedup.local import SignatureStore


def deduplicate(texts: Iterable[object], threshold: float = 0.75, column: str = "text") -> list[bool]:
    """Return for each text, in order, whether it stays: one of each cluster of duplicates does.

    Of a cluster the likelier origin stays, as far as columns of the rows tell it (`url`, `date`, `repo` and
    others), then the longest text, then the first. As `corpusforge dedup` decides by its
    defaults (MinHash of shingles of five words, 128 permutations); rows with an `id` stand in the order
    of their ids. Signatures lie in a temporary folder (TMPDIR): memory grows by 20 bytes a text.

    Args:
        texts: Texts; or rows (dicts) or an Arrow table, record batch or reader of record batches whose
            `column` holds the text. Any iterable of these: a list, a generator.
        threshold: Jaccard similarity of shingles that makes a near duplicate, 0.01 to 1.
        column: Where a row holds the text.

    Raises:
        WrongType: an item is no text. UsageError: the threshold is out of range, or a row lacks the
            column.

    Example:
        >>> import corpusforge
        >>> text = "The winch was repaired before dawn, and the boats went out with the ebb once more."
        >>> corpusforge.deduplicate([text, "Another text altogether.", text])
        [True, True, False]
    """
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise wrong_type("threshold", "a number from 0.01 to 1", threshold)
    if not 0.01 <= threshold <= 1:
        raise UsageError(f"threshold: {threshold} is not from 0.01 to 1")
    config = make_config(Settings(threshold=float(threshold)))
    rows = values_of(texts, column)
    n_rows = 0
    with TemporaryDirectory(prefix="corpusforge-") as folder, SignatureStore(folder, config) as store:
        while taken := list(islice(rows, BATCH_ROWS)):
            batch = Batch([], [], [])
            for values in taken:
                text = values[column]
                if not isinstance(text, str):
                    raise wrong_type(f"item {n_rows}", "a text", text)
                told = {name: values[name] for name in values.keys() & COLUMNS}
                batch.add(values.get("id"), "", text, told)
                n_rows += 1
            add_batch(batch, 0, store, config)
        result = Decisions(n_rows)
        for members in store.clusters():
            result.add(members)
    return result.keep.tolist()
