"""Personal data and secrets outside the text: in the fields of a kept record, a drop, a quarantined one.

Titles, addresses, paths, notes, details and tracebacks come from the same dumps as the texts, and
stand in the same files. Ids stay: they are made of what a record was called before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TypeVar, cast

from corpusforge import lazy_re as re
from corpusforge.document import Document, Drop, Quarantined
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.privacy.redaction import PLACEHOLDERS, redact, redact_excerpt

_Record = TypeVar("_Record", bound=Document | Drop | Quarantined)

_OURS = frozenset({"doc_id", "source", "source_kind", "content_hash", "domain", "subset", "text", "raw"})
"""Fields that hold ids and words of our own; the text is redacted by the filter step."""
_CUT = frozenset({"excerpt", "error"})
"""Fields that may end in the midst of a secret, which then looks like none."""
_CUT_DETAIL_CHARS = 100
_CUT_TOKEN = re.compile(r"(?=[\w.@+%=-]*[\d@])[\w.@+%=-]{16,}(?=['\"]?\Z)")

# Parameters of addresses: in the query, in the fragment (RFC 6749, 4.2.2), after `;`.
_PARAMETER = re.compile(r"(?<=[?&#;])([A-Za-z][\w.%\[\]-]{0,40})=([^?&#;\s\"'<>]{4,4096})")
_SECRET_NAME = re.compile(
    r"(?:.{0,24}[_.-])?(?:(?:access|refresh|id|auth|oauth|private|job|session|csrf|xsrf|security)[_-]?token"
    r"|(?:api|access|subscription)[_-]?key|awsaccesskeyid|(?:client)?[_-]?secret|passw(?:or)?d|passphrase|pwd"
    r"|signature|credential|jwt|session[_-]?id|(?:php|asp|j|cf)?sess(?:ion)?id[a-z]*|cftoken|oauth_verifier)",
    re.I,
)
_DOUBTFUL_NAME = re.compile(
    r"token|key|code|auth|session|sid|sig|ticket|state|nonce|otp|hash|pass|user_?token|invite|reset|hmac|[hkst]",
    re.I,
)
_RANDOM = re.compile(r"[0-9a-fA-F-]{16,}|(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[\w.~%+/-]{16,}=*")
_COOKIELESS = re.compile(r"(?<=/\(S\()[a-z0-9]{24}(?=\)\))")  # ASP.NET without cookies
_USERINFO = re.compile(r"(?<=://)[^/?#\s\"'<>]{1,512}(?=@)")
_SERVICE_USERS = frozenset({"git", "hg", "svn", "anonymous"})
# An address in a path, or with its sign escaped; `owner/repo@commit:path` is none.
_EMAIL = re.compile(
    r"(?:(?:(?<=[/!])|^)(?!git@)[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@|(?<![\w.%+-])[A-Za-z0-9](?:[\w.+-]|%2[Bb]){0,63}%40)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}"
    r"(?!(?:png|jpe?g|gif|svg|webp|css|js|py|json|html?|md|ts|so)\b)[A-Za-z]{2,24}(?![A-Za-z0-9:-])"
)
_MAY_HOLD = re.compile(
    r"[?&#;][A-Za-z][\w.%\[\]-]{0,40}=|://[^/\s]{1,512}@|/\(S\(|%40|(?:^|[/!])[^/@\s]{1,64}@", re.M
)


def _field_names(kind: type) -> tuple[str, ...]:
    """Return the fields that hold words of a dump: every one, also of later versions, but ours."""
    return tuple(
        each.name
        for each in fields(kind)
        if each.name not in _OURS and "str" in str(each.type) and "Mapping" not in str(each.type)
    )


_NAMES = {kind: _field_names(kind) for kind in (Document, Drop, Quarantined)}


def redact_fields(record: _Record, config: FilterConfig) -> tuple[_Record, dict[str, int]]:
    """Return (the record, how many spans were replaced by `field:kind`), a document's text left as it is.

    The counts of a document are added to its `redactions`. Rules are those of texts, and for
    addresses: userinfo, and parameters whose names say token, key, password or session.
    """
    if not config.privacy:
        return record, {}
    values = {name: value for name in _NAMES[type(record)] if (value := getattr(record, name))}
    others = [word for name, value in values.items() if name not in _CUT for word in _words(value)]
    is_suspect = bool(redact("\n".join(others), config)[1])  # one look at all, for most hold nothing
    counts = Counter[str]()
    changes: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, str):
            changes[name] = _redacted(name, value, is_suspect, config, counts)
        else:
            changes[name] = tuple(_redacted(name, each, is_suspect, config, counts) for each in _words(value))
    changes = {name: value for name, value in changes.items() if value != values[name]}
    if isinstance(record, Document) and counts:
        changes["redactions"] = dict(sorted((Counter(record.redactions) + counts).items()))
    return (replace(record, **changes) if changes else record), dict(sorted(counts.items()))


def _words(value: object) -> Iterable[str]:
    return [value] if isinstance(value, str) else cast("Iterable[str]", value)


def _is_cut(name: str, value: object) -> bool:
    """Return whether a reader may have cut a value: a long detail, or a name of a language that is none."""
    least = {"detail": _CUT_DETAIL_CHARS, "programming_language": 20}.get(name)
    return least is not None and len(str(value)) >= least


def _redacted(name: str, value: str, is_suspect: bool, config: FilterConfig, counts: Counter[str]) -> str:
    found = Counter[str]()
    if _MAY_HOLD.search(value):
        value = _without_address_secrets(value, found) if config.redact_secret else value
        value = _EMAIL.sub(lambda _: _counted("email", found), value) if config.redact_email else value
    if name in _CUT or is_suspect:
        value, in_text = redact_excerpt(value, config) if name in _CUT else redact(value, config)
        found += Counter(in_text)
    if _is_cut(name, value):
        value = _CUT_TOKEN.sub("…", value)
    counts.update({f"{name}:{kind}": count for kind, count in found.items()})
    return value


def _without_address_secrets(value: str, found: Counter[str]) -> str:
    """Return a field without userinfo, tokens, passwords and session ids of the addresses in it."""

    def parameter(match: re.Match[str]) -> str:
        name, given = match[1], match[2]
        is_secret = _SECRET_NAME.fullmatch(name) or (
            _DOUBTFUL_NAME.fullmatch(name) and _RANDOM.fullmatch(given)
        )
        return f"{name}={_counted('url_token', found)}" if is_secret else match[0]

    def userinfo(match: re.Match[str]) -> str:
        return match[0] if match[0] in _SERVICE_USERS else _counted("url_userinfo", found)

    value = _USERINFO.sub(userinfo, value)
    value = _PARAMETER.sub(parameter, value)
    return _COOKIELESS.sub(lambda _: _counted("url_token", found), value)


def _counted(kind: str, found: Counter[str]) -> str:
    found[kind] += 1
    return PLACEHOLDERS[kind]
