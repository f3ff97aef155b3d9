"""Recipes: what a trainer asks for, read from TOML with every decimal exact."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from corpusforge.domains import SUBSETS, Domain, supply_key
from corpusforge.files import read_bytes
from corpusforge.frozen import FrozenConfig
from corpusforge.mixture.planfile import FULL

_DOMAINS = tuple(domain.value for domain in Domain)
KEYS = tuple(supply_key(domain.value, subset.value) for domain in Domain for subset in SUBSETS[domain])
"""Every (domain, subset) as recipes and supplies name it: `web`, `math/generic`."""


def _not_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("a float is not exact: give an integer, a string or a Decimal")
    return value


def _known(names: tuple[str, ...]) -> Any:
    def check(name: str) -> str:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f": did you mean {near[0]!r}?" if near else f": expected one of {', '.join(names)}"
            raise ValueError(f"unknown {name!r}{hint}")
        return name

    return AfterValidator(check)


DomainName = Annotated[str, _known(_DOMAINS)]
SubsetKey = Annotated[str, _known(KEYS)]
UnitName = Annotated[str, _known(tuple(dict.fromkeys((*_DOMAINS, *KEYS))))]
Exact = Annotated[Decimal, BeforeValidator(_not_float), Field(ge=0, allow_inf_nan=False)]


class Swap(FrozenConfig):
    """A fixed number of tokens moved from one subset to another, nothing else touched."""

    from_: SubsetKey = Field(alias="from", description="Subset that gives, as `math/generic`.")
    to: SubsetKey = Field(description="Subset that takes, as `math/scaffold`.")
    tokens: int = Field(gt=0, description="Tokens moved: whole samples of them.")
    match: tuple[Literal["length", "source"], ...] = Field(
        default=(), description="Choose what comes in so that it matches what goes out in these."
    )


class ArmRecipe(FrozenConfig):
    """How an arm differs from the recipe itself."""

    without: tuple[DomainName, ...] = Field(default=(), description="Domains taken out.")
    redistribute: Literal["proportional"] | tuple[UnitName, ...] = Field(
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
    weights: dict[UnitName, Exact] = Field(
        default_factory=dict,
        description="Share by domain, or by subset as `math/generic`; they need not sum to 1.",
    )
    tokens: dict[UnitName, int] = Field(
        default_factory=dict, description="Tokens by domain or subset, instead of weights."
    )
    arms: dict[str, ArmRecipe] = Field(default_factory=dict, description="The arms, by name.")

    @model_validator(mode="before")
    @classmethod
    def _budget_of_targets(cls, value: Any) -> Any:
        recipe = cast("dict[str, Any]", value)
        if isinstance(value, dict) and "budget_tokens" not in recipe and recipe.get("tokens"):
            return {**recipe, "budget_tokens": sum(recipe["tokens"].values())}
        return recipe

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if bool(self.weights) == bool(self.tokens):
            raise ValueError("give either [weights] or [tokens]")
        units = self.units()
        if sum(units.values()) <= 0:
            raise ValueError("no weight is above zero")
        both = [name for name in units if "/" in name and name.split("/")[0] in units]
        if both:
            raise ValueError(f"{both[0]!r} and its domain both have a weight: give one or the other")
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

    def units(self) -> dict[str, Fraction]:
        """Return weights by unit (a domain, or one of its subsets), exact."""
        given: Mapping[str, Decimal | int] = self.weights or self.tokens
        return {name: Fraction(weight) for name, weight in given.items()}


def parse_recipe(data: str, name: str) -> Recipe:
    """Return the recipe of TOML text; ValueError, in one line that starts with `name`, if it is none."""
    try:
        # Decimals stay decimals: 0.1 is one tenth.
        return Recipe.model_validate(tomllib.loads(data, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{name}: {place + ': ' if place else ''}{message}") from None


def load_recipe(path: str) -> Recipe:
    """Return the recipe in a TOML file; errors as `parse_recipe`."""
    try:
        return parse_recipe(read_bytes(path).decode(), path)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 at byte {error.start}") from None
