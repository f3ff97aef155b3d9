"""The passes of dedup as plain functions, shuffles as dicts: one result, however it is cut into tasks."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, partition_of
from corpusforge.dedup.buckets import bucket_edges
from corpusforge.dedup.candidates import find_candidates
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.comparison import Comparison, source_key, sources_of
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.delivery import deliver, joined_by_cluster, parent_task, task_of
from corpusforge.dedup.giants import MAX_ROUNDS, lead, merge, n_sent, settle
from corpusforge.dedup.hot import compare, compare_piece
from corpusforge.dedup.leakage import leakage_config
from corpusforge.dedup.packets import gathered
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.sizes import sizes_of, with_levels
from corpusforge.dedup.stars import both_ways, large_stars, roots_of_stars, sized_members, small_stars
from corpusforge.dedup.survivors import clusters, doc_ids
from corpusforge.domains import Domain
from tests.dedup.test_clusters import CONFIG, band_pairs, chain, document, edges_of, rows_of

CODE_NL = list(Domain).index("code_nl")
LEAKAGE = leakage_config(CONFIG)
SOURCES = sources_of([("one", 2), ("two", 98)])


@pytest.fixture(scope="module")
def rows():
    """Chains, copies, and pages that a template makes alike, in two domains."""
    texts = chain() * 3 + [f"{document(i % 5)} {i}" for i in range(60)] + [document(9)] * 20
    made = rows_of(texts)
    made["domain"][::3] = CODE_NL
    return made


def in_parts(rows, n_parts):
    return [rows[part] for part in np.array_split(np.arange(len(rows)), n_parts)]


def sizes_for(rows, parts, **changes):
    sizes = replace(sizes_of(len(rows), len(parts), CONFIG), **changes)
    return with_levels(sizes, len(rows))


class Passes:
    """Both readings and all levels, by dicts instead of shuffles; counts what a task holds."""

    def __init__(self, parts, comparison, sizes, sets=None):
        self.parts, self.comparison, self.sizes = parts, comparison, sizes
        self.home, self.most_rows, self.levels, self.readings = io.BytesIO(), 0, 0, []
        shuffle = {}
        for part, rows in enumerate(parts):
            pairs = comparison.pairs(rows, part)
            self.readings.append(part)
            for number in np.unique(partition_of(pairs, sizes.partitions)).tolist():
                mine = pairs[partition_of(pairs, sizes.partitions) == number]
                shuffle.setdefault(number, []).append(mine.tobytes())
        self.dedup, self.leakage, requests = [np.empty(0, EDGE_DTYPE)], [np.empty(0, EDGE_DTYPE)], []
        for number, pieces in shuffle.items():
            for found in find_candidates(pieces, number, sizes, comparison.first_new):
                self.dedup.append(found.dedup)
                self.leakage.append(found.leakage)
                requests.append(found.requests.tobytes())
        self._sets = sets
        tasks = {}
        for task, packet in deliver(requests, self.read, self.home):
            tasks.setdefault(task, []).append(packet)
        while tasks:
            tasks = self.level(tasks)

    def read(self, part, rows):
        self.readings.append(part)
        sets = [self._sets[part][row] for row in rows.tolist()] if self._sets else None
        return self.parts[part][rows], sets

    def level(self, tasks):
        self.levels += 1
        above = {}
        for task, packets in tasks.items():
            held = gathered(packets, self.parts[0].dtype)
            self.most_rows = max(self.most_rows, len(held.refs))
            is_whole = task_of(task)[2] == 1
            found = (compare if is_whole else compare_piece)(held, self.comparison)
            self.dedup.append(found.dedup)
            self.leakage.append(found.leakage)
            if found.leaders is not None:
                parent = parent_task(task, self.sizes.fan_in())
                above.setdefault(parent, []).append(found.leaders.packed())
        return above

    def clusters(self, kind):
        return [one.tolist() for one in connected(np.concatenate(getattr(self, kind)))]


def looked_up(parts, config):
    """Clusters by the look-up of every bucket in one place."""
    policy = policy_of(config)
    keys = {0: source_key("one"), 1: source_key("one")}
    pairs = [band_pairs(r, n, policy, keys.get(n, source_key("two"))) for n, r in enumerate(parts)]

    def lookup(refs):
        return np.array([parts[ref >> 32][ref & 0xFFFFFFFF] for ref in refs.tolist()], parts[0].dtype)

    return [one.tolist() for one in connected(bucket_edges(np.concatenate(pairs), lookup, policy))]


ALL = pytest.mark.parametrize("kinds", [("dedup",), ("leakage",), ("dedup", "leakage")], ids="+".join)


def comparison(kinds, config=CONFIG):
    return Comparison(
        dedup=config if "dedup" in kinds else None,
        leakage=leakage_config(config) if "leakage" in kinds else None,
        sources=SOURCES,
    )


@ALL
@pytest.mark.parametrize("n_parts", [3, 30])
@pytest.mark.parametrize("changes", [{}, {"partitions": 5}, {"task_rows": 10}], ids=str)
def test_rows_that_come_give_the_clusters_of_rows_that_are_looked_up(rows, kinds, n_parts, changes):
    parts = in_parts(rows, n_parts)
    passes = Passes(parts, comparison(kinds), sizes_for(rows, parts, **changes))
    for kind in kinds:
        assert passes.clusters(kind) == looked_up(parts, {"dedup": CONFIG, "leakage": LEAKAGE}[kind])


@ALL
def test_sources_and_domains_that_are_not_compared_do_not_meet_in_a_shared_pass(rows, kinds):
    config = DedupConfig.model_validate(
        {"domains": {"web": {"scope": "source"}, "code_nl": {"method": "exact"}}}
    )
    parts = in_parts(rows, 4)
    passes = Passes(parts, comparison(kinds, config), sizes_for(rows, parts))
    for kind in kinds:
        wanted = config if kind == "dedup" else leakage_config(config)
        assert passes.clusters(kind) == looked_up(parts, wanted)


def test_a_sidecar_is_read_twice_and_its_rows_once_for_the_clusters(rows):
    parts = in_parts(rows, 7)
    passes = Passes(
        parts, comparison(("dedup", "leakage")), sizes_for(rows, parts, partitions=9, task_rows=5)
    )
    assert max(passes.readings.count(part) for part in range(7)) == 2
    refs = []
    passes.home.seek(0)
    members = np.zeros(len(rows), [("root", "<u8"), ("ref", "<u8"), ("size", "<u8")])
    members["ref"] = np.concatenate([(p << 32) + np.arange(len(one)) for p, one in enumerate(parts)])
    members["size"] = 1
    for _, packet in joined_by_cluster([members.tobytes()], passes.home, rows.dtype, 3, 100):
        refs += gathered([packet], rows.dtype).refs.tolist()
    assert len(refs) == len(set(refs)) > 0


@pytest.mark.parametrize("buffer", [1, 7, 64])
def test_keys_counted_in_buffers_are_those_counted_at_once(rows, buffer, monkeypatch):
    parts = in_parts(rows, 5)
    sizes = sizes_for(rows, parts)
    pairs = [comparison(("dedup", "leakage")).pairs(part, n).tobytes() for n, part in enumerate(parts)]
    whole = list(find_candidates(pairs, 0, sizes))
    some = list(find_candidates(pairs, 0, sizes, 0, buffer))
    for name in ("dedup", "leakage", "requests"):
        left, right = (np.sort(np.concatenate([getattr(f, name) for f in found])) for found in (whole, some))
        assert np.array_equal(left, right), name


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 40)), max_size=60), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_a_band_is_asked_for_only_where_two_hold_it(found, buffer):
    pairs = np.array(sorted({(key << 8 | 2, ref) for key, ref in found}), dtype=PAIR_DTYPE)
    sizes = sizes_of(100, 1, CONFIG)
    asked = [f.requests for f in find_candidates([pairs.tobytes()], 0, sizes, 0, buffer)]
    held = {}
    for key, ref in pairs.tolist():
        held.setdefault(key, set()).add(ref)
    wanted = sorted((ref, key) for key, refs in held.items() if len(refs) > 1 for ref in refs)
    assert sorted(zip(*(np.concatenate([r[n] for r in asked]).tolist() for n in ("ref", "key")), strict=True)
                  if asked else []) == wanted  # fmt: skip


def alike(n, kinds, noise=0.02):
    """Rows of a few kinds that share all but a few hash values: one bucket in every band but those."""
    random = np.random.RandomState(5)
    made = rows_of([document(k) for k in range(kinds)])[random.randint(0, kinds, n)]
    differs = random.rand(n, 128) < noise
    differs[:, :8] = False  # the first band is shared
    made["minhash"] = np.where(differs, random.randint(0, 1 << 30, (n, 128)), made["minhash"])
    made["doc"][:, 0] = random.randint(0, 1 << 60, n)
    made["content"][:, 0] = np.arange(n)
    made["n_bytes"] = random.randint(100, 10_000, n)
    return made


@ALL
def test_a_bucket_past_its_bound_links_the_same_documents_and_no_task_holds_more(kinds):
    made = alike(3000, 5)
    parts = in_parts(made, 6)
    whole = Passes(parts, comparison(kinds), sizes_for(made, parts))
    # 64 members a task: today's way would hold the whole bucket of some 600
    bounded = sizes_for(made, parts, bucket_rows=64, task_rows=64)
    cut = Passes(parts, comparison(kinds), bounded)
    assert 2 < cut.levels <= 1 + bounded.levels
    assert cut.most_rows <= 64 * 2  # lots fall unevenly
    assert whole.most_rows > 500
    for kind in kinds:
        assert cut.clusters(kind) == whole.clusters(kind)
    edges = np.concatenate(cut.dedup)
    assert len(edges) <= 16 * len(made)


def test_pieces_of_a_bucket_depend_on_documents_alone_not_on_where_they_lie():
    made = alike(2000, 3, noise=0.12)
    order = np.random.RandomState(3).permutation(len(made))
    found = []
    for rows, n_parts in ((made, 3), (made, 30), (made[order], 11)):
        parts = in_parts(rows, n_parts)
        passes = Passes(parts, comparison(("dedup",)), sizes_for(rows, parts, bucket_rows=128, task_rows=128))
        refs, roots = connected(np.concatenate(passes.dedup))
        ids = doc_ids(np.array([parts[r >> 32][r & 0xFFFFFFFF] for r in refs.tolist()], made.dtype))
        groups = {}
        for name, root in zip(ids, roots.tolist(), strict=True):
            groups.setdefault(root, set()).add(name)
        found.append(sorted(map(sorted, groups.values())))
    assert found[0] == found[1] == found[2]


def rounds(made, cluster_rows, config=CONFIG, first_new=0):
    """(survivor of each document by id, rounds, most rows a task holds) of one cluster, cut as needed."""
    parts = in_parts(made, 5)
    refs = np.concatenate([(p << 32) + np.arange(len(one)) for p, one in enumerate(parts)]).astype(np.uint64)
    home = io.BytesIO()
    passes = Passes(parts, comparison(("dedup",)), sizes_for(made, parts))
    home = passes.home
    fate, most, number, left = {}, 0, 0, refs

    def note(members):
        ids, own = doc_ids(members.rows), members.foreign
        for place, survivor in enumerate(members.survivor.tolist()):
            if own is None or not own[place]:
                assert ids[place] not in fate
                fate[ids[place]] = ids[survivor]

    while len(left):
        records = np.zeros(len(left), [("root", "<u8"), ("ref", "<u8"), ("size", "<u8")])
        records["ref"], records["size"] = left, len(left)
        home.seek(0)
        tasks, tops, fates, rest = {}, {}, {}, []
        for task, packet in joined_by_cluster([records.tobytes()], home, made.dtype, 1, cluster_rows):
            tasks.setdefault(task, []).append(packet)
        for task, packets in tasks.items():
            held = gathered(packets, made.dtype)
            most = max(most, len(held.refs))
            _, _, pieces = task_of(task)
            if pieces == 1:
                for members in clusters(
                    held.refs, held.pairs["key"], held.lookup, config, first_new=first_new
                ):
                    note(members)
                continue
            tops.setdefault(pieces, []).append(
                lead(held, config, n_sent(pieces, cluster_rows), first_new).packed()
            )
        for pieces, packets in tops.items():
            most = max(most, len(gathered(packets, made.dtype).refs))
            for piece, reply in merge(gathered(packets, made.dtype), config, pieces, first_new):
                fates[piece] = [reply.packed()]
        for task, packets in tasks.items():
            _, piece, pieces = task_of(task)
            if pieces > 1:
                found, some = settle(
                    gathered(packets, made.dtype), gathered(fates.get(piece, []), made.dtype), config,
                    n_sent(pieces, cluster_rows), first_new=first_new, is_last=number + 1 == MAX_ROUNDS,
                )  # fmt: skip
                rest.append(some)
                for members in found:
                    note(members)
        left = np.concatenate([refs[:0], *rest])
        number += 1
    return fate, number, most


def test_a_cluster_past_its_bound_is_split_as_one_within_it_where_few_kinds_lead():
    made = alike(2000, 4)
    whole, one_round, _ = rounds(made, 4000)
    cut, n_rounds, most = rounds(made, 300)
    assert one_round == 1 <= n_rounds <= MAX_ROUNDS
    assert most < 500
    assert cut == whole


def test_no_document_of_a_cut_cluster_goes_that_is_unlike_its_survivor():
    made = np.concatenate([rows_of(chain()) for _ in range(30)])
    made["doc"][:, 1] = np.arange(len(made))
    fate, _, most = rounds(made, 64)
    by_id = dict(zip(doc_ids(made), made, strict=True))
    assert most < 130
    gone = [name for name, survivor in fate.items() if name != survivor]
    assert len(gone) > 0.8 * len(made)
    for name in gone:
        one, other = by_id[name], by_id[fate[name]]
        assert fate[fate[name]] == fate[name]
        assert (one["minhash"] == other["minhash"]).sum() >= 99 or (one["content"] == other["content"]).all()


def test_what_stands_is_never_removed_from_a_cut_cluster():
    made = alike(1000, 2)
    fate, _, _ = rounds(made, 200, first_new=1 << 32)
    standing = set(doc_ids(in_parts(made, 5)[0]))
    assert all(fate.get(name, name) == name for name in standing)
    assert sum(name != survivor for name, survivor in fate.items()) > 500


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60), st.integers(1, 12))
def test_stars_in_buffers_give_the_roots_of_the_union_find(pairs, buffer):
    edges, expected = edges_of(pairs), connected(edges_of(pairs))
    for _ in range(100):
        large = list(large_stars([both_ways(edges).tobytes()], buffer))
        small = list(small_stars([np.concatenate([e for e, _ in large]).tobytes()] if large else [], buffer))
        edges = np.concatenate([edges[:0], *(e for e, _ in small)])
        if sum(n for _, n in [*large, *small]) == 0:
            break
    assert [a.tolist() for a in roots_of_stars(np.unique(edges))] == [a.tolist() for a in expected]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40), st.integers(1, 9))
def test_clusters_are_sized_in_buffers(pairs, buffer):
    refs, roots = connected(edges_of(pairs))
    edges = np.empty(len(refs), EDGE_DTYPE)
    edges["low"], edges["high"] = roots, refs
    found = np.concatenate(
        [m[["root", "ref", "size"]] for m in sized_members([edges.tobytes()], buffer)] or [[]]
    )
    counts = {root: roots.tolist().count(root) for root in roots.tolist()}
    assert sorted(found.tolist()) == sorted(
        (r, m, counts[r]) for r, m in zip(roots.tolist(), refs.tolist(), strict=True)
    )


def test_ties_of_ids_are_broken_by_contents_not_by_places():
    made = rows_of([document(0), document(0) + " x", document(0) + " y"])
    made["doc"], made["n_bytes"] = (7, 7), 100
    stays = set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        parts = in_parts(made[order], 3)
        passes = Passes(parts, comparison(("dedup",)), sizes_for(made, parts))
        refs, roots = connected(np.concatenate(passes.dedup))
        lookup = lambda refs: np.array([parts[r >> 32][0] for r in refs.tolist()], made.dtype)  # noqa: B023, E731
        (members,) = clusters(refs, roots, lookup, CONFIG)
        stays.add(members.rows["content"][members.keep].tobytes())
    assert len(stays) == 1
