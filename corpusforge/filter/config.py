"""Every threshold of the filter step that is no quality rule; those are data in `quality/rulesets/`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from corpusforge.filter.decontamination.benchmarks import files_sha256, read_files
from corpusforge.filter.quality.signals import RULESET_NAMES, read_ruleset
from corpusforge.filter.rights.opt_out import listed_entries, read_opt_out
from corpusforge.frozen import FrozenConfig, canonical_sha256


class TableConfig(FrozenConfig):
    """What of an item is looked for. A change here means another table.

    13 words as in GPT-3's audit; chosen by recall of injected items against false positives on clean
    texts (docs/decontamination.md, `corpusforge evaluate decontamination`).
    """

    ngram_words: int = Field(default=13, ge=5, le=50, description="Words of an n-gram that is looked up.")
    short_ngram_words: int = Field(
        default=8, ge=5, le=50, description="Those of an item of less than twice `ngram_words`."
    )
    min_words: int = Field(
        default=3,
        ge=3,
        description="An item of fewer words and signs is not looked for; one below `ngram_words` whole only.",
    )
    max_ngrams: int = Field(
        default=64, ge=16, description="Of an item with more n-grams, so many are looked for, evenly chosen."
    )
    max_items: int = Field(
        default=20, ge=1, description="An n-gram that more items share is a template and proves nothing."
    )


class FilterConfig(FrozenConfig):
    """What is measured, redacted and dropped once a document has its domain.

    Rules of quality state their source each; shares of contamination were chosen by recall of injected
    items against false positives (docs/decontamination.md).
    """

    min_chars: int = Field(default=50, ge=0, description="Shorter texts are dropped.")
    max_chars: int = Field(default=10_000_000, ge=1, description="Longer texts are dropped.")

    quality: str = Field(default="default", description="The rule set: off, default or strict.")
    quality_max_chars: int = Field(
        default=200_000, ge=1000, description="Signals of a longer text are those of its first characters."
    )
    ruleset_sha256: str = Field(
        default="", description="Of the rule set's values; filled in.", validate_default=True
    )

    privacy: bool = Field(
        default=True, description="Replace personal data and secrets by typed placeholders."
    )
    redact_email: bool = Field(default=True, description="E-mail addresses.")
    redact_ip: bool = Field(default=True, description="Public IPv4 and IPv6 addresses.")
    redact_phone: bool = Field(
        default=True, description="Telephone numbers with a country code or in a usual national shape."
    )
    redact_card: bool = Field(default=True, description="Payment card numbers that pass the Luhn test.")
    redact_national_id: bool = Field(
        default=True, description="National identity, tax and social security numbers of persons, and IBANs."
    )
    redact_secret: bool = Field(default=True, description="Private keys and typed access tokens.")

    licence_policy: Literal["all", "permissive", "custom"] = Field(
        default="all",
        description="all: keep every licence; permissive: those in the packaged list; custom: `licences`.",
    )
    licences: tuple[str, ...] = Field(default=(), description="SPDX ids that the custom policy keeps.")
    unknown_licence: Literal["keep", "drop"] = Field(
        default="drop", description="Documents without a licence under permissive or custom."
    )
    licence_applies_to: Literal["repositories", "all"] = Field(
        default="repositories", description="Documents that the policy judges; web pages state no licence."
    )
    licence_header_chars: int = Field(
        default=4000, ge=0, description="How far into a file a licence notice is looked for."
    )

    opt_out: str | None = Field(
        default=None,
        description="File of repositories, path patterns, hosts and URL prefixes to leave out, one a line;"
        " .gz and .xz are unpacked.",
    )
    opt_out_sha256: str = Field(
        default="", description="Of the opt-out list's bytes; filled in.", validate_default=True
    )
    block_lists: tuple[str, ...] = Field(
        default=(), description="More such files: hosts and URLs that the corpus is better without."
    )
    block_lists_sha256: tuple[str, ...] = Field(
        default=(), description="Of the block lists' bytes; filled in.", validate_default=True
    )
    blocked: tuple[str, ...] = Field(
        default=(), description="Single entries of a block list: `example.org`, `example.org/ads`."
    )
    honour: tuple[str, ...] = Field(
        default=("noai", "tdm-reservation", "content-signal", "content-usage"),
        description="Marks of a page that leave it out: robots directives of X-Robots-Tag and <meta> (noai,"
        " noindex, noarchive, nosnippet, none, …), tdm-reservation, Content-Signal's `ai-train=no` and"
        " Content-Usage's `train-ai=n`, and robots.txt where `ingest.site_files` reads it.",
    )
    honour_agents: tuple[str, ...] = Field(
        default=(),
        description="Crawlers, in lower case, whose own directives count too (`<meta name=gptbot>`).",
    )

    benchmarks: str | None = Field(
        default=None,
        description="A table (.npz) of `corpusforge contamination-table`, or a file or folder of items as"
        " JSONL (.gz, .xz); none: no decontamination.",
    )
    benchmarks_sha256: str = Field(
        default="",
        description="Of the table's or the items' bytes; filled in, or held against them.",
        validate_default=True,
    )
    contamination: TableConfig = TableConfig()
    contamination_min_share: float = Field(
        default=0.15, gt=0, le=1, description="Share of an item's n-grams that must be found near each other."
    )
    contamination_short_min_share: float = Field(
        default=0.7, gt=0, le=1, description="The same for an item of less than twice `ngram_words`."
    )
    contamination_policy: Literal["drop", "cut"] = Field(
        default="drop", description="drop: the document goes; cut: the items' spans are removed from it."
    )
    contamination_max_cut_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A document that would lose more than this to the cut is dropped.",
    )

    @field_validator("quality")
    @classmethod
    def _known_ruleset(cls, name: str) -> str:
        if name not in RULESET_NAMES:
            raise ValueError(f"no rule set {name!r}: expected one of {', '.join(RULESET_NAMES)}")
        return name

    @field_validator("opt_out_sha256")
    @classmethod
    def _pin_opt_out(cls, _: str, info: ValidationInfo) -> str:
        """Make the list part of the fingerprint, and refuse one that cannot be read."""
        path = info.data.get("opt_out")
        return read_opt_out(path).sha256 if path else ""

    @field_validator("block_lists_sha256")
    @classmethod
    def _pin_block_lists(cls, _: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return tuple(read_opt_out(path).sha256 for path in info.data.get("block_lists", ()))

    @field_validator("blocked")
    @classmethod
    def _known_entries(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        listed_entries(entries)  # raises for an entry that is none
        return entries

    @field_validator("honour", "honour_agents")
    @classmethod
    def _lower_case(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.strip().lower() for name in names)

    @field_validator("benchmarks_sha256")
    @classmethod
    def _pin_benchmarks(cls, given: str, info: ValidationInfo) -> str:
        """Make the items part of the fingerprint; refuse a path that leads nowhere, or another pin."""
        path = info.data.get("benchmarks")
        if not path:
            return ""
        sha256 = files_sha256(read_files(path))
        if given and given != sha256:
            raise ValueError(f"{path} has the sha256 {sha256}, not the one that is pinned")
        return sha256

    @field_validator("ruleset_sha256")
    @classmethod
    def _pin_ruleset(cls, _: str, info: object) -> str:
        """Make the rules part of the fingerprint: an edited rule set remakes the parts."""
        name = getattr(info, "data", {}).get("quality", "default")
        return canonical_sha256(read_ruleset(name).model_dump(mode="json"))
