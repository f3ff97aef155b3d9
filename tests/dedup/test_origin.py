"""What a document tells of its origin, and that the order of copies by it is one order, whatever comes first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.config import DedupConfig, OriginConfig
from corpusforge.dedup.order import REASONS, deciding, rank
from corpusforge.dedup.origin import (
    UNKNOWN_DATE,
    is_other_address,
    known_since,
    origin_of,
    surroundings,
)
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.signature import signature_dtype
from corpusforge.domains import Domain
from corpusforge.extract.web.origins import page_origin
from corpusforge.ingest.tables.origins import origin_signals
from tests.dedup.test_clusters import as_lists, document, found_in, rows_of

CONFIG = OriginConfig()
URL = "https://www.example.org/notes/harbour.html"


@pytest.mark.parametrize(
    ("head", "signals"),
    [
        ('<link rel="canonical" href="https://example.org/notes/harbour.html">', {}),
        ("<link href='/notes/harbour.html/' rel=canonical>", {}),
        ('<link rel="canonical" href="https://first-paper.net/harbour">', {"says_copy": 1.0}),
        ('<link rel="canonical" href="/notes/whole-harbour">', {"other_address": 1.0}),
        ('<link rel="canonical" href="https://en.example.org/notes/harbour.html">', {"other_address": 1.0}),
        ('<link rel="canonical" href="https://first-paper.net/">', {}),  # of every page of such a site
        ('<link rel="canonical" href="javascript:void(0)">', {}),
        ('<link rel="canonical" href="http://[broken">', {}),
        ('<!-- <link rel="canonical" href="https://first-paper.net/harbour"> -->', {}),
        ('<script>x = \'<link rel="canonical" href="https://a.net/b">\'</script>', {}),
        ('<meta property="og:url" content="https://first-paper.net/harbour">', {"says_copy": 1.0}),
        ('<meta property="article:published_time" content="2015-03-04T05:06">', {"published": 20150304.0}),
        ('<script>{"datePublished": "2016-01-02T00:00"}</script>', {"published": 20160102.0}),
        ('<time itemprop="datePublished" datetime="2016-01-02">', {"published": 20160102.0}),
        ('<meta name="citation_publication_date" content="2014/07/08">', {"published": 20140708.0}),
        ('<meta property="article:published_time" content="2031-03-04">', {}),  # behind the crawl
        ('<meta property="article:published_time" content="1970-01-01">', {}),
        ('<meta property="article:published_time" content="soon">', {}),
    ],
)
def test_a_page_says_where_it_comes_from(head, signals):
    page = f"<html><head><title>t</title>{head}</head><body><p>text</p></body></html>"
    assert page_origin(page, URL, "2024-05-06T00:00:00Z") == signals


def test_a_page_without_an_address_names_no_other():
    page = '<link rel="canonical" href="https://first-paper.net/harbour">'
    assert page_origin(page, None, None) == {}


def origin(kind="warc", signals=None, config=CONFIG, **of):
    return origin_of(kind, signals or {}, config, **of)


def test_publishers_come_before_repositories_before_pages_before_copies():
    page = origin(url=URL)
    assert origin("mediawiki") < origin("github", repo="a/b") < page
    assert page == origin(url="https://mirrorman.org/x") == origin(url="https://blog.example.org/?m=1")
    copies = [
        origin(signals={"says_copy": 1.0}, url=URL),
        origin("github", {"says_copy": 1.0}, repo="a/b"),
        origin(url="https://mirror3.example.org/notes"),
        origin(url="https://web.keeper.org/web/2013/http://example.net/notes"),
        origin("github", repo="a/b", path="tests/data/page.txt"),
        origin(url="https://sub.scraper.net/a", config=OriginConfig(copies=("scraper.net",))),
        origin("github", repo="Copies/of", config=OriginConfig(copies=("copies/",))),
    ]
    assert min(copies) > page
    assert origin(url="https://example.org/login/https://www.example.org/notes") == page  # its own


def test_of_repositories_the_one_that_more_people_starred_comes_first():
    starred = [origin("github", {"repo_stars": float(n)}, repo="a/b") for n in (40_000, 900, 3, 0)]
    assert starred == sorted(set(starred))
    assert origin("github", {}, repo="a/b") == starred[-1]


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://m.example.org/a", True),
        ("https://example.org/legacy/a", True),
        ("https://example.org/a?print=1", True),
        ("https://example.org/a?id=3&utm_source=letter", True),
        ("https://example.org/a?id=3", False),
        ("https://example.org/old-harbours", False),
        ("http://[broken", False),
        (None, False),
    ],
)
def test_other_addresses_of_a_page_are_told_by_how_they_are_called(url, other):
    assert is_other_address(url, CONFIG) is other


def since(kind="warc", date=None, url=URL, repo=None, **signals):
    return known_since(kind, date, signals, url=url, repo=repo)


def test_a_crawl_proves_a_year_and_a_page_its_day():
    crawled = since(date="2019-02-03T04:05:06Z")
    assert crawled == since(date="2019-11-30T00:00:00Z") < since(date="2020-01-01T00:00:00Z")
    assert since(date="2021-01-01T00:00:00Z", published=20150304.0) < crawled
    assert since(date="2021-01-01T00:00:00Z", published=20200304.0) > crawled  # it was there before
    assert since(date="2021-01-01T00:00:00Z", published=20220304.0) == since(date="2021-05-05")
    assert since(date="1970-01-01T00:00:00Z") == since() == since(date="0001-01-01") == UNKNOWN_DATE
    assert since(published=19700101.0) == UNKNOWN_DATE


def test_dates_of_the_last_change_prove_nothing():
    assert since("github", "2012-01-01", None, "a/b") == UNKNOWN_DATE
    assert since("mediawiki", "2012-01-01") == UNKNOWN_DATE
    assert since("github", "2022-01-01", None, "a/b", published=20120203.0) == 20120203 * 10**6
    assert since("stackexchange", "2012-01-01T10:11:12.123") == 20120101101112
    assert since("books", "1865", None) == 1865 * 10**10
    assert since("jsonl", "2012-01-01", None) == 20120101 * 10**6
    assert since("jsonl", "2012-01-01") == 20121231235959  # with an address: when it was fetched


PROSE = "The harbour was quiet that morning, and the boats lay where the ebb had left them. " * 3


def test_what_stands_around_a_text_is_short_lines_that_end_no_sentence():
    menu = "\n".join(f"Item of the menu {n}" for n in range(20))
    code = "```\n" + "x = 1\n" * 50 + "```"
    wide = "港は静かだった。舟は引き潮が残したところにあった。\n" * 5
    graded = surroundings([PROSE, f"{PROSE}\n{menu}", menu, f"# Head\n{PROSE}\n{code}\n| a | b |", wide, ""])
    assert graded[0] == graded[3] == graded[4] == graded[5] == 0
    assert 0 < graded[1] <= graded[2] == 7


def test_the_original_stays_and_not_the_longer_derivative():
    base = document(0)
    texts = [base, base + " with a longer tail", base + " and the longest tail of all"]
    rows = rows_of(texts, origin=[UNKNOWN, UNKNOWN, origin(signals={"says_copy": 1.0})])
    rows["date"] = [20150101 * 10**6, 20180101 * 10**6, 20100101 * 10**6]
    assert as_lists(found_in([rows])) == [(0, [1, 2])]
    rows = rows_of(texts, surroundings=[0, 3, 1])
    assert as_lists(found_in([rows])) == [(0, [1, 2])]


UNKNOWN = origin(url=URL)


def test_the_first_key_that_differs_is_the_reason():
    rows = rows_of([document(0)] * 6)
    rows["origin"] = [UNKNOWN, UNKNOWN + 64, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
    rows["date"] = [1, 0, 2, 1, 1, 1]
    rows["surroundings"][3], rows["n_bytes"][4] = 5, 1
    rows["n_bytes"][[0, 1, 2, 3, 5]] = 9
    config = DedupConfig()
    why = deciding(rows, np.zeros(6, np.int64), np.zeros(6, bool), config, policy_of(config))
    assert [REASONS[one] for one in why] == ["first", "origin", "date", "surroundings", "completeness", "id"]
    why = deciding(rows, np.zeros(6, np.int64), np.arange(6) == 0, config, policy_of(config))
    assert [REASONS[one] for one in why] == ["first", *["stands"] * 5]


FIGURES = st.tuples(*(st.integers(0, 2) for _ in range(7)))


@settings(max_examples=60, deadline=None)
@given(st.lists(FIGURES, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_what_came_first(figures, shuffler):
    rows = np.zeros(len(figures), dtype=signature_dtype(16))
    names = ("licence", "quality", "origin", "date", "surroundings", "n_bytes")
    for place, values in enumerate(figures):
        for name, value in zip(names, values, strict=False):
            rows[name][place] = value
        rows["doc"][place] = values[6], place // 2  # an id may stand twice
        rows["content"][place] = place, 0
    config = DedupConfig()
    policy, none = policy_of(config), np.zeros(len(rows), np.int64)
    ranked = rows[rank(rows, none, config, policy)]
    shuffled = list(range(len(rows)))
    shuffler.shuffle(shuffled)
    again = rows[shuffled][rank(rows[shuffled], none, config, policy)]
    assert ranked.tobytes() == again.tobytes()
    for first in range(len(ranked) - 1):  # of any two, and so of any three, the same one comes first
        for other in range(first + 1, len(ranked)):
            pair = ranked[[other, first]]
            assert rank(pair, none[:2], config, policy).tolist() == [1, 0]


def test_columns_of_a_row_tell_forks_stars_and_days():
    def told(repo="a/b", url=None, **values):
        return origin_signals(values, repo, url)

    assert told(is_fork=True, max_stars_count=12) == {"says_copy": 1.0, "repo_stars": 12.0}
    assert told(fork="false", stargazers_count="7") == {"repo_stars": 7.0}
    assert told(mirror_url="https://git.example.org/b") == {"says_copy": 1.0}
    assert told(gha_created_at="2012-03-04T05:06:07") == {"published": 20120304.0}
    assert told(stars="many", created_at=[], fork=None) == {}  # what says nothing costs no record
    assert told(None, "https://a.org/b", published_date="2019-08-07") == {"published": 20190807.0}
    assert told(None, None, stars=3, published_date="2019-08-07") == {}


def test_every_domain_but_programs_may_have_surroundings():
    from corpusforge.dedup.origin import has_surroundings

    pages = {domain for domain in Domain if has_surroundings("warc", domain, None)}
    assert pages == set(Domain) - {Domain.CODE}
    assert not any(has_surroundings(kind, "web", None) for kind in ("books", "mediawiki", "github"))
