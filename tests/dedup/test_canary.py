"""Known duplicates that a run plants: they are found where dedup works, and by what goes wrong where not."""

import numpy as np
import pytest

from corpusforge.dedup import canary, local
from corpusforge.dedup.canary import MissedDuplicates, plant
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.local import SignatureStore
from corpusforge.dedup.signed import signature_rows
from corpusforge.domains import Domain
from tests.dedup.test_clusters import document


@pytest.mark.parametrize(
    "config",
    [
        DedupConfig(),
        DedupConfig(threshold=0.9, bands=8, rows=16),
        DedupConfig(threshold=1.0),
        DedupConfig(check="jaccard"),
        DedupConfig(method="exact"),
        DedupConfig.model_validate({"domains": {"web": {"method": "off"}, "code": {"keep_copies": 3}}}),
    ],
    ids=["default", "high", "equal", "jaccard", "exact", "by domain"],
)
def test_what_is_planted_lies_apart_and_must_be_found(config):
    planted = plant(config, "salt")
    n_domains = 6 if config.domains.web.method == "off" else 7
    assert len(planted.rows) <= 4 * n_domains <= 28
    sizes = np.unique(planted.groups[planted.groups >= 0], return_counts=True)[1]
    assert len(sizes) == n_domains
    if config.threshold < 1:  # else a near copy may have the very signature, or none is planted
        assert set(sizes.tolist()) == ({3} if config.method == "near" else {2})
    for group in np.unique(planted.groups[planted.groups >= 0]):
        mine = planted.parts[planted.groups == group]
        assert len(set(mine.tolist())) == len(mine)  # copies of one text lie in different parts
    assert plant(config, "salt") is planted
    assert not np.isin(plant(config, "other").rows["doc"], planted.rows["doc"]).any()


def test_nothing_is_planted_where_nothing_is_compared():
    assert not len(plant(DedupConfig(method="off"), "salt").rows)
    plant(DedupConfig(method="off"), "salt").check([])


def decided(planted, joined=lambda ref: ref):
    """What a dedup that works would say, but for what `joined` does to each."""
    refs = planted.refs()
    firsts = {group: refs[planted.groups == group][0] for group in set(planted.groups.tolist()) - {-1}}
    return [
        (int(ref), int(joined(firsts[group])), bool(ref == firsts[group]))
        for ref, group in zip(refs.tolist(), planted.groups.tolist(), strict=True)
        if group != -1
    ]


def test_the_check_tells_what_is_missed_and_what_is_joined():
    planted = plant(DedupConfig(), "salt")
    seen = decided(planted)
    planted.check(seen)
    with pytest.raises(MissedDuplicates, match="missed 14 of the 14 duplicates planted") as missed:
        planted.check([])
    assert "\n" not in str(missed.value)
    gone = {seen[0][0], seen[5][0]}
    with pytest.raises(MissedDuplicates, match="missed 2 of the 14"):
        planted.check([one for one in seen if one[0] not in gone])
    unlike = int(planted.refs()[planted.groups == -1][0])
    with pytest.raises(MissedDuplicates, match="joined 1 planted documents with others"):
        planted.check([*seen, (unlike, seen[0][1], False)])
    with pytest.raises(MissedDuplicates, match="joined 1 planted"):
        planted.check([*seen, (7, seen[0][1], False)])  # a document whose survivor is planted
    with pytest.raises(MissedDuplicates, match="missed"):
        planted.check([(ref, survivor, False) for ref, survivor, _ in seen])  # nobody stays


def store_of(folder, texts, config):
    orders = np.array([[0, n] for n in range(len(texts))], dtype=np.uint64).reshape(-1, 2)
    with SignatureStore(str(folder), config) as store:
        store.add(signature_rows(texts, orders, config, Domain.WEB))
        found = list(store.clusters())
        return store.n_rows, [ref for members in found for ref in members.refs.tolist()]


def test_a_table_is_deduplicated_as_if_nothing_had_been_planted(tmp_path):
    texts = [document(0), document(1), document(0).upper(), document(1) + " tail", document(2)]
    n_rows, refs = store_of(tmp_path, texts, DedupConfig())
    assert n_rows == 5 and sorted(refs) == [0, 1, 2, 3]
    assert store_of(tmp_path / "one", texts[:1], DedupConfig()) == (1, [])
    assert store_of(tmp_path / "none", [], DedupConfig()) == (0, [])


def test_bands_that_are_dropped_fail_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "_of_use", lambda listed, parents: iter(()))
    with pytest.raises(MissedDuplicates, match="missed 2 of the 2 duplicates planted"):
        store_of(tmp_path, [document(0), document(0)], DedupConfig())


def test_near_copies_alone_missed_fail_the_run(tmp_path, monkeypatch):
    real = local._of_use
    # the keys of ids and of contents are looked at, those of bands are not
    monkeypatch.setattr(local, "_of_use", lambda *of: (pairs for n, pairs in enumerate(real(*of)) if n < 2))
    with pytest.raises(MissedDuplicates, match="missed 1 of the 2 duplicates planted"):
        store_of(tmp_path, [document(0), document(0)], DedupConfig())


def test_refs_of_what_is_planted_are_no_document_s():
    planted = plant(DedupConfig(), "salt")
    refs = planted.refs()
    assert canary.is_planted(refs).all() and not canary.is_planted(np.array([5 << 32], np.uint64)).any()
    assert len(np.unique(refs)) == len(refs)
    assert set(canary.span_of_planted(refs, 16).tolist()) == {0, 1, 2, 3}
    assert set(canary.span_of_planted(refs, 1).tolist()) == {0}
