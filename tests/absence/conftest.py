"""The corpus of two snapshots that the tests of `gc` are over, and lists of its documents."""

import pyarrow.parquet as pq
import pytest

from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import built_twice, run, twice  # noqa: F401


def documents_of(corpus, snapshot):
    """Return the rows of the docs tables of a snapshot."""
    rows = []
    for row in read_index(str(corpus), snapshot).rows:
        path = corpus / "shards" / row.domain / row.subset / f"{row.id}.docs.parquet"
        rows += [{**one, "shard": row.id} for one in pq.read_table(path).to_pylist()]
    return rows


@pytest.fixture
def listed(tmp_path):
    """A function that writes a list and returns its path."""

    def write(*entries, name="list.txt"):
        path = tmp_path / name
        path.write_text("".join(f"{entry}\n" for entry in entries))
        return path

    return write


@pytest.fixture
def gone(twice):  # noqa: F811
    """A document that the first snapshot alone holds."""
    new = {one["doc_id"] for one in documents_of(twice.corpus, twice.new)}
    return next(one for one in documents_of(twice.corpus, twice.old) if one["doc_id"] not in new)


@pytest.fixture
def clean(twice):  # noqa: F811
    """The corpus without its first snapshot."""
    status, _, err = run("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    return twice
