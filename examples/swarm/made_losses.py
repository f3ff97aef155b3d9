"""Losses as if the runs of a swarm had been trained, for want of proxies: a known optimum, and some noise.

python examples/swarm/made_losses.py SWARM metrics.csv
"""

import csv
import sys
from pathlib import Path

import numpy as np
from fit import read_table

BEST = {
    "web": 0.30,
    "code": 0.20,
    "code_nl": 0.05,
    "math": 0.20,
    "wikipedia": 0.10,
    "books": 0.10,
    "multilingual": 0.05,
}
"""What the fit should find again."""
NOISE = 0.002


def made_losses(shares: np.ndarray, optimum: np.ndarray, noise: float = NOISE) -> np.ndarray:
    """Return 2.5 and the squared distance from the optimum, with noise: a loss a run."""
    chance = np.random.default_rng(1)
    return 2.5 + np.sum((shares - optimum) ** 2, axis=1) + noise * chance.standard_normal(len(shares))


def main(swarm: str, target: str) -> None:
    """Write the losses of a swarm's runs."""
    units, runs, shares = read_table(Path(swarm, "ratios.csv"))
    losses = made_losses(shares, np.array([BEST[unit] for unit in units]))
    with Path(target).open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["run_id", "loss"])
        writer.writerows(zip(runs, (f"{loss:.6f}" for loss in losses), strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
