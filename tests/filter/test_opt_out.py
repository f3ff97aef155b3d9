"""Who asked to be left out is left out, with the line that says so; a wrong list is refused when it is named."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason
from corpusforge.filter import FilterConfig, filter_document, judge_owner, redact_fields
from corpusforge.filter.rights.opt_out import read_opt_out
from corpusforge.filter.rights.url_list import UrlList
from tests.filter.test_filter import PROSE, page

LIST = """\
# asked on 2024-02-03
Jane/Tool
acme/*
o/r:docs/**     # their prose
**/private/*
/secret.txt
example.org
blog.net/essays
www.site.de/a/
"""


@pytest.fixture
def config(tmp_path: Path) -> FilterConfig:
    (tmp_path / "opt-out.txt").write_text(LIST)
    return FilterConfig(opt_out=str(tmp_path / "opt-out.txt"))


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ({"repo": "jane/tool", "path": "a.py"}, 2),
        ({"repo": "jane/tools", "path": "a.py"}, None),
        ({"repo": "acme/anything", "path": "a.py"}, 3),
        ({"repo": "o/r", "path": "docs/a/b.md"}, 4),
        ({"repo": "o/r", "path": "src/docs/b.md"}, None),
        ({"repo": "x/y", "path": "a/b/private/c.py"}, 5),
        ({"repo": "x/y", "path": "private/c.py"}, 5),
        ({"repo": "x/y", "path": "private/deep/c.py"}, None),
        ({"repo": "x/y", "path": "secret.txt"}, 6),
        ({"repo": "x/y", "path": "a/secret.txt"}, None),
        ({"url": "https://example.org/", "host": "example.org"}, 7),
        ({"url": "http://a.b.example.org/x?y", "host": None}, 7),
        ({"url": "https://notexample.org/", "host": "notexample.org"}, None),
        ({"url": "https://blog.net/essays/1"}, 8),
        ({"url": "https://BLOG.net/essays?p=1"}, 8),
        ({"url": "https://blog.net/essays-by-others"}, None),
        ({"url": "https://www.site.de/a/b"}, 9),
        ({"url": "https://www.site.de/b"}, None),
        ({}, None),
    ],
)
def test_a_named_document_is_dropped_without_its_text(
    config: FilterConfig, where: dict[str, str], line: int | None
) -> None:
    document = page(PROSE, **where)
    result = judge_owner(document, config)
    if line is None:
        assert result is document
        return
    assert isinstance(result, Drop) and result.reason is DropReason.OPT_OUT
    assert f"line {line}: {LIST.splitlines()[line - 1].partition(' ')[0]}" in result.detail
    assert result.excerpt == ""


@pytest.mark.parametrize("entry", ["two words", "just-a-name", "a/b/c", "http://", "éa/b c"])
def test_a_wrong_line_is_refused_when_the_configuration_is_read(tmp_path: Path, entry: str) -> None:
    (tmp_path / "list").write_text(f"o/r\n\n{entry}\n")
    with pytest.raises(ValueError, match=r"line 3: .* is no owner/repository, path pattern, host or URL"):
        FilterConfig(opt_out=str(tmp_path / "list"))
    with pytest.raises(ValueError, match=r"list .*: No such file"):
        FilterConfig(opt_out=str(tmp_path / "none"))


def test_an_edited_list_is_another_configuration(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("o/r\n")
    first = FilterConfig(opt_out=str(path))
    assert first.fingerprint() == FilterConfig(opt_out=str(path)).fingerprint()
    path.write_text("o/r\no/s\n")
    second = FilterConfig(opt_out=str(path))
    assert first.opt_out_sha256 != second.opt_out_sha256 and first.fingerprint() != second.fingerprint()
    assert isinstance(judge_owner(page(PROSE, repo="o/s", path="a"), second), Drop)
    with pytest.raises(ValueError, match="changed since the configuration was read"):
        judge_owner(page(PROSE, repo="o/s", path="a"), first)


def test_drops_hold_no_secret_in_their_excerpt() -> None:
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7bq2" * 40
    token = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    for text, left in (
        (f"mail jo@acme.io {token}", "mail <EMAIL> <GITHUB_TOKEN>"),
        (f"x = 1\n{key}", "x = 1\n<PRIVATE_KEY>"),
        ("words " * 64 + token[:20], "words " * 64),
    ):
        config = FilterConfig(min_chars=5000)
        dropped = filter_document(page(text), config, None)
        assert isinstance(dropped, Drop)
        result, counts = redact_fields(dropped, config)
        assert result.excerpt.rstrip() == left.rstrip()
        assert redact_fields(result, config) == (result, {})
        assert sum(counts.values()) == left.count("<")


@pytest.mark.parametrize("ending", ["", ".gz", ".xz"])
def test_block_lists_are_data_files_packed_or_not(tmp_path: Path, ending: str) -> None:
    lines = (
        "# spam\nBad.Example\n0.0.0.0 ads.example\nnews.example/promo\nbücher.example\nport.example:8080\n"
    )
    packed = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[ending](lines.encode())
    path = tmp_path / f"hosts{ending}"
    path.write_bytes(packed)
    config = FilterConfig(block_lists=(str(path),), blocked=("only.example/x",))
    for url, line in {
        "https://me@www.bad.example:8443/a?b#c": "filter.block_lists[0] names it, line 2: bad.example",
        "http://BAD.example./": "filter.block_lists[0] names it, line 2: bad.example",
        "https://ads.example": "filter.block_lists[0] names it, line 3: ads.example",
        "https://news.example/promo/1": "filter.block_lists[0] names it, line 4: news.example/promo",
        "https://www.xn--bcher-kva.example/": "filter.block_lists[0] names it, line 5: xn--bcher-kva.example",
        "http://port.example:8080/": "filter.block_lists[0] names it, line 6: port.example:8080",
        "https://only.example/x?y": "filter.blocked names it, line 1: only.example/x",
        "http://port.example/": None,
        "https://notbad.example/": None,
        "https://news.example/promotion": None,
        "https://example/": None,
    }.items():
        result = judge_owner(page(PROSE, url=url), config)
        if line is None:
            assert isinstance(result, Document), url
        else:
            assert isinstance(result, Drop) and result.reason is DropReason.BLOCKED, url
            assert result.detail == line and result.excerpt == ""


def test_a_long_list_takes_a_few_bytes_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "long.gz"
    path.write_bytes(gzip.compress("".join(f"h{n}.example.net\n" for n in range(200_000)).encode()))
    listed = read_opt_out(str(path))
    assert listed.urls.hashes.nbytes + listed.urls.lines.nbytes == 12 * 200_000
    assert listed.urls.find("http://a.h77.example.net/x", None) == (78, "h77.example.net")
    assert listed.urls.find("http://h200000.example.net/x", None) is None


def test_a_damaged_or_wrong_block_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"a.example\n" * 99_999)[:-20])
    with pytest.raises(ValueError, match=r"list .*cut.gz: "):
        FilterConfig(block_lists=(str(path),))
    with pytest.raises(ValueError, match=r"blocked entry, line 1: 'no entry'"):
        FilterConfig(blocked=("no entry",))


@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=20)))
def test_any_url_can_be_looked_for(url: str, host: str | None) -> None:
    listed = UrlList()
    assert listed.add("example.org/a", 1)
    listed.freeze()
    listed.find(url, host)
    assert listed.find(f"https://example.org/a/{url}", host) == (1, "example.org/a")
