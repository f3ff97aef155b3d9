"""What a study is run with: one TOML file, frozen, and a digest that its results carry."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

KEYS = ("web", "code", "code_nl", "math/scaffold", "math/generic", "wikipedia", "books", "multilingual")
"""What the study weighs and measures, as recipes name it."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """How the corpus is made."""

    scale: int = 10
    """Multiplies the documents of the made dumps."""
    seed: int = 17
    held_out_share: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """The recipe; weights are decimals, written as text so that they stay exact."""

    budget_tokens: int = 614_400
    sequence_length: int = 128
    max_epochs: int = 4
    swap_share: str = "0.08"
    """Of the budget, moved from generic mathematics to scaffolds."""
    tolerance: str = "0.5"
    """Of the matched swap: share of its tokens that may find no match in length and source."""
    weights: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Train:
    """How each arm is trained: every sample of its plan once, in its order."""

    seeds: int = 3
    batch: int = 16
    learning_rate: float = 3e-3
    balance_weight: float = 0.01
    device: str = "cpu"
    threads: int = 1
    checkpoint_steps: int = 100


@dataclass(frozen=True, kw_only=True)
class Model:
    """Sizes of the mixture-of-experts model."""

    n_layers: int = 2
    width: int = 64
    n_heads: int = 4
    n_experts: int = 8
    top_k: int = 2
    expert_width: int = 128
    vocabulary: int = 4096
    """The most frequent tokens of the full arm, less one; the last stands for all others."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What each model reads at the end."""

    tokens_per_key: int = 8_192
    tokens_per_document: int = 1_024
    items_per_kind: int = 48


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A study."""

    name: str
    corpus: Corpus
    mixture: Mixture
    train: Train
    model: Model
    evaluation: Evaluation

    def digest(self, *others: str) -> str:
        """Return 16 hex digits of all that results depend on: these settings, and what is given."""
        value = json.dumps([asdict(self), *others], sort_keys=True)
        return hashlib.sha256(value.encode()).hexdigest()[:16]


_SECTIONS: dict[str, Any] = {
    "corpus": Corpus, "mixture": Mixture, "train": Train, "model": Model, "evaluation": Evaluation,
}  # fmt: skip


def load(path: Path) -> Settings:
    """Return the settings of a TOML file. SystemExit, in one line, where it names what there is not."""
    try:
        value = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from None
    unknown = sorted(set(value) - set(_SECTIONS))
    if unknown:
        raise SystemExit(f"{path}: unknown [{unknown[0]}]: expected {', '.join(_SECTIONS)}")
    made: dict[str, Any] = {}
    for section, kind in _SECTIONS.items():
        given = value.get(section, {})
        strange = sorted(set(given) - {each.name for each in fields(kind)})
        if strange:
            raise SystemExit(f"{path}: [{section}]: unknown {strange[0]!r}")
        made[section] = kind(**given)
    settings = Settings(name=path.stem, **made)
    _check(settings, path)
    return settings


def _check(settings: Settings, path: Path) -> None:
    mixture, train = settings.mixture, settings.train
    step_tokens = mixture.sequence_length * train.batch
    if mixture.budget_tokens % step_tokens:
        raise SystemExit(
            f"{path}: [mixture]: budget_tokens = {mixture.budget_tokens} is no multiple of "
            f"sequence_length x batch = {step_tokens}: a model would not read its whole arm"
        )
    strange = sorted(set(mixture.weights) - set(KEYS))
    if strange or not mixture.weights:
        raise SystemExit(f"{path}: [mixture.weights]: {strange or 'empty'}: expected of {', '.join(KEYS)}")
    if train.seeds < 2:
        raise SystemExit(f"{path}: [train]: seeds = {train.seeds}: an interval takes two or more")
