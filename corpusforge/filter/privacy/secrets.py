"""Access tokens and passwords in text, by the detectors of `detect-secrets` and a few issuers it lacks.

Of the library only the compiled patterns are used, never its verification, which asks the
network. They are tried on the lines that hold a literal sign of theirs, so most texts cost a
few substring searches. Its entropy and keyword detectors are left out: in source code they
find hashes, test vectors and variable names (figures in docs/code-hygiene.md).
"""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

_LINE_CHARS = 4000
"""How far from a sign its secret may reach to either side: a JWT with many claims has 2,000 characters."""
_MIN_KINDS_OF_CHARS = 8
_TOKEN_REST = re.compile(r"[A-Za-z0-9_\-]*(?:\.[A-Za-z0-9_\-]+)*")
_EXAMPLE = re.compile(
    r"example|dummy|placeholder|changeme|redacted|your[_-]|xxxx|\*{3}|\.{3}|0{8}|1234567", re.I
)
_RUN = re.compile(r"[A-Za-z0-9/+]{32,}")
_PASSWORD_WORDS = frozenset(
    "password passwd pass pwd passw0rd secret user username root admin test token key api_key apikey foo bar "
    "baz hunter2 guest login postgres mysql example changeme none null pw p".split()
)
_CODE_IN_PASSWORD = re.compile(r"[{}<>()\[\]\\\"'`|,;]|^[$%*]|%(?![0-9A-F]{2})|\*\*")
_GITLAB_SIGNS = (
    *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941", "glcbt-", "glimt-", "glptt-", "glagent-"),
    *("gloas-",),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands, and what it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Detector:
    kind: str
    signs: tuple[str, ...]
    """One of them occurs in every line with such a secret; none: `scan` tells by more than a sign."""
    patterns: Callable[[], tuple[re.Pattern[str], ...]]
    """Compiled, or taken from the library, with the first text that holds a sign."""
    accepts: Callable[[str], bool]
    group: int = 0
    """The group of the pattern that is the secret."""
    goes_on: bool = False
    """Whether the pattern may end before the token does."""
    n_lines: int = 1
    """Over how many lines it may go, from that of the sign on."""
    words: tuple[str, ...] = ()
    """One of them stands, in any case, in every text with such a secret; none: any sign will do."""


def _looks_random(token: str) -> bool:
    """Turn down examples (`AKIAIOSFODNN7EXAMPLE`), runs (`abcdefgh…`), templates and `xxxxxxxx`."""
    from detect_secrets.filters import heuristic

    body = token[-24:]
    return (
        len(set(body)) >= _MIN_KINDS_OF_CHARS
        and not _EXAMPLE.search(token)
        and not heuristic.is_sequential_string(body)
        and not heuristic.is_templated_secret(token)
    )


def _is_password(password: str) -> bool:
    """Turn down what stands in a URL's template for a password: words, `$PASS`, `%s`, `{pw}`."""
    return (
        len(password) >= 4
        and password.lower() not in _PASSWORD_WORDS
        and not _EXAMPLE.search(password)
        and "secret" not in password.lower()
        and not _CODE_IN_PASSWORD.search(password)
        and len(set(password)) > 3
    )


def _is_jwt(token: str) -> bool:
    head = ".".join(token.split(".")[:2])
    check = cast("Callable[[str], bool]", _plugin("jwt.JwtTokenDetector").is_formally_valid)
    return token.count(".") == 2 and check(head)


def _plugin(name: str) -> Any:
    """Return a detector of the library, which takes long to import: it can also ask the network."""
    module, _, detector = name.partition(".")
    return getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), detector)


def _of(
    name: str, first: int = 0, last: int | None = None, before: str = ""
) -> Callable[[], tuple[re.Pattern[str], ...]]:
    """Return what gives the patterns of a detector of the library, or some; `before` stands before each."""

    @cache
    def patterns() -> tuple[re.Pattern[str], ...]:
        found = cast("list[re.Pattern[str]]", _plugin(name).denylist)[first:last]
        return tuple(re.compile(before + each.pattern, each.flags) if before else each for each in found)

    return patterns


def _compiled(*patterns: str) -> Callable[[], tuple[re.Pattern[str], ...]]:
    return cache(lambda: tuple(re.compile(pattern) for pattern in patterns))


def _is_basic(token: str) -> bool:
    """Ask that the token of a Basic header is `user:password` in base64."""
    try:
        user, _, password = (
            base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode().partition(":")
        )
    except ValueError:
        return False
    return bool(user) and _is_password(password)


# A placeholder (`<AWS_SECRET> `) names no secret that follows; an element of XML ends where its value begins.
# Between a name and its value: quotes, escaped in JSON, and what assigns in shells, JSON and YAML.
_ASSIGNS = r"[\\\"'`\s:=>,(\[{\])]{1,16}"
# Without it a row of `eyJeyJ…` is read again from every sign. What is escaped before it is no part of it.
_NOT_WITHIN_A_TOKEN = r"(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_AWS_SECRET = (
    r"(?i:secret[_. -]?(?:access)?[_. -]?key(?:_id)?|aws_?secret(?!>[^A-Za-z0-9/+]))(?: \[\w{0,20}\])?"
    + _ASSIGNS
    + r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
)
_AWS_NAMED = _of("aws.AWSKeyDetector", 1, before=r"(?!(?:AWS_KEY|AWS_SECRET)>)")
_AFTER_AWS_ID = r"A[KS]IA[A-Z0-9]{16}[\\\"'\s,;:|]{1,12}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
_WANDB = (
    r"(?i:wandb)(?!_KEY>[^0-9a-f])[\w.]{0,24}(?: login(?: --?\w+)*)?"
    + _ASSIGNS
    + r"(?:key\s*=\s*[\"']?)?([0-9a-f]{40})(?![0-9a-f])",
    r"wandb\.login\([^)\n]{0,60}?[\"']([0-9a-f]{40})[\\\"']",
)
_KAGGLE = (
    r"(?i:kaggle)(?!_KEY>[^0-9a-f])[^\n]{0,80}?(?<![0-9a-f])([0-9a-f]{32})(?![0-9a-f])",
    r"username\\?\"\s*:\s*\\?\"[\w.-]{1,60}\\?\"\s*,\s*\\?\"key\\?\"\s*:\s*\\?\"([0-9a-f]{32})\b",
    r"\b(KGAT_[0-9a-f]{32})\b",
)
_PINECONE = (
    r"\b(pcsk_[A-Za-z0-9_]{50,100})\b",
    r"(?i:pinecone)(?!_KEY>[^0-9a-f])[^\n]{0,60}?\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b",
)
_VAULT = (
    r"\b(hv[sbr]\.[A-Za-z0-9_-]{24,200})",
    r"(?i:vault)(?!_TOKEN>[^sb])\w{0,20}" + _ASSIGNS + r"([sb]\.[A-Za-z0-9]{24})\b",
)
_URL_PASSWORD = r"://[^\s:/?#@\"'<>]{0,64}:([^\s/?#@\"'<>]{4,128})@(?=[\w\[])"
_CONNECTION = (
    r"(?i:server|host|data source|uid|user id|user|username|dbname|database|initial catalog|port|driver)"
    r"\s?=[^;\n\"']{1,80};"
    r"\s?(?:[\w ]{2,30}=[^;\n\"']{0,80};\s?){0,8}(?i:password|pwd)\s?=\s?([^;\s\"'\\]{4,80})",
    r"\b(?:host|user|dbname|port)=\S{1,80} (?:\w{2,20}=\S{1,80} ){0,6}password=([^\s\"'\\]{4,80})",
    r"(?i:jdbc:)[^\s\"'<>]{1,200}[?&;](?i:password|pwd)=([^&;\s\"'\\<>]{4,80})",
)
_NETRC = r"\bmachine [\w.-]{1,80}(?:\s|\\n)+login \S{1,80}?(?:\s|\\n)+password ([^\s\\\"']{4,80})"
_BASIC = r"(?i:authorization)" + _ASSIGNS + r"(?i:basic) +([A-Za-z0-9+/]{8,400}={0,2})"
_BEARER = r"(?i:authorization)" + _ASSIGNS + r"(?i:bearer) +([A-Za-z0-9._~+/-]{20,2000}={0,2})"
_DETECTORS = (
    _Detector("aws_key", ("AKIA", "ASIA", "ABIA", "ACCA"), _of("aws.AWSKeyDetector", 0, 1), _looks_random),
    _Detector("aws_key", ("aws", "AWS"), _AWS_NAMED, _looks_random, group=1),
    _Detector("azure_key", ("AccountKey=",), _of("azure_storage_key.AzureStorageKeyDetector"), _looks_random),
    _Detector("aws_secret", ("AKIA", "ASIA"), _compiled(_AFTER_AWS_ID), _looks_random, group=1, n_lines=2),
    _Detector("url_password", ("@",), _compiled(_URL_PASSWORD), _is_password, group=1, words=("://",)),
    _Detector("discord_token", (), _of("discord.DiscordBotTokenDetector"), _looks_random),
    _Detector(
        "github_token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        _of("github_token.GitHubTokenDetector"),
        _looks_random,
        goes_on=True,
    ),
    _Detector("github_token", ("github_pat_",), _compiled(r"github_pat_[A-Za-z0-9_]{60,255}"), _looks_random),
    _Detector("gitlab_token", _GITLAB_SIGNS, _of("gitlab_token.GitLabTokenDetector"), _looks_random),
    _Detector(
        "jwt",
        ("eyJ",),
        _of("jwt.JwtTokenDetector", before=_NOT_WITHIN_A_TOKEN),
        _is_jwt,
        goes_on=True,
    ),
    _Detector("mailchimp_key", ("-us",), _of("mailchimp.MailchimpDetector"), _looks_random),
    _Detector("npm_token", ("_authToken",), _of("npm.NpmDetector"), _looks_random, group=1),
    _Detector("npm_token", ("npm_",), _compiled(r"\bnpm_[A-Za-z0-9]{36}\b"), _looks_random),
    _Detector("openai_key", ("T3BlbkFJ",), _of("openai.OpenAIDetector"), _looks_random, goes_on=True),
    _Detector("pypi_token", ("pypi-AgE",), _of("pypi_token.PypiTokenDetector"), _looks_random),
    _Detector("sendgrid_key", ("SG.",), _of("sendgrid.SendGridDetector"), _looks_random),
    _Detector(
        "slack_token", ("xox", "hooks.slack.com"), _of("slack.SlackDetector"), _looks_random, goes_on=True
    ),
    _Detector("square_token", ("sq0csp-",), _of("square_oauth.SquareOAuthDetector"), _looks_random),
    _Detector("stripe_key", ("k_live_",), _of("stripe.StripeDetector"), _looks_random, goes_on=True),
    _Detector("telegram_token", (":AA",), _of("telegram_token.TelegramBotTokenDetector"), _looks_random),
    _Detector("twilio_key", (), _of("twilio.TwilioKeyDetector"), _looks_random),
    _Detector("google_key", ("AIza",), _compiled(r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"), _looks_random),
    _Detector("google_key", ("ya29.",), _compiled(r"\bya29\.[A-Za-z0-9_-]{30,500}"), _looks_random),
    _Detector("huggingface_token", ("hf_",), _compiled(r"\bhf_[A-Za-z0-9]{30,50}\b"), _looks_random),
    _Detector("digitalocean_token", ("_v1_",), _compiled(r"\bdo[por]_v1_[a-f0-9]{64}\b"), _looks_random),
    _Detector("aws_secret", ("ecret", "ECRET"), _compiled(_AWS_SECRET), _looks_random, group=1),
    _Detector("wandb_key", ("andb", "ANDB"), _compiled(*_WANDB), _looks_random, group=1, words=("wandb",)),
    _Detector(
        "kaggle_key",
        ("aggle", "AGGLE", "username"),
        _compiled(*_KAGGLE),
        _looks_random,
        group=1,
        words=("kaggle", "username", "kgat_"),
    ),
    _Detector("databricks_token", ("dapi",), _compiled(r"\bdapi[0-9a-f]{32}(?:-\d)?\b"), _looks_random),
    _Detector("groq_key", ("gsk_",), _compiled(r"\bgsk_[A-Za-z0-9]{40,60}\b"), _looks_random),
    _Detector("vault_token", ("hvs.", "hvb.", "hvr."), _compiled(_VAULT[0]), _looks_random, group=1),
    _Detector(
        "vault_token", ("ault", "AULT"), _compiled(_VAULT[1]), _looks_random, group=1, words=("vault",)
    ),
    _Detector("replicate_token", ("r8_",), _compiled(r"\br8_[A-Za-z0-9]{37,40}\b"), _looks_random),
    _Detector("pinecone_key", ("pcsk_", "inecone", "INECONE"), _compiled(*_PINECONE), _looks_random, group=1),
    _Detector(
        "langsmith_key", ("lsv2_",), _compiled(r"\blsv2_[a-z]{2}_[0-9a-f]{32}_[0-9a-f]{10}\b"), _looks_random
    ),
    _Detector("openrouter_key", ("sk-or-",), _compiled(r"\bsk-or-v1-[0-9a-f]{64}\b"), _looks_random),
    _Detector("xai_key", ("xai-",), _compiled(r"\bxai-[A-Za-z0-9]{70,90}\b"), _looks_random),
    _Detector(
        "connection_password",
        ("ord=", "wd=", "ord =", "wd =", "ORD=", "WD="),
        _compiled(*_CONNECTION),
        _is_password,
        group=1,
    ),
    _Detector("connection_password", ("machine ",), _compiled(_NETRC), _is_password, group=1, n_lines=3),
    _Detector("authorization", ("asic ",), _compiled(_BASIC), _is_basic, group=1),
    _Detector("authorization", ("earer ",), _compiled(_BEARER), _looks_random, group=1),
    _Detector("anthropic_key", ("sk-ant-",), _compiled(r"\bsk-ant-[A-Za-z0-9_-]{32,200}"), _looks_random),
)
"""Those that the library lacks follow the issuers' published formats."""
SECRET_SIGNS = tuple(detector.signs for detector in _DETECTORS)
"""The literal signs of each detector."""
_NAMED = frozenset({"aws_secret", "wandb_key", "kaggle_key"})
"""Kinds whose secrets have no form of their own: plain rows of characters behind a name."""
DISCORD, TWILIO = (
    next(number for number, detector in enumerate(_DETECTORS) if detector.kind == kind)
    for kind in ("discord_token", "twilio_key")
)
"""The two detectors without signs, by number."""
SECRET_KINDS = tuple(sorted({detector.kind for detector in _DETECTORS}))
"""What `Secret.kind` may be."""


def find_secrets(text: str, bits: int = -1) -> list[Secret]:
    """Return the secrets of a text by place, none overlapping another; of all detectors, or those of `bits`.

    >>> find_secrets("db = 'postgres://app:kT9vq2Lz@db/x'")
    [Secret(start=21, end=29, kind='url_password')]
    """
    found: list[Secret] = []
    lower = ""
    for number, detector in enumerate(_DETECTORS):
        if not bits >> number & 1:
            continue
        if detector.words:  # `default` holds a sign of Vault's
            lower = lower or text.lower()
            if not any([word in lower for word in detector.words]):
                continue
        for start, end in _windows(text, detector.signs, detector.n_lines):
            for pattern in detector.patterns():
                found += _matches(detector, pattern, text, start, end)
    found += _again(text, found)
    # An issuer's own form says more than the header it stands in.
    found.sort(key=lambda secret: (secret.start, secret.kind == "authorization", -secret.end, secret.kind))
    apart: list[Secret] = []
    for secret in found:
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return apart


def _again(text: str, found: list[Secret]) -> Iterator[Secret]:
    """Yield the other places where a secret stands that only what is before it told."""
    kinds = {text[secret.start : secret.end]: secret.kind for secret in found if secret.kind in _NAMED}
    for run in _RUN.finditer(text) if kinds else ():
        if kind := kinds.get(run[0]):
            yield Secret(*run.span(), kind)


def _windows(text: str, signs: tuple[str, ...], n_lines: int) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of the lines that hold a sign, far ends of long lines cut off."""
    if not signs:
        yield 0, len(text)
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            start = max(text.rfind("\n", max(0, at - _LINE_CHARS), at) + 1, at - _LINE_CHARS)
            end = at
            for _ in range(n_lines):
                end = text.find("\n", end + 1, at + _LINE_CHARS)
                if end < 0:
                    end = min(len(text), at + _LINE_CHARS)
                    break
            yield start, end
            at = text.find(sign, end)


def _matches(
    detector: _Detector, pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[Secret]:
    for match in pattern.finditer(text, start, end):
        begin, stop = match.span(detector.group)
        if detector.goes_on and (rest := _TOKEN_REST.match(text, stop)):
            stop = rest.end()
        if detector.accepts(text[begin:stop]):
            yield Secret(begin, stop, detector.kind)
