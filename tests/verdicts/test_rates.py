import math
import random

import pytest

from corpusforge.verdicts import Stratum, error_rates, sample_documents
from corpusforge.verdicts.intervals import Counted, weighted, wilson
from tests.verdicts.conftest import verdict

WEB, MATH, GERMAN = Stratum(domain="web"), Stratum(domain="math"), Stratum(language="de")


def read(strata, stratum, n, wrong=0, kind="bad_text", seed=1, **values):
    """Return verdicts on the first documents of a sample, the first `wrong` of them not right."""
    drawn = sample_documents(strata.path, strata.index, stratum, n, seed).documents
    return [
        verdict(strata, one.doc_id, stratum, kind if at < wrong else "right", seed, **values)
        for at, one in enumerate(drawn)
    ]


def rates(strata, verdicts, **values):
    return error_rates(strata.path, strata.index, verdicts, **values)


def group(found, by, name):
    return next(one for one in found.groups if (one.by, one.name) == (by, name))


def test_strata_are_weighted_by_what_the_corpus_holds(strata):
    found = rates(strata, read(strata, WEB, 20, 2) + read(strata, MATH, 20, 10, "wrong_domain"))
    web, math_ = group(found, "domain", "web"), group(found, "domain", "math")
    assert (web.n_read, web.n_documents, web.error.share) == (20, 300, 0.1)
    assert (math_.n_read, math_.n_documents) == (20, 60)
    # the two subsets of mathematics are cells of their own
    parts = [group(found, "subset", name) for name in ("math/generic", "math/scaffold")]
    expected = sum(part.n_documents / 60 * part.error.share for part in parts)
    assert math_.error.share == pytest.approx(expected)
    assert found.all.error.share == pytest.approx((300 * 0.1 + 60 * expected) / 360)
    assert found.all.wrong_domain.share + found.all.bad_text.share == pytest.approx(found.all.error.share)
    assert found.all.n_covered == found.all.n_documents == 360
    assert found.all.error.low < found.all.error.share < found.all.error.high


def test_overlapping_samples_count_each_document_with_its_chance(strata):
    """Half of the German pages are bad, no other: reading German twice as often must not raise the rate."""
    bad = {
        one.doc_id for one in strata.documents.values() if one.language == "de" and int(one.locator[12:]) % 2
    }
    drawn = [
        verdict(strata, one.doc_id, stratum, "bad_text" if one.doc_id in bad else "right", seed)
        for stratum, n, seed in ((WEB, 150, 1), (GERMAN, 90, 2))
        for one in sample_documents(strata.path, strata.index, stratum, n, seed).documents
    ]
    found = rates(strata, drawn)
    assert group(found, "domain", "web").error.share == pytest.approx(len(bad) / 300, abs=0.02)
    assert group(found, "language", "de").error.share == pytest.approx(0.5, abs=0.06)
    assert group(found, "stratum", "language de").n_documents == 100


def test_what_nobody_read_is_told_and_gets_no_rate(strata):
    found = rates(strata, read(strata, WEB, 30, 3))
    assert group(found, "domain", "math").error is None and group(found, "domain", "math").n_read == 0
    assert (found.all.n_covered, found.all.n_documents) == (300, 360)
    nothing = rates(strata, [])
    assert nothing.all.error is None and nothing.all.n_read == 0


def test_all_of_a_stratum_read_leaves_nothing_to_chance(strata):
    found = group(rates(strata, read(strata, MATH, 60, 6)), "domain", "math")
    assert found.error.low == found.error.share == found.error.high == pytest.approx(0.1)


def test_verdicts_that_cannot_count_are_told(strata):
    of_web = read(strata, WEB, 10)
    ids = [one.doc_id for one in of_web]
    odd = [
        verdict(strata, ids[0], WEB, snapshot="0" * 32),
        verdict(strata, "f" * 32, WEB),
        verdict(strata, next(d for d in strata.documents if d not in ids), WEB, seed=None),
        verdict(strata, ids[9], WEB, "wrong_domain", right_domain="web", reader="C"),
    ]
    found = rates(strata, of_web + odd)
    assert dict(found.left_out) == {
        f"of snapshot {'0' * 32}": 1,
        "of documents that this snapshot does not hold": 1,
        "of documents that were not sampled": 1,
        "wrong_domain, with the document's own as the right one": 1,
    }
    assert (found.all.n_read, found.n_verdicts) == (10, 10)


def test_a_reader_counts_once_and_readers_who_differ_share_the_document(strata):
    first = read(strata, WEB, 10, 1)
    again = [verdict(strata, first[0].doc_id, WEB, "right")]
    assert rates(strata, first + again).all.error.share == 0
    other = read(strata, WEB, 10, 2, reader="C")
    found = rates(strata, first + other)
    assert found.all.error.share == pytest.approx((1 + 0.5) / 10)
    assert (found.n_agreed, found.n_verdicts, found.all.n_read) == ((9, 10), 20, 10)


def test_skipped_documents_of_a_sample_are_told(strata):
    drawn = read(strata, WEB, 40)
    (whole,) = rates(strata, drawn).samples
    assert (whole.n_read, whole.reached, whole.n_documents) == (40, 40, 300)
    (picked,) = rates(strata, drawn[::4]).samples
    assert (picked.n_read, picked.reached) == (10, 37)
    # the last word on a document may have been given in another sample: it was read all the same
    moved = [verdict(strata, drawn[3].doc_id, GERMAN, seed=9)]
    assert next(one for one in rates(strata, drawn + moved).samples if one.seed == 1).n_read == 40


def test_the_right_domains_that_people_told(strata):
    drawn = [one.doc_id for one in read(strata, WEB, 10)]
    told = [verdict(strata, doc_id, WEB, "wrong_domain", right_domain="math/generic") for doc_id in drawn[:3]]
    found = rates(strata, told + read(strata, WEB, 10)[3:])
    assert found.should_be == (("web", "math/generic", 3),)


def test_wilson_is_wilson_and_a_finite_group_narrows_it():
    endless = wilson(Counted(10**12, 50, 5), 0.95)
    assert (endless.low, endless.high) == pytest.approx(
        (0.04347, 0.21360), abs=1e-4
    )  # Newcombe 1998, method 3
    none = wilson(Counted(10**12, 50, 0), 0.95)
    assert none.low == 0 and none.high == pytest.approx(1.96**2 / (50 + 1.96**2), abs=1e-4)
    finite = wilson(Counted(60, 50, 5), 0.95)
    assert endless.low < finite.low < 0.1 < finite.high < endless.high
    assert weighted([Counted(10**12, 50, 5)], 0.95) == endless


@pytest.mark.parametrize("shares", [(0.02, 0.1, 0.3), (0.0, 0.01, 0.5), (0.05, 0.05, 0.05)])
def test_intervals_hold_the_truth_as_often_as_they_say(shares):
    sizes, n_read, chance = (8000, 1500, 500), (40, 40, 40), random.Random(3)
    truth = math.fsum(size * share for size, share in zip(sizes, shares, strict=True)) / sum(sizes)
    held = 0
    for _ in range(2000):
        groups = [
            Counted(size, n, sum(chance.random() < share for _ in range(n)))
            for size, n, share in zip(sizes, n_read, shares, strict=True)
        ]
        found = weighted(groups, 0.95)
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 2000 <= 0.99
