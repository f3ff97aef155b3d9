"""Filters over documents, against a plain look at all of them; and a document by its id."""

import pytest

from corpusforge.api.corpus import open_corpus
from corpusforge.view.binning import binned
from corpusforge.view.dropfile import margin
from corpusforge.view.errors import BadRequest
from corpusforge.view.locate import locate
from corpusforge.view.query import query_of
from corpusforge.view.scan import Place, count_matches, place_of, scan
from tests.shards.corpus import build_corpus


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Return a corpus of several shards a domain, and all its documents in order."""
    corpus = open_corpus(str(build_corpus(tmp_path_factory.mktemp("many"), count=400, target_tokens=3000)))
    return corpus, list(corpus.documents())


@pytest.fixture
def tables(many):
    from corpusforge.view.tables import Tables

    tables = Tables(many[0].path, many[0].index.rows)
    yield tables
    tables.close()


def found(tables, many, parameters, **how):
    corpus, _ = many
    result = scan(tables, corpus.index, query_of(parameters), **{"count": 10_000, "seconds": 1000, **how})
    return [tables.column(p.shard, 0, "doc_id")[p.row].as_py() for p in result.places], result


FILTERS = [
    ({"domain": "math"}, lambda d: d["domain"] == "math"),
    ({"domain": "math", "subset": "scaffold"}, lambda d: d["subset"] == "scaffold"),
    ({"language": "en", "source": "tests"}, lambda d: True),
    ({"language": "fr"}, lambda d: False),
    ({"source": "te*"}, lambda d: True),
    ({"source": "te_ts"}, lambda d: False),
    ({"source": "te*x"}, lambda d: False),
    ({"n_bytes_min": "200", "n_bytes_max": "300"}, lambda d: 200 <= d["n_bytes"] <= 300),
    ({"language_score_min": "0.5"}, lambda d: True),
    ({"language_score_min": "0.51"}, lambda d: False),
    ({"math_score_max": "1"}, lambda d: False),
    ({"length_max": "40"}, lambda d: d["length"] <= 40),
    ({"signal": "words"}, lambda d: "words" in d["signals"]),
    ({"signal": "words", "signal_min": "100", "signal_max": "200"}, lambda d: 100 <= d["signals"].get("words", -1) <= 200),
    ({"words": "LEMMA Émile"}, lambda d: "lemma" in d["text"] and "émile" in d["text"]),
    ({"words": '"PROOF lemma" of'}, lambda d: "proof lemma" in d["text"] and "of" in d["text"]),
    ({"words": '"'}, lambda d: True),
    ({"words": "$x^2$ nothing-like-it"}, lambda d: False),
    ({"year": "2020"}, lambda d: False),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "holds"), FILTERS)
def test_a_filter_finds_what_a_look_at_everything_finds(tables, many, parameters, holds):
    ids, result = found(tables, many, parameters)
    assert ids == [document["id"] for document in many[1] if holds(document)]
    assert result.is_end


def test_pages_forwards_and_backwards_hold_every_match_once(tables, many):
    corpus, _ = many
    query = query_of({"words": "proof"})
    whole = scan(tables, corpus.index, query, count=10_000, seconds=1000).places
    assert len(whole) > 60
    for backwards in (False, True):
        pages, start = [], None
        while True:
            result = scan(
                tables, corpus.index, query, start=start, count=7, backwards=backwards, seconds=1000
            )
            pages.append(result.places)
            if result.is_end:
                break
            start = result.stop
        ordered = reversed(pages) if backwards else pages
        assert tuple(place for page in ordered for place in page) == whole


def test_a_scan_whose_time_is_over_goes_on_where_it_stopped(tables, many):
    corpus, documents = many
    query, start, seen, looked_at, n_scans = query_of({"words": "lemma"}), None, [], 0, 0
    while True:
        result = scan(tables, corpus.index, query, start=start, count=10_000, seconds=-1)
        seen += result.places
        looked_at += result.looked_at
        n_scans += 1
        if result.is_end:
            break
        start = result.stop
    assert n_scans > 3 and looked_at == len(documents)
    assert tuple(seen) == scan(tables, corpus.index, query, count=10_000, seconds=1000).places


def test_every_document_is_found_by_its_id(tables, many):
    corpus, documents = many
    order = [Place(shard, row) for shard, one in enumerate(corpus.index.rows) for row in range(one.n_docs)]
    for place, document in list(zip(order, documents, strict=True))[::7]:
        assert locate(tables, corpus.index, document["id"]) == place
    assert locate(tables, corpus.index, "0" * 32) is None


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"math_score_min": "much"}, "math_score_min: 'much' is no number"),
        ({"n_bytes_max": "nan"}, "n_bytes_max: 'nan' is no number"),
        ({"signal_min": "1"}, "name the signal"),
    ],
)
def test_a_bound_that_is_none_is_one_line(parameters, told):
    with pytest.raises(BadRequest, match=told):
        query_of(parameters)


@pytest.mark.parametrize("text", ["", "1", "-1.2", "1.x", "1.2.3", "9" * 30 + ".0"])
def test_a_place_that_is_none_is_refused(text):
    with pytest.raises(BadRequest):
        place_of(text)


def test_a_query_survives_its_address():
    given = {
        "host": "a&b=c*",
        "words": "x y",
        "math_score_min": "0.25",
        "signal": "n_words",
        "signal_max": "7",
    }
    assert dict(query_of(given).pairs()) == given


@pytest.mark.parametrize(
    ("detail", "share"),
    [
        ("gopher_word_count: n_words 15 is below 20", 0.25),
        ("45 characters, under 50", 0.1),
        ("web page of 300 bytes > 200", 1 / 3),
        ("configuration, told by its name", None),
        ("duplicate of 0123", None),
    ],
)
def test_how_far_a_drop_is_from_its_bound(detail, share):
    assert margin({"detail": detail}) == (None if share is None else pytest.approx(share))


def test_histograms_count_every_value_for_what_it_stands():
    import numpy as np

    for values in (
        [np.array([0.1, 0.9, 1.0])],
        [np.array([3.0, 3.0])],
        [np.array([1.0, 9e6, 2.0])],
        [np.array([-4.0, 8.0])],
    ):
        bins = binned(values, [10.0])
        assert sum(bins.counts) == 10 * len(values[0])
        assert all(low < high for low, high in zip(bins.edges, bins.edges[1:], strict=False))


def test_matches_are_counted_as_far_as_the_time_reaches(tables, many):
    corpus, documents = many
    query = query_of({"n_bytes_min": "200"})
    n = sum(document["n_bytes"] >= 200 for document in documents)
    counted = count_matches(tables, corpus.index, query, seconds=1000)
    assert (counted.n_documents, counted.looked_at, counted.is_whole) == (n, len(documents), True)
    assert not count_matches(tables, corpus.index, query, seconds=-1).is_whole
