"""Personal data and secrets replaced by typed placeholders; code keeps its meaning.

Each kind has a cheap test (a sign or prefix that must occur), a pattern, and a check that
turns down look-alikes: version numbers, decorators, loopback addresses, numbers that fail
the Luhn test. National identity numbers are found by `national_ids`, secrets by `secrets`.
What was found is counted, never kept and never logged.
"""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from corpusforge.document import EXCERPT_CHARS
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.privacy.checksums import passes_luhn
from corpusforge.filter.privacy.national_ids import Found, find_national_ids
from corpusforge.filter.privacy.secrets import SECRET_KINDS, Secret, find_secrets
from corpusforge.filter.signs import longest_digits

PLACEHOLDERS = {
    "email": "<EMAIL>",
    "ip": "<IP_ADDRESS>",
    "phone": "<PHONE>",
    "card": "<CARD>",
    "national_id": "<NATIONAL_ID>",
    "iban": "<IBAN>",
    "private_key": "<PRIVATE_KEY>",
    **{kind: f"<{kind.upper()}>" for kind in SECRET_KINDS},
}
"""What stands in the text instead, by the kind that `Document.redactions` counts."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of data: when to look, what to look for, what to turn down."""

    kind: str
    hint: Callable[[str], object]
    """Cheap, and false where the pattern cannot match: most texts are asked no more than this."""
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool]
    matches: Callable[[str], Iterable[re.Match[str]]] | None = None
    """What `pattern.finditer` gives, faster."""


# Documentation's own names (RFC 2606) and names that are no person's.
_EXAMPLE_DOMAINS = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost|local)$", re.I
)
_FILE_ENDING = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|css|js|py|json|html?)$", re.I)


_VERSION_BEFORE = re.compile(
    r"(?:(?:version|release|\bv|\bver|\boid)\.?[\s:=\"']*|[a-z0-9_]/|[a-z0-9_\]]\s*[=<>~!]=\s*|[\"'][\^~])$"
)


def _is_email(match: re.Match[str]) -> bool:
    """Turn down `git@github.com:o/r`, image names such as `icon@2x.png`, and RFC 2606 example domains."""
    domain = match["domain"]
    if _EXAMPLE_DOMAINS.search(domain) or _FILE_ENDING.search(domain):
        return False
    following = match.string[match.end() : match.end() + 1]
    return not (match["local"].lower() == "git" and following in (":", "/"))


def _is_public_ip(match: re.Match[str]) -> bool:
    """Turn down private, loopback, reserved and documentation addresses, netmasks and version numbers."""
    text = match[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast:
        return False
    if address.version == 6:
        # Pairs of hex digits all through are a certificate's or a card's fingerprint.
        return text.count(":") >= 3 and any(len(group) > 2 for group in text.split(":"))
    octets = text.split(".")
    if octets[3] == "0" or all(int(octet) < 20 for octet in octets):
        return False  # a network, or a version such as 2.0.1.4
    before = match.string[max(0, match.start() - 24) : match.start()].lower()
    return not _VERSION_BEFORE.search(before)


def _is_phone(match: re.Match[str]) -> bool:
    """Ask for 8 to 15 digits (E.164) that are not all the same, and no number going on around them."""
    digits = "".join(filter(str.isdigit, match[0]))
    return 8 <= len(digits) <= 15 and len(set(digits)) > 2


def _is_card(match: re.Match[str]) -> bool:
    """Ask for a known issuer's prefix, 13 to 19 digits and a right Luhn sum (ISO/IEC 7812-1)."""
    digits = "".join(filter(str.isdigit, match[0]))
    return 13 <= len(digits) <= 19 and len(set(digits)) > 3 and passes_luhn(digits)


def _always(match: re.Match[str]) -> bool:
    return True


_PRIVATE_KEY_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY")
_LAST_WORD = re.compile(r"\S{12,}\Z")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?P<type>(?:[A-Z0-9]+ ){0,3})PRIVATE KEY(?P<block> BLOCK)?-----"
    r"(?:[^-]|-(?!-----?)){20,20000}?-----END (?P=type)PRIVATE KEY(?(block) BLOCK)-----"
)
_EMAIL = re.compile(
    r"(?P<local>(?<![A-Za-z0-9._%+@/-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@"
    r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}[A-Za-z]{2,24})(?![A-Za-z0-9(@])"
)
_IN_LOCAL_PART = string.ascii_letters + string.digits + "._%+-"
_LOCAL_PART_CHARS = 66  # more than a match may hold before its @


def _emails(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `_EMAIL`: one begins where the letters before an @ do, and nowhere else."""
    end, at = 0, text.find("@")
    while at >= 0:
        before = text[max(0, at - _LOCAL_PART_CHARS) : at]
        start = at - len(before) + len(before.rstrip(_IN_LOCAL_PART))
        match = _EMAIL.match(text, start) if end <= start < at else None
        if match:
            end = match.end()
            yield match
        at = text.find("@", max(end, at + 1))


_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![\w:.]*[:\w])")
_PHONE = re.compile(
    r"(?<![\w.+/=-])(?:\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,5}\)?){2,6}"
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}-\d{3}-\d{4})(?![\w/-]|\.\d)"
)
_CARD = re.compile(
    r"(?<![\w.+/-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|5\d{2}))([ -]?)\d{4}\1\d{4}\1\d{4}"
    r"(?![\w/-]|\.\d)"
    r"|(?<![\w.+/-])3[47]\d{2}([ -]?)\d{6}\2\d{5}(?![\w/-]|\.\d)"
)

_CARD_LIKE = re.compile(r"\d{4}[ -]?\d{4,6}[ -]?\d")
_CARD_LIKE_DIGITS = 9  # that it has at least
_PHONE_LIKE = tuple(map(re.compile, (r"\+[1-9]", r"\) ?\d{3}[ .-]", r"-(?<=\d-)\d{3}-\d{4}")))


def _may_hold_card(text: str) -> bool:
    return longest_digits(text) >= _CARD_LIKE_DIGITS and _CARD_LIKE.search(text) is not None


def _may_hold_phone(text: str) -> bool:
    return any(like.search(text) for like in _PHONE_LIKE)


# Each hint starts with a literal sign, which `re` finds many times faster than a class of characters.
DETECTORS = (
    Detector("private_key", lambda text: "PRIVATE KEY" in text, _PRIVATE_KEY, _always),
    Detector(
        "email", re.compile(r"@(?<=[\w.%+-]@)[A-Za-z0-9-]+\.[A-Za-z]").search, _EMAIL, _is_email, _emails
    ),
    Detector("card", _may_hold_card, _CARD, _is_card),
    Detector("phone", _may_hold_phone, _PHONE, _is_phone),
    Detector("ip", re.compile(r"\.(?<=\d\.)\d{1,3}\.\d{1,3}\.\d").search, _IPV4, _is_public_ip),
    Detector("ip", re.compile(r":(?<=[0-9A-Fa-f]:)[0-9A-Fa-f]{0,4}:").search, _IPV6, _is_public_ip),
)
"""In the order in which they run: what one has replaced, the next does not see."""


def redact(text: str, config: FilterConfig) -> tuple[str, dict[str, int]]:
    """Return (the text with placeholders, how many spans of each kind were replaced)."""
    wanted = {
        "email": config.redact_email, "ip": config.redact_ip, "phone": config.redact_phone,
        "card": config.redact_card, "private_key": config.redact_secret,
    }  # fmt: skip
    counts: dict[str, int] = {}
    if config.redact_secret:
        text = _without(text, find_secrets(text), counts)
    if config.redact_national_id:
        text = _without(text, find_national_ids(text), counts)
    for detector in DETECTORS:
        if not wanted[detector.kind] or not detector.hint(text):
            continue
        text, n_replaced = _replace(text, detector)
        if n_replaced:
            counts[detector.kind] = counts.get(detector.kind, 0) + n_replaced
    return text, dict(sorted(counts.items()))


def redact_excerpt(text: str, config: FilterConfig) -> str:
    """Return the beginning of a text redacted; what the cut may have parted, a key or the last word, goes."""
    text, _ = redact(text, config)
    if config.redact_secret and (key := _PRIVATE_KEY_BEGIN.search(text)):
        text = text[: key.start()] + PLACEHOLDERS["private_key"]
    elif len(text) >= EXCERPT_CHARS // 2:
        text = _LAST_WORD.sub("", text)
    return text


def _without(text: str, spans: Iterable[Secret | Found], counts: dict[str, int]) -> str:
    """Return the text with spans, in order, replaced by their kind's placeholder, and count them by kind."""
    pieces: list[str] = []
    end = 0
    for span in spans:
        pieces += [text[end : span.start], PLACEHOLDERS[span.kind]]
        end = span.end
        counts[span.kind] = counts.get(span.kind, 0) + 1
    return "".join([*pieces, text[end:]]) if pieces else text


def _replace(text: str, detector: Detector) -> tuple[str, int]:
    find = detector.matches or detector.pattern.finditer
    spans = [match.span() for match in find(text) if detector.accepts(match)]
    pieces: list[str] = []
    end = 0
    for start, stop in spans:
        pieces += [text[end:start], PLACEHOLDERS[detector.kind]]
        end = stop
    return "".join([*pieces, text[end:]]) if pieces else text, len(spans)
