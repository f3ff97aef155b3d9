"""Pages that reserve their use are left out, as the configuration says, with the mark that does it."""

from __future__ import annotations

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.filter import FilterConfig, judge_owner
from corpusforge.page_marks import page_metas
from tests.filter.test_filter import page

EVERY = FilterConfig(honour=("noai", "noindex", "tdm-reservation", "robots.txt"), honour_agents=("GPTBot",))


def judged(head: str = "", *told: str, config: FilterConfig = EVERY) -> Document | Drop:
    raw = f"<html><head>{head}</head><body><p>text</p></body></html>".encode()
    return judge_owner(page("", markup=Markup.HTML, raw=raw, reservations=told), config)


@pytest.mark.parametrize(
    ("head", "told", "mark"),
    [
        ('<meta name="robots" content="noai, noimageai">', (), "<meta name=robots> noai"),
        ("<META CONTENT='NoAI' NAME=ROBOTS>", (), "<meta name=robots> noai"),
        ("<meta name=robots content=index,follow>", (), None),
        ('<meta name="robots" content="noimageai">', (), None),
        ('<meta name="googlebot" content="noindex">', (), None),
        ('<meta name="GPTBot" content="noindex">', (), "<meta name=gptbot> noindex"),
        ('<meta name="description" content="all robots: noai">', (), None),
        ('<!-- <meta name="robots" content="noai"> -->', (), None),
        ('<script>\'<meta name="robots" content="noai">\'</script>', (), None),
        ("", ("x-robots-tag: noindex, noai",), "X-Robots-Tag noindex"),
        ("", ("x-robots-tag: googlebot: noindex",), None),
        ("", ("x-robots-tag: googlebot: noindex, noai",), "X-Robots-Tag noai"),
        ("", ("x-robots-tag: gptbot: noindex",), "X-Robots-Tag noindex"),
        ("", ("x-robots-tag: unavailable_after: 25 Jun 2010 15:00:00 PST",), None),
        ("", ("tdm-reservation: 1",), "tdm-reservation 1 in header"),
        ("", ("tdm-reservation: 0",), None),
        ('<meta name="tdm-reservation" content="1">', (), "tdm-reservation 1 in <meta name=tdm-reservation>"),
        ('<meta name="tdm-reservation" content="0">', ("tdm-reservation: 1", "tdmrep.json: 1"), None),
        ("", ("tdm-reservation: 0", "tdmrep.json: 1"), None),
        ("", ("tdmrep.json: 1",), "tdm-reservation 1 in tdmrep.json"),
        ("", ("robots.txt: ccbot, Disallow: /",), "robots.txt: ccbot, Disallow: /"),
    ],
)
def test_marks_of_header_page_and_site(head: str, told: tuple[str, ...], mark: str | None) -> None:
    result = judged(head, *told)
    if mark is None:
        assert isinstance(result, Document)
        return
    assert isinstance(result, Drop) and result.reason is DropReason.RESERVED
    assert result.detail == f"the page reserves its use: {mark}" and result.excerpt == ""


def test_only_what_is_to_be_honoured_is() -> None:
    assert isinstance(judged("<meta name=robots content=noai>", config=FilterConfig()), Drop)
    assert isinstance(judged("<meta name=robots content=noindex>", config=FilterConfig()), Document)
    off = FilterConfig(honour=())
    assert isinstance(judged("<meta name=robots content=noai>", "tdm-reservation: 1", config=off), Document)
    assert off.fingerprint() != FilterConfig().fingerprint()


def test_a_mark_behind_the_head_is_none_and_hostile_heads_take_no_time() -> None:
    assert isinstance(judged("</head><body><meta name=robots content=noai>"), Document)
    wide = '<html><head><meta name="robots" content="noai"></head>'.encode("utf-16")
    assert list(page_metas(wide)) == [("robots", "noai")]
    for hard in (
        b"<meta " * 200_000,
        b"<!--" * 200_000,
        b"<meta name=robots " + b"a='" * 300_000,
        b"<script>" * 99_999,
    ):
        list(page_metas(hard))
