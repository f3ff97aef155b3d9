"""One machine without a runner finds what the pipeline finds."""

import json

import numpy as np
import pyarrow.parquet as pq

from corpusforge.config import load_config
from corpusforge.dedup.buckets import bucket_edges
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.config import DedupConfig, SignatureConfig
from corpusforge.dedup.local import SignatureStore
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.signed import signature_rows
from corpusforge.dedup.survivors import clusters
from corpusforge.domains import Domain
from corpusforge_pipelines.build import build
from tests.dedup.test_clusters import band_pairs
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
        return groups(store.clusters())


def groups(found):
    """Clusters as sets of row numbers."""
    return {
        frozenset(members.refs[members.survivor == place].tolist())
        for members in found
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


def test_a_table_of_many_blocks_gives_what_comparing_it_whole_gives(tmp_path, monkeypatch):
    random = np.random.RandomState(0)
    words = [f"w{number}" for number in range(50)]
    bases = [random.choice(words, 60).tolist() for _ in range(40)]
    made = []
    for number in random.permutation(400).tolist():
        text = list(bases[number % 40 if number < 300 else 0])  # a hundred like texts share their buckets
        for place in random.randint(0, 60, number % 4):
            text[place] = "other"
        made.append(" ".join(text))
    config = DedupConfig(signature=SignatureConfig(permutations=64), bands=8, rows=8)
    orders = np.stack([np.zeros(400), np.arange(400)], axis=1).astype(np.uint64)
    rows = signature_rows(made, orders, config, Domain.WEB)
    policy = policy_of(config)
    edges = bucket_edges(band_pairs(rows, 0, policy), lambda refs: rows[refs.astype(int)], policy)
    whole = groups(clusters(*connected(edges), lambda refs: rows[refs.astype(int)], config))
    assert len(whole) > 20 and max(map(len, whole)) > 32
    for name, value in {
        "RANGE_KEYS": 32,
        "ROWS_ARRANGED": 16,
        "_ROWS_READ": 24,
        "_WINDOWS_MAPPED": 1,
    }.items():
        monkeypatch.setattr(f"corpusforge.dedup.shortlist.{name}", value)
    monkeypatch.setattr("corpusforge.dedup.buckets.BLOCK_ROWS", 32)
    monkeypatch.setattr("corpusforge.dedup.survivors.BLOCK_ROWS", 32)
    with SignatureStore(str(tmp_path), config) as store:
        for start in range(0, 400, 70):
            store.add(rows[start : start + 70])
        assert groups(store.clusters()) == whole


def test_pairs_of_rows_far_apart_are_found_with_little_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("corpusforge.dedup.buckets.BLOCK_ROWS", 8)
    monkeypatch.setattr("corpusforge.dedup.survivors.BLOCK_ROWS", 8)
    made = [article(str(n % 40)) for n in range(80)]
    assert local_groups(made, tmp_path) == {frozenset({n, n + 40}) for n in range(40)}
