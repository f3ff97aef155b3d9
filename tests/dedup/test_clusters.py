"""Which documents go: the same whatever came first, and never through a chain of strangers."""

import json

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.bands import band_pairs, bucket_edges, checked_edges, make_refs, ref_part, ref_row
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.result import read_gone, read_summary, write_clusters
from corpusforge.dedup.signature import signature_dtype, signatures
from corpusforge.dedup.survivors import clusters
from corpusforge.text import content_hash
from tests.dedup.test_signature import document

CONFIG = DedupConfig()
NO_DOMAIN = np.array([], dtype=np.uint8)


def rows_of(texts, domains=None):
    rows = np.zeros(len(texts), dtype=signature_dtype(128))
    rows["minhash"] = signatures(texts, CONFIG.signature)
    rows["domain"] = domains or 0
    rows["n_bytes"] = [len(text.encode()) for text in texts]
    for place, text in enumerate(texts):
        digest = content_hash(text)
        rows["content"][place] = int(digest[:16], 16), int(digest[16:], 16)
        rows["doc"][place] = 0, int(content_hash(f"{place}{text}")[:16], 16)
    return rows


def gone(parts, config=CONFIG):
    """The texts' (part, row) that go, by the plain functions that the pipeline wires."""

    def lookup(refs):
        return np.array(
            [parts[int(p)][int(r)] for p, r in zip(ref_part(refs), ref_row(refs), strict=True)],
            dtype=signature_dtype(128),
        )

    pairs = np.concatenate([band_pairs(rows, number, config, NO_DOMAIN) for number, rows in enumerate(parts)])
    edges = checked_edges(bucket_edges(pairs), lookup, config)
    return list(clusters(*connected(edges), lookup, config)), lookup


def test_exact_and_near_copies_go_and_the_longest_stays():
    base = document(0)
    texts = [base, base.upper(), base + " and a longer tail", document(1)]
    found, _ = gone([rows_of(texts)])
    assert [(cluster.survivor, sorted(cluster.duplicates)) for cluster in found] == [(2, [0, 1])]


def test_exact_only_leaves_near_copies():
    base = document(0)
    found, _ = gone([rows_of([base, base.upper(), base + " tail"])], DedupConfig(method="exact"))
    assert len(found) == 1
    assert len(found[0].duplicates) == 1


def test_domains_do_not_meet():
    base = document(0)
    assert gone([rows_of([base, base], domains=[0, 1])])[0] == []


def test_the_end_of_a_chain_is_not_a_duplicate_of_its_head():
    words = document(0, 400).split()
    other = document(1, 400).split()
    chain = [" ".join(words[: 400 - step] + other[:step]) for step in range(0, 320, 16)]
    found, _ = gone([rows_of(chain)])
    for cluster in found:
        for member in cluster.duplicates:
            rows = rows_of([chain[cluster.survivor], chain[member]])
            assert (rows[0]["minhash"] == rows[1]["minhash"]).mean() >= CONFIG.threshold
    survivors = len(chain) - sum(len(cluster.duplicates) for cluster in found)
    assert survivors > 1


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(9)), st.integers(1, 8))
def test_who_stays_does_not_depend_on_order_or_parts(order, cut):
    base = document(0)
    texts = [base, base, base.upper(), base + " tail", document(1), document(1), document(2), "", "x"]
    rows = rows_of(texts)
    expected = {tuple(sorted(c.duplicate_doc_ids)) for c in gone([rows])[0]}
    shuffled = rows[list(order)]
    found, _ = gone([shuffled[:cut], shuffled[cut:]])
    assert {tuple(sorted(c.duplicate_doc_ids)) for c in found} == expected


def test_the_files_say_what_goes_and_from_where(tmp_path):
    base = document(0)
    found, lookup = gone([rows_of([base, document(5)]), rows_of([document(6), base.upper(), base])])
    summary = write_clusters(str(tmp_path / "run"), found, ["one", "two"], lookup)
    assert read_summary(str(tmp_path / "run")) == json.loads(json.dumps(summary))
    assert summary["removed"] == 2
    rows = pq.read_table(tmp_path / "run" / "clusters.parquet").to_pylist()
    assert [row["keep"] for row in rows] == [True, False, False]
    assert sum(len(read_gone(str(tmp_path / "run"), part)) for part in (0, 1)) == 2


def test_refs_name_part_and_row():
    refs = make_refs(7, np.array([0, 5], dtype=np.uint64))
    assert ref_part(refs).tolist() == [7, 7]
    assert ref_row(refs).tolist() == [0, 5]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_those_of_a_plain_search(pairs):
    edges = np.array(
        [(min(p), max(p)) for p in pairs if p[0] != p[1]], dtype=[("low", "<u8"), ("high", "<u8")]
    )
    if not len(edges):
        return
    refs, numbers = connected(edges)
    ours = {}
    for ref, number in zip(refs.tolist(), numbers.tolist(), strict=True):
        ours.setdefault(number, set()).add(ref)
    groups = []
    for low, high in edges.tolist():
        touching = [g for g in groups if g & {low, high}]
        groups = [g for g in groups if g not in touching] + [set().union({low, high}, *touching)]
    assert sorted(map(sorted, ours.values())) == sorted(map(sorted, groups))
