"""Prefixes of a Megatron export stay under its limit, by joining the shards of a subset."""

import struct
from pathlib import Path

import numpy as np
import pytest

from corpusforge.export.megatron import MAX_PREFIXES, export_snapshot
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index
from tests.shards.corpus import build_corpus


def test_shards_are_joined_where_they_would_be_too_many_prefixes(tmp_path: Path) -> None:
    corpus = build_corpus(tmp_path, 300, target_tokens=1000)
    index = read_index(str(corpus))
    n_subsets = len({(row.domain, row.subset) for row in index.rows})
    limit = n_subsets + 3
    assert len(index.rows) > limit and MAX_PREFIXES == 32_767
    out = tmp_path / "out"
    out.mkdir()
    export_snapshot(str(corpus), index, str(out), max_prefixes=limit)
    found = sorted(out.glob("*.idx"))
    assert n_subsets <= len(found) <= limit
    documents = 0
    for path in found:
        data = path.read_bytes()
        version, code, sequences, _ = struct.unpack_from("<QBQQ", data, 9)
        lengths = np.frombuffer(data, "<i4", sequences, 34)
        assert (version, code) == (1, 4) and lengths.sum() * 4 == path.with_suffix(".bin").stat().st_size
        documents += sequences
    assert documents == index.header["totals"]["n_docs"]
    for domain, subset in {(row.domain, row.subset) for row in index.rows}:
        joined = b"".join(path.read_bytes() for path in sorted(out.glob(f"{domain}-{subset}-*.bin")))
        rows = [row for row in index.rows if (row.domain, row.subset) == (domain, subset)]
        paths = [corpus / shard_path(domain, subset, row.id, "tokens") for row in rows]
        assert joined == b"".join(path.read_bytes() for path in paths)
    with pytest.raises(ValueError, match=f"{n_subsets} subsets do not fit into 2 prefixes"):
        export_snapshot(str(corpus), index, str(out), max_prefixes=2)
