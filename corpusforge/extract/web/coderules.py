"""Classes that a page's own style sheet sets in a typewriter's font or with its blanks kept.

    <style>.c1 { font-family: "Courier New" }</style> … <p><span class="c1">x = 1</span></p>

Only the rules are looked at that say so, found by their words in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

RULE_HINT = "rule "
"""Begins a hint that names a class."""
_SAYS = re.compile(
    rb"font(?:-family)?\s*:[^;{}<>]{0,80}?(?:monospace|consolas|courier|menlo|monaco|[a-z] mono\b)"
    rb"|white-space\s*:\s*(?:pre|break-spaces)(?!-line)",
    re.I,
)
_WORDS = (b"font", b"white-space")
"""What `_SAYS` begins with, in lower case."""
_CLASS = re.compile(rb"(?:^|[\s>+~])([a-z][a-z0-9]{0,9})?(?:#[\w-]{1,60})?\.([A-Za-z_][\w-]{0,60})\s*$")
_CODE_TAGS = frozenset((b"pre", b"code", b"kbd", b"samp", b"tt", b"textarea", b"input"))
_MOST_RULES = 60  # looked at on a page
_MOST_CLASSES = 8
_SELECTOR_BYTES = 2_000


def rule_hints(source: bytes) -> Iterator[str]:
    """Yield a hint for each class that a rule of the page's style sheets sets so."""
    found = dict[bytes, None]()
    sheet = source.find(b"<style")
    n_rules = 0
    while sheet >= 0 and len(found) < _MOST_CLASSES and n_rules < _MOST_RULES:
        end = source.find(b"</style", sheet)
        end = len(source) if end < 0 else end
        for place in _said(source, sheet, end):
            n_rules += 1
            if n_rules > _MOST_RULES:
                break
            for name in _classes(source, sheet, place):
                found[name] = None
        sheet = source.find(b"<style", end)
    for name in list(found)[:_MOST_CLASSES]:
        yield RULE_HINT + name.decode("ascii")


def _said(source: bytes, start: int, end: int) -> Iterator[int]:
    """Yield where `_SAYS` matches within bounds: it is tried where one of its two words stands."""
    sheet = source[start:end].lower()
    places = [sheet.find(word) for word in _WORDS]
    last = 0  # where the match before has ended
    while (place := min((one for one in places if one >= 0), default=-1)) >= 0:
        said = _SAYS.match(source, start + place, end) if place >= last else None
        if said is not None:
            yield start + place
            last = said.end() - start
        of = places.index(place)
        places[of] = sheet.find(_WORDS[of], place + 1)


def _classes(source: bytes, sheet: int, place: int) -> Iterator[bytes]:
    """Yield the classes that the selectors of the rule around a place end with."""
    opening = source.rfind(b"{", max(sheet, place - _SELECTOR_BYTES), place)
    if opening < 0:
        return
    start = max(sheet, opening - _SELECTOR_BYTES)
    start = max(start, source.rfind(b"}", start, opening) + 1, source.rfind(b"{", start, opening) + 1)
    start = max(start, source.rfind(b";", start, opening) + 1, source.rfind(b"*/", start, opening) + 2)
    selectors = source[start:opening]
    if selectors.startswith(b"<style"):
        selectors = selectors.partition(b">")[2]
    for selector in selectors.split(b","):
        said = _CLASS.search(selector.strip())
        if said is not None and said[1] not in _CODE_TAGS:
            yield said[2]


def rule_selector(hints: frozenset[str]) -> str:
    """Return the selector of elements of such classes; empty where there are none."""
    names = sorted(hint.removeprefix(RULE_HINT) for hint in hints if hint.startswith(RULE_HINT))
    return ",".join(f".{name}" for name in names)
