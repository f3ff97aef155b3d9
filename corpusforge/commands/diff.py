"""`corpusforge diff`: what two arms read differently, or what was replaced; or what two snapshots hold."""

from __future__ import annotations

import re
from dataclasses import asdict

from corpusforge.commands.console import count, show, show_json, show_table
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.commands.plans import named_arm
from corpusforge.domains import supply_key
from corpusforge.mixture.difference import Difference, are_translated, compare
from corpusforge.mixture.planfile import Plan
from corpusforge.mixture.unmoved import compare_over
from corpusforge.shards.between import compare_snapshots
from corpusforge.shards.snapshot import read_index

_SNAPSHOT = re.compile(r"[0-9a-f]{32}")


def diff(corpus: str, first: str, second: str, as_json: bool) -> None:
    """Print documents and tokens, by subset, of two arms (`PLAN.json`, `PLAN.json:ARM`) or snapshots."""
    if all(_SNAPSHOT.fullmatch(name) for name in (first, second)):
        _diff_snapshots(corpus, first, second, as_json)
        return
    try:
        arms = named_arm(first), named_arm(second)
        if _is_made_again(corpus, *(plan for plan, _ in arms)):
            _diff_over(corpus, first, second, as_json)
            return
        found = compare(corpus, *arms)
        translated = are_translated(*(read_index(corpus, plan.snapshot) for plan, _ in arms))
    except ValueError as error:
        raise usage_error(str(error)) from None
    if as_json:
        show_json([asdict(entry) for entry in found], sort_keys=True)
    else:
        _print(first, second, found)
        if translated:
            show("", "B is of another tokenizer. Of both: tokens of A's tokenizer.")


def _diff_snapshots(corpus: str, first: str, second: str, as_json: bool) -> None:
    try:
        found = compare_snapshots(corpus, first, second)
    except ValueError as error:
        raise usage_error(str(error)) from None
    if as_json:
        show_json([asdict(entry) for entry in found], sort_keys=True)
        return
    figures = [
        (
            *entry.docs,
            entry.shared_docs,
            entry.changed_docs,
            *entry.tokens,
            *entry.shards,
            entry.shared_shards,
        )
        for entry in found
    ]
    rows = [
        [supply_key(entry.domain, entry.subset), *map(count, row)]
        for entry, row in zip(found, figures, strict=True)
    ]
    sums = [count(sum(column)) for column in zip(*figures, strict=True)]
    columns = [
        "domain",
        "documents of A",
        "of B",
        "of both",
        "other text",
        "tokens of A",
        "of B",
        "shards of A",
        "of B",
        "same",
    ]
    show_table([f"A = {first}", f"B = {second}"], columns, rows, total=["all", *sums])
    n_changed = sum(entry.changed_docs for entry in found)
    texts = f"{count(n_changed)} of them with another text" if n_changed else "the same texts"
    show("", f"Documents of both stand in the same order in both: {texts}.")


def _is_made_again(corpus: str, one: Plan, other: Plan) -> bool:
    """Return whether two plans are over two snapshots of the same tokens."""
    if one.snapshot == other.snapshot:
        return False
    return not are_translated(*(read_index(corpus, plan.snapshot) for plan in (one, other)))


def _diff_over(corpus: str, first: str, second: str, as_json: bool) -> None:
    """Print what an arm made again over another snapshot reads otherwise; raise where anything moved."""
    found = compare_over(corpus, named_arm(first), named_arm(second))
    figures = [
        (
            entry.gone_docs,
            entry.samples,
            entry.same_samples,
            entry.tokens,
            entry.same_tokens,
            entry.replaced_tokens,
            entry.like_tokens,
            entry.moved_tokens,
        )
        for entry in found
    ]
    sums = [sum(column) for column in zip(*figures, strict=True)]
    if as_json:
        show_json([asdict(entry) for entry in found], sort_keys=True)
    else:
        rows = [
            [supply_key(entry.domain, entry.subset), *map(count, row)]
            for entry, row in zip(found, figures, strict=True)
        ]
        columns = [
            "domain",
            "documents gone",
            "samples",
            "the same",
            "tokens",
            "the same",
            "replaced",
            "by their like",
            "moved",
        ]
        show_table([f"A = {first}", f"B = {second}"], columns, rows, total=["all", *map(count, sums)])
    if moved := sums[-1] if sums else 0:
        raise CommandError(
            f"{count(moved)} tokens moved that nothing was lost for: {second} was not made again from {first}"
        )
    if not as_json:
        show("", "Nothing else moved: every other token stands at the same place of the same sample.")


def _print(first: str, second: str, found: list[Difference]) -> None:
    columns = ["domain", "tokens of A", "tokens of B", "of both", "documents of A", "of B", "of both"]
    rows = [
        [
            supply_key(entry.domain, entry.subset),
            *(count(value) for value in (*entry.tokens, entry.shared_tokens, *entry.docs, entry.shared_docs)),
        ]
        for entry in found
    ]
    sums = [
        sum(values)
        for values in zip(
            *((*entry.tokens, entry.shared_tokens, *entry.docs, entry.shared_docs) for entry in found),
            strict=True,
        )
    ]
    title = [f"A = {first}", f"B = {second}"]
    show_table(title, columns, rows, total=["all", *map(count, sums)])
