"""`corpusforge verify`: what a corpus, and the plans over it, say of themselves against the bytes."""

from __future__ import annotations

from corpusforge.commands.console import count, show, size, status
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, join, list_files
from corpusforge.mixture.swarmfiles import is_plan
from corpusforge.parts.verify import Verdict, verify_corpus
from corpusforge.reader.samples import open_arms
from corpusforge.reader.snapshot import load_plan
from corpusforge.shards.format import CURRENT, index_path
from corpusforge.shards.indexfile import check_snapshot_id
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import read_index, why_no_snapshot

_SHOWN = 5


def verify(corpus: str, sample: int | None, snapshot: str | None, *, shards_only: bool = False) -> None:
    """Print what is wrong with a corpus or an unfinished build; raise `CommandError` where anything is."""
    if snapshot is not None:
        try:
            check_snapshot_id(snapshot, "--snapshot")
        except ValueError as error:
            raise usage_error(str(error)) from None
        _check_there(corpus, snapshot)
    has_snapshot = snapshot is not None or exists(join(corpus, CURRENT))
    with status(f"reading the files of {corpus}"):
        verdict = verify_corpus(corpus, sample, snapshot, shards_only=shards_only)
        told = {problem.path for problem in verdict.problems}
        plans = [] if shards_only else [plan for plan in plans_of(corpus) if plan not in told]
        of_plans = [problem for plan in plans if (problem := plan_problem(corpus, plan))]
    if not has_snapshot and (shards_only or not verdict.n_files):
        raise usage_error(f"{corpus}: {why_no_snapshot(corpus)}")
    problems = [*map(str, verdict.problems), *of_plans]
    for problem in problems:
        show(problem)
    if problems:
        what = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        way_out = f"; {verdict.way_out}" if verdict.way_out else ""
        raise CommandError(f"{corpus}: {what}; restore the files named, or remove what is told{way_out}")
    if has_snapshot:
        _show_snapshot(corpus, sample, snapshot, len(plans))
    if not shards_only:
        _show_rest(corpus, verdict, is_finished=has_snapshot)


def _check_there(corpus: str, snapshot: str) -> None:
    """Raise `CommandError` for a snapshot that the corpus does not have, or no longer."""
    if not exists(join(corpus, index_path(snapshot))):
        try:
            read_index(corpus, snapshot)
        except ValueError as error:
            raise usage_error(str(error)) from None


def _show_snapshot(corpus: str, sample: int | None, snapshot: str | None, n_plans: int) -> None:
    index = read_index(corpus, snapshot)
    totals = index.header["totals"]
    n_shards = len(index.rows)
    n_checked = n_shards if sample is None else min(sample, n_shards)
    checked_plans = f", {n_plans:,} plan{'s' * (n_plans > 1)}" if n_plans else ""
    show(
        f"{corpus}: snapshot {index.snapshot} is sound: {count(n_checked)} of {count(n_shards)} shards "
        f"checked{checked_plans}, {count(totals['n_docs'])} documents, {count(totals['n_tokens'])} tokens, "
        f"{size(totals['bytes'])} of payload in all"
    )


def _show_rest(corpus: str, verdict: Verdict, *, is_finished: bool) -> None:
    beside = "beside it" if is_finished else "of a build that is not finished"
    show(f"{corpus}: {count(verdict.n_files)} files {beside} are sound (plans, parts, clusters, …)")
    if not is_finished:
        show(f"{corpus}: {why_no_snapshot(corpus)}")
    if verdict.not_known:
        names = ", ".join(verdict.not_known[:_SHOWN])
        n_files = count(len(verdict.not_known))
        show(f"{corpus}: not checked, for no build makes them: {n_files} files ({names})")


def plans_of(corpus: str) -> list[str]:
    """Return the paths of a corpus's plans, those of swarms among them, relative to it."""
    found = (path[len(corpus.rstrip("/")) + 1 :] for path in list_files(join(corpus, "plans")))
    return [path for path in found if is_plan(path)]


def plan_problem(corpus: str, plan: str) -> str | None:
    """Return why a trainer could not read a plan, every arm and table of it; None where one can.

    What the trainer's reader does is what decides, so that both agree.
    """
    try:
        loaded = load_plan(path_inside(corpus, plan))
        for reader in open_arms(corpus, loaded):
            reader.check_tables()
    except ValueError as error:  # a `ReaderError`, or a link that leaves the corpus
        return str(error)
    return None
