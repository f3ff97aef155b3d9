"""Personal data and secrets go; code, versions and formulas stay as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import passes_luhn, redact

CONFIG = FilterConfig()
# Assembled here so that no scanner takes this file for a leak.
GITHUB_TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
AWS_KEY = "AKIA" + "QYLPMN5HHHFPZAM2"
PRIVATE_KEY = (
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq2\nabc+/=\n-----END RSA PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("text", "redacted", "kind"),
    [
        ("write to jane.doe@mail-host.co.uk today", "write to <EMAIL> today", "email"),
        ('author = "Jo <jo@acme.io>"', 'author = "Jo <<EMAIL>>"', "email"),
        ("host 81.23.45.67 failed", "host <IP_ADDRESS> failed", "ip"),
        ("2a00:1450:4001:81b::200e answers", "<IP_ADDRESS> answers", "ip"),
        ("call +44 20 7946 0958 now", "call <PHONE> now", "phone"),
        ("call (415) 555-2671.", "call <PHONE>.", "phone"),
        (
            "card 4111 1111 1111 1234 no, 4012 8888 8888 1881 yes",
            "card 4111 1111 1111 1234 no, <CARD> yes",
            "card",
        ),
        (f'TOKEN = "{GITHUB_TOKEN}"', 'TOKEN = "<GITHUB_TOKEN>"', "github_token"),
        (f"key {AWS_KEY};", "key <AWS_KEY>;", "aws_key"),
        (f"k = '''{PRIVATE_KEY}'''", "k = '''<PRIVATE_KEY>'''", "private_key"),
    ],
)
def test_found_and_replaced(text: str, redacted: str, kind: str) -> None:
    assert redact(text, CONFIG) == (redacted, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        "@app.route('/users')\ndef users(): ...",
        "git clone git@github.com:owner/repo.git",
        "<img src='icon@2x.png'>",
        "mail user@example.com or root@localhost",
        "a @ b + c@d",
        "@decorator.with_args(x)",
        "numpy==1.26.4.12 version 81.23.45.67 v12.34.56.78",
        "listen 127.0.0.1:8080, 192.168.1.20, 10.0.0.1, 255.255.255.0, 0.0.0.0",
        "std::vector<int> a::b::c; x[1:2:3]; 12:34:56 de:ad:be:ef:00:01",
        "fingerprint 5c:b4:86:32:8e:\n28:b9:14:e7:b3:fe:86:47",
        "section 1.2.3.4 and 3.14159265358979",
        "2023-04-05 12:30, pages 100-200-300, 555-1234",
        "sum 1234567890123456 + 4111 1111 1111 1112",
        "x = 5 - 123 - 4567; 2+2=4; a+1234567890",
        "uuid 123e4567-e89b-12d3-a456-426614174000 sha 0123456789abcdef0123456789abcdef01234567",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx AKIAIOSFODNN7EXAMPLE",
        "matrix rows 1111 2222 3333 4444",
        "UsableURI('http://user:pass@xn--x-4ga.dk')",
        "octets 0-255, for example 128.128.128.128 and the broadcast 172.31.255.255 or 98.12.255.255",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text, CONFIG) == (text, {})


def test_each_kind_can_be_left_alone() -> None:
    text = f"jo@acme.io 81.23.45.67 +44 20 7946 0958 4012888888881881 {GITHUB_TOKEN}"
    names = ("email", "ip", "phone", "card", "secret")
    assert sum(redact(text, CONFIG)[1].values()) == 5
    off = FilterConfig(**{f"redact_{name}": False for name in names})  # type: ignore[arg-type]
    assert redact(text, off) == (text, {})


def test_a_body_without_an_end_is_no_key_and_takes_no_time() -> None:
    text = ("-----BEGIN " + "PRIVATE KEY-----\n") + "A" * 200_000
    assert redact(text, CONFIG)[0] == text
    for hard in ("a@" * 50_000, "1." * 50_000, "1:" * 50_000, "+1 " * 50_000, "x." * 50_000 + "@"):
        redact(hard, CONFIG)


@given(st.text(alphabet="ab1@.:+- ()\n4", max_size=200))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once, _ = redact(text, CONFIG)
    assert redact(once, CONFIG) == (once, {})


@given(st.integers(10**12, 10**15))
def test_one_check_digit_in_ten_is_right(number: int) -> None:
    assert sum(passes_luhn(f"{number}{digit}") for digit in range(10)) == 1
