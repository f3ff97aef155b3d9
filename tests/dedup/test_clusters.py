"""Which documents go: the same whatever came first, and never through a chain of strangers."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, band_keys, make_refs, ref_part, ref_row
from corpusforge.dedup.buckets import bucket_edges
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.comparison import sources_of
from corpusforge.dedup.config import DedupConfig, DomainPolicies, DomainPolicy
from corpusforge.dedup.normal import content_hash
from corpusforge.dedup.optimal import optimal_bands
from corpusforge.dedup.order import quality_grade
from corpusforge.dedup.origin import UNKNOWN_DATE, date_number
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.result import (
    merged,
    read_gone,
    read_summary,
    write_clusters,
    write_gone,
    write_summary,
)
from corpusforge.dedup.signature import shingle_sets, signature_dtype, signatures
from corpusforge.dedup.stars import both_ways, large_star, roots_of_stars, small_star
from corpusforge.dedup.survivors import clusters, doc_ids
from corpusforge.domains import Domain
from tests.dedup.test_signature import document

CONFIG = DedupConfig()
WEB, CODE, CODE_NL = (list(Domain).index(name) for name in ("web", "code", "code_nl"))


def rows_of(texts, domains=None, config=CONFIG, **fields):
    places = domains or [WEB] * len(texts)
    rows = np.zeros(len(texts), dtype=signature_dtype(128))
    rows["minhash"] = signatures(texts, config.signature, [list(Domain)[place] for place in places])
    rows["domain"] = places
    rows["n_bytes"] = [len(text.encode()) for text in texts]
    rows["date"] = UNKNOWN_DATE
    for place, text in enumerate(texts):
        digest = content_hash(text)
        rows["content"][place] = int(digest[:16], 16), int(digest[16:], 16)
        rows["doc"][place] = 0, int(content_hash(f"{place}{text}")[:16], 16)
    for name, values in fields.items():
        rows[name] = values
    return rows


def band_pairs(rows, part, policy, source_key=0):
    """The (key, ref) records of one part, of one comparison alone."""
    keys = band_keys(rows, policy, source_key)
    out = np.empty(int((keys != 0).sum()), dtype=PAIR_DTYPE)
    out["key"] = keys[keys != 0]
    out["ref"] = np.broadcast_to(make_refs(part, np.arange(len(rows), dtype=np.uint64)), keys.shape)[
        keys != 0
    ]
    return out


def found_in(parts, config=CONFIG, first_new=0, texts=None, source_keys=None):
    """All clusters, by the plain functions that the pipeline wires."""

    def lookup(refs):
        return np.array(
            [parts[int(p)][int(r)] for p, r in zip(ref_part(refs), ref_row(refs), strict=True)],
            dtype=signature_dtype(128),
        )

    def sets(refs):
        mine = [texts[int(p)][int(r)] for p, r in zip(ref_part(refs), ref_row(refs), strict=True)]
        return shingle_sets(mine, config.signature)

    policy = policy_of(config)
    keys = source_keys or [0] * len(parts)
    pairs = np.concatenate([band_pairs(rows, n, policy, keys[n]) for n, rows in enumerate(parts)])
    new_ref = first_new << 32
    given_sets = sets if texts else None
    edges = bucket_edges(pairs, lookup, policy, first_new=new_ref, sets=given_sets)
    batches = clusters(*connected(edges), lookup, config, first_new=new_ref, sets=given_sets)
    return [members for members in batches if len(members.refs)]


def as_lists(batches):
    """[(survivor's ref, [refs that go])] of all clusters."""
    made = {}
    for members in batches:
        for place, ref in enumerate(members.refs.tolist()):
            entry = made.setdefault(int(members.refs[members.survivor[place]]), [])
            if not members.keep[place]:
                entry.append(ref)
    return sorted((survivor, sorted(gone)) for survivor, gone in made.items())


def test_exact_and_near_copies_go_and_the_longest_stays():
    base = document(0)
    found = found_in([rows_of([base, base.upper(), base + " and a longer tail", document(1)])])
    assert as_lists(found) == [(2, [0, 1])]


def test_exact_only_leaves_near_copies():
    base = document(0)
    found = found_in([rows_of([base, base.upper(), base + " tail"])], DedupConfig(method="exact"))
    (cluster,) = as_lists(found)
    assert len(cluster[1]) == 1


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({"licence": [2, 0, 1]}, 1),
        ({"quality": [1, 3, 0]}, 2),
        ({"date": [20240101, 20230101, 20220101], "n_bytes": [9, 9, 9]}, 2),
        ({"licence": [0, 0, 1], "quality": [2, 1, 0]}, 1),
        ({}, 2),
    ],
)
def test_who_stays_follows_the_stated_order(fields, stays):
    base = document(0)
    texts = [base, base + " tail", base + " a longer tail"]
    assert as_lists(found_in([rows_of(texts, **fields)]))[0][0] == stays


def test_another_order_is_a_setting():
    base = document(0)
    rows = rows_of([base, base + " tail"], licence=[0, 2])
    assert as_lists(found_in([rows]))[0][0] == 0
    assert as_lists(found_in([rows], DedupConfig(survivor_order=("completeness",))))[0][0] == 1


def test_figures_of_the_order():
    assert date_number("2024-03-05T06:07:08Z") == 20240305060708
    assert date_number("2024-03") < date_number("2024-03-05") < date_number(None) == UNKNOWN_DATE
    assert quality_grade({}) == 0
    assert quality_grade({"code_error_share": 0.5}) == 4
    assert quality_grade({"duplicate_line_char_share": 1.0}) == 7


def test_domains_do_not_meet_unless_configured():
    base = document(0)
    rows = rows_of([base, base], domains=[CODE_NL, WEB])
    assert found_in([rows]) == []
    together = DedupConfig(compare=(("code_nl", "web"),))
    assert as_lists(found_in([rows], together)) == [(0, [1])]
    assert as_lists(found_in([rows], DedupConfig(compare=(("web", "code_nl"),)))) == [(1, [0])]


def test_domains_of_different_shingles_cannot_be_compared():
    with pytest.raises(ValueError, match="have the same"):
        DedupConfig(compare=(("code", "code_nl"),))
    with pytest.raises(ValueError, match="once"):
        DedupConfig(compare=(("web", "math"), ("math", "books")))


def test_each_domain_has_its_policy():
    base = document(0)
    changed = " ".join(base.split()[:275] + document(1).split()[:25])
    rows = rows_of([base, base, changed])
    assert [len(gone) for _, gone in as_lists(found_in([rows]))] == [2]

    def policy(**values):
        return DedupConfig(domains=DomainPolicies(web=DomainPolicy(**values)))

    assert found_in([rows], policy(method="off")) == []
    assert [len(gone) for _, gone in as_lists(found_in([rows], policy(method="exact")))] == [1]
    assert [len(gone) for _, gone in as_lists(found_in([rows], policy(keep_copies=2)))] == [1]
    assert [len(gone) for _, gone in as_lists(found_in([rows], policy(threshold=0.95)))] == [1]


def test_copies_in_different_sources_stay_where_the_policy_says_so():
    rows = [rows_of([document(0)]), rows_of([document(0) + " x"])]
    within = DedupConfig(domains=DomainPolicies(web=DomainPolicy(scope="source")))
    assert len(as_lists(found_in(rows, source_keys=[1, 2]))) == 1
    assert found_in(rows, within, source_keys=[1, 2]) == []
    assert len(as_lists(found_in(rows, within, source_keys=[1, 1]))) == 1


def chain():
    words, other = document(0, 400).split(), document(1, 400).split()
    return [" ".join(words[: 400 - step] + other[:step]) for step in range(0, 320, 16)]


def test_the_end_of_a_chain_is_not_a_duplicate_of_its_head():
    texts = chain()
    rows = rows_of(texts)
    n_gone = 0
    for survivor, gone in as_lists(found_in([rows])):
        for member in gone:
            assert (rows[survivor]["minhash"] == rows[member]["minhash"]).mean() >= CONFIG.threshold
        n_gone += len(gone)
    assert 0 < n_gone < len(texts) - 1


def test_true_similarity_decides_where_asked():
    texts = [chain()]
    config = DedupConfig(check="jaccard", threshold=0.8)
    sets = shingle_sets(texts[0], config.signature)
    found = as_lists(found_in([rows_of(texts[0])], config, texts=texts))
    assert found
    for survivor, gone in found:
        for member in gone:
            both = len(np.intersect1d(sets[survivor], sets[member]))
            assert both / len(np.union1d(sets[survivor], sets[member])) >= 0.8


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(29)), st.integers(1, 28))
def test_who_stays_does_not_depend_on_order_or_parts(order, cut):
    base = document(0)
    texts = [base, base, base.upper(), base + " tail", document(1), document(1), document(2), "", "x"]
    rows = rows_of(texts + chain())

    def ids(parts):
        made = set()
        for members in found_in(parts):
            names = doc_ids(members.rows)
            made |= {
                (names[s], name, bool(k))
                for name, s, k in zip(names, members.survivor, members.keep, strict=True)
            }
        return made

    shuffled = rows[list(order)]
    assert ids([shuffled[:cut], shuffled[cut:]]) == ids([rows])


def test_what_stands_is_never_removed_and_takes_its_copies_out():
    base = document(0)
    old = rows_of([base, base + " tail", document(1)])
    new = rows_of([base + " and a much longer tail", document(2), document(2)])
    found = as_lists(found_in([old, new], first_new=1))
    gone = {ref for _, refs in found for ref in refs}
    assert gone & {0, 1, 2} == set()
    assert (1 << 32) in gone
    assert len(gone) == 2


def test_a_hot_bucket_costs_one_edge_a_member():
    rows = rows_of([document(0)] * 3000)
    pairs = band_pairs(rows, 0, policy_of(CONFIG))
    edges = bucket_edges(pairs, lambda refs: rows[ref_row(refs).astype(int)], policy_of(CONFIG))
    assert len(edges) == 2999


def test_a_bucket_larger_than_a_block_gives_the_same_edges(monkeypatch):
    rows = rows_of([f"{document(n % 7)} {n}" for n in range(400)])
    pairs = band_pairs(rows, 0, policy_of(CONFIG))

    def lookup(refs):
        return rows[ref_row(refs).astype(int)]

    whole = bucket_edges(pairs, lookup, policy_of(CONFIG))
    monkeypatch.setattr("corpusforge.dedup.buckets.BLOCK_ROWS", 16)
    assert np.array_equal(bucket_edges(pairs, lookup, policy_of(CONFIG)), whole)


def test_the_files_say_what_goes_and_from_where(tmp_path):
    base = document(0)
    folder = str(tmp_path / "run")
    found = found_in([rows_of([base, document(5)]), rows_of([document(6), base.upper(), base])])
    summary, gone = write_clusters(f"{folder}/00000", found, sources_of([("one", 1), ("two", 1)]))
    write_gone(f"{folder}/00000", gone)
    write_summary(folder, merged([summary]), 2, 1)
    written = read_summary(folder)
    assert {name: written[name] for name in summary} == json.loads(json.dumps(summary))
    assert written["removed"] == 2
    assert [len(row["members"]) for row in written["largest"]] == [3]
    rows = pq.read_table(f"{folder}/00000/clusters.parquet").to_pylist()
    assert [row["keep"] for row in rows] == [True, False, False]
    assert {row["domain"] for row in rows} == {"web"}
    assert sum(len(read_gone(folder, part)) for part in (0, 1)) == 2


def test_pairs_between_domains_are_counted(tmp_path):
    base = document(0)
    rows = rows_of([base, base, base + " x"], domains=[CODE_NL, WEB, WEB])
    found = found_in([rows], DedupConfig(compare=(("code_nl", "web"),)))
    summary, _ = write_clusters(str(tmp_path / "00000"), found, sources_of([("one", 1)]))
    assert summary["pairs_between"] == {"code_nl/web": 2}


def test_refs_name_part_and_row():
    refs = make_refs(7, np.array([0, 5], dtype=np.uint64))
    assert ref_part(refs).tolist() == [7, 7]
    assert ref_row(refs).tolist() == [0, 5]


def edges_of(pairs):
    return np.array([(min(p), max(p)) for p in pairs if p[0] != p[1]], dtype=EDGE_DTYPE)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_those_of_a_plain_search(pairs):
    edges = edges_of(pairs)
    ours = {}
    for ref, root in zip(*map(np.ndarray.tolist, connected(edges)), strict=True):
        ours.setdefault(root, set()).add(ref)
    groups = []
    for low, high in edges.tolist():
        touching = [g for g in groups if g & {low, high}]
        groups = [g for g in groups if g not in touching] + [set().union({low, high}, *touching)]
    assert sorted(map(sorted, ours.values())) == sorted(map(sorted, groups))
    assert all(root == min(group) for root, group in ours.items())


def starred(edges):
    """Rounds of both stars until a whole round finds nothing to do; (edges, rounds)."""
    for n_rounds in range(1, 100):
        edges, large_open = large_star(both_ways(edges))
        edges, small_open = small_star(edges)
        if large_open + small_open == 0:
            return edges, n_rounds
    raise AssertionError("no end")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_stars_give_the_roots_of_the_union_find(pairs):
    edges = edges_of(pairs)
    stars, _ = starred(edges)
    assert [a.tolist() for a in roots_of_stars(stars)] == [a.tolist() for a in connected(edges)]


def test_stars_end_on_a_long_path():
    nodes = np.random.RandomState(1).permutation(20_000)
    edges = edges_of(zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True))
    stars, n_rounds = starred(edges)
    assert len(stars) == 19_999
    assert (stars["low"] == 0).all()
    assert n_rounds < 20


@pytest.mark.parametrize(("threshold", "permutations"), [(0.5, 128), (0.7, 128), (0.75, 112), (0.8, 256)])
def test_the_best_bands_are_datasketch_s(threshold, permutations):
    from datasketch import MinHashLSH

    theirs = MinHashLSH(threshold=threshold, num_perm=permutations)
    assert optimal_bands(threshold, permutations) == (theirs.b, theirs.r)
