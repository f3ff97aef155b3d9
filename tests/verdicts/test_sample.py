from collections import Counter

import pytest

from corpusforge.shards.documents import read_rows
from corpusforge.shards.format import shard_path
from corpusforge.verdicts import Stratum, sample_documents


def ids(strata, stratum, n, seed=1):
    return [one.doc_id for one in sample_documents(strata.path, strata.index, stratum, n, seed).documents]


def test_the_same_seed_gives_the_same_documents_and_a_larger_sample_begins_with_the_smaller(strata):
    web = Stratum(domain="web")
    assert ids(strata, web, 40) == ids(strata, web, 40)
    assert ids(strata, web, 40)[:15] == ids(strata, web, 15)
    assert ids(strata, web, 40) != ids(strata, web, 40, seed=2)
    assert not ids(strata, web, 0)


def test_a_sample_does_not_depend_on_how_the_corpus_is_cut(strata, monkeypatch):
    before = ids(strata, Stratum(), 50)
    monkeypatch.setattr("corpusforge.verdicts.sample._BATCH_ROWS", 7)
    assert ids(strata, Stratum(), 50) == before


@pytest.mark.parametrize(
    ("stratum", "n"),
    [
        ({}, 360),
        ({"domain": "web"}, 300),
        ({"domain": "math", "subset": "scaffold"}, 20),
        ({"subset": "generic"}, 40),
        ({"language": "de"}, 100),
        ({"language": "en", "domain": "web"}, 200),
        ({"source": "forum"}, 20),
        ({"source": "nobody"}, 0),
    ],
)
def test_a_stratum_is_sampled_and_nothing_else(strata, stratum, n):
    sample = sample_documents(strata.path, strata.index, Stratum(**stratum), 1000, 5)
    assert sample.n_stratum == n == len(sample.documents)
    for one in sample.documents:
        held = strata.documents[one.doc_id]
        assert all(getattr(held, name) == value for name, value in stratum.items())


def test_a_place_leads_to_the_document(strata):
    for one in sample_documents(strata.path, strata.index, Stratum(), 20, 3).documents:
        shard = one.shard
        path = f"{strata.path}/{shard_path(shard.domain, shard.subset, shard.id, 'docs')}"
        assert read_rows(path, [one.row])[0]["doc_id"] == one.doc_id


def test_every_document_has_the_same_chance(strata):
    drawn = Counter(doc_id for seed in range(150) for doc_id in ids(strata, Stratum(domain="math"), 20, seed))
    assert len(drawn) == 60  # 50 times each on average, 5.8 the standard deviation
    assert min(drawn.values()) > 25 and max(drawn.values()) < 75
