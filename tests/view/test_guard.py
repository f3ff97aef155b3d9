"""Who may ask: the token, the Host header, the Origin of what writes, and what each answer says."""

import pytest
from starlette.testclient import TestClient

from corpusforge.view.guard import Guard
from tests.view.conftest import BASE, PORT, TOKEN, opened


async def _hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOW")]})
    await send({"type": "http.response.body", "body": b"corpus"})


@pytest.fixture
def stranger():
    return TestClient(Guard(_hello, TOKEN, PORT), base_url=BASE)


@pytest.fixture
def friend(stranger):
    stranger.get(f"/?token={TOKEN}")
    return stranger


def test_nobody_reads_without_the_token(stranger):
    for address in ("/", "/documents", "/static/view.css", "/?token=", "/?token=wrong", f"/?token={TOKEN}x"):
        answer = stranger.get(address)
        assert answer.status_code == 403
        assert "corpus" not in answer.text.replace("corpusforge view", "")


def test_the_token_leaves_the_address_and_stays_in_a_cookie(stranger):
    answer = stranger.get(f"/documents?domain=web&token={TOKEN}", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/documents?domain=web"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert stranger.get("/").text == "corpus"


def test_the_browsers_own_address_opens_once():
    guard = Guard(_hello, TOKEN, PORT)
    token = guard.once()
    first, second = (TestClient(guard, base_url=BASE) for _ in range(2))
    assert first.get(f"/?token={token}").text == "corpus"
    assert second.get(f"/?token={token}").status_code == 403
    assert first.get("/").text == "corpus" and second.get("/").status_code == 403


def test_a_redirect_never_leads_to_another_host(stranger):
    answer = stranger.get(f"{BASE}//elsewhere.example/?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"] == "/elsewhere.example/"


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1:80", f"127.0.0.1.evil.example:{PORT}", ""]
)
def test_a_name_that_was_pointed_here_is_refused(friend, host):
    assert friend.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"[::1]:{PORT}"]
)
def test_the_names_of_this_machine_are_served(friend, host):
    cookie = f"corpusforge-{PORT}={TOKEN}"
    assert friend.get("/", headers={"host": host, "cookie": cookie}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"http://127.0.0.1:{PORT + 1}"])
def test_other_sites_do_not_write(friend, origin):
    assert friend.post("/", headers={"origin": origin}).status_code == 403


def test_this_site_writes(friend):
    assert friend.post("/", headers={"origin": BASE}).status_code == 200


def test_every_answer_forbids_scripts_styles_and_frames_of_others(friend, stranger):
    for answer in (friend.get("/"), stranger.get("/?token=wrong"), friend.get("/", headers={"host": "x"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_that_is_not_there_keeps_the_policy(harbour, tmp_path):
    answer = opened(harbour.path, tmp_path / "v.jsonl").client.get("/nowhere")
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["content-security-policy"]
