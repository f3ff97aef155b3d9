"""dedup: signatures -> edges -> clusters -> which documents go. Two pipelines, and star rounds between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from corpusforge.config import BuildConfig
from corpusforge.dedup.canary import MissedDuplicates
from corpusforge.dedup.clusters import BYTES_PER_EDGE
from corpusforge.dedup.result import merged, read_summary, write_summary
from corpusforge.dedup.sizes import sizes_of
from corpusforge.domains import Domain
from corpusforge.files import exists, join, remove_tree
from corpusforge.parts.clustered import ClusterRound, result_path
from corpusforge.parts.compared import DEDUP, LEAKAGE, DedupRun, counts_path
from corpusforge.parts.plan import Plan
from corpusforge.parts.totals import BuildError
from corpusforge.parts.waves import Wave, waves
from corpusforge.sealed import read_json, write_json
from corpusforge_pipelines.clusters import add_clusters
from corpusforge_pipelines.edges import add_edges
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.stars import run_stars


def run_dedup(run: Run, plan: Plan, config: BuildConfig, documents: Mapping[str, int]) -> dict[str, Any]:
    """Return the summary of a build's dedup, having run the waves that have none yet.

    `documents` are those of each source. Where all parts are one wave, leakage is counted in the same pass.
    """
    summaries: list[dict[str, Any]] = []
    for wave in waves(plan, config):
        shares = config.dedup.leakage and not config.dedup.earliest_wins
        kinds = (DEDUP, LEAKAGE) if shares else (DEDUP,)
        if read_summary(wave.folder) is None:
            compare(run, plan, config, wave, documents, kinds)
        else:
            remove_work(wave, kinds)  # of a build that ended between its summary and its clean-up
        summary = read_summary(wave.folder)
        assert summary is not None
        summaries.append(summary)
    return merged(summaries)


def compare(
    run: Run,
    plan: Plan,
    config: BuildConfig,
    wave: Wave,
    documents: Mapping[str, int],
    kinds: tuple[str, ...],
) -> None:
    """Compare the parts of a wave: dedup's result, leakage's, or both are there when it returns."""
    remove_work(wave, kinds)  # what a killed run left may be of other partitions
    n_documents = sum(documents.get(name, 0) for _, name in wave.sources)
    sizes = sizes_of(n_documents, wave.n_parts, config.dedup)
    one = DedupRun(config=config, plan=plan, wave=wave, sizes=sizes, kinds=kinds)
    run(lambda pipeline: add_edges(pipeline, one))
    n_edges = read_json(counts_path(one))
    if DEDUP in kinds:  # first: what leaks is told from what goes, too
        results = _rounds(run, one, DEDUP, n_edges[DEDUP])
        try:
            one.planted().check(seen for result in results for seen in result["planted"])
        except MissedDuplicates as error:
            raise BuildError(str(error)) from None
        summary = merged(result["summary"] for result in results)
        ranges = ClusterRound(run=one, kind=DEDUP, step=0, are_stars=False, tasks=1, has_giants=False).ranges
        write_summary(wave.folder, summary, wave.n_parts, ranges)
    if LEAKAGE in kinds:
        matrices = sum(
            np.array(r["matrices"], np.int64) for r in _rounds(run, one, LEAKAGE, n_edges[LEAKAGE])
        )
        found = {"domains": [domain.value for domain in Domain], "matrices": np.asarray(matrices).tolist()}
        write_json(leakage_path(wave), found)
    remove_work(wave, kinds)


def leakage_path(wave: Wave) -> str:
    """Return where the leakage of a build lies, beside its last wave's dedup."""
    return join(wave.folder, "leakage.json")


def has_leakage(wave: Wave) -> bool:
    """Return whether the leakage of a build has been counted."""
    return exists(leakage_path(wave))


def _rounds(run: Run, one: DedupRun, kind: str, n_edges: int) -> list[dict[str, Any]]:
    """Return the results of the rounds that it takes to compare the clusters of all edges of a kind."""
    dedup = one.config.dedup
    fits = n_edges * BYTES_PER_EDGE <= dedup.union_find_bytes
    are_stars = n_edges > 0 and (dedup.clustering == "stars" or (dedup.clustering == "auto" and not fits))
    step = 0
    if are_stars:
        step = run_stars(run, one.edges_folder(kind), one.sizes.edge_partitions, dedup.star_rounds)
    results: list[dict[str, Any]] = []
    while not results or results[-1]["left"]:
        this = ClusterRound(
            run=one,
            kind=kind,
            step=step,
            are_stars=are_stars,
            tasks=one.sizes.cluster_tasks(n_edges),
            has_giants=n_edges >= one.sizes.cluster_rows,
            number=len(results),
        )
        run(lambda pipeline, this=this: add_clusters(pipeline, this))
        results.append(read_json(result_path(this)))
    return results


def remove_work(wave: Wave, kinds: tuple[str, ...]) -> None:
    """Remove the working files of a run."""
    remove_tree(join(wave.folder, f"work-{'-'.join(kinds)}"))
