"""A table spliced is the table written anew, byte for byte; where it could not be, nothing is written."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.shards.splice import spliced
from corpusforge.shards.writer import PARQUET

PLACES = pa.schema([("start", pa.uint64()), ("length", pa.uint32())])
SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        ("score", pa.float64()),
        ("signals", pa.map_(pa.string(), pa.float32())),
        ("is_told", pa.bool_()),
        *PLACES,
    ]
)


def written(schema, tables, **options):
    out = io.BytesIO()
    with pq.ParquetWriter(out, schema, **{**PARQUET, **options}) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(1, len(table)))
    return out.getvalue()


def tables(sizes, seed):
    rng = np.random.default_rng(seed)
    found = []
    for n in sizes:
        columns = [
            pa.array(
                [f"{rng.integers(1 << 40):x}" if rng.random() < 0.9 else None for _ in range(n)], pa.string()
            ),
            pa.array(rng.random(n)),
            pa.array(
                [[("a", float(i)), ("b", 1.0)][: i % 3] for i in range(n)], SCHEMA.field("signals").type
            ),
            pa.array([bool(i % 2) for i in range(n)]),
            pa.array(rng.integers(0, 1 << 60, n).astype(np.uint64)),
            pa.array(rng.integers(0, 1 << 31, n).astype(np.uint32)),
        ]
        found.append(pa.Table.from_arrays(columns, schema=SCHEMA))
    return found


@given(st.lists(st.integers(1, 300), min_size=1, max_size=20), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_new_places_give_the_bytes_of_a_table_written_anew(sizes, seed):
    old, other = tables(sizes, seed), tables(sizes, seed + 1)
    new = [
        pa.Table.from_arrays([*a.columns[:-2], *b.columns[-2:]], schema=SCHEMA)
        for a, b in zip(old, other, strict=True)
    ]
    places = written(PLACES, [table.select(PLACES.names) for table in other])
    out = io.BytesIO()
    assert spliced(written(SCHEMA, old), places, out)
    assert out.getvalue() == written(SCHEMA, new)


@pytest.mark.parametrize("sizes", [[3, 2], [4], [2, 3, 1]])
def test_tables_of_other_row_groups_are_left_alone(sizes):
    out = io.BytesIO()
    places = written(PLACES, [table.select(PLACES.names) for table in tables(sizes, 1)])
    assert not spliced(written(SCHEMA, tables([2, 3], 0)), places, out)
    assert not out.getvalue()


def test_a_table_of_another_writer_is_left_alone():
    (table,) = tables([5], 0)
    places = written(PLACES, [table.select(PLACES.names)])
    old = written(SCHEMA, [table])
    version = f"parquet-cpp-arrow version {pa.__version__}".encode()
    assert version in old
    out = io.BytesIO()
    assert not spliced(old.replace(version, version[:-1] + b"x"), places, out)
    assert not out.getvalue()
