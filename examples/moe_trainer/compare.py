"""The routing of two arms side by side: which experts each domain uses, and how far apart they are.

    python examples/moe_trainer/compare.py RUN_A RUN_B

The distance is half the sum of absolute differences of expert shares (total variation: 0 alike,
1 disjoint), per domain, mean over layers. Two runs may have learned the same experts under other
numbers, so it is printed again after the experts of B are renumbered, layer by layer, to fit A best.
"""

from __future__ import annotations

import json
import sys
from itertools import permutations
from pathlib import Path

import numpy as np

Shares = np.ndarray
"""[layers, domains, experts]; NaN where an arm never reads a domain."""


def load(run: Path) -> tuple[list[str], str, Shares]:
    """Return (domains, arm, shares of experts) of a run."""
    value = json.loads((run / "routing.json").read_text())
    tokens = np.array(value["tokens"], float)
    with np.errstate(invalid="ignore"):
        return value["domains"], value["arm"], tokens / tokens.sum(-1, keepdims=True)


def distances(a: Shares, b: Shares) -> np.ndarray:
    """Return the total variation of each domain, mean over layers."""
    return (np.abs(a - b).sum(-1) / 2).mean(0)


def renumbered(a: Shares, b: Shares) -> Shares:
    """Return b with its experts in the order that is nearest to a, layer by layer."""
    if a.shape[-1] > 8:
        raise SystemExit("renumbering tries every order of experts: 8 at most")
    orders = np.array(list(permutations(range(a.shape[-1]))))
    both = ~np.isnan(a[0].sum(-1) + b[0].sum(-1))
    layers = []
    for one, other in zip(a, b, strict=True):
        apart = np.abs(one[both][:, None] - other[both][:, orders]).sum((0, 2))
        layers.append(other[:, orders[apart.argmin()]])
    return np.stack(layers)


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    domains, arm_a, a = load(Path(sys.argv[1]))
    others, arm_b, b = load(Path(sys.argv[2]))
    if domains != others or a.shape != b.shape:
        raise SystemExit("the two runs are not of one plan and one model")
    plain, fitted = distances(a, b), distances(a, renumbered(a, b))
    names = " ".join(f"{f'E{expert}':>5}" for expert in range(a.shape[-1]))
    print(f"share of tokens by expert, mean over {a.shape[0]} layers, in %; A = {arm_a}, B = {arm_b}")
    print(f"{'domain':14} arm {names}   distance  renumbered")
    for place, domain in enumerate(domains):
        for label, shares in (("A", a), ("B", b)):
            mean = shares[:, place].mean(0) * 100
            row = " ".join("    -" if np.isnan(value) else f"{value:5.1f}" for value in mean)
            end = (
                ""
                if label == "A" or np.isnan(plain[place])
                else f"   {plain[place]:8.3f}  {fitted[place]:10.3f}"
            )
            print(f"{domain if label == 'A' else '':14} {label:3} {row}{end}")
    print(f"{'mean distance':14} {np.nanmean(plain):.3f}, after renumbering {np.nanmean(fitted):.3f}")


if __name__ == "__main__":
    main()
