"""Views that hold one thing beside another: arms, snapshots, duplicates, drops by their distance."""

import re


def test_arms_beside_each_other_and_what_moved(explorer, served):
    page = explorer.page
    explorer.open(served.origin + "/plans")
    with page.expect_navigation():
        page.locator("main td a").first.click()
    arms = page.inner_text("main")
    assert "full" in arms and "without_math" in arms and "math/scaffold" in arms
    page.select_option("select >> nth=0", "full")
    page.select_option("select >> nth=1", "without_math")
    with page.expect_navigation():
        page.get_by_role("button", name="Compare").click()
    moved = page.inner_text("main")
    assert re.search(r"math/scaffold\s+[\d,]+", moved) and "web" in moved
    assert explorer.look("tooWide") == []


def test_a_snapshot_tells_what_its_parent_lacked(explorer, served, hostile):
    explorer.open(served.origin + f"/snapshots/{hostile.snapshot}")
    told = explorer.page.inner_text("main")
    assert hostile.parent[:8] in told
    assert re.search(r"web\s+48\s+54\s+\+6", told)
    explorer.open(served.origin + f"/snapshots/{hostile.parent}")
    assert "no parent" in explorer.page.inner_text("main")


def test_duplicates_stand_beside_each_other_with_marks(explorer, served):
    page = explorer.page
    explorer.open(served.origin + "/clusters")
    sizes = page.locator("main tbody tr").count()
    assert sizes == 4
    with page.expect_navigation():
        page.locator("main td a").first.click()
    assert "stays" in page.inner_text("main") and "removed" in page.inner_text("main")
    marked = page.locator("main ins, main del, main mark").all_inner_texts()
    assert marked and all(len(one) < 60 for one in marked)  # the words that differ, not the whole
    left, right = page.locator(".beside").first.locator("pre").all()
    assert abs(left.bounding_box()["y"] - right.bounding_box()["y"]) < 5


def test_drops_that_nearly_stayed_come_first(explorer, served):
    explorer.open(served.origin + "/drops?reason=too_short")
    lengths = [int(n) for n in re.findall(r"(\d+) characters, under 50", explorer.page.inner_text("main"))]
    assert len(lengths) == 5 and lengths == sorted(lengths, reverse=True)
    explorer.open(served.origin + "/quarantine")
    assert explorer.page.locator("main details").count() == 2
    explorer.page.locator("main details summary").first.click()
    assert "picky_step.py" in explorer.page.inner_text("main")


def test_the_overview_leads_to_the_documents_it_counts(explorer, served):
    page = explorer.page
    count = page.locator("main td a").first
    expected = int(count.inner_text())
    with page.expect_navigation():
        count.click()
    assert f"{expected} documents" in page.inner_text("main")
    explorer.open(served.origin + "/")
    assert page.locator("main svg").count() > 20
    assert "math_threshold 0.5" in page.inner_html("main")
    with page.expect_navigation():
        page.get_by_role("link", name="code", exact=True).first.click()
    assert "4 documents" in page.inner_text("main")
