"""The texts of a cluster's members: those that stayed from the shards, the others from their parts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow
import pyarrow.compute

from corpusforge.files import exists
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.plan import manifest_rows
from corpusforge.view.explorer import Explorer

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute
_SECONDS = 5.0


def texts_of(explorer: Explorer, members: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return texts by document id; one that was not found within some seconds is left out.

    A part's table has no index of ids: the ids of the parts of a member's source are read, their texts not.
    """
    wanted = {str(member["doc_id"]) for member in members}
    sources = {member["source"] for member in members}
    found: dict[str, str] = {}
    end = time.monotonic() + _SECONDS
    for entry in manifest_rows(explorer.corpus, explorer.index.header):
        path = part_path(explorer.corpus, str(entry.get("part_id", "")), "documents.parquet")
        if entry.get("source") not in sources or not exists(path):
            continue
        with open_sealed_parquet(path) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["doc_id"])["doc_id"].combine_chunks()
                places = pc.indices_nonzero(pc.is_in(ids, value_set=pa.array(sorted(wanted))))
                if len(places):
                    texts = file.read_row_group(group, columns=["text"])["text"].take(places)
                    found.update(zip(ids.take(places).to_pylist(), texts.to_pylist(), strict=True))
        if len(found) == len(wanted) or time.monotonic() > end:
            break
    return found
