"""`corpusforge verify`: what a snapshot says of itself against its bytes."""

from __future__ import annotations

from corpusforge.commands.console import count, escape, show, size, stderr
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, join
from corpusforge.shards.format import CURRENT
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.verify import verify_snapshot


def verify(corpus: str, sample: int | None, snapshot: str | None) -> None:
    """Print what is wrong with a snapshot; raise `CommandError` where anything is."""
    if snapshot is None and not exists(join(corpus, CURRENT)):
        raise usage_error(f"{corpus}: no corpus here: no file CURRENT names a snapshot; build one first")
    with stderr().status(f"reading the shards of {escape(corpus)}"):
        problems = verify_snapshot(corpus, sample, snapshot)
    for problem in problems:
        show(str(problem))
    if problems:
        what = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        raise CommandError(f"{corpus}: {what}; restore the files named above, or remove them and build again")
    index = read_index(corpus, snapshot)
    totals = index.header["totals"]
    n_shards = len(index.rows)
    n_checked = n_shards if sample is None else min(sample, n_shards)
    show(
        f"{corpus}: snapshot {index.snapshot} is sound: {count(n_checked)} of {count(n_shards)} shards "
        f"checked, {count(totals['n_docs'])} documents, {count(totals['n_tokens'])} tokens, "
        f"{size(totals['bytes'])} of payload in all"
    )
