"""Results of runs as figures with intervals: by arm, against the whole mixture, and of routing.

An interval is the mean over seeds and half the width of Student's 95 % interval. Differences are taken
seed by seed: both models of a pair began alike and read what they share in the same order.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from claims import CLAIMS, verdict
from settings import KEYS

sys.path.insert(0, str(Path(__file__).parents[1] / "moe_trainer"))
from compare import distances, renumbered

# Quantiles 0.975 of Student's t by degrees of freedom, as any table has them; from 11 on the 10th is wider.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
FULL = "full"
GROUPS = ("held_out", "items")
Result = Mapping[str, Any]
Measured = Mapping[str, Any]


def interval(values: Sequence[float]) -> dict[str, float]:
    """Return mean and half-width of the 95 % interval of the mean over seeds."""
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    quantile = _T[min(len(values) - 1, len(_T)) - 1]
    return {"mean": mean, "half": quantile * math.sqrt(variance / len(values))}


def bits_per_char(found: Measured) -> float:
    """Return bits per character of what a model read."""
    return found["bits"] / found["n_chars"]


def accuracy(found: Measured) -> float:
    """Return the share of tokens that the model held for the likeliest, and were."""
    return found["n_right"] / found["n_tokens"]


MEASURES: dict[str, Callable[[Measured], float]] = {"bits_per_char": bits_per_char, "accuracy": accuracy}


def summary(results: Sequence[Result], planned: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return all figures of the page. SystemExit where a model read other tokens than its plan says."""
    arms = list(dict.fromkeys(result["arm"] for result in results))
    by_arm = {arm: [one for one in results if one["arm"] == arm] for arm in arms}
    for arm in arms:
        _check_tokens(arm, by_arm[arm], planned[arm])
    value: dict[str, Any] = {
        "arms": arms,
        "parameters": results[0]["parameters"],
        "planned": {arm: dict(sorted(planned[arm].items())) for arm in arms},
        "trained": {arm: by_arm[arm][0]["tokens"] for arm in arms},
        "losses": {
            arm: [_mean(step) for step in zip(*(one["losses"] for one in by_arm[arm]), strict=True)]
            for arm in arms
        },
        "read": _read(by_arm[FULL][0]),
    }
    for group in GROUPS:
        value[group] = {name: _measured(by_arm, group, measure) for name, measure in MEASURES.items()}
        value[f"{group}_against_full"] = {
            name: _against_full(by_arm, group, measure) for name, measure in MEASURES.items()
        }
    value["routing"] = routing(by_arm)
    value["claims"] = [_judged(by_arm, claim) for claim in CLAIMS]
    return value


def _check_tokens(arm: str, runs: Sequence[Result], planned: Mapping[str, int]) -> None:
    by_domain: dict[str, int] = {}
    for key, tokens in planned.items():
        domain = key.partition("/")[0]
        by_domain[domain] = by_domain.get(domain, 0) + tokens
    for run in runs:
        if run["tokens"] != by_domain:
            raise SystemExit(f"{arm}, seed {run['seed']}: read {run['tokens']}, the plan says {by_domain}")


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _read(run: Result) -> dict[str, Any]:
    names = ("n_texts", "n_tokens", "n_chars", "n_rare")
    return {
        group: {name: {key: found[key] for key in names} for name, found in run[group].items()}
        for group in GROUPS
    }


def _measured(by_arm: Any, group: str, measure: Callable[[Measured], float]) -> dict[str, Any]:
    return {
        arm: {name: interval([measure(run[group][name]) for run in runs]) for name in runs[0][group]}
        for arm, runs in by_arm.items()
    }


def _against_full(by_arm: Any, group: str, measure: Callable[[Measured], float]) -> dict[str, Any]:
    def differences(runs: Any, name: str) -> list[float]:
        pairs = zip(runs, by_arm[FULL], strict=True)
        return [measure(run[group][name]) - measure(full[group][name]) for run, full in pairs]

    return {
        arm: {name: interval(differences(runs, name)) for name in runs[0][group]}
        for arm, runs in by_arm.items()
        if arm != FULL
    }


# --- what repeats


def _judged(by_arm: Any, claim: Any) -> dict[str, Any]:
    """Return a claim with the difference in bits per character that decides it, and the verdict."""
    pairs = zip(by_arm[claim.arm], by_arm[claim.base], strict=True)
    change = interval([_pooled(run, claim.read) - _pooled(base, claim.read) for run, base in pairs])
    return {
        "text": claim.text, "arm": claim.arm, "base": claim.base, "read": [list(one) for one in claim.read],
        "expected": claim.expected, "change": change, "verdict": verdict(claim.expected, **change),
    }  # fmt: skip


def _pooled(run: Result, read: Sequence[tuple[str, str]]) -> float:
    found = [run[group][name] for group, name in read if name in run[group]]
    return math.fsum(one["bits"] for one in found) / sum(one["n_chars"] for one in found)


# --- routing


def shares(run: Result, names: Sequence[str]) -> np.ndarray:
    """Return the share of each expert in the tokens of held-out documents: [layers, names, experts]."""
    counts = np.array([run["held_out"][name]["experts"] for name in names], float).transpose(1, 0, 2)
    return counts / counts.sum(-1, keepdims=True)


def routing(by_arm: Any) -> dict[str, Any]:
    """Return experts by domain, and how far apart two models' are: total variation, experts renumbered.

    `between_seeds` is what two models of the same arm differ by: less than that is nothing.
    """
    names = [key for key in KEYS if key in by_arm[FULL][0]["held_out"]]
    full = [shares(run, names) for run in by_arm[FULL]]
    aligned = [full[0], *(renumbered(full[0], other) for other in full[1:])]
    value: dict[str, Any] = {
        "names": names,
        "shares": np.mean(aligned, axis=0).round(4).tolist(),
        "between_seeds": _distances(list(combinations(full, 2)), names),
        "against_full": {},
        "between_domains": _between_domains(full),
    }
    for arm, runs in by_arm.items():
        if arm != FULL:
            pairs = [(one, shares(run, names)) for one, run in zip(full, runs, strict=True)]
            value["against_full"][arm] = _distances(pairs, names)
    return value


def _distances(pairs: Sequence[tuple[np.ndarray, np.ndarray]], names: Sequence[str]) -> dict[str, Any]:
    found = np.array([distances(a, renumbered(a, b)) for a, b in pairs])
    spread = {name: _spread(found[:, place]) for place, name in enumerate(names)}
    return {**spread, "all": _spread(found.mean(1))}


def _spread(values: np.ndarray) -> dict[str, float]:
    return {"mean": float(values.mean()), "low": float(values.min()), "high": float(values.max())}


def _between_domains(full: Sequence[np.ndarray]) -> list[list[float]]:
    """Return how far apart the experts of two domains are within one model, mean over layers and seeds."""
    apart = [np.abs(one[:, :, None] - one[:, None]).sum(-1).mean(0) / 2 for one in full]
    return np.mean(apart, axis=0).round(4).tolist()
