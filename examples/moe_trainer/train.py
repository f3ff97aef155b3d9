"""Train a small MoE model on one arm of a plan; log loss and expert activation per domain.

    python examples/moe_trainer/train.py CORPUS PLAN --arm full --output RUN [--config small.toml]

Writes RUN/log.jsonl (a line a step), RUN/routing.json (tokens by layer, domain and expert) and
RUN/checkpoint.pt. Run again with the same arguments it goes on from the checkpoint, and ends with
the bytes of a run that was never interrupted: the reader's part of the state is one integer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

sys.path.insert(0, str(Path(__file__).parent))
from model import ModelConfig, MoeModel

from corpusforge.reader.torch import PlanStream

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How to train."""

    batch: int = 8
    steps: int = 200
    learning_rate: float = 3e-3
    balance_weight: float = 0.01
    checkpoint_steps: int = 50
    seed: int = 0
    device: str = "cpu"


def load_config(path: Path) -> tuple[ModelConfig, TrainConfig]:
    """Return the configurations of a TOML file: [model] and [train]."""
    value = tomllib.loads(path.read_text())
    known = {"model": ModelConfig, "train": TrainConfig}
    for section, entries in value.items():
        unknown = set(entries) - {field.name for field in fields(known[section])}
        if unknown:
            raise SystemExit(f"{path}: [{section}]: unknown {', '.join(sorted(unknown))}")
    return ModelConfig(**value.get("model", {})), TrainConfig(**value.get("train", {}))


class Run:
    """A training run: what a checkpoint holds, and how to take a step."""

    def __init__(self, stream: PlanStream, model: ModelConfig, train: TrainConfig, output: Path) -> None:
        torch.manual_seed(train.seed)
        torch.use_deterministic_algorithms(True)
        self.config, self.output, self.stream = train, output, stream
        self.domains = stream.reader.domains
        self.model = MoeModel(model).to(train.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), train.learning_rate)
        self.routing = torch.zeros(model.n_layers, len(self.domains), model.n_experts, dtype=torch.int64)
        self.log: list[dict[str, Any]] = []

    @property
    def consumed(self) -> int:
        """Samples that were trained on: the reader's whole state."""
        return len(self.log) * self.config.batch

    def step(self, item: dict[str, Any]) -> None:
        """Train on a batch and log it."""
        tokens, positions = (item[name].to(self.config.device) for name in ("tokens", "positions"))
        result = self.model(tokens, positions)
        loss = result.loss.mean() + self.config.balance_weight * result.balance
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        domain = item["domain"]
        self._count(result.chosen.cpu(), domain)
        losses = result.loss.detach().cpu()
        by_domain = {
            self.domains[d]: round(losses[domain == d].mean().item(), 6) for d in domain.unique().tolist()
        }
        self.log.append({
            "step": len(self.log), "loss": round(losses.mean().item(), 6),
            "balance": round(result.balance.item(), 6), "loss_by_domain": by_domain,
        })  # fmt: skip

    def _count(self, chosen: Tensor, domain: Tensor) -> None:
        n_experts = self.routing.shape[-1]
        for layer, experts in enumerate(chosen):
            for sample, d in enumerate(domain.tolist()):
                self.routing[layer, d] += torch.bincount(experts[sample].flatten(), minlength=n_experts)

    def save(self) -> None:
        """Write the checkpoint whole or not at all, then log and routing."""
        state = {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "routing": self.routing, "log": self.log, "reader": self.stream.state_dict(self.consumed),
        }  # fmt: skip
        torch.save(state, self.output / ".checkpoint.pt")
        os.replace(self.output / ".checkpoint.pt", self.output / "checkpoint.pt")
        lines = [json.dumps(entry, sort_keys=True) + "\n" for entry in self.log]
        (self.output / "log.jsonl").write_text("".join(lines))
        routing = {
            "domains": self.domains,
            "arm": self.stream.reader.arm.name,
            "tokens": self.routing.tolist(),
        }
        (self.output / "routing.json").write_text(json.dumps(routing) + "\n")

    def load(self) -> None:
        """Go on from the checkpoint, where there is one."""
        path = self.output / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.routing, self.log = state["routing"], state["log"]
        self.stream.load_state_dict(state["reader"])
        print(f"going on from step {len(self.log)}, sample {self.consumed}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus")
    parser.add_argument("plan")
    parser.add_argument("--arm", default="full")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=HERE / "small.toml")
    parser.add_argument("--steps", type=int, help="Instead of the configuration's.")
    parser.add_argument("--device", help="Instead of the configuration's: cpu, cuda, cuda:1.")
    args = parser.parse_args()
    # What CUDA asks for before its first product, or it refuses to be deterministic.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    model, train = load_config(args.config)
    given = {"steps": args.steps, "device": args.device}
    train = replace(train, **{name: value for name, value in given.items() if value is not None})
    if train.device.startswith("cuda") and not torch.cuda.is_available():
        raise SystemExit(f"{args.config}: device {train.device}: torch sees no GPU here; try --device cpu")
    args.output.mkdir(parents=True, exist_ok=True)
    stream = PlanStream(args.corpus, args.plan, args.arm, batch_size=train.batch)
    model = replace(model, sequence_length=stream.reader.plan.sequence_length)
    run = Run(stream, model, train, args.output)
    run.load()
    for item in DataLoader(stream, batch_size=train.batch, drop_last=True):
        if len(run.log) >= train.steps:
            break
        run.step(item)
        last = run.log[-1]
        if last["step"] % 20 == 0:
            each = "  ".join(f"{name} {loss:.2f}" for name, loss in sorted(last["loss_by_domain"].items()))
            print(f"step {last['step']:5}  loss {last['loss']:.3f}  {each}", file=sys.stderr)
        if len(run.log) % train.checkpoint_steps == 0:
            run.save()
    run.save()


if __name__ == "__main__":
    main()
