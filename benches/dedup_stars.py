"""Star rounds on edges such as banding gives: rounds, shuffled records and CPU time per edge.

    python benches/dedup_stars.py [--millions 2]

Clusters of a power law of sizes; in each of 14 bands a member keeps its cluster's key with
probability 0.6 and follows the first of those that do. The functions are those that the
pipeline calls; one partition, no runner.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from corpusforge.dedup.bands import unique_edges
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.stars import both_ways, large_star, roots_of_stars, small_star

BANDS, KEEPS = 14, 0.6


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, default=2)
    n_members = int(parser.parse_args().millions * 1e6)
    random = np.random.RandomState(1)
    cluster = np.sort((random.rand(n_members) ** 2 * n_members / 4).astype(np.int64))
    refs = random.permutation(n_members).astype(np.uint64)
    low, high = [], []
    for _ in range(BANDS):
        stays = np.flatnonzero(random.rand(n_members) < KEEPS)
        first = np.r_[True, np.diff(cluster[stays]) != 0]
        leader = stays[np.flatnonzero(first)[np.cumsum(first) - 1]]
        low.append(refs[leader[~first]])
        high.append(refs[stays[~first]])
    ends = np.concatenate(low), np.concatenate(high)
    edges = unique_edges(np.minimum(*ends), np.maximum(*ends))
    start = time.process_time()
    expected = connected(edges)
    union_s = time.process_time() - start
    n_edges, n_rounds, records, n_open, stars = len(edges), 0, 0, 1, edges
    start = time.process_time()
    while n_open:
        stars, n_open = large_star(both_ways(stars))
        records += 2 * n_edges if not n_rounds else 2 * len(stars)
        records += len(stars)
        stars, small_open = small_star(stars)
        n_open += small_open
        n_rounds += 1
    star_s = time.process_time() - start
    same = all(map(np.array_equal, roots_of_stars(stars), expected))
    print(
        json.dumps(
            {
                "edges": n_edges,
                "nodes": len(expected[0]),
                "rounds": n_rounds,
                "shuffled_records_per_edge": round(records / n_edges, 1),
                "star_us_per_edge_and_round": round(star_s / n_edges / n_rounds * 1e6, 2),
                "union_find_us_per_edge": round(union_s / n_edges * 1e6, 2),
                "same_roots": same,
            }
        )
    )


if __name__ == "__main__":
    main()
