"""report.html as a person sees it: opened from disk, on a wide screen, a phone and paper."""

import re

import pytest

from tests.browser.conftest import PHONE, WIDE


@pytest.fixture
def report(tab, hostile):
    """The report of the corpus of attacks, opened from its file."""
    tab.open((hostile.path / "snapshots" / hostile.snapshot / "report.html").as_uri())
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_everything_can_be_read(report, size, scheme):
    report.at(size)
    report.page.emulate_media(color_scheme=scheme)
    report.shot(f"report-{size[0]}-{scheme}")
    assert report.look("tooWide") == []
    assert report.look("lowContrast") == []
    assert report.look("structure") == []
    assert report.look("unnamed") == []


def test_paper(report, tmp_path):
    report.page.emulate_media(media="print", color_scheme="dark")
    report.at((718, 1000))  # A4 within margins of 1 cm
    report.shot("report-print")
    assert report.look("tooWide") == []
    assert report.look("lowContrast") == []
    assert report.look("cutOff") == []
    pages = report.page.pdf(format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pages)) <= 40


def test_a_report_is_one_file_without_script(report):
    assert report.page.locator("script, iframe, object, embed, link, img:not([src^='data:'])").count() == 0
    assert report.page.locator("[onload], [onerror], [onclick], [style*='url(']").count() == 0


def test_boxes_that_scroll_are_reached_by_the_keyboard(report):
    report.at(PHONE)
    assert report.look("deafBoxes") == []
    for stop in report.tab_stops():
        assert stop["isShown"] and stop["ring"] >= 3, stop["called"]
