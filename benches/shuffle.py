"""How the order of samples compares with true permutations, statistic by statistic; a table on stdout.

python benches/shuffle.py [--size 20000] [--count 300]

For each kind of order `count` permutations, each of another key, and as many of numpy's generator. A
statistic is computed of every one; the two-sample Kolmogorov-Smirnov test says how likely two samples as
far apart as these would be if both were drawn alike. Nothing here depends on time or chance: keys are
counted up.
"""

import argparse
import json
from collections.abc import Callable

import numpy as np

from corpusforge.document import stable_id
from corpusforge.mixture import order
from corpusforge.shards.places import shard_key

GRID = 10
LAGS = (1, 2, 3, 8, 64)


def one_window(key: int, size: int) -> np.ndarray:
    """A subset of one window, as most are: wholly permuted."""
    return order.permute(f"key {key}", size, np.arange(size))


def blocks(key: int, size: int) -> np.ndarray:
    """The first sample of each block, in the order in which blocks are read: what a large subset adds."""
    length = order.READ_BLOCK_SAMPLES
    samples = order._shuffled_blocks(f"blocks {key}", size * length, np.arange(0, size * length, length))
    return samples // length


def documents(key: int, size: int) -> np.ndarray:
    """Documents of a dump in the order in which shards hold them."""
    return np.argsort([shard_key(stable_id("jsonl", f"dump#{number}"), key) for number in range(size)])


KINDS: dict[str, Callable[[int, int], np.ndarray]] = {
    "samples in a window": one_window,
    "blocks of a subset": blocks,
    "documents in shards": documents,
}


def statistics(permutation: np.ndarray) -> dict[str, float]:
    """Return the statistics of one permutation of range(n), by name."""
    n = len(permutation)
    centred = (permutation - (n - 1) / 2) / n
    found = {f"correlation with {lag} further on": float(centred[:-lag] @ centred[lag:]) for lag in LAGS}
    found["correlation with the place"] = float(centred @ np.arange(n))
    table = np.bincount(np.arange(n) * GRID // n * GRID + permutation * GRID // n, minlength=GRID * GRID)
    found["chi-square of a 10 x 10 grid"] = float(((table - n / GRID**2) ** 2).sum() / (n / GRID**2))
    steps = np.diff(permutation)
    found["ascents"] = float((steps > 0).sum())
    turns = np.flatnonzero(np.diff(np.sign(steps)))
    found["longest run up or down"] = float(np.diff(turns, prepend=-1, append=len(steps)).max())
    found["mean step"] = float(np.abs(steps).mean())
    found["samples that stay near"] = float((np.abs(permutation - np.arange(n)) <= n // 100).sum())
    found["cycles"] = float(_cycles(permutation))
    return found


def _cycles(permutation: np.ndarray) -> int:
    following, seen, count = permutation.tolist(), bytearray(len(permutation)), 0
    for start in range(len(following)):
        if not seen[start]:
            count += 1
            while not seen[start]:
                seen[start] = 1
                start = following[start]
    return count


def ks_p_value(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test, by its limit law."""
    every = np.sort(np.concatenate([ours, theirs]))
    shares = [np.searchsorted(np.sort(one), every, side="right") / len(one) for one in (ours, theirs)]
    root = np.sqrt(len(ours) * len(theirs) / (len(ours) + len(theirs)))
    distance = (root + 0.12 + 0.11 / root) * np.abs(shares[0] - shares[1]).max()
    terms = [(-1) ** (k - 1) * np.exp(-2 * k * k * distance * distance) for k in range(1, 101)]
    return float(min(1.0, max(0.0, 2 * sum(terms)))) if distance > 0.2 else 1.0


def compare(
    kind: str | Callable[[int, int], np.ndarray], size: int, count: int
) -> dict[str, tuple[float, float, float, float, float]]:
    """Return (p-value, mean and deviation of ours, of true permutations) by statistic."""
    make = KINDS[kind] if isinstance(kind, str) else kind
    ours = [statistics(make(key, size)) for key in range(count)]
    true = [statistics(np.random.default_rng(key).permutation(size)) for key in range(count)]
    found = {}
    for name in ours[0]:
        a, b = (np.array([one[name] for one in rows]) for rows in (ours, true))
        found[name] = (ks_p_value(a, b), a.mean(), a.std(), b.mean(), b.std())
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--count", type=int, default=300)
    args = parser.parse_args()
    for kind in KINDS:
        for name, (p_value, *figures) in compare(kind, args.size, args.count).items():
            mean, deviation, true_mean, true_deviation = (round(float(value), 3) for value in figures)
            print(json.dumps({"order": kind, "statistic": name, "p": round(p_value, 3), "mean": mean,
                              "deviation": deviation, "true_mean": true_mean,
                              "true_deviation": true_deviation}))  # fmt: skip


if __name__ == "__main__":
    main()
