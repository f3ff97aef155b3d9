"""Dedup's passes over synthetic parts: sidecar bytes read, bytes shuffled, CPU and peak memory of a task.

    python benches/dedup_shuffle.py [--documents 200000] [--parts 50 400] [--old CHECKOUT]
    python benches/dedup_shuffle.py --hot 20 [--limit-mb 1500]

First form: the same documents in each number of parts, every function of the pipelines called as
a runner calls it, the shuffles held in dicts; with `--old`, the functions of an earlier checkout in
the same run, a process each. A fifth of the documents stand in clusters, as in dedup_growth.py.

Second form: so many million pages that share one band key: a hot bucket, and a cluster of all.
Pieces wait in files; no task may hold more than `--limit-mb` of anonymous memory over what the
warm process had (a watcher ends the run).
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from dedup_growth import anonymous_bytes, chunk, mixed

PERMUTATIONS = 128


class Peak:
    """The largest anonymous resident set over a base, sampled."""

    def __init__(self, limit_bytes: int = 1 << 62) -> None:
        self.base, self.bytes, self._limit, self._done = anonymous_bytes(), 0, limit_bytes, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._done.wait(0.01):
            self.bytes = max(self.bytes, anonymous_bytes() - self.base)
            if self.bytes > self._limit:
                print(json.dumps({"over_limit_mb": self.bytes >> 20}), flush=True)
                os._exit(1)


def rows_of(first: int, stop: int, n_documents: int) -> Any:
    """Return the signature rows of some documents, made anew each time."""
    pieces = [chunk(a, min(a + 4096, stop), n_documents, PERMUTATIONS) for a in range(first, stop, 4096)]
    return np.concatenate(pieces) if pieces else chunk(0, 0, n_documents, PERMUTATIONS)


def make_parts(folder: str, n_documents: int, n_parts: int) -> tuple[Any, Any]:
    """Return (configuration, specs) of parts whose sidecars lie in a folder."""
    from corpusforge.config import BuildConfig, SourceConfig
    from corpusforge.sealed import write_sealed

    bounds = np.linspace(0, n_documents, n_parts + 1).astype(int).tolist()
    os.makedirs(f"{folder}/parts", exist_ok=True)
    ids = []
    for number in range(n_parts):
        ids.append(f"{number:024x}")
        rows = rows_of(bounds[number], bounds[number + 1], n_documents)
        write_sealed(f"{folder}/parts/{ids[-1]}.signatures.bin", rows)
    sources = (SourceConfig(name="all", paths=("x",)),)
    return BuildConfig(name="bench", output=folder, sources=sources), ids


def grouped(pairs: Iterator[tuple[Any, Any]], shuffled: list[int]) -> dict[Any, list[Any]]:
    """Return pairs by key, their bytes added to what was shuffled."""
    out: dict[Any, list[Any]] = collections.defaultdict(list)
    for key, value in pairs:
        shuffled[0] += len(value)
        out[key].append(value)
    return out


def new_passes(folder: str, n_documents: int, n_parts: int) -> dict[str, Any]:
    """Run the passes of this checkout."""
    from corpusforge.dedup.sizes import sizes_of
    from corpusforge.parts import clustered, compared
    from corpusforge.parts.plan import Plan, SourceParts
    from corpusforge.parts.waves import waves

    config, ids = make_parts(folder, n_documents, n_parts)
    source = SourceParts(name="all", first=0, count=n_parts, size_bytes=0, digest="0")
    plan = Plan(folder=folder, plan_id="p", n_parts=n_parts, sources=(source,))
    (wave,) = waves(plan, config)
    sizes = sizes_of(n_documents, n_parts, config.dedup)
    run = compared.DedupRun(config=config, plan=plan, wave=wave, sizes=sizes, kinds=("dedup", "leakage"))
    read, real = [0], compared.read_signatures

    def counted(output: str, part_id: str, signature: Any) -> Any:
        rows = real(output, part_id, signature)
        read[0] += rows.nbytes
        return rows

    compared.read_signatures = counted
    compared.DedupRun.part_id = lambda self, part: ids[part]  # type: ignore[method-assign]
    shuffled, most, whole = [0], 0, 0
    warm(config)
    peak = Peak()
    cpu = time.process_time()

    def only(kind: str, found: list[Any]) -> Iterator[tuple[Any, bytes]]:
        return ((key, value) for what, key, value in found if what == kind)

    pairs = grouped((p for span in range(sizes.spans) for p in compared.flagged_keys(run, span)), shuffled)
    found = [sent for element in pairs.items() for sent in compared.candidates(run, element)]
    requests = grouped(only("requests", found), shuffled)
    tasks = grouped((p for element in requests.items() for p in compared.delivered(run, element)), shuffled)
    while tasks:
        some = []
        for element in tasks.items():
            before, whole, peak.bytes = anonymous_bytes(), max(whole, peak.bytes), 0
            some += list(compared.compared(run, element))
            most = max(most, peak.bytes + peak.base - before)
        found += some
        tasks = grouped(only("leaders", some), shuffled)
    edges = grouped(only("edges", found), shuffled)
    for number in range(sizes.edge_partitions * 2):
        list(compared.edges_written(run, (number, edges.get(number, []))))
    gone: list[bytes] = []
    for kind in ("dedup", "leakage"):
        one = clustered.ClusterRound(
            run=run, kind=kind, step=0, are_stars=False, tasks=sizes.cluster_tasks(0), has_giants=False
        )
        roots = grouped(clustered.roots(one, 0), shuffled)
        members = grouped((p for e in roots.items() for p in clustered.sized(one, e)), shuffled)
        if kind == "leakage":
            clustered.GoneRows = lambda plan, config: lambda part: None  # type: ignore[assignment, misc]
        tasks = grouped((p for e in members.items() for p in clustered.with_rows(one, e)), shuffled)
        for element in tasks.items():
            gone += [v for what, _, v in clustered.compared(one, element) if what == "gone"]
    cpu_s = time.process_time() - cpu
    sidecars = n_documents * real(folder, ids[0], config.dedup.signature).dtype.itemsize
    return {
        "sidecars_read": round(read[0] / sidecars, 2),
        "shuffled_bytes_per_document": round(shuffled[0] / n_documents),
        "cpu_us_per_document": round(cpu_s / n_documents * 1e6, 2),
        "peak_mb": max(whole, peak.bytes) >> 20,
        "compare_task_mb": most >> 20,
        **told(np.frombuffer(b"".join(gone), dtype="<u8")),
        "tasks": {"spans": sizes.spans, "partitions": sizes.partitions},
    }


def told(refs: Any) -> dict[str, Any]:
    """Return how many refs go, and a digest that tells whether another run's are the same."""
    return {"removed": len(refs), "which_go": hashlib.sha256(np.sort(refs).tobytes()).hexdigest()[:12]}


def warm(config: Any) -> None:
    """Have compiled functions loaded before anything is measured."""
    from corpusforge.dedup.comparison import Comparison
    from corpusforge.dedup.leakage import leakage_config

    rows = chunk(0, 64, 1000, PERMUTATIONS)
    comparison = Comparison(dedup=config.dedup, leakage=leakage_config(config.dedup), sources=((0, "all"),))
    comparison.pairs(rows, 0)


def old_passes(folder: str, n_documents: int, n_parts: int) -> dict[str, Any]:
    """Run the passes of a checkout that looks signatures up; this file lies beside its packages then."""
    from corpusforge.dedup.bands import PAIR_DTYPE, band_pairs, by_number, partition_of
    from corpusforge.dedup.buckets import bucket_edges
    from corpusforge.dedup.clusters import connected
    from corpusforge.dedup.leakage import leakage_config
    from corpusforge.dedup.policy import policy_of
    from corpusforge.dedup.survivors import clusters
    from corpusforge_pipelines import lookup as looked

    config, ids = make_parts(folder, n_documents, n_parts)
    read, real = [0], looked.read_signatures

    def counted(output: str, part_id: str, signature: Any) -> Any:
        rows = real(output, part_id, signature)
        read[0] += rows.nbytes
        return rows

    looked.read_signatures = counted
    shuffled, gone = [0], []
    for dedup in (config.dedup, leakage_config(config.dedup)):  # compiled functions are loaded
        bucket_edges(
            band_pairs(chunk(0, 64, 1000, PERMUTATIONS), 0, policy_of(dedup), 1),
            lambda refs: chunk(0, 64, 1000, PERMUTATIONS)[refs.astype(int)],
            policy_of(dedup),
        )
    peak = Peak()
    cpu = time.process_time()
    for dedup in (config.dedup, leakage_config(config.dedup)):

        def keys(dedup: Any = dedup) -> Iterator[tuple[int, bytes]]:
            for part, part_id in enumerate(ids):
                pairs = band_pairs(counted(folder, part_id, dedup.signature), part, policy_of(dedup), 1)
                for number, mine in by_number(partition_of(pairs, 64)):
                    yield number, pairs[mine].tobytes()

        found = []
        for pieces in grouped(keys(), shuffled).values():
            lookup = looked.SignatureLookup(folder, ids, dedup.signature)  # a task's own cache
            pairs = np.frombuffer(b"".join(pieces), dtype=PAIR_DTYPE)
            found.append(bucket_edges(pairs, lookup, policy_of(dedup)))
        lookup = looked.SignatureLookup(folder, ids, dedup.signature)
        for members in clusters(*connected(np.concatenate(found)), lookup, dedup):
            gone += [members.refs[~members.keep]] if dedup is config.dedup else []
    return {
        "sidecars_read": round(read[0] / sum(os.path.getsize(f"{folder}/parts/{i}.signatures.bin")
                                             for i in ids), 2),
        "shuffled_bytes_per_document": round(shuffled[0] / n_documents),
        "cpu_us_per_document": round((time.process_time() - cpu) / n_documents * 1e6, 2),
        "peak_mb": peak.bytes >> 20,
        **told(np.concatenate(gone)),
    }  # fmt: skip


class Spool:
    """A shuffle whose values wait in files: what a task holds is what it reads."""

    def __init__(self, folder: str) -> None:
        self._folder, self._paths = folder, dict[Any, str]()
        os.makedirs(folder, exist_ok=True)

    def add(self, key: Any, value: bytes) -> None:
        path = self._paths.setdefault(key, f"{self._folder}/{len(self._paths)}")
        with open(path, "ab") as out:
            pickle.dump(value, out)

    def items(self) -> Iterator[tuple[Any, Any]]:
        for key, path in self._paths.items():
            yield key, _Pieces(path)
            os.unlink(path)


class _Pieces:
    def __init__(self, path: str) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with open(self._path, "rb") as stream:
            while True:
                try:
                    yield pickle.load(stream)
                except EOFError:
                    return


def hot_rows(first: int, stop: int, made: Any) -> Any:
    """Return pages that one template makes alike; their hash values are those of `made`, over and over."""
    rows = made[: stop - first].copy()
    rows["doc"][:, 0] = rows["content"][:, 0] = mixed(np.arange(first, stop, dtype=np.uint64))
    rows["n_bytes"] = 1000 + np.arange(first, stop) % 97
    return rows


def template_rows(count: int) -> Any:
    """Return rows that share the first band, and in every other value differ with probability 0.05."""
    first, stop = 0, count
    number = np.arange(first, stop, dtype=np.uint64)
    columns = np.arange(PERMUTATIONS, dtype=np.uint64)
    own = mixed(number[:, None] * np.uint64(1 << 10) + columns + np.uint64(1 << 60))
    differs = (own >> np.uint64(32)).astype(np.uint32) < np.uint32(0.05 * 2**32)
    differs[:, :8] = False
    rows = chunk(0, 1, 20, PERMUTATIONS).repeat(stop - first)
    rows["minhash"] = np.where(differs, own.astype(np.uint32), mixed(columns).astype(np.uint32))
    return rows


def hot(millions: float, limit_mb: int) -> dict[str, Any]:
    """Take a bucket, then a cluster, of so many million members through its tasks."""
    from corpusforge.dedup import candidates as candidates_module
    from corpusforge.dedup.comparison import Comparison, sources_of
    from corpusforge.dedup.config import DedupConfig
    from corpusforge.dedup.delivery import deliver, joined_by_cluster, parent_task, task_of
    from corpusforge.dedup.giants import lead, merge, n_sent, settle
    from corpusforge.dedup.hot import compare, compare_piece
    from corpusforge.dedup.packets import gathered
    from corpusforge.dedup.sizes import SPAN_DOCUMENTS, sizes_of
    from corpusforge.dedup.stars import large_stars, sized_members, small_stars

    n = int(millions * 1e6)
    config = DedupConfig(bands=1)
    sizes = replace(sizes_of(n, -(-n // SPAN_DOCUMENTS), config), partitions=1)
    comparison = Comparison(dedup=config, leakage=None, sources=sources_of([("all", sizes.n_parts)]))
    made = template_rows(SPAN_DOCUMENTS)
    dtype = made.dtype

    def part(number: int) -> Any:
        return hot_rows(number * SPAN_DOCUMENTS, min((number + 1) * SPAN_DOCUMENTS, n), made)

    compare(gathered([], dtype), comparison)
    result: dict[str, Any] = {"members": n, "pieces": -(-n // sizes.bucket_rows), "levels": sizes.levels}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        peak, stage_s, begun = Peak(limit_mb << 20), {}, time.process_time()

        def stage(name: str) -> None:
            nonlocal begun
            stage_s[name] = {"cpu_s": round(time.process_time() - begun, 1), "peak_mb": peak.bytes >> 20}
            begun, peak.bytes = time.process_time(), 0

        keys = Spool(f"{folder}/keys")
        for number in range(sizes.n_parts):
            pairs = comparison.pairs(part(number), number)
            keys.add(0, pairs[(pairs["key"] & np.uint64(1)) == 0].tobytes())  # the band alone
        stage("keys")
        asked = Spool(f"{folder}/asked")
        for key, pieces in keys.items():
            for found in candidates_module.find_candidates(pieces, key, sizes):
                spans = found.requests["ref"] >> np.uint64(32)
                for span in np.unique(spans).tolist():
                    asked.add(span, found.requests[spans == span].tobytes())
        stage("candidates")
        rows = Spool(f"{folder}/rows")
        homes = []
        for span, pieces in asked.items():
            homes.append(f"{folder}/home-{span}")
            with open(homes[-1], "wb") as home:
                held = part(span)
                for task, packet in deliver(pieces, lambda _, places, held=held: (held[places], None), home):
                    rows.add(task, packet)
        stage("rows")
        edges, level = Spool(f"{folder}/edges"), 0
        n_edges = 0
        while rows is not None:
            above = None
            for task, packets in rows.items():
                is_piece = task_of(task)[2] > 1
                found = (compare_piece if is_piece else compare)(gathered(packets, dtype), comparison)
                n_edges += len(found.dedup)
                edges.add(0, found.dedup.tobytes())
                if found.leaders is not None:
                    above = above or Spool(f"{folder}/level-{level}")
                    above.add(parent_task(task, sizes.fan_in()), found.leaders.packed())
            rows, level = above, level + 1
        stage("compare")
        large = Spool(f"{folder}/large")
        for _, pieces in edges.items():
            both = (np.frombuffer(p, dtype=[("low", "<u8"), ("high", "<u8")]) for p in pieces)
            ways = Spool(f"{folder}/ways")
            for some in both:
                ways.add(0, np.concatenate([some, some[["high", "low"]].astype(some.dtype)]).tobytes())
            for _, neighbours in ways.items():
                for made, _ in large_stars(neighbours):
                    large.add(0, made.tobytes())
        star = Spool(f"{folder}/star")
        for _, pieces in large.items():
            for made, _ in small_stars(pieces):
                star.add(0, made.tobytes())
        stage("one star round, all edges in one task")
        members = Spool(f"{folder}/members")
        for _, pieces in star.items():
            for found in sized_members(pieces):
                spans = found["ref"] >> np.uint64(32)
                for span in np.unique(spans).tolist():
                    whole = found[spans == span].copy()
                    whole["root"], whole["size"] = 0, n  # one cluster
                    members.add(span, whole.tobytes())
        stage("sizes")
        pieces_of = Spool(f"{folder}/pieces")
        for span, found in members.items():
            with open(f"{folder}/home-{span}", "rb") as home:
                for task, packet in joined_by_cluster(found, home, dtype, 1, sizes.cluster_rows):
                    pieces_of.add(task, packet)
        stage("cluster rows")
        tops, kept = [], []
        count = -(-n // sizes.cluster_rows)
        for task, packets in list(pieces_of._paths.items()):
            sent = n_sent(count, sizes.cluster_rows)
            tops.append(lead(gathered(_Pieces(packets), dtype), config, sent).packed())
            kept.append(task)
        fates = dict(merge(gathered(tops, dtype), config, count))
        gone = left = 0
        for task, packets in pieces_of.items():
            none, sent = gathered([], dtype), n_sent(count, sizes.cluster_rows)
            found, some = settle(
                gathered(packets, dtype), fates.get(task_of(task)[1], none), config, sent
            )  # fmt: skip
            gone += sum(int((~members.keep).sum()) for members in found)
            left += len(some)
        stage("lead, merge, settle")
    return {**result, "edges": n_edges, "gone": gone, "left": left, "stages": stage_s}


def measured(form: Callable[..., dict[str, Any]], *arguments: Any) -> None:
    print(json.dumps({"which": form.__name__, **form(*arguments)}), flush=True)


def main() -> None:
    """Print one JSON object a measurement, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--parts", type=int, nargs="*", default=[50, 400])
    parser.add_argument("--old")
    parser.add_argument("--hot", type=float)
    parser.add_argument("--limit-mb", type=int, default=1500)
    parser.add_argument("--alone", choices=["new", "old"])
    given = parser.parse_args()
    if given.hot:
        measured(hot, given.hot, given.limit_mb)
        return
    if given.alone:
        with tempfile.TemporaryDirectory() as folder:
            passes = new_passes if given.alone == "new" else old_passes
            measured(passes, folder, given.documents, given.parts[0])
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for n_parts in given.parts:
        for which, root in (("new", os.path.dirname(here)), ("old", given.old)):
            if root:
                options = ["--documents", str(given.documents), "--parts", str(n_parts), "--alone", which]
                path = {**os.environ, "PYTHONPATH": f"{root}:{here}"}
                subprocess.run([sys.executable, __file__, *options], env=path, cwd=root, check=True)


if __name__ == "__main__":
    main()
