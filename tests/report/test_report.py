"""The report: everything in it, nothing from outside, the same bytes every time."""

import re
from html.parser import HTMLParser

from corpusforge.report import render_page, report_path, write_report
from corpusforge.report.summary import summarise
from corpusforge.shards.snapshot import commit, make_header
from tests.shards.corpus import make_header_for_tests

CONSERVATION = {
    "sources": {
        "crawl": {
            "records_in": 1200,
            "kept": 900,
            "dropped": {"too_short": 180, "http_status": 98, "not_content": 20},
            "quarantined": 2,
            "exact_duplicates": 40,
            "near_duplicates": 60,
            "redactions": {"email": 12},
        },
        "github <x>": {
            "records_in": 500,
            "kept": 400,
            "dropped": {"data": 60, "too_short": 40},
            "quarantined": 0,
            "exact_duplicates": 0,
            "near_duplicates": 0,
            "redactions": {"email": 3, "secret": 1},
        },
    },
    "rows": [
        {
            "source": "crawl",
            "domain": "web",
            "subset": "all",
            "documents": 700,
            "tokens": 700_000,
            "bytes": 3_000_000,
        },
        {
            "source": "crawl",
            "domain": "math",
            "subset": "scaffold",
            "documents": 100,
            "tokens": 90_000,
            "bytes": 400_000,
        },
        {
            "source": "github <x>",
            "domain": "code",
            "subset": "all",
            "documents": 400,
            "tokens": 410_000,
            "bytes": 1_500_000,
        },
    ],
}
TOKENIZER = {"name": "cl100k_base", "package": "quicktok-v1", "version": "0.4.0", "eos_id": 100257}
HEADER = make_header(
    corpus_id="garden & sons",
    tokenizer=TOKENIZER,
    seed=17,
    config={"seed": 17},
    inputs=[
        {
            "name": "crawl/a.warc.gz",
            "kind": "warc",
            "size_bytes": 1000,
            "digest": "d" * 32,
            "part_id": "e" * 24,
        }
    ],
    conservation=CONSERVATION,
)
SHARD = {
    "domain": "web",
    "subset": "all",
    "id": "a" * 32,
    "n_docs": 700,
    "n_tokens": 700_000,
    "bytes": 2_800_000,
    "sha256": "b" * 64,
}


class _Resources(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()


def read_page(page):
    parser = _Resources()
    parser.feed(re.sub(r"<(\w+)([^>]*)/>", r"<\1\2></\1>", page))
    parser.close()
    return parser


def test_summary_adds_up_by_domain_source_and_reason():
    summary = summarise(CONSERVATION)
    assert list(summary.domains) == ["web", "code", "math/scaffold"]
    assert (summary.whole.documents, summary.whole.tokens, summary.whole.n_bytes) == (
        1200,
        1_200_000,
        4_900_000,
    )
    assert summary.records_in == 1700
    assert summary.dropped[0] == ("too_short", 220, {"crawl": 180, "github <x>": 40})
    assert summary.no_documents == {"crawl": 20} and summary.sources[0].dropped == 278
    assert summary.redactions == {"email": 15, "secret": 1}
    for ends in summary.sources:
        left = (
            ends.no_documents,
            ends.dropped,
            ends.quarantined,
            ends.exact_duplicates,
            ends.near_duplicates,
        )
        assert sum(left) + ends.documents == ends.records_in


def test_page_shows_the_figures_and_loads_nothing():
    page = render_page("f" * 32, HEADER, [SHARD])
    parser = read_page(page)
    assert not parser.open and all(link.startswith("#") for link in parser.links)
    assert not {"script", "link", "img", "iframe"} & set(parser.tags)
    assert not re.search(r"https?://|url\(|@import", page)
    for figure in (
        "1,200,000",
        "1,700",
        "too_short",
        "220",
        "crawl 180",
        "email",
        "a" * 32,
        "cl100k_base",
        "58.3 %",
    ):
        assert figure in page, figure
    assert "Every record is accounted for" in page
    assert "no documents" in page and "not_content" not in page, "what never was a document is no drop"
    assert "garden &amp; sons" in page and "github &lt;x&gt;" in page and "github <x>" not in page


def test_page_says_when_the_ends_do_not_add_up():
    sources = {**CONSERVATION["sources"], "crawl": {**CONSERVATION["sources"]["crawl"], "records_in": 1201}}
    page = render_page("f" * 32, {**HEADER, "conservation": {**CONSERVATION, "sources": sources}}, [])
    assert "do not add up" in page and "Every record is accounted for" not in page


def test_page_of_an_empty_corpus():
    page = render_page("f" * 32, {"conservation": {"sources": {}, "rows": []}}, [])
    assert not read_page(page).open


def test_report_lies_in_the_snapshot_and_is_the_same_every_time(tmp_path):
    corpus = str(tmp_path / "corpus")
    snapshot = commit(corpus, [], make_header_for_tests())
    first = open(write_report(corpus), "rb").read()
    assert write_report(corpus, snapshot) == report_path(corpus, snapshot)
    assert open(report_path(corpus, snapshot), "rb").read() == first
    assert str(tmp_path).encode() not in first


def test_what_dedup_left_and_what_was_cut_are_shown_by_source_and_domain():
    cut = {"documents_cut": 31, "spans": 47, "bytes": 2048, "documents_gone": 10}
    source = {
        **CONSERVATION["sources"]["crawl"],
        "kept_by_domain": {"math": 100, "web": 790},
        "duplicates_by_domain": {"web": 200},
        "repeats_by_domain": {"web": cut},
    }
    header = {**HEADER, "conservation": {**CONSERVATION, "sources": {"crawl": source}}}
    page = re.sub(r"<svg.*?</svg>", "", render_page("s" * 32, header, [SHARD]))
    left, repeats = (
        page.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]
        for title in ("What dedup left", "Paragraphs and lines that repeat")
    )

    def cells(section):
        rows = re.findall(r"<tr>(.*?)</tr>", section.partition("<tbody>")[2], re.DOTALL)
        return [
            [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row)] for row in rows
        ]

    assert cells(left) == [
        ["crawl", "web", "", "800", "200", "600", "75.0 %"],
        ["", "math", "", "100", "0", "100", "100.0 %"],
    ]
    assert cells(repeats) == [
        ["crawl", "web", "31", "47", "2.0 KiB", "10"],
        ["all", "", "31", "47", "2.0 KiB", "10"],
    ]
    assert "Paragraphs and lines that repeat" not in render_page("s" * 32, HEADER, [SHARD])
