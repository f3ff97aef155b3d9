"""The same corpus says the same of its drops at the end of a build, in `inspect`, report, card and explorer."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from corpusforge.card.contents import left_out, sources
from corpusforge.card.sample import Sample
from corpusforge.commands.totals import print_totals
from corpusforge.export.figures import Figures
from corpusforge.report import render_page
from corpusforge.report.found import Found
from corpusforge.report.summary import summarise
from corpusforge.shards.snapshot import read_index
from corpusforge.view.explorer import Explorer
from corpusforge.view.server import make_app
from tests.view.conftest import BASE, PORT, TOKEN

NEVER = 60
"""Records of the corpus that never were documents."""


@pytest.fixture(scope="module")
def index(harbour):
    """Return an index of which one source had requests and metadata, as a crawl has."""
    found = read_index(harbour.path)
    conservation = dict(found.header["conservation"])
    notes = dict(conservation["sources"]["notes"])
    notes["records_in"] += NEVER
    notes["dropped"] = {**notes["dropped"], "not_content": NEVER}
    conservation["sources"] = {**conservation["sources"], "notes": notes}
    return replace(found, header={**found.header, "conservation": conservation})


@pytest.fixture(scope="module")
def places(harbour, index, tmp_path_factory):
    """Return what each place says, as its words: markup is gone."""
    summary = summarise(index.header["conservation"])
    none = Sample(figures=Figures(), years={}, counted_documents=0, strata={})
    explorer = Explorer(harbour.path, index, lambda *_: None, str(tmp_path_factory.mktemp("v") / "v.jsonl"))
    client = TestClient(make_app(explorer, TOKEN, PORT), base_url=BASE)
    assert client.get(f"/?token={TOKEN}").status_code == 200
    page = render_page(index.snapshot, index.header, [], Found())
    card = sources(index, summary, none) + left_out(index, summary)
    pages = {"report": page, "overview": client.get("/").text, "drops": client.get("/drops").text}
    return {"card": card, **{name: re.sub(r"<[^>]*>", " ", text) for name, text in pages.items()}}


def test_records_that_never_were_documents_are_no_drops_anywhere(index, places, capsys):
    summary = print_totals(index.header["conservation"])
    printed = capsys.readouterr()
    texts = {**places, "build and inspect": printed.out + printed.err}
    dropped = sum(n for _, n, _ in summary.dropped)
    assert dropped and summary.no_documents == {"notes": NEVER}
    assert dropped == sum(source.dropped for source in summary.sources)
    for place, text in texts.items():
        assert "not_content" not in text, place
        for reason, n, _ in summary.dropped:
            shown = rf"\b{reason}\W+(?:\w+ )?.*?\b{n}\b"
            assert re.search(shown, text, re.S), (place, reason)
    assert f"{NEVER} of them never were documents" in places["overview"]
    assert f"{NEVER} never were documents" in places["report"]
    assert f"({NEVER}: requests, metadata, folders, links)" in places["drops"]


def test_shares_of_drops_are_of_the_records_that_could_be_documents(index, places):
    summary = summarise(index.header["conservation"])
    could = summary.records_in - NEVER
    reason, n, _ = summary.dropped[0]
    assert f"| {100 * n / could:.1f} % |" in next(
        line for line in places["card"].splitlines() if f"`{reason}`" in line
    )
    assert f"{100 * n / could:.2f} %" in places["drops"]
    whole = sum(source.dropped for source in summary.sources)
    for place in ("report", "overview"):
        assert re.search(rf"{whole}\s+dropped\s+{100 * whole / could:.1f} %", places[place]), place


def test_every_record_of_the_card_ends_once(index, places):
    line = next(line for line in places["card"].splitlines() if re.match(r"\| `notes` \| \d+ \| 60 \|", line))
    read, *ends = [int(cell) for cell in line.split("|")[2:-1]]
    assert read == sum(ends)
