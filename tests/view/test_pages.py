"""Each view, as a browser asks for it: what it shows of a corpus, and that it says so when it cannot."""

import csv
import json
import os
import re
import shutil
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from corpusforge.api.corpus import open_corpus
from corpusforge.files import join, write_bytes
from corpusforge.verdicts import Kind, read_verdicts
from tests.view.conftest import BASE, HOSTILE, opened

VIEWS = (
    "/",
    "/documents",
    "/drops",
    "/quarantine",
    "/clusters",
    "/plans",
    "/snapshots",
    "/reading",
    "/reading/rates",
    "/help",
)


def text_of(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


def attributes(html):
    """Return the names of all attributes of a page, as a browser reads it."""
    found = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.update(name for name, _ in attrs)

    Reader().feed(html)
    return found


def ids(html, name="doc-id"):
    return list(dict.fromkeys(re.findall(f'data-{name}="([0-9a-f]{{32}})"', html)))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_and_obeys_its_own_policy(site, view):
    answer = site.client.get(view)
    assert answer.status_code == 200
    page = answer.text
    names = attributes(page)
    assert "style" not in names and not {name for name in names if name.startswith("on")}
    assert "<style" not in page
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/view.js" defer>']
    of_texts = (
        ' rel="noopener noreferrer nofollow" target="_blank"'  # followed by a person, fetched by nobody
    )
    outside = re.findall(r'(?:src|href|action)="(?![/#])[^"]*"([^>]*)', page)
    assert set(outside) <= {of_texts}


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_has_a_label(site, view):
    page = site.client.get(view).text
    for kind, attributes in re.findall(r"<(input|select) ([^>]*)>", page):
        identifier = re.search(r'id="([^"]*)"', attributes)
        assert 'type="hidden"' in attributes or f'<label for="{identifier[1]}">' in page, (kind, attributes)


def test_the_overview_counts_as_the_index_does(site):
    page = text_of(site.client.get("/").text)
    index = site.explorer.index
    assert f"{index.header['totals']['n_tokens']:,} tokens" in re.sub(r"\s+", " ", page)
    assert "All 33 documents" in page
    assert "math_threshold" in page and "gopher_alphabetic" in page


def test_the_overview_of_one_domain(site):
    page = text_of(site.client.get("/?domain=math/scaffold").text)
    assert "All 3 documents" in page
    assert site.client.get("/?domain=nowhere").status_code == 404


@pytest.mark.parametrize(
    ("filter", "n"),
    [
        ("domain=math", 3),
        ("domain=math&subset=generic", 0),
        ("source=more", 4),
        ("host=site2.example", 8),
        ("host=site*.example&words=harbour+lamp", None),
        ("words=alert", 1),
        ("programming_language=python", 1),
    ],
)
def test_filters(site, harbour, filter, n):
    page = site.client.get(f"/documents?{filter}").text
    if n is None:
        held = [d for d in open_corpus(harbour.path).documents() if (d["host"] or "").startswith("site")]
        n = sum("harbour" in d["text"].lower() and "lamp" in d["text"].lower() for d in held)
        assert n
    assert len(ids(page)) == min(n, 20)
    assert ("No document holds" in page) == (n == 0)


@pytest.mark.parametrize(
    ("filter", "told"),
    [
        ("math_score_min=much&words=harbour", "math_score_min: 'much' is no number"),
        ("length_min=90&length_max=9&words=harbour", "length_min: 90 is above length_max, 9"),
        ("domain=maths&words=harbour", "domain: 'maths' is none of web, code,"),
        ("subset=none&words=harbour", "subset: 'none' is none of all, scaffold, generic"),
        ("source=nowhere&words=harbour", "source: 'nowhere' is none of this corpus: more, notes"),
        ("year=last&words=harbour", "year: 'last' is none"),
        ("signal_min=3&words=harbour", "name the signal"),
    ],
)
def test_a_wrong_filter_is_told_above_the_form_that_holds_it_still(site, filter, told):
    answer = site.client.get(f"/documents?{filter}")
    assert answer.status_code == 400 and told in unescape(answer.text)
    assert 'id="filter"' in answer.text and 'value="harbour"' in answer.text
    name, _, value = filter.partition("&")[0].partition("=")
    assert (
        name in ("domain", "subset", "source") or f'name="{name}" type="text" value="{value}"' in answer.text
    )


def test_a_list_of_documents_says_its_order_and_leads_to_each_domain(site):
    page = site.client.get("/documents?words=harbour&show=raw").text
    assert "Domain after domain, each in a random order." in page
    tabs = re.findall(r'<a href="([^"]*)"', page.partition('id="domains"')[2].partition("</ul>")[0])
    assert "/documents?domain=math&subset=generic&words=harbour&show=raw" not in map(unescape, tabs)
    assert len(tabs) == 1 + len(site.explorer.summary.domains)
    shown = [site.client.get(unescape(tab)).text for tab in tabs]
    assert all("words" in tab and "show=raw" in tab for tab in tabs)
    assert sum(len(ids(one)) for one in shown[1:]) >= len(ids(shown[0])) > 0
    assert "Domain after domain" not in shown[1] and "In a random order." in shown[1]


def test_drops_of_one_source_are_counted_for_it_and_a_wrong_one_leaves_the_form(site):
    whole, part = (text_of(site.client.get(f"/drops{asked}").text) for asked in ("", "?source=notes"))
    assert "too_short" in whole and "too_short" in part
    assert "Nothing was dropped." in site.client.get("/drops?source=more").text
    for asked in ("source=nowhere", "reason=nothing"):
        answer = site.client.get(f"/drops?{asked}")
        assert answer.status_code == 404 and 'id="filter"' in answer.text


def test_pages_of_documents_lead_through_all_of_them(site, harbour):
    seen, address = [], "/documents"
    while address:
        page = site.client.get(address).text
        seen += ids(page)
        following = re.search(r'<a href="([^"]*)" class="button" rel="next">', page)
        address = unescape(following[1]) if following else ""
    assert seen == [document["id"] for document in open_corpus(harbour.path).documents()]
    before = re.search(r'<a href="([^"]*)" class="button" rel="prev">', page)
    assert ids(site.client.get(unescape(before[1])).text) == seen[:20]


def test_a_document_shows_what_is_known_of_it(site, harbour):
    document = next(d for d in open_corpus(harbour.path).documents(domain="math"))
    page = site.client.get(f"/documents/{document['id']}").text
    told = text_of(page)
    assert document["locator"] in told and document["domain_reason"] in told
    assert "<math" in page and f"{document['length']:,}" in told
    raw = site.client.get(f"/documents/{document['id']}?show=raw").text
    assert "<math" not in raw and "$a_n \\ge 2$" in text_of(raw)


def test_neighbours_are_those_of_the_filter(site):
    listed = ids(site.client.get("/documents?domain=math").text)
    page = site.client.get(f"/documents/{listed[1]}?domain=math").text
    assert f'href="/documents/{listed[0]}?domain=math" class="button" rel="prev"' in page
    assert f'href="/documents/{listed[2]}?domain=math" class="button" rel="next"' in page
    assert 'rel="next"' not in site.client.get(f"/documents/{listed[2]}?domain=math").text


def test_a_hostile_title_is_text_everywhere(site):
    hostile = ids(site.client.get("/documents?host=hostile.example").text)[0]
    views = (
        "/documents?host=hostile.example",
        f"/documents/{hostile}",
        f"/documents/{hostile}/trace",
        "/reading?seed=1&count=100&i=1",
    )
    for view in views:
        page = site.client.get(view).text
        assert "<script>" not in page and "<img" not in page
    assert HOSTILE in text_of(site.client.get(f"/documents/{hostile}/trace").text)


def test_how_a_document_got_here(site, harbour):
    document = next(open_corpus(harbour.path).documents())
    told = text_of(site.client.get(f"/documents/{document['id']}/trace").text)
    for fact in ("Read from a dump", document["locator"], "Extracted and labelled", "In a shard", "shards/"):
        assert fact in told


def test_a_shipped_document_whose_part_is_gone_is_still_traced(harbour, tmp_path):
    site = opened(harbour.path, tmp_path / "v.jsonl")
    site.explorer.trace = lambda doc_id, corpus, index: None
    document = next(open_corpus(harbour.path).documents())
    told = text_of(site.client.get(f"/documents/{document['id']}/trace").text)
    assert "its part is no longer here" in told and document["locator"] in told


def test_drops_come_nearest_to_their_bound_first(site):
    page = site.client.get("/drops").text
    assert 'href="/drops?reason=quality"' in page
    page = site.client.get("/drops?reason=quality").text
    assert re.findall(r"n_words (\d+) is below 20", page) == ["16", "12", "10"]
    dropped = site.client.get(f"/documents/{ids(page)[0]}")
    assert dropped.status_code == 200 and "Dropped: quality" in text_of(dropped.text)


def test_quarantine_shows_tracebacks(harbour, tmp_path):
    site = opened(harbour.path, tmp_path / "v.jsonl")
    part = site.explorer.index.header["inputs"][0]["part_id"]
    path = join(harbour.path, "quarantine", f"{part}.quarantine.jsonl")
    row = {"doc_id": "f" * 32, "source": "notes", "source_kind": "jsonl", "locator": "a#1", "error": "killed: <b>", "traceback": "Traceback\n  <i>"}  # fmt: skip
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as stream:
        stream.write(json.dumps(row) + "\n")
    try:
        page = site.client.get("/quarantine").text
        assert "killed: &lt;b&gt;" in page and "&lt;i&gt;" in page
        assert "Quarantined" in text_of(site.client.get(f"/documents/{'f' * 32}").text)
    finally:
        os.remove(path)


def test_members_of_a_cluster_stand_beside_each_other(site):
    page = site.client.get("/clusters").text
    clusters = ids(page, "cluster-id")
    assert len(clusters) == 2
    names = re.findall(r'data-cluster-id="[0-9a-f]{32}">([^<]*)</a>', page)
    texts = {" ".join(d["text"].split()[:5]) for d in open_corpus(site.explorer.corpus).documents()}
    assert {" ".join(name.split()[:5]) for name in names} < texts, "they have no title: their first words"
    told = [site.client.get(f"/clusters/{one}").text for one in clusters]
    assert all("why the other stays" in page for page in told)
    assert any("They are the same." in page for page in told)
    assert any(re.search(r"<(ins|del)>[^<]*And more", page) for page in told)
    removed = re.search(r"documents/([0-9a-f]{32})[^\n]*removed", told[0])[1]
    assert "Removed as a duplicate" in text_of(site.client.get(f"/documents/{removed}").text)


def test_arms_of_a_plan_and_what_moved(site):
    listed = site.client.get("/plans").text
    address = unescape(re.search(r'href="(/plans/[^"]*)"', listed)[1])
    told = text_of(site.client.get(address).text)
    assert "without_math" in told and "640" in told
    moved = text_of(site.client.get(f"{address}?a=full&b=without_math").text)
    assert re.search(r"math/scaffold\s+160\s+0\s+-160", moved)
    assert site.client.get(f"{address}?a=full&b=nothing").status_code == 404


def test_runs_of_a_swarm(site):
    listed = site.client.get("/plans").text
    address = unescape(re.search(r'href="(/swarms/[^"]*)"', listed)[1])
    assert re.search(r"small\s+[0-9a-f]{8}\s+this one\s+4\s+1/2\s+dirichlet\s+math, web", text_of(listed))
    told = text_of(site.client.get(address).text)
    folder = Path(site.explorer.corpus, "plans", address.lstrip("/"))
    for file in ("ratios.csv", "epochs.csv"):
        with (folder / file).open() as stream:
            for row in csv.DictReader(stream):
                values = [f"{float(value):.4f}" for value in list(row.values())[1:]]
                assert re.search(r"\s+".join(map(re.escape, [row["run_id"], *values])), told)
    buckets = json.loads((folder / "buckets.json").read_bytes())["buckets"]
    assert all(bucket["sha256"][:12] in told for bucket in buckets.values())


def test_a_swarm_that_is_damaged_is_told_in_the_list(harbour, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(harbour.path, copy)
    [path] = copy.glob("plans/swarms/*/buckets.json")
    path.write_bytes(path.read_bytes().replace(b'"runs":4', b'"runs":5'))
    listed = opened(str(copy), tmp_path / "verdicts.jsonl").client.get("/plans")
    assert listed.status_code == 200 and "its seal does not hold" in text_of(listed.text)


def test_a_snapshot_against_its_parent(site, harbour):
    assert harbour.parent in site.client.get("/snapshots").text
    told = text_of(site.client.get(f"/snapshots/{site.explorer.index.snapshot}").text)
    assert "filter.min_chars" in told and re.search(r"more\s+0 B", told) and "+4" in told
    assert "no parent" in text_of(site.client.get(f"/snapshots/{harbour.parent}").text)


def test_verdicts_of_a_reader_are_saved_and_remembered(site):
    sample = "/reading?seed=4&count=3&domain=web&reader=AB"
    for number, (kind, domain) in enumerate((("right", ""), ("wrong_domain", "books"), ("bad_text", ""))):
        page = site.client.get(sample).text
        assert f'data-judged="{number}" data-of="3"' in page
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        answer = site.client.post(
            "/reading/verdict",
            data={**form, "verdict": f"{kind}:{domain}"},
            headers={"origin": BASE},
        )
        assert answer.status_code == 200
    assert "1 right, 1 wrong domain, 1 bad text" in text_of(site.client.get(sample).text)
    verdicts, faults = read_verdicts(site.explorer.verdicts_path)
    assert not faults
    assert [verdict.verdict for verdict in verdicts] == [Kind.RIGHT, Kind.WRONG_DOMAIN, Kind.BAD_TEXT]
    assert verdicts[1].right_domain == "books" and {verdict.reader for verdict in verdicts} == {"AB"}
    assert len({verdict.doc_id for verdict in verdicts}) == 3
    assert {verdict.snapshot for verdict in verdicts} == {site.explorer.index.snapshot}
    assert {(verdict.stratum.domain, verdict.seed) for verdict in verdicts} == {("web", 4)}
    assert 'data-judged="0"' in site.client.get(sample.replace("AB", "CD")).text


@pytest.mark.parametrize(
    "change", [{"doc_id": "0" * 32}, {"verdict": "maybe"}, {"seed": "x"}, {"count": "0"}, {"domain": "sea"}]
)
def test_a_verdict_that_is_none_is_not_saved(site, change, tmp_path):
    form = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">',
            site.client.get("/reading?seed=1&count=3").text,
        )
    )
    answer = site.client.post(
        "/reading/verdict", data={**form, "verdict": "right", **change}, headers={"origin": BASE}
    )
    assert answer.status_code == 400
    assert not (tmp_path / "verdicts.jsonl").exists()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/documents?math_score_min=x", 400),
        ("/documents?at=1", 400),
        ("/documents?show=both", 400),
        (f"/documents/{'0' * 32}", 404),
        ("/documents/..%2F..%2Fetc", 404),
        (f"/documents/{'0' * 32}/trace", 404),
        ("/clusters?at=x", 400),
        ("/clusters/0", 404),
        ("/plans/..%2F..%2Fcorpus.json", 404),
        ("/plans/none.json", 404),
        ("/swarms/none", 404),
        ("/swarms/..%2F..%2Fplans", 404),
        ("/snapshots/none", 404),
        ("/reading?seed=-1", 400),
        ("/reading?seed=1&domain=web&subset=scaffold", 400),
        ("/static/..%2Fserver.py", 404),
        ("/static/secret", 404),
    ],
)
def test_what_is_not_there_or_no_sense_is_one_line(site, address, status):
    answer = site.client.get(address)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_corpus_in_a_bucket_opens_by_exact_ranges(harbour, s3, tmp_path):
    for folder, _, names in os.walk(harbour.path):
        for name in names:
            path = os.path.join(folder, name)
            place = os.path.relpath(path, harbour.path)
            if not name.startswith(".") and not name.endswith(".bin"):
                with open(path, "rb") as stream:
                    write_bytes(f"s3://our-bucket/corpus/{place}", stream.read())
    site = opened("s3://our-bucket/corpus", tmp_path / "v.jsonl")
    for view in VIEWS:
        assert site.client.get(view).status_code == 200, view
    page = site.client.get("/documents?domain=math").text
    assert len(ids(page)) == 3
    assert site.client.get(f"/documents/{ids(page)[0]}/trace").status_code == 200
    assert len(ids(site.client.get("/drops?reason=quality").text)) == 3
    cluster = ids(site.client.get("/clusters").text, "cluster-id")[0]
    assert 'class="beside"' in site.client.get(f"/clusters/{cluster}").text
    before = s3.meter.requests
    assert site.client.get("/documents?domain=math&language=en").status_code == 200
    first = s3.meter.requests - before
    assert site.client.get("/documents?domain=math&language=en").status_code == 200
    assert s3.meter.requests - before == first  # the second time nothing is asked for
