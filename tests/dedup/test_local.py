"""One machine without a runner finds what the pipeline finds."""

import json

import numpy as np
import pyarrow.parquet as pq

from corpusforge.config import load_config
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.local import SignatureStore, signature_rows
from corpusforge.domains import Domain
from pipelines.build import build
from tests.pipelines.conftest import article, write_config


def texts():
    long = [article("c", 30).split(" "), article("d", 30).split(" ")]
    chain = [" ".join(long[0][: 200 - n] + long[1][:n]) for n in range(0, 160, 10)]
    copies = [article("one"), article("one").upper(), article("one") + "\n\nA tail of its own."]
    return [*(article(str(n)) for n in range(8)), *copies, *chain]


def local_groups(rows, folder, config=None, ids=None):
    """The clusters as sets of row numbers, by the fast path."""
    config = config or DedupConfig()
    orders = np.zeros((len(rows), 2), dtype=np.uint64)
    orders[:, 1] = np.arange(len(rows))
    if ids is not None:
        orders[:] = [(int(one[:16], 16), int(one[16:], 16)) for one in ids]
    with SignatureStore(str(folder), config) as store:
        store.add(signature_rows(rows, orders, config, Domain.WEB))
        return {
            frozenset(members.refs[members.survivor == place].tolist())
            for members in store.clusters()
            for place in np.unique(members.survivor)
        }


def test_clusters_are_those_of_the_pipeline(tmp_path):
    (tmp_path / "dumps").mkdir()
    made = texts()
    lines = [json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(made)]
    (tmp_path / "dumps" / "ready-0.jsonl").write_text("".join(lines))
    path = write_config(tmp_path, tmp_path / "corpus")
    path.write_text(path.read_text().split("[[sources]]")[0] + '[[sources]]\nname = "r"\npaths = ["dumps"]\n')
    build(load_config(str(path)), until="dedup")
    (documents,) = (tmp_path / "corpus" / "parts").glob("*.documents.parquet")
    kept = pq.read_table(documents).to_pylist()
    places = {row["doc_id"]: place for place, row in enumerate(kept)}
    (found,) = (tmp_path / "corpus" / "clusters").glob("*/*/clusters.parquet")
    groups = {}
    for row in pq.read_table(found).to_pylist():
        groups.setdefault(row["cluster_id"], set()).add(places[row["doc_id"]])
    assert len(groups) >= 3
    ids = [row["doc_id"] for row in kept]  # they break ties: so the chain is broken at the same members
    ours = local_groups([row["text"] for row in kept], tmp_path / "work", ids=ids)
    assert ours == {frozenset(group) for group in groups.values()}


def test_pairs_of_rows_far_apart_are_found_with_little_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("corpusforge.dedup.buckets.BLOCK_ROWS", 8)
    monkeypatch.setattr("corpusforge.dedup.survivors.BLOCK_ROWS", 8)
    made = [article(str(n % 40)) for n in range(80)]
    assert local_groups(made, tmp_path) == {frozenset({n, n + 40}) for n in range(40)}
