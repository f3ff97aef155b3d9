"""`corpusforge mix --again`: a plan made again over a child snapshot, nothing else moved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation

from corpusforge.commands.console import count, note, show, show_json, show_table, size, status
from corpusforge.commands.errors import usage_error
from corpusforge.commands.mix import print_arms, put_plan
from corpusforge.commands.output import refuse_overlap
from corpusforge.commands.plans import check_place, named_arm
from corpusforge.domains import supply_key
from corpusforge.files import exists, join, read_bytes
from corpusforge.mixture.again import Again, plan_again
from corpusforge.mixture.fit import buckets_of_fit, fitted_recipe, read_fit
from corpusforge.mixture.plan import arms_table
from corpusforge.mixture.planfile import IN_ORDER, Plan, plan_from_bytes
from corpusforge.mixture.recipe import Recipe, load_recipe
from corpusforge.mixture.sources import pinned_recipe
from corpusforge.mixture.swarmagain import buckets_again, buckets_beside, check_recipe, more_repeated
from corpusforge.mixture.swarmfiles import FOLDER, PLAN, Buckets, write_swarm
from corpusforge.printable import counted_as
from corpusforge.shards.snapshot import read_index


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for beside the corpus and the plan."""

    recipe: str | None
    fit: str | None
    """With `buckets` or `pin`: what the plan's recipe was made of beside its file."""
    buckets: str | None
    pin: str | None
    swarm: bool
    output: str | None
    supply: str | None
    snapshot: str | None
    tolerance: str
    dry_run: bool
    as_json: bool


def again(corpus: str | None, plan_path: str, wanted: Wanted) -> None:
    """Write a plan made again over another snapshot of its corpus, and print what was replaced."""
    if wanted.swarm:
        raise usage_error(
            "--swarm makes a plan of a recipe: give it without --again; a swarm is known by itself"
        )
    for name in ("fit", "buckets", "pin"):
        if getattr(wanted, name) and not wanted.recipe:
            raise usage_error(f"--{name} goes with a --recipe: with --again, that of the plan")
    if wanted.fit and wanted.pin:
        raise usage_error("--fit and --pin make two plans: give that of which this one is")
    if corpus is None or wanted.supply is not None:
        raise usage_error("--again needs a corpus, and no --supply")
    refuse_overlap([plan_path, wanted.recipe, wanted.fit, wanted.buckets], wanted.output)
    if exists(join(plan_path, PLAN)):
        plan_path = join(plan_path, PLAN)  # the folder of a swarm
    if not exists(plan_path):
        raise usage_error(f"{plan_path}: no such plan")
    try:
        plan = plan_from_bytes(read_bytes(plan_path), plan_path)
        recipe = _recipe(corpus, plan, wanted)
        swarm = buckets_beside(plan, plan_path)
        check_place(corpus, wanted.output, is_swarm=swarm is not None)
        if swarm is not None:
            check_recipe(plan, recipe)
        made = plan_again(
            corpus,
            plan,
            wanted.snapshot,
            recipe=recipe,
            tolerance=_share(wanted.tolerance),
            dry_run=wanted.dry_run,
        )
        where = _write(corpus, made.plan, swarm, recipe, wanted)
    except ValueError as error:  # of other seeds or tokens, files that are gone, replacements that are short
        raise usage_error(str(error)) from None
    if wanted.as_json:
        keys = [asdict(key) for key in made.keys]
        arms = {} if swarm else arms_table(made.plan.arms)
        show_json({**arms, "again": keys, "plan": made.plan.id}, sort_keys=True)
    elif made.plan.order == IN_ORDER:
        print_arms(made.plan.name, made.plan.sequence_length, arms_table(made.plan.arms))
    else:
        _print(made)
        show("", f"Next:  corpusforge diff {corpus} {plan_path} {where}" if where else "Nothing was written.")


def _recipe(corpus: str, plan: Plan, wanted: Wanted) -> Recipe | None:
    """Return the recipe that a plan is said to be of, with the weights of a fit or the tokens of a pin."""
    if wanted.recipe is None:
        return None
    recipe = load_recipe(wanted.recipe)
    if wanted.fit is not None:
        fit = read_fit(wanted.fit)
        return fitted_recipe(recipe, fit, buckets_of_fit(corpus, fit, wanted.buckets, wanted.fit), wanted.fit)
    if wanted.pin is not None:
        return pinned_recipe(recipe, *named_arm(wanted.pin), read_index(corpus, plan.snapshot), wanted.pin)
    return recipe


def _write(
    corpus: str, plan: Plan, swarm: Buckets | None, recipe: Recipe | None, wanted: Wanted
) -> str | None:
    """Write a plan, of a swarm its folder; return where the plan lies, None in a dry run."""
    if wanted.dry_run:
        return None
    if swarm is None:
        return put_plan(corpus, plan, wanted.output)
    with status("telling what the runs and their target read of each key"):
        buckets = buckets_again(corpus, swarm, plan, recipe)
    folder = wanted.output or join(corpus, FOLDER, f"{swarm.name}-{plan.id}")
    write_swarm(folder, plan, buckets)
    note(
        f"wrote {folder}: swarm {plan.id}, {counted_as(len(plan.arms) - 1, 'run')}, as {swarm.swarm} has them"
    )
    key, share = more_repeated(plan, buckets)
    if share:
        note(
            f"a target over snapshot {plan.snapshot} has less to read and repeats up to {float(share):.2%} "
            f"more than the runs do ({key})"
        )
    return join(folder, PLAN)


def _share(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"--tolerance: {text!r} is no number: a share of 0 to 1") from None
    if not 0 <= value <= 1:
        raise ValueError(f"--tolerance: {text} is no share: 0 to 1")
    return value


def _print(made: Again) -> None:
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
    if any(row.prefix for arm in plan.arms.values() for row in arm.rows):
        title += "; what replaces is repeated with its part and counted once"
    show_table(title, columns, rows)
