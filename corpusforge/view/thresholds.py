"""The thresholds of a snapshot's configuration by the figure that they bound, to be drawn into histograms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpusforge.frozen import canonical_sha256


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold: where it stands, what it is called, and the domains that it is for (empty: all)."""

    at: float
    name: str
    domains: tuple[str, ...] = ()


def limits_of(config: Mapping[str, Any]) -> dict[str, list[Limit]]:
    """Return the thresholds of a configuration by column or signal, as the index keeps it."""
    found: dict[str, list[Limit]] = {}
    label: Mapping[str, Any] = config.get("label", {})
    for column, name, domains in (
        ("math_score", "math_threshold", ()),
        ("scaffold_score", "scaffold_threshold", ("math",)),
        ("language_score", "language_min_score", ()),
    ):
        if name in label:
            found[column] = [Limit(float(label[name]), name, domains)]
    code: Mapping[str, Any] = config.get("code", {})
    for name, at in zip(("cirs low", "cirs high"), code.get("cirs_bands", ()), strict=False):
        found.setdefault("code_cirs_score", []).append(Limit(float(at), name, ("code",)))
    filters: Mapping[str, Any] = config.get("filter", {})
    for name in ("min_chars", "max_chars"):
        if name in filters:
            found.setdefault("n_bytes", []).append(Limit(float(filters[name]), f"{name} (characters)"))
    for rule in _rules(filters):
        for end, at in (("min", rule.min), ("max", rule.max)):
            if at is not None:
                limit = Limit(float(at), f"{rule.name} {end}", tuple(str(one) for one in rule.domains))
                found.setdefault(rule.signal, []).append(limit)
    return found


def has_rules(config: Mapping[str, Any]) -> bool:
    """Return whether this version knows the very rule set that a configuration was built with."""
    return bool(_rules(config.get("filter", {}))) or config.get("filter", {}).get("quality") == "off"


def _rules(filters: Mapping[str, Any]) -> Any:
    """Return the quality rules of a build; none where this version has others under that name."""
    from corpusforge.filter.quality.signals import RULESET_NAMES, read_ruleset  # loads compiled loops

    name = filters.get("quality", "")
    if name not in RULESET_NAMES:
        return ()
    ruleset = read_ruleset(name)
    is_same = canonical_sha256(ruleset.model_dump(mode="json")) == filters.get("ruleset_sha256")
    return ruleset.rule if is_same else ()
