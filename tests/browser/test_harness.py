"""The checks find what they are for: a page with one fault of each kind."""

import pytest

GOOD = (
    "<!doctype html><html lang=en><title>A page</title><style>button, input {{ min-height: 28px }}</style><link rel=icon href='data:,'><main><h1>A page</h1>"
    "<p>Words.</p><label>Name <input></label> <button>Go</button>{}</main></html>"
)
FAULTY = {
    "lowContrast": "<p style='color:#999;background:#fff'>pale</p>",
    "unnamed": "<input>",
    "structure": "<h4>deep</h4><img src='data:,'>",
    "tooWide": "<div style='width:3000px'>wide</div>",
    "tooSmall": "<button style='min-height:9px;font-size:6px;padding:0'>tiny</button>",
}


@pytest.mark.parametrize("look", FAULTY)
def test_a_fault_is_found_and_a_good_page_has_none(tab, tmp_path, look):
    page = tmp_path / "page.html"
    for more, is_faulty in (("", False), (FAULTY[look], True)):
        page.write_text(GOOD.format(more))
        tab.open(page.as_uri())
        assert bool(tab.look(look)) == is_faulty, tab.look(look)


def test_errors_requests_and_scripts_of_a_page_are_faults(tab, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        GOOD.format("<img alt='' src='https://example.org/x.png'><script>alert(1); nothing()</script>")
    )
    tab.open(page.as_uri())
    told = "\n".join(tab.faults)
    assert "request to https://example.org/x.png" in told
    assert "script of the corpus ran: 1" in told and "nothing is not defined" in told
    tab.faults.clear()


def test_the_way_of_the_tab_key_is_told(tab, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        GOOD.format("<style>button:focus { outline: none }</style><a href='#x' tabindex=3>first</a>")
    )
    tab.open(page.as_uri())
    stops = tab.tab_stops()
    assert [stop["called"].rpartition(" ")[2] for stop in stops] == ["first", "", "Go"]
    assert [stop["ring"] > 0 for stop in stops] == [True, True, False]
