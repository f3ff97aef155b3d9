"""`corpusforge retokenize`, `reshard`: a snapshot's documents as other tokens, or in other shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from corpusforge.commands.console import count, show, show_table
from corpusforge.commands.errors import goes_on, usage_error
from corpusforge.commands.report import write_pages
from corpusforge.cost.amount import family_cpu_s, process_wall_s, spent
from corpusforge.domains import supply_key
from corpusforge.files.meter import traffic_here
from corpusforge.parts.totals import GOES_ON, BuildError
from corpusforge.printable import counted_as
from corpusforge.settings_faults import explain
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.snapshot import Index, read_index

if TYPE_CHECKING:
    from corpusforge_pipelines.rewrite import Task


@dataclass(frozen=True, kw_only=True)
class Running:
    """Where and how it runs."""

    runner: str
    workers: int
    beam_flags: Sequence[str]
    dry_run: bool


def retokenize(corpus: str, snapshot: str | None, settings: Mapping[str, Any], running: Running) -> None:
    """Commit a snapshot of the same documents as tokens of another tokenizer; print what it holds.

    `settings`: those of `ShardsConfig` that were given; the others stay as the snapshot has them.
    """
    from corpusforge_pipelines.loading import load_beam

    load_beam(running.runner, running.beam_flags)
    from corpusforge_pipelines.rewrite import Task

    index = _index(corpus, snapshot)
    kept = {key: index.header["config"]["shards"][key] for key in ("shard_tokens", "oracle_share")}
    try:
        shards = ShardsConfig(**kept | dict(settings))
    except ValidationError as error:
        raise usage_error("; ".join(explain(error, ShardsConfig))) from None
    task = Task(
        corpus=corpus,
        snapshot=index.snapshot,
        shards=shards,
        shard_tokens=settings.get("shard_tokens"),
        oracle_share=shards.oracle_share,
    )
    name = shards.tokenizer_json or shards.tokenizer
    _run(index, task, f"tokenise with {name}", running)


def reshard(corpus: str, snapshot: str | None, shard_tokens: int, running: Running) -> None:
    """Commit a snapshot of the same documents and tokens in shards of another size; print what it holds."""
    from corpusforge_pipelines.loading import load_beam

    load_beam(running.runner, running.beam_flags)
    from corpusforge_pipelines.rewrite import Task

    index = _index(corpus, snapshot)
    task = Task(corpus=corpus, snapshot=index.snapshot, shards=None, shard_tokens=shard_tokens)
    _run(index, task, "copy the tokens", running)


def _index(corpus: str, snapshot: str | None) -> Index:
    try:
        return read_index(corpus, snapshot)
    except ValueError as error:  # no corpus, no such snapshot, or an index that was changed
        raise usage_error(str(error)) from None


def _run(index: Index, task: Task, what: str, running: Running) -> None:
    totals = index.header["totals"]
    if running.dry_run:
        shards = "as many shards"
        if task.shard_tokens is not None:
            shards = f"shards of about {count(task.shard_tokens)} tokens"
        show(
            f"{task.corpus}: would read {counted_as(totals['n_docs'], 'document')} of "
            f"{counted_as(totals['n_shards'], 'shard')} of snapshot {index.snapshot}, {what}, and write "
            f"{shards}; nothing was written"
        )
        return
    from corpusforge.commands.progress import BuildProgress
    from corpusforge_pipelines.rewrite import rewrite

    started = spent(family_cpu_s(), process_wall_s(), traffic_here())
    try:
        with BuildProgress() as progress:
            snapshot = rewrite(
                task,
                runner=running.runner,
                workers=running.workers,
                beam_flags=running.beam_flags,
                observer=progress,
                started=started,
            )
    except BuildError as error:
        raise goes_on(str(error).removesuffix(GOES_ON)) from error
    _show(index, read_index(task.corpus, snapshot))
    report, card = write_pages(task.corpus, snapshot)
    show(
        "",
        f"Snapshot {snapshot} in {task.corpus}; its parent {index.snapshot} stays, and plans over it",
        f"Report   {report}",
        f"Card     {card}",
        "",
        f"Next:  corpusforge diff {task.corpus} {index.snapshot} {snapshot}",
    )


def _show(before: Index, after: Index) -> None:
    """Print documents, tokens and shards by (domain, subset), before and after."""
    tables = [index.header["totals"] for index in (before, after)]
    rows = [
        _figures(supply_key(*name.split("/")), *(table["subsets"][name] for table in tables))
        for name in tables[0]["subsets"]
    ]
    columns = ["domain", "documents", "tokens before", "tokens", "ratio", "shards before", "shards"]
    show_table("The same documents", columns, rows, total=_figures("all", *tables))


def _figures(name: str, before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    ratio = after["n_tokens"] / before["n_tokens"] if before["n_tokens"] else 1.0
    return [
        name,
        count(after["n_docs"]),
        count(before["n_tokens"]),
        count(after["n_tokens"]),
        f"{ratio:.4f}",
        count(before["n_shards"]),
        count(after["n_shards"]),
    ]
