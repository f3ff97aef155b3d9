"""The colours of domains and of things in order: one class each, bound once for light and for dark."""

from __future__ import annotations

from collections.abc import Mapping

PALETTE: Mapping[str, tuple[str, str]] = {
    "plain": ("#4a6a94", "#86abdb"),
    "web": ("#3f6fa8", "#7fb0e6"),
    "code": ("#cc3f42", "#f0898a"),
    "code_nl": ("#b8690f", "#f0ae62"),
    "math": ("#7050a3", "#b69be6"),
    "math-generic": ("#9479bd", "#8d74b8"),
    "wikipedia": ("#35813f", "#7cc987"),
    "books": ("#8a6249", "#cfa78e"),
    "multilingual": ("#22807a", "#68c9c2"),
    "other": ("#667085", "#98a2b3"),
    "drop": ("#8b8f98", "#7b8494"),
    "1": ("#3f6fa8", "#7fb0e6"),
    "2": ("#b8690f", "#f0ae62"),
    "3": ("#35813f", "#7cc987"),
    "4": ("#cc3f42", "#f0898a"),
    "5": ("#7050a3", "#b69be6"),
    "6": ("#8a6249", "#cfa78e"),
    "7": ("#22807a", "#68c9c2"),
    "8": ("#b0477f", "#ec93c1"),
}
"""(on a light ground, on a dark one), each at least 3 : 1 against it (WCAG 2.2, 1.4.11)."""
_NUMBERED = 8

COLOUR_CLASSES = tuple(f"c-{name}" for name in PALETTE)
"""The classes that a mark may have; `c-1` to `c-8` are for things in order, such as sources."""


def colour_class(key: str, place: int | None = None) -> str:
    """Return the class of a domain's key (`web`, `math/scaffold`), else of the place in an order (from 0).

    >>> colour_class("math/scaffold"), colour_class("crawl", 1), colour_class("crawl")
    ('c-math', 'c-2', 'c-other')
    """
    for name in (key.replace("/", "-"), key.partition("/")[0]):
        if name in PALETTE and not name.isdigit():
            return f"c-{name}"
    return "c-other" if place is None else f"c-{place % _NUMBERED + 1}"
