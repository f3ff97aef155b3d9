#!/bin/sh
# datasets 5.2.0: the JSON reader takes a column's type from the first file; where that holds nulls alone, a later
# file with values ends the load, though both are valid JSON lines and Parquet of the same two tables loads.
#
# One expects the type that all files share: null in one of them is no value, not another type. So we hand over
# JSON lines for Dolma's tools, whose fields may be null throughout a shard, and Parquet with a schema for
# `datasets` (corpusforge/export/hf.py).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q datasets==5.2.0 pyarrow==26.0.1
cd "$folder"
HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$folder/home" venv/bin/python - 2>/dev/null <<'END'
import sys
import datasets
import pyarrow as pa
import pyarrow.parquet as pq

open("0.jsonl", "w").write('{"id": "a", "date": null}\n')
open("1.jsonl", "w").write('{"id": "b", "date": "some day"}\n')
schema = pa.schema([("id", pa.string()), ("date", pa.string())])
for name, date in (("0", None), ("1", "some day")):
    pq.write_table(pa.table({"id": [name], "date": [date]}, schema), f"{name}.parquet")


def load(kind: str, files: list[str]) -> str:
    try:
        return str(datasets.load_dataset(kind, data_files=files, split="train")["date"][:])
    except datasets.exceptions.DatasetGenerationError as error:
        return f"{type(error).__name__}: {str(error.__cause__)[:80]}"


seen = {
    "nulls first": load("json", ["0.jsonl", "1.jsonl"]),
    "values first": load("json", ["1.jsonl", "0.jsonl"]),
    "Parquet, nulls first": load("parquet", ["0.parquet", "1.parquet"]),
}
print("datasets", datasets.__version__, seen)
sys.exit(0 if seen["nulls first"].startswith("DatasetGenerationError") and "null" in seen["nulls first"] else 1)
END
