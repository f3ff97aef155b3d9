"""What stands beside the text of a record is redacted by the rules of texts, and counted by field."""

from __future__ import annotations

import pytest

from corpusforge.document import Document, Drop, DropReason, Quarantined, SourceKind
from corpusforge.filter import FilterConfig, redact_fields

CONFIG = FilterConfig()
TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
RANDOM = "9f86d081884c7d659a2feaa0c5"


def document(**fields: object) -> Document:
    values = {"doc_id": "0" * 32, "source": "s", "source_kind": SourceKind.WARC, "locator": "a.warc#offset=1"}
    return Document(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://jo:pw@x.org/a", "https://<USERINFO>@x.org/a"),
        ("https://jo@x.org/a", "https://<USERINFO>@x.org/a"),
        ("ssh://git@github.com/o/r.git", "ssh://git@github.com/o/r.git"),
        (f"https://x.org/?access_token={RANDOM}&n=1", "https://x.org/?access_token=<URL_TOKEN>&n=1"),
        (f"https://x.org/cb#id_token={RANDOM}", "https://x.org/cb#id_token=<URL_TOKEN>"),
        ("https://x.org/a;jsessionid=AB12?x=1", "https://x.org/a;jsessionid=<URL_TOKEN>?x=1"),
        ("https://x.org/?X-Amz-Signature=ab12cd&X-Amz-Date=2", "https://x.org/?X-Amz-Signature=<URL_TOKEN>&X-Amz-Date=2"),
        ("https://x.org/?PHPSESSID=ab12cd", "https://x.org/?PHPSESSID=<URL_TOKEN>"),
        (f"https://x.org/?token={RANDOM}", "https://x.org/?token=<URL_TOKEN>"),
        ("https://x.org/?token=next&key=value&code=404", "https://x.org/?token=next&key=value&code=404"),
        ("https://x.org/(S(abcdefghij0123456789abcd))/a", "https://x.org/(S(<URL_TOKEN>))/a"),
        ("https://x.org/u/jo.li@acme.io/a", "https://x.org/u/<EMAIL>/a"),
        ("https://x.org/?mail=jo.li%40acme.io", "https://x.org/?mail=<EMAIL>"),
        ("https://unpkg.com/react@17.0.2/umd/react.js", "https://unpkg.com/react@17.0.2/umd/react.js"),
        ("https://medium.com/@jo.li/a-story-1f2e3d", "https://medium.com/@jo.li/a-story-1f2e3d"),
        ("https://x.org/2019/05/a-walk?page=2&sort=new#top", "https://x.org/2019/05/a-walk?page=2&sort=new#top"),
    ],
)  # fmt: skip
def test_addresses_lose_tokens_sessions_and_userinfo_alone(url: str, redacted: str) -> None:
    result, counts = redact_fields(document(url=url), CONFIG)
    assert result.url == redacted
    assert sum(counts.values()) == redacted.count("<")
    assert redact_fields(result, CONFIG) == (result, {})
    off = FilterConfig(privacy=False)
    assert redact_fields(document(url=url), off) == (document(url=url), {})


def test_the_counts_of_a_document_are_in_its_redactions() -> None:
    given = document(
        title=f"Jo <jo@acme.io> {TOKEN}", notes=("author: jo@acme.io", "1 image"), redactions={"ip": 2}
    )
    result, counts = redact_fields(given, CONFIG)
    assert result.title == "Jo <<EMAIL>> <GITHUB_TOKEN>" and result.notes == ("author: <EMAIL>", "1 image")
    assert counts == {"notes:email": 1, "title:email": 1, "title:github_token": 1}
    assert result.redactions == {"ip": 2, **counts}
    assert (result.doc_id, result.locator) == (given.doc_id, given.locator)


@pytest.mark.parametrize(
    "locator",
    [
        "owner/repo@release.main:src/a.py",
        "o/r@9f86d081884c7d659a2feaa0c55ad015a3bf4f1b:a/b.c",
        "x.zip!a@2x.png",
    ],
)
def test_locators_lead_back_as_before(locator: str) -> None:
    assert redact_fields(document(locator=locator), CONFIG) == (document(locator=locator), {})


def test_drops_and_quarantined_records_hold_nothing_in_details_and_tracebacks() -> None:
    drop = Drop(
        doc_id="1", source="s", source_kind=SourceKind.WARC, locator="a!jo@acme.io.txt", reason=DropReason.REDIRECT,
        detail=f"HTTP status 302 to 'https://jo:pw@x.org/{'a/' * 60}?q={RANDOM}'", excerpt="words " * 40 + TOKEN[:30],
    )  # fmt: skip
    result, counts = redact_fields(drop, CONFIG)
    assert "jo" not in result.locator + result.detail and TOKEN[:30] not in result.excerpt
    assert RANDOM not in result.detail  # a detail of this length may be cut in the midst of a token
    assert counts == {"detail:url_userinfo": 1, "locator:email": 1}
    failed = Quarantined(
        doc_id="1", source="s", source_kind=SourceKind.WARC, locator="a", error=f"ValueError: {TOKEN}",
        traceback=f"Traceback:\n  File a.py\nValueError: {TOKEN} of jo@acme.io\n",
    )  # fmt: skip
    result, counts = redact_fields(failed, CONFIG)
    assert result.error == "ValueError: <GITHUB_TOKEN>"
    assert result.traceback.endswith("ValueError: <GITHUB_TOKEN> of <EMAIL>\n")
    assert counts == {"error:github_token": 1, "traceback:email": 1, "traceback:github_token": 1}
