#!/bin/sh
# pyarrow 25.0.1: ChunkedArray.combine_chunks copies all of a column that has a single chunk already, where
# Table.combine_chunks hands on the same memory. A column read one row group at a time is such a column: each
# text was copied once more than needed (corpusforge/shards/tokenise.py, `in_one`). Fails when this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --no-deps --target "$folder" pyarrow==25.0.1
said=$(PYTHONPATH="$folder" python3 -c '
import pyarrow as pa
print("pyarrow " + pa.__version__)
column = pa.chunked_array([pa.array(["x" * 1000] * 10_000)])
before = pa.total_allocated_bytes()
one = column.combine_chunks()
copied = one.buffers()[2].address != column.chunk(0).buffers()[2].address
print("ChunkedArray: chunks %d, copied %s, MB %.0f" % (column.num_chunks, copied, (pa.total_allocated_bytes() - before) / 1e6))
before = pa.total_allocated_bytes()
table = pa.table({"x": column}).combine_chunks()
print("Table: MB %.0f" % ((pa.total_allocated_bytes() - before) / 1e6))
')
printf '%s\n' "$said"
printf '%s\n' "$said" | grep -q '^ChunkedArray: chunks 1, copied True, MB 10$'
printf '%s\n' "$said" | grep -q '^Table: MB 0$'
