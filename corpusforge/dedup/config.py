"""The configuration of dedup."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from corpusforge.domains import Domain
from corpusforge.frozen import FrozenConfig

OrderKey = Literal["licence", "quality", "origin", "date", "surroundings", "completeness"]


class ShingleConfig(FrozenConfig):
    """What is compared: runs of words or of tokens. Five words are FineWeb's."""

    unit: Literal["words", "tokens"] = Field(
        default="words", description="words, or tokens of a program: operators and brackets count, names stay"
    )
    length: int = Field(default=5, ge=1, le=32, description="words or tokens in a shingle")


class DomainShingles(FrozenConfig):
    """The shingles of each domain."""

    web: ShingleConfig = ShingleConfig()
    code: ShingleConfig = ShingleConfig(unit="tokens", length=8)
    code_nl: ShingleConfig = ShingleConfig()
    math: ShingleConfig = ShingleConfig()
    wikipedia: ShingleConfig = ShingleConfig()
    books: ShingleConfig = ShingleConfig()
    multilingual: ShingleConfig = ShingleConfig()


class OriginConfig(FrozenConfig):
    """What is told of a document's origin by its address, beside what its page and its dump say of it."""

    copies: tuple[str, ...] = Field(
        default=(), description="hosts, and repositories (owner/name, or owner/ for all), that hold copies"
    )
    mirror_words: tuple[str, ...] = Field(
        default=("mirror", "mirrors", "cache", "webcache", "proxy"),
        description="labels of a host, below its site and without a number, that call it a copy",
    )
    other_words: tuple[str, ...] = Field(
        default=("m", "mobile", "amp", "wap", "print", "printable", "old", "legacy", "replytocom"),
        description="labels of a host, first folders and parameters of a page's other addresses",
    )
    tracking: tuple[str, ...] = Field(
        default=("utm_source", "utm_medium", "utm_campaign", "fbclid", "gclid", "srsltid"),
        description="parameters of an address that say who sent the reader, and nothing of the page",
    )


class SignatureConfig(FrozenConfig):
    """What a signature, and the figures beside it, are made of. A change here means new parts."""

    permutations: int = Field(default=128, ge=16, le=512, description="hash values in a signature")
    shingles: DomainShingles = DomainShingles()
    seed: int = Field(default=1, ge=0, lt=2**32, description="seed of the permutations, as in datasketch")
    origin: OriginConfig = OriginConfig()

    def shingle(self, domain: str) -> ShingleConfig:
        """Return the shingles of a domain."""
        return getattr(self.shingles, domain)


class DomainPolicy(FrozenConfig):
    """What dedup may do to one domain."""

    method: Literal["off", "exact", "near"] | None = Field(
        default=None, description="off, exact or near for this domain; dedup.method when absent"
    )
    threshold: float | None = Field(
        default=None, gt=0, le=1, description="this domain's threshold; dedup.threshold when absent"
    )
    scope: Literal["across", "source"] = Field(
        default="across", description="compare across sources, or only documents of one source"
    )
    keep_copies: int = Field(
        default=1, ge=1, le=1000, description="documents of one cluster that stay, the best first"
    )


class DomainPolicies(FrozenConfig):
    """The policy of each domain."""

    web: DomainPolicy = DomainPolicy()
    code: DomainPolicy = DomainPolicy()
    code_nl: DomainPolicy = DomainPolicy()
    math: DomainPolicy = DomainPolicy()
    wikipedia: DomainPolicy = DomainPolicy()
    books: DomainPolicy = DomainPolicy()
    multilingual: DomainPolicy = DomainPolicy()


Level = Literal["off", "paragraphs", "lines"]
LEVEL = "cut what repeats in this domain: nothing, whole paragraphs, or single lines"


class RepeatsConfig(FrozenConfig):
    """Paragraphs or lines that many documents hold. Not for code, whose lines repeat by nature."""

    web: Level = Field(default="off", description=LEVEL)
    code_nl: Level = Field(default="off", description=LEVEL)
    math: Level = Field(default="off", description=LEVEL)
    wikipedia: Level = Field(default="off", description=LEVEL)
    books: Level = Field(default="off", description=LEVEL)
    multilingual: Level = Field(default="off", description=LEVEL)
    max_documents: int = Field(
        default=10, ge=1, description="a paragraph or line is cut where more documents hold it"
    )
    keep: Literal["first", "none"] = Field(
        default="first",
        description="it stays in one document, the first in the order of survivors, or in none",
    )
    min_words: int = Field(default=6, ge=1, description="a paragraph or line of fewer words is never cut")
    min_left_bytes: int = Field(
        default=200, ge=0, description="a document that is cut and of which less is left goes"
    )

    def level(self, domain: str) -> Level:
        """Return what is cut in a domain; `off` for code."""
        return getattr(self, domain, "off")

    def is_on(self) -> bool:
        """Return whether anything is cut anywhere."""
        return any(self.level(domain) != "off" for domain in Domain)


class DedupConfig(FrozenConfig):
    """What counts as a duplicate. A change here re-runs dedup and not the parts.

    Bands and rows are FineWeb's (Penedo et al. 2024); what each threshold finds is measured in
    docs/dedup.md.
    """

    method: Literal["off", "exact", "near"] = Field(
        default="near", description="off, exact (same normalised text), near (exact, then MinHash)"
    )
    signature: SignatureConfig = SignatureConfig()
    banding: Literal["given", "optimal"] = Field(
        default="given", description="bands and rows as given, or datasketch's optimum for the threshold"
    )
    bands: int = Field(default=14, ge=1, description="LSH bands; 14 x 8 is FineWeb's choice")
    rows: int = Field(default=8, ge=1, description="hash values in a band")
    threshold: float = Field(
        default=0.75, gt=0, le=1, description="Jaccard similarity to the survivor that makes a duplicate"
    )
    check: Literal["estimate", "jaccard"] = Field(
        default="estimate",
        description="how a candidate is checked: by its signature, or by its shingles, reading text again",
    )
    estimate_margin: float = Field(
        default=0.5,
        ge=0,
        le=4,
        description="by how many standard errors an estimate must exceed the threshold",
    )
    survivor_order: tuple[OrderKey, ...] = Field(
        default=("licence", "quality", "origin", "date", "surroundings", "completeness"),
        description="which of a cluster stays: by these, then the lowest document id",
    )
    domains: DomainPolicies = DomainPolicies()
    compare: tuple[tuple[Domain, ...], ...] = Field(
        default=(),
        description="groups of domains compared with each other, the first to survive first; else each alone",
    )
    earliest_wins: bool = Field(
        default=False,
        description="sources join in the order they are listed; none removes what came before it",
    )
    max_removed_share: float = Field(
        default=0.6, gt=0, le=1, description="the build stops if a source of >= 1,000 documents loses more"
    )
    unguarded_sources: tuple[str, ...] = Field(
        default=(), description="sources that may lose any share of their documents"
    )
    leakage: bool = Field(
        default=True, description="count near-duplicates between domains as well, before and after; none goes"
    )
    repeats: RepeatsConfig = RepeatsConfig()
    partitions: int | None = Field(
        default=None,
        ge=1,
        le=65536,
        description="ranges of band keys, one task each; absent: by the number of documents. Same result",
    )
    clustering: Literal["auto", "union_find", "stars"] = Field(
        default="auto",
        description="on one machine, or by large-star / small-star; auto: by union_find_bytes. Same result",
    )
    union_find_bytes: int = Field(
        default=4 << 30, ge=0, description="memory that auto lets the union-find have: 56 bytes an edge"
    )
    star_rounds: int = Field(default=4, ge=1, le=16, description="star rounds in one pipeline")

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        seen = [domain for group in self.compare for domain in group]
        twice = sorted({domain.value for domain in seen if seen.count(domain) > 1})
        if twice:
            raise ValueError(f"compare: {twice[0]} stands in more than one place; name each domain once")
        for group in self.compare:
            if len({self.signature.shingle(domain).model_dump_json() for domain in group}) > 1:
                names = ", ".join(group)
                raise ValueError(f"compare: {names} must have the same signature.shingles to be compared")
        if len(set(self.survivor_order)) < len(self.survivor_order):
            raise ValueError("survivor_order: each key once")
        return self

    def policy(self, domain: str) -> DomainPolicy:
        """Return what may be done to a domain."""
        return getattr(self.domains, domain)

    def domain_threshold(self, domain: str) -> float:
        """Return the similarity that makes a duplicate in a domain."""
        own = self.policy(domain).threshold
        return self.threshold if own is None else own
