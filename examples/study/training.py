"""Models of a study: each an arm and a seed, trained on every sample of its plan once, then measured.

    python training.py FOLDER ARM:SEED [ARM:SEED …]

Reads FOLDER/inputs.json and inputs.npz, and publishes FOLDER/runs/ARM-SEED.json whole. Killed, it goes
on from the trainer's checkpoint, and ends with the same bytes.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torch.utils.data import DataLoader

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "moe_trainer"))
from model import ModelConfig, MoeModel
from reading import Reading, Vocabulary
from train import Run, TrainConfig

from corpusforge.mixture.planfile import Arm
from corpusforge.reader.torch import PlanStream

_LOSSES_SHOWN = 20
_ROWS = 32


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What all runs of a study share."""

    digest: str
    corpus: str
    plan: str
    model: dict[str, Any]
    train: dict[str, Any]
    vocabulary: Vocabulary
    readings: dict[str, list[Reading]]
    """By what they are: `held_out` and `items`."""


def save_inputs(folder: Path, inputs: Inputs) -> None:
    """Write what runs read; the JSON last."""
    arrays: dict[str, NDArray[Any]] = {"number": inputs.vocabulary.number}
    described: dict[str, list[dict[str, Any]]] = {}
    for group, readings in inputs.readings.items():
        described[group] = []
        for place, reading in enumerate(readings):
            for name in ("tokens", "positions", "asked"):
                arrays[f"{group}.{place}.{name}"] = getattr(reading, name)
            described[group].append(
                {"name": reading.name, "n_chars": reading.n_chars, "n_texts": reading.n_texts}
            )
    with (folder / "inputs.npz").open("wb") as stream:
        np.savez(stream, **arrays)
    vocabulary = {"rare": inputs.vocabulary.rare, "rare_bits": inputs.vocabulary.rare_bits}
    value = {**asdict(inputs), "vocabulary": vocabulary, "readings": described}
    publish(folder / "inputs.json", value)


def load_inputs(folder: Path) -> Inputs:
    """Return what `save_inputs` wrote."""
    value = json.loads((folder / "inputs.json").read_text())
    with np.load(folder / "inputs.npz") as arrays:
        readings = {
            group: [
                Reading(
                    **entry,
                    **{name: arrays[f"{group}.{place}.{name}"] for name in ("tokens", "positions", "asked")},
                )
                for place, entry in enumerate(entries)
            ]
            for group, entries in value["readings"].items()
        }
        vocabulary = Vocabulary(number=arrays["number"], **value["vocabulary"])
    return Inputs(**{**value, "vocabulary": vocabulary, "readings": readings})


def publish(path: Path, value: object) -> None:
    """Write JSON whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(value, sort_keys=True) + "\n")
    os.replace(beside, path)


def result_path(folder: Path, arm: str, seed: int) -> Path:
    """Return where the result of a run is published."""
    return folder / "runs" / f"{arm}-{seed}.json"


def train_and_measure(folder: Path, inputs: Inputs, arm: str, seed: int) -> dict[str, Any]:
    """Return the result of one run."""
    torch.set_num_threads(inputs.train["threads"])
    run, planned = _run(inputs, arm, seed, folder / "checkpoints" / f"{arm}-{seed}")
    _train(run, inputs.vocabulary)
    read = _tokens_read(run)
    if read != planned:
        raise SystemExit(f"{arm}, seed {seed}: the model read {read}, the plan says {planned}")
    losses = np.array([entry["loss"] for entry in run.log])
    return {
        "digest": inputs.digest, "arm": arm, "seed": seed, "tokens": read,
        "losses": [round(float(part.mean()), 4) for part in np.array_split(losses, min(_LOSSES_SHOWN, len(losses)))],
        "parameters": sum(value.numel() for value in run.model.parameters()),
        **{
            group: {reading.name: measure(run.model, reading, inputs) for reading in readings}
            for group, readings in inputs.readings.items()
        },
    }  # fmt: skip


def _run(inputs: Inputs, arm: str, seed: int, output: Path) -> tuple[Run, dict[str, int]]:
    """Return the trainer at its last checkpoint, and the tokens that its arm has by domain."""
    settings = {name: value for name, value in inputs.train.items() if name not in ("seeds", "threads")}
    stream = PlanStream(inputs.corpus, inputs.plan, arm, batch_size=inputs.train["batch"])
    steps = len(stream.reader) // inputs.train["batch"]
    model = ModelConfig(
        **{**inputs.model, "vocabulary": inputs.vocabulary.size},
        sequence_length=stream.reader.plan.sequence_length,
    )
    output.mkdir(parents=True, exist_ok=True)
    run = Run(stream, model, TrainConfig(**settings, seed=seed, steps=steps), output)
    run.load()
    return run, _tokens_planned(stream.reader.arm)


def _tokens_planned(arm: Arm) -> dict[str, int]:
    planned: Counter[str] = Counter()
    for row in arm.rows:
        planned[row.domain] += row.tokens
    return {domain: planned[domain] for domain in sorted(planned) if planned[domain]}


def _train(run: Run, vocabulary: Vocabulary) -> None:
    number = torch.from_numpy(vocabulary.number)
    config = run.config
    for item in DataLoader(run.stream, batch_size=config.batch, drop_last=True):
        run.step({**item, "tokens": number[item["tokens"]]})
        if len(run.log) % config.checkpoint_steps == 0 and len(run.log) < config.steps:
            run.save()
    run.save()


def _tokens_read(run: Run) -> dict[str, int]:
    """Return the tokens by domain that went through the model: what its first router counted."""
    counts = run.routing[0].sum(-1) // run.model.layers[0].experts.top_k
    return {name: int(count) for name, count in sorted(zip(run.domains, counts, strict=True)) if count}


@torch.no_grad()
def measure(model: MoeModel, reading: Reading, inputs: Inputs) -> dict[str, Any]:
    """Return bits, right guesses and experts of the tokens of a reading that count."""
    device = next(model.parameters()).device
    vocabulary, bits, n_right, n_rare = inputs.vocabulary, [], 0, 0
    experts = np.zeros((inputs.model["n_layers"], inputs.model["n_experts"]), np.int64)
    for first in range(0, len(reading.tokens), _ROWS):
        tokens, positions, asked = (
            torch.from_numpy(part[first : first + _ROWS]).to(device)
            for part in (reading.tokens, reading.positions, reading.asked)
        )
        found = model.encode(tokens, positions)
        asked &= found.learned.bool()
        logits = (found.hidden[:, :-1][asked] @ model.embedding.weight.T).float()
        following = tokens[:, 1:][asked]
        nats = F.cross_entropy(logits, following, reduction="none").double()
        bits += [float(value) / math.log(2) for value in nats.cpu()]
        n_right += int(((logits.argmax(-1) == following) & (following != vocabulary.rare)).sum())
        n_rare += int((following == vocabulary.rare).sum())
        for layer, chosen in enumerate(found.chosen):
            used = chosen[:, :-1][asked].flatten().cpu()
            experts[layer] += np.bincount(used.numpy(), minlength=experts.shape[1])
    return {
        "bits": math.fsum(bits) + n_rare * vocabulary.rare_bits,
        "n_chars": reading.n_chars, "n_tokens": len(bits), "n_right": n_right, "n_rare": n_rare,
        "n_texts": reading.n_texts, "experts": experts.tolist(),
    }  # fmt: skip


def train_all(folder: Path, runs: Iterable[tuple[str, int]]) -> None:
    """Train, measure and publish runs, one after the other."""
    inputs = load_inputs(folder)
    (folder / "runs").mkdir(exist_ok=True)
    for arm, seed in runs:
        began = time.monotonic()
        publish(result_path(folder, arm, seed), train_and_measure(folder, inputs, arm, seed))
        shutil.rmtree(folder / "checkpoints" / f"{arm}-{seed}", ignore_errors=True)
        print(f"{arm}, seed {seed}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def main() -> None:
    named = [name.rpartition(":") for name in sys.argv[2:]]
    train_all(Path(sys.argv[1]), [(arm, int(seed)) for arm, _, seed in named])


if __name__ == "__main__":
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    main()
