"""`corpusforge mix --again`: a plan made again over a child snapshot, nothing else moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation

from corpusforge.commands.console import count, show, show_json, show_table, size
from corpusforge.commands.errors import usage_error
from corpusforge.commands.mix import print_arms, put_plan
from corpusforge.commands.output import refuse_overlap
from corpusforge.domains import supply_key
from corpusforge.files import exists, join, overlapping, read_bytes
from corpusforge.mixture.again import Again, plan_again
from corpusforge.mixture.plan import arms_table
from corpusforge.mixture.planfile import IN_ORDER, Plan, plan_from_bytes
from corpusforge.mixture.recipe import load_recipe


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for beside the corpus and the plan."""

    recipe: str | None
    output: str | None
    supply: str | None
    snapshot: str | None
    tolerance: str
    dry_run: bool
    as_json: bool


def again(corpus: str | None, plan_path: str, wanted: Wanted, *, of_recipe: Sequence[str] = ()) -> None:
    """Write a plan made again over another snapshot of its corpus, and print what was replaced.

    `of_recipe`: options that were given and go with a recipe alone.
    """
    if of_recipe:
        raise usage_error(f"{of_recipe[0]} makes a plan of a recipe: give it without --again")
    if corpus is None or wanted.supply is not None:
        raise usage_error("--again needs a corpus, and no --supply")
    refuse_overlap([plan_path, wanted.recipe], wanted.output)
    if wanted.output and not overlapping([join(corpus, "plans")], wanted.output):
        refuse_overlap([corpus], wanted.output)
    if not exists(plan_path):
        raise usage_error(f"{plan_path}: no such plan")
    try:
        made = plan_again(
            corpus,
            plan_from_bytes(read_bytes(plan_path), plan_path),
            wanted.snapshot,
            recipe=load_recipe(wanted.recipe) if wanted.recipe else None,
            tolerance=_share(wanted.tolerance),
            dry_run=wanted.dry_run,
        )
    except ValueError as error:  # of other seeds or tokens, files that are gone, replacements that are short
        raise usage_error(str(error)) from None
    if not wanted.dry_run:
        put_plan(corpus, made.plan, wanted.output)
    if wanted.as_json:
        keys = [asdict(key) for key in made.keys]
        show_json({**arms_table(made.plan.arms), "again": keys, "plan": made.plan.id}, sort_keys=True)
    elif made.plan.order == IN_ORDER:
        print_arms(made.plan.name, made.plan.sequence_length, arms_table(made.plan.arms))
    else:
        _print(made, plan_path, corpus, wanted)


def _share(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"--tolerance: {text!r} is no number: a share of 0 to 1") from None
    if not 0 <= value <= 1:
        raise ValueError(f"--tolerance: {text} is no share: 0 to 1")
    return value


def _print(made: Again, plan_path: str, corpus: str, wanted: Wanted) -> None:
    rows = [
        [
            supply_key(key.domain, key.subset) + (f"#{key.selection}" if key.selection else ""),
            count(key.gone_docs),
            count(key.new_docs),
            count(key.replaced_tokens),
            count(key.stretches),
            count(key.unmatched_tokens),
            size(key.patch_bytes),
        ]
        for key in made.keys
    ]
    columns = ["domain", "documents gone", "new", "tokens replaced", "by stretches", "of others", "patch"]
    plan: Plan = made.plan
    title = f"{plan.name} over snapshot {plan.snapshot}: {count(plan.tokens)} tokens in every arm, as before"
    show_table(title, columns, rows)
    if wanted.dry_run:
        show("", "Nothing was written.")
    else:
        new_path = wanted.output or join(corpus, "plans", f"{plan.name}-{plan.id}.json")
        show("", f"Next:  corpusforge diff {corpus} {plan_path} {new_path}")
