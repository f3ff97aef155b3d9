#!/usr/bin/env bash
# obstore 0.12.1: a listing's prefix counts by whole components of the name: `part-0` lists no `part-000.gz`.
#
# S3 and Azure take any string as a prefix, and so do boto3 and gsutil. obstore's `list(store, prefix)` and
# `list_with_delimiter` append a slash to it: a prefix that ends within a name matches nothing, without an
# error. We list the folder from a name on that sorts before the prefix (corpusforge/files/cloud.py).
#
# Seen: obstore 0.12.1: prefix "dump/part-0" lists 0 of 3 objects, "dump" 3, offset "dump/part-" 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet obstore==0.12.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import obstore
from obstore.store import MemoryStore

store = MemoryStore()
for name in ("dump/index", "dump/part-000.gz", "dump/part-001.gz"):
    obstore.put(store, name, b"x")


def listed(prefix, offset=None):
    return sum(len(page) for page in obstore.list(store, prefix, offset=offset))


within, whole, behind = listed("dump/part-0"), listed("dump"), listed("dump", "dump/part-")
print(
    f'obstore {obstore.__version__}: prefix "dump/part-0" lists {within} of 3 objects, "dump" {whole}, '
    f'offset "dump/part-" {behind}'
)
sys.exit(0 if (within, whole, behind) == (0, 3, 2) else "the behaviour has changed")
PYTHON
