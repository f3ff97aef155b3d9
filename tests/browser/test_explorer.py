"""`corpusforge view` as a person uses it, on a corpus whose names, titles and texts are attacks."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from corpusforge.cli import main
from corpusforge.printable import visible
from corpusforge.shards.snapshot import read_index
from corpusforge.verdicts import Stratum, read_verdicts, sample_documents
from tests.browser.conftest import PHONE, WIDE
from tests.browser.hostile import ATTACKS

HEX = re.compile(r"[0-9a-f]{24,32}")


def kind(href: str) -> str:
    """Return what sort of page an address is: ids, names and values left out."""
    parts = urlsplit(href)
    names = sorted({name for name, _ in parse_qsl(parts.query) if name not in ("offset", "page", "i")})
    path = re.sub(r"(?<=^/plans/).+", "*", HEX.sub("*", parts.path))
    return path + ("?" + "&".join(names) if names else "")


def links(tab) -> list[str]:
    found = tab.page.eval_on_selector_all("a[href]", "all => all.map((a) => a.getAttribute('href'))")
    return [href for href in found if href.startswith("/")]


def faults_of(tab) -> dict[str, list[str]]:
    looks = ("tooWide", "lowContrast", "structure", "unnamed", "tooSmall")
    return {look: found for look in looks if (found := tab.look(look))}


def looked_at(tab, name: str) -> dict[str, list[str]]:
    """Return what is wrong with the page that is open: wide, on a phone, and dark; leave its screenshots."""
    found = faults_of(tab)
    tab.shot(f"view-{name}-{WIDE[0]}")
    tab.at(PHONE)
    found |= {f"phone {look}": faults for look, faults in faults_of(tab).items()}
    tab.shot(f"view-{name}-{PHONE[0]}")
    tab.at(WIDE)
    tab.page.emulate_media(color_scheme="dark")
    found |= {"dark": dark} if (dark := tab.look("lowContrast")) else {}
    tab.page.emulate_media(color_scheme="light")
    return found


def test_every_view_opens_and_can_be_read(explorer, served):
    """Follow one link of each kind from the first page on; those with one filter at most are looked at."""
    wanted, seen, found = ["/"], set(), {}
    while wanted:
        href = wanted.pop(0)
        if kind(href) in seen or "&" in kind(href):
            continue
        seen.add(kind(href))
        answer = explorer.open(served.origin + href)
        found[href] = {} if answer.status == 200 else {"status": answer.status}
        wanted += links(explorer)
        if "?" in href:
            found[href] |= faults_of(explorer)
        else:
            name = re.sub(r"[^a-z0-9_]+", "-", kind(href).replace("*", "one")).strip("-") or "overview"
            found[href] |= looked_at(explorer, name)
    assert not {href: faults for href, faults in found.items() if faults}
    views = {
        "/",
        "/documents",
        "/documents/*",
        "/documents/*/trace",
        "/drops",
        "/quarantine",
        "/clusters",
        "/clusters/*",
    }
    assert views | {"/plans", "/plans/*", "/snapshots", "/reading", "/help"} <= seen


def cards(tab) -> int:
    return tab.page.locator("[data-card]").count()


def filtered(tab, served, **values: str) -> int:
    """Fill the filter of the documents as a person does; return how many cards are there then."""
    tab.open(served.origin + "/documents")
    for name, value in values.items():
        field = tab.page.locator(f"#filter [name={name}]")
        if field.evaluate("element => element.localName") == "select":
            field.select_option(value)
        else:
            field.fill(value)
    with tab.page.expect_navigation():
        if "words" in values:
            tab.page.keyboard.press("Enter")
        else:
            tab.page.locator("#filter button").click()
    return cards(tab)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"domain": "code"}, "code"),
        ({"domain": "math", "subset": "scaffold"}, "math/scaffold"),
        ({"source": "repositories"}, "repositories"),
        ({"host": "maths.example.org"}, "maths.example.org"),
        ({"host": "mat*"}, "maths.example.org"),
        ({"repo": "owner/<b>1</b>"}, "owner/<b>1</b>"),
        ({"programming_language": "python"}, "python"),
        ({"licence": "MIT"}, "MIT"),
        ({"math_score_min": "0.9"}, "math/scaffold"),
        ({"words": "monotone"}, "math/scaffold"),
    ],
    ids=str,
)
def test_a_filter_leaves_what_it_says(explorer, served, values, says):
    n_found = filtered(explorer, served, **values)
    for name, value in values.items():  # what was asked is shown
        assert explorer.page.locator(f"#filter [name={name}]").input_value() == value
    told = explorer.page.locator("[data-card] .meta").all_inner_texts()
    assert 0 < n_found == len(told) and all(says in one for one in told)


def test_filters_that_leave_nothing_or_are_wrong_say_so(explorer, served):
    assert filtered(explorer, served, words="no such word anywhere") == 0
    assert "No document" in explorer.page.inner_text("main")
    explorer.expected_statuses.add(400)
    assert filtered(explorer, served, math_score_min="very") == 0
    assert "very" in explorer.page.inner_text("main")


def test_a_range_of_a_signal_and_of_lengths(explorer, served):
    def lengths():
        told = " ".join(explorer.page.locator("[data-card] .meta").all_inner_texts())
        return [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) tokens", told)]

    filtered(explorer, served, length_min="300", length_max="800")
    assert lengths() and all(300 <= n <= 800 for n in lengths())
    assert filtered(explorer, served, signal="n_words", signal_min="400") < filtered(
        explorer, served, signal="n_words", signal_min="1"
    )


def test_pages_of_documents_meet_and_hold_each_once(explorer, served):
    explorer.open(served.origin + "/documents?source=pages")
    seen: list[str] = []
    for _ in range(20):
        seen += explorer.page.eval_on_selector_all("[data-card]", "all => all.map((e) => e.dataset.docId)")
        following = explorer.page.locator("a[rel=next]")
        if not following.count():
            break
        with explorer.page.expect_navigation():
            following.first.click()
    assert len(seen) == len(set(seen)) == 56
    with explorer.page.expect_navigation():
        explorer.page.locator("a[rel=prev]").first.click()
    assert cards(explorer) > 0


def test_attacks_stay_text(explorer, served):
    """Titles, addresses and texts are shown as they are; nothing of them becomes an element, a script or a request."""
    for page in (
        "/documents?host=*.example.org&words=alert",
        "/documents?show=raw&words=alert",
        "/quarantine",
        "/drops?reason=quality",
        "/drops?reason=too_short",
    ):
        explorer.open(served.origin + page)
        body = explorer.page.inner_text("main")
        assert re.search("<script>|onerror=|alert\\(", body), page
        assert (
            explorer.page.locator(
                "main script, main iframe, main img, main style, main meta, main object"
            ).count()
            == 0
        )
        assert (
            explorer.page.locator(
                "[onerror], [onload], a[href^='javascript'], main form[action^='http']"
            ).count()
            == 0
        )
        assert explorer.look("tooWide") == []
        assert not re.search("[\u202e\u2066\u200b\u0007]", body), page
    for hostile_query in (
        "words=<script>alert(1)</script>",
        'language="><img src=x onerror=alert(1)>',
        "host=%00%ff",
        "at=../../etc",
    ):
        explorer.expected_statuses.update((400, 404))
        explorer.open(f"{served.origin}/documents?{hostile_query}")
        assert explorer.page.locator("main script, main img").count() == 0


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_a_title_like_others(explorer, served, name):
    explorer.at(PHONE)
    explorer.open(f"{served.origin}/documents?host={name}.example.org")
    assert cards(explorer) == 1 and explorer.look("tooWide") == []
    with explorer.page.expect_navigation():
        explorer.page.locator("[data-card] h2 a").click()
    title = visible(ATTACKS[name])
    assert explorer.page.inner_text("h1") == " ".join(title.split())
    assert explorer.look("tooWide") == []
    assert explorer.page.locator("math").count() >= 1  # formulas are set
    assert explorer.page.locator("pre span").count() >= 1  # and code coloured
    assert (
        explorer.page.locator(
            "main script, main iframe, main img, main style, main meta, article form"
        ).count()
        == 0
    )


def test_a_document_tells_its_way_and_its_address_lasts(explorer, served):
    explorer.open(served.origin + "/documents?domain=math")
    doc_id = explorer.page.locator("[data-card]").first.get_attribute("data-doc-id")
    with explorer.page.expect_navigation():
        explorer.page.locator("[data-card] h2 a").first.click()
    assert "mathematics: math_score" in explorer.page.inner_text("main")
    permanent = explorer.page.get_by_text("permanent link").get_attribute("href")
    explorer.page.keyboard.press("t")
    explorer.page.wait_for_url("**/trace")
    steps = explorer.page.inner_text("main")
    assert "pages/pages.jsonl#line=" in steps and "In a shard" in steps
    explorer.open(served.origin + permanent)
    assert doc_id in explorer.page.url and doc_id in explorer.page.inner_text("main")
    explorer.page.keyboard.press("r")
    explorer.page.wait_for_url("**show=raw**")
    assert "$a_{n+1} = a_n^2 - 2$" in explorer.page.inner_text("main")


def test_keys(explorer, served):
    page = explorer.page
    explorer.open(served.origin + "/documents")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-card]").first
    assert "at" in first.get_attribute("class").split()
    doc_id = first.get_attribute("data-doc-id")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/documents/{doc_id}*")
    page.keyboard.press("n")
    page.wait_for_url(lambda url: "/documents/" in url and doc_id not in url)
    page.keyboard.press("/")
    page.wait_for_url("**/documents")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "words"
    page.keyboard.type("tides j k n ? 1")  # keys in a field are letters
    assert page.input_value("[name=words]") == "tides j k n ? 1" and page.url.endswith("/documents")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_url("**/help")


@pytest.mark.parametrize(
    "path", ["/", "/documents", "/drops?reason=quality", "/clusters", "/reading", "/reading?seed=1&count=5"]
)
def test_the_way_of_the_tab_key(explorer, served, path):
    """Every control is reached, in the order of the page, and can be seen to have the focus."""
    explorer.open(served.origin + path)
    stops, reachable = explorer.tab_stops(), explorer.look("reachable")
    places = [stop["place"] for stop in stops]
    assert places == sorted(places)
    assert {one["place"] for one in reachable} <= set(places), [
        o["called"] for o in reachable if o["place"] not in places
    ]
    assert [
        stop["called"] for stop in stops if stop["ring"] < 3 or not stop["isInside"] or stop["tabindex"] > 0
    ] == []


def test_who_has_no_token_is_refused(browser, served):
    context = browser.new_context()
    for path in ("/", "/documents", "/static/view.js", "/?token=wrong", "/reading/verdict", "//example.org/"):
        answer = context.request.get(served.origin + path, max_redirects=0)
        assert answer.status == 403, path
        assert (
            "snapshot" not in answer.text()
            and "default-src 'none'" in answer.headers["content-security-policy"]
        )
    assert context.request.post(served.origin + "/reading/verdict", form={"verdict": "right"}).status == 403
    with_token = context.request.get(served.address, max_redirects=0)
    assert (
        with_token.status == 303
        and "SameSite=Strict" in with_token.headers["set-cookie"]
        and "HttpOnly" in with_token.headers["set-cookie"]
    )
    other_host = context.request.get(
        served.origin + "/", headers={"Host": "evil.example.org"}, max_redirects=0
    )
    assert other_host.status in (400, 403)
    other_page = context.request.post(
        served.origin + "/reading/verdict", headers={"Origin": "https://evil.example.org"}
    )
    assert other_page.status == 403
    assert context.request.get(served.origin + "/").status == 200
    context.close()


def test_without_script_everything_is_there(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.address)
    page.goto(served.origin + "/documents?domain=code")
    assert page.locator("[data-card]").count() == 4
    page.goto(served.origin + "/reading?seed=1&count=3&domain=code")
    assert page.locator("button[value=right]").is_visible()
    context.close()


def test_reading_by_keyboard_gives_error_rates(explorer, served, hostile, capsys):
    """A sample is begun, judged by keys, changed, ended; `evaluate --verdicts` reads what was said."""
    page = explorer.page
    explorer.open(served.origin + "/reading")
    page.select_option("[name=domain]", "web")
    page.fill("[name=count]", "5")
    page.fill("[name=seed]", "11")
    page.fill("[name=reader]", "A <b>")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    drawn = [
        one.doc_id
        for one in sample_documents(
            str(hostile.path), read_index(str(hostile.path)), Stratum(domain="web"), 5, 11
        ).documents
    ]
    explorer.shot("view-reading-one-1400")
    explorer.at(PHONE)
    explorer.shot("view-reading-one-390")
    assert faults_of(explorer) == {}
    explorer.at(WIDE)
    assert not page.get_by_text("English prose").is_visible()  # what the classifiers said is not shown first
    for key, doc_id in zip("17n1", drawn, strict=False):  # the third is left for later
        assert page.get_attribute("#document", "data-doc-id") == doc_id
        with page.expect_navigation():
            page.keyboard.press(key)
    with page.expect_navigation():
        page.get_by_text("stop here").click()
    assert "2 documents of the sample not judged" in page.inner_text("#done")
    with page.expect_navigation():
        page.get_by_text("Go on with them").click()
    assert page.get_attribute("#document", "data-doc-id") == drawn[2]
    for key in ("3", "p", "p"):  # the next was judged: on to the fifth; back to the fourth, to the third
        with page.expect_navigation():
            page.keyboard.press(key)
    assert page.get_attribute("#document", "data-doc-id") == drawn[2]
    assert "You said: bad text" in page.inner_text("#document")
    for key in ("n", "3", "3"):  # the fourth was right, and is bad after all; then the fifth
        with page.expect_navigation():
            page.keyboard.press(key)
    assert "1 right, 1 wrong domain, 3 bad text" in page.inner_text("#done")
    explorer.shot("view-reading-done-1400")
    assert faults_of(explorer) == {}
    with page.expect_navigation():
        page.get_by_text("Error rates of what was read").click()
    assert "5 documents read of 60, 5 verdicts counted" in page.inner_text("main")
    assert re.search(r"domain\s+web\s+80.0 \(.*\s5\s+54\s+100 %", page.inner_text("#rates"))
    assert looked_at(explorer, "reading-rates") == {}
    verdicts, faults = read_verdicts(str(served.verdicts))
    said = [
        (0, "right"),
        (1, "wrong_domain"),
        (3, "right"),
        (2, "bad_text"),
        (3, "bad_text"),
        (4, "bad_text"),
    ]
    assert not faults
    assert [(v.doc_id, v.verdict.value) for v in verdicts] == [(drawn[at], kind) for at, kind in said]
    assert verdicts[1].right_domain == "math/scaffold" and {v.reader for v in verdicts} == {"A <b>"}
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "--verdicts", str(served.verdicts), str(hostile.path)])
    out = capsys.readouterr().out
    assert not ended.value.code and "5 documents read of 60" in out and "80.0 (" in out
    assert re.search("domain web +11 +5 +5 +54", out)
