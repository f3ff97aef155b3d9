"""`corpusforge verify`: what a corpus says of itself against its bytes."""

from __future__ import annotations

from corpusforge.commands.console import count, escape, show, size, stderr
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, join
from corpusforge.parts.verify import Verdict, verify_corpus
from corpusforge.shards.format import CURRENT
from corpusforge.shards.snapshot import read_index

_SHOWN = 5


def verify(corpus: str, sample: int | None, snapshot: str | None, *, shards_only: bool = False) -> None:
    """Print what is wrong with a corpus or an unfinished build; raise `CommandError` where anything is."""
    has_snapshot = snapshot is not None or exists(join(corpus, CURRENT))
    with stderr().status(f"reading the files of {escape(corpus)}"):
        verdict = verify_corpus(corpus, sample, snapshot, shards_only=shards_only)
    if not has_snapshot and (shards_only or not verdict.n_files):
        raise usage_error(f"{corpus}: no corpus here: no file CURRENT names a snapshot; build one first")
    problems = verdict.problems
    for problem in problems:
        show(str(problem))
    if problems:
        what = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        way_out = f"; {verdict.way_out}" if verdict.way_out else ""
        raise CommandError(f"{corpus}: {what}; restore the files named, or remove what is told{way_out}")
    if has_snapshot:
        _show_snapshot(corpus, sample, snapshot)
    if not shards_only:
        _show_rest(corpus, verdict, is_finished=has_snapshot)


def _show_snapshot(corpus: str, sample: int | None, snapshot: str | None) -> None:
    index = read_index(corpus, snapshot)
    totals = index.header["totals"]
    n_shards = len(index.rows)
    n_checked = n_shards if sample is None else min(sample, n_shards)
    show(
        f"{corpus}: snapshot {index.snapshot} is sound: {count(n_checked)} of {count(n_shards)} shards "
        f"checked, {count(totals['n_docs'])} documents, {count(totals['n_tokens'])} tokens, "
        f"{size(totals['bytes'])} of payload in all"
    )


def _show_rest(corpus: str, verdict: Verdict, *, is_finished: bool) -> None:
    beside = "beside it" if is_finished else "of a build that is not finished"
    show(f"{corpus}: {count(verdict.n_files)} files {beside} are sound (plans, parts, clusters, …)")
    if verdict.not_known:
        names = ", ".join(verdict.not_known[:_SHOWN])
        n_files = count(len(verdict.not_known))
        show(f"{corpus}: not checked, for no build makes them: {n_files} files ({names})")
