"""Personal data and secrets replaced by typed placeholders; code keeps its meaning.

Each kind has a cheap test (a sign or prefix that must occur), a pattern, and a check that
turns down look-alikes: version numbers, decorators, loopback addresses, numbers that fail
the Luhn test. National identity numbers are found by `national_ids`, secrets by `secrets`.
What was found is counted, never kept and never logged.
"""

from __future__ import annotations

import ipaddress
import string
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from corpusforge import lazy_re as re
from corpusforge.document import EXCERPT_CHARS
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.privacy.checksums import passes_luhn
from corpusforge.filter.privacy.national_ids import find_national_ids, shapes
from corpusforge.filter.privacy.scan import CARD, IPV4, IPV6, PHONE, TOLD, Scan, scanner
from corpusforge.filter.privacy.secrets import (
    DISCORD,
    SECRET_KINDS,
    SECRET_SIGNS,
    TWILIO,
    find_secrets,
)

PLACEHOLDERS = {
    "email": "<EMAIL>",
    "ip": "<IP_ADDRESS>",
    "phone": "<PHONE>",
    "card": "<CARD>",
    "national_id": "<NATIONAL_ID>",
    "iban": "<IBAN>",
    "private_key": "<PRIVATE_KEY>",
    "url_userinfo": "<USERINFO>",
    "url_token": "<URL_TOKEN>",
    **{kind: f"<{kind.upper()}>" for kind in SECRET_KINDS},
}
"""What stands in the text instead, by the kind that `Document.redactions` counts."""


Span = tuple[int, int, str]
"""(start, end, kind)."""
Finder = Callable[[str, Scan], list[Span]]


# Documentation's own names (RFC 2606) and names that are no person's.
_EXAMPLE_DOMAINS = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost|local)$", re.I
)
_FILE_ENDING = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|css|js|py|json|html?)$", re.I)


_SPECIAL = {
    4: [
        ipaddress.ip_network(network)
        for network in (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/3",
        )
    ],
    6: [
        ipaddress.ip_network(network)
        for network in (
            "::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        )
    ],
}  # fmt: skip
"""Networks in which no public host stands: IANA's registries of special-purpose addresses (RFC 6890), and
of IPv6 all but the global unicast space. Not `is_global`, whose table changes from Python to Python."""
_VERSION_BEFORE = re.compile(
    r"(?:(?:version|release|\bv|\bver|\boid)\.?[\s:=\"']*|[a-z0-9_]/|[a-z0-9_\]]\s*[=<>~!]=\s*|[\"'][\^~])$"
)


def _is_email(text: str, start: int, at: int, domain: re.Match[str]) -> bool:
    """Turn down `git@github.com:o/r`, `icon@2x.png`, RFC 2606 examples and products: `x@self.weight`."""
    name = domain[0]
    if _EXAMPLE_DOMAINS.search(name) or _FILE_ENDING.search(name):
        return False
    labels = name.lower().split(".")
    if labels[0] in _CODE_DOMAINS or labels[-1] in _CODE_ENDS or (start and text[start - 1] in "/@"):
        return False
    if start and text[start - 1] == ":" and _USERINFO.search(text, max(0, start - 80), start):
        return False
    following = text[domain.end() : domain.end() + 1]
    if following == "[" or (following == "." and text[domain.end() + 1 : domain.end() + 2] == "_"):
        return False
    return not (text[start:at].lower() == "git" and following in (":", "/"))


def _is_public_ip(match: re.Match[str]) -> bool:
    """Turn down private, loopback, reserved and documentation addresses, netmasks and version numbers."""
    text = match[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if any(address in network for network in _SPECIAL[address.version]):
        return False
    if address.version == 6:
        # Pairs of hex digits all through are a certificate's or a card's fingerprint.
        return text.count(":") >= 3 and any(len(group) > 2 for group in text.split(":"))
    octets = text.split(".")
    if octets[3] in ("0", "255") or len(set(octets)) == 1 or all(int(octet) < 20 for octet in octets):
        return False  # a network, a broadcast, an example, or a version such as 2.0.1.4
    before = match.string[max(0, match.start() - 24) : match.start()].lower()
    return not _VERSION_BEFORE.search(before)


def _is_phone(match: re.Match[str]) -> bool:
    """Ask the numbering plans, and for a place where a number is told, not one where it is added."""
    written = match[0]
    told = _TOLD.search(match.string, max(0, match.start() - _TOLD_CHARS), match.start()) is not None
    digits = "".join(filter(str.isdigit, written))
    if not 7 <= len(digits) <= 15 or len(set(digits)) <= 2:
        return False
    if not told and not _stands_apart(match, written):
        return False
    import phonenumbers  # imported late: the plans of all countries, with the first number

    plans = cast(Any, phonenumbers)
    try:
        number = plans.parse(written, None if written.startswith("+") else "US")
    except plans.NumberParseException:
        return False
    if plans.is_valid_number(number):
        return True
    return told and bool(plans.is_possible_number(number))


def _stands_apart(match: re.Match[str], written: str) -> bool:
    """Return whether a number that no word tells is grouped as telephone numbers are, and is no summand."""
    text, start = match.string, match.start()
    before = text[max(0, start - 40) : start].rstrip(" ")
    separators = _SEPARATORS.findall(written[1:])
    if "." in separators and len(separators) < 2:
        return False  # +3.14159265
    grouped = written.startswith("+") and len(separators) >= 3  # no number to be added is written so
    if before[-1:] in _OPERANDS and not (grouped and before[-1:].isdigit()):
        return False
    if _FORMULA.search(text[max(0, start - 40) : match.end() + 10]):
        return False
    if not written.startswith("+"):
        return True
    if len(separators) >= 2:
        return True
    return before[-1:] in _QUOTES or _LIST_MARK.search(before) is not None


def _told_phones(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of numbers in a country's own form that a word told, which ends at a place."""
    found: set[tuple[int, int]] = set()
    for place in places:
        match = _TOLD_NUMBER.match(text, place)
        if match and _is_told_phone(match):
            found.add(match.span("number"))
    end = 0
    for start, stop in sorted(found):
        if start >= end:
            yield start, stop
            end = stop


def _is_told_phone(match: re.Match[str]) -> bool:
    """Ask for 7 to 15 digits in groups that a word before them tells to be a telephone number."""
    digits = "".join(filter(str.isdigit, match["number"]))
    return (
        7 <= len(digits) <= 15
        and len(set(digits)) > 2
        and match["number"].count("(") == match["number"].count(")")
    )


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
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}(?P<top>[A-Za-z]{2,24})(?![A-Za-z0-9(@])"
)
# Read from the @ to the left: an address ends there, and what stands before it may be any markup.
_LOCAL_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63}[A-Za-z0-9_+-])?\Z")
_LOCAL_PART_CHARS = 66
_IN_LOCAL_PART = string.ascii_letters + string.digits + "._%+-"
_USERINFO = re.compile(r"://[^\s/@:]{0,64}:\Z")  # `user:password@host` is for `secrets` to judge
_ESCAPED = re.compile(r"(?:%(?:20|3[AaCcEe]|22|27|28|40|2[CcFf]|0[AaDd]))+")
# `x@self.weight` multiplies; these follow an @ in programs, never in an address.
_CODE_DOMAINS = frozenset(
    "self this cls np numpy torch tf jnp scipy math x y a b w m mat obj params model data other".split()
)
_CODE_ENDS = frozenset(
    "t h inv shape weight bias dot mean sum data conj transpose flatten reshape ravel copy values to_numpy "
    "real imag grad detach items keys size ndim dtype decode encode append kernel matrix".split()
)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of the e-mail addresses of a text, by place."""
    end, at = 0, text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        start = _local_start(text, at, end) if domain else None
        if domain and start is not None and _is_email(text, start, at, domain):
            end = domain.end()
            yield start, end
        at = text.find("@", max(end, at + 1))


def _local_start(text: str, at: int, least: int) -> int | None:
    """Return where the part before an @ begins, markup and escapes before it left out, or None."""
    begin = max(least, at - _LOCAL_PART_CHARS)
    before = text[begin:at]
    run = len(before) - len(before.rstrip(_IN_LOCAL_PART))
    local = before[len(before) - run :]
    for escape in _ESCAPED.finditer(local):
        local = local[escape.end() - len(local) :] if escape.end() < len(local) else ""
        break
    local = local.lstrip("._%+-")
    return at - len(local) if local and _LOCAL_PART.match(local) else None


_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![\w:.]*[:\w])")
_PHONE = re.compile(
    r"(?<![\w.+/=^\\-])(?:\+[1-9]\d{0,2}(?:[ .\u00a0-]?\(?\d{1,5}\)?){2,6}|\+[1-9]\d{6,14}"
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4})(?![\w/^*-]|\.\d|[ ]?[*=^])"
)
# A number in a country's own form, told by the word before it.
_TOLD_SIGNS = (
    *("tel", "Tel", "TEL", "phone", "Phone", "PHONE", "obile", "OBILE", "cell", "Cell", "fax", "Fax", "FAX"),
    *("hatsapp", "hatsApp", "otline", "andy", "elular", "ortable"),
)
_TOLD_WORDS = (
    "t\u00e9l",
    "T\u00e9l",
    "\u0442\u0435\u043b",
    "\u0422\u0435\u043b",
    "\u7535\u8bdd",
    "\u624b\u673a",
    "\u96fb\u8a71",
    "\uc804\ud654",
)
_TOLD_NUMBER = re.compile(
    r"[^\W\d_]{0,8}(?: [a-z]{1,8})?[.:#\uff1a]{1,2}[ \t]{0,3}[\"']?"
    r"(?P<number>(?:\(?0|1[3-9]\d|\(?[2-9])[\d ().\u00a0-]{5,16}\d)(?![\w/*=^]|\.\d)"
)
_TOLD = re.compile(
    r"(?i)(?:\btel|phone|mobile|\bcell|\bfax|whatsapp|\bcall|\bring|\bdial|\bsms|\bcontact|hotline|telefon|telegram"
    r"|signal|\bhandy|celular|t[ée]l[ée]fono|\u0442\u0435\u043b|\u7535\u8bdd|\u624b\u673a|\u96fb\u8a71|\uc804\ud654)"
    r"[^\d\n=*^]{0,14}$"
)
_TOLD_CHARS = 30
_SEPARATORS = re.compile(r"[ .()\u00a0-]+")
_LIST_MARK = re.compile(r"(?:^|\n)[ \t]*[-*\u2022|]?\Z")
_OPERANDS = ")]}$0123456789_%&*/^|~"
_QUOTES = "\"'`<>:,;(["
# What formulas and coordinates hold around a number, and prose about a telephone does not.
_FORMULA = re.compile(r"\\[a-zA-Z]|[$^_{}]|[=*/]\s*[\d.(+-]|\d\s*[*/]|\d\.\d{3,}\b(?!\.)|\w\(|\*\*")
_CARD = re.compile(
    r"(?<![\w.+/-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|5\d{2}))([ -]?)\d{4}\1\d{4}\1\d{4}"
    r"(?![\w/-]|\.\d)"
    r"|(?<![\w.+/-])3[47]\d{2}([ -]?)\d{6}\2\d{5}(?![\w/-]|\.\d)"
)

_DIGITS_RUN = re.compile(r"[0-9 -]*")
_SCANNER = scanner(SECRET_SIGNS, _TOLD_SIGNS, _TOLD_WORDS, shapes(), DISCORD, TWILIO)


def _private_keys(text: str, scan: Scan) -> Iterator[re.Match[str]]:
    return _PRIVATE_KEY.finditer(text) if "PRIVATE KEY" in text else iter(())


def _cards(text: str, scan: Scan) -> Iterator[re.Match[str]]:
    """Yield the matches within rows of 15 digits and more, each seen with what stands behind it."""
    for start in scan.places[CARD]:
        run = _DIGITS_RUN.match(text, start)
        yield from _CARD.finditer(text, start, run.end() + 2 if run else start)


def _at(pattern: re.Pattern[str], kind: int) -> Callable[[str, Scan], Iterator[re.Match[str]]]:
    """Return the function that yields the matches at places of a kind, none within another."""

    def matches(text: str, scan: Scan) -> Iterator[re.Match[str]]:
        end = 0
        for place in scan.places[kind]:
            if place >= end and (match := pattern.match(text, place)):
                end = match.end()
                yield match

    return matches


def _finder(
    kind: str,
    matches: Callable[[str, Scan], Iterator[re.Match[str]]],
    accepts: Callable[[re.Match[str]], bool],
) -> Finder:
    """Return the function that finds the spans of a kind: matches of a pattern that are accepted."""
    return lambda text, scan: [(*match.span(), kind) for match in matches(text, scan) if accepts(match)]


def _secret_spans(text: str, scan: Scan) -> list[Span]:
    return [(each.start, each.end, each.kind) for each in find_secrets(text, scan.secrets)]


def _id_spans(text: str, scan: Scan) -> list[Span]:
    return [(each.start, each.end, each.kind) for each in find_national_ids(text, scan.shapes)]


def email_spans(text: str, scan: Scan) -> list[Span]:
    """Return the e-mail addresses of a text."""
    return [(start, end, "email") for start, end in _emails(text)] if "@" in text else []


def told_phone_spans(text: str, scan: Scan) -> list[Span]:
    """Return the telephone numbers in a country's own form that a word tells."""
    return [(start, end, "phone") for start, end in _told_phones(text, scan.places[TOLD])]


_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("redact_secret", _secret_spans),
    ("redact_national_id", _id_spans),
    ("redact_email", email_spans),
    ("redact_phone", told_phone_spans),
    ("redact_secret", _finder("private_key", _private_keys, _always)),
    ("redact_card", _finder("card", _cards, _is_card)),
    ("redact_phone", _finder("phone", _at(_PHONE, PHONE), _is_phone)),
    ("redact_ip", _finder("ip", _at(_IPV4, IPV4), _is_public_ip)),
    ("redact_ip", _finder("ip", _at(_IPV6, IPV6), _is_public_ip)),
)
"""(switch, finder) in the order in which they run: what one has replaced, the next does not see."""


def redact(text: str, config: FilterConfig) -> tuple[str, dict[str, int]]:
    """Return (the text with placeholders, how many spans of each kind were replaced)."""
    counts: dict[str, int] = {}
    scan = _SCANNER.scan(text)
    for name, find in _FINDERS:
        if getattr(config, name) and (spans := find(text, scan)):
            text = _without(text, spans, counts)
            scan = _SCANNER.scan(text)
    return text, dict(sorted(counts.items()))


def redact_excerpt(text: str, config: FilterConfig) -> tuple[str, dict[str, int]]:
    """Return the beginning of a text as `redact` does; what the cut may have parted goes: key, last word."""
    text, counts = redact(text, config)
    if config.redact_secret and (key := _PRIVATE_KEY_BEGIN.search(text)):
        text = text[: key.start()] + PLACEHOLDERS["private_key"]
        counts = {**counts, "private_key": counts.get("private_key", 0) + 1}
    elif len(text) >= EXCERPT_CHARS // 2:
        text = _LAST_WORD.sub("", text)
    return text, counts


def _without(text: str, spans: Iterable[Span], counts: dict[str, int]) -> str:
    """Return the text with spans, in order, replaced by their kind's placeholder, and count them by kind."""
    pieces: list[str] = []
    end = 0
    for start, stop, kind in spans:
        pieces += [text[end:start], PLACEHOLDERS[kind]]
        end = stop
        counts[kind] = counts.get(kind, 0) + 1
    return "".join([*pieces, text[end:]])
