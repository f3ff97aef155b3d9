"""What sites say of all their pages, where the dump holds it: robots.txt and /.well-known/tdmrep.json.

The files are read from the same dump before its pages, so that what a page is told does not depend
on where in the dump the file lies, nor on any other dump.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from corpusforge.ingest.compression.limits import TooMuch
from corpusforge.ingest.web.archive_records import ArchiveRecord, Gap
from corpusforge.ingest.web.http import decode_body, parse_response

ROBOTS_TXT = "/robots.txt"
TDMREP = "/.well-known/tdmrep.json"
_MAX_FILE_BYTES = 500 << 10
"""RFC 9309, 2.5: at least 500 KiB of a robots.txt are to be read."""
_MAX_RULES = 2000
_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of paths, `*` for anything and `$` at the end, and what it says."""

    pattern: str
    says: bool
    """robots.txt: whether the paths may be fetched; tdmrep.json: whether they are reserved."""
    usage: str = ""
    """robots.txt: what `content-signal` or `content-usage` says of the paths, such a rule alone."""


@dataclass(slots=True)
class SiteFiles:
    """The rules of the sites of one dump, by origin's host and port."""

    robots: dict[str, dict[str, list[Rule]]] = field(default_factory=dict[str, dict[str, list[Rule]]])
    """host -> crawler in lower case, `*` among them -> rules."""
    tdm: dict[str, list[Rule]] = field(default_factory=dict[str, list[Rule]])

    def reservations(self, url: str | None, agents: Collection[str]) -> tuple[str, ...]:
        """Return what the sites' files say of a page: `robots.txt: ccbot, Disallow: /a`, `tdmrep.json: 1`."""
        if not self.robots and not self.tdm:
            return ()
        host, path = origin_path(url)
        told: list[str] = []
        groups = self.robots.get(host, {})
        for agent in sorted(agents if groups else ()):
            rules = groups.get(agent, groups.get("*", []))
            rule = _longest(rules, path)
            if rule is not None and not rule.says:
                told.append(f"robots.txt: {agent}, Disallow: {rule.pattern[:200]}")
            told += [line for line in _usages(rules, path) if line not in told]
        rule = next((rule for rule in self.tdm.get(host, []) if matches(rule.pattern, path)), None)
        if rule is not None:
            told.append(f"tdmrep.json: {int(rule.says)}")
        return tuple(told)

    def add(self, record: ArchiveRecord, wanted: Collection[str]) -> None:
        """Read one record, where it holds a file that is wanted."""
        if _type(record) not in ("response", "resource"):
            return
        host, path = origin_path(record.headers.get("warc-target-uri", "").strip("<> "))
        if path not in wanted or not host or (body := _body(record)) is None:
            return
        text = body[:_MAX_FILE_BYTES].decode("utf-8-sig", "replace")
        if path == ROBOTS_TXT:
            self.robots[host] = parse_robots(text)
        else:
            self.tdm[host] = parse_tdmrep(text)

    def packed(self) -> dict[str, Any]:
        """Return the rules as JSON values, which `add_packed` adds again."""
        robots = {
            host: {
                agent: [[rule.pattern, rule.says, rule.usage] for rule in rules]
                for agent, rules in groups.items()
            }
            for host, groups in self.robots.items()
        }
        tdm = {host: [[rule.pattern, rule.says] for rule in rules] for host, rules in self.tdm.items()}
        return {"robots": robots, "tdm": tdm}

    def add_packed(self, packed: dict[str, Any]) -> None:
        """Add the rules of sites met later in the dump: a site's last capture counts."""
        for host, groups in packed["robots"].items():
            self.robots[host] = {agent: [Rule(*rule) for rule in rules] for agent, rules in groups.items()}
        for host, rules in packed["tdm"].items():
            self.tdm[host] = [Rule(*rule) for rule in rules]


def read_site_files(records: Iterable[ArchiveRecord | Gap], wanted: Collection[str]) -> SiteFiles:
    """Return the rules of every site whose file lies in a dump; of several captures the last counts.

    `wanted` names the paths that are read, `ROBOTS_TXT` and `TDMREP`.
    """
    found = SiteFiles()
    for record in records:
        if not isinstance(record, Gap):
            found.add(record, wanted)
    return found


def origin_path(url: str | None) -> tuple[str, str]:
    """Return (host and port in lower case, path with its query, percent signs undone) of a URL."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # a bracket that opens no IPv6 address
        return "", "/"
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(":80").removesuffix(":443")
    return host, unquote(parts.path or "/") + (f"?{unquote(parts.query)}" if parts.query else "")


def _type(record: ArchiveRecord) -> str:
    return record.headers.get("warc-type", "").lower()


def _body(record: ArchiveRecord) -> bytes | None:
    """Return the body of a site's file that was there, or None."""
    if record.is_too_large:
        return None
    if _type(record) == "resource":
        return record.block
    response = parse_response(record.data, record.start, record.stop)
    if response is None or response.status != 200:
        return None
    try:
        return decode_body(
            response.headers, record.data[response.body_start : record.stop], _MAX_FILE_BYTES * 4
        ).data
    except TooMuch:
        return None


def parse_robots(text: str) -> dict[str, list[Rule]]:
    """Return the rules of each crawler of a robots.txt (RFC 9309): groups of one crawler are joined."""
    groups: dict[str, list[Rule]] = {}
    agents: list[str] = []
    in_rules, n_rules = False, 0
    for line in text.splitlines():
        if (found := _LINE.match(line)) is None:
            continue
        name, value = found[1].lower(), found[2].strip()
        if name == "user-agent":
            if in_rules:
                agents, in_rules = [], False
            agent = value.lower().partition("/")[0].strip()
            agents.append(agent)
            groups.setdefault(agent, [])
        elif name in ("content-signal", "content-usage"):
            in_rules = True
            pattern, usage = _usage(value)
            n_rules += 1
            if usage and n_rules <= _MAX_RULES:
                for agent in agents or ["*"]:
                    groups.setdefault(agent, []).append(Rule(pattern, False, f"{name}: {usage}"))
        elif name in ("allow", "disallow"):
            in_rules = True
            if value and n_rules < _MAX_RULES:
                n_rules += 1
                for agent in agents:
                    groups[agent].append(Rule(unquote(value), name == "allow"))
    return groups


def _usage(value: str) -> tuple[str, str]:
    """Return (pattern of paths, what is said of them) of a `Content-Usage: /a train-ai=n`."""
    first, _, rest = value.partition(" ")
    if first.startswith("/") and rest.strip():
        return unquote(first), rest.strip()[:200]
    return "/", value[:200]


def parse_tdmrep(text: str) -> list[Rule]:
    """Return the rules of a tdmrep.json in order, the first that fits decides; [] where it is none."""
    try:
        values: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return list(_tdm_rules(cast("list[object]", values))) if isinstance(values, list) else []


def _tdm_rules(values: list[object]) -> Iterator[Rule]:
    for value in values[:_MAX_RULES]:
        if not isinstance(value, dict):
            continue
        row = cast("dict[str, object]", value)
        location, reserved = row.get("location"), row.get("tdm-reservation")
        if isinstance(location, str) and reserved in (0, 1, "0", "1"):
            yield Rule(unquote(location), str(reserved) == "1")


def _usages(rules: list[Rule], path: str) -> list[str]:
    """Return what the longest fitting rule of each kind says of use: `content-signal: ai-train=no`."""
    nearest: dict[str, Rule] = {}
    for rule in rules:
        name = rule.usage.partition(": ")[0]
        if name and matches(rule.pattern, path):
            known = nearest.get(name)
            if known is None or len(rule.pattern) >= len(known.pattern):
                nearest[name] = rule
    return [rule.usage for rule in nearest.values()]


def _longest(rules: list[Rule], path: str) -> Rule | None:
    """Return the rule with the longest pattern that fits; of two as long the one that allows."""
    fitting = [rule for rule in rules if not rule.usage and matches(rule.pattern, path)]
    return max(fitting, key=lambda rule: (len(rule.pattern), rule.says), default=None)


def matches(pattern: str, path: str) -> bool:
    """Return whether a path begins as a pattern says: `*` is anything, a last `$` the path's end.

    >>> matches("/a*.php$", "/a/b.php"), matches("/a*.php$", "/a/b.php?c"), matches("/a", "/ab")
    (True, False, True)
    """
    is_whole = pattern.endswith("$")
    first, *others = (pattern[:-1] if is_whole else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(others, 1):
        if is_whole and number == len(others):
            return len(path) - len(piece) >= at and path.endswith(piece)
        place = path.find(piece, at)
        if place < 0:
            return False
        at = place + len(piece)
    return not is_whole or at == len(path)
