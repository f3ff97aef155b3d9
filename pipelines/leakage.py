"""leakage: the signatures of a build, compared across domains; counts come out, and nothing goes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import Refs, ref_part, ref_row
from corpusforge.dedup.leakage import leakage_config, leakage_summary, leaked
from corpusforge.dedup.result import n_ranges
from corpusforge.dedup.survivors import clusters
from corpusforge.domains import Domain
from corpusforge.files import exists, is_remote, join, read_bytes, remove, write_bytes
from corpusforge.parts.spec import PartSpec
from pipelines.dedup import Roots, Run, clear_work, edge_groups
from pipelines.lookup import SignatureLookup
from pipelines.stars import joined
from pipelines.waves import GoneRows, Wave, dedup_id, waves

_WORK = "work"


class CountLeaks(beam.DoFn):
    """(range, [packed (root, member)]) -> range, once its matrices are written."""

    def __init__(self, config: BuildConfig, wave: Wave, gone: GoneRows) -> None:
        self._config = config
        self._wave = wave
        self._gone = gone

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        pairs = joined(element[1])
        wave, config = self._wave, self._config
        lookup = SignatureLookup(config.output, wave.part_ids, config.dedup.signature)
        total = np.zeros((2, len(Domain), len(Domain)), np.int64)
        for members in clusters(pairs["high"], pairs["low"], lookup, config.dedup):
            total += np.stack(leaked(members.rows["domain"], members.survivor, self._stays(members.refs)))
        write_bytes(_counts_path(wave, element[0]), json.dumps(total.tolist()).encode())
        yield element[0]

    def _stays(self, refs: Refs) -> Any:
        out = np.ones(len(refs), dtype=bool)
        for part in np.unique(ref_part(refs)).tolist():
            gone = self._gone(self._wave.part_ids[part])
            if gone is not None:
                mine = ref_part(refs) == np.uint64(part)
                out[mine] = ~np.isin(ref_row(refs[mine]), gone)
        return out


def run_leakage(
    run: Run, specs: Sequence[PartSpec], config: BuildConfig, totals: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the leakage of a build whose dedup is done; `totals` are those of its sources, duplicates added.

    The result lies beside the dedup's, and is found there by a build that goes on.
    """
    path = join(dedup_folder(specs, config), "leakage.json")
    if not exists(path):
        write_bytes(path, (json.dumps(_counted(run, specs, config), sort_keys=True) + "\n").encode())
    before, after = np.array(json.loads(read_bytes(path))["matrices"], dtype=np.int64)
    documents, removed = Counter[str](), Counter[str]()
    for source in totals.values():
        documents.update(source["kept_by_domain"])
        removed.update(source["duplicates_by_domain"])
    in_order = {domain.value: documents[domain] for domain in Domain if documents[domain]}
    return leakage_summary(before, after, in_order, removed)


def _counted(run: Run, specs: Sequence[PartSpec], config: BuildConfig) -> dict[str, Any]:
    compared = config.model_copy(update={"dedup": leakage_config(config.dedup)})
    # beside the dedup's own files: the same comparison may be another build's dedup
    wave = replace(waves(specs, compared)[-1], folder=join(dedup_folder(specs, config), "leakage"))
    groups, are_stars = edge_groups(run, wave, compared)
    ranges = n_ranges(len(wave.part_ids), compared.dedup.partitions)
    gone = GoneRows(specs, config)
    run(
        lambda pipeline: _add_counts(
            pipeline, wave, compared, gone, groups, are_stars=are_stars, ranges=ranges
        )
    )
    matrices = np.zeros((2, len(Domain), len(Domain)), np.int64)
    for path in (_counts_path(wave, number) for number in range(ranges)):
        if exists(path):  # a range without clusters has none
            matrices += np.array(json.loads(read_bytes(path)), dtype=np.int64)
    clear_work(wave)
    if not is_remote(wave.folder):
        remove(wave.folder)
    return {"domains": [domain.value for domain in Domain], "matrices": matrices.tolist()}


def _add_counts(
    pipeline: beam.Pipeline,
    wave: Wave,
    config: BuildConfig,
    gone: GoneRows,
    groups: Sequence[Sequence[str]],
    *,
    are_stars: bool,
    ranges: int,
) -> beam.PCollection[int]:
    """Return the ranges whose matrices are written."""
    return (
        pipeline
        | "Edge files" >> beam.Create(list(groups), reshuffle=False)  # [path: str]
        | "Spread" >> beam.Reshuffle()  # [path: str]
        | "Roots" >> beam.ParDo(Roots(wave, ranges, are_stars=are_stars))  # (range, [root, ref] packed)
        | "By range" >> beam.GroupByKey()  # (range: int, [packed])
        | "Count" >> beam.ParDo(CountLeaks(config, wave, gone))  # range: int
    )


def dedup_folder(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return where the result of a build's dedup lies, its last wave's."""
    return join(config.output, "clusters", dedup_id(specs, config))


def _counts_path(wave: Wave, number: int) -> str:
    return join(wave.folder, _WORK, f"leaks-{number:05d}.json")
