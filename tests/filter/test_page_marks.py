"""What a page's <meta> tags say to robots: those that a reader of the page would see, however written."""

import pytest

from corpusforge.page_marks import page_metas

_NOAI = b'<meta name="robots" content="noai">'


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (_NOAI, [("robots", "noai")]),
        (b"<META CONTENT=noai NAME=Robots>", [("robots", "noai")]),
        (b"<meta name='&#114;obots' content='no&#97;i'><title>robots</title>", []),
        (b"<meta name='ro&#98;ots' content='no&#97;i'><meta name=bot content=x>", [("robots", "noai"), ("bot", "x")]),
        (b"<meta name=x-robots-tag content=noindex>", [("robots", "noindex")]),
        (b"<meta property=tdm-reservation value=1>", [("tdm-reservation", "1")]),
        (b"<meta name=googlebot content=noindex><meta name=author content=robots>", [("googlebot", "noindex")]),
        (b"<!--" + _NOAI + b"-->", []),
        (b"<script>'" + _NOAI + b"'</script>", []),
        (b"<STYLE a=b>" + _NOAI + b"</Style>" + _NOAI, [("robots", "noai")]),
        (b"<template>" + _NOAI, []),
        (b"<scripts>" + _NOAI, [("robots", "noai")]),
        (b"<meta name=robots <!-- a > comment --> content=noai>", [("robots", "noai")]),
        (b"<meta <meta name=robots content=noai>", [("robots", "noai")]),
        (b"<metadata name=robots content=noai>", []),
        (b"<meta>" + _NOAI, [("robots", "noai")]),
        (b"<meta name=robots content='" + b"x" * 2000 + b"'>", []),
        (b"<body>" + _NOAI, []),
        (b"<meta name=robots content=noai", []),
        ((" " + _NOAI.decode()).encode("utf-16"), [("robots", "noai")]),
        (b"", []),
    ],
)  # fmt: skip
def test_what_is_told(page: bytes, told: list[tuple[str, str]]) -> None:
    assert list(page_metas(page)) == told


def test_many_tags_and_a_long_head() -> None:
    page = b"<link>" * 30_000 + _NOAI * 3
    assert list(page_metas(page)) == [("robots", "noai")] * 3
