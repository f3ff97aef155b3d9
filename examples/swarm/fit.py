"""From a swarm's ratios.csv and the losses of its runs to a fit.json, with numpy alone.

python examples/swarm/fit.py SWARM metrics.csv fit.json

SWARM is the folder that `corpusforge mix CORPUS --recipe R.toml --swarm` wrote; metrics.csv has a row a run:
`run_id` and one or more losses, whose mean is fitted. The fit is the quadratic of designs of mixtures (Scheffe
1958): loss = sum b_i t_i + sum b_ij t_i t_j over the shares t, by least squares with a little ridge. The weights
are those of 20,000 mixtures between the better runs whose loss it says is lowest. A fitter of one's own only
needs to write the same JSON.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

RIDGE = 1e-6
"""Keeps the fit finite where runs are fewer than its terms."""


def read_table(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Return (columns, run ids, values) of a table whose first column names the run."""
    with path.open(newline="") as stream:
        head, *rows = csv.reader(stream)
    return head[1:], [row[0] for row in rows], np.array([[float(x) for x in row[1:]] for row in rows])


def terms(shares: np.ndarray) -> np.ndarray:
    """Return the shares and the products of each two."""
    first, second = np.triu_indices(shares.shape[1], 1)
    return np.concatenate([shares, shares[:, first] * shares[:, second]], axis=1)


def fitted(shares: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the coefficients of `terms` that fit the losses."""
    made = terms(shares)
    return np.linalg.solve(made.T @ made + RIDGE * np.eye(made.shape[1]), made.T @ losses)


def best(found: np.ndarray, shares: np.ndarray, count: int = 20_000, seed: int = 0) -> np.ndarray:
    """Return the mixture of lowest predicted loss among mixtures of the better half of the runs.

    None lies beyond the runs, where nothing was measured.
    """
    chance = np.random.default_rng(seed)
    better = shares[np.argsort(terms(shares) @ found)[: len(shares) // 2 + 1]]
    mixtures = chance.dirichlet(np.full(len(better), 0.1), count) @ better
    return mixtures[np.argmin(terms(mixtures) @ found)]


def main(swarm: str, metrics: str, target: str) -> None:
    """Write the fit of a swarm's losses."""
    units, runs, shares = read_table(Path(swarm, "ratios.csv"))
    _, measured, losses = read_table(Path(metrics))
    place = {run: number for number, run in enumerate(measured)}
    kept = [number for number, run in enumerate(runs) if run in place]
    shares = shares[kept]
    loss = losses[[place[runs[number]] for number in kept]].mean(axis=1)
    found = fitted(shares, loss)
    weights = best(found, shares)
    agreement = np.corrcoef(terms(shares) @ found, loss)[0, 1]
    print(f"{len(kept)} runs; fitted and measured losses correlate by {agreement:.3f}")
    buckets = json.loads(Path(swarm, "buckets.json").read_bytes())
    shown = {unit: round(float(weight), 4) for unit, weight in zip(units, weights, strict=True)}
    Path(target).write_text(json.dumps({"swarm": buckets["swarm"], "weights": shown}, indent=1) + "\n")
    print(f"wrote {target}: {shown}")


if __name__ == "__main__":
    main(*sys.argv[1:])
