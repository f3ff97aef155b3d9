"""The study's arms as one recipe, and what is checked of its plan before anything is trained."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
from held_out import SIGNAL
from settings import KEYS, Mixture

from corpusforge.api.corpus import Corpus
from corpusforge.domains import supply_key
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.planfile import Arm, Plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.format import shard_path

SUPPLY = "rest"
"""Of a key, the documents that arms may read: those that are not held out."""
TITLES = {
    "full": "the whole mixture",
    "without_code": "Code out, its tokens to all others in proportion",
    "without_math": "mathematics out, its tokens to all others in proportion",
    "without_code_nl": "Code-NL out, its tokens to all others in proportion",
    "code_to_non_math": "Code out, its tokens to all others but mathematics",
    "scaffold_swap": "part of generic mathematics replaced by scaffolds",
    "matched_swap": "the same, with scaffolds of like length and source",
}
"""The arms, in the order of the page."""


def recipe_text(mixture: Mixture, present: list[str]) -> str:
    """Return the recipe in TOML: weights over what the corpus has, held-out documents in none of them."""
    swapped = int(Decimal(mixture.swap_share) * mixture.budget_tokens)
    weights = {key: mixture.weights[key] for key in KEYS if key in present and key in mixture.weights}
    lines = [
        'name = "study"',
        f"budget_tokens = {mixture.budget_tokens}",
        f"sequence_length = {mixture.sequence_length}",
        f"max_epochs = {mixture.max_epochs}",
        "",
        "[weights]",
        *(f'"{key}#{SUPPLY}" = {weight}' for key, weight in weights.items()),
        "",
        *(f'[selections."{key}#held_out"]\nat_least = {{ {SIGNAL} = 1 }}' for key in weights),
    ]
    swap = f'from = "math/generic#{SUPPLY}", to = "math/scaffold#{SUPPLY}", tokens = {swapped}'
    matched = f'{swap}, match = ["length", "source"], tolerance = {mixture.tolerance}'
    others = [f'"{key}#{SUPPLY}"' for key in weights if key != "code" and not key.startswith("math")]
    arms = {
        "without_code": 'without = ["code"]',
        "without_math": 'without = ["math"]',
        "without_code_nl": 'without = ["code_nl"]',
        "code_to_non_math": f'without = ["code"]\nredistribute = [{", ".join(others)}]',
        "scaffold_swap": f"swap = {{ {swap} }}",
        "matched_swap": f"swap = {{ {matched} }}",
    }
    lines += [f"\n[arms.{name}]\n{text}" for name, text in arms.items()]
    return "\n".join(lines) + "\n"


def plan_arms(corpus: Corpus, mixture: Mixture, folder: Path) -> tuple[Plan, Path]:
    """Return the plan of the study's arms and its file. SystemExit says which figure is impossible."""
    present = [key for key in KEYS if f"{key}/all" in corpus.n_tokens or key in corpus.n_tokens]
    if lacking := [key for key in mixture.weights if key not in present]:
        raise SystemExit(f"{corpus.path}: no documents of {', '.join(lacking)}: every arm is about them")
    text = recipe_text(mixture, present)
    (folder / "recipe.toml").write_text(text)
    try:
        plan = make_plan(corpus.path, parse_recipe(text, str(folder / "recipe.toml")), corpus.snapshot)
    except ValueError as error:
        raise SystemExit(
            f"{error}; more documents, or a smaller [mixture] in the settings, make it fit"
        ) from None
    return plan, Path(write_plan(corpus.path, plan))


def planned_tokens(arm: Arm) -> dict[str, int]:
    """Return the tokens of an arm by key, as its plan says."""
    planned: Counter[str] = Counter()
    for row in arm.rows:  # a key has several rows where an arm reads several selections of it
        planned[supply_key(row.domain, row.subset)] += row.tokens
    return {key: tokens for key, tokens in planned.items() if tokens}


def check_arm(corpus: Corpus, plan: Plan, arm: str) -> Counter[int]:
    """Return how often each token stands in an arm, once all its samples are read and found right.

    SystemExit where the tokens read are not those of the plan, or a sample holds a held-out document.
    """
    reader = open_plan(corpus.path, plan, arm)
    held_out = _held_out_rows(corpus)
    read: Counter[str] = Counter()
    frequency: Counter[int] = Counter()
    for number in range(len(reader)):
        sample = reader.sample(number, documents=True)
        read[supply_key(*reader.subsets[sample.subset])] += sample.n_tokens
        frequency.update(sample.tokens[: sample.n_tokens].tolist())
        for span in sample.documents or ():
            if span.row in held_out[span.docs_path]:
                raise SystemExit(f"arm {arm}, sample {number}: {span.docs_path}, row {span.row} is held out")
    planned = planned_tokens(plan.arms[arm])
    if dict(read) != planned:
        raise SystemExit(f"arm {arm}: read {dict(read)}, the plan says {planned}")
    return frequency


def _held_out_rows(corpus: Corpus) -> dict[str, set[int]]:
    """Return the rows of held-out documents by docs table."""
    rows: dict[str, set[int]] = {}
    for shard in corpus.index.rows:
        path = shard_path(shard.domain, shard.subset, shard.id, "docs")
        table = pq.read_table(f"{corpus.path}/{path}", columns=["signals"])
        signals = table["signals"].to_pylist()
        rows[path] = {row for row, values in enumerate(signals) if dict(values).get(SIGNAL) == 1}
    return rows
