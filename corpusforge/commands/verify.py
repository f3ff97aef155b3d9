"""`corpusforge verify`: what a snapshot, and the plans over it, say of themselves against the bytes."""

from __future__ import annotations

from corpusforge.commands.console import count, show, size, status
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, join, list_files
from corpusforge.reader import open_plan
from corpusforge.reader.snapshot import load_plan
from corpusforge.shards.format import CURRENT
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.verify import verify_snapshot


def verify(corpus: str, sample: int | None, snapshot: str | None) -> None:
    """Print what is wrong with a snapshot or a plan; raise `CommandError` where anything is."""
    if snapshot is None and not exists(join(corpus, CURRENT)):
        raise usage_error(f"{corpus}: no corpus here: no file CURRENT names a snapshot; build one first")
    plans = plans_of(corpus)
    with status(f"reading the shards of {corpus}"):
        problems = [str(problem) for problem in verify_snapshot(corpus, sample, snapshot)]
        problems += [problem for plan in plans if (problem := plan_problem(corpus, plan))]
    for problem in problems:
        show(problem)
    if problems:
        what = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        raise CommandError(f"{corpus}: {what}; restore the files named above, or remove them and build again")
    index = read_index(corpus, snapshot)
    totals = index.header["totals"]
    n_shards = len(index.rows)
    n_checked = n_shards if sample is None else min(sample, n_shards)
    checked_plans = f", {len(plans):,} plan{'s' * (len(plans) > 1)}" if plans else ""
    show(
        f"{corpus}: snapshot {index.snapshot} is sound: {count(n_checked)} of {count(n_shards)} shards "
        f"checked{checked_plans}, {count(totals['n_docs'])} documents, {count(totals['n_tokens'])} tokens, "
        f"{size(totals['bytes'])} of payload in all"
    )


def plans_of(corpus: str) -> list[str]:
    """Return the paths of a corpus's plans, relative to it."""
    found = (path[len(corpus.rstrip("/")) + 1 :] for path in list_files(join(corpus, "plans")))
    return [path for path in found if path.endswith(".json") and path.count("/") == 1]


def plan_problem(corpus: str, plan: str) -> str | None:
    """Return why a trainer could not read a plan, every arm and table of it; None where one can.

    What the trainer's reader does is what decides, so that both agree.
    """
    try:
        loaded = load_plan(path_inside(corpus, plan))
        for arm in loaded.arms:
            open_plan(corpus, loaded, arm).check_tables()
    except ValueError as error:  # a `ReaderError`, or a link that leaves the corpus
        return str(error)
    return None
