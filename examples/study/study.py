"""The study in miniature, from dumps to one page: `python study.py --output FOLDER [--settings TOML]`.

Makes dumps (or takes yours), builds a corpus with held-out documents marked, plans seven arms, trains the
mixture-of-experts trainer on each with several seeds, and writes FOLDER/study.html and study.json.
Killed and run again, it goes on: what is there and belongs to the same settings, corpus and plan stays.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from building import build
from dumps import made_dumps
from figures import summary
from items import made_items, unseen
from mixing import TITLES, check_arm, plan_arms, planned_tokens
from page import page
from reading import Vocabulary, held_out_readings, item_readings
from settings import Settings, load
from training import Inputs, publish, result_path, save_inputs

from corpusforge.api.corpus import Corpus
from corpusforge.files import write_bytes
from corpusforge.mixture.planfile import FULL, Plan
from corpusforge.shards.tokenizer_choice import open_tokenizer

HERE = Path(__file__).parent
Run = tuple[str, int]
"""An arm and a seed."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--settings", default="default", help="default, tiny, large, or a TOML file")
    parser.add_argument(
        "--dumps", type=Path, help="a folder with a sub-folder for each source, instead of made ones"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes: no figure depends on it"
    )
    options = parser.parse_args()
    named = HERE / f"{options.settings}.toml"
    settings = load(named if named.exists() else Path(options.settings))
    _check_device(settings)
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    dumps = options.dumps or made_dumps(settings, folder)
    corpus = build(settings, dumps, folder, options.workers)
    _tell(f"corpus of {len(corpus):,} documents, {sum(corpus.n_tokens.values()):,} tokens")
    plan, facts = prepare(settings, corpus, folder)
    runs = [(arm, seed) for arm in TITLES for seed in range(settings.train.seeds)]
    results = trained(runs, folder, facts["digest"], 1 if settings.train.device != "cpu" else options.workers)
    value = summary(results, planned={arm: planned_tokens(plan.arms[arm]) for arm in TITLES})
    value["facts"] = {**facts, "dumps": "given" if options.dumps else "made", "unmatched_tokens": {
        arm: plan.arms[arm].unmatched_tokens for arm in TITLES}}  # fmt: skip
    publish(folder / "study.json", value)
    write_bytes(str(folder / "study.html"), page(value).encode())
    print(folder / "study.html")


def _check_device(settings: Settings) -> None:
    import torch

    if settings.train.device.startswith("cuda") and not torch.cuda.is_available():
        raise SystemExit(f"settings {settings.name}: device {settings.train.device}: torch sees no GPU here")


def prepare(settings: Settings, corpus: Corpus, folder: Path) -> tuple[Plan, dict[str, Any]]:
    """Return the plan and what the page says of the study, once every arm is checked and inputs written."""
    plan, plan_file = plan_arms(corpus, settings.mixture, folder)
    frequencies = {arm: check_arm(corpus, plan, arm) for arm in TITLES}
    _tell(f"plan {plan.id}: {len(TITLES)} arms of {plan.tokens:,} tokens, checked sample by sample")
    tokenizer = open_tokenizer(corpus.path, corpus.index.header["tokenizer"])
    vocabulary = Vocabulary.of(frequencies[FULL], settings.model.vocabulary, tokenizer.max_id)
    made = made_items(settings.evaluation.items_per_kind, settings.corpus.seed)
    items, n_seen = unseen(made, (row["text"] for row in corpus.documents(columns=["text"])))
    length = plan.sequence_length
    readings = {
        "held_out": held_out_readings(corpus, tokenizer, vocabulary, settings.evaluation, length),
        "items": item_readings(items, tokenizer, vocabulary, length),
    }
    digest = settings.digest(plan.id, corpus.snapshot, *_sources())
    model = {name: value for name, value in vars(settings.model).items() if name != "vocabulary"}
    inputs = Inputs(
        digest=digest, corpus=corpus.path, plan=str(plan_file), model=model, train=vars(settings.train),
        vocabulary=vocabulary, readings=readings,
    )  # fmt: skip
    save_inputs(folder, inputs)
    facts = {
        "digest": digest, "settings": settings.name, "plan": plan.id, "snapshot": corpus.snapshot,
        "documents": len(corpus), "corpus_tokens": corpus.n_tokens, "budget_tokens": plan.tokens,
        "sequence_length": length, "vocabulary": vocabulary.size, "seeds": settings.train.seeds,
        "batch": settings.train.batch, "device": settings.train.device, "model": model,
        "held_out_share": settings.corpus.held_out_share, "titles": TITLES,
        "items_left_out": dict(sorted(n_seen.items())),
        "rare_share": _rare_share(frequencies[FULL], vocabulary),
    }  # fmt: skip
    return plan, facts


def _rare_share(frequency: Any, vocabulary: Vocabulary) -> float:
    rare = sum(count for token, count in frequency.items() if vocabulary.number[token] == vocabulary.rare)
    return rare / sum(frequency.values())


def _sources() -> list[str]:
    """Return the text of what trains and measures: results of other code are not taken for this one's."""
    names = [HERE / "training.py", HERE / "reading.py", HERE / "items.py"]
    return [path.read_text() for path in [*names, *sorted((HERE.parent / "moe_trainer").glob("*.py"))]]


def trained(runs: list[Run], folder: Path, digest: str, workers: int) -> list[dict[str, Any]]:
    """Return the results of runs in their order, each trained in a process of its own unless it was before."""
    _remove_others(folder, digest)
    todo = [run for run in runs if not result_path(folder, *run).exists()]
    _tell(f"{len(runs) - len(todo)} of {len(runs)} models are trained")
    _train(folder, [share for share in (todo[number::workers] for number in range(workers)) if share])
    return [json.loads(result_path(folder, *run).read_text()) for run in runs]


def _remove_others(folder: Path, digest: str) -> None:
    """Remove results and checkpoints of other settings, another corpus or plan."""
    mark = folder / "runs.digest"
    if not mark.exists() or mark.read_text() != digest:
        for name in ("runs", "checkpoints"):
            shutil.rmtree(folder / name, ignore_errors=True)
        mark.write_text(digest)


def _train(folder: Path, shares: list[list[Run]]) -> None:
    """Train runs in as many processes as there are shares; SystemExit once all ended and one had failed."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                str(HERE / "training.py"),
                str(folder),
                *(f"{arm}:{seed}" for arm, seed in share),
            ],
            env=environment,
        )
        for share in shares
    ]
    try:
        ends = [process.wait() for process in processes]
    finally:
        for process in processes:
            process.kill()
    if any(ends):
        raise SystemExit("a process that trains models failed: what it said stands above; run again to go on")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
