"""The domains of a corpus and their subsets, once.

`domain` always means the topic label of a document; a web site is a `host`.
"""

from __future__ import annotations

from enum import StrEnum


class Domain(StrEnum):
    """The seven domains, in the order in which every table prints them."""

    WEB = "web"
    CODE = "code"
    CODE_NL = "code_nl"
    MATH = "math"
    WIKIPEDIA = "wikipedia"
    BOOKS = "books"
    MULTILINGUAL = "multilingual"


class Subset(StrEnum):
    """A named part of a domain. Only math has more than one."""

    ALL = "all"
    SCAFFOLD = "scaffold"
    GENERIC = "generic"


SUBSETS: dict[Domain, tuple[Subset, ...]] = {
    domain: (Subset.SCAFFOLD, Subset.GENERIC) if domain is Domain.MATH else (Subset.ALL,) for domain in Domain
}


def supply_key(domain: str, subset: str) -> str:
    """Return how recipes and tables name a (domain, subset): `web`, `math/scaffold`."""
    return domain if subset == Subset.ALL else f"{domain}/{subset}"
