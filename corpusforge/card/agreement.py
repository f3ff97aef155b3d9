"""The section that holds simple rules against the labels of this corpus, on the same documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from corpusforge.card.baselines import (
    CODE,
    CODE_NL,
    NEITHER,
    SPLIT_LABELS,
    STEP_WORDS,
    STEP_WORDS_PER_1000,
    is_scaffold_by_rule,
    split_by_rule,
)
from corpusforge.card.pieces import section
from corpusforge.card.sample import Sample
from corpusforge.document import DropReason
from corpusforge.markdown import code, count, share, table
from corpusforge.report.rejects import read_drops, sampled_parts
from corpusforge.shards.snapshot import Index

RULE_CHARS = 4_000
"""Of a document that the rules read: they are no slower than they are clever."""
DROPS = 500
"""Drops of the code step that are looked at, by their excerpt."""
_DROPPED_BY_SPLIT = frozenset(
    reason.value
    for reason in (
        DropReason.DATA, DropReason.CONFIG, DropReason.LOCK_FILE, DropReason.GENERATED, DropReason.MINIFIED,
        DropReason.VENDORED, DropReason.LICENCE_TEXT, DropReason.MARKUP, DropReason.LOG, DropReason.SQL_DUMP,
        DropReason.MERGE_CONFLICT, DropReason.CORRUPTED, DropReason.BUILD_FILE, DropReason.LOW_VALUE_CODE,
    )
)  # fmt: skip


def agreement(corpus: str, index: Index, sample: Sample) -> str:
    """Return how often the labels of sampled documents are those of rules that anyone could write."""
    pairs: Counter[tuple[str, str]] = Counter()
    for stratum in sample.strata.values():
        label = stratum.key if stratum.key in (CODE, CODE_NL) else NEITHER
        for row, text in zip(stratum.rows, stratum.texts, strict=True):
            pairs[label, split_by_rule(text[:RULE_CHARS], row["path"])] += 1
    n_drops = 0
    for path, excerpt in _dropped(corpus, index):
        pairs[NEITHER, split_by_rule(excerpt, path)] += 1
        n_drops += 1
    parts = [
        "Agreement is no accuracy: where the two differ, either may be wrong. The sample takes as many "
        "documents of a small subset as of a large one; the rules read "
        f"{count(RULE_CHARS)} characters of each.\n",
        "**The split**, against a rule of endings, fences and the shape of lines; `neither` are documents of "
        f"the other domains and {count(n_drops)} files that the split dropped, by their excerpts:\n",
        _matrix(pairs, SPLIT_LABELS),
    ]
    scaffolds: Counter[tuple[str, str]] = Counter()
    for subset in ("scaffold", "generic"):
        if stratum := sample.strata.get(f"math/{subset}"):
            called = Counter(
                "scaffold" if is_scaffold_by_rule(text[:RULE_CHARS]) else "generic" for text in stratum.texts
            )
            scaffolds.update({(subset, name): n for name, n in called.items()})
    if scaffolds:
        parts += [
            f"**Scaffolds**, against a rule: from {STEP_WORDS_PER_1000:g} step words in 1,000 words on. "
            f"Step words: {', '.join(STEP_WORDS)}.\n",
            _matrix(scaffolds, ("scaffold", "generic")),
        ]
    files = "`shards/*/*/*.text.parquet`, `rejects/*.rejects.parquet`"
    origin = f"the sample: {files}; rules: `corpusforge/card/baselines.py`"
    return section("Against simpler rules, on this corpus", "\n".join(parts), origin)


def _dropped(corpus: str, index: Index) -> list[tuple[str, str]]:
    """Return (path, excerpt) of files that the split dropped."""
    parts = sampled_parts(corpus, index.header)
    found: list[tuple[str, str]] = []
    for batch in read_drops(corpus, index.header, parts, ["reason", "locator", "excerpt"]):
        for row in batch.to_pylist():
            if row["reason"] in _DROPPED_BY_SPLIT and row["excerpt"] and len(found) < DROPS:
                found.append((PurePosixPath(row["locator"].rpartition(":")[2]).name, row["excerpt"]))
    return found


def _matrix(pairs: Mapping[tuple[str, str], int], labels: Sequence[str]) -> str:
    rows = [
        [
            code(label),
            *(count(pairs.get((label, called), 0)) for called in labels),
            share(pairs.get((label, label), 0), sum(pairs.get((label, called), 0) for called in labels)),
        ]
        for label in labels
    ]
    n, agree = sum(pairs.values()), sum(pairs.get((one, one), 0) for one in labels)
    note = f"\nThe same for {share(agree, n)} of {count(n)}, Cohen's kappa {_kappa(pairs, labels):.2f}.\n"
    return table(["label", *(f"rule: {one}" for one in labels), "the same"], rows) + note


def _kappa(pairs: Mapping[tuple[str, str], int], labels: Sequence[str]) -> float:
    """Return Cohen's kappa: agreement beyond that of chance; 1 where chance alone would agree always."""
    n = max(1, sum(pairs.values()))
    agree = sum(pairs.get((one, one), 0) for one in labels)
    chance = sum(
        sum(pairs.get((one, other), 0) for other in labels)
        * sum(pairs.get((other, one), 0) for other in labels)
        for one in labels
    )
    return (n * agree - chance) / (n * n - chance) if n * n != chance else 1.0
