"""Recipes: what a trainer asks for, read from TOML with every decimal exact."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from corpusforge.domains import SUBSETS, Domain, supply_key
from corpusforge.files import read_bytes
from corpusforge.frozen import FrozenConfig, canonical_sha256
from corpusforge.mixture.planfile import FULL
from corpusforge.settings_faults import explain

_DOMAINS = tuple(domain.value for domain in Domain)
KEYS = tuple(supply_key(domain.value, subset.value) for domain in Domain for subset in SUBSETS[domain])
"""Every (domain, subset) as recipes and supplies name it: `web`, `math/generic`."""


def _not_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("a float is not exact: give an integer, a string or a Decimal")
    return value


Exact = Annotated[Decimal, BeforeValidator(_not_float), Field(ge=0, allow_inf_nan=False)]
REST = "rest"
"""Selection of the documents of a subset that no declared selection takes."""


class Selection(FrozenConfig):
    """Some documents of a subset: what is named here must all hold. Named `subset#name`."""

    language: tuple[str, ...] = Field(
        default=(), description="BCP-47 tags; `zh` takes `zh-Hant` too. Empty takes every language."
    )
    programming_language: tuple[str, ...] = Field(default=(), description="Any of these; empty takes all.")
    source: tuple[str, ...] = Field(default=(), description="Names of sources; empty takes all.")
    at_least: dict[str, Exact] = Field(
        default_factory=dict, description="Lowest value of a score or signal; without a value: not taken."
    )
    below: dict[str, Exact] = Field(
        default_factory=dict, description="A score or signal must be less than this."
    )


class Swap(FrozenConfig):
    """A fixed number of tokens moved from one subset to another, nothing else touched."""

    from_: str = Field(alias="from", description="Subset or selection that gives, as `math/generic`.")
    to: str = Field(description="Subset or selection that takes, as `math/scaffold`.")
    tokens: int = Field(gt=0, description="Tokens moved: whole samples of them.")
    match: tuple[Literal["length", "source"], ...] = Field(
        default=(), description="Choose what comes in so that it matches what goes out in these."
    )
    tolerance: Exact = Field(
        default=Decimal(0), le=1, description="Share of the tokens that may come in unmatched."
    )


def _share_text(value: object) -> object:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


class Swarm(FrozenConfig):
    """Many small mixtures around a recipe, each repeating every domain as often as its target would."""

    fraction: Annotated[str, BeforeValidator(_share_text)] = Field(
        default="1/16", description='Share of the budget that a run reads: `"1/16"` or 0.0625.'
    )
    design: Literal["dirichlet", "lattice", "one_factor"] = Field(
        default="dirichlet",
        description="`dirichlet`: drawn around the weights. `lattice`: all shares that are multiples of "
        "1 / steps. `one_factor`: the weights, and each weight times each factor.",
    )
    runs: int = Field(default=512, gt=0, le=10_000, description="How many are drawn; of `dirichlet`.")
    concentration: tuple[Exact, ...] = Field(
        default=(Decimal(2), Decimal(8), Decimal(32)),
        min_length=1,
        description="How near to the weights `dirichlet` draws; several are taken in turn.",
    )
    minimum: Exact = Field(
        default=Decimal(0), description="Least share of each that has a weight; of `dirichlet` and `lattice`."
    )
    steps: int = Field(
        default=4, gt=0, le=1000, description="Of `lattice`: shares are multiples of 1 / steps."
    )
    factors: tuple[Exact, ...] = Field(
        default=(Decimal(0), Decimal("0.5"), Decimal(2)),
        min_length=1,
        description="Of `one_factor`: what one weight is multiplied with, the others staying as they are.",
    )
    seed: int = Field(default=0, ge=0, description="Another seed draws others; of `dirichlet`.")

    @model_validator(mode="after")
    def _consistent(self) -> Swarm:
        try:
            fraction = self.exact_fraction()
        except (ValueError, ZeroDivisionError):
            raise ValueError(f'fraction must be as "1/16" or 0.0625, not {self.fraction!r}') from None
        if not 0 < fraction <= 1:
            raise ValueError(f"fraction must be above 0 and at most 1, not {self.fraction}")
        if any(value == 0 for value in self.concentration):
            raise ValueError("concentration must be above 0")
        for field, designs in _OF_DESIGNS.items():
            if field in self.model_fields_set and self.design not in designs:
                raise ValueError(f"{field} is of the design {' and '.join(designs)}, not of {self.design}")
        return self

    def exact_fraction(self) -> Fraction:
        """Return the share of the budget that a run reads."""
        return Fraction(self.fraction)


_OF_DESIGNS = {
    "runs": ("dirichlet",),
    "concentration": ("dirichlet",),
    "seed": ("dirichlet",),
    "minimum": ("dirichlet", "lattice"),
    "steps": ("lattice",),
    "factors": ("one_factor",),
}
"""Designs to which a setting belongs; the others belong to all."""


class ArmRecipe(FrozenConfig):
    """How an arm differs from the recipe itself."""

    without: tuple[str, ...] = Field(default=(), description="Domains, subsets or selections taken out.")
    redistribute: Literal["proportional"] | tuple[str, ...] = Field(
        default="proportional",
        description="Who takes what they leave: all others, or these, by weight.",
    )
    swap: Swap | None = Field(default=None, description="A swap, made after `without`.")


class Recipe(FrozenConfig):
    """A token budget, its proportions, and the arms derived from it."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Begins the plan's file name.")
    budget_tokens: int = Field(gt=0, description="Tokens of every arm, padded to none: whole samples.")
    sequence_length: int = Field(gt=0, lt=2**31, description="Tokens of a sample.")
    max_epochs: Exact = Field(
        default=Decimal(1), description="How often a domain may be read: 1 reads each sample at most once."
    )
    packing: Literal["concat", "best_fit"] = Field(
        default="concat",
        description="`concat`: documents end to end, cut every sequence_length tokens. `best_fit`: no "
        "document that fits is cut; samples end in padding, and the budget counts real tokens.",
    )
    weights: dict[str, Exact] = Field(
        default_factory=dict,
        description="Share by domain, or by subset as `math/generic`; they need not sum to 1.",
    )
    tokens: dict[str, int] = Field(
        default_factory=dict, description="Tokens by domain or subset, instead of weights."
    )
    minimum: dict[str, Exact] = Field(
        default_factory=dict, description="Least share of the budget, by domain, subset or selection."
    )
    maximum: dict[str, Exact] = Field(
        default_factory=dict, description="Largest share of the budget, by domain, subset or selection."
    )
    selections: dict[str, Selection] = Field(
        default_factory=dict, description="Selections by name, as `multilingual#zh`."
    )
    by_source: bool = Field(
        default=False,
        description="Read each source of a subset by itself, so that `mix --pin` can pin its tokens.",
    )
    arms: dict[str, ArmRecipe] = Field(default_factory=dict, description="The arms, by name.")
    swarm: Swarm | None = Field(default=None, description="What `mix --swarm` makes of this recipe.")

    @model_validator(mode="before")
    @classmethod
    def _budget_of_targets(cls, value: Any) -> Any:
        recipe = cast("dict[str, Any]", value)
        if isinstance(value, dict) and "budget_tokens" not in recipe and recipe.get("tokens"):
            return {**recipe, "budget_tokens": sum(recipe["tokens"].values())}
        return recipe

    @model_validator(mode="after")
    def _names_are_known(self) -> Recipe:
        for name in self.selections:
            subset, _, selection = name.partition("#")
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", selection) or selection == REST:
                raise ValueError(f"selections: {name!r}: expected a name like `multilingual#zh`")
            _check_known("selections", subset, KEYS)
        for field in ("weights", "tokens", "minimum", "maximum"):
            for name in getattr(self, field):
                _check_known(f"{field}.{name}", name, self.names())
        for name, arm in self.arms.items():
            for place, entries in (("without", arm.without), ("redistribute", arm.redistribute)):
                for entry in entries if isinstance(entries, tuple) else ():
                    _check_known(f"arms.{name}.{place}", entry, self.names())
            if arm.swap:
                _check_known(f"arms.{name}.swap.from", arm.swap.from_, self.keys())
                _check_known(f"arms.{name}.swap.to", arm.swap.to, self.keys())
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if bool(self.weights) == bool(self.tokens):
            raise ValueError("give either [weights] or [tokens]")
        units = self.units()
        if sum(units.values()) <= 0:
            raise ValueError("no weight is above zero")
        for name in units:
            above = [other for other in units if other != name and name in self.below(other)]
            if above:
                raise ValueError(
                    f"{name!r} and {above[0]!r}, which holds it, both have a weight: give one or the other"
                )
        if self.tokens and sum(self.tokens.values()) != self.budget_tokens:
            total = sum(self.tokens.values())
            raise ValueError(
                f"[tokens] sum to {total}, budget_tokens is {self.budget_tokens}: "
                f"{abs(total - self.budget_tokens)} too {'many' if total > self.budget_tokens else 'few'}"
            )
        if self.budget_tokens < self.sequence_length:
            raise ValueError(f"budget_tokens is less than one sample of {self.sequence_length} tokens")
        if FULL in self.arms:
            raise ValueError("the arm `full` is the recipe itself: choose another name")
        return self

    def fingerprint(self) -> str:
        """Return the sha256 of all that decides the plan: not of the swarm, nor of what is left as ever."""
        value = self.model_dump(mode="json", exclude={"swarm"})
        return canonical_sha256({key: entry for key, entry in value.items() if key != "by_source" or entry})

    def units(self) -> dict[str, Fraction]:
        """Return weights by unit (a domain, a subset or a selection), exact."""
        given: Mapping[str, Decimal | int] = self.weights or self.tokens
        return {name: Fraction(weight) for name, weight in given.items()}

    def children(self, name: str) -> tuple[str, ...]:
        """Return the parts of a domain or a subset; none where it is not divided."""
        if name not in KEYS:
            return tuple(key for key in KEYS if key.split("/")[0] == name)
        declared = sorted(selection for selection in self.selections if selection.split("#")[0] == name)
        return (*declared, f"{name}#{REST}") if declared else ()

    def below(self, name: str) -> tuple[str, ...]:
        """Return all parts of a domain or a subset, and theirs."""
        return tuple(part for child in self.children(name) for part in (child, *self.below(child)))

    def keys(self) -> tuple[str, ...]:
        """Return what is not divided further, by name: `web`, `math/generic`, `multilingual#zh`."""
        return tuple(part for key in KEYS for part in (self.children(key) or (key,)))

    def keys_read(self) -> tuple[str, ...]:
        """Return the keys that an arm may read: those of a unit with a weight, and of swaps."""
        named = {name for name, weight in self.units().items() if weight}
        named |= {name for arm in self.arms.values() if arm.swap for name in (arm.swap.from_, arm.swap.to)}
        return tuple(key for key in self.keys() if any(key == n or key in self.below(n) for n in named))

    def names(self) -> tuple[str, ...]:
        """Return every domain, subset and selection that may be named."""
        return tuple(dict.fromkeys((*_DOMAINS, *KEYS, *self.keys())))


def _check_known(place: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f": did you mean {near[0]!r}?" if near else f": expected one of {', '.join(names)}"
        raise ValueError(f"{place}: unknown {name!r}{hint}")


def parse_recipe(data: str, name: str) -> Recipe:
    """Return the recipe of TOML text; ValueError, in one line that starts with `name`, if it is none."""
    try:
        # Decimals stay decimals: 0.1 is one tenth.
        return Recipe.model_validate(tomllib.loads(data, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: not TOML: {error}") from None
    except ValidationError as error:
        lines = list(explain(error, Recipe))
        if any(line.startswith("sources: unknown") for line in lines):
            raise ValueError(f"{name}: this is a configuration of `build`, and no recipe") from None
        raise ValueError(f"{name}: {lines[0]}") from None


def load_recipe(path: str) -> Recipe:
    """Return the recipe in a TOML file; errors as `parse_recipe`."""
    try:
        return parse_recipe(read_bytes(path).decode(), path)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 at byte {error.start}") from None
