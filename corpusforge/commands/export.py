"""`corpusforge export`: a snapshot or a plan for the readers of other trainers."""

from __future__ import annotations

from corpusforge.commands.console import note
from corpusforge.commands.errors import usage_error
from corpusforge.export import FORMATS, PLAN_FORMATS, export_plan, export_snapshot
from corpusforge.files import exists, read_bytes
from corpusforge.mixture.planfile import plan_from_bytes


def export(
    corpus: str, format_name: str, output: str, plan: str | None, arm: str, snapshot: str | None
) -> None:
    """Write a snapshot, or one arm of a plan, in another format; usage errors are one line."""
    known = FORMATS if plan is None else PLAN_FORMATS
    if format_name not in known:
        what = "formats are" if plan is None else "the order of a plan can be written as"
        raise usage_error(f"format {format_name!r}: {what} {', '.join(sorted(known))}")
    if plan is not None and snapshot is not None:
        raise usage_error("a plan names its snapshot: give --plan or --snapshot")
    if plan is not None and not exists(plan):
        raise usage_error(f"{plan}: no such plan")
    try:
        if plan is None:
            export_snapshot(corpus, format_name, output, snapshot)
        else:
            export_plan(corpus, format_name, output, plan_from_bytes(read_bytes(plan), plan), arm)
    except ValueError as error:
        raise usage_error(str(error)) from None
    note(f"wrote {output}")
