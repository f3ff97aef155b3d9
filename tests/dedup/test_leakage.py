"""Near-duplicates between domains are counted, before and after, and never removed for it."""

import numpy as np
import pytest

from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leakage import leakage_config, leakage_summary, leaked
from corpusforge.domains import Domain

WEB, CODE_NL, MATH, WIKIPEDIA = (list(Domain).index(d) for d in ("web", "code_nl", "math", "wikipedia"))


def test_a_document_counts_once_for_each_domain_that_it_meets():
    domain = np.array([WEB, MATH, MATH, WIKIPEDIA, WEB, WEB], dtype=np.uint8)
    cluster = np.array([7, 7, 7, 7, 9, 9])
    stays = np.array([True, True, False, True, True, False])
    before, after = leaked(domain, cluster, stays)
    assert before[MATH, WEB] == 2 and before[WEB, MATH] == 1 and before[WIKIPEDIA, WEB] == 1
    assert before[MATH, MATH] == 2 and before[WEB, WEB] == 2 and before[WIKIPEDIA, WIKIPEDIA] == 0
    assert after[MATH, WEB] == 1 and after[MATH, MATH] == 0 and after[WEB, WEB] == 0
    assert before[CODE_NL].sum() == before[:, CODE_NL].sum() == 0


def test_clusters_do_not_meet_each_other_and_none_is_none():
    before, after = leaked(np.array([WEB, MATH], np.uint8), np.array([1, 2]), np.array([True, True]))
    assert not before.any() and not after.any()
    assert not leaked(np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, bool))[0].any()


def test_domains_of_equal_shingles_are_compared_whatever_the_policy():
    config = DedupConfig.model_validate(
        {
            "method": "exact",
            "domains": {"code_nl": {"method": "off", "threshold": 0.9}, "web": {"scope": "source"}},
        }
    )
    compared = leakage_config(config)
    assert compared.method == "near" and compared.policy("code_nl").method is None
    assert compared.policy("web").scope == "across" and compared.domain_threshold("code_nl") == 0.9
    (group,) = compared.compare
    assert Domain.CODE not in group and len(group) == len(Domain) - 1


@pytest.mark.parametrize("removed", [{}, {"web": 40}])
def test_the_summary_names_domains_that_hold_documents(removed):
    before = np.zeros((len(Domain), len(Domain)), np.int64)
    before[MATH, WEB] = 5
    summary = leakage_summary(before, before * 0, {"web": 100, "math": 10}, removed)
    assert summary["before"]["near_duplicates"] == {
        "web": {"web": 0, "math": 0},
        "math": {"web": 5, "math": 0},
    }
    assert summary["after"]["documents"]["web"] == 100 - removed.get("web", 0)
    assert summary["after"]["near_duplicates"]["math"]["web"] == 0
